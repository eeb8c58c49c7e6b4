"""Citations over HTTP: of every page, pinned to the release, in each form."""

import re

import pytest

from kg.answer import citation

BASE = "https://w3id.org/answerable/"
QUESTION = "/questions/rival-figures?event=id/event/2012-03-16-port-ansel"
PAGES = (
    "/",
    QUESTION,
    "/questions/rival-figures",
    "/bases",
    "/dataset",
    "/ontology",
    "/graph",
    "/docs",
    "/search?q=port+ansel&type=places",
)


def cited(client, of, form="csl"):
    """Ask for the citation of an address."""
    answer = client.get("/cite", params={"of": of, "format": form})
    assert 200 == answer.status_code, answer.text
    return answer


ASKED = "What numbers are given for Port Ansel, 16 March 2012, who gives them, and where?"
ONLY = "only.counted=scheme/counted/killed"
PLACE = "event/2012-03-16-port-ansel"
FORCE = "Which treaties were in force for Arland on 16 March 2012?"
ENCODED = "q=%D0%BF%D0%BE%D1%80%D1%82+%D0%B0%D0%BD%D1%81%D0%B5%D0%BB%D1%8C&type=places&page=2"


@pytest.mark.parametrize(
    ("of", "title", "path"),
    [
        (QUESTION, ASKED, QUESTION),
        # What it is narrowed to belongs to an answer, which of its pages is shown does not.
        (f"{QUESTION}&{ONLY}&page=1", f"{ASKED} (Counted: killed)", f"{QUESTION}&{ONLY}"),
        # A value that is given by its name is cited by its address.
        (
            "/questions/treaties-in-force?state=Arland&day=2012-03-16",
            FORCE,
            "/questions/treaties-in-force?state=id/state/xar&day=2012-03-16",
        ),
        ("/search?q=порт ансель&type=places&page=2", "Search: порт ансель", f"/search?{ENCODED}"),
        *(
            (of, "Port Ansel, 16 March 2012", f"/id/{PLACE}")
            for of in (f"/doc/{PLACE}", f"/id/{PLACE}", f"{BASE}id/{PLACE}", f"/release/RELEASE/doc/{PLACE}")
        ),
    ],
)
def test_what_is_cited_has_its_title_its_address_in_this_release_and_the_day(client, release, of, title, path):
    (item,) = cited(client, of.replace("RELEASE", release.id)).json()
    assert (title, f"{BASE}release/{release.id}{path}", release.id) == (item["title"], item["URL"], item["version"])
    assert ("questions" in path) == (item["type"] == "dataset")
    assert item["accessed"]["date-parts"][0] >= [2024, 1, 1]


def test_an_answer_as_it_was_given_keeps_its_address(client):
    permanent = client.get(QUESTION.replace("?", ".json?")).json()["permanent"]
    (item,) = cited(client, permanent).json()
    assert (ASKED, permanent) == (item["title"], item["URL"])


@pytest.mark.parametrize("of", PAGES)
def test_every_page_can_be_cited_and_links_to_it(client, release, of):
    (item,) = cited(client, of).json()
    assert item["URL"].startswith(f"{BASE}release/{release.id}/")
    assert item["title"]
    page = client.page(of)
    links = re.findall(r'href="(/cite\?[^"]*)"', page)
    assert ["text", "bibtex", "csl", "ris"] == [link.rpartition("format=")[2] for link in links]
    assert client.get(links[2].replace("&amp;", "&")).json()[0]["URL"] == item["URL"]
    assert f'"{item["URL"]}"' in page.replace("&amp;", "&")


def test_each_form_is_sent_as_what_it_is_and_kept_by_nobody(client):
    for form, kind in citation.FORMS.items():
        answer = cited(client, QUESTION, form)
        assert (kind.media_type, "no-store") == (answer.headers["content-type"], answer.headers["cache-control"])


def test_in_another_language_the_title_and_the_days_are_of_that_language(client):
    said = client.get("/cite", params={"of": f"{QUESTION}&lang=ru", "lang": "ru"}).text
    assert "Порт-Ансель" in said or "Port Ansel" in said
    assert re.search(r"(января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)", said)
    assert "Поиск: CC" in client.get("/cite", params={"of": "/search?q=CC&lang=ru", "lang": "ru"}).text
    for page in ("/about", "/questions"):  # of which a template holds the words
        title = re.search(r"<h1[^>]*>([^<]*)</h1>", client.page(f"{page}?lang=ru"))[1]
        assert f"«{title}»" in client.get("/cite", params={"of": page, "lang": "ru"}).text


@pytest.mark.parametrize(
    ("of", "status"),
    [
        ("/nothing-here", 404),
        ("/doc/event/nothing", 404),
        ("/questions/nothing", 404),
        ("/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D", 404),
        ("/metrics", 404),
        ("/health", 404),
        ("/card/home.png", 404),
        ("/linkset/dataset", 404),
        ("/cite?of=/cite", 404),
        ("https://example.org/a", 400),
        ("//example.org/a", 400),
        ("questions", 400),
        ("/" + "a" * 3000, 400),
    ],
)
def test_what_is_no_page_of_this_site_is_not_cited_and_has_no_links_and_no_card(client, of, status):
    assert status == client.get("/cite", params={"of": of}).status_code
    if status == 404:
        path = of.partition("?")[0]
        assert [404, 404] == [client.get(one).status_code for one in (f"/linkset{path}", f"/card{path}.png")]


def test_nothing_is_asked_of_the_engine_for_a_query_that_stands_in_an_address(client, asked):
    client.get("/cite", params={"of": "/sparql?query=SELECT * { ?s ?p ?o }"})
    assert [] == asked


def test_a_form_that_does_not_exist_is_404_with_those_that_do(client):
    answer = client.get("/cite", params={"of": "/", "format": "apa"})
    assert (404, True) == (answer.status_code, "bibtex" in answer.json()["hint"])


def test_an_address_of_another_release_is_cited_by_that_release(client):
    answer = client.get("/cite", params={"of": "/release/20200101-00000000/questions", "format": "ris"})
    assert (303, "/release/20200101-00000000/cite?of=/questions&format=ris") == (
        answer.status_code,
        answer.headers["location"],
    )


def test_the_csv_of_an_answer_says_where_its_metadata_are(client):
    answer = client.get(QUESTION.replace("?", ".csv?"))
    found = re.search(r'<([^>]*)>; rel="describedby"; type="application/csvm\+json"', answer.headers["link"])
    told = client.get(found[1])
    assert ("application/csvm+json", "http://www.w3.org/ns/csvw") == (
        told.headers["content-type"],
        told.json()["@context"][0],
    )


def test_an_answer_with_places_is_geojson_and_another_says_why_it_is_not(client):
    told = client.get("/questions/where.geojson", params={"state": "id/state/xar"})
    assert ("application/geo+json", 200) == (told.headers["content-type"], told.status_code)
    assert [52.25, 43.5] == told.json()["features"][0]["geometry"]["coordinates"]
    assert "settlement" == told.json()["features"][0]["properties"]["placePrecision"]
    none = client.get("/questions/treaties-in-force.geojson", params={"state": "id/state/xar", "day": "2012-03-16"})
    assert (406, True) == (none.status_code, "has a place" in none.json()["detail"])

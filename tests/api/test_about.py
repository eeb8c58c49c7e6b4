"""What pages say of the record and of who answers for it: the menu, the foot, reports of errors, about, corrections, contact."""

import re
from html import unescape
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from api.render.page import environment
from kg.languages import speak
from kg.rows import Cell
from tests.api.client import start, words
from tests.api.conftest import lay_two
from tests.turtle import ask_page

TITLES = {
    "about": "About Answerable",
    "method": "How to read the record",
    "protection": "Protection of persons",
    "corrections": "Corrections",
    "contact": "Contact",
}


# The menu and the foot


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/events", ("/events", "page")),
        ("/doc/event/2011-06-handover", ("/events", "true")),
        ("/countries?sort=name", ("/countries", "page")),
        ("/doc/state/xar", ("/countries", "true")),
        ("/articles", ("/treaties", "true")),
        ("/questions/where", ("/questions", "page")),
        ("/method", ("/about", "true")),
        ("/dataset", None),
    ],
)
def test_the_menu_says_where_one_is(client, address, current):
    page = client.page(address)
    menu = page[page.index("<nav") : page.index("</nav>")]
    assert 5 == menu.count("<li>")
    found = re.search(r'href="([^"?]+)[^"]*" aria-current="(\w+)"', menu)
    assert current == (found and found.groups())


def test_links_for_developers_stand_in_the_foot_alone(client):
    page = client.page("/events")
    foot = page.index('<footer class="site-foot">')
    for address in ("/sparql", "/docs", "/ontology", "/shapes", "/dataset", "/bases"):
        assert page.index(f'href="{address}"') > foot


def test_every_foot_says_how_old_the_records_are(client, release):
    for address in ("/", "/events", "/doc/state/xar", "/dataset"):
        told = words(client.page(address))
        assert "Treaty status as of " in told and "Release made on " in told
        assert speak("en").day(release.manifest["created"]) in told


def test_the_age_names_the_day_of_most_treaties_first_and_the_latest_decision():
    in_words = environment(speak("en")).get_template("ages.html").module.in_words
    rows = [
        {"kind": kind, "day": Cell(day), "number": Cell(number)}
        for kind, day, number in (
            ("treaty", "2026-02-03", "2"),
            ("treaty", "2015-03-14", "1"),
            ("decision", "2023-11", "5"),
        )
    ]
    words = in_words(rows, "2026-11-26T02:08:55Z")
    assert "Treaty status as of 3 February 2026 (1 treaty: 14 March 2015)." in words
    assert words.endswith("Latest decision read: November 2023. Release made on 26 November 2026.")
    assert "Release made on 26 November 2026." == in_words([], "2026-11-26T02:08:55Z")


def test_the_ages_put_the_day_of_most_treaties_first():
    treaties = (("a", "2015-03-14"), ("b", "2026-02-03"), ("c", "2026-02-02"), ("c", "2026-02-03"))
    data = "@prefix : <id/x/> . " + "".join(
        f':p{number} ans:isParticipationIn :{treaty} ; ans:statusAsOf "{day}" . '
        for number, (treaty, day) in enumerate(treaties)
    )
    data += (
        ':d1 a ans:Decision ; ans:date "2023-11" . :d2 a ans:Decision ; ans:date "2022-12-01" . :d3 a ans:Decision .'
    )
    assert [] == ask_page("ages", "")
    found = [(row["kind"], row["day"], row["number"]) for row in ask_page("ages", data)]
    assert [("treaty", "2026-02-03", "2"), ("treaty", "2015-03-14", "1")] == found[:2]
    assert [("decision", "2023-11")] == [row[:2] for row in found[2:]]


# Reports of errors


def report(page):
    return unescape(re.search(r'<p class="report"><a href="([^"]+)"', page)[1])


def text_to_copy(page):
    """Read the report that /contact shows, line by line."""
    return unescape(re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)[1]).splitlines()


@pytest.mark.parametrize("operator", ["Example Society", None])
def test_without_an_address_a_report_leads_to_its_text_to_copy_and_to_the_publisher(release, operator):
    with start(release, operator=operator) as client:
        address = report(client.page("/doc/state/xar?lang=ru"))
        assert "/contact" == urlsplit(address).path
        page = client.page(address)
        assert [
            "Страница: https://w3id.org/answerable/id/state/xar",
            f"Выпуск: {release.id}",
            "Язык: Русский",
            f"Постоянный адрес: https://w3id.org/answerable/release/{release.id}/id/state/xar",
        ] == text_to_copy(page)[2:6]
        assert ("Example Society" if operator else "Издатель на этом сервере не указан") in page
        assert "<textarea" not in client.page("/contact")


def test_a_report_keeps_the_filters_of_an_answer_and_begins_on_a_page_that_is_not_there_too(client):
    of_answer = text_to_copy(
        client.page(report(client.page("/questions/findings-against-state?state=id/state/xar&sort=-year")))
    )
    assert any(line.startswith("Page: ") and "sort=-year" in line for line in of_answer)
    assert "Page: /nothing" in text_to_copy(client.page(report(client.page("/nothing", 404))))
    assert "&lt;b&gt;" in client.page("/contact?of=/<b>")


# The pages


@pytest.mark.parametrize("name", TITLES)
def test_each_page_has_one_title_headings_in_order_and_leads_to_pages_that_are_there(client, name):
    page = client.page(f"/{name}")
    assert [TITLES[name]] == re.findall(r"<h1>([^<]*)</h1>", page)
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert 1 == levels[0] and all(after <= before + 1 for before, after in pairwise(levels))
    inside = page[page.index("<main") : page.index('<footer class="page-foot">')]
    for address in re.findall(r'href="(/[^"#]*)', inside):
        if not address.startswith("/questions/"):  # of which the frozen graph has few
            assert 200 == client.browse(unescape(address)).status_code, address


@pytest.mark.parametrize(
    ("contact", "leads_to"),
    [
        ("errors@example.org", ("mailto", "", "errors@example.org")),
        ("https://example.org/form?project=7", ("https", "example.org", "/form")),
        ("https://example.org/owner/name/issues/new?project=7", ("https", "example.org", "/owner/name/issues/new")),
        ("https://example.org/owner/name/-/issues/new?project=7", ("https", "example.org", "/owner/name/-/issues/new")),
    ],
)
def test_a_report_begins_with_the_page_and_the_release_by_mail_or_on_a_page(release, contact, leads_to):
    with start(release, contact=contact, operator="Example Society") as client:
        page = client.page("/doc/state/xar")
        there, missing = urlsplit(report(page)), urlsplit(report(client.page("/nothing", 404)))
        assert leads_to == there[:3] and "+" not in there.query  # mail programs show a plus as it is
        told = {name: value for name, (value,) in parse_qs(there.query).items()}
        names = ("subject", "body")
        if contact.partition("?")[0].endswith("/issues/new"):
            names = ("issue[title]", "issue[description]") if "/-/" in contact else ("title", "body")
        assert "Error in Answerable: " in told[names[0]] and ("project" in told) == (there.scheme == "https")
        assert [
            "Page: https://w3id.org/answerable/id/state/xar",
            f"Release: {release.id}",
            "Language: English",
        ] == told[names[1]].split("\r\n")[:3]
        assert "/nothing" in parse_qs(missing.query)[names[1]][0]
        if there.scheme == "https":
            assert 'rel="nofollow external"' in page
        else:
            assert f'href="mailto:{contact}"' in client.page("/contact")
        assert "Published by Example Society" in page


def test_about_says_of_each_treaty_how_old_its_record_is(client):
    page = client.page("/about")
    assert 'id="age"' in page and "What is not in it" in page
    for treaty in ("cc", "lc", "rc"):
        assert f'href="/doc/treaty/{treaty}"' in page


def test_corrections_count_what_was_withdrawn_by_its_reason(client):
    page, rows = client.page("/corrections"), client.get("/withdrawn.json").json()["withdrawn"]
    for reason in {row["reason"] for row in rows if row["kind"] == "thing"}:
        assert reason in unescape(page)
    assert "This server holds one release, and so nothing to compare it with." in page


def test_corrections_tell_which_files_of_facts_changed_between_releases(release, tmp_path):
    inputs = release.manifest["inputs"]
    first, second, *_ = [path for path in sorted(inputs) if path.startswith("data/")]
    # One file was another, one was not there, and one that is no file of facts went.
    before = {path: digest for path, digest in inputs.items() if path != second} | {first: "0" * 64}
    before["queries/questions/other.rq"] = "0" * 64
    changes = {"created": "2024-01-01T10:00:00Z", "inputs": before}, {"created": "2024-01-02T10:00:00Z"}
    lay_two(release, tmp_path, changes, current=1)
    with start(tmp_path) as client:
        page = client.page("/corrections")
    told = words(page)
    assert "Made on 2 January 2024, after 20240101-aaaaaaaa." in told
    assert f"Files of facts changed: 1 {first}" in told and f"Files of facts added: 1 {second}" in told
    assert "other.rq" not in page

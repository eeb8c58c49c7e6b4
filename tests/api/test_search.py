"""The pages of the search and of suggestions, and a release that has no index."""

import re

import pytest

from kg.config import PROJECT


def told(client, path="/search", **parameters):
    """Ask as a program."""
    return client.get(path, params={**parameters, "format": "json"}).json()


def page(client, **parameters):
    """Ask as a person."""
    return client.page("/search", params=parameters)


def test_a_program_gets_the_likeliest_first_with_kinds_and_addresses(client):
    found = told(client, q="port ansel")
    assert "places" in found["kinds"] and sum(found["kinds"].values()) >= len(found["results"]) > 1
    place = next(one for one in found["results"] if one["id"].endswith("/id/place/port-ansel"))
    assert ("places", "Port Ansel", "/doc/place/port-ansel") == (place["kind"], place["label"], place["href"])
    assert found["spelt"] is None and found["partial"] is False and "note" not in found


def test_a_kind_is_chosen_in_the_address_and_comes_in_pages(client):
    kinds = told(client, q="arland")["kinds"]
    kind = max(kinds, key=kinds.__getitem__)
    first, second = (told(client, q="arland", type=kind, page=number)["results"] for number in (1, 2))
    assert 20 == len(first) and len(second) == min(kinds[kind] - 20, 20) > 0
    shown = page(client, q="arland", type=kind, page=1)
    assert f"q=arland&amp;type={kind}&amp;page=2" in shown and 'rel="prev"' not in shown
    assert 'rel="prev"' in page(client, q="arland", type=kind, page=2)


@pytest.mark.parametrize("number", ["0", "-1", "x", "501", "9" * 5000, "²"])
def test_what_is_no_page_is_refused(client, number):
    assert 400 == client.get("/search", params={"q": "arland", "page": number}).status_code


def test_a_person_sees_groups_with_their_numbers_and_a_way_to_all_of_each(client):
    shown, found = page(client, q="arland"), told(client, q="arland")
    kinds = re.findall(r"q=arland&amp;type=(\w+)\"", shown)
    assert {*found["kinds"]} == {*kinds}
    assert shown.index('href="/doc/state/xar"') < shown.index("<section><h2>", shown.index("<section><h2>") + 1)


@pytest.mark.parametrize(
    ("code", "day"), [("en", "16 March 2012"), ("ru", "16 марта 2012\u202fг."), ("kk", "2012\u202fж. 16 наурыз")]
)
def test_a_question_on_a_day_names_it_in_the_language_of_the_page(client, code, day):
    (one, *_) = told(client, q="CC 3 Arland 2012-03-16", lang=code)["questions"]
    assert ("obligation-in-force", "2012-03-16") == (one["name"], one["parameters"]["day"]) and day in one["text"]


def test_the_question_that_was_asked_stands_first_and_is_filled_in(client):
    found = told(client, q="recommendations rejected by Arland")
    assert found["questionFirst"]
    one = found["questions"][0]
    assert ("recommendations-rejected", {"state": "id/state/xar"}) == (one["name"], one["parameters"])
    assert "Arland" in one["text"] and "{" not in one["text"]
    assert "/questions/recommendations-rejected?state=id/state/xar" == one["href"]
    shown = page(client, q="recommendations rejected by Arland")
    assert shown.index(one["href"]) < shown.index('class="contents"')
    assert 200 == client.browse(one["href"]).status_code


def test_a_spelling_and_a_missing_word_are_told(client):
    assert "Nothing here is spelt like that" in page(client, q="harbuor")
    assert "Nothing has all of these words" in page(client, q="handover xyzzyx")
    assert "does not mean it did not happen" in page(client, q="xyzzyx")


def test_where_nothing_is_found_or_a_case_is_looked_for_the_page_says_that_complainants_are_not_named(client):
    note = "Persons who complain are not named in this record"
    shown = {text: note in page(client, q=text) for text in ("xyzzyx", "Smith v. Arland", "arland")}
    assert {"xyzzyx": True, "Smith v. Arland": True, "arland": False} == shown


def test_without_words_the_page_says_what_can_be_found_and_each_example_finds_itself(client):
    shown = page(client)
    examples = re.findall(r'<a href="(/search\?q=[^"]+)"', shown)
    assert len(examples) > 8
    for address in examples:
        assert 200 == client.browse(address.replace("&amp;", "&")).status_code
    assert [] == told(client)["results"]


def test_the_language_of_the_address_chooses_the_names_and_stays_in_the_links(client):
    shown = page(client, q="port ansel", lang="kk")
    assert ">Ансел порты</a>" in shown and 'href="/doc/place/port-ansel?lang=kk"' in shown
    assert "Ансел порты" == next(
        one["label"] for one in told(client, q="port ansel", lang="kk")["results"] if one["kind"] == "places"
    )


@pytest.mark.parametrize("text", ["mutilation", "mutilattion", "МУТИЛАТИОН"])
def test_the_words_that_were_found_in_a_text_are_marked_for_people_and_for_programs(client, text):
    assert "in the family or <mark>mutilation</mark>" in page(client, q=text)
    (one,) = [one for one in told(client, q=text)["results"] if one["id"].endswith("/danger-gender-violence")]
    ((start, end),) = one["passage"]["marks"]
    assert ("mutilation", "en") == (one["passage"]["text"][start:end], one["passage"]["language"])
    assert "mutilation" in one["text"] and not [
        one for one in told(client, q="arland")["results"][:1] if "passage" in one
    ]


def test_suggestions_are_few_and_named(client):
    found = told(client, "/suggest", q="port ans")
    assert "port ans" == found["q"] and 0 < len(found["suggestions"]) <= 8
    members = ("label", "kind", "title", "language", "href")
    english = ("Port Ansel", "places", "Places", "en", "/doc/place/port-ansel")
    kazakh = ("Ансел порты", "places", "Орындар", "kk", "/doc/place/port-ansel?lang=kk")
    assert dict(zip(members, english, strict=True)) in found["suggestions"]
    spoken = told(client, "/suggest", q="ансел порты", lang="kk")["suggestions"]
    assert dict(zip(members, kazakh, strict=True)) in spoken
    assert [] == told(client, "/suggest")["suggestions"]


def test_the_question_that_is_typed_is_suggested_before_the_things(client):
    first, *others = told(client, "/suggest", q="recommendations rejected by Arland")["suggestions"]
    assert ("questions", "Questions") == (first["kind"], first["title"])
    assert "/questions/recommendations-rejected?state=id/state/xar" == first["href"]
    assert "Arland" in first["label"] and 0 < len(others) < 8


def test_a_search_asks_the_engine_nothing_beyond_what_every_page_of_a_release_needs_once(client, asked):
    page(client, q="arland", n="1")
    before = [*asked]
    assert not [text for text in before if "CONTAINS" in text]
    told(client, q="handover boria", n="1")
    page(client, q="handover boria", n="1")
    assert before == asked


def test_each_kind_that_the_search_finds_has_a_title():
    found, called = (
        (PROJECT / "queries" / folder / "kinds.rq").read_text(encoding="utf-8") for folder in ("search", "pages")
    )
    kinds = set(re.findall(r'"(\w+)" \d', found))
    assert len(kinds) > 10
    assert kinds | {"questions"} == set(re.findall(r'\("(\w+)" "[^"]+"@en\)', called))


@pytest.mark.parametrize(("code", "quoted"), [("en", "“Port Ansel”"), ("ru", "«Port Ansel»"), ("kk", "«Port Ansel»")])
def test_what_is_searched_stands_in_the_quotation_marks_of_the_language(client, code, quoted):
    assert quoted in client.page(f"/search?q=Port+Ansel&lang={code}")


def test_a_thing_is_shown_in_the_words_of_the_page_in_whatever_language_it_was_found(client):
    shown = client.page("/search?q=torture+custody&type=recommendations&lang=ru")
    assert "Прекратить пытки под стражей." in shown and "End torture in custody" not in shown
    assert "<mark>torture</mark> in <mark>custody</mark>" in client.page(
        "/search?q=torture+custody&type=recommendations"
    ).replace("\n", "")
    shown = client.page("/search?q=Atlas+of+the+invented+world&type=documents&lang=ru")
    assert '<a href="/doc/document/atlas?lang=ru" lang="ru-t-en-t0-und">Атлас вымышленного мира</a>' in shown
    assert "«Поиск: Atlas of the invented world»" in shown

"""Pages: how links, dates and values come out."""

import re

import pytest

from api.page import NAMES, Label, Page, amount, other_names, query_string, when
from api.rows import Cell
from kg.config import PROJECT
from kg.sparql.question import load_questions


class Opened:
    id = "20240101-abcdef01"


@pytest.fixture
def page():
    """Make a page of a pinned release that knows one name."""
    iri = "https://w3id.org/answerable/id/act/x"
    return Page(Opened(), "/release/r", {iri: Label("<b>A & B</b>")})


@pytest.mark.parametrize(
    ("date", "end", "expected"),
    [
        ("2011-12-16", None, "16 December 2011"),
        ("2011-06", None, "June 2011"),
        ("2011", None, "2011"),
        ("2010", "2014", "2010 to 2014"),
        ("2011-06-09", "2011-06-09", "9 June 2011"),
        (None, "2011-06", "until June 2011"),
        (None, None, ""),
        ("-0044-03-15", None, "-0044-03-15"),
    ],
)
def test_a_date_keeps_its_precision(date, end, expected):
    assert expected == when(date, end)


def test_a_name_is_escaped_and_linked_within_the_release(page):
    link = page.link("https://w3id.org/answerable/id/act/x")
    assert '<a href="/release/r/doc/act/x">&lt;b&gt;A &amp; B&lt;/b&gt;</a>' == link


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", "urn:x", 'x" onclick="y'])
def test_what_is_no_address_on_the_web_is_not_linked(page, iri):
    assert "href" not in page.link(iri)
    assert '"' not in page.link(iri)


def test_another_site_is_linked_as_another_site(page):
    assert 'rel="external"' in page.link("https://example.org/?a=1&b=2")
    assert "&amp;b=2" in page.link("https://example.org/?a=1&b=2")


def test_text_in_another_language_says_so(page):
    assert '<span lang="kk">Жаңаөзен</span>' == page.value(Cell("Жаңаөзен", language="kk"))


def test_a_thing_is_also_called_what_it_is_not_called_already():
    preferred, alternative = NAMES
    said = [
        (preferred, Cell("Kazakhstan", language="en")),
        (preferred, Cell("Kazakhstan", language="fr")),
        (preferred, Cell("Қазақстан", language="kk")),
        (alternative, Cell("Kazakhstan SSR", language="en")),
        ("https://w3id.org/answerable/ontology#description", Cell("A State", language="en")),
    ]
    names = other_names({"property": property, "value": value} for property, value in said)
    assert [("Қазақстан", "kk"), ("Kazakhstan SSR", "en")] == [(str(name), name.language) for name in names]


def test_an_address_of_parameters_leaves_out_what_is_empty():
    assert "a=id/x&b=1%262" == query_string({"a": "id/x", "b": "1&2", "c": "", "d": None})


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("2000000", "2,000,000"),
        ("13000", "13,000"),
        ("1000", "1000"),
        ("12345.5", "12,345.5"),
        ("-20000", "-20000"),
        ("many", "many"),
    ],
)
def test_thousands_are_told_apart_from_five_digits_on(number, shown):
    assert shown == amount(number)


def test_a_truth_is_shown_as_people_say_it(page):
    boolean = "http://www.w3.org/2001/XMLSchema#boolean"
    shown = [str(page.term_value({"type": "literal", "value": value, "datatype": boolean})) for value in ("true", "0")]
    assert ["yes", "no"] == shown
    assert "true" == page.term_value({"type": "literal", "value": "true"})


@pytest.mark.parametrize("question", load_questions(PROJECT / "queries/questions").values(), ids=lambda one: one.name)
def test_a_question_in_words_says_no_word_twice_and_leaves_no_slot(question):
    said = Page.in_words(question)
    assert [] == re.findall(r"\b(\w+) \1\b|[{}]", said), said

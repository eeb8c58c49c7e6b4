"""Filters, order and pages of an answer, apart from any release."""

from functools import partial

import pytest

from kg.answer import narrowing
from kg.answer.narrowing import Narrowing
from kg.errors import BadParameter
from kg.sparql.question import parse_question
from kg.wording import Listing

BASE = "https://w3id.org/answerable/"
QUESTION = parse_question(
    "acts",
    "#+ title: t\n#+ question: q {state}\n#+ about: a\n#+ empty: e\n#+ parameter: state | text | | x | the state\n"
    "#+ column: act | a | A\n#+ column: day | d | D\n#+ column: told | t | T\n#+ column: passages | p | P\n#+ cites: passages\n#+ picture: table\n#+ topic: happened\n#+ answer: a\nSELECT",
    "acts.rq",
)
NAMES = {"a": "CAT 10", "b": "CAT 2", "c": "CAT 2(1)"}


def row(act, day="", told=""):
    """Make a row; what is empty is not bound."""
    cells = {"act": {"type": "uri", "value": f"{BASE}id/{act}"}}
    return cells | {key: {"type": "literal", "value": value} for key, value in (("day", day), ("told", told)) if value}


ROWS = [
    row("a", "2011-06-09", Listing(["press", "official"])),
    row("b", "2011-06", "press"),
    row("c", "2012"),
    row("b"),
]


def show(term):
    """Name a thing."""
    return NAMES[term["value"].rpartition("/")[2]] if term["type"] == "uri" else term["value"]


def shown(**only):
    """Number the rows that pass the filters."""
    narrowed = Narrowing(only)
    return [n for n, one in enumerate(ROWS) if narrowed.fits(partial(narrowing.values_in, one))]


def test_an_address_is_divided_into_parameters_and_what_narrows_the_answer():
    asked, narrowed = narrowing.split(
        QUESTION, {"state": "x", "only.act": BASE + "id/a", "only.told": " ", "sort": "-day", "page": "2"}
    )
    assert ({"state": "x"}, Narrowing({"act": "id/a"}, "-day", 2)) == (asked, narrowed)
    assert {"only.act": "id/a", "sort": "-day"} == narrowed.values()
    assert {"sort": "-day"} == narrowed.without("act").values()
    assert "day" == narrowed.turned("day").sort and "-day" == narrowed.turned("day").turned("day").sort


@pytest.mark.parametrize(
    "wrong", [{"only.ac": "x"}, {"only.passages": "x"}, {"sort": "days"}, {"page": "0"}, {"page": "-1"}]
)
def test_what_is_no_column_or_page_is_refused(wrong):
    with pytest.raises(BadParameter):
        narrowing.split(QUESTION, wrong)


def test_a_filter_knows_things_years_and_each_of_several_texts():
    assert [1, 3] == shown(act="id/b")
    assert [0, 1] == shown(day="2011")
    assert [1] == shown(day="2011-06")
    assert [0, 1] == shown(told="press") and [0] == shown(told="official")
    assert [1] == shown(act="id/b", told="press")


def test_names_sort_as_people_sort_them_and_what_is_empty_stands_last():
    def order(sort):
        return [row["act"]["value"][-1] for row in narrowing.in_order(ROWS, Narrowing(sort=sort), show)]

    assert ["b", "b", "c", "a"] == order("act")
    assert ["b", "a", "c", "b"] == order("day")  # June 2011 begins before its ninth
    assert ["c", "a", "b", "b"] == order("-day")
    assert ["a", "b", "c", "b"] == order("")


def test_a_column_with_some_different_values_can_be_chosen_from():
    found = narrowing.choices(ROWS, ["act", "day", "told"], show)
    assert [("id/b", "CAT 2", 2), ("id/c", "CAT 2(1)", 1), ("id/a", "CAT 10", 1)] == [
        (one.value, one.name, one.rows) for one in found["act"]
    ]
    assert ["2011", "2012"] == [one.value for one in found["day"]]
    assert [("official", 1), ("press", 2)] == [(one.value, one.rows) for one in found["told"]]
    assert ["told"] == [*narrowing.choices(ROWS[:1], ["act", "day", "told"], show)]  # one row, of two texts


def test_a_page_holds_fewer_rows_where_they_are_long_in_whatever_order_they_stand():
    short = [row("a", "2011")] * 40
    assert 20 == narrowing.page_size(QUESTION, short)
    long = [*short, *[row("b", told="x" * 400)] * 10]
    assert 15 == narrowing.page_size(QUESTION, long) == narrowing.page_size(QUESTION, long[::-1])
    assert 5 == narrowing.page_size(QUESTION, [row("c", told="x" * 9000)] * 40)
    assert 20 == narrowing.page_size(QUESTION, [])


def test_passages_that_are_folded_make_no_page_shorter():
    few, many = (
        [{**row("a"), "passages": {"type": "literal", "value": "p " * number}} for _ in range(40)] for number in (4, 90)
    )
    assert narrowing.page_size(QUESTION, few) == narrowing.page_size(QUESTION, many)

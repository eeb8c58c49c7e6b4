"""Rows: what a query's answer says, as values a template can show."""

import json

import pytest

from kg.rows import Cell, gather, in_order, natural, natural_join, read, read_table, spread, without_parts


def answer(*bindings):
    """Write SPARQL JSON results with the columns a and b."""
    return json.dumps({"head": {"vars": ["a", "b"]}, "results": {"bindings": list(bindings)}}).encode()


def test_a_cell_is_text_and_knows_what_it_is():
    row = read(answer({"a": {"type": "uri", "value": "http://e/x"}}))[0]
    assert ("http://e/x", True, None) == (row["a"], row["a"].is_iri, row["b"])
    row = read(answer({"b": {"type": "literal", "value": "où", "xml:lang": "fr"}}))[0]
    assert ("où", False, "fr") == (row["b"], row["b"].is_iri, row["b"].language)


def test_the_truth_of_an_ask_is_not_a_table():
    assert ([], [], False) == read_table(b'{"head": {}, "boolean": false}')


def test_rows_of_one_thing_are_folded_and_their_passages_kept_once_each():
    rows = [{"s": "x", "p": "1"}, {"s": "x", "p": "2"}, {"s": "x", "p": "1"}, {"s": "y", "p": None}]
    assert [("x", ["1", "2"]), ("y", [])] == [(row["s"], row["ps"]) for row in gather(rows, "s", "p")]


def test_rows_are_joined_with_all_that_say_the_same_and_with_nothing_else():
    others = [{"s": "x", "o": 1}, {"s": "z", "o": 2}, {"s": "x", "o": 3}]
    rows = [{"s": "y", "p": 4}, {"s": "x", "p": 5}]
    assert [{"s": "x", "p": 5, "o": 1}, {"s": "x", "p": 5, "o": 3}] == natural_join(rows, others, "s")


@pytest.mark.parametrize(
    ("rows", "left"), [("", ""), ("a", "a"), ("ab", "b"), ("ba", "b"), ("aab", "b"), ("ac", "ac"), ("abc", "b")]
)
def test_a_part_stands_alone_but_not_beside_what_it_is_part_of(rows, left):
    parts = [{"part": "a", "whole": "b"}, {"part": "c", "whole": "b"}]
    assert [{"s": name} for name in left] == without_parts([{"s": name} for name in rows], parts, "s")


def test_passages_stand_in_the_order_of_their_document():
    rows = [
        {"passage": name, "offset": offset} for name, offset in (("p-11.2", None), ("p-2.1", None), ("p-9", Cell("5")))
    ]
    assert ["p-9", "p-2.1", "p-11.2"] == [row["passage"] for row in in_order(rows)]


def test_a_number_sorts_by_its_size_whatever_follows_it():
    names = ["7,000 copies", "CAT 10", "7 killed", "cat 2(1)", "CAT 2", "words"]
    assert ["7 killed", "7,000 copies", "CAT 2", "cat 2(1)", "CAT 10", "words"] == sorted(names, key=natural)


@pytest.mark.parametrize(
    ("items", "number", "taken"),
    [
        ("", 4, ""),
        ("ab", 4, "ab"),
        ("abcd", 4, "abcd"),
        ("abcdefg", 4, "aceg"),
        ("abcdefghij", 4, "adgj"),
        ("abc", 2, "ac"),
    ],
)
def test_a_spread_is_even_and_has_the_first_and_the_last(items, number, taken):
    assert [*taken] == spread(items, number)

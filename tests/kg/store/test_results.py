"""The bytes of an answer: counted exactly, and an error when they are too many."""

import pytest

from kg.errors import AnswerTooLarge
from kg.store import Limits, Query

E = "http://example.org/"


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT ?x { VALUES ?x { '},{' '}},{\"' '<result>' 'a\\r\\nb' 'c\\nd' } }", 5),
        ("SELECT ?x ?y { VALUES ?x { '},{' '},{}' } VALUES ?y { 1 2 } }", 4),
        ("SELECT ?x ?y { VALUES ?x { 'a}},{' '}},{}' } VALUES ?y { 1 2 } }", 4),
        ("SELECT ?x ?y { VALUES (?x ?y) { (1 1) (UNDEF 2) (3 UNDEF) (4 4) } }", 4),
        ("SELECT ?x ?y { VALUES (?x ?y) { (1 1) (UNDEF UNDEF) (UNDEF UNDEF) (2 UNDEF) (UNDEF UNDEF) } }", 5),
        ("SELECT ?no { VALUES ?x { 1 2 3 } }", 3),
        ("SELECT ?no ?x { VALUES (?no ?x) { (UNDEF UNDEF) (UNDEF 1) (2 UNDEF) } }", 3),
        ("SELECT ?x { VALUES ?x { } }", 0),
        ("SELECT ?bindings { VALUES ?bindings { '\"bindings\":[' } }", 1),
    ],
)
def test_rows_are_counted_exactly(store, format, query, rows):
    assert rows == store.answer(Query(query, format)).rows


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_an_answer_over_the_row_limit_is_an_error_not_a_part(store, format):
    query = "SELECT ?x { VALUES ?x { '},{' '\\r\\n' '3' } }"
    assert 3 == store.answer(Query(query, format), Limits(max_rows=3)).rows
    with pytest.raises(AnswerTooLarge, match="2 rows"):
        store.answer(Query(query, format), Limits(max_rows=2))


def test_an_answer_over_the_byte_limit_is_an_error(store):
    with pytest.raises(AnswerTooLarge, match="100 bytes"):
        store.answer(Query(f"SELECT ('{'a' * 60}' AS ?x) {{}}"), Limits(max_bytes=100))


def digits(count):
    """Write a query that has ten to the power of `count` rows."""
    return f"SELECT * {{ {' '.join(f'VALUES ?{name} {{ 0 1 2 3 4 5 6 7 8 9 }}' for name in 'abcdefgh'[:count])} }}"


def test_a_row_limit_is_noticed_long_before_the_end(store):
    with pytest.raises(AnswerTooLarge):
        store.answer(Query(digits(8)), Limits(max_rows=1000))


def test_a_graph_over_the_limit_is_an_error(store):
    with pytest.raises(AnswerTooLarge, match="1 triples"):
        store.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", "ttl"), Limits(max_rows=1))


@pytest.mark.parametrize("format", ["json", "xml", "tsv", "csv"])
def test_far_too_many_rows_are_an_error_before_a_piece_is_passed_on(store, format):
    pieces = []
    with pytest.raises(AnswerTooLarge, match="100 rows"):
        store.answer(Query(digits(6), format), Limits(max_rows=100), stream=lambda *piece: pieces.append(piece))
    assert [] == pieces

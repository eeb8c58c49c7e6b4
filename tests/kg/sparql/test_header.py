"""The header of a query file: one grammar for every kind of file."""

import pytest

from kg.config import PROJECT
from kg.errors import SourceError
from kg.sparql.header import Grammar, header_lines, read_header

GRAMMAR = Grammar(("title",), ("note",), {"column": (2, 3, "name | meaning [| kind]")})


def test_a_header_is_read_among_comments_and_over_several_lines():
    text = "# What it is.\n#+ title: A\n#+   long title\n#\n#+ column: x | the x\n#+ column: y | the y | day\nSELECT\n#+ note: no\n"
    header = read_header(text, "a.rq", GRAMMAR)
    assert {"title": "A long title"} == header.once
    assert [["x", "the x"], ["y", "the y", "day"]] == header.parts("column")
    assert {"title": 2, "column x": 5, "column y": 6} == header.lines


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("SELECT", 1, "the header lacks title. Write `#+ title: …` above the query"),
        ("#+ title: A\n#+ titel: B", 2, "'titel' is no header key; did you mean 'title'?"),
        ("#+ title: A\n# so\n#+ title: B", 3, "'title' stands twice"),
        ("#+ title: A\n#+ column: x | 1\n#+ column: x | 2", 3, "'column x' stands twice"),
        ("#+ title:", 1, "'title' is empty"),
        ("#+ title:\n#+ note:", 1, "'title' and 'note' are empty"),
        ("#+ title: A\n#+ column: x", 2, "column has 2 to 3 parts: name | meaning [| kind]"),
    ],
)
def test_a_header_that_is_wrong_is_told_by_its_line(text, line, message):
    with pytest.raises(SourceError, match=r"^a\.rq:") as caught:
        read_header(text, "a.rq", GRAMMAR)
    assert line == caught.value.line and message in str(caught.value)


@pytest.mark.parametrize("path", sorted((PROJECT / "queries").rglob("*.rq")), ids=lambda path: path.stem)
def test_every_query_file_has_a_header_of_this_grammar(path):
    text = path.read_text(encoding="utf-8")
    assert all(key.isidentifier() and value for _, key, value in header_lines(text))
    assert text.startswith("#")

"""The header of a table: what it must have, what it makes of its columns, and that a mistake is told with its line."""

import pytest

from kg.config import PROJECT
from kg.errors import SourceError
from kg.tables import parse_table, parse_tables
from kg.tables.header import JOINED, KINDS

HEAD = """#+ title: Things
#+ unit: one thing
#+ about: Of things
#+   and no more.
#+ key: thing
#+ column: thing | id | - | Thing | The thing.
#+ column: made | when | ans:date | Made | When.
"""
SELECT = "SELECT ?thing ?made { ?thing a ?kind }"


def read(text=HEAD):
    """Read a header with a query behind it."""
    return parse_table("things", text + SELECT, "things.rq")


def test_a_line_may_go_on_and_a_kind_makes_several_columns():
    table = read()
    assert "Of things and no more." == table.about
    made = ["made_stated", "made_begins", "made_ends", "made_precision"]
    assert ["thing", "thing_iri", "thing_label", *made] == [column.name for column in table.columns]
    assert ["text", "day", "day", "category"] == [column.type for column in table.columns[3:]]
    assert ["thing", "made"] == table.variables


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("#+ unit: one thing\n", "", 1, "lacks unit"),
        ("key: thing", "key: other", 5, "key names other"),
        ("| id |", "| iri |", 6, "'iri' is not one of"),
        ("column: made", "column: Made", 7, "lower-case words"),
        ("ans:date", "date", 7, "no term"),
        (" | When.", "", 7, "column has 5 parts"),
        ("#+ title", "#+ titel", 1, "'titel' is no header key"),
        ("#+ key: thing\n", "#+ key: thing\n#+ key: thing\n", 6, "stands twice"),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, line, said):
    with pytest.raises(SourceError) as told:
        read(HEAD.replace(old, new))
    assert said in told.value.message
    assert line == told.value.line


def test_a_join_puts_columns_beside_the_one_that_holds_the_key():
    other = HEAD.replace("made | when | ans:date", "made | text | ans:date")
    joined = HEAD.replace("#+ column: made", "#+ join: thing | others | made\n#+ column: made")
    tables = parse_tables({"a/things.rq": joined + SELECT, "a/others.rq": other + SELECT})
    assert ["others", "things"] == [*tables]
    names = [column.name for column in tables["things"].columns]
    assert ["thing", "thing_iri", "thing_label", "thing_made"] == names[:4]


def test_tables_that_join_one_another_or_none_are_refused():
    joined = HEAD + "#+ join: thing | things | made\n"
    with pytest.raises(SourceError, match="join one another"):
        parse_tables({"a/things.rq": joined + SELECT})
    with pytest.raises(SourceError, match="no table 'others'"):
        parse_tables({"a/things.rq": HEAD + "#+ refers: thing | others\n" + SELECT})


def test_every_shipped_table_can_be_read_and_no_kind_is_unused():
    texts = {str(path): path.read_text(encoding="utf-8") for path in (PROJECT / "queries/tables").glob("*.rq")}
    tables = parse_tables(texts)
    assert len(texts) == len(tables) > 10
    assert KINDS.keys() | {JOINED} == {column.kind for table in tables.values() for column in table.columns}

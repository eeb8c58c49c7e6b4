"""The files of tables are judged with the other queries: a column that the query does not give is told with its line."""

import pytest

from kg.build import queries
from kg.build.inputs import Inputs, QueryFile

TABLE = """#+ title: Things
#+ unit: one thing
#+ about: Of things.
#+ key: thing
#+ column: thing | ref | - | Thing | The thing.
#+ column: state | text | - | State | Its state.
SELECT ?thing ?state { VALUES (?thing ?state) { (<https://w3id.org/answerable/id/act/b> "old") } }"""
LIMITS = "SELECT ?what ?note { VALUES (?what ?note) { (1 2) } }"


def review(text, limits=LIMITS):
    """Say what is wrong with a table and a query for its limits, as (line, message)."""
    files = [QueryFile("queries/tables/things.rq", text), QueryFile("queries/tables/limits/far.rq", limits)]
    return [(one.line, one.message) for one in queries.review(Inputs((), files, None), ())[1]]


def test_a_good_table_has_nothing_wrong():
    assert [] == review(TABLE)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("?thing ?state {", "?thing {", 6, "column state is no variable"),
        ("#+ key", "#+ limits: near\n#+ key", 4, "no queries/tables/limits/near.rq. There are far."),
        ("state | text", "state | choice", 6, "what the values of state mean"),
        ("state | text | -", "state | text | ans:nothing", 6, "ans:nothing does not exist"),
        ("VALUES (", "VALUE (", 7, "not expected"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, line, said):
    assert old in TABLE
    ((at, message),) = review(TABLE.replace(old, new, 1))
    assert said in message
    assert line == at


def test_a_query_for_limits_gives_what_and_a_note():
    ((_, message),) = review(TABLE, LIMITS.replace("?note {", "{"))
    assert "column note is no variable" in message

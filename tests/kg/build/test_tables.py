"""The files of tables are judged with the other queries: a column that the query does not give is told with its line."""

import pytest

from kg.build import queries
from kg.build.inputs import Inputs, QueryFile
from tests.kg.tables.test_years import BY_YEAR

LIMITS = "SELECT ?what ?note { VALUES (?what ?note) { (1 2) } }"


def review(text, limits=LIMITS):
    """Say what is wrong with a table and a query for its limits, as (line, message)."""
    files = [QueryFile("queries/tables/things.rq", text), QueryFile("queries/tables/limits/far.rq", limits)]
    return [(one.line, one.message) for one in queries.review(Inputs((), files, None), ())[1]]


def test_a_good_table_has_nothing_wrong():
    assert [] == review(BY_YEAR)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("?year ?year_last ?on ?state {", "?year ?on ?state {", 6, "of years, and the SELECT has no ?year_last"),
        ("?on ?state {", "?on {", 8, "column state is no variable"),
        ("#+ key", "#+ limits: near\n#+ key", 4, "no queries/tables/limits/near.rq. There are far."),
        ("state | text", "state | choice", 8, "what the values of state mean"),
        ("state | text | -", "state | text | ans:nothing", 8, "ans:nothing does not exist"),
        ("VALUES (", "VALUE (", 9, "not expected"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, line, said):
    assert old in BY_YEAR
    ((at, message),) = review(BY_YEAR.replace(old, new, 1))
    assert said in message
    assert line == at


def test_a_query_for_limits_gives_what_and_a_note():
    ((_, message),) = review(BY_YEAR, LIMITS.replace("?note {", "{"))
    assert "column note is no variable" in message

"""What States declared about a treaty, in the link rules: which duty it takes away, for which days, and what is only carried beside.

The cases stand in declared.toml; one graph holds all.
"""

import functools
import tomllib

import pytest

from kg.config import PROJECT
from tests.deriving import TREATY, act, apart, derive

CASES = tomllib.loads((PROJECT / "tests/declared.toml").read_text(encoding="utf-8"))
NAMED = CASES.pop("facts")
ALWAYS = {("1990-01-01", "")}


@functools.cache
def world():
    """Derive all cases at once, each with its name before its keys."""
    text = act()
    for cases in CASES.values():
        for name, case in cases.items():
            pieces = [NAMED.get(piece, piece) for piece in ("law", *case["declared"])]
            text += apart(name, TREATY + "\n".join(pieces))
    return derive(text)


@pytest.mark.parametrize("name", CASES["binds"])
def test_a_duty_binds_in_the_time_in_which_no_statement_takes_it_away(name):
    case = CASES["binds"][name]
    where = f"?o ans:arisesFrom <id/provision/{name}-{{}}> ; ans:beginsOn ?x OPTIONAL {{{{ ?o ans:endsOn ?y }}}}"
    periods = {*map(tuple, case["then"])}
    assert periods == world()(where.format("t-1"))
    if "optional" not in case["declared"]:  # what is said of an article holds for its paragraphs
        assert (set() if name == "paragraph-excluded" else periods) == world()(where.format("t-1-2"))
    assert ALWAYS == world()(where.format("other-1"))


@pytest.mark.parametrize("name", CASES["carries"])
def test_a_duty_carries_what_limits_it_today_and_nothing_else(name):
    carried = (
        f"?o ans:carriesReservation <id/declaration/{name}-r> ; ans:arisesFrom ?x ; a ans:Obligation BIND (?x AS ?y)"
    )
    articles = {article.removeprefix(f"provision/{name}-") for article, _ in world()(carried)}
    assert {*CASES["carries"][name]["then"]} == articles


@pytest.mark.parametrize("name", CASES["doubts"])
def test_a_duty_tells_where_the_record_cannot_say_whether_it_binds(name):
    ways = " ".join(f"(ans:{way} '{way}')" for way in ("mayBeShutOutBy", "certainFrom", "certainUntil", "beginsOn"))
    where = f"VALUES (?p ?x) {{ {ways} }} ?o ans:arisesFrom <id/provision/{name}-t-1> ; ?p ?y"
    assert {*map(tuple, CASES["doubts"][name]["then"])} == world()(where)


def test_an_engagement_of_a_duty_in_doubt_is_possible_and_carries_the_statement():
    fit = "?e ans:isEngagementOf/ans:arisesFrom <id/provision/{}-t-1> ; ans:hasTemporalFit ?x OPTIONAL {{ ?e ans:carriesReservation ?y }}"
    assert {("temporal-fit/possible", "declaration/bare-r")} == world()(fit.format("bare"))
    assert {("temporal-fit/certain", "declaration/only-modified-r")} == world()(fit.format("only-modified"))
    assert {("temporal-fit/certain", "")} == world()(fit.format("nothing"))
    assert set() == world()(fit.format("excluded"))

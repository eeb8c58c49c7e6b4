"""The measurement of what engagement bases reach, on invented decisions."""

import pytest

from tools.reach import Act, Finding, Record, end, fate, is_kept_out, measure

# By SHA-256, X/1 may be looked at and X/2 is kept out.
SYMBOLS = {f"decision/{n}": f"X/{n}" for n in range(1, 9)}
SEEN, HIDDEN = (next(key for key, name in SYMBOLS.items() if is_kept_out(name) == kept) for kept in (False, True))


def record(*findings, engaged=("t-1",), decision=SEEN):
    """Make a record of one decision with two acts, of which rules engage articles of T for the first."""
    acts = [Act("act/a", "Torture", decision, frozenset(engaged)), Act("act/b", "Arrest", decision, frozenset())]
    made = [Finding(decision, article, way, tuple(acts.split())) for article, way, acts in findings]
    treaties = {"t-1": "treaty/t", "t-2": "treaty/t", "t-3": "treaty/t", "u-1": "treaty/u"}
    bodies = {"treaty/t": "body/t", "treaty/u": "body/u", decision: "body/t"}
    return Record(acts, made, treaties, bodies, {decision: SYMBOLS[decision]}, frozenset({"t-1", "t-2", "u-1"}))


def total(*findings, kept_out=False, **more):
    return +measure(record(*findings, **more), kept_out=kept_out)["all"]


def test_what_is_found_and_engaged_counts_as_a_pair_and_for_its_decision():
    of = total(("t-1", "found", "act/a"))
    assert {"pairs": 1, "pairs, engaged": 1, "decisions": 1, "decisions, engaged": 1, "engaged": 1, "of found": 1} == of


def test_an_article_found_on_an_act_for_which_no_rule_engages_it_is_missed():
    of = total(("t-1", "found", "act/b"))
    assert (1, 0) == (of["pairs"], of["pairs, engaged"])
    # Another act of the decision engages it.
    assert (1, 1) == (of["decisions"], of["decisions, engaged"])
    assert 1 == of["of elsewhere"]


def test_what_is_found_only_as_read_with_another_article_stands_apart():
    of = total(("t-1", "read with", "act/a"))
    assert (0, 0, 1, 1) == (of["pairs"], of["decisions"], of["read with"], of["read with, engaged"])
    both = total(("t-1", "read with", "act/a"), ("t-1", "found", "act/a"))
    assert (1, 0) == (both["pairs"], both["read with"])


def test_an_article_that_lays_no_duty_is_told_apart():
    of = total(("t-3", "found", "act/a"))
    assert (1, 1, 0) == (of["pairs"], of["pairs of no duty"], of["pairs, engaged"])


def test_a_duty_that_another_body_monitors_says_nothing_of_what_became_of_it():
    assert 0 == total(("t-1", "found", "act/a"), engaged=("u-1",))["engaged"]


def test_a_decision_without_a_breach_says_nothing_of_engaged_duties():
    assert {} == total(("t-1", "no breach", "act/a"))


def test_decisions_kept_out_are_counted_apart():
    found = ("t-1", "found", "act/a")
    assert {} == total(found, decision=HIDDEN)
    assert 1 == total(found, decision=HIDDEN, kept_out=True)["pairs"]


def test_kinds_of_acts_are_counted_apart():
    counts = measure(record(("t-1", "found", "act/a act/b")), kept_out=False, by_kind=True)
    assert (1, 1, 2) == tuple(counts[kind]["pairs"] for kind in ("Torture", "Arrest", "all"))


@pytest.mark.parametrize(
    ("on_act", "in_decision", "became"),
    [
        (["found", "no breach"], ["found"], "found"),
        (["read with"], ["found", "read with"], "read with"),
        ([], ["found", "no breach"], "elsewhere"),
        (["no breach"], ["no breach", "inadmissible"], "no breach"),
        ([], ["inadmissible"], "inadmissible"),
        ([], [], "not raised"),
    ],
)
def test_the_strongest_tells_what_became_of_an_engaged_duty(on_act, in_decision, became):
    assert became == end(on_act, in_decision)


def test_outcomes_are_told_apart():
    ways = [
        ("breach", "false"),
        ("breach", "true"),
        ("no-breach", "false"),
        ("inadmissible-other", ""),
        ("not-reached", ""),
    ]
    told = [fate({"outcome": outcome, "accessory": accessory}) for outcome, accessory in ways]
    assert ["found", "read with", "no breach", "inadmissible", "not reached"] == told

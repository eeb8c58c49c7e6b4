"""The measurement of what engagement bases reach, on invented decisions."""

import pytest

from tools.reach import Act, Covered, Finding, Record, end, fate, grade, is_kept_out, measure, measure_grades

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


NAMED = {"basis/named"}


def covered(basis, *results, provision="provision/t-1", decision=SEEN):
    """Make rows of acts that a basis covers, one for each result."""
    return [Covered(basis, provision, f"act/{n}", decision, result) for n, result in enumerate(results)]


THIS, OTHER, NONE = "breach of the provision", "breach of another provision", "no breach found"


@pytest.mark.parametrize(
    ("basis", "results", "first"),
    [
        ("basis/b", [THIS] * 4 + [OTHER] * 2, True),
        ("basis/b", [THIS] * 3 + [OTHER] * 2, False),
        ("basis/b", [THIS] * 4 + [OTHER] + [NONE] * 9, True),
        ("basis/b", [THIS] * 4, False),
        ("basis/named", [OTHER] * 4, True),
        ("basis/named", [OTHER] * 5, False),
    ],
)
def test_a_basis_is_graded_by_what_was_found_or_by_its_words(basis, results, first):
    assert {basis: first} == grade(covered(basis, *results), NAMED)


def test_pairs_of_a_duty_that_is_named_first_are_counted_with_those_found():
    rows = covered("basis/named", THIS, OTHER) + covered("basis/b", THIS, NONE, THIS, provision="provision/t-2")
    treaties = {"provision/t-1": "treaty/t", "provision/t-2": "treaty/t"}
    counts = measure_grades(rows, grade(rows, NAMED), NAMED, treaties)
    assert {"engaged": 5, "found": 3, "first": 2, "first, found": 1} == counts["t"] == counts["all"]


def test_two_bases_of_one_pair_count_once_and_one_is_enough_to_name_it_first():
    rows = covered("basis/named", THIS) + covered("basis/b", THIS)
    counts = measure_grades(rows, grade(rows, NAMED), NAMED, {"provision/t-1": "treaty/t"})
    assert {"engaged": 1, "found": 1, "first": 1, "first, found": 1} == counts["all"]

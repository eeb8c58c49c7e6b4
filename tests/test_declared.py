"""What States declared about a treaty, in the link rules: which duty it takes away, for which days, and what is only carried beside."""

import pytest

from tests.deriving import TREATY, act, derive
from tests.test_obligations import bound, told

OTHER = """<id/provision/t-2> a ans:Provision ; ans:isProvisionOf <id/treaty/t> ; ans:bearsDuty true ; ans:shortName "T 2" .
<id/treaty/other> a ans:Treaty ; ans:inForceFrom "1980-01-01"^^xsd:date .
<id/provision/other-1> a ans:Provision ; ans:isProvisionOf <id/treaty/other> ; ans:bearsDuty true ; ans:shortName "O 1" .
<id/participation/xar-other> a ans:Participation ; ans:isParticipationOf <id/state/xar> ; ans:isParticipationIn <id/treaty/other> ;
    ans:inForceFrom "1990-01-01"^^xsd:date ."""


def declared(what, more="", kind="Reservation", has="hasReservation", key="r"):
    """Write a statement of Arland about T, in force for it since 1 January 1990."""
    return f"""<id/participation/xar-t> ans:{has} <id/declaration/{key}> .
    <id/declaration/{key}> a ans:{kind} ; ans:{what} {more} ."""


def day(name, value):
    return f'; ans:{name} "{value}"^^xsd:date'


WITHDRAWN = day("withdrawnOn", "1995-05-05") + day("inForceUntil", "1995-05-04") + " ; ans:isCurrent false"
LATER = day("inForceFrom", "1993-03-03")
T1 = "<id/provision/t-1>"


def test_an_exclusion_that_stands_takes_the_duty_away_for_good():
    assert set() == bound("xar", "t-1", TREATY + declared(f"excludes {T1}"))


def test_a_duty_begins_on_the_day_on_which_its_exclusion_was_withdrawn():
    text = TREATY + declared(f"excludes {T1}", WITHDRAWN)
    assert {("1995-05-05", "")} == bound("xar", "t-1", text)
    assert {("1995-05-05", "")} == bound("xar", "t-1-2", text)


def test_an_exclusion_made_later_takes_the_duty_away_from_its_own_day():
    assert {("1990-01-01", "1993-03-02")} == bound("xar", "t-1", TREATY + declared(f"excludes {T1}", LATER))


def test_a_duty_put_off_for_some_years_binds_before_and_after_them():
    late = LATER + WITHDRAWN
    assert {("1990-01-01", "1993-03-02"), ("1995-05-05", "")} == bound(
        "xar", "t-1", TREATY + declared(f"optsOutOf {T1}", late, "OptionalDeclaration", "hasOptionalDeclaration")
    )


def test_a_duty_after_a_postponement_is_certain_only_once_no_extension_can_last():
    last = day("inForceUntil", "1995-05-04") + day("mayLastUntil", "1997-05-04")
    text = TREATY + declared(f"optsOutOf {T1}", last, "OptionalDeclaration", "hasOptionalDeclaration")
    assert {"beginsOn": "1995-05-05", "certainFrom": "1997-05-05"} == told("xar", "t-1", text)


def test_two_exclusions_that_overlap_take_the_duty_away_to_the_end_of_the_second():
    text = TREATY + declared(f"excludes {T1}", WITHDRAWN) + declared(f"excludes {T1}", LATER + day("inForceUntil", "1999-09-08"), key="q")
    assert {("1999-09-09", "")} == bound("xar", "t-1", text)


def test_an_exclusion_leaves_the_other_articles_and_the_other_treaties_alone():
    text = TREATY + OTHER + declared(f"excludes {T1}")
    assert {("1990-01-01", "")} == bound("xar", "t-2", text)
    assert {("1990-01-01", "")} == bound("xar", "other-1", text)


def test_an_exclusion_of_a_paragraph_leaves_the_duty_of_its_article_which_carries_it():
    text = TREATY + declared("excludes <id/provision/t-1-2>")
    assert {("1990-01-01", "")} == bound("xar", "t-1", text)
    assert set() == bound("xar", "t-1-2", text)
    assert {"xar-t-1-1990-01-01"} == carrying(text)


def test_a_duty_ends_with_the_participation_though_an_exclusion_was_withdrawn_before():
    left = TREATY + day("x", "")[:0] + '<id/participation/xar-t> ans:inForceUntil "1994-04-04"^^xsd:date .'
    assert set() == bound("xar", "t-1", left + declared(f"excludes {T1}", WITHDRAWN))


@pytest.mark.parametrize("does", ["modifies", "subjectsToLaw", "interprets", "namesProvision", "mayExclude"])
def test_a_statement_that_does_not_take_the_provision_away_leaves_the_duty_and_stands_beside_it(does):
    text = TREATY + OTHER + declared(f"{does} {T1}")
    assert {("1990-01-01", "")} == bound("xar", "t-1", text)
    assert {"xar-t-1-1990-01-01", "xar-t-1-2-1990-01-01"} == carrying(text)


@pytest.mark.parametrize(
    "text",
    [
        declared(f"modifies {T1}", WITHDRAWN),
        declared(f"namesProvision {T1}", "; ans:isCurrent false"),
        declared(f"namesProvision {T1}", "; ans:isPolitical true", "StateDeclaration", "hasStateDeclaration"),
        declared("objectsTo <id/state/xbo>", f"; ans:namesProvision {T1}", "Objection", "hasStateDeclaration"),
        declared(f"namesProvision {T1}", "; ans:hasDeclarationKind <scheme/declaration-kind/required>", "StateDeclaration", "hasStateDeclaration"),
        declared("modifies <id/provision/other-1>"),
        declared("isGeneral false"),
    ],
    ids=["withdrawn", "signature only", "political", "objection", "required of all", "another treaty", "names nothing"],
)
def test_what_limits_nothing_today_is_not_carried(text):
    assert set() == carrying(TREATY + OTHER + text)
    assert {("1990-01-01", "")} == bound("xar", "t-1", TREATY + OTHER + text)


def test_a_general_reservation_is_carried_by_every_duty_of_the_treaty_and_by_none_of_another():
    text = TREATY + OTHER + declared("isGeneral true")
    assert {"xar-t-1-1990-01-01", "xar-t-1-2-1990-01-01", "xar-t-2-1990-01-01"} == carrying(text)


def test_a_reservation_made_after_the_treaty_had_ended_for_the_state_touches_no_duty_under_it():
    left = TREATY + '<id/participation/xar-t> ans:inForceUntil "1992-02-02"^^xsd:date .'
    assert set() == carrying(left + declared(f"modifies {T1}", LATER))


def carrying(text):
    """Return which obligations carry the statement."""
    found = derive(text)("?x a ans:Obligation ; ans:carriesReservation <id/declaration/r> BIND (?x AS ?y)")
    return {x.removeprefix("obligation/") for x, _ in found}


# Where the record cannot tell


def test_a_duty_that_a_bare_reservation_names_is_in_doubt_and_an_engagement_of_it_possible():
    text = TREATY + declared(f"mayExclude {T1}") + act()
    ask = derive(text)
    assert {("obligation/xar-t-1-1990-01-01", "declaration/r"), ("obligation/xar-t-1-2-1990-01-01", "declaration/r")} == ask("?x ans:mayBeShutOutBy ?y")
    assert {("temporal-fit/possible", "declaration/r")} == ask(
        "?e ans:isEngagementOf <id/obligation/xar-t-1-1990-01-01> ; ans:hasTemporalFit ?x ; ans:carriesReservation ?y"
    )
    assert {("temporal-fit/certain", "")} == derive(TREATY + declared(f"modifies {T1}") + act())(
        "?e ans:isEngagementOf <id/obligation/xar-t-1-1990-01-01> ; ans:hasTemporalFit ?x"
    )


def test_a_duty_is_certain_from_the_withdrawal_of_what_may_have_shut_it_out():
    text = TREATY + declared(f"mayExclude {T1}", WITHDRAWN)
    assert {"beginsOn": "1990-01-01", "certainFrom": "1995-05-05"} == told("xar", "t-1", text)
    assert set() == derive(text)("?x ans:mayBeShutOutBy ?y")


def test_a_duty_is_certain_until_the_day_before_a_later_statement_that_may_shut_it_out():
    text = TREATY + declared(f"mayExclude {T1}", LATER)
    assert {"beginsOn": "1990-01-01", "certainUntil": "1993-03-02"} == told("xar", "t-1", text)


# Optional clauses


CLAUSE = TREATY + f"{T1} ans:isOptional true ."


def accepted(more, key="d"):
    """Write an acceptance of T 1 by Arland."""
    return declared(f"accepts {T1}", more, "OptionalDeclaration", "hasOptionalDeclaration", key)


MADE = day("date", "1992-02-02")


def test_an_acceptance_binds_from_the_day_on_which_it_took_effect():
    assert {("1992-08-08", "")} == bound("xar", "t-1", CLAUSE + accepted(MADE + day("inForceFrom", "1992-08-08")))


def test_an_acceptance_that_lapsed_or_was_withdrawn_binds_to_its_last_day():
    lapsed = CLAUSE + accepted(MADE + day("inForceUntil", "1997-02-01") + " ; ans:isCurrent false" + day("inForceFrom", "1992-02-02"))
    assert {("1992-02-02", "1997-02-01")} == bound("xar", "t-1", lapsed)


def test_a_renewed_acceptance_binds_for_each_of_its_terms():
    first = accepted(MADE + day("inForceFrom", "1992-02-02") + day("inForceUntil", "1997-02-02"))
    second = accepted(day("date", "1998-03-03") + day("inForceFrom", "1998-03-03"), key="again")
    assert {("1992-02-02", "1997-02-02"), ("1998-03-03", "")} == bound("xar", "t-1", CLAUSE + first + second)


def test_an_acceptance_of_a_clause_that_is_not_in_force_binds_nobody():
    assert set() == bound("xar", "t-1", CLAUSE + accepted(MADE + " ; ans:isCurrent false"))


def test_an_acceptance_never_binds_before_the_treaty_does():
    early = day("date", "1985-05-05") + day("inForceFrom", "1985-05-05")
    assert {("1990-01-01", "")} == bound("xar", "t-1", CLAUSE + accepted(early))


def test_an_acceptance_that_lapsed_before_the_treaty_was_in_force_binds_nobody():
    early = day("date", "1985-05-05") + day("inForceFrom", "1985-05-05") + day("inForceUntil", "1989-05-05")
    assert set() == bound("xar", "t-1", CLAUSE + accepted(early))


def test_a_state_that_shuts_an_optional_clause_out_does_not_bear_it_until_it_takes_that_back():
    assert set() == bound("xar", "t-1", CLAUSE + accepted(MADE) + declared(f"excludes {T1}"))
    assert {("1992-02-02", "")} == bound("xar", "t-1", CLAUSE + accepted(MADE) + declared(f"excludes {T1}", day("inForceUntil", "1991-01-01")))

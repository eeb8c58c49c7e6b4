"""What States declared about a treaty, in the link rules: which duty it takes away, for which days, and what is only carried beside.

Each case is a treaty T of its own, in force for Arland since 1 January 1990, with what Arland declared about it; one graph holds all.
"""

import functools

import pytest

from tests.deriving import TREATY, act, apart, derive

T1 = "<id/provision/t-1>"
MORE = """<id/provision/t-2> a ans:Provision ; ans:isProvisionOf <id/treaty/t> ; ans:bearsDuty true ; ans:shortName "T 2" .
<id/treaty/other> a ans:Treaty ; ans:inForceFrom "1980-01-01"^^xsd:date .
<id/provision/other-1> a ans:Provision ; ans:isProvisionOf <id/treaty/other> ; ans:bearsDuty true ; ans:shortName "O 1" .
<id/participation/xar-other> a ans:Participation ; ans:isParticipationOf <id/state/xar> ; ans:isParticipationIn <id/treaty/other> ;
    ans:inForceFrom "1990-01-01"^^xsd:date ."""


def declared(what, more="", kind="Reservation", has="hasReservation", key="r"):
    """Write a statement of Arland about T."""
    return f"""<id/participation/xar-t> ans:{has} <id/declaration/{key}> .
    <id/declaration/{key}> a ans:{kind} ; ans:{what} {more} ."""


def left_out(more):
    return declared(f"optsOutOf {T1}", more, "OptionalDeclaration", "hasOptionalDeclaration")


def said(what, more=""):
    return declared(what, more, "StateDeclaration", "hasStateDeclaration")


def accepted(more, key="r"):
    return declared(f"accepts {T1}", MADE + more, "OptionalDeclaration", "hasOptionalDeclaration", key)


def day(name, value):
    return f'; ans:{name} "{value}"^^xsd:date'


WITHDRAWN = day("withdrawnOn", "1995-05-05") + day("inForceUntil", "1995-05-04") + " ; ans:isCurrent false"
LATER, MADE = day("inForceFrom", "1993-03-03"), day("date", "1992-02-02")
OPTIONAL = f"{T1} ans:isOptional true ."
LEFT = '<id/participation/xar-t> ans:inForceUntil "1994-04-04"^^xsd:date .'
ALWAYS, NEVER = {("1990-01-01", "")}, set()

# What was declared, and the periods in which Arland bears the duty of T 1: (first day, last day).
PERIODS = {
    "nothing": ("", ALWAYS),
    "excluded": (declared(f"excludes {T1}"), NEVER),
    "excluded-and-withdrawn": (declared(f"excludes {T1}", WITHDRAWN), {("1995-05-05", "")}),
    "excluded-later": (declared(f"excludes {T1}", LATER), {("1990-01-01", "1993-03-02")}),
    "put-off": (left_out(LATER + WITHDRAWN), {("1990-01-01", "1993-03-02"), ("1995-05-05", "")}),
    "excluded-twice": (
        declared(f"excludes {T1}", WITHDRAWN)
        + declared(f"excludes {T1}", LATER + day("inForceUntil", "1999-09-08"), key="q"),
        {("1999-09-09", "")},
    ),
    "left-before-the-withdrawal": (LEFT + declared(f"excludes {T1}", WITHDRAWN), NEVER),
    "paragraph-excluded": (declared("excludes <id/provision/t-1-2>"), ALWAYS),
    "accepted": (OPTIONAL + accepted(day("inForceFrom", "1992-08-08")), {("1992-08-08", "")}),
    "accepted-for-a-term": (
        OPTIONAL
        + accepted(day("inForceFrom", "1992-02-02") + day("inForceUntil", "1997-02-01") + " ; ans:isCurrent false"),
        {("1992-02-02", "1997-02-01")},
    ),
    "accepted-again": (
        OPTIONAL
        + accepted(day("inForceFrom", "1992-02-02") + day("inForceUntil", "1997-02-02"))
        + accepted(day("inForceFrom", "1998-03-03"), key="again"),
        {("1992-02-02", "1997-02-02"), ("1998-03-03", "")},
    ),
    "accepted-and-left": (OPTIONAL + LEFT + accepted(day("inForceFrom", "1992-02-02")), {("1992-02-02", "1994-04-04")}),
    "accepted-before-the-treaty": (OPTIONAL + accepted(day("inForceFrom", "1985-05-05")), ALWAYS),
    "lapsed-before-the-treaty": (
        OPTIONAL + accepted(day("inForceFrom", "1985-05-05") + day("inForceUntil", "1989-05-05")),
        NEVER,
    ),
    "accepted-a-clause-not-in-force": (OPTIONAL + accepted(" ; ans:isCurrent false"), NEVER),
    "accepted-nothing": (OPTIONAL, NEVER),
    "accepted-and-shut-out": (OPTIONAL + accepted("") + declared(f"excludes {T1}", key="q"), NEVER),
    "shut-out-before-accepting": (
        OPTIONAL + accepted("") + declared(f"excludes {T1}", day("inForceUntil", "1991-01-01"), key="q"),
        {("1992-02-02", "")},
    ),
}
# What was declared, and the articles of T whose duties carry it.
ONE, ALL, NONE = {"t-1", "t-1-2"}, {"t-1", "t-1-2", "t-2"}, set()
CARRIED = {
    "modified": (declared(f"modifies {T1}"), ONE),
    "subjected-to-law": (declared(f"subjectsToLaw {T1}"), ONE),
    "interpreted": (said(f"interprets {T1}"), ONE),
    "named": (said(f"namesProvision {T1}"), ONE),
    "may-be-excluded": (declared(f"mayExclude {T1}"), ONE),
    "part-excluded": (declared("excludes <id/provision/t-1-2>"), {"t-1"}),
    "general": (declared("isGeneral true"), ALL),
    "withdrawn": (declared(f"modifies {T1}", WITHDRAWN), NONE),
    "general-and-withdrawn": (declared("isGeneral true", WITHDRAWN), NONE),
    "signature-only": (said(f"namesProvision {T1}", "; ans:isCurrent false"), NONE),
    "political": (said(f"namesProvision {T1}", "; ans:isPolitical true"), NONE),
    "objection": (
        declared("objectsTo <id/state/xbo>", f"; ans:namesProvision {T1}", "Objection", "hasStateDeclaration"),
        NONE,
    ),
    "required-of-all": (
        said(f"namesProvision {T1}", "; ans:hasDeclarationKind <scheme/declaration-kind/required>"),
        NONE,
    ),
    "of-another-treaty": (declared("modifies <id/provision/other-1>"), NONE),
    "names-nothing": (declared("isGeneral false"), NONE),
    "made-after-leaving": (LEFT + declared(f"modifies {T1}", day("inForceFrom", "1996-06-06")), NONE),
}
# What was declared, and what the duty of T 1 tells of its own certainty.
DOUBTS = {
    "bare": (declared(f"mayExclude {T1}"), {("mayBeShutOutBy", "declaration/bare-r"), ("beginsOn", "1990-01-01")}),
    "bare-and-withdrawn": (
        declared(f"mayExclude {T1}", WITHDRAWN),
        {("beginsOn", "1990-01-01"), ("certainFrom", "1995-05-05")},
    ),
    "bare-and-later": (
        declared(f"mayExclude {T1}", LATER),
        {("beginsOn", "1990-01-01"), ("certainUntil", "1993-03-02")},
    ),
    "withdrawn-on-an-unknown-day": (
        declared(f"mayExclude {T1}", day("mayLastUntil", "2026-02-03") + " ; ans:isCurrent false"),
        {("beginsOn", "1990-01-01"), ("certainFrom", "2026-02-04")},
    ),
    "put-off-and-perhaps-extended": (
        left_out(day("inForceUntil", "1995-05-04") + day("mayLastUntil", "1997-05-04")),
        {("beginsOn", "1995-05-05"), ("certainFrom", "1997-05-05")},
    ),
    "only-modified": (declared(f"modifies {T1}"), {("beginsOn", "1990-01-01")}),
}


@functools.cache
def world():
    """Derive all cases at once; each has its name before its keys."""
    cases = {name: text for table in (PERIODS, CARRIED, DOUBTS) for name, (text, _) in table.items()}
    return derive(act() + "".join(apart(name, TREATY + MORE + text) for name, text in cases.items()))


@pytest.mark.parametrize("name", PERIODS)
def test_a_duty_binds_in_the_time_in_which_no_statement_takes_it_away(name):
    where = f"?o ans:arisesFrom <id/provision/{name}-{{}}> ; ans:beginsOn ?x OPTIONAL {{{{ ?o ans:endsOn ?y }}}}"
    assert PERIODS[name][1] == world()(where.format("t-1"))
    if OPTIONAL not in PERIODS[name][0]:
        paragraph = NEVER if name == "paragraph-excluded" else PERIODS[name][1]
        assert paragraph == world()(where.format("t-1-2"))
    assert ALWAYS == world()(where.format("other-1"))


@pytest.mark.parametrize("name", CARRIED)
def test_a_duty_carries_what_limits_it_today_and_nothing_else(name):
    carried = world()(
        f"?o ans:carriesReservation <id/declaration/{name}-r> ; ans:arisesFrom ?x ; a ans:Obligation BIND (?x AS ?y)"
    )
    assert CARRIED[name][1] == {one.removeprefix(f"provision/{name}-") for one, _ in carried}


@pytest.mark.parametrize("name", DOUBTS)
def test_a_duty_tells_where_the_record_cannot_say_whether_it_binds(name):
    ways = " ".join(f"(ans:{way} '{way}')" for way in ("mayBeShutOutBy", "certainFrom", "certainUntil", "beginsOn"))
    found = world()(f"VALUES (?p ?x) {{ {ways} }} ?o ans:arisesFrom <id/provision/{name}-t-1> ; ?p ?y")
    assert DOUBTS[name][1] == found


def test_an_engagement_of_a_duty_in_doubt_is_possible_and_carries_the_statement():
    fit = "?e ans:isEngagementOf/ans:arisesFrom <id/provision/{}-t-1> ; ans:hasTemporalFit ?x OPTIONAL {{ ?e ans:carriesReservation ?y }}"
    assert {("temporal-fit/possible", "declaration/bare-r")} == world()(fit.format("bare"))
    assert {("temporal-fit/certain", "declaration/only-modified-r")} == world()(fit.format("only-modified"))
    assert {("temporal-fit/certain", "")} == world()(fit.format("nothing"))
    assert set() == world()(fit.format("excluded"))

"""The link rules on dates, wholes and parts, and on what binds whom: since when possibly, since when for certain, and how an act fits that."""

import pytest

from tests.deriving import LAW_OF_ITS_OWN, TREATY, act, derive

# Dates


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ('"2011-06"^^xsd:gYearMonth', "2011-06-01", "2011-06-30"),
        ('"2012-02"^^xsd:gYearMonth', "2012-02-01", "2012-02-29"),
        ('"1900-02"^^xsd:gYearMonth', "1900-02-01", "1900-02-28"),
        ('"2000-02"^^xsd:gYearMonth', "2000-02-01", "2000-02-29"),
        ('"2009"^^xsd:gYear', "2009-01-01", "2009-12-31"),
        ('"2011-12-16"^^xsd:date', "2011-12-16", "2011-12-16"),
    ],
)
def test_a_date_means_every_day_it_covers(date, first, last):
    ask = derive(act(when=f"ans:date {date} ;"))
    assert {(first, last)} == ask("<id/act/deed> ans:beginsOn ?x ; ans:endsOn ?y")


def test_a_period_without_an_end_stays_open():
    ask = derive(act(when='ans:startDate "2010"^^xsd:gYear ;'))
    assert {("2010-01-01", "")} == ask("<id/act/deed> ans:beginsOn ?x OPTIONAL { <id/act/deed> ans:endsOn ?y }")


def test_an_act_without_a_date_took_place_when_its_event_did():
    event = '<id/event/e> a ans:Event ; ans:date "2011-06"^^xsd:gYearMonth .'
    ask = derive(event + act(when="ans:isPartOf <id/event/e> ;"))
    assert {("2011-06-01", "2011-06-30")} == ask("<id/act/deed> ans:beginsOn ?x ; ans:endsOn ?y")


def test_the_nearest_event_dates_an_act():
    events = """<id/event/e> a ans:Event ; ans:date "2011-06"^^xsd:gYearMonth ; ans:isPartOf <id/event/whole> .
    <id/event/whole> a ans:Event ; ans:date "2011"^^xsd:gYear ."""
    ask = derive(events + act(when="ans:isPartOf <id/event/e> ;"))
    assert {("2011-06-01", "2011-06-30")} == ask("<id/act/deed> ans:beginsOn ?x ; ans:endsOn ?y")


# Wholes and parts


def test_a_part_of_a_part_is_a_direct_part_of_what_is_nearest_alone():
    ask = derive("""<id/event/whole> a ans:Event . <id/event/e> a ans:Event ; ans:isPartOf <id/event/whole> .
    <id/act/inner> a ans:Killing ; ans:isPartOf <id/act/outer> . <id/act/outer> a ans:UseOfForce ; ans:isPartOf <id/event/e> .""")
    parts = {("event/e", "event/whole"), ("act/outer", "event/e"), ("act/inner", "act/outer")}
    own = "FILTER (?x IN (<id/event/e>, <id/act/outer>, <id/act/inner>))"
    assert parts == ask(f"?x ans:isDirectPartOf ?y {own}")
    assert ("act/inner", "event/whole") in ask(f"?x ans:isPartOf ?y {own}")


def test_a_part_that_its_source_gives_of_both_the_event_and_the_whole_is_a_direct_part_of_the_event_alone():
    ask = derive("""<id/event/whole> a ans:Event . <id/event/e> a ans:Event ; ans:isPartOf <id/event/whole> .
    <id/act/deed> a ans:Killing ; ans:isPartOf <id/event/whole> , <id/event/e> .""")
    assert {("act/deed", "event/e")} == ask("?x ans:isDirectPartOf ?y FILTER (?x = <id/act/deed>)")


def test_a_passage_and_a_document_have_no_direct_parts():
    ask = derive("<id/document/d> a ans:Document . <id/passage/p> a ans:Passage ; ans:isPartOf <id/document/d> .")
    assert set() == ask("?x ans:isDirectPartOf ?y FILTER (?x = <id/passage/p>)")


# Obligations


def bound(state, provision, text=""):
    """Return since when a State bears the duty of a provision, and until when."""
    where = f"?o a ans:Obligation ; ans:binds <id/state/{state}> ; ans:arisesFrom <id/provision/{provision}> ; ans:beginsOn ?x OPTIONAL {{ ?o ans:endsOn ?y }}"
    return derive(text)(where)


@pytest.mark.parametrize(
    ("state", "provision", "since"),
    [
        ("xar", "cc-3", {"1998-09-25"}),  # parties, since the treaty came into force for them
        ("xar", "lc-7", {"2000-04-24"}),
        ("xbo", "lc-7", {"1995-12-28"}),
        ("xca", "lc-7", set()),  # a signature alone
        ("xbo", "rc-33", set()),  # no party
        ("xar", "cc-22", {"2008-02-21"}),  # optional, and accepted
        ("xbo", "cc-22", set()),
        ("xes", "cc-22", set()),
        ("xar", "cc-1", set()),  # provisions that bear no duty
        ("xar", "cc-27", set()),
        ("xar", "d-1", set()),  # of a draft law
    ],
)
def test_a_state_bears_the_duties_that_it_took_on_since_they_bind_it(state, provision, since):
    assert {(day, "") for day in since} == bound(state, provision, LAW_OF_ITS_OWN)


def test_declarations_and_soft_law_give_none():
    where = "?x ans:arisesFrom ?y . ?y ans:isProvisionOf ?i . { ?i a ans:Declaration } UNION { ?i a ans:SoftLaw }"
    assert set() == derive("")(where)


def told(state, provision, text=""):
    """Return what an obligation tells of its beginning: from when it may bind, from when for certain, and as printed."""
    where = f"?o a ans:Obligation ; ans:binds <id/state/{state}> ; ans:arisesFrom <id/provision/{provision}>"
    ask = derive(text)
    ways = ("beginsOn", "certainFrom", "inForceFrom", "endsOn", "certainUntil", "inForceUntil")
    found = {way: {y for _, y in ask(f"{where} ; ans:{way} ?y BIND (?o AS ?x)")} for way in ways}
    return {way: values.pop() for way, values in found.items() if len(values) == 1}


END = '<id/participation/xar-t> ans:inForceUntil "2000-12-31"^^xsd:date .'
ENDED_LAW = '<id/law-version/l-1> ans:inForceUntil "2014-02"^^xsd:gYearMonth .'
CLAUSE = """<id/provision/t-1> ans:isOptional true . <id/participation/xar-t> ans:hasOptionalDeclaration <id/declaration/d> .
    <id/declaration/d> a ans:OptionalDeclaration ; ans:accepts <id/provision/t-1> ; ans:date "WHEN"^^xsd:gYear ."""
NOTICE = '<id/participation/xar-t> ans:depositedOn "1990-01-01"^^xsd:date ; ans:succeededOn "1988-05-05"^^xsd:date .'
FROM, UNTIL = ("beginsOn", "certainFrom", "inForceFrom"), ("endsOn", "certainUntil", "inForceUntil")
# A provision, what is said of it, and the first day of its duty, the day from which it is certain, and the date as it is printed.
TOLD = {
    "days that are known": ("cc-3", "", ["1998-09-25"], []),
    "days that are known, and an end": ("t-1", TREATY + END, ["1990-01-01"], ["2000-12-31"]),
    "a law of a month": ("l-1-1", LAW_OF_ITS_OWN, ["2011-01-01", "2011-01-31", "2011-01"], []),
    "a law of a year": (
        *("l-1-1", LAW_OF_ITS_OWN.replace('"2011-01"^^xsd:gYearMonth', '"1995"^^xsd:gYear')),
        *(["1995-01-01", "1995-12-31", "1995"], []),
    ),
    "a repeal in a month": (
        *("l-1-1", LAW_OF_ITS_OWN + ENDED_LAW, ["2011-01-01", "2011-01-31", "2011-01"]),
        ["2014-02-28", "2014-02-01", "2014-02"],
    ),
    "a party of a year": (
        *("t-1", TREATY.replace('"1990-01-01"^^xsd:date', '"1990"^^xsd:gYear')),
        *(["1990-01-01", "1990-12-31", "1990"], []),
    ),
    "a declaration of a year": (
        *("t-1", TREATY + CLAUSE.replace("WHEN", "1992")),
        *(["1992-01-01", "1992-12-31", "1992"], []),
    ),
    "a declaration before the treaty": ("t-1", TREATY + CLAUSE.replace("WHEN", "1985"), ["1990-01-01"], []),
    "a succession": ("t-1", TREATY + NOTICE, ["1988-05-05", "1990-01-01", "1990-01-01"], []),
    "a succession that is certain": (
        "t-1",
        TREATY.replace('"1990-01-01"', '"1988-05-05"') + NOTICE,
        ["1988-05-05"],
        [],
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_duty_tells_since_when_and_until_when_it_may_bind_and_for_certain_where_that_is_vague(name):
    provision, text, since, until = TOLD[name]
    assert {**dict(zip(FROM, since, strict=False)), **dict(zip(UNTIL, until, strict=False))} == told(
        "xar", provision, text
    )


# How an act falls in a vague period


LAW_BASIS = """<id/basis/l> a ans:EngagementBasis ; ans:coversActClass ans:Removal ;
    ans:concernsRight <scheme/right/non-refoulement> ; ans:pointsTo <id/provision/l-1-1> ."""


def fits(when, law="", more=""):
    """Return the temporal fits of a removal with L 1, in force at some day of January 2011."""
    text = LAW_OF_ITS_OWN + LAW_BASIS + law + act(when=when, more=more)
    where = "?x ans:characterises <id/act/deed> ; ans:concernsProvision <id/provision/l-1-1> ; ans:hasTemporalFit ?y"
    return {y.removeprefix("temporal-fit/") for _, y in derive(text)(where)}


def on(day):
    return f'ans:date "{day}"^^xsd:date ;'


REPEAL = '<id/law-version/l-1> ans:inForceUntil "2014-07"^^xsd:gYearMonth .'
CONTINUING = "; ans:hasCircumstance <scheme/circumstance/continuing>"
ACROSS = 'ans:startDate "2010-06-01"^^xsd:date ; ans:endDate "2011-06-01"^^xsd:date ;'
FITS = [
    # On days on which the law only may have bound, and on which it may have ended
    (on("2010-12-31"), "", "", set()),
    (on("2011-01-01"), "", "", {"possible"}),
    (on("2011-01-30"), "", "", {"possible"}),
    (on("2011-01-31"), "", "", {"certain"}),
    (on("2014-07-01"), REPEAL, "", {"certain"}),
    (on("2014-07-31"), REPEAL, "", {"possible"}),
    (on("2014-08-01"), REPEAL, "", set()),
    # Across the first day: in part where the act is said to have gone on, and to have ended after the day that is certain
    (ACROSS, "", CONTINUING, {"in-part"}),
    (ACROSS, "", "", {"possible"}),
    (ACROSS.replace("2010-06-01", "2011-02-01"), "", CONTINUING, {"certain"}),
    (ACROSS.replace('"2010-06-01"^^xsd:date', '"2010"^^xsd:gYear'), "", CONTINUING, {"possible"}),
    (ACROSS.replace('ans:endDate "2011-06-01"^^xsd:date ;', ""), "", CONTINUING, {"possible"}),
    (ACROSS.replace("2011-06-01", "2011-01-15"), "", CONTINUING, {"possible"}),
    (ACROSS.replace("2011-06-01", "2010-12-31"), "", CONTINUING, set()),
]


@pytest.mark.parametrize(("when", "law", "more", "fit"), FITS)
def test_an_act_falls_in_a_vague_period_for_certain_in_part_possibly_or_not(when, law, more, fit):
    assert fit == fits(when, law, more)

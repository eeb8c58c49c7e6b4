"""Questions that set things beside one another, on a few invented facts: acts alike, a State and its region, an acceptance and a breach."""

import pytest

from tests.test_questions import invent

ALIKE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . ans:Torture rdfs:subClassOf ans:Act , ans:IllTreatment . ans:IllTreatment rdfs:subClassOf ans:Act .
    ans:Violation rdfs:subClassOf ans:Act . <scheme/circumstance/held> skos:prefLabel "held"@en . <scheme/circumstance/in-prison> skos:broader <scheme/circumstance/held> .
    <scheme/circumstance/child> skos:prefLabel "child"@en . <id/act/a> ans:hasCircumstance <scheme/circumstance/held> . """
ALIKE += "".join(
    f"<id/act/{key}> a ans:Act , ans:IllTreatment , {kind} ; ans:isDirectPartOf <id/event/{event}> ; ans:isReportedIn <id/passage/{key}> . "
    for key, kind, event in (
        ("a", "ans:Torture , ans:Violation", "e"),
        ("b", "ans:Torture", "f"),
        ("c", "ans:Torture", "e"),
        ("d", "ans:Violation", "f"),
    )
)


@pytest.mark.parametrize(
    ("facts", "like"),
    [
        ("<id/act/b> ans:hasCircumstance <scheme/circumstance/held> .", ["b"]),
        ("<id/act/b> ans:hasCircumstance <scheme/circumstance/in-prison> .", ["b"]),
        ("<id/act/b> ans:hasCircumstance <scheme/circumstance/child> .", []),
        ("<id/act/c> ans:hasCircumstance <scheme/circumstance/held> .", []),  # of the same event
        ("<id/act/d> ans:hasCircumstance <scheme/circumstance/held> .", []),  # ill-treatment, and no torture
    ],
)
def test_an_act_is_like_another_of_its_narrowest_class_in_a_circumstance_of_it_elsewhere(facts, like):
    assert like == [row["like"] for row in invent("acts-like-this", ALIKE + facts, act="act/a")]


REGION = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <id/provision/p> ans:isDirectPartOf <id/treaty/t> . <id/treaty/t> a ans:Treaty .
    <id/provision/p-1> ans:isPartOf <id/provision/p> , <id/treaty/t> ; ans:isDirectPartOf <id/provision/p> .
    <id/provision/q> ans:isProvisionOf <id/treaty/q> . <id/treaty/q> ans:isMonitoredBy <id/body/b> . """ + "".join(
    f"""<id/state/{state}> a ans:State ; skos:prefLabel "{state.upper()}"@en ; ans:belongsToRegionalGroup <scheme/regional-group/g> .
    <id/obligation/{state}> ans:arisesFrom <id/provision/q> ; ans:binds <id/state/{state}> ; ans:beginsOn "200{number}-01-01"^^xsd:date .
    <id/decision/{state}> a ans:Decision ; ans:isDecisionOn <id/communication/{state}> . <id/communication/{state}> ans:isBroughtUnder <id/provision/q> .
    <id/passage/{state}> ans:isPartOf <id/decision/{state}> .
    <id/finding/{state}> ans:concernsState <id/state/{state}> ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ; ans:hasSpeaker <id/body/b> ;
    ans:invokes <id/provision/p-1> ; ans:isReportedIn <id/passage/{state}> . """
    for number, state in enumerate("stu")
)


@pytest.mark.parametrize(
    ("facts", "others", "among"),
    [
        ("", "2", "S since 2000-01-01; T since 2001-01-01; U since 2002-01-01"),
        (
            "<id/finding/t> ans:hasFindingReading <scheme/reading/needs-reading> .",
            "1",
            "S since 2000-01-01; U since 2002-01-01",
        ),
        ("<id/finding/t> ans:isReadWithAnother true .", "1", "S since 2000-01-01; U since 2002-01-01"),
        ("<id/decision/t> ans:repeatsTextOf <id/decision/x> .", "1", "S since 2000-01-01; U since 2002-01-01"),
        (
            '<id/obligation/t> ans:endsOn "2009-12-31"^^xsd:date .',
            "2",
            "S since 2000-01-01; T since 2001-01-01 until 2009-12-31; U since 2002-01-01",
        ),
    ],
)
def test_a_state_stands_beside_its_region_with_the_decisions_that_count(facts, others, among):
    (row,) = invent("beside-its-region", REGION + facts, state="state/s")
    assert ("p", "1", others, "3") == tuple(row[key] for key in ("article", "own", "others", "parties"))
    assert among == "; ".join(sorted(row["among"].split("; ")))


FOLLOWED = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <id/state/s> a ans:State . <id/recommendation/r> ans:isAddressedTo <id/state/s> ; ans:belongsToCycle <id/cycle/c> ;
    ans:concerns <scheme/right/x> ; ans:isMadeBy <id/state/t> ; ans:isReportedIn <id/passage/r> . <id/provision/p> ans:protects <scheme/right/x> .
    <id/response/r> ans:respondsTo <id/recommendation/r> ; ans:hasResponseValue <scheme/response/supported> ; ans:date "2010-02-16"^^xsd:date ;
    ans:endsOn "2010-02-16"^^xsd:date ; ans:isReportedIn <id/passage/r> .
    <id/decision/d> a ans:Decision ; ans:symbol "D" ; ans:date "2014"^^xsd:gYear ; ans:beginsOn "2014-01-01"^^xsd:date . <id/passage/d> ans:isPartOf <id/decision/d> .
    <id/finding/f> ans:concernsState <id/state/s> ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ; ans:invokes <id/provision/p> ; ans:isReportedIn <id/passage/d> . """


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("", ["D (2014, facts of days not known)"]),
        (
            '<id/decision/d> ans:factsFrom "2010"^^xsd:gYear ; ans:factsUntil "2010"^^xsd:gYear .',
            ["D (2014, facts on both sides or not dated closely enough)"],
        ),
        ('<id/decision/d> ans:factsFrom "2011"^^xsd:gYear .', ["D (2014, facts after)"]),
        ('<id/decision/d> ans:factsUntil "2010-01"^^xsd:gYearMonth .', ["D (2014, facts before)"]),
        (
            '<id/finding/f> ans:characterises <id/act/a> . <id/act/a> ans:beginsOn "2010-02-17"^^xsd:date .',
            ["D (2014, facts after)"],
        ),
        ("<id/finding/f> ans:hasFindingReading <scheme/reading/needs-reading> .", []),
    ],
)
def test_a_breach_found_after_an_acceptance_says_on_which_side_its_facts_lie(facts, said):
    assert said == [row["decisions"] for row in invent("accepted-then-breached", FOLLOWED + facts, state="state/s")]

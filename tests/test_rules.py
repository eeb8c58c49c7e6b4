"""The link rules on invented acts in the law of the frozen graph: what they derive, and above all what they must not."""

import re

import pytest

from kg import terms
from kg.config import PROJECT
from tests.deriving import TREATY, act, derive, engaged


def test_a_name_in_another_language_gives_no_second_name_to_what_is_derived():
    ask = derive(act(more='; skos:prefLabel "деяние"@ru'))
    label = f"<{terms.PREFIXES['skos']}prefLabel>"
    duties = ask(f"<id/act/deed> ans:engages ?o . ?o {label} ?x ; ans:binds ?y")
    assert "Duty of Arland under CC 3 since 1998-09-25" in {name for name, _ in duties}
    assert all(name.startswith("Duty of Arland ") for name, _ in duties)
    names = ask(f"?y ans:characterises <id/act/deed> ; {label} ?x")
    assert {"deed"} == {name.partition(":")[0] for name, _ in names}


def test_a_decision_decides_as_many_complaints_as_it_prints_numbers_unless_a_reader_counted_them():
    of_two = "ans:isDecisionOn <id/communication/a> , <id/communication/b>"
    ask = derive(
        f"<id/decision/x> a ans:Decision ; {of_two} . <id/decision/y> a ans:Decision ; {of_two} ; ans:complaintsDecided 100 ."
    )
    counted = ask("VALUES ?x { <id/decision/x> <id/decision/y> } ?x ans:complaintsDecided ?y")
    assert {("2"), ("100")} == {number for _, number in counted} and 2 == len(counted)


# Dates


def test_a_month_or_a_year_is_kept_where_the_day_is_not_known_and_comes_from_the_event_only_where_an_act_has_no_date():
    ask = derive(
        """<id/event/month> a ans:Event ; ans:date "2011-06"^^xsd:gYearMonth . <id/event/span> a ans:Event ; ans:startDate "2010"^^xsd:gYear ;
            ans:endDate "2011-06-03"^^xsd:date . <id/event/day> a ans:Event ; ans:date "2011-06-02"^^xsd:date .
        <id/act/of-month> a ans:Act ; ans:isPartOf <id/event/month> . <id/act/of-span> a ans:Act ; ans:isPartOf <id/event/span> .
        <id/act/of-day> a ans:Act ; ans:isPartOf <id/event/day> .
        <id/act/dated> a ans:Act ; ans:isPartOf <id/event/month> ; ans:date "2011-06-02"^^xsd:date .
        <id/act/open> a ans:Act ; ans:isPartOf <id/event/month> ; ans:startDate "2011-06-02"^^xsd:date ."""
    )
    spans = [("event/month", "2011-06", "2011-06"), ("event/span", "2010", ""), ("event/day", "", "")]
    spans += [("act/of-month", "2011-06", "2011-06"), ("act/of-span", "2010", ""), ("act/of-day", "", "")]
    for thing, first, last in [*spans, ("act/dated", "", ""), ("act/open", "", "")]:
        found = ask(f"OPTIONAL {{ <id/{thing}> ans:beginsIn ?x }} OPTIONAL {{ <id/{thing}> ans:endsIn ?y }}")
        assert {(first, last)} == found, thing


# Engagements


def on(date):
    """Write the date of an act, as precise as it is."""
    return f'ans:date "{date}"^^xsd:{ {4: "gYear", 7: "gYearMonth", 10: "date"}[len(date)] } ;'


GONE = '<id/participation/xar-t> ans:inForceUntil "2000-12-31"^^xsd:date .'
GROUP = "<id/group/g> a ans:PersonGroup ."
STATED = "; ans:isAttributableTo <id/state/xar> ; ans:hasAttributionBasis <scheme/attribution-basis/acquiescence>"
BASIS = """<id/basis/c> a ans:EngagementBasis ; ans:coversActClass ans:IllTreatment ;
    ans:concernsRight <scheme/right/non-refoulement> ; ans:pointsTo <id/provision/t-1> ."""
# What is described; some of the duties that the act engages; and the beginnings of those that it does not, "" for any.
POLICE = "<id/group/g> a ans:PersonGroup ; ans:actsFor <id/organ/xar-police> ."
OF_CADRIA = "<id/organ/xca-x> a ans:StateOrgan ; ans:isOrganOf <id/state/xca> ."
TRIAL = act(kind="CriminalTrial", by="organ/xdo-government", when=on("2011"))
ENGAGED = {
    "of the State whose organ acts": (act(), "xar cc-3, xar lc-7, xar rc-33", ["xbo", "xca", "xdo"]),
    "of a group that acts for an organ": (POLICE + act(by="group/g"), "xar cc-3", []),
    "before a treaty is in force": (act(when=on("1999")), "xar cc-3", ["xar lc"]),
    "on the day before": (act(when=on("2000-04-23")), "xar cc-3", ["xar lc-7"]),
    "on the day itself": (act(when=on("2000-04-24")), "xar lc-7", []),
    "in the year of a withdrawal": (TREATY + GONE + act(when=on("2000")), "xar t-1", []),
    "after a withdrawal": (TREATY + GONE + act(when=on("2001")), "xar cc-3", ["xar t-1"]),
    "of a State that only signed": (OF_CADRIA + act(by="organ/xca-x"), "xca cc-3", ["xca lc"]),
    "of a State that never joined": (act(by="organ/xbo-government"), "xbo cc-3", ["xbo rc"]),
    "of no other State": (TRIAL, "xdo lc-14", ["xar", "xbo", "xca"]),
    "by a private group": (GROUP + act(by="group/g"), "", [""]),
    "by a private group, attributed by its source": (GROUP + act(by="group/g", more=STATED), "xar cc-3", []),
    "without a date": (act(when=""), "", [""]),
    "of a class without a basis": (act(kind="UseOfForce"), "", [""]),
    "of a class below that of a basis": (TREATY + BASIS + act(kind="Torture"), "xar t-1", []),
    "of a class beside that of a basis": (TREATY + BASIS + act(kind="DetentionConditions"), "", ["xar t-1"]),
}


@pytest.mark.parametrize("name", ENGAGED)
def test_an_act_engages_the_duties_in_force_for_its_state_and_no_others(name):
    text, some, none = ENGAGED[name]
    found = {" ".join(one) for one in engaged(text)}
    assert {*filter(None, some.split(", "))} <= found
    assert [] == [one for one in found if one.startswith(tuple(none))]


def fit(when, provision="lc-7", text=""):
    """Return the temporal fits of a forced return with a provision; LC 7 bound Arland since 24 April 2000."""
    where = (
        f"?x ans:characterises <id/act/deed> ; ans:concernsProvision <id/provision/{provision}> ; ans:hasTemporalFit ?y"
    )
    return {y for _, y in derive(text + act(when=when))(where)}


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        (on("2000"), "possible"),
        (on("2001"), "certain"),
        ('ans:startDate "1999"^^xsd:gYear ;', "possible"),
        ('ans:startDate "2010"^^xsd:gYear ;', "certain"),
    ],
)
def test_an_act_that_may_have_been_before_entry_into_force_fits_only_possibly(when, fits):
    assert {f"temporal-fit/{fits}"} == fit(when)


def test_a_period_open_at_its_end_fits_an_ended_duty_only_possibly():
    assert {"temporal-fit/possible"} == fit('ans:startDate "1999"^^xsd:gYear ;', "t-1", TREATY + GONE)


def test_an_engagement_carries_its_whole_justification():
    ask = derive(act())
    found = ask(
        "?x a ans:Engagement ; ans:characterises <id/act/deed> ; ans:concernsProvision <id/provision/cc-3> ; "
        "ans:concernsState <id/state/xar> ; ans:concernsRight <scheme/right/non-refoulement> ; ans:hasBasis/ans:coversActClass ans:Removal ; ans:matchesActClass ans:Removal ; "
        "ans:isEngagementOf/ans:isGroundedIn ?y ; ans:isGroundedIn ?y ; ans:hasTemporalFit <scheme/temporal-fit/certain> ; "
        'ans:beginsOn "2011-06-01"^^<http://www.w3.org/2001/XMLSchema#date> ; ans:endsOn "2011-06-30"^^<http://www.w3.org/2001/XMLSchema#date>'
    )
    assert {("engagement/deed--xar-cc-3-1998-09-25", "participation/xar-cc")} == found


COMPLAINT = """<id/communication/c> a ans:Communication ; ans:isBroughtUnder <id/provision/UNDER> .
<id/act/deed> ans:affectsCommunication <id/communication/c> ."""


def petitioned(under, when="2011-06"):
    """Return the provisions that a disregard of interim measures engages, for a complaint under this provision."""
    deed = act(kind="InterimMeasuresNotFollowed", when=f'ans:date "{when}"^^xsd:gYearMonth ;')
    return {provision for _, provision in engaged(deed + COMPLAINT.replace("UNDER", under))}


def test_a_disregarded_complaint_engages_the_provision_it_was_brought_under_once_it_was_accepted_and_no_other():
    assert ({"cc-22"}, {"lp-1"}) == (petitioned("cc-22"), petitioned("lp-1"))
    assert set() == petitioned("cc-22", when="2007-06")  # before the procedure was accepted
    assert set() == engaged(act(kind="InterimMeasuresNotFollowed"))  # of no known complaint


# Found, alleged, engaged: never mixed

FINDING = """<id/finding/f> a ans:Finding ; ans:characterises <id/act/deed> ; ans:invokes <id/provision/cc-3> ;
    ans:concernsState <id/state/xar> ; ans:hasSpeaker <id/SPEAKER> ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ."""
ALLEGATION = """<id/allegation/a> a ans:Allegation ; ans:characterises <id/act/deed> ; WHAT ;
    ans:concernsState <id/state/xar> ; ans:hasSpeaker <id/organisation/rights-watch> ."""


def kinds(text):
    """Return which of the two verdict classes the act is of."""
    return {
        y.removeprefix(terms.VOCABULARY)
        for _, y in derive(text)("?x a ?y FILTER (?x = <id/act/deed> && ?y IN (ans:Violation, ans:AllegedViolation))")
    }


OF_COMMITTEE = FINDING.replace("SPEAKER", "body/custody-committee")
VERDICTS = {
    "an engagement": ("", set()),
    "a finding of a treaty body": (OF_COMMITTEE, {"Violation"}),
    "one on the article alone": (OF_COMMITTEE.replace("ans:characterises <id/act/deed> ;", ""), set()),
    "one by somebody without competence": (FINDING.replace("SPEAKER", "organisation/rights-watch"), set()),
    "an allegation": (ALLEGATION.replace("WHAT", "ans:invokes <id/provision/cc-3>"), {"AllegedViolation"}),
    "one of a right": (
        ALLEGATION.replace("WHAT", "ans:invokesRight <scheme/right/non-refoulement>"),
        {"AllegedViolation"},
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_what_makes_an_act_a_violation_or_an_alleged_one(name):
    text, classes = VERDICTS[name]
    assert classes == kinds(act() + text)


def examined(outcome, speaker="body/custody-committee"):
    """Return under what an act was examined, and what it was found to breach, after a finding of this outcome."""
    ask = derive(act() + FINDING.replace("SPEAKER", speaker).replace("outcome/breach", f"outcome/{outcome}"))
    return tuple(
        {y.removeprefix("provision/") for _, y in ask(f"?x ans:{way} ?y FILTER (?x = <id/act/deed>)")}
        for way in ("examinedUnder", "foundToBreach")
    )


def test_an_act_was_examined_under_a_provision_where_a_body_with_competence_decided_either_way():
    assert ({"cc-3"}, {"cc-3"}) == examined("breach")
    assert ({"cc-3"}, set()) == examined("no-breach")
    for outcome in ("not-reached", "inadmissible", "inadmissible-domestic-remedies"):
        assert (set(), set()) == examined(outcome), outcome
    assert (set(), set()) == examined("no-breach", "organisation/rights-watch")


def test_a_finding_on_the_article_alone_says_nothing_of_an_act():
    ask = derive(act() + VERDICTS["one on the article alone"][0])
    assert set() == ask("?x ans:examinedUnder ?y") == ask("?x ans:foundToBreach ?y")


def test_an_allegation_of_a_right_names_no_provision():
    ask = derive(act() + ALLEGATION.replace("WHAT", "ans:invokesRight <scheme/right/non-refoulement>"))
    assert set() == ask("?x ans:allegedToBreach ?y FILTER (?x = <id/act/deed>)")
    assert {("act/deed", "right/non-refoulement")} == ask("?x ans:allegedToInfringe ?y FILTER (?x = <id/act/deed>)")


# Promises

PROMISE = """<id/recommendation/r> a ans:Recommendation ; ans:isAddressedTo <id/state/STATE> ; ans:concerns <scheme/right/RIGHT> .
<id/response/p> a ans:Response ; ans:respondsTo <id/recommendation/r> ; ans:hasResponseValue <scheme/response/VALUE> ; ans:date "WHEN"^^xsd:date ."""


def promised(state="xar", right="non-refoulement", value="supported", when="2010-02-16", more=""):
    """Return what the June 2011 act follows, after a recommendation with this response."""
    text = PROMISE.replace("STATE", state).replace("RIGHT", right).replace("VALUE", value).replace("WHEN", when)
    return derive(act() + text + more)("?x ans:followsAcceptedRecommendation ?y FILTER (?x = <id/act/deed>)")


AGAIN = """<id/response/q> a ans:Response ; ans:respondsTo <id/recommendation/r> ;
    ans:hasResponseValue <scheme/response/{}> ; ans:date "{}"^^xsd:date ."""
WHOLE = '<id/event/e> a ans:{} ; {} "2011-06"^^xsd:gYearMonth . <id/act/deed> ans:isPartOf <id/event/e> .'
# How the recommendation was answered, and whether the act follows it.
PROMISES = {
    "accepted before": ({}, True),
    "accepted as carried out": ({"value": "supported-implemented"}, True),
    "accepted as under way": ({"value": "supported-in-process"}, True),
    "noted": ({"value": "noted"}, False),
    "deferred": ({"value": "deferred"}, False),
    "accepted on another right": ({"right": "religion"}, False),
    "accepted by another State": ({"state": "xbo"}, False),
    "accepted later": ({"when": "2011-07-01"}, False),
    "accepted in the month of the act": ({"when": "2011-06-01"}, False),
    "taken back before": ({"more": AGAIN.format("rejected", "2010-09-01")}, False),
    "taken back later": ({"more": AGAIN.format("rejected", "2012-09-01")}, True),
    "repeated in a narrower form": ({"more": AGAIN.format("supported-in-process", "2010-09-01")}, True),
    "perhaps after a situation began": ({"more": WHOLE.format("Situation", "ans:date")}, False),
    "before a situation began": ({"more": WHOLE.format("Situation", "ans:startDate")}, True),
    "before an event": ({"more": WHOLE.format("Event", "ans:date")}, True),
}


@pytest.mark.parametrize("name", PROMISES)
def test_an_act_follows_what_its_state_accepted_before_on_a_right_it_engages_and_nothing_else(name):
    case, follows = PROMISES[name]
    assert ({("act/deed", "recommendation/r")} if follows else set()) == promised(**case)


# Contests


def contested(standing):
    """Return what is contested when somebody of this standing denies the act."""
    denial = (
        f"<id/statement/s> a ans:Statement ; ans:denies <id/act/deed> ; ans:hasStanding <scheme/standing/{standing}> ."
    )
    return derive(act() + denial)("?x ans:isContestedBy ?y FILTER (?x = <id/act/deed>)")


@pytest.mark.parametrize(
    ("standing", "contests"),
    [("official", True), ("court", True), ("press", False), ("defendant", False), ("own-voice", False)],
)
def test_a_denial_by_an_official_or_a_court_contests_and_one_by_anybody_else_is_a_statement_and_no_more(
    standing, contests
):
    assert ({("act/deed", "statement/s")} if contests else set()) == contested(standing)


def test_rules_that_divide_a_task_write_what_they_make_alike():
    """SPARQL cannot share a template, and a rule for each case has a plan of its own; so the template stands twice, and is equal."""
    names = ("20-treaty-obligations", "20-treaty-obligations-reserved")
    rules = [(PROJECT / f"queries/rules/links/{name}.rq").read_text(encoding="utf-8") for name in names]
    templates = [re.search(r"^CONSTRUCT \{.*?^\}", text, re.MULTILINE | re.DOTALL)[0].split() for text in rules]
    assert templates[0] == templates[1] and len(templates[0]) > 20


def test_both_rules_ask_alike_for_an_official_behind_the_act_that_is_not_answered():
    names = ("30-bases-of-acts", "31-engagements")
    rules = [(PROJECT / f"queries/rules/links/{name}.rq").read_text(encoding="utf-8") for name in names]
    (first,), (second,) = (
        [line.strip() for line in text.splitlines() if "ans:needsOfficialAct" in line] for text in rules
    )
    assert first == second


@pytest.mark.parametrize(
    ("ended", "began", "shared"),
    [
        ("2010-12", "2011-03", {"victim-child", "ground-sex"}),
        ("2010", "2010", {"victim-child", "ground-sex"}),
        ("2010-01", "2012-01", {"ground-sex"}),
        ("", "2010", {"ground-sex"}),
        ("2010", "", {"ground-sex"}),
    ],
)
def test_that_a_victim_was_a_child_passes_on_only_to_an_omission_that_followed_soon(ended, began, shared):
    act, omission = (
        f'ans:date "{day}"^^xsd:{ {4: "gYear", 7: "gYearMonth"}[len(day)] } ; ' if day else "" for day in (ended, began)
    )
    ask = derive(f"""<id/act/harm> a ans:Torture ; {act} ans:hasCircumstance <scheme/circumstance/victim-child> , <scheme/circumstance/ground-sex> .
        <id/act/left> a ans:InquiryNotGiven ; {omission} ans:failsToAnswer <id/act/harm> .""")
    assert shared == {y.removeprefix("circumstance/") for _, y in ask("?x ans:sharesCircumstance ?y")}

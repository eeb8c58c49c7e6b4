"""How the questions answer, whatever they are asked: on the frozen graph, and on a few invented facts."""

import io
import json
import re

import pytest
from rdflib import Graph, URIRef
from rdflib import Literal as Value

from kg import terms
from kg.config import PROJECT
from kg.errors import BadParameter
from kg.sparql.question import load_questions
from kg.store import Query
from kg.terms import Iri
from tests import frozen, turtle
from tests.comparing import QUESTIONS, ask, cases, compare, differ, incomplete, passages, pinned, table, uncited

CASES = cases(frozen.ANSWERS)
EVERY = [tuple(case.values) for case in CASES]
ASKED = frozen.asked()


def test_a_pinned_number_or_truth_may_be_written_as_json_has_it():
    assert ["5", "true", "2.5", "id/state/xar", None, ["a", "b"]] == [
        pinned(value) for value in (5, True, 2.5, "id/state/xar", None, ["b", "a"])
    ]


def test_a_question_in_words_calls_a_parameter_without_a_name_by_its_label():
    question = frozen.questions()["recommendations-rejected"]
    assert "Arland" in question.in_words({"state": "Arland"}) and "the country" in question.in_words()


@pytest.mark.parametrize("question", load_questions(PROJECT / "queries/questions").values(), ids=lambda one: one.name)
def test_a_question_in_words_says_no_word_twice_and_leaves_no_slot(question):
    said = question.in_words()
    assert [] == re.findall(r"\b(\w+) \1\b|[{}]", said), said


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_worked_out_from_the_frozen_graph_and_cites_where_it_is_written(store, name, case):
    assert [] == incomplete(name, case)
    assert "" == compare(store, name, case, known=None)
    assert [] == uncited(ask(store, name, case["parameters"]))


# What an answer says beside its rows must rest on a passage as well.
@pytest.mark.parametrize(
    ("name", "said", "where"),
    [
        ("obligations-engaged", "boundSince", "boundBy"),
        ("decisions-and-remedies", "assessed", "assessedIn"),
        ("promises", "recommendation", "recommendedIn"),
        ("promises", "accepted", "acceptedIn"),
        ("recommendations", "response", "answeredIn"),
        ("recommendations", "assessed", "assessedIn"),
        ("recommendations", "earlierResponse", "earlierIn"),
        ("recommendations-not-taken-up", "taker", "takenUpIn"),
        ("recommendations-not-taken-up", "response", "answeredIn"),
        ("recommendations-rejected", "recommendation", "recommendedIn"),
        ("recommendations-repeated", "response", "answeredIn"),
        ("recommendations-repeated", "earlier", "earlierIn"),
        ("recommendations-repeated", "earlierResponse", "earlierAnsweredIn"),
        ("acts-outside-instrument", "reason", "recordedIn"),
        ("bound-though-disputed", "answer", "answeredIn"),
        ("bound-though-disputed", "boundSince", "boundBy"),
        ("rival-statements", "rival", "rivalIn"),
        ("where", "latitude", "locatedIn"),
    ],
)
def test_what_is_said_beside_the_fact_is_cited_where_it_is_said(store, name, said, where):
    rows = [row for one, case in EVERY if one == name for row in ask(store, name, case["parameters"]).rows]
    assert any(said in row for row in rows)
    assert [] == [row for row in rows if (said in row) != bool(passages(row, where))]


@pytest.mark.parametrize("name", sorted(ASKED))
def test_everything_an_answer_names_has_a_label(store, name):
    answer = ask(store, name, ASKED[name])
    named = {term["value"] for row in answer.rows for term in row.values() if term["type"] == "uri"}
    assert set() == named - set(answer.labels)
    assert terms.BASE not in answer.sentence and "{" not in answer.sentence


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_question_about_one_thing_is_the_part_of_the_whole_that_is_about_it(store, name):
    question, parameters = QUESTIONS[name], ASKED[name]
    things = {one.name: question.bind(parameters)[one.name].value for one in question.parameters if one.kind == "iri"}
    others = {key: term for key, term in question.bind(parameters).items() if key not in things}
    whole = json.loads(store.answer(Query(question.text, bindings=others)).body)["results"]["bindings"]
    part = [row for row in whole if all(row[key]["value"] == value for key, value in things.items())]
    expected = table([*map(question.fill, part)], question)
    answered = table(ask(store, name, parameters).rows, question)
    assert "" == differ(expected, answered)


@pytest.fixture(scope="module")
def elsewhere(store):
    """Load the release into another SPARQL engine, rdflib's."""
    buffer = io.BytesIO()
    store.dump(buffer, format="nt")
    return Graph().parse(data=buffer.getvalue(), format="nt")


# What takes rdflib, which plans no query, longer than all the others together: other engines are asked them instead.
TOILSOME = ("unexamined-obligations", "coverage", "acts-outside-instrument")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*ASKED} - {*TOILSOME}))
def test_another_engine_gives_the_same_answer(store, elsewhere, name):
    question, parameters = QUESTIONS[name], ASKED[name]
    values = {
        key: URIRef(term.value) if isinstance(term, Iri) else Value(term.value, datatype=URIRef(term.datatype))
        for key, term in question.bind(parameters).items()
    }
    rows = [
        question.fill({key: {"value": str(term)} for key, term in row.asdict().items()})
        for row in elsewhere.query(question.text, initBindings=values)
    ]
    expected = table(rows, question)
    answered = table(ask(store, name, parameters).rows, question)
    assert "" == differ(expected, answered)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (
            "findings",
            {"event": "id/event/2012-03-16-port-anzel"},
            "'id/event/2012-03-16-port-anzel' is not known here as the event. Try Port Ansel, 16 March 2012",
        ),
        ("findings", {"event": "id/act/2011-06-handover"}, "'id/act/2011-06-handover' is not known here as the event"),
        ("treaties-in-force", {"state": "id/state/xar", "day": "2011-02-29"}, "2011-02-29.*a day that exists"),
        ("contested", {"state": "id/state/xar", "stat": "id/state/xar"}, "no parameter stat"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_comes_close(store, name, values, said):
    with pytest.raises(BadParameter, match=said):
        ask(store, name, values)


# What the frozen graph does not hold, on a few invented facts


def invent(name, text, **bindings):
    """Ask a question of nothing but these facts; the rows, with things named by their last part."""
    head = "ans:AllegedViolation rdfs:subClassOf ans:Act . "
    filled = map(QUESTIONS[name].fill, turtle.answer(QUESTIONS[name].text, head + text, **bindings))
    return [{key: term["value"].rpartition("/")[2] for key, term in row.items()} for row in filled]


def test_an_act_of_no_narrower_class_is_listed_whoever_alleges_what():
    act = """<id/act/a> a ans:Act , ans:AllegedViolation ; ans:hasPerpetrator <id/organ/o> ; ans:isAttributableTo <id/state/s> ;
        ans:isReportedIn <id/passage/p> . <id/organ/o> ans:isOrganOf <id/state/s> .
        <id/passage/p> a ans:Passage ; ans:isPartOf <id/document/d> . <id/document/d> a ans:Document ."""
    assert ["ontology#Act"] == [row["class"] for row in invent("perpetrators", act, state="state/s")]
    assert ["ontology#Act"] == [row["kind"] for row in invent("rests-on-document", act, document="document/d")]


def test_a_decision_that_asks_for_nothing_is_not_given_the_remedy_of_another():
    decisions = "".join(
        f"""<id/decision/{key}> a ans:Decision ; ans:date "2012-01-01"^^xsd:date .
        <id/passage/{key}> ans:isPartOf <id/decision/{key}> . <id/finding/{key}> a ans:Finding ; ans:isReportedIn <id/passage/{key}> ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ;
        ans:concernsState <id/state/s> ; ans:invokes <id/provision/p> . """
        for key in "ab"
    )
    remedy = "<id/remedy/a> a ans:Remedy ; ans:isOrderedIn <id/decision/a> ; ans:isReportedIn <id/passage/a> ."
    rows = invent("decisions-and-remedies", decisions + remedy, state="state/s")
    assert [("a", "p", None), ("a", None, "a"), ("b", "p", None)] == [
        (row["decision"], row.get("provision"), row.get("remedy")) for row in rows
    ]


JOINT = """<id/act/a> ans:isPartOf <id/event/e> ; ans:isReportedIn <id/passage/p> ; ans:foundToBreach <id/provision/p-1> ; ans:examinedUnder <id/provision/p-1> .
<id/provision/p-1> ans:isPartOf <id/provision/p> . <id/event/e> a ans:Event . <id/o/o> ans:beginsOn 1 ; ans:isGroundedIn <id/g/g> .
<id/g/g> ans:isReportedIn <id/passage/q> . <id/finding/f> a ans:Finding ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ; ans:characterises <id/act/a> ;
ans:concernsState <id/state/s> ; ans:invokes <id/provision/p-1> .
""" + "".join(
    f"""<id/engagement/{state}> a ans:Engagement ; ans:characterises <id/act/a> ; ans:concernsState <id/state/{state}> ;
    ans:concernsProvision <id/provision/p> ; ans:isEngagementOf <id/o/o> ; ans:hasTemporalFit <x> ; ans:hasBasis <y> .\n"""
    for state in "st"
)


def test_a_finding_on_a_paragraph_examines_its_article_for_the_state_alone_that_it_is_on():
    rows = invent("obligations-engaged", JOINT, event="event/e")
    assert {"s": "a breach", "t": "none recorded"} == {row["state"]: row["found"] for row in rows}
    assert [] == invent("unexamined-obligations", JOINT, state="state/s")
    assert ["p"] == [row["provision"] for row in invent("unexamined-obligations", JOINT, state="state/t")]


def test_an_acceptance_after_the_act_is_not_the_promise_it_followed():
    facts = """<id/act/a> ans:followsAcceptedRecommendation <id/recommendation/r> ; ans:beginsOn "2011-06-01"^^xsd:date ;
        ans:isReportedIn <id/passage/p> . <id/engagement/e> a ans:Engagement ; ans:characterises <id/act/a> ;
        ans:concernsState <id/state/s> ; ans:concernsRight <scheme/right/x> . <id/recommendation/r> ans:concerns <scheme/right/x> ;
        ans:isMadeBy <id/state/m> ; ans:isAddressedTo <id/state/s> ; ans:isReportedIn <id/passage/q> .""" + "".join(
        f"""<id/response/{year}> ans:respondsTo <id/recommendation/r> ; ans:hasResponseValue <scheme/response/supported> ;
        ans:date "{year}"^^xsd:gYear ; ans:endsOn "{year}-12-31"^^xsd:date ; ans:isReportedIn <id/passage/x> ."""
        for year in (2010, 2012)
    )
    assert ["2010"] == [row["accepted"] for row in invent("promises", facts, state="state/s")]


OUTSIDE = """<id/basis/b> a ans:EngagementBasis ; ans:coversActClass ans:Act ; ans:pointsTo <id/provision/p> ; ans:concernsRight <scheme/right/x> .
<id/provision/p> ans:isProvisionOf <id/treaty/t> . <id/treaty/t> a ans:Treaty ; ans:isReportedIn <id/passage/table> .
<id/passage/table> ans:hasReading <scheme/reading/whole> ; ans:isPartOf <id/document/d> .
<id/participation/o> ans:isParticipationOf <id/state/o> ; ans:isParticipationIn <id/treaty/t> ; ans:isReportedIn <id/passage/o> .
<id/passage/o> ans:isPartOf <id/document/d> . <id/act/a> a ans:Act ; ans:isAttributableTo <id/state/s> ; ans:isReportedIn <id/passage/a> ;
ans:beginsOn "2011-06-01"^^xsd:date ; ans:endsOn "2011-06-30"^^xsd:date .
"""
JOINED = """<id/participation/s> ans:isParticipationOf <id/state/s> ; ans:isParticipationIn <id/treaty/t> ; ans:isReportedIn <id/passage/s> ."""


@pytest.mark.parametrize(
    ("relation", "reason", "recorded"),
    [
        ("", "never in force for the State, by the record", "table"),
        (JOINED, "never in force for the State, by the record", "s"),
        (
            JOINED
            + '<id/participation/s> ans:inForceFrom "2011-07-01"^^xsd:date ; ans:beginsOn "2011-07-01"^^xsd:date .',
            "before the treaty was in force",
            "s",
        ),
        (
            JOINED
            + '<id/participation/s> ans:inForceFrom "2001"^^xsd:gYear ; ans:beginsOn "2001-01-01"^^xsd:date ; ans:endsOn "2011-05-31"^^xsd:date .',
            "after the State had left the treaty",
            "s",
        ),
        (
            JOINED + '<id/participation/s> ans:inForceFrom "2001"^^xsd:gYear ; ans:beginsOn "2001-01-01"^^xsd:date .',
            "without this provision",
            "s",
        ),
        (
            JOINED + '<id/participation/s> ans:depositedOn "2011"^^xsd:gYear .',
            "a party from a day that the record does not give",
            "s",
        ),
        (
            JOINED + '<id/participation/s> ans:statusAsOf "2011-05-31"^^xsd:date .',
            "never in force for the State, by the record; the record ends on 2011-05-31, before the act",
            "s",
        ),
    ],
)
def test_an_act_outside_a_treaty_is_listed_with_the_reason(relation, reason, recorded):
    rows = invent("acts-outside-instrument", OUTSIDE + relation, state="state/s", treaty="treaty/t")
    assert [("a", recorded)] == [(row["act"], row["recordedIn"]) for row in rows]
    assert reason in rows[0]["reason"]


def test_an_act_that_engages_the_provision_or_is_nobodys_or_undated_is_not_outside_a_treaty():
    engaged = """<id/engagement/e> a ans:Engagement ; ans:characterises <id/act/a> ; ans:concernsState <id/state/s> ;
        ans:concernsProvision <id/provision/p> ."""
    assert [] == invent("acts-outside-instrument", OUTSIDE + engaged, state="state/s", treaty="treaty/t")
    for needed in ("ans:isAttributableTo <id/state/s> ;", 'ans:beginsOn "2011-06-01"^^xsd:date ;'):
        assert [] == invent("acts-outside-instrument", OUTSIDE.replace(needed, ""), state="state/s", treaty="treaty/t")


def test_a_complaint_procedure_is_left_aside_by_what_affects_no_complaint_under_it():
    petition = OUTSIDE.replace("a ans:EngagementBasis ;", "a ans:EngagementBasis ; ans:needsCommunication true ;")
    affects = "<id/act/a> ans:affectsCommunication <id/communication/c> . <id/communication/c> ans:isBroughtUnder <id/provision/p> ."
    assert [] == invent("acts-outside-instrument", petition, state="state/s", treaty="treaty/t")
    assert 1 == len(invent("acts-outside-instrument", petition + affects, state="state/s", treaty="treaty/t"))


def test_every_kind_of_gap_is_found():
    facts = """<id/event/undated> a ans:Event ; ans:isReportedIn <id/passage/p> . <id/act/undated> a ans:Act ;
        ans:isAttributableTo <id/state/s> ; ans:engages <id/obligation/o> ; ans:isReportedIn <id/passage/p> .
        <id/act/nobodys> a ans:Act ; ans:beginsOn 1 ; ans:isReportedIn <id/passage/p> .
        <id/act/free> a ans:Act , ans:Covered ; ans:beginsOn 1 ; ans:isAttributableTo <id/state/s> ; ans:isReportedIn <id/passage/p> .
        <id/act/odd> a ans:Act ; ans:beginsOn 1 ; ans:isAttributableTo <id/state/s> ; ans:isReportedIn <id/passage/p> .
        <id/basis/b> ans:coversActClass ans:Covered ; ans:concernsRight <scheme/right/x> ; ans:pointsTo <id/provision/v> .
        <id/state/s> a ans:State ; ans:isReportedIn <id/passage/p> . <id/passage/p> a ans:Passage ; ans:isPartOf <id/document/d> ;
        ans:hasReading <scheme/reading/excerpt> . <id/document/d> a ans:Document ."""
    assert {
        ("without a date", "undated"),
        ("attributed to no State", "nobodys"),
        ("engages nothing: no provision is recorded as binding the State then", "free"),
        ("engages nothing: no basis covers it", "odd"),
        ("no relation to any treaty recorded", "s"),
        ("read only in excerpts", "d"),
    } == {(row["gap"], row["thing"]) for row in invent("coverage", facts)}
    read = "<id/passage/q> ans:isPartOf <id/document/d> ; ans:hasReading <scheme/reading/whole> ."
    assert "d" not in {row["thing"] for row in invent("coverage", facts + read)}


def test_a_recommendation_taken_up_in_one_that_is_accepted_in_any_way_is_not_in_vain():
    facts = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <scheme/response/kind> skos:broader <scheme/response/supported> .
        <id/document/d> a ans:Document . <id/passage/p> ans:isPartOf <id/document/d> . <id/state/x> a ans:State .
        <id/recommendation/r> a ans:Recommendation ; ans:isMadeBy <id/organisation/o> ; ans:number "1" ; ans:isReportedIn <id/passage/p> ."""
    taken = """<id/recommendation/t> ans:takesUp <id/recommendation/r> ; ans:isMadeBy <id/state/x> ; ans:isReportedIn <id/passage/q> .
        <id/response/t> ans:respondsTo <id/recommendation/t> ; ans:isReportedIn <id/passage/q> ; ans:hasResponseValue <scheme/response/%s> ."""

    def ask_about(more):
        rows = invent("recommendations-not-taken-up", facts + more, document="document/d")
        return [(row["recommendation"], row.get("taker"), row.get("response")) for row in rows]

    assert [("r", None, None)] == ask_about("")
    assert [("r", "t", "noted")] == ask_about(taken % "noted")
    assert [] == ask_about(taken % "kind")
    assert [] == ask_about(taken % "supported")


DECIDED = """<id/finding/f> a ans:Finding ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ; ans:concernsState <id/state/s> ; ans:hasSpeaker <id/body/b> ;
    ans:characterises <id/act/a> ; ans:invokes <id/provision/p> ; ans:isReportedIn <id/passage/p> . <id/provision/p> ans:isProvisionOf <id/treaty/t> . """
DATED = '<id/act/a> ans:beginsOn "2011-06-01"^^xsd:date ; ans:endsOn "2011-06-30"^^xsd:date . '
BOUND = "<id/finding/f> ans:isSetAgainst <id/obligation/o> . "
UNBOUND = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <id/finding/f> ans:hasFitReason <scheme/fit-reason/why> .
    <scheme/fit-reason/why> skos:prefLabel "the facts have no date in this record"@en . """


@pytest.mark.parametrize(
    ("facts", "comparison"),
    [
        (DATED + UNBOUND, "the facts have no date in this record"),
        (DATED, "no obligation follows from what is recorded"),
        (DATED + BOUND, "no engagement basis covers such an act as it is recorded"),
        (DATED + BOUND + UNBOUND, "no engagement basis covers such an act as it is recorded"),
        (
            DATED
            + BOUND
            + """<id/engagement/e> a ans:Engagement ; ans:characterises <id/act/a> ;
            ans:concernsState <id/state/s> ; ans:concernsProvision <id/provision/p-1> . <id/provision/p-1> ans:isPartOf <id/provision/p> .""",
            "engaged",
        ),
    ],
)
def test_a_breach_that_was_found_is_compared_with_what_the_rules_engage(facts, comparison):
    rows = invent("found-against-engaged", DECIDED + facts, state="state/s")
    assert [("a", comparison)] == [(row["act"], row["comparison"]) for row in rows]


ALONE = DECIDED.replace("ans:characterises <id/act/a> ; ", "ans:hasStanding <scheme/standing/treaty-body> ; ") + DATED


def test_a_finding_about_the_article_alone_is_listed_once_and_with_no_act():
    named = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <scheme/finding-outcome/breach> skos:prefLabel "breach"@en .
        <id/act/b> ans:isToldAs <scheme/standing/reported> . <scheme/standing/reported> skos:prefLabel "reported"@en .
        <id/act/a> ans:isToldAs <scheme/standing/reported> . """
    for name in ("found-against-engaged", "found-alleged-engaged"):
        (row,) = invent(name, named + ALONE, state="state/s")
        assert "f" in row.values() and "act" not in row and row["told"] == ""
    assert ["no act to compare"] == [
        row["comparison"] for row in invent("found-against-engaged", ALONE, state="state/s")
    ]


@pytest.mark.parametrize("name", ["found-against-engaged", "found-alleged-engaged", "decisions-and-remedies"])
@pytest.mark.parametrize(("reading", "listed"), [("mechanical-checked", 1), ("needs-reading", 0), ("by-person", 1)])
def test_a_finding_that_has_to_be_read_again_is_left_out(name, reading, listed):
    facts = f"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <scheme/finding-outcome/breach> skos:prefLabel "breach"@en .
        <id/finding/f> ans:hasFindingReading <scheme/reading/{reading}> .
        <id/passage/p> ans:isPartOf <id/decision/d> . <id/decision/d> a ans:Decision . """
    assert listed == len(invent(name, facts + ALONE, state="state/s"))


@pytest.mark.parametrize(("outcome", "listed"), [("breach", 0), ("no-breach", 0), ("not-reached", 1)])
@pytest.mark.parametrize("under", ["p", "p-1", "p-whole"])
def test_what_a_body_examined_is_not_listed_as_unexamined_whichever_way_it_decided(outcome, listed, under):
    examined = f"<id/act/a> ans:examinedUnder <id/provision/{under}> ." if not listed else ""
    facts = f"""<id/engagement/e> a ans:Engagement ; ans:characterises <id/act/a> ; ans:concernsState <id/state/s> ; ans:concernsProvision <id/provision/p> .
        <id/act/a> ans:isReportedIn <id/passage/p> . <id/provision/p-1> ans:isPartOf <id/provision/p> . <id/provision/p> ans:isPartOf <id/provision/p-whole> .
        <id/finding/f> a ans:Finding ; ans:characterises <id/act/a> ; ans:concernsState <id/state/s> ; ans:invokes <id/provision/{under}> ;
        ans:hasFindingOutcome <scheme/finding-outcome/{outcome}> . {examined}"""
    assert listed == len(invent("unexamined-obligations", facts, state="state/s"))


def test_what_is_alleged_of_another_provision_is_not_alleged_of_this_one():
    facts = """<id/engagement/e> a ans:Engagement ; ans:characterises <id/act/a> ; ans:concernsState <id/state/s> ; ans:concernsProvision <id/provision/p> ;
        ans:concernsRight <scheme/right/x> . <id/act/a> a ans:AllegedViolation ; ans:isReportedIn <id/passage/p> ; """

    def alleged(what):
        return [row["alleged"] for row in invent("unexamined-obligations", facts + what, state="state/s")]

    assert ["none recorded"] == alleged("ans:allegedToBreach <id/provision/other> .")
    assert ["none recorded"] == alleged("ans:allegedToInfringe <scheme/right/other> .")
    assert ["a breach of the provision"] == alleged("ans:allegedToBreach <id/provision/p> .")
    wider = "ans:allegedToBreach <id/provision/whole> . <id/provision/p> ans:isPartOf <id/provision/whole> ."
    assert ["a breach of a narrower or wider provision"] == alleged(wider)
    assert ["an infringement of the right, no provision named"] == alleged("ans:allegedToInfringe <scheme/right/x> .")


def test_a_group_is_told_what_was_done_to_those_around_it_without_its_being_said_of_each():
    facts = """<id/group/g> a ans:PersonGroup ; ans:isSubgroupOf <id/group/around> . <id/group/within> ans:isSubgroupOf <id/group/g> .
        <id/act/own> ans:hasVictim <id/group/g> , <id/group/within> ; ans:isActOfUnnamedOrganOf <id/state/s> . <id/act/narrow> ans:hasVictim <id/group/within> .
        <id/act/wide> ans:hasVictim <id/group/around> . <id/act/same> ans:overlapsWith <id/act/own> ; ans:hasVictim <id/group/stranger> .
        <id/act/far> ans:hasVictim <id/group/stranger> . """ + "".join(
        f"<id/act/{key}> a ans:Act ; ans:beginsOn 1 ; ans:isReportedIn <id/passage/p> , <id/passage/q> . "
        for key in ("own", "narrow", "wide", "same", "far")
    )
    rows = invent("group-timeline", facts, group="group/g")
    assert {
        ("own", "g", "to the group itself", "no organ named"),
        ("narrow", "within", "to a group within it", None),
        ("wide", "around", "to a larger group, not said of each member", None),
        ("same", "stranger", "overlaps with an act against it", None),
    } == {(row["act"], row["victim"], row["relation"], row.get("perpetrator")) for row in rows}
    assert 4 == len(rows)


def test_an_act_of_which_no_source_names_the_organ_says_so():
    act = "<id/act/a> a ans:Act ; ans:isActOfUnnamedOrganOf <id/state/s> ; ans:isAttributableTo <id/state/s> ; ans:isReportedIn <id/passage/p> ."
    assert [("no organ named", "a")] == [
        (row["organ"], row["act"]) for row in invent("perpetrators", act, state="state/s")
    ]


def test_a_proceeding_is_against_the_outlets_that_its_acts_were_done_to():
    facts = """<id/event/e> a ans:Proceeding ; ans:isHeldBefore <id/court/c> ; ans:beginsOn 1 ; ans:isReportedIn <id/passage/p> .
        <id/court/c> ans:isOrganOf <id/state/s> . <id/act/a> ans:hasVictim <id/organisation/paper> , <id/group/readers> . <id/organisation/paper> a ans:MediaOutlet . """
    for link in ("<id/act/a> ans:isPartOf <id/event/e> .", "<id/event/e> ans:concernsAct <id/act/a> ."):
        assert ["paper"] == [row["defendant"] for row in invent("proceedings", facts + link, state="state/s")]
    two = "<id/act/a> ans:isPartOf <id/event/e> ; ans:hasPerpetrator <id/court/c> . <id/event/e> ans:isHeldBefore <id/court/d> . <id/court/d> ans:isOrganOf <id/state/s> ."
    assert {("c", "paper"), ("d", None)} == {
        (row["before"], row.get("defendant")) for row in invent("proceedings", facts + two, state="state/s")
    }


def test_a_court_that_dismisses_and_an_office_that_denies_are_listed_and_a_defendant_is_not():
    facts = """<id/state/s> a ans:State . <id/court/c> ans:isOrganOf <id/state/s> . """ + "".join(
        f"""<id/statement/{standing}> ans:denies <id/act/a> ; ans:hasSpeaker <id/court/c> ; ans:hasStanding <scheme/standing/{standing}> ;
        ans:isReportedIn <id/passage/p> ; ans:paraphrase "Not so." . """
        for standing in ("court", "official", "defendant")
    )
    assert {("court", "Not so."), ("official", "Not so.")} == {
        (row["statement"], row["says"]) for row in invent("contested", facts, state="state/s")
    }


def test_a_number_given_of_a_later_event_stands_apart_or_not_at_all():
    facts = """<id/event/e> a ans:Event . <id/event/after> ans:isAftermathOf <id/event/e> . <id/event/later> ans:isLaterThan <id/event/e> .
        <id/act/in> ans:isPartOf <id/event/e> . <id/act/after> ans:isPartOf <id/event/after> . <id/act/later> ans:isPartOf <id/event/later> . """
    abouts = {
        "event": "<id/event/e>",
        "act": "<id/act/in>",
        "both": "<id/act/in> , <id/event/after>",
        "after": "<id/event/after>",
        "act-after": "<id/act/after>",
        "later": "<id/event/later>",
        "act-later": "<id/act/later>",
    }
    facts += "".join(
        f"""<id/figure/{key}> a ans:Figure ; ans:isAbout {about} ; ans:counts <x> ; ans:hasSpeaker <y> ; ans:hasStanding <z> ;
        ans:hasPrecision <u> ; ans:hasUnit <v> ; ans:isReportedIn <id/passage/p> . """
        for key, about in abouts.items()
    )
    rows = [(row["figure"], row["part"]) for row in invent("rival-figures", facts, event="event/e")]
    assert [
        *((key, "the event itself") for key in ("act", "both", "event")),
        *((key, "what followed it") for key in ("act-after", "after")),
    ] == sorted(rows, key=lambda row: (row[1], row[0]))

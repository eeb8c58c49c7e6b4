"""How the questions answer, whatever they are asked: on the frozen graph, and on a few invented facts."""

import io
import json

import pytest
from rdflib import Graph, URIRef
from rdflib import Literal as Value

from kg import terms
from kg.errors import BadParameter
from kg.store import Query, Store
from kg.terms import Iri
from tests import frozen
from tests.comparing import QUESTIONS, ask, cases, compare, differ, incomplete, passages, pinned, table, uncited

CASES = cases(frozen.ANSWERS)
EVERY = [tuple(case.values) for case in CASES]
ASKED = frozen.asked()


def test_a_pinned_number_or_truth_may_be_written_as_json_has_it():
    assert ["5", "true", "2.5", "id/state/xar", None, ["a", "b"]] == [
        pinned(value) for value in (5, True, 2.5, "id/state/xar", None, ["b", "a"])
    ]


@pytest.fixture(scope="module")
def store(world):
    """Open the release of the frozen graph as those do who serve it."""
    with Store.open(world.store_path) as opened:
        yield opened


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_case_is_complete_in_itself(name, case):
    assert [] == incomplete(name, case)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_worked_out_from_the_frozen_graph(store, name, case):
    assert "" == compare(store, name, case, known=None)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_every_row_cites_where_it_is_written(store, name, case):
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
    expected = table(part, question)
    answered = table(ask(store, name, parameters).rows, question)
    assert "" == differ(expected, answered)


@pytest.fixture(scope="module")
def elsewhere(store):
    """Load the release into another SPARQL engine, rdflib's."""
    buffer = io.BytesIO()
    store.dump(buffer, format="nt")
    return Graph().parse(data=buffer.getvalue(), format="nt")


@pytest.mark.parametrize("name", sorted(ASKED))
def test_another_engine_gives_the_same_answer(store, elsewhere, name):
    question, parameters = QUESTIONS[name], ASKED[name]
    values = {
        key: URIRef(term.value) if isinstance(term, Iri) else Value(term.value, datatype=URIRef(term.datatype))
        for key, term in question.bind(parameters).items()
    }
    rows = [
        {key: {"value": str(term)} for key, term in row.asdict().items()}
        for row in elsewhere.query(question.text, initBindings=values)
    ]
    expected = table(rows, question)
    answered = table(ask(store, name, parameters).rows, question)
    assert "" == differ(expected, answered)


def test_an_unknown_thing_is_refused_with_those_that_come_close(store):
    with pytest.raises(
        BadParameter, match=r"id/event/2012-03-16-port-anzel is not known.*id/event/2012-03-16-port-ansel"
    ):
        ask(store, "findings", {"event": "id/event/2012-03-16-port-anzel"})


def test_a_thing_of_another_class_is_refused(store):
    with pytest.raises(BadParameter, match="id/act/2011-06-handover is not known here as the event"):
        ask(store, "findings", {"event": "id/act/2011-06-handover"})


def test_a_day_that_never_was_is_refused(store):
    with pytest.raises(BadParameter, match="2011-02-29.*a day that exists"):
        ask(store, "treaties-in-force", {"state": "id/state/xar", "day": "2011-02-29"})


def test_a_parameter_that_the_question_does_not_take_is_refused(store):
    with pytest.raises(BadParameter, match="no parameter stat"):
        ask(store, "contested", {"state": "id/state/xar", "stat": "id/state/xar"})


# What the frozen graph does not hold, on a few invented facts


def invent(name, text, **bindings):
    """Ask a question of nothing but these facts; the rows, with things named by their last part."""
    head = f"@prefix ans: <{terms.VOCABULARY}> . @prefix xsd: <{terms.PREFIXES['xsd']}> . @base <{terms.BASE}> .\n"
    head += f"@prefix rdfs: <{terms.PREFIXES['rdfs']}> . ans:AllegedViolation rdfs:subClassOf ans:Act .\n"
    with Store.memory() as store:
        store.load((head + text).encode(), format="ttl", graph=None, source="invented")
        terms_ = {key: Iri(terms.ID + value) for key, value in bindings.items()}
        rows = json.loads(store.answer(Query(QUESTIONS[name].text, bindings=terms_)).body)["results"]["bindings"]
    return [{key: term["value"].rpartition("/")[2] for key, term in row.items()} for row in rows]


def test_an_act_of_no_narrower_class_is_listed_whoever_alleges_what():
    act = """<id/act/a> a ans:Act , ans:AllegedViolation ; ans:hasPerpetrator <id/organ/o> ; ans:isAttributableTo <id/state/s> ;
        ans:isReportedIn <id/passage/p> . <id/organ/o> ans:isOrganOf <id/state/s> .
        <id/passage/p> a ans:Passage ; ans:isPartOf <id/document/d> . <id/document/d> a ans:Document ."""
    assert ["ontology#Act"] == [row["class"] for row in invent("perpetrators", act, state="state/s")]
    assert ["ontology#Act"] == [row["kind"] for row in invent("rests-on-document", act, document="document/d")]


def test_a_decision_that_asks_for_nothing_is_not_given_the_remedy_of_another():
    decisions = "".join(
        f"""<id/decision/{key}> a ans:Decision ; ans:date "2012-01-01"^^xsd:date .
        <id/passage/{key}> ans:isPartOf <id/decision/{key}> . <id/finding/{key}> a ans:Finding ; ans:isReportedIn <id/passage/{key}> ;
        ans:concernsState <id/state/s> ; ans:invokes <id/provision/p> . """
        for key in "ab"
    )
    remedy = "<id/remedy/a> a ans:Remedy ; ans:isOrderedIn <id/decision/a> ; ans:isReportedIn <id/passage/a> ."
    rows = invent("decisions-and-remedies", decisions + remedy, state="state/s")
    assert [("a", "p", None), ("a", None, "a"), ("b", "p", None)] == [
        (row["decision"], row.get("provision"), row.get("remedy")) for row in rows
    ]


JOINT = """<id/act/a> ans:isPartOf <id/event/e> ; ans:isReportedIn <id/passage/p> ; ans:foundToBreach <id/provision/p-1> .
<id/provision/p-1> ans:isPartOf <id/provision/p> . <id/event/e> a ans:Event . <id/o/o> ans:beginsOn 1 ; ans:isGroundedIn <id/g/g> .
<id/g/g> ans:isReportedIn <id/passage/q> . <id/finding/f> a ans:Finding ; ans:characterises <id/act/a> ;
ans:concernsState <id/state/s> ; ans:invokes <id/provision/p-1> .
""" + "".join(
    f"""<id/engagement/{state}> a ans:Engagement ; ans:characterises <id/act/a> ; ans:concernsState <id/state/{state}> ;
    ans:concernsProvision <id/provision/p> ; ans:isEngagementOf <id/o/o> ; ans:hasTemporalFit <x> ; ans:hasBasis <y> .\n"""
    for state in "st"
)


def test_a_finding_on_one_state_is_none_on_another_that_acted_with_it():
    rows = invent("obligations-engaged", JOINT, event="event/e")
    assert {"s": "true", "t": "false"} == {row["state"]: row["found"] for row in rows}
    assert [] == invent("unexamined-obligations", JOINT, state="state/s")
    assert ["p"] == [row["provision"] for row in invent("unexamined-obligations", JOINT, state="state/t")]


def test_a_finding_on_a_paragraph_examines_its_article():
    assert ["true"] == [
        row["found"] for row in invent("obligations-engaged", JOINT, event="event/e") if row["state"] == "s"
    ]


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

"""What the decisions of treaty bodies say for an engagement basis, and its grade, on invented decisions in the law of the frozen graph."""

import pytest

from tests.deriving import TREATY, act, derive

BODY = "<id/treaty/t> ans:isMonitoredBy <id/body/custody-committee> ."
ON_ACT = "ans:hasFactStanding <scheme/fact-standing/established>"
NAMED = '<id/basis/b> ans:conductNamed "The article names expulsion."@en .'


def decided(key, *found, outcome="violation", row=True, body="body/custody-committee", state="xar", more=""):
    """Write an act of the kind of <id/basis/b>, which points to T 1, and a decision on it with findings: provision, and what else they say."""
    told = f"; ans:isReportedIn <id/passage/{key}> " + (f"; {ON_ACT}" if row else "")
    findings = "".join(
        f"""<id/finding/{key}-{n}> a ans:Finding ; ans:characterises <id/act/{key}> ; ans:concernsState <id/state/{state}> ; ans:hasSpeaker <id/{body}> ;
        ans:isReportedIn <id/passage/{key}> ; ans:hasFindingOutcome <scheme/finding-outcome/{one.get("way", "breach")}> ; {one["on"]} .\n"""
        for n, one in enumerate(found)
    )
    return (
        act(key=key, when='ans:date "1995"^^xsd:gYear ;', more=told)
        + f"""<id/decision/{key}> a ans:Decision ; ans:isPublishedBy <id/{body}> ; ans:concernsState <id/state/{state}> ;
        ans:hasDecisionOutcome <scheme/decision-outcome/{outcome}> {more} . <id/passage/{key}> a ans:Passage ; ans:isPartOf <id/decision/{key}> .\n"""
        + findings
    )


def on(*properties, way="breach"):
    """Describe a finding by what it invokes and names, and its outcome."""
    return {"way": way, "on": " ; ".join(properties)}


T_1, T_1_2, OTHER = (f"ans:invokes <id/provision/{key}>" for key in ("t-1", "t-1-2", "cc-3"))
PART, BESIDE = "ans:namesPart <id/provision/t-1-2>", "ans:isReadWith <id/provision/t-1>"


def evidence(text, basis="b"):
    """Return how many acts of a basis were decided, found in any breach and found in breach of its provision; empty where it has no number."""
    ask = derive(TREATY + BODY + text)
    names = ("actsDecided", "actsFoundInAnyBreach", "actsFoundInBreach")
    return tuple(
        int(number) for name in names for _, number in ask(f"?x ans:{name} ?y FILTER (?x = <id/basis/{basis}>)")
    )


# What is written of decided acts, and the numbers.
COUNTED = {
    "a breach of the provision": (decided("a", on(T_1)), (1, 1, 1)),
    "a breach of a part of it": (decided("a", on(T_1_2)), (1, 1, 1)),
    "two breaches of it on one act": (decided("a", on(T_1), on(T_1_2)), (1, 1, 1)),
    "a breach of another provision": (decided("a", on(OTHER)), (1, 1, 0)),
    "a breach of another that is read with it": (decided("a", on(OTHER, BESIDE)), (1, 1, 0)),
    "no breach": (decided("a", on(T_1, way="no-breach"), outcome="no-violation"), (1, 0, 0)),
    "not reached": (decided("a", on(T_1, way="not-reached")), (1, 0, 0)),
    "an act without a finding": (decided("a", outcome="no-violation"), (1, 0, 0)),
    "three acts": (decided("a", on(T_1)) + decided("b", on(OTHER)) + decided("c", outcome="mixed"), (3, 2, 1)),
    "of an act that no reader wrote down as decided": (decided("a", on(T_1), row=False), (1, 1, 1)),
    "told of and not decided": (decided("a", row=False), ()),
    "told of and not reached": (decided("a", on(T_1, way="not-reached"), row=False), ()),
    "by a body of another treaty": (decided("a", on(T_1), body="body/liberties-committee"), ()),
    "of another State": (decided("a", on(T_1), state="xbo"), ()),
    "inadmissible": (decided("a", outcome="inadmissible"), ()),
    "the text of another decision again": (decided("a", on(T_1), more="; ans:repeatsTextOf <id/decision/z>"), ()),
    "of no decided act": (act(when='ans:date "1995"^^xsd:gYear ;'), ()),
}


@pytest.mark.parametrize("name", COUNTED)
def test_the_evidence_of_a_basis_counts_the_acts_that_the_body_of_its_treaty_decided_on_the_merits(name):
    text, numbers = COUNTED[name]
    assert numbers == evidence(text)


def test_a_finding_on_an_article_counts_for_a_part_only_where_it_names_the_part():
    basis = "<id/basis/c> a ans:EngagementBasis ; ans:coversActClass ans:Removal ; ans:concernsRight <scheme/right/remedy> ; ans:pointsTo <id/provision/t-1-2> ."
    assert (2, 2, 1) == evidence(basis + decided("a", on(T_1)) + decided("b", on(T_1, PART)), basis="c")


def test_an_act_outside_the_time_of_the_duty_is_no_evidence():
    assert () == evidence(decided("a", on(T_1)).replace('"1995"', '"1985"'))


def graded(text):
    """Return the grades of the basis and of the engagements by it."""
    ask = derive(TREATY + BODY + text)
    of_basis = {y for _, y in ask("?x ans:hasGrade ?y FILTER (?x = <id/basis/b>)")}
    of_engagements = {y for _, y in ask("?x a ans:Engagement ; ans:hasBasis <id/basis/b> ; ans:hasGrade ?y")}
    assert of_basis == of_engagements or not of_engagements
    return {grade.rpartition("/")[2] for grade in of_basis}


def cases(breaches, others, cleared=0):
    """Write decided acts: so many in breach of T 1, so many in breach of something else, so many in none."""
    keys = iter("abcdefghijklmnop")
    return (
        "".join(decided(next(keys), on(T_1)) for _ in range(breaches))
        + "".join(decided(next(keys), on(OTHER)) for _ in range(others))
        + "".join(decided(next(keys), outcome="no-violation") for _ in range(cleared))
    )


GRADED = {
    "five breaches, all of it": (cases(5, 0), "first"),
    "six breaches, four of it": (cases(4, 2), "first"),
    "five breaches, three of it": (cases(3, 2), "also"),
    "five breaches of it and many acts in none": (cases(5, 0, 6), "first"),
    "four breaches, all of it": (cases(4, 0), "also"),
    "four breaches and the conduct named": (cases(1, 3) + NAMED, "first"),
    "no decided act and the conduct named": (act() + NAMED, "first"),
    "no decided act": (act(), "also"),
    "five breaches, three of it, and the conduct named": (cases(3, 2) + NAMED, "also"),
}


@pytest.mark.parametrize("name", GRADED)
def test_a_duty_is_named_first_by_what_bodies_found_and_where_they_decided_little_by_its_words(name):
    text, grade = GRADED[name]
    assert {grade} == graded(text)


def test_an_engagement_by_two_bases_has_one_grade_and_the_first_wins():
    wider = "<id/basis/c> a ans:EngagementBasis ; ans:coversActClass ans:Act ; ans:concernsRight <scheme/right/remedy> ; ans:pointsTo <id/provision/t-1> ."
    ask = derive(TREATY + BODY + wider + NAMED + act())
    assert {"engagement-grade/also"} == {y for _, y in ask("?x ans:hasGrade ?y FILTER (?x = <id/basis/c>)")}
    found = ask("?x ans:concernsProvision <id/provision/t-1> ; a ans:Engagement ; ans:hasGrade ?y")
    assert {"engagement-grade/first"} == {y for _, y in found} and 1 == len(found)

"""Each condition that an engagement basis may name, on invented acts in the law of the frozen graph: where it is met, and where not."""

import pytest

from tests.test_rules import TREATY, act, engaged

CONDITIONED = """<id/basis/c> a ans:EngagementBasis ; ans:coversActClass ans:KIND ; ans:concernsRight <scheme/right/remedy> ; ans:pointsTo <id/provision/t-1> ; NEEDS ."""
ANSWERED = (
    """; ans:failsToAnswer <id/act/called> . <id/act/called> a ans:Torture ; skos:prefLabel "called"@en ; WHEN MORE"""
)
IN_TIME = 'ans:date "1995"^^xsd:gYear ;'


def meets(needs, more="", kind="UseOfForce"):
    """Whether an act with these triples engages T 1, in force since 1990, by a basis with these needs."""
    basis = CONDITIONED.replace("KIND", kind).replace("NEEDS", needs)
    return ("xar", "t-1") in engaged(TREATY + basis + act(kind=kind, when=IN_TIME, more=more))


def circumstances(*names):
    return "".join(f"; ans:hasCircumstance <scheme/circumstance/{name}>" for name in names)


def test_a_basis_that_needs_a_circumstance_takes_any_of_those_it_names_and_those_below():
    needs = "ans:needsCircumstance <scheme/circumstance/victim-child> , <scheme/circumstance/victim-held>"
    assert meets(needs, circumstances("victim-child"))
    assert meets(needs, circumstances("victim-held"))
    assert meets(needs, circumstances("victim-unaccompanied-child"))
    assert not meets(needs)
    assert not meets(needs, circumstances("victim-woman"))


def test_a_basis_that_needs_a_further_circumstance_takes_none_without_it():
    needs = "ans:needsCircumstance <scheme/circumstance/victim-woman> ; ans:needsAlsoCircumstance <scheme/circumstance/ground-sex>"
    assert meets(needs, circumstances("victim-woman", "ground-sex"))
    assert not meets(needs, circumstances("victim-woman"))
    assert not meets(needs, circumstances("ground-sex"))


def omission(needs, answered=IN_TIME, more="", own=""):
    """Whether an inquiry not given into torture of this date engages T 1 by a basis with these needs."""
    return meets(needs, own + ANSWERED.replace("WHEN", answered).replace("MORE", more), kind="InquiryNotGiven")


def test_an_omission_must_answer_to_an_act_of_the_class_that_the_basis_names_or_below():
    assert omission("ans:needsAnswerTo ans:IllTreatment")
    assert omission("ans:needsAnswerTo ans:Killing , ans:Torture")
    assert not omission("ans:needsAnswerTo ans:Killing")
    assert not meets("ans:needsAnswerTo ans:IllTreatment", kind="InquiryNotGiven")


@pytest.mark.parametrize(
    ("answered", "falls"),
    [
        (IN_TIME, True),
        ('ans:date "1989"^^xsd:gYear ;', False),
        ('ans:startDate "1985"^^xsd:gYear ; ans:endDate "1991"^^xsd:gYear ;', True),
        ('ans:startDate "1985"^^xsd:gYear ;', True),
        ("", False),
    ],
)
def test_the_act_that_an_omission_answers_to_may_have_to_fall_in_the_period_of_the_duty(answered, falls):
    assert omission("ans:needsAnswerTo ans:Torture", answered)
    assert falls is omission("ans:needsAnswerTo ans:Torture ; ans:needsUnderlyingActInPeriod true", answered)


def test_the_act_that_an_omission_answers_to_may_have_to_be_one_of_officials():
    needs = "ans:needsAnswerTo ans:Torture ; ans:needsOfficialAct true"
    assert omission(needs, more="ans:hasPerpetrator <id/organ/xar-police>")
    assert omission(needs, own=circumstances("official-capacity"))
    assert omission(needs, more="ans:hasCircumstance <scheme/circumstance/official-capacity>")
    assert not omission(needs)
    assert not omission(needs, more="ans:hasPerpetrator <id/organ/xbo-government>")


def test_an_omission_has_the_circumstances_of_the_act_that_it_answers_to():
    needs = "ans:needsCircumstance <scheme/circumstance/victim-child>"
    assert omission(needs, more="ans:hasCircumstance <scheme/circumstance/victim-unaccompanied-child>")
    assert not omission(needs, more="ans:hasCircumstance <scheme/circumstance/victim-woman>")

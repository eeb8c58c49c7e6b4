"""Each condition that an engagement basis may name, on invented acts in the law of the frozen graph: where it is met, and where not."""

import functools

import pytest

from tests.deriving import TREATY, act, apart, derive

CHILD, WOMAN, ALONE, HELD = (f"victim-{name}" for name in ("child", "woman", "unaccompanied-child", "held"))
EITHER = f"ans:needsCircumstance <scheme/circumstance/{CHILD}> , <scheme/circumstance/{HELD}>"
BOTH = (
    f"ans:needsCircumstance <scheme/circumstance/{WOMAN}> ; ans:needsAlsoCircumstance <scheme/circumstance/ground-sex>"
)
TORTURE = "ans:needsAnswerTo ans:Torture"
IN_PERIOD, OFFICIAL = f"{TORTURE} ; ans:needsUnderlyingActInPeriod true", f"{TORTURE} ; ans:needsOfficialAct true"
TOGETHER, BEFORE = f"{IN_PERIOD} ; ans:needsOfficialAct true", 'ans:date "1989"^^xsd:gYear ;'
COMPLAINED = "ans:needsCommunication true"
BROUGHT = "; ans:affectsCommunication <id/communication/c> . <id/communication/c> ans:isBroughtUnder <id/provision/{}>"
OF_CHILD = f"ans:needsCircumstance <scheme/circumstance/{CHILD}>"
IN_TIME = 'ans:date "1995"^^xsd:gYear ;'


def force(needs, *circumstances, kind="UseOfForce", more=""):
    """Write an act with circumstances, and a basis with needs for its class that points to T 1, in force since 1990."""
    basis = f"<id/basis/c> a ans:EngagementBasis ; ans:coversActClass ans:{kind} ; ans:concernsRight <scheme/right/remedy> ; "
    more += "".join(f"; ans:hasCircumstance <scheme/circumstance/{name}>" for name in circumstances)
    return TREATY + f"{basis} ans:pointsTo <id/provision/t-1> ; {needs} ." + act(kind=kind, when=IN_TIME, more=more)


def omission(needs, *circumstances, answered=IN_TIME, more=""):
    """Write an inquiry not given into torture of this date, and a basis with needs for it."""
    called = f'<id/act/called> a ans:Torture ; skos:prefLabel "called"@en ; {answered} {more}'
    return (
        force(needs, *circumstances, kind="InquiryNotGiven", more="; ans:failsToAnswer <id/act/called>") + called + "."
    )


# What a basis may ask for: acts that meet it, and acts that do not.
CONDITIONS = {
    "a circumstance, which is any of those named and those below": (
        [force(EITHER, CHILD), force(EITHER, HELD), force(EITHER, ALONE)],
        [force(EITHER), force(EITHER, WOMAN)],
    ),
    "a further circumstance, without which none of the first counts": (
        [force(BOTH, WOMAN, "ground-sex")],
        [force(BOTH, WOMAN), force(BOTH, "ground-sex")],
    ),
    "an answer to an act of a class, or of one below": (
        [omission("ans:needsAnswerTo ans:IllTreatment"), omission("ans:needsAnswerTo ans:Killing , ans:Torture")],
        [
            omission("ans:needsAnswerTo ans:Killing"),
            force("ans:needsAnswerTo ans:IllTreatment", kind="InquiryNotGiven"),
        ],
    ),
    "an answer to an act in the period of the duty": (
        [
            omission(IN_PERIOD),
            omission(IN_PERIOD, answered='ans:startDate "1985"^^xsd:gYear ; ans:endDate "1991"^^xsd:gYear ;'),
            omission(IN_PERIOD, answered='ans:startDate "1985"^^xsd:gYear ;'),
            *(omission(TORTURE, answered=answered) for answered in ('ans:date "1989"^^xsd:gYear ;', "")),
        ],
        [omission(IN_PERIOD, answered='ans:date "1989"^^xsd:gYear ;'), omission(IN_PERIOD, answered="")],
    ),
    "an answer to an act of officials": (
        [
            omission(OFFICIAL, more="ans:hasPerpetrator <id/organ/xar-police>"),
            omission(OFFICIAL, "official-capacity"),
            omission(OFFICIAL, more="ans:hasCircumstance <scheme/circumstance/official-capacity>"),
        ],
        [omission(OFFICIAL), omission(OFFICIAL, more="ans:hasPerpetrator <id/organ/xbo-government>")],
    ),
    "an answer to an act of officials in the period of the duty, which is one act": (
        [omission(TOGETHER, more="ans:hasPerpetrator <id/organ/xar-police>")],
        [
            omission(TOGETHER),
            omission(TOGETHER, answered=BEFORE, more="ans:hasPerpetrator <id/organ/xar-police>"),
            omission(
                TOGETHER,
                more=f"""; ans:hasPerpetrator <id/group/some> . <id/act/deed> ans:failsToAnswer <id/act/other> .
                <id/act/other> a ans:Torture ; {BEFORE} ans:hasPerpetrator <id/organ/xar-police>""",
            ),
        ],
    ),
    "a communication under the provision, or under another of a treaty whose provision opens no procedure": (
        [force(COMPLAINED, more=BROUGHT.format("t-1")), force(COMPLAINED, more=BROUGHT.format("t-1-2"))],
        [
            force(COMPLAINED),
            force(COMPLAINED, more=BROUGHT.format("lc-1")),
            force(
                COMPLAINED,
                more=BROUGHT.format("t-1-2") + " . <id/provision/t-1> ans:opensProcedure <scheme/procedure/x>",
            ),
        ],
    ),
    "a circumstance of the act that an omission answers to": (
        [omission(OF_CHILD, more=f"ans:hasCircumstance <scheme/circumstance/{ALONE}>")],
        [omission(OF_CHILD, more=f"ans:hasCircumstance <scheme/circumstance/{WOMAN}>")],
    ),
}


@functools.cache
def world():
    """Derive all cases at once, each with its own keys."""
    cases = [text for sides in CONDITIONS.values() for side in sides for text in side]
    return {text: str(number) for number, text in enumerate(cases)}, derive(
        "".join(apart(str(number), text) for number, text in enumerate(cases))
    )


@pytest.mark.parametrize("condition", CONDITIONS)
def test_an_act_engages_a_provision_where_it_meets_what_the_basis_asks_for(condition):
    numbers, ask = world()

    def meets(text):
        number = numbers[text]
        return ask(
            f"<id/act/{number}-deed> ans:engages ?x . ?x ans:arisesFrom <id/provision/{number}-t-1> . BIND (?x AS ?y)"
        )

    met, unmet = CONDITIONS[condition]
    assert all(meets(text) for text in met) and not any(meets(text) for text in unmet)

"""An invented world of any size in the shape of data/: the same size gives the same files, byte for byte.

Cases grow with the size, each with its source and passages, an event, acts, statements, rival figures and dates, allegations,
and every fourth with a complaint, a decision and a finding; States and their participations grow with the cases; treaties,
bodies and engagement bases stay few. Nothing here is a fact about anybody, and nothing here is taken from data/.
"""

import datetime
import itertools
import random
import shutil

from kg import terms
from kg.config import PROJECT

HEADER = "\n".join(
    [
        f"@prefix ans: <{terms.VOCABULARY}> .",
        f"@prefix skos: <{terms.PREFIXES['skos']}> .",
        f"@prefix xsd: <{terms.PREFIXES['xsd']}> .",
        f"@base <{terms.BASE}> .",
        "",
        "",
    ]
)
# Each class of acts with the right at stake in it; the article of either treaty has the number of the right in this list.
ACTS = {
    "Torture": "no-torture",
    "OtherIllTreatment": "no-ill-treatment",
    "Killing": "life",
    "UseOfForce": "integrity",
    "DeprivationOfLiberty": "liberty",
    "MovementRestriction": "movement",
    "CriminalTrial": "fair-trial",
    "InquiryNotGiven": "remedy",
    "ExpressionRestriction": "expression",
    "ReligionRestriction": "religion",
    "AssemblyRestriction": "assembly",
    "PrivacyInterference": "privacy",
    "DifferentialTreatment": "non-discrimination",
}
HARM = ("Torture", "OtherIllTreatment", "Killing", "UseOfForce")  # what an inquiry that was not given must answer to
HELD = {"Torture", "OtherIllTreatment"}  # in every second case the victims are held, which one of the treaties asks for
RIGHTS = sorted(set(ACTS.values()))
TREATIES = {"covenant-a": "COV-A", "convention-b": "CONV-B"}
SPEAKERS = 10
CASES_A_STATE = 100
FIRST_DAY = datetime.date(1990, 1, 1)


class Writer:
    """Collects descriptions for one file and counts their triples."""

    def __init__(self):
        self.lines = []
        self.triples = 0

    def describe(self, thing, kind, label, **facts):
        """Describe one thing; a fact is an object as Turtle writes it, or a list of them, and None is left out."""
        said = {"skos:prefLabel": text(label)} | {f"ans:{name}": value for name, value in facts.items()}
        parts = []
        for predicate, value in said.items():
            objects = value if isinstance(value, list) else [value] if value is not None else []
            if objects:
                parts.append(f"{predicate} {' , '.join(objects)}")
                self.triples += len(objects)
        self.triples += 1
        self.lines.append(f"<id/{thing}> a ans:{kind} ;\n    " + " ;\n    ".join(parts) + " .\n")

    def save(self, path):
        """Write the file and return the number of its triples."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER + "\n".join(self.lines), encoding="utf-8")
        return self.triples


def ref(thing):
    """Write the IRI of a thing."""
    return f"<id/{thing}>"


def concept(name):
    """Write the IRI of a concept, `scheme/name`."""
    return f"<scheme/{name}>"


def text(words):
    """Write an English text."""
    return f'"{words}"@en'


def day(date):
    """Write a day."""
    return f'"{date.isoformat()}"^^xsd:date'


def project(folder, triples):
    """Make a project folder with our ontology, shapes and queries, and invented data of about so many triples.

    The named questions stay out, whose examples name shipped things. Returns the number of triples in its data/, which is never less than asked and more by one case at most.
    """
    for name in ("ontology", "shapes", "queries"):
        left = shutil.ignore_patterns("questions")
        shutil.copytree(PROJECT / name, folder / name, dirs_exist_ok=True, ignore=left)
    return write(folder / "data", triples)


def write(folder, triples):
    """Write data files of at least so many triples; return their number."""
    total = _common(folder)
    for number in itertools.count():
        if number % CASES_A_STATE == 0:
            total += _state(folder, number // CASES_A_STATE)
        if total >= triples:
            return total
        total += _case(folder, number)


def iso(number):
    """Name a State by three letters, another for each number."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return "".join(letters[number // 26**place % 26] for place in (2, 1, 0))


def _source(writer, key, label, publisher, date, paragraphs, decides=None):
    """Describe a document and its passages; return the passages."""
    writer.describe(
        f"document/{key}" if decides is None else f"decision/{key}",
        "Document" if decides is None else "Decision",
        label,
        isPublishedBy=ref(publisher),
        date=day(date),
        isDecisionOn=decides,
    )
    for number in range(1, paragraphs + 1):
        writer.describe(
            f"passage/{key}-para-{number}",
            "Passage",
            f"{label}, paragraph {number}",
            isPartOf=ref(f"document/{key}" if decides is None else f"decision/{key}"),
            paragraph=f'"{number}"',
            hasReading=concept("reading/whole"),
        )
    return [ref(f"passage/{key}-para-{number}") for number in range(1, paragraphs + 1)]


def _common(folder):
    """Write what every case shares: who speaks, the treaties, and which acts engage which provision."""
    sources, bodies, bases = Writer(), Writer(), Writer()
    (register,) = _source(sources, "register", "Register of the invented world", "body/registry", FIRST_DAY, 1)
    bodies.describe("body/registry", "InternationalBody", "Registry", isReportedIn=register)
    for number in range(SPEAKERS):
        bodies.describe(
            f"organisation/observer-{number}", "Organisation", f"Observer number {number}", isReportedIn=register
        )
    total = 0
    for key, short in TREATIES.items():
        treaty = Writer()
        bodies.describe(f"body/{key}-committee", "TreatyBody", f"Committee of {short}", isReportedIn=register)
        treaty.describe(
            f"treaty/{key}",
            "Treaty",
            f"Invented treaty {short}",
            shortName=f'"{short}"',
            adoptedOn=day(datetime.date(1970, 3, 1)),
            inForceFrom=day(datetime.date(1975, 3, 1)),
            isMonitoredBy=ref(f"body/{key}-committee"),
            isReportedIn=register,
        )
        articles = [*RIGHTS, "entry into force", "complaints"]
        for article, right in enumerate(articles, 1):
            duty = right in RIGHTS
            treaty.describe(
                f"provision/{key}-{article}",
                "Provision",
                f"{short} {article}",
                shortName=f'"{short} {article}"',
                article=f'"{article}"',
                subject=text(f"What the treaty says on {right}."),
                isProvisionOf=ref(f"treaty/{key}"),
                bearsDuty="true" if duty else "false",
                protects=concept(f"right/{right}") if duty else None,
                isReportedIn=register,
            )
        for kind, right in ACTS.items():
            provision = f"provision/{key}-{RIGHTS.index(right) + 1}"
            bases.describe(
                f"basis/{kind.lower()}--{key}-{RIGHTS.index(right) + 1}",
                "EngagementBasis",
                f"{kind} and {short} {RIGHTS.index(right) + 1}",
                coversActClass=f"ans:{kind}",
                concernsRight=concept(f"right/{right}"),
                pointsTo=ref(provision),
                rationale=text("The article is about such acts."),
                restsOn=ref(provision),
                needsAnswerTo=[f"ans:{one}" for one in HARM] if kind == "InquiryNotGiven" else None,
                needsUnderlyingActInPeriod="true" if kind == "InquiryNotGiven" else None,
                needsCircumstance=concept("circumstance/victim-held")
                if kind in HELD and key == "convention-b"
                else None,
            )
        bases.describe(
            f"no-basis/act--{key}",
            "NoBasis",
            f"Other acts and {short}",
            leavesOutActClass="ans:Act",
            leavesOut=ref(f"treaty/{key}"),
            rationale=text("The convention has no other subject."),
        )
        total += treaty.save(folder / f"treaties/{key}.ttl")
    total += sources.save(folder / "sources/register.ttl") + bodies.save(folder / "bodies/all.ttl")
    return total + bases.save(folder / "engagement/all.ttl")


def _state(folder, number):
    """Write a State with its organs, its place and its participation in both treaties."""
    key = iso(number)
    name = f"State {key.upper()}"
    sources, state = Writer(), Writer()
    (passage,) = _source(sources, f"status-{key}", f"Status of {name}", "body/registry", datetime.date(2015, 3, 14), 1)
    state.describe(f"state/{key}", "State", name, isoCode=f'"{key.upper()}"', isReportedIn=passage)
    state.describe(
        f"place/{key}", "Place", f"Territory of {name}", belongsToState=ref(f"state/{key}"), isReportedIn=passage
    )
    for organ in ("government", "police", "prosecution"):
        state.describe(
            f"organ/{key}-{organ}",
            "StateOrgan",
            f"{organ.capitalize()} of {name}",
            isOrganOf=ref(f"state/{key}"),
            isReportedIn=passage,
        )
    state.describe(
        f"cycle/{key}-1",
        "ReviewCycle",
        f"First review of {name}",
        isReviewOf=ref(f"state/{key}"),
        date=day(datetime.date(2014, 10, 30)),
        isReportedIn=passage,
    )
    clause = len(RIGHTS) + 1
    narrowed = f"reservation/{key}"
    if number % 3 == 0:
        state.describe(
            narrowed,
            "Reservation",
            f"Reservation of {name}",
            modifies=ref("provision/covenant-a-1"),
            isReportedIn=passage,
        )
    for treaty, short in TREATIES.items():
        joined = datetime.date(1976 + number % 12, 1 + number % 12, 1 + number % 28)
        state.describe(
            f"participation/{key}-{treaty}",
            "Participation",
            f"{name} and {short}",
            isParticipationOf=ref(f"state/{key}"),
            isParticipationIn=ref(f"treaty/{treaty}"),
            depositedOn=day(joined),
            hasBindingMode=concept("binding-mode/accession"),
            inForceFrom=day(joined + datetime.timedelta(days=30)),
            followsClause=ref(f"provision/{treaty}-{clause}"),
            hasReservation=ref(narrowed) if number % 3 == 0 and treaty == "covenant-a" else None,
            statusAsOf=day(datetime.date(2015, 3, 14)),
            isReportedIn=passage,
        )
    return sources.save(folder / f"sources/status-{key}.ttl") + state.save(folder / f"states/{key}.ttl")


def _case(folder, number):
    """Write one case: its sources, and what they say happened, was alleged, found, recommended and answered."""
    draw = random.Random(number)
    nation = iso(number // CASES_A_STATE)
    key, name = f"{nation}-{number}", f"case {number}"
    sources, events = Writer(), Writer()
    on = FIRST_DAY + datetime.timedelta(days=draw.randrange(8000))
    told = on + datetime.timedelta(days=draw.randrange(10, 200))
    speaker = ref(f"organisation/observer-{number % SPEAKERS}")
    passages = _source(sources, f"report-{key}", f"Report on {name}", speaker[4:-1], told, 6)
    event, victims = f"event/{key}", f"group/{key}-people"
    events.describe(
        victims,
        "PersonGroup",
        f"people of {name}",
        hasSensitivity=concept("sensitivity/pseudonymous"),
        isReportedIn=passages[0],
    )
    events.describe(
        event,
        "Event",
        f"Event of {name}",
        description=text(f"What is told of {name}."),
        date=day(on),
        happensIn=ref(f"place/{nation}"),
        isReportedIn=passages[:2],
    )
    acts = draw.sample(list(ACTS), 3)
    for index, kind in enumerate(acts):
        act = f"act/{key}-{index}"
        events.describe(
            act,
            kind,
            f"{kind} of {name}",
            description=text(f"The act numbered {index} in {name}."),
            isPartOf=ref(event),
            date=day(on),
            happensIn=ref(f"place/{nation}"),
            hasPerpetrator=ref(f"organ/{nation}-{draw.choice(['government', 'police', 'prosecution'])}"),
            hasVictim=ref(victims),
            hasCircumstance=concept("circumstance/victim-held") if kind in HELD and number % 2 else None,
            hasCircumstancePassage=passages[index] if kind in HELD and number % 2 else None,
            failsToAnswer=ref(f"act/{key}-{(index + 1) % 3}") if kind == "InquiryNotGiven" else None,
            isReportedIn=passages[index : index + 2],
        )
        events.describe(
            f"statement/{key}-{index}",
            "Statement",
            f"Observer on act {index} of {name}",
            paraphrase=text(f"The observer tells of act {index}, {kind}, in {name}."),
            hasSpeaker=speaker,
            hasStanding=concept("standing/own-voice"),
            isAbout=[ref(event), ref(act)],
            date=day(told),
            isReportedIn=passages[index],
        )
    _rivals(events, key, name, event, speaker, on, told, passages, draw)
    treaty, short = draw.choice(list(TREATIES.items()))
    article = RIGHTS.index(ACTS[acts[0]]) + 1
    common = {
        "characterises": ref(f"act/{key}-0"),
        "invokes": ref(f"provision/{treaty}-{article}"),
        "concernsState": ref(f"state/{nation}"),
    }
    events.describe(
        f"allegation/{key}",
        "Allegation",
        f"Observer: breach of {short} {article} in {name}",
        paraphrase=text(f"The observer holds that {short} {article} was breached."),
        hasSpeaker=speaker,
        hasStanding=concept("standing/judgement"),
        date=day(told),
        isReportedIn=passages[3],
        **common,
    )
    if number % 4 == 0:
        _decide(sources, events, key, name, treaty, short, article, nation, victims, common, told, passages)
    _follow(events, key, name, nation, acts, speaker, passages)
    return sources.save(folder / f"sources/{nation}/{key}.ttl") + events.save(folder / f"events/{nation}/{key}.ttl")


def _rivals(events, key, name, event, speaker, on, told, passages, draw):
    """Describe two figures and two dates that cannot both be right."""
    count = draw.randrange(2, 400)
    for kind, facts in (
        ("figure", [{"value": str(count)}, {"value": str(count + 1 + draw.randrange(9))}]),
        ("statement", [{"claimedDate": day(on)}, {"claimedDate": day(on + datetime.timedelta(days=1))}]),
    ):
        for side, own in enumerate(facts):
            if kind == "figure":
                own |= {
                    "counts": concept("counted/detained"),
                    "hasPrecision": concept("precision/exact"),
                    "hasUnit": concept("unit/person"),
                }
            events.describe(
                f"{kind}/{key}-rival-{side}",
                kind.capitalize(),
                f"Rival {kind} {side} of {name}",
                paraphrase=text(f"By account {side} of {name}."),
                hasSpeaker=speaker if side else ref(f"organisation/observer-{draw.randrange(SPEAKERS)}"),
                hasStanding=concept("standing/own-voice"),
                isAbout=ref(event),
                contradicts=None if side else ref(f"{kind}/{key}-rival-1"),
                date=day(told),
                isReportedIn=passages[4],
                **own,
            )


def _decide(sources, events, key, name, treaty, short, article, nation, victims, common, told, passages):
    """Describe a complaint, the committee's decision on it, what it found and what it asked for."""
    complaint, committee = f"communication/{key}", f"body/{treaty}-committee"
    decided = told + datetime.timedelta(days=400)
    outcome = "no-breach" if int(name.removeprefix("case ")) % 8 else "breach"
    events.describe(
        complaint,
        "Communication",
        f"complaint about {name}",
        isBroughtUnder=ref(f"provision/{treaty}-{len(RIGHTS) + 2}"),
        concernsState=ref(f"state/{nation}"),
        date=day(told),
        isReportedIn=passages[5],
    )
    merits = _source(sources, f"decision-{key}", f"Decision on {name}", committee, decided, 3, ref(complaint))
    events.describe(
        f"finding/{key}",
        "Finding",
        f"Committee: {outcome.replace('-', ' ')} of {short} {article} in {name}",
        paraphrase=text(f"The Committee decides on {short} {article}: {outcome.replace('-', ' ')}."),
        hasSpeaker=ref(committee),
        hasStanding=concept("standing/treaty-body"),
        hasFindingOutcome=concept(f"finding-outcome/{outcome}"),
        date=day(decided),
        isReportedIn=merits[1],
        **common,
    )
    events.describe(
        f"remedy/{key}",
        "Remedy",
        f"Redress in {name}",
        paraphrase=text("Give redress to those harmed."),
        isOrderedIn=ref(f"decision/decision-{key}"),
        isAddressedTo=ref(f"state/{nation}"),
        concerns=[concept("right/remedy"), ref(f"act/{key}-0")],
        isReportedIn=merits[2],
    )


def _follow(events, key, name, nation, acts, speaker, passages):
    """Describe what was recommended after a case and what the State answered."""
    events.describe(
        f"recommendation/{key}",
        "Recommendation",
        f"Recommendation after {name}",
        paraphrase=text(f"See that what happened in {name} does not happen again."),
        number=f'"{key}"',
        isMadeBy=speaker,
        isAddressedTo=ref(f"state/{nation}"),
        belongsToCycle=ref(f"cycle/{nation}-1"),
        concerns=[concept(f"right/{right}") for right in sorted({ACTS[kind] for kind in acts})],
        isReportedIn=passages[5],
    )
    events.describe(
        f"response/{key}",
        "Response",
        f"Response to the recommendation after {name}",
        paraphrase=text("The State supports the recommendation."),
        rawWording='"enjoys the support"',
        hasSpeaker=ref(f"state/{nation}"),
        hasStanding=concept("standing/official"),
        respondsTo=ref(f"recommendation/{key}"),
        hasResponseValue=concept("response/supported"),
        date=day(datetime.date(2014, 11, 4)),
        isReportedIn=passages[5],
    )

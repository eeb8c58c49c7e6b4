"""An invented world of any size in the shape of data/: the same size gives the same files, byte for byte.

Cases grow with the size, each with its source and passages, an event, acts, statements, rival figures and dates, allegations,
and every fourth with a complaint, a decision and a finding; States and their participations grow with the cases; treaties,
bodies and engagement bases stay few. Nothing here is a fact about anybody, and nothing here is taken from data/.
"""

import datetime
import itertools
import random
import shutil
from pathlib import Path

import jinja2
import pyoxigraph

from kg.config import PROJECT

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
ORGANS = ("government", "police", "prosecution")
SPEAKERS = 10
CASES_A_STATE = 100
FIRST_DAY = datetime.date(1990, 1, 1)


TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    trim_blocks=True,
    undefined=jinja2.StrictUndefined,
)
TEMPLATES.globals.update(acts=ACTS, rights=RIGHTS, treaties=TREATIES, harm=HARM, organs=ORGANS, speakers=SPEAKERS)


def fill(template, path, **values):
    """Write a file of Turtle from its template; the number of its triples."""
    text = TEMPLATES.get_template(f"{template}.ttl").render(values)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return sum(1 for _ in pyoxigraph.parse(text, pyoxigraph.RdfFormat.TURTLE))


def source(key, label, publisher, date, paragraphs, decides=None):
    """Describe a document, or a decision on a complaint, for the template of sources."""
    thing = f"{'decision' if decides else 'document'}/{key}"
    given = {"label": label, "publisher": publisher, "date": date, "paragraphs": paragraphs, "decides": decides}
    return {"key": key, "thing": thing, **given}


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


def _common(folder):
    """Write what every case shares: who speaks, the treaties, and which acts engage which provision."""
    register = source("register", "Register of the invented world", "body/registry", FIRST_DAY, 1)
    total = fill("sources", folder / "sources/register.ttl", documents=[register])
    total += fill("bodies", folder / "bodies/all.ttl")
    total += fill("engagement", folder / "engagement/all.ttl", held=HELD)
    for key, short in TREATIES.items():
        total += fill("treaty", folder / f"treaties/{key}.ttl", key=key, short=short)
    return total


def _state(folder, number):
    """Write a State with its organs, its place and its participation in both treaties."""
    key = iso(number)
    name = f"State {key.upper()}"
    status = source(f"status-{key}", f"Status of {name}", "body/registry", datetime.date(2015, 3, 14), 1)
    joined = datetime.date(1976 + number % 12, 1 + number % 12, 1 + number % 28)
    values = {"key": key, "name": name, "joined": joined, "bound": joined + datetime.timedelta(days=30)}
    total = fill("sources", folder / f"sources/status-{key}.ttl", documents=[status])
    return total + fill("state", folder / f"states/{key}.ttl", narrows=number % 3 == 0, **values)


def _case(folder, number):
    """Write one case: its sources, and what they say happened, was alleged, found, recommended and answered."""
    draw = random.Random(number)
    nation = iso(number // CASES_A_STATE)
    key, name, speaker = f"{nation}-{number}", f"case {number}", number % SPEAKERS
    on = FIRST_DAY + datetime.timedelta(days=draw.randrange(8000))
    told = on + datetime.timedelta(days=draw.randrange(10, 200))
    kinds = draw.sample(list(ACTS), 3)
    acts = [(kind, draw.choice(ORGANS)) for kind in kinds]
    count = draw.randrange(2, 400)
    facts = {"figure": (count, count + 1 + draw.randrange(9)), "statement": (on, on + datetime.timedelta(days=1))}
    # Of two that cannot both be right, the second is of the one who speaks in the whole case.
    rivals = [
        (kind, side, speaker if side else draw.randrange(SPEAKERS), fact)
        for kind, pair in facts.items()
        for side, fact in enumerate(pair)
    ]
    treaty, short = draw.choice(list(TREATIES.items()))
    decided = told + datetime.timedelta(days=400) if number % 4 == 0 else None
    documents = [source(f"report-{key}", f"Report on {name}", f"organisation/observer-{speaker}", told, 6)]
    if decided:
        committee, complaint = f"body/{treaty}-committee", f"communication/{key}"
        documents.append(source(f"decision-{key}", f"Decision on {name}", committee, decided, 3, complaint))
    total = fill("sources", folder / f"sources/{nation}/{key}.ttl", documents=documents)
    values = {
        "key": key,
        "name": name,
        "nation": nation,
        "speaker": speaker,
        "on": on,
        "told": told,
        "decided": decided,
    }
    values |= {"acts": acts, "rivals": rivals, "treaty": treaty, "short": short}
    values |= {"article": RIGHTS.index(ACTS[kinds[0]]) + 1, "stakes": sorted({ACTS[kind] for kind in kinds})}
    values |= {"held": HELD if number % 2 else (), "outcome": "no-breach" if number % 8 else "breach"}
    return total + fill("case", folder / f"events/{nation}/{key}.ttl", **values)

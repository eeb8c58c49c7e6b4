"""The frozen graph in tests/world/: a project of its own data with the shipped ontology, shapes and queries.

All of it is invented: States, treaties, events and people. It changes only with the vocabulary or with what a test needs.
"""

import json
import re
from dataclasses import replace

from kg.config import PROJECT, Settings
from kg.sparql.question import load_questions

DATA = PROJECT / "tests/world/data"
ANSWERS = PROJECT / "tests/world/answers"


def project(folder):
    """Lay the project out in an empty folder, by links. It has the questions that tests/world/answers/ pins, with examples from there."""
    for name in ("ontology", "shapes"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "data").symlink_to(DATA)
    (folder / "queries/questions").mkdir(parents=True)
    for name in ("rules", "checks", "pages"):
        (folder / "queries" / name).symlink_to(PROJECT / "queries" / name)
    for name, values in asked().items():
        text = (PROJECT / f"queries/questions/{name}.rq").read_text(encoding="utf-8")
        (folder / f"queries/questions/{name}.rq").write_text(with_examples(text, values), encoding="utf-8")
    return folder


def settings(folder):
    """Make the settings of the project in this folder, whatever the environment says."""
    return Settings.load(env={}, root=folder)


def with_examples(text, values):
    """Put these values in the place of the examples in a question's header."""
    for name, value in values.items():
        text = re.sub(
            rf"(?m)^(#\+ parameter: {name} \|[^|]*\|[^|]*\|)[^|]*\|", lambda found, to=value: f"{found[1]} {to} |", text
        )
    return text


def asked():
    """Give what the first case of each file in tests/world/answers/ asks, by the name of the question."""
    files = sorted(ANSWERS.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))[0]["parameters"] for path in files}


def questions():
    """Load the questions of the project as its release has them, with its examples."""
    shipped = load_questions(PROJECT / "queries/questions")
    return {
        name: replace(one, parameters=tuple(replace(each, example=values[each.name]) for each in one.parameters))
        for name, values in asked().items()
        for one in (shipped[name],)
    }

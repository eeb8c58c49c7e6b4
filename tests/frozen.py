"""The frozen graph in tests/world/: a project of its own data with the shipped ontology, shapes and queries.

All of it is invented: States, treaties, events and people. It changes only with the vocabulary or with what a test needs.
"""

import json
import re

from kg.config import PROJECT, Settings

DATA = PROJECT / "tests/world/data"
ANSWERS = PROJECT / "tests/world/answers"


def project(folder):
    """Lay the project out in an empty folder, by links; the examples of the questions become those of tests/world/answers/."""
    for name in ("ontology", "shapes"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "data").symlink_to(DATA)
    (folder / "queries").mkdir()
    for name in ("rules", "checks", "pages"):
        (folder / "queries" / name).symlink_to(PROJECT / "queries" / name)
    (folder / "queries/questions").mkdir()
    for path in (PROJECT / "queries/questions").glob("*.rq"):
        text = with_examples(path.read_text(encoding="utf-8"), examples(path.stem))
        (folder / "queries/questions" / path.name).write_text(text, encoding="utf-8")
    return folder


def settings(folder):
    """Make the settings of the project in this folder, whatever the environment says."""
    return Settings.load(env={}, root=folder)


def examples(question):
    """Give what the first pinned case of a question asks; nothing for a question that is pinned nowhere."""
    path = ANSWERS / f"{question}.json"
    return json.loads(path.read_text(encoding="utf-8"))[0]["parameters"] if path.exists() else {}


def with_examples(text, values):
    """Put these values in the place of the examples in a question's header."""
    for name, value in values.items():
        text = re.sub(
            rf"(?m)^(#\+ parameter: {name} \|[^|]*\|[^|]*\|)[^|]*\|", lambda found, to=value: f"{found[1]} {to} |", text
        )
    return text

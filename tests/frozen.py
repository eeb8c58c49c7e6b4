"""The frozen graph in tests/world/: a project of its own data with the shipped ontology, shapes and queries.

All of it is invented: States, treaties, events and people. It changes only with the vocabulary or with what a test needs.
"""

import json
import re

from kg.config import PROJECT, Settings

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
    for path in sorted(ANSWERS.glob("*.json")):
        asked = json.loads(path.read_text(encoding="utf-8"))[0]["parameters"]
        text = (PROJECT / f"queries/questions/{path.stem}.rq").read_text(encoding="utf-8")
        (folder / f"queries/questions/{path.stem}.rq").write_text(with_examples(text, asked), encoding="utf-8")
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

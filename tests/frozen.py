"""The frozen graph in tests/world/: a project of its own data with the shipped ontology, shapes and queries.

All of it is invented: States, treaties, events and people. It changes only with the vocabulary or with what a test needs.
"""

import json
import re
import shutil

from kg.config import PROJECT, Settings
from kg.sparql.question import parse_question

DATA = PROJECT / "tests/world/data"
ANSWERS = PROJECT / "tests/world/answers"


def project(folder, *, has_own_data=False):
    """Lay the project out in an empty folder, by links; `has_own_data` copies the data, for a test that changes them.

    It has the questions that tests/world/answers/ pins, with examples from there.
    """
    for name in ("ontology", "shapes"):
        (folder / name).symlink_to(PROJECT / name)
    if has_own_data:
        shutil.copytree(DATA, folder / "data")
    else:
        (folder / "data").symlink_to(DATA)
    (folder / "queries/questions").mkdir(parents=True)
    for name in (
        "mappings",
        "rules",
        "checks",
        "lists",
        "pages",
        "records",
        "search",
        "tables",
        "crosswalks",
        "examples",
    ):
        (folder / "queries" / name).symlink_to(PROJECT / "queries" / name)
    for name, values in asked().items():
        (folder / f"queries/questions/{name}.rq").write_text(with_examples(name, values), encoding="utf-8")
    return folder


def settings(folder):
    """Make the settings of the project in this folder, whatever the environment says."""
    return Settings.load(env={}, root=folder)


def asked():
    """Give what the first case of each file in tests/world/answers/ asks, by the name of the question."""
    files = sorted(ANSWERS.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))[0]["parameters"] for path in files}


def questions():
    """Read the questions of the project, with its examples."""
    records = {path.stem: path.read_text(encoding="utf-8") for path in (PROJECT / "queries/records").glob("*.rq")}
    return {name: parse_question(name, with_examples(name, values), name, records) for name, values in asked().items()}


def with_examples(name, values):
    """Read the text of a shipped question with these values in the place of the examples in its header."""
    text = (PROJECT / f"queries/questions/{name}.rq").read_text(encoding="utf-8")
    for parameter, value in values.items():
        field = rf"(?m)^(#\+ parameter: {parameter} \|[^|]*\|[^|]*\|)[^|]*\|"
        text = re.sub(field, lambda found, to=value: f"{found[1]} {to} |", text)
    return text


def change(text):
    """Change the file of the event in Port Ansel: the prosecutor counts one more killed, one figure goes and another comes."""
    changed = text.replace("14 killed", "15 killed").replace("ans:value 14 ;", "ans:value 15 ;")
    gone = re.search(r"<id/figure/daily-post-killed> a ans:Figure ;.*?\.\n\n", changed, re.DOTALL)[0]
    come = gone.replace("daily-post-killed", "daily-post-wounded").replace("dozens killed", "dozens wounded")
    come = come.replace("were killed", "were wounded").replace("scheme/counted/killed", "scheme/counted/wounded")
    assert changed != text and come != gone
    return changed.replace(gone, come)


def withdraw(text):
    """Change the file again, as `kg withdraw` would: the figure that came is a tombstone."""
    said = re.search(r"<id/figure/daily-post-wounded> a ans:Figure ;.*?\.\n\n", text, re.DOTALL)[0]
    left = """<id/figure/daily-post-wounded> a ans:Tombstone ;
    ans:withdrawnOn "2026-01-31"^^xsd:date ;
    ans:withdrawalReason "The safety of people."@en .

"""
    return text.replace(said, left)


def reword(text):
    """Change the messages of a file of shapes, which stand in blank nodes."""
    changed = text.replace(
        "Define a class by its parent and what sets it apart", "Define a class by what sets it apart"
    )
    assert changed != text
    return changed

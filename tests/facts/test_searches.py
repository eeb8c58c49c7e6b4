"""What people type leads to what they mean: searches.txt names for each what must stand first, in three scripts, with and without typos."""

from pathlib import Path

import pytest

from kg import terms
from kg.search.search import Search

LINES = Path(__file__).with_name("searches.txt").read_text(encoding="utf-8").splitlines()
SEARCHES = [tuple(line.split(" | ")) for line in LINES if line and not line.startswith("#")]
LEAST = 52  # of them that must be right: a new fact may come to stand above a few


@pytest.fixture(scope="module")
def index(release):
    """Open the index of the release."""
    return Search.open(release.path)


def first(index, text):
    """Write what stands first as searches.txt does: a thing by its path, or a question with its values."""
    found = index.find(text)
    if found.is_question:
        one = found.questions[0]
        values = "&".join(f"{name}={value.removeprefix(terms.BASE)}" for name, value in one.values.items())
        return f"questions/{one.question}?{values}"
    return found.best[0].iri.removeprefix(terms.BASE) if found.best else ""


def test_there_are_searches_in_three_scripts_and_none_twice():
    assert 55 == len(SEARCHES) == len({text for text, _ in SEARCHES})
    kazakh = [text for text, _ in SEARCHES if set(text.lower()) & set("әғқңөұүһі")]
    cyrillic = [text for text, _ in SEARCHES if not text.isascii()]
    assert len(kazakh) >= 5 and len(cyrillic) - len(kazakh) >= 8 and len(SEARCHES) - len(cyrillic) >= 20


def test_what_is_meant_stands_first(index):
    got = {text: first(index, text) for text, _ in SEARCHES}
    wrong = [f"{text}: {got[text]}, not {meant}" for text, meant in SEARCHES if got[text] != meant]
    assert len(SEARCHES) - len(wrong) >= LEAST, "\n".join(wrong)


def test_what_the_index_is_told_of_is_in_the_data(release, index):
    names = {row[0] for row in index._rows("SELECT iri FROM thing")}
    questions = {path.stem for path in release.questions_path.glob("*.rq")}
    folder = Path(__file__).parents[2] / "queries/search"
    called = {
        line.partition("<")[2].partition(">")[0]
        for line in (folder / "abbreviations.rq").read_text(encoding="utf-8").splitlines()
        if line.startswith("    (<") and "/ontology#" not in line
    }
    assert set() == called - names
    text = (folder / "asked.rq").read_text(encoding="utf-8")
    asked = {part.partition('"')[0] for part in text.split('("')[1:]}
    assert set() == asked - questions

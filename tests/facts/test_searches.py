"""What people type leads to what they mean: searches.txt names for each what must stand first, in three scripts, with and without typos."""

import re
from pathlib import Path

import pytest

from kg import terms
from kg.search import weights
from kg.search.search import Search
from tests.facts.weights import SEARCHES, WRITTEN, count_right, first

LEAST = 150  # of them that must be right: a new fact may come to stand above a few


@pytest.fixture(scope="module")
def index(release):
    return Search(release.path)


def test_there_are_searches_in_three_scripts_and_none_twice():
    assert 162 == len(SEARCHES) == len({text for text, _ in SEARCHES})
    kazakh = [text for text, _ in SEARCHES if set(text.lower()) & set("әғқңөұүһі")]
    cyrillic = [text for text, _ in SEARCHES if not text.isascii()]
    assert len(kazakh) >= 5 and len(cyrillic) - len(kazakh) >= 8 and len(SEARCHES) - len(cyrillic) >= 20


def test_what_is_meant_stands_first(index):
    got = {text: first(index, text) for text, _ in SEARCHES}
    wrong = [f"{text}: {got[text]}, not {meant}" for text, meant in SEARCHES if got[text] != meant]
    assert len(SEARCHES) - len(wrong) >= LEAST, "\n".join(wrong)


@pytest.mark.parametrize(
    ("claim", "state", "right"),
    [
        ("Kazakhstan was condemned five times by the UN for torture", "kaz", "freedom from torture"),
        ("ООН много раз осуждала Казахстан за пытки в тюрьмах", "kaz", "freedom from torture"),
        ("No UN body ever found that Kazakhstan tortured anyone", "kaz", "freedom from torture"),
        ("Никто в ООН не нашёл, что в Казахстане пытали людей", "kaz", "freedom from torture"),
        ("Belarus jails people for peaceful assembly and nobody has ever objected", "blr", "peaceful assembly"),
    ],
)
def test_a_claim_on_a_state_and_a_right_is_held_against_what_bodies_found(index, claim, state, right):
    found = index.find(claim)
    assert [("findings-against-state", {"state": f"{terms.ID}state/{state}", "only.rights": right})] == [
        (question.question, question.values) for question in found.questions
    ]
    assert not found.is_question and found.is_partial


def test_each_weight_is_used_has_a_reason_and_its_change_can_be_measured(index):
    code = "".join(path.read_text(encoding="utf-8") for path in Path(weights.__file__).parent.glob("*.py"))
    assert {*re.findall(r'WEIGHTS\["(\w+)"\]', code)} | WRITTEN == {*weights.WEIGHTS}
    lines = Path(weights.__file__).with_suffix(".toml").read_text(encoding="utf-8").splitlines()
    assert [] == [line for line in lines if " = " in line and not re.fullmatch(r"\w+ = [\d.]+  # \S.*", line)]
    assert count_right(index, article=0.0) < count_right(index) and 160.0 == weights.WEIGHTS["article"]


def test_what_the_index_is_told_of_is_in_the_data(release, index):
    names = {row[0] for row in index.lexicon.rows("SELECT iri FROM thing")}
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


@pytest.mark.parametrize(
    ("kind", "text", "thing"),
    [
        ("provision", "ICCPR Article 21", "iccpr-21"),
        ("provision", "article 21 of the ICCPR", "iccpr-21"),
        ("provision", "МПГПП 21", "iccpr-21"),
        ("provision", "21", None),
        ("state", "UK", "gbr"),
        ("state", "Kazakstan", "kaz"),
        ("state", "Казахстан", "kaz"),
        ("state", "South Korea", "kor"),
        ("state", "Nigerr", None),  # Niger or Nigeria
        ("state", "Zhanaozen", None),
        ("treaty", "Convention against Torture", "cat"),
        ("event", "Zhanaozen", "2011-12-16-zhanaozen"),
        ("event", "Жанаозен", "2011-12-16-zhanaozen"),
        ("event", "zhanaozzen", "2011-12-16-zhanaozen"),
        ("event", "January 2022", "2022-01-kazakhstan"),
        ("event", "Almaty", None),  # many
        ("event", "Minsk", None),
    ],
)
def test_what_a_form_takes_for_a_thing_is_that_thing_and_no_other(index, kind, text, thing):
    among = {iri for iri in index.iris if iri.startswith(f"{terms.ID}{kind}/")}
    assert index.identify(text, among) == (thing and f"{terms.ID}{kind}/{thing}")

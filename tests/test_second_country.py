"""A second country needs data alone: an invented report on four States, laid over data/, without a rule or a line of code.

The expected duties were worked out by hand from the days in data/participation/ and data/states/, before the first run:
Norway    ICCPR 23 Mar 1976, CAT 26 Jun 1987, Refugee Convention 22 Apr 1954, its Protocol 28 Nov 1967, ICPPED only signed
Sudan     ICCPR 18 Jun 1986, Refugee Convention and Protocol 23 May 1974, CAT only signed
Palau     ICCPR and CAT only signed
Trinidad and Tobago   Optional Protocol 14 Feb 1981 to 25 Aug 1998 and 26 Nov 1998 to 26 Jun 2000
"""

import asyncio

import pytest

from kg import terms
from kg.answer import questions
from kg.answer.engine import InProcess
from kg.build import pipeline
from kg.config import PROJECT, Settings
from kg.sparql.question import load_questions
from kg.store import Store

DATA = PROJECT / "tests" / "second_country" / "data"
CERTAIN, POSSIBLE = "certain", "possible"
ENGAGED = {
    # The day before entry into force, the first day, and a year in which the State was bound on some days only.
    "nor-march-too-early": set(),
    "nor-march": {("iccpr-21", "1976-03-23", CERTAIN)},
    "nor-march-some-day": {("iccpr-21", "1976-03-23", POSSIBLE)},
    # One treaty in force and the other not yet; on the next day both.
    "nor-torture-too-early": {("iccpr-7", "1976-03-23", CERTAIN)},
    "nor-torture": {("iccpr-7", "1976-03-23", CERTAIN), ("cat-2-1", "1987-06-26", CERTAIN)},
    "nor-return": {("refugee-convention-33", "1954-04-22", CERTAIN)},
    # A convention that is only signed gives no duty; a disappearance is a deprivation of liberty as well.
    "nor-disappearance": {
        ("iccpr-6", "1976-03-23", CERTAIN),
        ("iccpr-7", "1976-03-23", CERTAIN),
        ("iccpr-9", "1976-03-23", CERTAIN),
        ("iccpr-16", "1976-03-23", CERTAIN),
    },
    # The invented reservation takes ICCPR 10 from Norway alone.
    "nor-cell": {("iccpr-7", "1976-03-23", CERTAIN), ("cat-16", "1987-06-26", CERTAIN)},
    "sdn-cell": {("iccpr-7", "1986-06-18", CERTAIN), ("iccpr-10", "1986-06-18", CERTAIN)},
    # Conduct of nobody's organ is no State's.
    "nor-neighbours": set(),
    "sdn-torture": {("iccpr-7", "1986-06-18", CERTAIN)},
    "sdn-return": {
        ("iccpr-7", "1986-06-18", CERTAIN),
        ("refugee-convention-33", "1974-05-23", CERTAIN),
        ("refugee-protocol-1", "1974-05-23", CERTAIN),
    },
    "plw-torture": set(),
    # In, out, in again, out for good.
    "tto-before": {("iccpr-op1-1", "1981-02-14", CERTAIN)},
    "tto-between": set(),
    "tto-again": {("iccpr-op1-1", "1998-11-26", CERTAIN)},
    "tto-after": set(),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Build the shipped tree with the example laid over it; the release, open for asking."""
    release = pipeline.build(Settings.load(), data=[DATA], out=tmp_path_factory.mktemp("second"))
    with Store.open(release.store_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(store):
    """Ask for the acts of the example, and what each engages as (provision, bound since, fit)."""
    query = f"""PREFIX ans: <{terms.VOCABULARY}>
    SELECT ?act ?provision ?since ?fit {{
      ?act a ans:Act FILTER (STRSTARTS(STR(?act), "{terms.ID}act/example-"))
      OPTIONAL {{ ?engagement ans:characterises ?act ; ans:isEngagementOf ?duty ; ans:hasTemporalFit ?fit .
        ?duty ans:arisesFrom ?provision ; ans:beginsOn ?since }}
    }}"""
    acts = {}
    for act, provision, since, fit in store.query(query):
        engaged = acts.setdefault(act.value.removeprefix(f"{terms.ID}act/example-"), set())
        if provision:
            short = provision.value.removeprefix(f"{terms.ID}provision/")
            engaged.add((short, since.value, fit.value.removeprefix(f"{terms.SCHEME}temporal-fit/")))
    return acts


def test_every_act_of_the_example_is_expected_here(found):
    assert set(ENGAGED) == set(found)


@pytest.mark.parametrize("act", ENGAGED)
def test_an_act_of_another_state_engages_what_that_state_was_bound_by(found, act):
    assert ENGAGED[act] == found[act]


def test_a_question_written_for_the_first_country_answers_for_another(store):
    question = load_questions(PROJECT / "queries/questions")["obligations-engaged"]
    answer = asyncio.run(questions.ask(InProcess(store), question, {"event": "id/event/example-sdn"}, "test"))
    provisions = {row["provision"]["value"].removeprefix(f"{terms.ID}provision/") for row in answer.rows}
    assert {"iccpr-7", "iccpr-10", "refugee-convention-33", "refugee-protocol-1"} == provisions


def test_the_example_says_that_it_is_invented():
    for path in DATA.rglob("*.ttl"):
        assert "nvented" in path.read_text(encoding="utf-8"), path

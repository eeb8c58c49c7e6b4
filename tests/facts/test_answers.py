"""The shipped data answer as a person reading the sources would: the rows are pinned in answers/<question>.json.

The rows were derived from the sources and the stated data by somebody who had not seen what the question answers. A newer fact breaks
none of them: rows that name what known.txt does not are left aside, unless a case names it. numbers.toml counts what the opening
sentences print a second time, in another way.
"""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from kg import terms
from kg.store import Query
from tests import comparing, frozen
from tests.comparing import CASES, KNOWN, QUESTIONS, ask, compare
from tests.turtle import HEAD

NUMBERS = tomllib.loads((Path(__file__).parent / "numbers.toml").read_text(encoding="utf-8"))
# Their sentences print dates and names, and no number.
WITHOUT_NUMBER = {"complaints-accepted", "obligation-in-force", "states-that-left"}


def test_every_question_is_pinned_here_or_on_the_frozen_graph_and_every_file_pins_a_question():
    pinned = {path.stem for folder in (comparing.FACTS, frozen.ANSWERS) for path in folder.glob("*.json")}
    assert set(QUESTIONS) == pinned


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_pinned_cites_where_it_is_written_and_has_no_row_in_an_order_of_chance(
    engine, name, case
):
    assert [] == comparing.incomplete(name, case)
    assert "" == compare(engine, name, case)
    answer = ask(engine, name, case["parameters"])
    assert [] == comparing.uncited(answer)
    assert [] == [part for part in case.get("lead", ()) if part not in answer.lead], answer.lead
    assert [] == comparing.tied(QUESTIONS[name], answer.rows)


def test_asked_for_no_day_the_treaties_are_all_that_came_into_force(store):
    rows = json.loads(store.answer(Query(QUESTIONS["treaties-in-force"].text)).body)["results"]["bindings"]
    counted = Counter(row["state"]["value"].rpartition("/")[2] for row in rows if comparing.named(row) <= KNOWN)
    assert {"kaz": 13, "uzb": 9, "chn": 8} == {state: counted[state] for state in ("kaz", "uzb", "chn")}
    # The periods in force of the twelve treaties of 2026 that were known then (1,701), without the European Union's and the
    # eight of South Sudan, which was not; and the 291 of the two refugee treaties.
    assert 1701 - 1 - 8 + 291 == counted.total()


def test_a_row_that_names_a_newer_thing_is_left_aside_unless_the_case_names_it(store):
    case = {"parameters": {"state": "id/state/kaz"}, "columns": ["act"], "rows": [], "derivation": "None."}
    everything = compare(store, "perpetrators", case, known=None)
    assert "surplus" in everything and "" == compare(store, "perpetrators", case, known=frozenset())


def count(store, query, parameters):
    """Ask a query of the table, with the parameters in their places."""
    for name, value in parameters.items():
        query = query.replace(f"{{{name}}}", f"<{terms.BASE}{value}>" if "/" in value else value)
    [[answer]] = store.select(f"{HEAD} PREFIX s: <scheme/> {query}")
    return int(str(answer))


def test_every_question_that_prints_a_number_is_counted_again_for_three_sets_of_parameters():
    assert set(QUESTIONS) == {*NUMBERS, *WITHOUT_NUMBER}
    few = {name for name, question in NUMBERS.items() if len(question["asked"]) < 3}
    assert few == {name for name in NUMBERS if not QUESTIONS[name].parameters}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_sentence_counts_as_a_second_query_does(engine, store, name):
    something = set()
    for parameters in NUMBERS[name]["asked"]:
        lead = ask(engine, name, parameters).lead
        counted = {words: count(store, query, parameters) for words, query in NUMBERS[name]["numbers"].items()}
        printed = {words: re.search(words, lead) for words in counted}
        assert counted == {words: int(match[1]) if match else 0 for words, match in printed.items()}, lead
        something |= {words for words, number in counted.items() if number}
    assert something == set(NUMBERS[name]["numbers"])  # each number is one of something for some parameters

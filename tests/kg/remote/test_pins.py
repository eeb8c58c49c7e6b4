"""What an engine answers otherwise than the store of a release is named, and nothing else is."""

import asyncio
import json
import re
from dataclasses import replace

import pytest

from kg.answer.engine import Engine, InProcess
from kg.config import PROJECT
from kg.errors import EngineFailed, EngineTimeout
from kg.remote import pins
from kg.sparql.question import load_questions
from kg.store import Store
from tests.comparing import Remembering


class Altered(Engine):
    """An engine that answers the queries whose text holds some words otherwise, as `alter` does with the answer."""

    def __init__(self, engine, words="", alter=None):
        self.engine, self.words, self.alter = engine, words, alter

    async def answer(self, query, **options):
        answer = await self.engine.answer(query)
        return self.alter(answer) if self.alter and self.words in query.text else answer


def rows(change):
    """Make a function that changes the rows of an answer."""

    def alter(answer):
        document = json.loads(answer.body)
        document["results"]["bindings"] = change(document["results"]["bindings"])
        return replace(answer, body=json.dumps(document).encode())

    return alter


def fail(error, times):
    """Make a function that fails so many times."""
    failures = iter([error] * times)

    def alter(answer):
        if failure := next(failures, None):
            raise failure
        return answer

    return alter


def joined_otherwise(bindings):
    """Put rows, and the texts that their cells join, into another order."""
    for term in (term for row in bindings for term in row.values()):
        if " " in term["value"] and term["type"] == "literal":
            term["value"] = " ".join(reversed(re.split("; | ", term["value"])))
    return bindings[::-1]


@pytest.fixture(scope="module")
def judge(world):
    """Return a function that names what an engine of the release answers otherwise; it takes how that alters answers."""
    asked = load_questions(world.questions_path)
    with Store.open(world.store_path) as store:
        engine = Remembering(store)
        pinned = asyncio.run(pins.make(InProcess(store), world.id, asked, PROJECT))

        def judge(words="", alter=None, changes=()):
            work = pins.find_differing(
                Altered(engine, words, alter), world.id, pinned | dict(changes), asked, PROJECT, 2
            )
            return sorted(asyncio.run(work).values())

        judge.pinned = pinned
        yield judge


FINDINGS, LIST, PAGE = "#+ title: What did treaty bodies", "ans:Event", "# What is said of a thing directly"


def test_every_question_and_list_is_pinned_and_each_query_of_pages_but_one_that_needs_more_than_a_thing(judge, world):
    names = {path.relative_to(PROJECT / "queries").with_suffix("").as_posix() for path in _files("lists", "pages")}
    names |= {f"questions/{name}" for name in load_questions(world.questions_path)}
    assert {"pages/service"} == names - judge.pinned.keys() and not judge.pinned.keys() - names
    empty = [name for name, pin in judge.pinned.items() if pin.answer == pins._hash([])]
    assert len(empty) < len(names) / 10


def _files(*folders):
    return [path for folder in folders for path in (PROJECT / "queries" / folder).glob("*.rq")]


def test_the_store_itself_answers_as_pinned(judge):
    assert [] == judge()


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows[1:], lambda rows: [*rows, rows[0]], lambda rows: [{}, *rows[1:]]],
    ids=["less", "more", "blank"],
)
def test_rows_that_differ_are_told_by_the_name_of_their_query(judge, change):
    assert ["pages/facts"] == judge(PAGE, rows(change))


@pytest.mark.parametrize("error", [EngineFailed, EngineTimeout])
@pytest.mark.parametrize(("times", "told"), [(1, []), (2, ["pages/facts"])])
def test_an_engine_that_does_not_answer_is_asked_once_more(judge, error, times, told):
    assert told == judge(PAGE, fail(error("No answer"), times))


def test_order_does_not_count(judge):
    assert [] == judge(PAGE, rows(joined_otherwise))


def test_a_question_differs_where_what_it_cites_does(judge):
    without = rows(lambda bindings: [{name: row[name] for name in row if name != "paragraph"} for row in bindings])
    differing = judge("?paragraph", without)
    assert "questions/findings" in differing and not any(name.startswith("lists/") for name in differing)


def test_a_query_that_has_changed_since_is_not_compared(judge):
    changed = {"pages/facts": judge.pinned["pages/facts"]._replace(text="another")}
    assert [] == judge(PAGE, rows(lambda bindings: []), changed)
    assert not pins.are_of({**judge.pinned, **changed}, PROJECT) and pins.are_of(judge.pinned, PROJECT)

"""The search: what it finds, in what order, and that it looks at each text once, in memory."""

import asyncio
import json
import random

import pytest

from api import search
from api.rows import gather, read
from api.search import Texts
from kg import terms
from kg.answer.questions import Once
from kg.config import PROJECT
from kg.errors import AnswerTooLarge, Busy
from kg.store import Query, Store
from kg.terms import Literal

PAGES = PROJECT / "queries/pages"
WORDS = [
    ["a"],
    ["handover"],
    ["state"],
    ["boria", "handover"],
    ["порт"],
    ["cc", "3"],
    ["xyzzy"],
    ["the", "of", "a", "in", "to"],
]


@pytest.fixture(scope="module")
def store(world):
    """Open the release of the frozen graph as those do who serve it."""
    with Store.open(world.store_path) as opened:
        yield opened


class Reader:
    """Reads parts of a query from a store, as the reader of a page does."""

    def __init__(self, store, error=None):
        self.store, self.error, self.parts = store, error, 0

    async def part(self, name, number, start):
        self.parts += 1
        if self.error:
            raise self.error
        text = (PAGES / f"{name}.rq").read_text(encoding="utf-8")
        return self.store.answer(Query(f"{text}LIMIT {number} OFFSET {start}")).body


def fetch(store, **options):
    """Fetch the texts of a store."""
    return asyncio.run(Texts.fetch(Reader(store, **options)))


def by_engine(store, words):
    """Search with the engine."""
    text = (PAGES / "search.rq").read_text(encoding="utf-8")
    bindings = {f"w{n}": Literal(words[n - 1] if n <= len(words) else "") for n in range(1, 6)}
    return read(store.answer(Query(text, bindings=bindings)).body)


def seen(rows):
    """Write rows as far as a search shows them."""
    return [(row["thing"], row["text"], row["text"].language) for row in rows]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_what_is_found_in_memory_is_what_the_engine_finds(store, words):
    found, expected = seen(fetch(store).find(words)), seen(by_engine(store, words))
    assert [thing for thing, _, _ in expected] == [thing for thing, _, _ in found]
    if len(expected) < search.MOST_ROWS:  # else texts of equal rank and length fall to either side
        assert sorted(expected) == sorted(found)
    assert bool(found) == (words != ["xyzzy"])


def test_words_from_the_texts_are_found_as_the_engine_finds_them(store):
    texts, draw = fetch(store), random.Random(3)
    rows = read(store.answer(Query((PAGES / "texts.rq").read_text(encoding="utf-8"))).body)
    for row in draw.sample(rows, 40):
        words = draw.sample(row["text"].lower().split(), min(2, len(row["text"].split())))
        assert sorted(seen(by_engine(store, words))) == sorted(seen(texts.find(words)))


def test_texts_that_are_fetched_in_parts_are_those_fetched_at_once(store, monkeypatch):
    whole = fetch(store)
    monkeypatch.setattr(search, "PART", 100)
    reader = Reader(store)
    parts = asyncio.run(Texts.fetch(reader))
    assert reader.parts > 5
    assert (whole._lower, whole._shown, whole._ends) == (parts._lower, parts._shown, parts._ends)


def test_texts_that_take_too_much_memory_are_not_held(store, monkeypatch):
    assert fetch(store, error=AnswerTooLarge("too many rows")) is None
    monkeypatch.setattr(search, "LARGEST", 1000)
    assert fetch(store) is None


def test_a_text_of_several_lines_in_capitals_is_found_once_and_shown_as_it_is():
    text = "A\nTOWN, a town\nİstanbul"
    texts = Texts([(1, len(text), terms.ID + "place/x", "tr", text), (1, 3, terms.ID + "place/a", "", "Ego")])
    assert [(terms.ID + "place/x", text, "tr")] == seen(texts.find(["town"])) == seen(texts.find(["a", "town,"]))
    assert [] == texts.find(["wna"]) and [] == texts.find(["place"])
    assert ["Ego", text] == [row["text"] for row in Texts([(3, 1, "b", "", text), (1, 3, "a", "", "Ego")]).find(["o"])]
    assert [] == Texts([]).find(["a"])


def test_a_search_asks_the_engine_nothing_but_the_texts_and_these_once(client, asked):
    def ask(number):
        return client.get("/search", params={"q": "handover boria", "format": "json", "n": number}).json()["results"]

    first = ask(0)
    assert first
    assert (0, 1) == (sum("CONTAINS" in text for text in asked), sum("?text ?rank" in text for text in asked))
    before = len(asked)
    assert first == ask(1) == ask(2)
    assert before == len(asked)


@pytest.mark.parametrize("how", ["too many", "too slow", "failed"])
def test_where_the_texts_cannot_be_had_the_engine_looks(client, asked, monkeypatch, how):
    expected = client.get("/search", params={"q": "handover boria", "format": "json"}).json()["results"]

    async def fetch(reader):
        await asyncio.sleep(30 if how == "too slow" else 0)
        if how == "failed":
            raise Busy("Too many queries are waiting")

    opened = client.app.state.releases.current
    monkeypatch.setattr(opened, "once", Once())
    monkeypatch.setattr(search, "PATIENCE", 0.05)
    monkeypatch.setattr(Texts, "fetch", fetch)
    found = client.get("/search", params={"q": "handover boria", "format": "json", "n": how}).json()["results"]
    assert expected and expected == found
    assert 1 == sum("CONTAINS" in text for text in asked)


def test_the_query_for_the_engine_looks_at_each_text_once():
    text = (PAGES / "search.rq").read_text(encoding="utf-8")
    assert 1 == text.count("LCASE(") and 1 == text.count("?thing ?field ?text")


def test_one_thing_with_several_texts_is_one_thing():
    texts = Texts([(1, 5, "x", "en", "Town A"), (2, 7, "x", "en", "Town A is"), (1, 6, "y", "en", "Town AB")])
    assert [("x", 2), ("y", 1)] == [
        (row["thing"], len(row["texts"])) for row in gather(texts.find(["town"]), "thing", "text")
    ]
    assert json.dumps(texts.find(["town"])[0]["thing"]) == '"x"'

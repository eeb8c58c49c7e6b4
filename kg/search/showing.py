"""Things as a search shows them: by which name, beside which other name, with which text and date."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.search import matching, passages
from kg.search.folding import fold, join
from kg.search.passages import FoundText
from kg.search.understanding import Understanding
from kg.search.writing import FOR_FINDING, TRANSLATED

_DEFAULT = "en"
_LABEL = 1  # the rank of the name of a thing
_Name = tuple[int, str, str, str]  # rank, language, text, folded


@dataclass(frozen=True)
class Found:
    """A thing as a search shows it; `also` is the other name by which it was found.

    `text` is the first that is told of it; `passage` is where words stand that no name of it has.
    """

    iri: str
    kind: str
    name: str
    language: str  # of the name
    also: str
    also_language: str
    text: str
    text_language: str
    date: str | None
    until: str | None
    passage: FoundText | None = None


def describe(
    connection: sqlite3.Connection, things: Iterable[int], said: Understanding | None, language: str
) -> dict[int, Found]:
    """Describe things by their numbers, in a language as far as they have a name in it."""
    marks = ", ".join(map(str, things))
    known, further = _names(connection, marks), _further(connection, marks)
    asked = {join(said.words), join(said.spelt)} if said else set()
    wanted = matching.wanted(said) if said else []
    query = f"SELECT id, iri, kind, text, language, date, until FROM thing WHERE id IN ({marks})"
    found = {}
    for thing, iri, kind, text, spoken, *days in connection.execute(query):
        shown = choose(known[thing], language)
        texts = ((spoken, text), *further.get(thing, ()))
        passage = passages.choose(texts, wanted, (folded for *_, folded in known[thing]))
        found[thing] = Found(
            iri, kind, *shown, *_other(known[thing], shown[0], asked), text, spoken, *days, passage=passage
        )
    return found


def name_of(connection: sqlite3.Connection, thing: int, language: str) -> str:
    """Name one thing."""
    return choose(_names(connection, str(thing))[thing], language)[0]


def choose(names: Sequence[_Name], language: str) -> tuple[str, str]:
    """Choose the name to show, and its language: the label in the language, else in English; else another name."""
    order = (language, _DEFAULT, "")

    def liking(name: _Name) -> tuple[bool, int, bool, int]:
        rank, spoken, *_ = name
        place = order.index(spoken) if spoken in order else len(order)
        return rank == FOR_FINDING, place, rank not in (_LABEL, TRANSLATED), rank

    _, spoken, text, _ = min(names, key=liking)
    return text, spoken


def respell(connection: sqlite3.Connection, said: Understanding) -> str:
    """Write as it stands in names what was looked for in the place of words that stand nowhere."""
    query = """SELECT name.text FROM words JOIN name ON name.thing = words.rowid
        WHERE words MATCH ? ORDER BY words.rowid, name.rank LIMIT 60"""
    told = []
    for word, form in zip(said.words, said.spelt, strict=True):
        if word != form:
            rows = connection.execute(query, (f'names : "{form}"',)).fetchall()
            fitting = [part for (text,) in rows for part in text.split() if fold(part) == [form]]
            fitting.sort(key=lambda part: part.isascii() is not said.is_latin)
            told += [fitting[0].strip("()[],.;:“”\"'")] if fitting else []
    return " ".join(told)


def _names(connection: sqlite3.Connection, marks: str) -> Mapping[int, list[_Name]]:
    found: dict[int, list[_Name]] = {}
    query = f"SELECT * FROM name WHERE thing IN ({marks}) ORDER BY thing, rank, language, text"
    for thing, *name in connection.execute(query):
        found.setdefault(thing, []).append((name[0], name[1], name[2], name[3]))
    return found


def _further(connection: sqlite3.Connection, marks: str) -> Mapping[int, list[tuple[str, str]]]:
    """Read the texts of things behind the first, as (language, text); an index of the first format has none."""
    found: dict[int, list[tuple[str, str]]] = {}
    if connection.execute("PRAGMA user_version").fetchone()[0] > 1:
        query = f"SELECT thing, language, text FROM further WHERE thing IN ({marks}) ORDER BY rowid"
        for thing, *told in connection.execute(query):
            found.setdefault(thing, []).append((told[0], told[1]))
    return found


def _other(names: Sequence[_Name], shown: str, asked: Collection[str]) -> tuple[str, str]:
    """Choose another name that has the words that were asked, where the one that is shown does not have them."""
    if not any(words in join(fold(shown)) for words in asked):
        for rank, spoken, text, folded in names:
            if rank != FOR_FINDING and text != shown and any(words in folded for words in asked):
                return text, spoken
    return "", ""

"""The named questions that answer what was typed, with the things in it as values of their parameters."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kg.search.folding import STOP
from kg.search.understanding import MONTHS, Entity, Understanding

MOST = 4  # questions that are suggested
_LEAST, _PLAIN = (
    0.5,
    0.7,
)  # of what the words tell: what a question must have, and what it has that is meant beyond doubt
_BASE, _WORDS, _FITS, _IDLE, _MISSING, _UNDATED = 55.0, 70.0, 12.0, 14.0, 12.0, 2.0  # points of a suggestion
_YEAR = re.compile(r"(?<![\d/.-])(19\d\d|20\d\d)(?![\d/.-])")


@dataclass(frozen=True)
class Asked:
    """A question that is suggested: its name, values for its parameters (things by their numbers), and how well it fits."""

    question: str
    things: dict[str, int]
    texts: dict[str, str]
    score: float
    is_plain: bool  # nearly all that was said is in it, and nothing that was named is left over


def suggest(connection: sqlite3.Connection, said: Understanding, find: Callable[[str, str], int | None]) -> list[Asked]:
    """Suggest questions for what was said. `find` looks for the best thing that fits a class and has some words in its name."""
    entities = _subjects(said)
    taken = said.article_words | {at for one in entities for at in range(one.start, one.end)}
    rest = [forms for at, forms in enumerate(said.forms) if at not in taken and not _is_empty(said.words[at])]
    if not rest:
        return []
    shares = _shares(connection, rest)
    asked = []
    for name, share in shares.items():
        if share >= _LEAST:
            (told,) = connection.execute("SELECT parameters FROM question WHERE name = ?", (name,)).fetchone()
            one = _fill(connection, name, share, json.loads(told), _Subjects(said, entities, find))
            # One word alone, without a thing, names a subject rather than asks.
            asked.append(replace(one, is_plain=one.is_plain and (len(rest) > 1 or bool(one.things))))
    return sorted(asked, key=lambda one: (-one.score, one.question))[:MOST]


def _is_empty(word: str) -> bool:
    return word in STOP or word in MONTHS or word.isdigit()


def _subjects(said: Understanding) -> list[Entity]:
    """List the things in what was said that may be the value of a parameter; a word that also is a name of a concept is a word."""
    return [one for one in said.entities if any(kind != "concepts" for kind in one.kinds)]


def _shares(connection: sqlite3.Connection, rest: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """Weigh the questions by their part in what some words tell; a word that fewer questions have tells more."""
    (number,) = connection.execute("SELECT count(*) FROM question").fetchone()
    told, whole = {}, 0.0
    for forms in rest:
        best: dict[str, float] = {}
        for form in forms:
            end = form + "{" if len(form) > 4 else form
            query = "SELECT question, weight FROM question_word WHERE word = ? OR (word > ? AND word < ?)"
            for question, weight in connection.execute(query, (form, form, end)):
                best[question] = max(weight, best.get(question, 0.0))
        tells = math.log(1 + number / (1 + len(best))) if best else math.log(1 + number)
        whole += tells
        for question, weight in best.items():
            told[question] = told.get(question, 0.0) + weight * tells
    return {question: points / whole for question, points in told.items()}


@dataclass(frozen=True)
class _Subjects:
    """What a question can be asked about, among what was said."""

    said: Understanding
    entities: Sequence[Entity]
    find: Callable[[str, str], int | None]

    def names(self) -> str:
        return " ".join(self.said.spelt[at] for one in self.entities for at in range(one.start, one.end))


def _fill(
    connection: sqlite3.Connection, name: str, share: float, parameters: Sequence[Sequence[str]], subjects: _Subjects
) -> Asked:
    """Put the things in what was said in the places of a question's parameters."""
    things, texts, used = {}, {}, set()
    score = _BASE + _WORDS * min(share, 1.0)
    articles = subjects.said.articles
    for key, kind, wanted, optional in parameters:
        if kind in ("date", "year"):
            year = _YEAR.search(subjects.said.text)
            found = subjects.said.day if kind == "date" else year and year[1]
            if found:
                texts[key] = found
            score -= 0.0 if found or optional else _UNDATED
            continue
        if wanted == "ans:Provision" and articles:
            things[key] = articles[0]
            score += _FITS
            used |= {one for one in subjects.entities if one.start in subjects.said.article_words}
            continue
        one, thing = _fitting(connection, wanted, [one for one in subjects.entities if one not in used])
        if one is not None:
            used.add(one)
        elif wanted == "ans:Event" and subjects.entities and not used:
            thing = subjects.find(subjects.names(), wanted)
            used |= set(subjects.entities) if thing else set()
        if thing:
            things[key] = thing
            score += _FITS
        elif not optional:
            score -= _MISSING
    idle = len([one for one in subjects.entities if one not in used])
    idle += bool(articles) and not any(wanted == "ans:Provision" for _, _, wanted, _ in parameters)
    return Asked(name, things, texts, score - _IDLE * idle, share >= _PLAIN and not idle)


def _fitting(
    connection: sqlite3.Connection, wanted: str, entities: Sequence[Entity]
) -> tuple[Entity, int] | tuple[None, None]:
    """Find the first thing that fits the class, or scheme, of a parameter."""
    for one in entities:
        for thing in one.things:
            (fits,) = connection.execute("SELECT fits FROM thing WHERE id = ?", (thing,)).fetchone()
            if wanted in fits.split():
                return one, thing
    return None, None

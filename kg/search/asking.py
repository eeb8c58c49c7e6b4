"""The named questions that answer what was typed, with the things in it as values of their parameters."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kg.search.folding import ASKING, STOP, join
from kg.search.understanding import Entity, Understanding, months

MOST = 4  # questions that are suggested
_LEAST, _PLAIN = (
    0.5,
    0.7,
)  # of what the words tell: what a question must have, and what it has that is meant beyond doubt
_BASE, _WORDS, _FITS, _IDLE, _MISSING, _UNDATED = 55.0, 70.0, 12.0, 14.0, 12.0, 2.0  # points of a suggestion
_SORT = 10.0  # more for a question that asks for what was asked for: where, when, how many, who
_EVENT = "ans:Event"  # the class of a parameter, and the kinds of things that are told apart
_EVENTS, _COUNTRIES = "events", "countries"
# Finds the likeliest thing by words of its names, a class of parameters, and words that may stand in its texts as well.
Find = Callable[[str, str, str], int | None]
_YEAR = re.compile(r"(?<![\d/.-])(19\d\d|20\d\d)(?![\d/.-])")


@dataclass(frozen=True)
class Asked:
    """A question that is suggested: its name, values for its parameters (things by their numbers), and how well it fits."""

    question: str
    things: dict[str, int]
    texts: dict[str, str]
    score: float
    is_plain: bool  # nearly all that was said is in it, and nothing that was named is left over


def suggest(connection: sqlite3.Connection, said: Understanding, find: Find) -> list[Asked]:
    """Suggest questions for what was said."""
    subjects = _read(said, find)
    rest = subjects.rest - subjects.event_words
    sorts = [(word,) for word in said.words if word in ASKING]
    if not (subjects.rest or (sorts and subjects.entities)):
        return []
    asked_for = _shares(connection, sorts) if sorts else {}
    shares = _shares(connection, subjects.forms(subjects.rest)) if subjects.rest else asked_for
    of_events = shares
    if subjects.event_words:
        of_events = _shares(connection, subjects.forms(rest)) if rest else asked_for
    asked = []
    for name in shares | of_events:
        (text,) = connection.execute("SELECT parameters FROM question WHERE name = ?", (name,)).fetchone()
        told = json.loads(text)
        is_of_event = subjects.event is not None and any(wanted == _EVENT for _, _, wanted, _ in told)
        share = max(shares.get(name, 0.0), of_events.get(name, 0.0) if is_of_event else 0.0)
        if share >= _LEAST:
            one = _fill(connection, name, share, told, subjects)
            if not (subjects.rest or one.things):
                continue
            # One word alone, without a thing, names a subject rather than asks.
            is_plain = one.is_plain and (len(subjects.rest) + len(sorts) > 1 or bool(one.things))
            asked.append(replace(one, score=one.score + _SORT * (name in asked_for), is_plain=is_plain))
    return sorted(asked, key=lambda one: (-one.score, one.question))[:MOST]


def _is_empty(word: str) -> bool:
    return word in STOP or word in months() or word.isdigit()


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
    """What a question can be asked about, among what was said; words by their places."""

    said: Understanding
    entities: Sequence[Entity]
    rest: frozenset[int]  # the words that name none of them, and tell something
    event: int | None  # that has the names, and perhaps some of the other words, in its own name or texts
    event_words: frozenset[int]  # these words

    def forms(self, places: Iterable[int]) -> list[tuple[str, ...]]:
        """List what to look for in the place of some words."""
        return [self.said.forms[at] for at in sorted(places)]


def _read(said: Understanding, find: Find) -> _Subjects:
    """Read what was said: the things in it, the words beside them, and the event that these and some of the words name."""
    entities = _subjects(said)
    named = {at for one in entities for at in range(one.start, one.end)}
    rest = {at for at, word in enumerate(said.words) if not _is_empty(word)} - named - said.article_words
    event: int | None = None
    words: set[int] = set()
    has_others = any(_COUNTRIES not in one.kinds for one in entities)  # a State is no name of an event in it
    names = join([said.spelt[at] for at in sorted(named)]) if has_others else ""
    has_sort = not ASKING.isdisjoint(said.words)
    if not any(_EVENTS in one.kinds for one in entities) and (named or has_sort):
        for at in sorted(rest):
            within = join([said.spelt[place] for place in sorted({*named, *words, at})])
            beside = join([said.spelt[place] for place in sorted({*words, at})])
            found = find(within, _EVENT, "") or (find(names, _EVENT, beside) if names and has_sort else None)
            if found is not None:
                event, words = found, {*words, at}
    if event is None and names:
        event = find(names, _EVENT, "")
    return _Subjects(said, entities, frozenset(rest), event, frozenset(words))


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
        elif wanted == _EVENT and subjects.event is not None and not used:
            thing = subjects.event
            used |= {*subjects.entities}
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

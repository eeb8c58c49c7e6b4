"""Writes the index of a release: one SQLite file, made from the answers of the queries in queries/search/.

thing     what can be found, each kind in one row of numbers, the weightiest first, with the first text told of it
further   the texts behind the first
name      what things are called, as it is shown and folded
words     the folded words of their names and texts (FTS5, without the texts themselves)
article   the provisions by instrument and number
spelling  all words by their trigrams, for words that are spelt otherwise
question  the named questions, and by which words each is suggested
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from kg import terms
from kg.languages import DEFAULT, LANGUAGES, speak
from kg.search.folding import ASKING, STOP, fold, join
from kg.sparql.question import Question
from kg.store import Store

FILE = "search.sqlite"  # in the folder of a release
FORMAT = 2  # of the file
READ = (1, FORMAT)  # the formats that are read: the first has no table of further texts
LEAST_SPELT = 4  # letters of a word that may be spelt otherwise
TRANSLATED, FOR_FINDING = 6, 7  # ranks of names that no source of the graph gives
_LABEL = 1  # the rank of the name of a thing
_APART = "0x"  # between two names or texts, so that no phrase is found across them; folding makes no such word
_STEP = 1.5  # what a thing weighs more for twice as many links to it
# How much a word of a question tells, by where it stands.
_ASKED, _TITLE, _QUESTION, _ABOUT, _COLUMN = 1.0, 1.0, 0.8, 0.4, 0.3
_SLOT = re.compile(r"\{\w+\}")
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT UNIQUE, kind TEXT, worth REAL, text TEXT, language TEXT, date TEXT, until TEXT, fits TEXT);
CREATE TABLE further (thing INTEGER, language TEXT, text TEXT);
CREATE TABLE kind (kind TEXT PRIMARY KEY, first INTEGER, last INTEGER);
CREATE TABLE name (thing INTEGER, rank INTEGER, language TEXT, text TEXT, folded TEXT);
CREATE VIRTUAL TABLE words USING fts5 (names, texts, content = '', prefix = '3 5');
CREATE TABLE article (number TEXT, instrument INTEGER, thing INTEGER, told INTEGER);
CREATE TABLE vocabulary (word TEXT PRIMARY KEY, things INTEGER) WITHOUT ROWID;
CREATE VIRTUAL TABLE spelling USING fts5 (word, tokenize = 'trigram', detail = none);
CREATE TABLE question (name TEXT PRIMARY KEY, parameters TEXT);
CREATE TABLE question_word (word TEXT, question TEXT, weight REAL);
"""
_INDEXES = """
CREATE INDEX further_thing ON further (thing);
CREATE INDEX name_folded ON name (folded, thing);
CREATE INDEX name_thing ON name (thing);
CREATE INDEX article_number ON article (number, instrument);
CREATE INDEX question_words ON question_word (word);
"""


def write(path: Path, store: Store, queries: Mapping[str, str], questions: Sequence[Question]) -> None:
    """Write the index of what a store holds, by queries in queries/search/ and their names; `questions` are those of the release.

    Raises OSError where the disk is full, as writing any other file does.
    """
    reading = _Reading(store, queries, questions)
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        _write_things(connection, reading)
        _write_words(connection, reading)
        _write_questions(connection, reading)
        connection.executescript(_INDEXES)
        connection.commit()
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        connection.commit()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        raise
    finally:
        connection.close()


def number_of(article: str) -> str:
    """Write the number of an article as the index has it: `14(3)(g)`, `14 § 3 g` and `14.3.g` are one."""
    return " ".join(re.findall(r"[0-9]+|[a-z]+", article.lower()))


@dataclass
class _Thing:
    """What the index holds of one thing."""

    iri: str
    kind: str
    weight: float
    names: list[tuple[int, str, str]] = field(default_factory=list)  # rank, language, text
    texts: list[tuple[int, str, str]] = field(default_factory=list)
    around: list[str] = field(default_factory=list)
    date: str | None = None
    until: str | None = None
    fits: list[str] = field(default_factory=list)


@dataclass
class _Reading:
    """What the queries say of a store."""

    store: Store
    queries: Mapping[str, str]
    questions: Sequence[Question]

    def ask(self, name: str) -> Iterable[tuple[terms.Term | None, ...]]:
        """Ask a query; one that a project does not have has no rows."""
        return self.store.select(self.queries[name]) if name in self.queries else ()

    @cached_property
    def links(self) -> dict[str, int]:
        """How many links tell of a thing, by its IRI."""
        return {thing.value: int(links.value) for thing, links in self.ask("links") if thing is not None}

    @cached_property
    def weights(self) -> dict[str, dict[str, float]]:
        """The words of each question with their weights, by its name."""
        return {one.name: _weigh(_parts(one)) for one in self.questions}

    @cached_property
    def things(self) -> list[_Thing]:
        """All that can be found, in the order of the index."""
        found: dict[str, _Thing] = {}
        for thing, kind, weight in self.ask("kinds"):
            known = found.get(thing.value)
            if known is None or float(weight.value) > known.weight:
                found[thing.value] = _Thing(thing.value, kind.value, float(weight.value))
        self._name(found)
        self._tell(found)
        for iri, one in found.items():
            one.weight += _STEP * math.log2(1 + self.links.get(iri, 0))
        heaviest: dict[str, float] = {}
        for one in found.values():
            heaviest[one.kind] = max(one.weight, heaviest.get(one.kind, 0.0))
        named = (one for one in found.values() if one.names)
        return sorted(named, key=lambda one: (-heaviest[one.kind], one.kind, -one.weight, one.iri))

    def _name(self, found: Mapping[str, _Thing]) -> None:
        for thing, rank, text in self.ask("names"):
            if thing.value in found:
                found[thing.value].names.append((int(rank.value), text.language or "", text.value))
        for thing, code in self.ask("codes"):
            if thing.value in found:
                found[thing.value].names += [(TRANSLATED, spoken, name) for spoken, name in _territory(code.value)]
        for thing, text in self.ask("abbreviations"):
            if thing.value in found:
                found[thing.value].names.append((FOR_FINDING, text.language or "", text.value))
        for one in found.values():
            named = [text for rank, spoken, text in one.names if rank == _LABEL and spoken == DEFAULT]
            told = [(TRANSLATED, spoken, name) for text in named for spoken, name in _translate(text)]
            one.names = sorted({*one.names, *told})

    def _tell(self, found: Mapping[str, _Thing]) -> None:
        for thing, rank, text in self.ask("texts"):
            if thing.value in found:
                found[thing.value].texts.append((int(rank.value), text.language or "", text.value))
        called = defaultdict(list)
        for thing, text in self.ask("abbreviations"):
            called[thing.value].append(text.value)
        for thing, other, text in self.ask("around"):
            if thing.value in found:
                translated = [name for _, name in _translate(text.value)]
                found[thing.value].around += [text.value, *translated, *called[other.value]]
        for thing, date, until in self.ask("dates"):
            one = found.get(thing.value)
            if one and (one.date is None or date.value < one.date):
                one.date, one.until = date.value, until and until.value
        classes = {parameter.class_name: parameter.class_iri for one in self.questions for parameter in one.parameters}
        for name, iri in sorted((name, iri) for name, iri in classes.items() if iri):
            link = "skos:inScheme" if name.startswith("scheme/") else "a"
            query = f"PREFIX skos: <{terms.PREFIXES['skos']}> SELECT ?thing {{ ?thing {link} <{iri}> }}"
            for (thing,) in self.store.select(query):
                if isinstance(thing, terms.Iri) and thing.value in found:
                    found[thing.value].fits.append(name)
        for one in found.values():
            one.texts, one.around = sorted({*one.texts}), sorted({*one.around})


def _territory(code: str) -> list[tuple[str, str]]:
    """Name a State by its three-letter code, as CLDR does: (language, name)."""
    return [(spoken, name) for spoken in LANGUAGES if (name := speak(spoken).territory(code))]


@lru_cache(65536)
def _translate(text: str) -> list[tuple[str, str]]:
    """Translate a text by the catalogues: (language, translation), for each language that has one."""
    told = ((spoken, speak(spoken).gettext(text)) for spoken in LANGUAGES if spoken != DEFAULT)
    return [(spoken, name) for spoken, name in told if name != text]


def _write_things(connection: sqlite3.Connection, reading: _Reading) -> None:
    things = reading.things
    rows, names, further, kinds = [], [], [], defaultdict(list)
    for number, one in enumerate(things, 1):
        kinds[one.kind].append(number)
        language, text = one.texts[0][1:] if one.texts else ("", "")
        rows.append((number, one.iri, one.kind, one.weight, text, language, one.date, one.until, " ".join(one.fits)))
        further += [(number, spoken, told) for _, spoken, told in one.texts[1:]]
        names += [(number, rank, spoken, name, join(fold(name))) for rank, spoken, name in one.names]
    connection.executemany("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO name VALUES (?, ?, ?, ?, ?)", names)
    connection.executemany("INSERT INTO further VALUES (?, ?, ?)", further)
    connection.executemany(
        "INSERT INTO kind VALUES (?, ?, ?)", [(kind, all[0], all[-1]) for kind, all in kinds.items()]
    )
    numbers = {one.iri: number for number, one in enumerate(things, 1)}
    provisions = [
        (number_of(article.value), numbers[instrument.value], numbers[thing.value], reading.links.get(thing.value, 0))
        for thing, instrument, article in reading.ask("provisions")
        if thing.value in numbers and instrument.value in numbers
    ]
    told: Counter[int] = (
        Counter()
    )  # of all provisions of an instrument: among equal numbers, the best known comes first
    for _, instrument, _, links in provisions:
        told[instrument] += links
    found = sorted({(number, instrument, thing, told[instrument]) for number, instrument, thing, _ in provisions})
    connection.executemany("INSERT INTO article VALUES (?, ?, ?, ?)", found)


def _telling(text: str) -> list[str]:
    """Fold a text, without the words that tell little."""
    return [word for word in fold(text) if word not in STOP]


def _write_words(connection: sqlite3.Connection, reading: _Reading) -> None:
    """Write the words of things, and all words with the number of things that have them."""
    counted: Counter[str] = Counter()
    rows = []
    for number, one in enumerate(reading.things, 1):
        names = [word for _, _, name in one.names for word in (*_telling(name), _APART)]
        told = (*(text for _, _, text in one.texts), *one.around)
        texts = [word for text in told for word in (*_telling(text), _APART)]
        counted.update({*names, *texts} - {_APART})
        rows.append((number, join(names), join(texts)))
    connection.executemany("INSERT INTO words (rowid, names, texts) VALUES (?, ?, ?)", rows)
    for weights in reading.weights.values():
        counted.update(weights.keys() - STOP)
    for _, text in reading.ask("asked"):
        counted.update(_telling(text.value))
    connection.executemany("INSERT INTO vocabulary VALUES (?, ?)", sorted(counted.items()))
    spelt = [(f"^{word}$",) for word in sorted(counted) if len(word) >= LEAST_SPELT and not word.isdigit()]
    connection.executemany("INSERT INTO spelling (word) VALUES (?)", spelt)


def _write_questions(connection: sqlite3.Connection, reading: _Reading) -> None:
    asked = defaultdict(list)
    for question, text in reading.ask("asked"):
        asked[question.value].append(text.value)
    for one in reading.questions:
        told = [[each.name, each.kind, each.class_name, each.optional] for each in one.parameters]
        connection.execute("INSERT INTO question VALUES (?, ?)", (one.name, json.dumps(told)))
        # Nothing weighs more than how people ask.
        weights = reading.weights[one.name] | _weigh((text, _ASKED) for text in asked[one.name])
        rows = [(word, one.name, weight) for word, weight in sorted(weights.items())]
        connection.executemany("INSERT INTO question_word VALUES (?, ?, ?)", rows)


def _parts(question: Question) -> Iterator[tuple[str, float]]:
    """Yield the texts of a question with their weights."""
    yield from ((question.title, _TITLE), (question.question, _QUESTION), (question.about, _ABOUT))
    yield from ((meaning, _COLUMN) for _, meaning in question.columns)


def _weigh(parts: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Weigh each word of texts by which a question may be suggested."""
    weights: dict[str, float] = {}
    for text, weight in parts:
        for told in (text, *(name for _, name in _translate(text))):
            for word in fold(_SLOT.sub(" ", told)):
                # What a question is asked for stands in its title and in how people ask; elsewhere "where" and "when" say less.
                if word not in STOP or (word in ASKING and weight in (_ASKED, _TITLE)):
                    weights[word] = max(weight, weights.get(word, 0.0))
    return weights

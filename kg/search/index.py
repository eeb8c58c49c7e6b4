"""Writes the index of a release: one SQLite file, made from the answers of the queries in queries/search/.

thing     what can be found, each kind in one row of numbers, the weightiest first
text      what is said of things, in the order in which it is shown
name      what things are called, as it is shown and as it sounds
words     the words of their names and texts (FTS5, without the texts themselves)
article   the provisions by instrument and number, the likeliest first
spelling  all words by their trigrams, for words that are spelt otherwise
question  the named questions, and by which words each is suggested
role      which words, kinds and classes have a part of their own in a search
"""

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
from typing import Any

from kg import terms
from kg.languages import DEFAULT, LANGUAGES, speak
from kg.names import sound, sounds
from kg.search.weights import WEIGHTS
from kg.sparql.question import Question
from kg.store import Store

FILE = "search.sqlite"  # in the folder of a release
LEAST_SPELT = 4  # letters of a word that may be spelt otherwise
LABEL, SYMBOL = 1, 4  # ranks of names.rq: the name of a thing, and its symbol
TRANSLATED, FOR_FINDING = 6, 7  # ranks of names that no source of the graph gives
_GAP = "0x"  # between two names or texts, so that no phrase is found across them; no word sounds so
_SLOT = re.compile(r"\{\w+\}")
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT UNIQUE, kind TEXT, worth REAL, date TEXT, until TEXT, fits TEXT);
CREATE TABLE text (thing INTEGER, place INTEGER, language TEXT, text TEXT, PRIMARY KEY (thing, place)) WITHOUT ROWID;
CREATE TABLE name (thing INTEGER, rank INTEGER, language TEXT, text TEXT, folded TEXT);
CREATE VIRTUAL TABLE words USING fts5 (names, texts, content = '', prefix = '3 5');
CREATE TABLE article (id INTEGER PRIMARY KEY, number TEXT, instrument INTEGER, thing INTEGER);
CREATE TABLE vocabulary (word TEXT PRIMARY KEY, things INTEGER) WITHOUT ROWID;
CREATE VIRTUAL TABLE spelling USING fts5 (word, tokenize = 'trigram', detail = none);
CREATE TABLE question (name TEXT PRIMARY KEY, parameters TEXT);
CREATE TABLE question_word (word TEXT, question TEXT, weight REAL);
CREATE TABLE role (role TEXT, name TEXT);
"""
_INDEXES = """
CREATE INDEX thing_kind ON thing (kind);
CREATE INDEX name_folded ON name (folded, thing);
CREATE INDEX name_thing ON name (thing);
CREATE INDEX article_number ON article (number, instrument);
CREATE INDEX question_words ON question_word (word);
"""
IndexRow = tuple[object, ...]


def write(path: Path, store: Store, queries: Mapping[str, str], questions: Sequence[Question]) -> None:
    """Write the index of what a store holds, by queries in queries/search/ and their names; `questions` are those of the release.

    Raises OSError where the disk is full, as writing any other file does.
    """
    content = _Content(store, queries, questions)
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_TABLES)
        for table, rows in _tables(content):
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.executescript(_INDEXES)
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        connection.commit()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        raise
    finally:
        connection.close()


def number_of(article: str) -> str:
    """Write the number of an article as the index has it: `14(3)(g)`, `14 § 3 g` and `14.3.g` are the same."""
    return " ".join(re.findall(r"[0-9]+|[a-z]+", article.lower()))


@dataclass
class _Thing:
    """What the index holds of a thing; a name and a text is (rank, language, text)."""

    iri: str
    kind: str
    weight: float
    names: set[tuple[int, str, str]] = field(default_factory=set)
    texts: set[tuple[int, str, str]] = field(default_factory=set)
    around: set[str] = field(default_factory=set)
    days: tuple[str | None, str | None] = (None, None)
    fits: set[str] = field(default_factory=set)


@dataclass
class _Content:
    """The answers of the queries, and what follows from them."""

    store: Store
    queries: Mapping[str, str]
    questions: Sequence[Question]

    def ask(self, name: str) -> Iterable[tuple[Any, ...]]:
        """Ask a query, which says what its cells are; one that a project does not have has no rows."""
        return self.store.select(self.queries[name]) if name in self.queries else ()

    @cached_property
    def roles(self) -> set[tuple[str, str]]:
        """Each role with the words, kinds and classes that have it."""
        words = {(role.value, word) for role, text in self.ask("words") for word in sound(text.value)}
        return words | {(role.value, terms.shorten(name.value)) for role, name in self.ask("roles")}

    @cached_property
    def links(self) -> dict[str, int]:
        """How many links lead to a thing, by its IRI."""
        return {thing.value: int(links.value) for thing, links in self.ask("links") if thing is not None}

    @cached_property
    def things(self) -> list[_Thing]:
        """All that can be found, in the order of the index."""
        things: dict[str, _Thing] = {}
        for iri, kind, weight in sorted(self.ask("kinds"), key=lambda row: -float(row[2].value)):
            things.setdefault(iri.value, _Thing(iri.value, kind.value, float(weight.value)))
        self._add_names(things)
        self._add_texts(things)
        self._add_classes(things)
        heaviest: dict[str, float] = defaultdict(float)
        for iri, thing in things.items():
            thing.weight += WEIGHTS["links"] * math.log2(1 + self.links.get(iri, 0))
            heaviest[thing.kind] = max(thing.weight, heaviest[thing.kind])
        named = (thing for thing in things.values() if thing.names)
        return sorted(named, key=lambda thing: (-heaviest[thing.kind], thing.kind, -thing.weight, thing.iri))

    @cached_property
    def abbreviations(self) -> dict[str, list[terms.Literal]]:
        """The names by which things are found, and which no page shows."""
        return self._gather("abbreviations")

    @cached_property
    def spoken(self) -> dict[str, list[terms.Literal]]:
        """How people ask, by the name of the question."""
        return self._gather("asked")

    def _gather(self, name: str) -> dict[str, list[terms.Literal]]:
        texts: dict[str, list[terms.Literal]] = defaultdict(list)
        for subject, text in self.ask(name):
            texts[subject.value].append(text)
        return texts

    def _add_names(self, things: Mapping[str, _Thing]) -> None:
        for iri, rank, text in self.ask("names"):
            if thing := things.get(iri.value):
                thing.names.add((int(rank.value), text.language or "", text.value))
        for iri, code in self.ask("codes"):
            if thing := things.get(iri.value):
                territories = [(spoken, speak(spoken).territory(code.value)) for spoken in LANGUAGES]
                thing.names |= {(TRANSLATED, spoken, name) for spoken, name in territories if name}
        for iri, thing in things.items():
            thing.names |= {(FOR_FINDING, text.language or "", text.value) for text in self.abbreviations[iri]}
            labels = [text for rank, spoken, text in thing.names if rank == LABEL and spoken == DEFAULT]
            thing.names |= {(TRANSLATED, *translation) for label in labels for translation in _translate(label)}

    def _add_texts(self, things: Mapping[str, _Thing]) -> None:
        for iri, rank, text in self.ask("texts"):
            if thing := things.get(iri.value):
                thing.texts.add((int(rank.value), text.language or "", text.value))
        for iri, other, text in self.ask("around"):
            if thing := things.get(iri.value):
                thing.around |= {text.value, *(name for _, name in _translate(text.value))}
                thing.around |= {short.value for short in self.abbreviations[other.value]}
        for iri, date, until in self.ask("dates"):
            thing = things.get(iri.value)
            if thing and (thing.days[0] is None or date.value < thing.days[0]):
                thing.days = date.value, until and until.value

    def _add_classes(self, things: Mapping[str, _Thing]) -> None:
        """Add the classes and schemes of parameters of which a thing may be the value."""
        parameters = [parameter for question in self.questions for parameter in question.parameters]
        names = {parameter.class_iri: parameter.class_name for parameter in parameters}
        for iri, class_iri in self.ask("classes"):
            if iri.value in things and class_iri.value in names:
                things[iri.value].fits.add(names[class_iri.value])

    def telling(self, text: str) -> list[str]:
        """List the words of a text, without empty ones."""
        return [word for word in sound(text) if ("empty", word) not in self.roles]

    def weigh(self, question: Question) -> dict[str, float]:
        """Weigh each word of a question, of its translations too, by the heaviest of the places where it stands."""
        weights: dict[str, float] = {}
        parts = [("title", question.title), ("wording", question.question), ("about", question.about)]
        parts += [("column", meaning) for _, meaning in question.columns]
        parts += [("spoken", text.value) for text in self.spoken[question.name]]
        for part, text in parts:
            translations = [name for _, name in _translate(text)] if part != "spoken" else []
            for word in (word for each in (text, *translations) for word in sound(_SLOT.sub(" ", each))):
                # In a title and in how people ask "where" and "when" say what is asked for; elsewhere they say less.
                is_asking = ("asking", word) in self.roles and part in ("title", "spoken")
                if is_asking or ("empty", word) not in self.roles:
                    weights[word] = max(WEIGHTS[part], weights.get(word, 0.0))
        return weights


@lru_cache(65536)
def _translate(text: str) -> list[tuple[str, str]]:
    """Translate a text by the catalogues: (language, translation), for each language that has it."""
    translations = ((spoken, speak(spoken).gettext(text)) for spoken in LANGUAGES if spoken != DEFAULT)
    return [(spoken, name) for spoken, name in translations if name != text]


def _tables(content: _Content) -> Iterator[tuple[str, list[IndexRow]]]:
    """Yield the rows of each table."""
    numbered = [*enumerate(content.things, 1)]
    things, names, texts = list[IndexRow](), list[IndexRow](), list[IndexRow]()
    for number, thing in numbered:
        things.append((number, thing.iri, thing.kind, thing.weight, *thing.days, " ".join(sorted(thing.fits))))
        names += [(number, *name, sounds(name[-1])) for name in sorted(thing.names)]
        texts += [(number, place, *text) for place, (_, *text) in enumerate(sorted(thing.texts))]
    yield "thing", things
    yield "name", names
    yield "text", texts
    yield "article", _articles(content, {thing.iri: (number, thing.kind) for number, thing in numbered})
    yield "role", sorted(content.roles)
    weights = {question.name: content.weigh(question) for question in content.questions}
    parameters = {
        question.name: [(p.name, p.kind, p.class_name, p.optional) for p in question.parameters]
        for question in content.questions
    }
    yield "question", [(name, json.dumps(values)) for name, values in parameters.items()]
    yield "question_word", [(word, name, weight) for name in weights for word, weight in sorted(weights[name].items())]
    words, counted = _words(numbered, content)
    for each in weights.values():
        counted.update(word for word in each if ("empty", word) not in content.roles)
    yield "words (rowid, names, texts)", words
    yield "vocabulary", sorted(counted.items())
    spelt = [word for word in sorted(counted) if len(word) >= LEAST_SPELT and not word.isdigit()]
    yield "spelling (word)", [(f"^{word}$",) for word in spelt]


def _articles(content: _Content, numbers: Mapping[str, tuple[int, str]]) -> list[IndexRow]:
    """List the articles; of those with one number, first those of leading instruments, and the most linked."""
    provisions = [
        (number_of(article.value), instrument.value, thing.value)
        for thing, instrument, article in content.ask("provisions")
        if thing.value in numbers and instrument.value in numbers
    ]
    links = Counter[str]()
    for _, instrument, thing in provisions:
        links[instrument] += content.links.get(thing, 0)

    def order(provision: tuple[str, str, str]) -> tuple[object, ...]:
        number, instrument, thing = provision
        is_other = ("leading", numbers[instrument][1]) not in content.roles
        return is_other, -links[instrument], number, numbers[thing], instrument

    ordered = enumerate(sorted({*provisions}, key=order), 1)
    return [
        (place, number, numbers[instrument][0], numbers[thing][0]) for place, (number, instrument, thing) in ordered
    ]


def _words(things: Iterable[tuple[int, _Thing]], content: _Content) -> tuple[list[IndexRow], Counter[str]]:
    """List the words of the names and texts of things, and count the things that have each."""
    rows, counted = list[IndexRow](), Counter[str]()
    for number, thing in things:
        texts = (*(text for *_, text in sorted(thing.texts)), *sorted(thing.around))
        names = [word for *_, name in sorted(thing.names) for word in (*content.telling(name), _GAP)]
        others = [word for text in texts for word in (*content.telling(text), _GAP)]
        counted.update({*names, *others} - {_GAP})
        rows.append((number, " ".join(names), " ".join(others)))
    return rows, counted

"""Writes the index of a release: one SQLite file, made from the answers of the queries in queries/search/ as index.sql and derive.sql say."""

import errno
import json
import math
import os
import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from kg import terms
from kg.languages import DEFAULT, LANGUAGES, speak
from kg.names import sound, sounds
from kg.search.weights import WEIGHTS
from kg.sparql.question import ONLY, Parameter, Question
from kg.store import Store

FILE = "search.sqlite"  # in the folder of a release
LABEL, SHORT, SYMBOL = 1, 3, 4  # ranks of names.rq: the name of a thing, its short name, and its symbol
TRANSLATED, FOR_FINDING = 6, 7  # ranks of names that no source of the graph gives
_GAP = "0x"  # between two names or texts, so that no phrase is found across them; no word sounds so
_SLOT = re.compile(r"\{\w+\}")
_TABLES, _DERIVATION = (Path(__file__).with_name(f"{name}.sql").read_text("utf-8") for name in ("index", "derive"))
_QUERIES = re.findall(r"CREATE TEMP TABLE q_(\w+)", _TABLES)


def write(path: Path, store: Store, queries: Mapping[str, str], questions: Sequence[Question]) -> None:
    """Write the index of what a store holds, by queries in queries/search/ and their names; `questions` are those of the release.

    Raises OSError where the disk is full, as writing any other file does.
    """
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_TABLES)
        for name in _QUERIES:  # one that a project does not have has no rows
            if name in queries:
                _insert(connection, f"q_{name}", [*store.select(queries[name]).texts()])
        _add_translations(connection)
        roles = _add_roles(connection)
        _add_questions(connection, questions, roles)
        connection.executescript(_DERIVATION)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        raise
    finally:
        connection.close()


def number_of(article: str) -> str:
    """Write the number of an article as the index has it: `14(3)(g)`, `14 § 3 g` and `14.3.g` are the same."""
    return " ".join(re.findall(r"[0-9]+|[a-z]+", article.lower()))


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _add_translations(connection: sqlite3.Connection) -> None:
    query = "SELECT text FROM q_names WHERE rank = ? AND language = ? OR rank = ? UNION SELECT text FROM q_around"
    texts = [text for (text,) in connection.execute(query, (LABEL, DEFAULT, SHORT))]
    _insert(connection, "translation", [(text, *translated) for text in texts for translated in _translate(text)])
    states = connection.execute("SELECT thing, code FROM q_codes").fetchall()
    named = [(thing, speak(spoken).territory(code), spoken) for thing, code in states for spoken in LANGUAGES]
    _insert(connection, "q_names", [(thing, TRANSLATED, name, spoken) for thing, name, spoken in named if name])


def _translate(text: str) -> list[tuple[str, str]]:
    translations = ((spoken, speak(spoken).gettext(text)) for spoken in LANGUAGES if spoken != DEFAULT)
    return [(spoken, name) for spoken, name in translations if name != text]


def _add_roles(connection: sqlite3.Connection) -> Mapping[str, Collection[str]]:
    """Add the words, kinds and classes of each role, and the functions of the derivation; returns what has each role."""
    rows = {(role, word) for role, text in connection.execute("SELECT role, text FROM q_words") for word in sound(text)}
    rows |= {(role, terms.shorten(name)) for role, name in connection.execute("SELECT role, name FROM q_roles")}
    _insert(connection, "role", sorted(rows))
    roles = defaultdict[str, set[str]](set)
    for role, name in rows:
        roles[role].add(name)

    def telling(folded: str) -> str:
        return " ".join([*(word for word in folded.split() if word not in roles["empty"]), _GAP])

    def weigh_links(links: int) -> float:
        return WEIGHTS["links"] * math.log2(1 + links)

    for function in (telling, weigh_links, sounds, number_of):
        connection.create_function(function.__name__, 1, function, deterministic=True)
    return roles


def _add_questions(
    connection: sqlite3.Connection, questions: Sequence[Question], roles: Mapping[str, Collection[str]]
) -> None:
    filters = connection.execute("SELECT question, name, class FROM q_filters").fetchall()
    for question in questions:
        taken = [
            *question.parameters,
            *(
                Parameter(ONLY + column, "iri", kind, "", "", "optional")
                for name, column, kind in filters
                if name == question.name
            ),
        ]
        parameters = [(p.name, p.kind, p.class_name, p.optional) for p in taken]
        _insert(connection, "question", [(question.name, json.dumps(parameters))])
        _insert(connection, "parameter_class", [(p.class_iri, p.class_name) for p in taken])
        spoken = connection.execute("SELECT text FROM q_asked WHERE question = ?", (question.name,)).fetchall()
        weights = _weigh(question, [text for (text,) in spoken], roles)
        _insert(
            connection, "question_word", [(word, question.name, weight) for word, weight in sorted(weights.items())]
        )


def _weigh(question: Question, spoken: Sequence[str], roles: Mapping[str, Collection[str]]) -> dict[str, float]:
    """Weigh each word of a question, of its translations too, by the heaviest of the places where it stands."""
    weights: dict[str, float] = {}
    parts = [("title", question.title), ("wording", question.question), ("about", question.about)]
    parts += [("column", column.meaning) for column in question.columns]
    parts += [(part, name) for part, text in parts for _, name in _translate(text)]
    for part, text in [*parts, *(("spoken", text) for text in spoken)]:
        for word in sound(_SLOT.sub(" ", text)):
            # In a title and in how people ask "where" and "when" say what is asked for; elsewhere they say less.
            is_asking = word in roles["asking"] and part in ("title", "spoken")
            if is_asking or word not in roles["empty"]:
                weights[word] = max(WEIGHTS[part], weights.get(word, 0.0))
    return weights

"""Answers of the store of a release, which are kept beside the release in another server and compared with what that answers.

They are those to each question with its example, to each list, and to each query of pages, about a thing where it is about one.
The order of rows does not count, nor that of the texts which a cell joins, and blank nodes are all alike.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kg import terms
from kg.answer import questions
from kg.answer.engine import MOST_ROWS, Engine, ask_rows
from kg.errors import AnswerableError, BadParameter
from kg.files import read_text
from kg.sparql.question import Question
from kg.sparql.sentence import Row
from kg.store import Query
from kg.terms import Iri

TRIES = 2
_FOLDERS = ("lists", "pages")
_BOOLEAN = terms.PREFIXES["xsd"] + "boolean"
_ABOUT = "# Bound: ?this."
_FORMATS = {"SELECT": "json", "ASK": "json", "CONSTRUCT": "nt", "DESCRIBE": "nt"}
# What the server writes into a query: the graphs that make up a document, and what is said of that.
_GRAPH, _ROOM = "?this ?g", "?document ?tells ?told"
_DOCUMENT = f"<{terms.BASE}document>"
_GRAPHS = f"""SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?graph), "{terms.GRAPH}ontology")) }}
ORDER BY ?graph"""
# One thing of each class.
_THINGS = f"""SELECT (MIN(?thing) AS ?first) WHERE {{ ?thing a ?class FILTER (STRSTARTS(STR(?thing), "{terms.ID}")) }}
GROUP BY ?class ORDER BY ?first"""


class Pin(NamedTuple):
    """An answer by its hash: to a question, or to a query of this text, about a thing if it is about one."""

    answer: str
    text: str = ""  # the hash of the text
    thing: str = ""


async def make(engine: Engine, release: str, asked: Mapping[str, Question], root: Path) -> dict[str, Pin]:
    """Ask the questions of a release and the queries of a project; the pins by names such as `questions/findings`.

    A question whose example names what the release does not have is left out.
    """
    pins: dict[str, Pin] = {}
    for name, question in asked.items():
        with suppress(BadParameter):
            pins[f"questions/{name}"] = Pin(await _ask_question(engine, release, question))
    examples = {value for each in asked.values() for value in _example(each).values() if value.startswith("id/")}
    firsts = [row["first"]["value"] for row in await ask_rows(engine, _THINGS)]
    things = [*map(terms.full_iri, sorted(examples)), *firsts]
    graphs = [row["graph"]["value"] for row in await ask_rows(engine, _GRAPHS)]
    for name, text in _queries(root).items():
        candidates = graphs if _GRAPH in text else things if _ABOUT in text else [""]
        for thing in candidates or [terms.BASE]:
            lines = await _ask(engine, text, thing)
            pins[name] = Pin(_hash(lines), _hash([text]), thing)
            if lines:
                break
    return pins


async def find_differing(
    engine: Engine, release: str, pins: Mapping[str, Pin], asked: Mapping[str, Question], root: Path, at_once: int
) -> dict[str, str]:
    """Ask all that is pinned; the names of what an engine answers otherwise or not at all, by the heads of the texts.

    A query whose text has changed since is not compared. What fails or is late is tried again.
    """
    turns, differing, queries = asyncio.Semaphore(at_once), dict[str, str](), _queries(root)

    async def compare(name: str, pin: Pin) -> None:
        question = asked.get(name.removeprefix("questions/"))
        text = question.text if question else queries.get(name, "")
        if not (question or pin.text == _hash([text])):
            return
        ask = (
            partial(_ask_question, engine, release, question) if question else partial(_answer, engine, text, pin.thing)
        )
        answer = ""
        async with turns:
            for _ in range(TRIES):
                with suppress(AnswerableError):
                    answer = answer or await ask()
        if answer != pin.answer:
            differing[head_of(text)] = name

    await asyncio.gather(*(compare(name, pin) for name, pin in pins.items()))
    return differing


def are_of(pins: Mapping[str, Pin], root: Path) -> bool:
    """Say whether each query of a project is pinned, with the text that it has."""
    return all(pins.get(name, Pin("")).text == _hash([text]) for name, text in _queries(root).items())


def head_of(text: str) -> str:
    """Return the head of a query's text, which tells it from others, whatever is written into its pattern."""
    return text.partition("{")[0]


def _queries(root: Path) -> dict[str, str]:
    paths = [path for folder in _FOLDERS for path in sorted((root / "queries" / folder).glob("*.rq"))]
    texts = {f"{path.parent.name}/{path.stem}": read_text(path) for path in paths}
    return {name: text for name, text in texts.items() if _ABOUT in text or "# Bound:" not in text}


def _example(question: Question) -> dict[str, str]:
    return {parameter.name: parameter.example for parameter in question.parameters}


async def _ask_question(engine: Engine, release: str, question: Question) -> str:
    """Ask a question with its example; the hash of its rows, of the names in them and of what they cite."""
    answer = await questions.ask(engine, question, _example(question), release)
    cited = [" ".join(filter(None, passage)) for passage in answer.citations.values()]
    return _hash([*_lines(answer.rows), *cited, *answer.labels.values(), str(len(answer.limits))])


async def _answer(engine: Engine, text: str, thing: str) -> str:
    return _hash(await _ask(engine, text, thing))


async def _ask(engine: Engine, text: str, thing: str) -> list[str]:
    """Ask a query, about a thing if one is named; its rows or triples as lines."""
    room = {_ROOM: f"({_DOCUMENT} {_DOCUMENT} {_DOCUMENT})", _GRAPH: f"(<{thing}> <{thing}>)"}
    for variables, values in room.items():
        text = text.replace(f"VALUES ({variables}) {{}}", f"VALUES ({variables}) {{ {values} }}")
    bindings = {"this": Iri(thing)} if _ABOUT in text else {}
    answer = await engine.answer(Query(text, _FORMATS, bindings, max_rows=MOST_ROWS))
    if answer.kind == "graph":
        return re.sub(r"_:\w+", "_:", answer.body.decode()).splitlines()
    document = json.loads(answer.body)
    if "boolean" in document:
        return [str(document["boolean"])]
    rows = document["results"]["bindings"]
    # Truths as engines write them that have none; pages take that as well.
    for term in (term for row in rows for term in row.values() if term.get("datatype") == _BOOLEAN):
        term["value"] = str(int(term["value"] == "true"))
    return _lines(rows)


def _lines(rows: Iterable[Row]) -> list[str]:
    """Write each row as a line, in which a cell without a text is as one that is unbound."""
    return [
        json.dumps([(name, _words(term)) for name, term in sorted(row.items()) if term["value"]], ensure_ascii=False)
        for row in rows
    ]


def _words(term: Mapping[str, str]) -> list[str]:
    return [] if term["type"] == "bnode" else sorted(re.findall(r"[^\s;]+", str(term["value"])))


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]

"""Asks a named question of a release: its rows, with the labels and citations that a reader needs."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar

from kg import terms
from kg.answer import limits
from kg.answer.engine import Engine
from kg.errors import BadParameter
from kg.languages import DEFAULT, Language, speak
from kg.sparql.question import Parameter, Question
from kg.store import Query
from kg.terms import Iri, Term

MOST_KNOWN = 50_000  # labels, and citations, that are retained for a release
AT_ONCE = 400  # IRIs in one query; its text stays below the limit of a query

T = TypeVar("T")


class Label(NamedTuple):
    """What a thing is called, in the language asked for, else in English or in none; empty where it has no such name."""

    name: str
    short: str = ""
    language: str = ""  # of the name


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage, ready to be quoted: its label, the document it is in, and where in the document."""

    passage: str
    label: str
    document: str
    document_label: str
    section: str
    paragraph: str


@dataclass(frozen=True)
class Answer:
    """The rows of an answer as RDF terms in SPARQL's JSON form, with what a reader needs beside them.

    `rows` are dictionaries from column to `{"type", "value", "datatype"?, "xml:lang"?}`; an unbound column is absent.
    `labels` gives an English label for each IRI of ours in them. `limits` are sentences on how far the record goes from which
    the rows are drawn. An answer that would be cut is an error instead.
    """

    question: Question
    values: Mapping[str, str]
    rows: tuple[Mapping[str, Mapping[str, str]], ...]
    labels: Mapping[str, str]
    citations: Mapping[str, Citation]
    release: str
    limits: tuple[str, ...] = ()
    language: Language = speak(DEFAULT)

    @cached_property
    def sentence(self) -> str:
        """The question in words, with the labels of the values in it."""
        return self.question.put({name: self.labels.get(value, value) for name, value in self.values.items()})

    @property
    def about(self) -> str:
        """How to read the answer; of an empty one, what it does and does not say."""
        return self.question.about if self.rows else self.question.empty


async def ask(
    engine: Engine,
    question: Question,
    values: Mapping[str, str],
    release: str,
    known: Known | None = None,
    language: Language = speak(DEFAULT),
) -> Answer:
    """Ask a question of a release and gather the labels and citations its answer needs.

    `known` holds what was fetched before. Raises BadParameter for a wrong value, also for an IRI that the release
    does not know.
    """
    bindings = question.bind(values)
    known = known or Known(engine)
    await known.check(question, bindings)
    rows = await _rows(engine, question.text, bindings)
    names = [name for name, _ in question.columns]
    shown = tuple({name: row[name] for name in names if name in row} for row in rows)
    cited = (row[name]["value"].split() for row in shown for name in question.cites if name in row)
    passages = {iri for iris in cited for iri in iris}
    resources = {term["value"] for row in shown for term in row.values() if term["type"] == "uri"}
    resources |= {term.value for term in bindings.values() if isinstance(term, Iri)}
    asked = {name: term.value for name, term in bindings.items()}
    called = await known.label(resources, language.code)
    labels = {iri: label.name for iri, label in called.items() if label.name}
    citations = await known.cite(passages)
    ends: tuple[str, ...] = ()
    if question.record:
        parts = await _rows(engine, question.record_text, bindings)
        if not parts and question.otherwise_text:
            parts = await _rows(engine, question.otherwise_text, bindings)
        ends = limits.tell(parts, asked.get("day"), language)
    return Answer(question, asked, shown, labels, citations, release, ends, language)


class Once:
    """Values that are worked out once each: who asks for one while it is worked out waits for it. An error is not retained."""

    def __init__(self) -> None:
        self._found: dict[Any, Any] = {}
        self._pending: dict[Any, asyncio.Task[Any]] = {}

    async def find(self, key: Any, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Return the value of a key, which `make` works out the first time; raises what `make` raises."""
        if key in self._found:
            return self._found[key]
        if key not in self._pending:
            self._pending[key] = asyncio.create_task(make())
            self._pending[key].add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(self._pending[key])  # who goes away does not end it for the others

    def found(self, key: Any) -> Any:
        """Return the value of a key that was worked out already, else None."""
        return self._found.get(key)

    def _finish(self, key: Any, done: asyncio.Task[Any]) -> None:
        del self._pending[key]
        if not done.cancelled() and done.exception() is None:
            self._found[key] = done.result()


class Known:
    """What answers of one release need again and again, each asked once: choices of parameters, labels and citations."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._choices = Once()
        self._labels: dict[str, dict[str, Label | None]] = {}  # by language
        self._citations: dict[str, Citation | None] = {}

    async def choices_of(self, parameter: Parameter) -> Mapping[str, str]:
        """Map the IRIs that a parameter of kind iri may name to their labels, in the order of the labels."""
        if parameter.kind != "iri" or parameter.class_iri is None:
            return {}
        return await self._choices.find(parameter.class_iri, partial(self._ask, parameter.class_iri))

    async def _ask(self, class_iri: str) -> dict[str, str]:
        rows = await _rows(self._engine, _QUERIES["choices"], {"class": Iri(class_iri)})
        return {row["thing"]["value"]: row["label"]["value"] for row in rows}

    async def label(self, iris: Iterable[str], language: str = DEFAULT) -> dict[str, Label]:
        """Return what those IRIs are called that have a name or a short name; `language` is a code of kg.languages."""

        translate = speak(language).gettext

        def read(row: Mapping[str, str]) -> Label:
            name, spoken = row.get("label", ""), row.get("language", "")
            if spoken == DEFAULT and (translated := translate(name)) != name:  # our own terms are in the catalogues
                name, spoken = translated, language
            return Label(name, row.get("short", ""), spoken)

        text = _QUERIES["labels"].replace("SPOKEN", f'"{language}"')
        return await self._look_up(text, self._labels.setdefault(language, {}), iris, read)

    async def cite(self, passages: Iterable[str]) -> dict[str, Citation]:
        """Return the citations of passages."""
        names = ("thing", "label", "document", "title", "section", "paragraph")  # in the order of the fields

        def read(row: Mapping[str, str]) -> Citation:
            return Citation(*(row.get(name, "") for name in names))

        return await self._look_up(_QUERIES["citations"], self._citations, passages, read)

    async def _look_up(
        self, text: str, known: dict[str, T | None], iris: Iterable[str], read: Callable[[Mapping[str, str]], T]
    ) -> dict[str, T]:
        """Return what is known of some IRIs, and ask for the rest; of what is not found, that is retained too.

        The IRIs come from the engine, or passed `Parameter.read`.
        """
        wanted = set(iris)
        found = {iri: known[iri] for iri in wanted if iri in known}
        unknown = sorted(wanted - found.keys())
        for start in range(0, len(unknown), AT_ONCE):
            some = unknown[start : start + AT_ONCE]
            listed = " ".join(f"<{iri}>" for iri in some)
            rows = await _rows(self._engine, text.replace("VALUES ?thing {}", f"VALUES ?thing {{ {listed} }}"))
            values = ({name: term["value"] for name, term in row.items()} for row in rows)
            found |= dict.fromkeys(some) | {row["thing"]: read(row) for row in values}
        if unknown:
            if len(known) + len(unknown) > MOST_KNOWN:
                known.clear()
            known.update(found)
        return {iri: value for iri in sorted(found) if (value := found[iri]) is not None}

    async def check(self, question: Question, bindings: Mapping[str, Term]) -> None:
        """Raise BadParameter, with what comes close, for an IRI that the release does not know."""
        for parameter in question.parameters:
            if parameter.kind != "iri" or parameter.name not in bindings:
                continue
            known, value = await self.choices_of(parameter), bindings[parameter.name].value
            if value not in known:
                short, name = [iri.removeprefix(terms.BASE) for iri in known], value.removeprefix(terms.BASE)
                close = difflib.get_close_matches(name, short, 3, 0.5) or sorted(short)[:3]
                said = f"{parameter.name}={name} is not known here as {parameter.label}"
                raise BadParameter(said, where=parameter.name, hint=f"Try {', '.join(close)}.")


async def _rows(engine: Engine, text: str, bindings: Mapping[str, Term] | None = None) -> list[dict[str, Any]]:
    answer = await engine.answer(Query(text, "json", bindings or {}))
    return json.loads(answer.body)["results"]["bindings"]


_PREFIXES = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in ("ans", "skos"))
_QUERIES = {
    "labels": _PREFIXES
    # Ordered so that a name in the language asked for, or else in English, is read last, and counts.
    + """SELECT ?thing ?label ?short (LANG(?label) AS ?language) {
  VALUES ?thing {}
  OPTIONAL { ?thing skos:prefLabel ?label FILTER (LANG(?label) IN ("en", "", SPOKEN)) }
  OPTIONAL { ?thing ans:shortName ?short }
  FILTER (BOUND(?label) || BOUND(?short))
} ORDER BY (LANG(?label) = SPOKEN) LANG(?label)""",
    "choices": _PREFIXES
    # OPTIONAL, though each has a label, so that the engine begins with the things of the class.
    + "SELECT DISTINCT ?class ?thing ?label { { ?thing a ?class } UNION { ?thing skos:inScheme ?class }"
    + ' OPTIONAL { ?thing skos:prefLabel ?label } FILTER (LANG(?label) = "en") }'
    + " ORDER BY ?label",
    "citations": _PREFIXES
    + """SELECT ?thing ?label ?document ?title ?section ?paragraph {
  VALUES ?thing {} ?thing skos:prefLabel ?label ; ans:isPartOf ?document . ?document skos:prefLabel ?title .
  OPTIONAL { ?thing ans:section ?section } OPTIONAL { ?thing ans:paragraph ?paragraph }
  FILTER (LANG(?label) = "en" && LANG(?title) = "en")
}""",
}

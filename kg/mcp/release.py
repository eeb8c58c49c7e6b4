"""One release as a client of the protocol asks it: its questions, the search, a thing, a SPARQL query, and texts to read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg import terms
from kg.answer import formats, narrowing, questions
from kg.answer.engine import Capacity
from kg.answer.pool import Pool
from kg.answer.questions import Known
from kg.config import Settings
from kg.errors import BadParameter, UnknownName
from kg.release import Release
from kg.search.finding import PAGE, Search
from kg.sparql.question import Question, find_question, load_questions
from kg.store import Limits, Query

MOST_BYTES = 1 << 20  # of an answer to a query: more is no help to a model
QUERY_FORMATS = ("csv", "json", "ttl", "nt")
_ONTOLOGY = terms.GRAPH + "ontology/"
_METHOD = "METHOD.md"


@dataclass(frozen=True)
class Answered:
    """What a tool answers: text for people and models, and the same for programs."""

    text: str
    data: dict[str, Any]


class Readable:
    """One release, opened to be read; close it after use."""

    def __init__(self, found: Release, settings: Settings) -> None:
        """Open a release. Each query has the deadline and the limits of the server."""
        most = min(settings.max_bytes, MOST_BYTES)
        limits = Limits(settings.max_rows, most, settings.max_query, settings.max_depth)
        own = Capacity(size=1, deadline=settings.page_deadline, memory=settings.memory)
        asked = replace(own, deadline=settings.deadline, limits=limits)
        self.release, self.root = found, settings.root
        self.questions = load_questions(found.questions_path)
        self._index = Search.open(found.path)
        self._pool = Pool(found.store_path, own)
        self._queries = Pool(found.store_path, asked)
        self.known = Known(self._pool)

    def close(self) -> None:
        """End the workers."""
        self._pool.close()
        self._queries.close()
        if self._index:
            self._index.close()

    async def ask(self, name: str, given: Mapping[str, Any]) -> Answered:
        """Ask a named question. Raises UnknownName, BadParameter and what an engine raises."""
        question = find_question(self.questions, name)
        values = {key: str(value) for key, value in given.items() if value not in (None, "")}
        values = {narrowing.PAGE: "1", **values}
        answer = await questions.ask(self._pool, question, values, self.release.id, self.known)
        told = json.loads(formats.write_answer(answer, "json"))
        return Answered(_say(question, told, answer.pages), {**told, "pages": answer.pages})

    async def search(self, text: str, kind: str = "", page: int = 1) -> Answered:
        """Find things by names and texts, and the questions that fit."""
        if self._index is None:
            raise UnknownName("This release was made before there was an index for the search")
        found = await asyncio.to_thread(self._index.find, text, kind=kind, page=page)
        things = [
            {"id": one.iri, "kind": one.kind, "name": one.name, "text": one.text, "date": one.date}
            for one in found.best
        ]
        fitting = [{"question": one.question, "parameters": dict(one.values)} for one in found.questions]
        count = next((group.count for group in found.groups if group.kind == kind), 0) if kind else found.count
        lines = [f"{count} found, {PAGE} a page. Not finding something does not mean that it did not happen."]
        lines += [f"- {one['name']} ({one['kind']}) {one['id'].removeprefix(terms.BASE)}" for one in things]
        lines += [f"Question that fits: {one['question']} {json.dumps(one['parameters'])}" for one in fitting]
        data = {"count": count, "page": page, "things": things, "questions": fitting, "release": self.release.id}
        return Answered("\n".join(lines), data)

    async def describe(self, text: str) -> Answered:
        """Describe a thing by what is stated and derived of it, as Turtle. Raises UnknownName for what nothing is said of."""
        iri = text.strip() if re.match(r"https?://", text.strip()) else terms.BASE + text.strip().lstrip("/")
        try:
            written = terms.write(terms.Iri(iri))
        except ValueError:
            raise BadParameter(
                f"{text[:80]!r} is no IRI", where="thing", hint="Give one that a tool answered"
            ) from None
        asked = await self._queries.answer(Query(f"ASK {{ {written} ?p ?o }}"))
        if not json.loads(asked.body)["boolean"]:
            raise UnknownName(f"Nothing is recorded of {text[:120]}", hint="Look for it with search")
        graph = (
            await self._queries.answer(Query(f"CONSTRUCT {{ {written} ?p ?o }} {{ {written} ?p ?o }}", "ttl"))
        ).body
        names = await self.known.label([iri])
        name = names[iri].name if iri in names else ""
        permanent = iri if iri.startswith(terms.BASE) else None
        data = {"id": iri, "name": name, "turtle": graph.decode(), "release": self.release.id, "address": permanent}
        return Answered(f"{name or iri} (release {self.release.id})\n\n{graph.decode()}", data)

    async def query(self, text: str, format: str = "csv") -> Answered:
        """Answer a SPARQL query, to read only. Raises what the engine raises."""
        if format not in QUERY_FORMATS:
            raise BadParameter(f"There is no format {format[:20]!r} here", hint=f"Use {', '.join(QUERY_FORMATS)}")
        told = (await formats.write_query(self._queries, text, format)).decode()
        return Answered(told, {"format": format, "body": told, "release": self.release.id})

    def texts(self) -> dict[str, tuple[str, str]]:
        """List what can be read: by its address a title and a media type."""
        graphs = self.release.manifest["triples"]["graphs"]
        modules = [name.removeprefix(_ONTOLOGY) for name in sorted(graphs) if name.startswith(_ONTOLOGY)]
        found = {terms.BASE + f"ontology/{name}": (f"The ontology: {name}", "text/turtle") for name in modules}
        if (self.root / _METHOD).is_file():
            found[terms.BASE + "method"] = ("How to read the record", "text/markdown")
        return found

    async def read(self, address: str) -> tuple[str, str]:
        """Read one of `texts`: its text and its media type. Raises UnknownName."""
        if address not in self.texts():
            raise UnknownName(f"There is nothing to read at {address[:120]}")
        if address == terms.BASE + "method":
            text = await asyncio.to_thread(Path(self.root / _METHOD).read_text, encoding="utf-8")
            return text, "text/markdown"
        graph = terms.GRAPH + address.removeprefix(terms.BASE)
        query = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        return (await self._pool.answer(Query(query, "ttl"))).body.decode(), "text/turtle"


def _say(question: Question, told: Mapping[str, Any], pages: int) -> str:
    """Write an answer as text: the sentence, its limits, a line a row with what it cites, and where it stays."""
    labels = {one["passage"]: one["label"] for one in told["citations"]}
    lines = [told["sentence"], "", told["lead"] or told["about"]]
    lines += told["limits"]
    heads = {one["name"]: one["meaning"] for one in told["columns"]}
    for row in told["rows"]:
        parts = []
        for name, value in row.items():
            if value in (None, "", []):
                continue
            if name in question.cites:
                cited = [f"{labels.get(one, one)} <{one.removeprefix(terms.BASE)}>" for one in value]
                parts.append(f"[{'; '.join(cited)}]")
            else:
                parts.append(f"{heads.get(name, name)}: {_cell(value)}")
        lines.append("- " + " | ".join(parts))
    if pages > 1:
        lines.append(f"{told['rowsMatching']} rows, 20 a page, {pages} pages: ask with page for more.")
    if told["lead"]:
        lines += ["", told["about"]]
    lines += [f"Release {told['release']}. Permanent address of this answer: {told['permanent']}"]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['label'] or value['id']} <{value['id'].removeprefix(terms.BASE)}>"
    return str(value)

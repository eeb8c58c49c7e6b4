"""One release as a client of the protocol asks it: its questions, the search, a thing, a SPARQL query, and texts to read."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kg import terms
from kg.answer import formats, narrowing
from kg.answer.opened import OpenRelease
from kg.config import Settings
from kg.errors import BadParameter, UnknownName
from kg.languages import DEFAULT, speak, templates_in
from kg.release import Release
from kg.search.search import PAGE
from kg.store import Query

MOST_BYTES = 1 << 20  # of an answer to a query: more is no help to a model
QUERY_FORMATS = ("csv", "json", "ttl", "nt")
METHOD = terms.BASE + "method"


Answered = tuple[str, dict[str, Any]]  # text for people and models, and the same for programs


class Readable:
    """One release, opened to be read: start its `release`, and close that after use."""

    def __init__(self, folder: Release, settings: Settings) -> None:
        size = min(settings.max_bytes, MOST_BYTES)
        self.release = OpenRelease(folder, replace(settings, workers=1, page_workers=1, max_bytes=size))
        self.questions, self._method = self.release.questions, settings.root / "METHOD.md"
        self._index = self.release.index
        self.kinds = [*self._index.weightiest()]  # of things, by which a search can be narrowed

    async def ask(self, name: str, values: Mapping[str, Any]) -> Answered:
        """Ask a named question. Raises UnknownName, BadParameter and what an engine raises."""
        question = self.release.find_question(name)
        texts = {narrowing.PAGE: "1"} | {key: str(value) for key, value in values.items() if value not in (None, "")}
        answer = await self.release.ask(question, texts)
        data = {**json.loads(formats.write_answer(answer, "json")), "pages": answer.pages}
        labels = {citation["passage"]: citation["label"] for citation in data["citations"]}
        heads = {column["name"]: column["meaning"] for column in data["columns"]}
        return _render("answer.jinja", data, labels=labels, heads=heads, cites=question.cites), data

    async def search(self, text: str, kind: str = "", page: int = 1) -> Answered:
        """Find things by names and texts, and the questions that fit."""
        results = await asyncio.to_thread(self._index.find, text, kind=kind, page=page)
        names = ("kind", "name", "text", "date")
        things = [{"id": thing.iri} | {name: getattr(thing, name) for name in names} for thing in results.best]
        fitting = [{"question": fit.question, "parameters": dict(fit.values)} for fit in results.questions]
        count = sum(group.count for group in results.groups if kind in ("", group.kind))
        data = {"count": count, "page": page, "things": things, "questions": fitting, "release": self.release.id}
        return _render("search.jinja", data, at_once=PAGE), data

    async def describe(self, text: str) -> Answered:
        """Describe a thing by what is stated and derived of it, as Turtle. Raises UnknownName for what nothing is said of."""
        iri = terms.full_iri(text)
        try:
            written = terms.write(terms.Iri(iri))
        except ValueError:
            hint = "Give one that a tool answered"
            raise BadParameter(f"{text[:80]!r} is no IRI", where="thing", hint=hint) from None
        query = Query(f"CONSTRUCT {{ {written} ?p ?o }} {{ {written} ?p ?o }}", "ttl")
        turtle = (await self.release.queries.answer(query)).body.decode()
        if not turtle:
            raise UnknownName(f"Nothing is recorded of {text[:120]}", hint="Look for it with search")
        labels = await self.release.names.label([iri])
        name = labels[iri].name if iri in labels else ""
        permanent = iri if iri.startswith(terms.BASE) else None
        data = {"id": iri, "name": name, "turtle": turtle, "release": self.release.id, "address": permanent}
        return f"{name or iri} (release {self.release.id})\n\n{turtle}", data

    async def query(self, text: str, format: str = "csv") -> Answered:
        """Answer a SPARQL query, to read only. Raises what the engine raises."""
        if format not in QUERY_FORMATS:
            raise BadParameter(f"There is no format {format[:20]!r} here", hint=f"Use {', '.join(QUERY_FORMATS)}")
        body = (await formats.write_query(self.release.queries, text, format)).decode()
        return body, {"format": format, "body": body, "release": self.release.id}

    def texts(self) -> dict[str, tuple[str, str]]:
        """List what can be read: by its address a title and a media type."""
        graphs = (graph.removeprefix(terms.GRAPH) for graph in self.release.graphs)
        modules = [name for name in graphs if name.startswith("ontology/")]
        texts = {terms.BASE + name: (f"The ontology: {name.partition('/')[2]}", "text/turtle") for name in modules}
        return texts | ({METHOD: ("How to read the record", "text/markdown")} if self._method.is_file() else {})

    async def read(self, address: str) -> tuple[str, str]:
        """Read one of `texts`: its text and its media type. Raises UnknownName."""
        if address not in self.texts():
            raise UnknownName(f"There is nothing to read at {address[:120]}")
        _title, media_type = self.texts()[address]
        if address == METHOD:
            return await asyncio.to_thread(self._method.read_text, encoding="utf-8"), media_type
        graph = terms.GRAPH + address.removeprefix(terms.BASE)
        query = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        return (await self.release.pages.answer(Query(query, "ttl"))).body.decode(), media_type


def _render(template: str, data: Mapping[str, Any], **values: Any) -> str:
    templates = templates_in(Path(__file__).parent, speak(DEFAULT), short=terms.short_iri, json=json.dumps)
    return templates.get_template(template).render(data, **values).rstrip("\n")

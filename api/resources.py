"""Dereferencing: things, ontology terms, schemes, shapes and graphs, each as a page or as data.

Promises 303 from a thing to the document about it, the same forms by Accept and by suffix, 404 with the nearest names,
and 410 for what was withdrawn. Never answers with more than the release holds.
"""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import negotiate, render, rows
from api.negotiate import GRAPHS, HTML, JSON
from api.responses import About, alternates, opened_of, prefix_of, reader_of, serve
from api.views import view_of
from kg import terms
from kg.errors import BadParameter, UnknownName, Withdrawn
from kg.terms import Iri, Literal

FORMS = (HTML, *GRAPHS, JSON)
DATA_ONLY = GRAPHS
LONGEST_KEY = 300
TYPE = terms.PREFIXES["rdf"] + "type"
LABEL = terms.PREFIXES["skos"] + "prefLabel"
TOMBSTONE = terms.term("Tombstone")


async def redirect(request: Request) -> Response:
    """Send /id/<type>/<key> to the document about it; a suffix is kept."""
    kind, key = _key(request)
    stem, suffix = negotiate.split_suffix(key, FORMS)
    await _require(request, f"{terms.ID}{kind}/{stem}")
    page = render.Page(opened_of(request), prefix_of(request), {})
    target = page.at(f"/doc/{kind}/{stem}" + (f".{suffix}" if suffix else ""))
    return RedirectResponse(target, 303, {"Cache-Control": "public, no-cache"})


async def document(request: Request) -> Response:
    """Answer /doc/<type>/<key>, as a page or as data."""
    kind, key = _key(request)
    stem, suffix = negotiate.split_suffix(key, FORMS)
    return await _thing(request, f"{terms.ID}{kind}/{stem}", f"/doc/{kind}/{stem}", suffix)


async def concept(request: Request) -> Response:
    """Answer /scheme/<name>/<key>."""
    scheme, key = request.path_params["scheme"], request.path_params["key"]
    stem, suffix = negotiate.split_suffix(key, FORMS)
    return await _thing(request, f"{terms.SCHEME}{scheme}/{stem}", f"/scheme/{scheme}/{stem}", suffix)


async def scheme(request: Request) -> Response:
    """Answer /scheme/<name>: the concepts, as a page or as the file they come from."""
    name, suffix = negotiate.split_suffix(request.path_params["scheme"], (HTML, *GRAPHS))
    iri = terms.SCHEME + name
    return await _folder(request, iri, f"/scheme/{name}", suffix, f"{terms.GRAPH}ontology/schemes/{name}", _scheme_page)


async def schemes(request: Request) -> Response:
    """Answer /scheme: the list of schemes."""
    stem = f"{terms.GRAPH}ontology/schemes/"
    return await _folder(request, terms.BASE + "scheme", "/scheme", None, stem, _schemes_page)


async def ontology(request: Request) -> Response:
    """Answer /ontology, whole, and /ontology/<module>."""
    module, suffix = negotiate.split_suffix(request.path_params.get("module", ""), (HTML, *GRAPHS))
    path = f"/ontology/{module}" if module else "/ontology"
    stem = f"{terms.GRAPH}ontology/{module}"
    return await _folder(request, terms.BASE + path[1:], path, suffix, stem, _ontology_page)


async def ontology_file(request: Request) -> Response:
    """Answer /ontology.<suffix>, the whole ontology in one format."""
    return await _folder(
        request, terms.ONTOLOGY, "/ontology", request.path_params["suffix"], f"{terms.GRAPH}ontology/", _ontology_page
    )


async def shapes(request: Request) -> Response:
    """Answer /shapes: the constraints the data obey."""
    suffix = request.path_params.get("suffix")
    return await _folder(request, terms.BASE + "shapes", "/shapes", suffix, f"{terms.GRAPH}shapes/", _shapes_page)


async def graph(request: Request) -> Response:
    """Answer /graph/<path>: one source file, or what the build derived, as data; /graph lists them."""
    name = request.path_params.get("name", "")
    if not name:
        return await _folder(request, terms.GRAPH.rstrip("/"), "/graph", None, terms.GRAPH, _graphs_page)
    stem, suffix = negotiate.split_suffix(name, DATA_ONLY)
    offer = negotiate.pick(request.headers.get("accept"), (*DATA_ONLY, HTML), override=suffix)
    iri = terms.GRAPH + stem
    reader = reader_of(request)
    about = About(stem, iri, alternates(f"/graph/{stem}", DATA_ONLY))
    if not any(row["graph"] == iri for row in await reader.ask("graphs")):
        raise UnknownName(f"There is no graph {stem[:80]!r} here", hint="/graph lists those that there are")

    async def make() -> bytes:
        if offer is not HTML:
            return await reader.graph("graph", offer.name, this=Iri(iri))
        text = await reader.graph("graph", "ttl", this=Iri(iri))
        page = await reader.page(prefix_of(request))
        return render.fill("graph.html", page=page, about=about, text=text.decode())

    return await serve(request, offer, make, about=about)


async def search(request: Request) -> Response:
    """Answer /search?q=: things by their labels, descriptions and paraphrases."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    wanted = request.query_params.get("q", "")[:200]
    words = wanted.lower().split()[:5]
    reader = reader_of(request)

    async def make() -> bytes:
        found = []
        if words:
            bindings = {f"w{n + 1}": Literal(words[n] if n < len(words) else "") for n in range(5)}
            found = rows.gather(await reader.ask("search", **bindings), "thing", "text")[:100]
        page = await reader.page(prefix_of(request), found)
        if offer is HTML:
            about = About(f"Search: {wanted}" if wanted else "Search", terms.BASE + "search")
            return render.fill("search.html", page=page, about=about, wanted=wanted, found=found)
        results = [
            {"id": row["thing"], "label": page.name(row["thing"]), "text": row["text"], "href": page.path(row["thing"])}
            for row in found
        ]
        return dumps({"q": wanted, "results": results, "release": opened_of(request).id})

    return await serve(request, offer, make)


async def _thing(request: Request, iri: str, path: str, suffix: str | None) -> Response:
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix)
    facts = await _require(request, iri)
    about = About(_label(facts) or iri, iri, alternates(path, (*GRAPHS, JSON)))
    reader = reader_of(request)

    async def make() -> bytes:
        if offer is HTML:
            return await _thing_page(request, reader, iri, facts, about)
        if offer is JSON:
            return await _thingdumps(request, reader, iri, facts)
        return await reader.graph("describe", offer.name, this=Iri(iri))

    return await serve(request, offer, make, about=about)


async def _thing_page(request: Request, reader: render.Reader, iri: str, facts: Sequence[rows.Row], about: About):
    classes = {row["value"] for row in facts if row["property"] == TYPE}
    view = view_of(classes)
    tables = await reader.ask_all(("incoming", *view.queries), this=Iri(iri))
    known = rows.by_property(facts)
    facts = [{**row, "ours": _is_ours(row)} for row in facts]
    properties = [row["property"] for table in (facts, tables["incoming"]) for row in table]
    page = await reader.page(prefix_of(request), facts, *tables.values(), also=[iri, *properties])
    return render.fill(
        view.template,
        page=page,
        about=about,
        iri=iri,
        kind=_kind(facts),
        facts=facts,
        known=known,
        derived={(row["property"], row["value"]) for row in facts if row["derived"] and row["derived"].is_true},
        **tables,
    )


async def _thingdumps(request: Request, reader: render.Reader, iri: str, facts: Sequence[rows.Row]) -> bytes:
    page = await reader.page(prefix_of(request), facts, also=[iri])
    properties: dict[str, list[Any]] = {}
    for row in facts:
        value = row["value"]
        if value.is_iri:
            member = {"id": value, "label": page.name(value)}
        else:
            member = {"value": value, "datatype": value.datatype or None, "language": value.language or None}
        member["derived"] = bool(row["derived"] and row["derived"].is_true)
        kept = {name: part for name, part in member.items() if part is not None}
        properties.setdefault(terms.shorten(row["property"]), []).append(kept)
    return dumps(
        {
            "id": iri,
            "label": page.name(iri),
            "properties": properties,
            "release": opened_of(request).id,
            "license": render.LICENCE,
        }
    )


async def _folder(request: Request, iri: str, path: str, suffix: str | None, stem: str, make_page: Any) -> Response:
    """Answer with all graphs whose names begin with `stem`, or with the page about them."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, *GRAPHS), override=suffix)
    reader = reader_of(request)
    graphs = [row["graph"] for row in await reader.ask("graphs") if row["graph"].startswith(stem)]
    if not graphs or (not stem.endswith("/") and stem not in graphs):
        raise UnknownName(f"There is no {path[:80]} here", hint="/ontology and /scheme list what there is")
    about = About(iri.removeprefix(terms.BASE), iri, alternates(path, GRAPHS))

    async def make() -> bytes:
        if offer is HTML:
            return await make_page(request, reader, iri, about)
        if stem == terms.GRAPH:  # all of them together are the dumps
            return await reader.graph("graphlist", offer.name)
        query, binding = ("folder", Literal(stem)) if stem.endswith("/") else ("graph", Iri(stem))
        return await reader.graph(query, offer.name, **{"stem" if query == "folder" else "this": binding})

    return await serve(request, offer, make, about=about)


async def _ontology_page(request: Request, reader: render.Reader, iri: str, about: About) -> bytes:
    found = await reader.ask("terms")
    if iri != terms.ONTOLOGY:
        found = [row for row in found if row["module"] == iri]
    listed = rows.gather(found, "term", "parent", "range", "notation")
    page = await reader.page(prefix_of(request), found, also=[iri])
    return render.fill("ontology.html", page=page, about=about, iri=iri, terms=listed, whole=iri == terms.ONTOLOGY)


async def _scheme_page(request: Request, reader: render.Reader, iri: str, about: About) -> bytes:
    facts, concepts = await asyncio.gather(reader.ask("facts", this=Iri(iri)), reader.ask("concepts", this=Iri(iri)))
    page = await reader.page(prefix_of(request), facts, concepts, also=[iri])
    return render.fill("scheme.html", page=page, about=about, iri=iri, facts=facts, concepts=concepts)


async def _schemes_page(request: Request, reader: render.Reader, iri: str, about: About) -> bytes:
    found = await reader.ask("schemes")
    page = await reader.page(prefix_of(request), found)
    return render.fill("schemes.html", page=page, about=about, schemes=found)


async def _shapes_page(request: Request, reader: render.Reader, iri: str, about: About) -> bytes:
    text = await reader.graph("folder", "ttl", stem=Literal(f"{terms.GRAPH}shapes/"))
    page = await reader.page(prefix_of(request))
    return render.fill("graph.html", page=page, about=about, text=text.decode())


async def _graphs_page(request: Request, reader: render.Reader, iri: str, about: About) -> bytes:
    found = await reader.ask("graphs")
    page = await reader.page(prefix_of(request))
    return render.fill("graphs.html", page=page, about=about, graphs=found, base=terms.GRAPH)


async def _require(request: Request, iri: str) -> list[rows.Row]:
    """Fetch what is said of a thing; raises UnknownName, or Withdrawn for a tombstone."""
    try:
        facts = await reader_of(request).ask("facts", this=Iri(iri))
    except BadParameter:  # this can be the IRI of nothing
        facts = []
    if not facts:
        raise UnknownName(f"Nothing here has the address {iri[:200]}", hint=await _suggest(request, iri))
    if any(row["property"] == TYPE and row["value"] == TOMBSTONE for row in facts):
        known = rows.by_property(facts)
        day = known.get("withdrawnOn", ["an unknown day"])[0]
        reason = known.get("withdrawalReason", ["no reason given"])[0]
        raise Withdrawn(f"Withdrawn on {day}: {reason}", hint=_replacement(known))
    return facts


def _replacement(known: Mapping[str, Sequence[str]]) -> str | None:
    return f"In its place: {known['isReplacedBy'][0]}" if "isReplacedBy" in known else None


async def _suggest(request: Request, iri: str) -> str:
    stem = iri[: iri.rindex("/") + 1]
    names = [row["thing"] for row in await reader_of(request).ask("keys", stem=Literal(stem))]
    if not names:
        return f"There is nothing under {stem}; /search finds things by their names"
    close = difflib.get_close_matches(iri, names, 3, 0.6)
    return "Did you mean " + " or ".join(close) + "?" if close else "/search finds things by their names"


def _key(request: Request) -> tuple[str, str]:
    kind, key = request.path_params["kind"], request.path_params["key"]
    stem, _ = negotiate.split_suffix(key, FORMS)
    try:
        if len(kind) + len(key) > LONGEST_KEY:
            raise ValueError("too long")
        terms.mint(kind, stem)
    except ValueError:
        raise UnknownName(
            f"Nothing here can have the address /id/{kind[:40]}/{key[:80]}",
            hint="Addresses are /id/<type>/<key>, in lower-case letters, digits and hyphens",
        ) from None
    return kind, key


def _is_ours(row: rows.Row) -> bool:
    """Say whether a fact is told in our vocabulary or in SKOS, and not repeated in one that ours is aligned with."""
    if row["property"] == TYPE:
        return row["value"].startswith((terms.VOCABULARY, terms.PREFIXES["skos"]))
    return row["property"].startswith((terms.VOCABULARY, terms.PREFIXES["skos"]))


def _label(facts: Sequence[rows.Row]) -> str | None:
    labels = [row["value"] for row in facts if row["property"] == LABEL]
    return next((label for label in labels if label.language == "en"), labels[0] if labels else None)


def _kind(facts: Sequence[rows.Row]) -> str | None:
    """Pick the class to show: one that was stated where there is one, else a derived one."""
    types = [row for row in facts if row["property"] == TYPE]
    stated = [row["value"] for row in types if not (row["derived"] and row["derived"].is_true)]
    return render.plain_class(stated) or render.plain_class(row["value"] for row in types)


def dumps(value: Any) -> bytes:
    """Write JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()

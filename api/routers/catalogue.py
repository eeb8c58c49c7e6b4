"""The data set: its catalogue (DCAT-AP 3, VoID, PROV), its releases and dumps, and its graphs: schemes and sources.

The catalogue is made from the manifests of the releases that are here, so that each names its files, and the addresses are those
of this server; what it describes keeps its IRI. A dump is sent as the build wrote it, with the checksum of the manifest.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from api.dependencies import (
    About,
    Exchange,
    Offers,
    OwnParameters,
    PageNumber,
    Section,
    alternates,
    cached,
    check_section,
    exchange_of,
    part_of,
    prefix_of,
)
from api.http import links
from api.http.addresses import write_json
from api.http.links import Link
from api.http.negotiate import GRAPHS, HTML, JSON, JSONLD, TURTLE
from api.openapi import answers
from api.render.page import describe
from api.routers.changes import all_releases, releases_key
from api.routers.vocabulary import compact, translate
from kg import catalogue, release, rows, terms
from kg.answer.formats import Format
from kg.catalogue import CATALOGUE, DATASET, Coverage, Parts, ReleaseFacts, ServerFacts, Things, typed
from kg.errors import AnswerTooLarge, UnknownName
from kg.languages import N_
from kg.release import COMPRESSED, Release
from kg.store import Triple
from kg.supplements import facts_of
from kg.terms import Iri
from kg.wording import say

router = APIRouter(tags=["Catalogue"], route_class=OwnParameters)
files = APIRouter(tags=["Graphs and dumps"], route_class=OwnParameters)

MOST_TRIPLES = 2_000  # of a graph that are written for its page, more than fill LONGEST: see graph-beginning.rq
LONGEST = 32_000  # letters of a graph that its page shows
SCHEMES = f"{terms.GRAPH}ontology/schemes/"
TITLES = {"/scheme": N_("Schemes of concepts"), "/graph": N_("Named graphs")}


async def _about_dataset(exchange: Exchange) -> About:
    return About(
        N_("The dataset"),
        DATASET,
        alternates("/dataset", GRAPHS),
        types=(links.DATASET,),
        kind="dataset",
        items=_items("/dumps", exchange.opened.release),
    )


def _items(folder: str, described: Release) -> tuple[tuple[str, str], ...]:
    return tuple((COMPRESSED[path.suffix], f"{folder}/{name}") for name, path in described.dumps.items())


async def _about_release(exchange: Exchange) -> About:
    named = release.find(exchange.settings.out, exchange.params["release"])
    path = f"/release/{named.id}"
    return About(
        f"Release {named.id}",
        terms.RELEASE + named.id,
        alternates(path, (*GRAPHS, JSON)),
        types=(links.DATASET,),
        items=_items(f"{path}/dumps", named),
        subject=named,
    )


whole_catalogue = Offers(
    *(HTML, *GRAPHS),
    about=About(
        N_("Catalogue"),
        CATALOGUE,
        alternates("/catalogue", GRAPHS),
        types=("https://schema.org/DataCatalog",),
        kind="dataset",
    ),
    errors=(404,),
)
whole_dataset = Offers(HTML, *GRAPHS, about=_about_dataset, errors=(404,))
void = Offers(*GRAPHS, HTML, about=_about_dataset, errors=(404,))
single_release = Offers(*(HTML, *GRAPHS, JSON), about=_about_release, stem="release", errors=(404, 410))


@router.get("/catalogue", **whole_catalogue.documented)
@router.get("/catalogue.{suffix}", include_in_schema=False)
@partial(cached, key=releases_key)
async def listed(exchange: Annotated[Exchange, Depends(whole_catalogue)]) -> bytes:
    """The data set, its releases, files and services, for data portals (DCAT-AP 3)."""
    shown, releases, server = await _read(exchange)
    facts = [facts_of(described, releases) for described in releases]
    if exchange.offer is HTML:
        return await exchange.fill("catalogue.html", releases=facts[::-1], shown=shown, server=server)
    return _document(exchange, catalogue.describe_catalogue(shown, facts, server, await _coverage(exchange)))


@router.get("/.well-known/void", **void.documented)
async def well_known(exchange: Annotated[Exchange, Depends(void)]) -> Response:
    """The data set as it is in the release: DCAT, VoID, PROV."""
    return await dataset(exchange)


@router.get("/dataset", **whole_dataset.documented)
@router.get("/dataset.{suffix}", include_in_schema=False)
@partial(cached, key=releases_key)
async def dataset(exchange: Annotated[Exchange, Depends(whole_dataset)]) -> bytes:
    """The data set as it is in the release: DCAT, VoID, PROV."""
    coverage = await _coverage(exchange)
    if exchange.offer is HTML:
        shown, releases, server = await _read(exchange)
        return await exchange.fill(
            "dataset.html",
            shown=shown,
            releases=releases,
            gone=await asyncio.to_thread(release.removed, exchange.settings.out),
            server=server,
            coverage=coverage,
        )
    parts, started = await _read_build(exchange.opened.release)
    shown, _, server = await _read(exchange, started)
    return _document(exchange, catalogue.describe(parts, shown, server, coverage))


@router.get("/release/{release}", **single_release.documented)
@partial(cached, key=releases_key)
async def one_release(
    exchange: Annotated[Exchange, Depends(single_release)],
    release: Annotated[str, Path()],
    show: Section = "",
    page: PageNumber = 1,
) -> bytes:
    """What went into a release and what came out, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json)."""
    described: Release = exchange.about.subject
    if exchange.offer is JSON:
        return write_json({**described.manifest, "sha256": described.sha256})
    if exchange.offer is not HTML:
        _, started = await _read_build(described)
        shown, _, server = await _read(exchange, started)
        return _document(exchange, catalogue.describe_release(shown, server))
    shown, _, _ = await _read(exchange)
    check_section(show, ("inputs", "outputs"))
    part = part_of(sorted(described.manifest[show].items()) if show else (), page, show)
    supplements = {extra.kind for extra in shown.supplements}
    return await exchange.fill(
        "release.html", release=described, before=shown.before, supplements=supplements, part=part
    )


async def _read_build(described: Release) -> tuple[Parts, str]:
    return await asyncio.to_thread(lambda: catalogue.read((described.path / "catalogue.ttl").read_bytes()))


async def _read(exchange: Exchange, started: str = "") -> tuple[ReleaseFacts, Sequence[Release], ServerFacts]:
    """Read what a catalogue says of the release of a page, the releases that are here, and where they are offered."""
    opened, releases = exchange.opened, await all_releases(exchange)
    described = exchange.about.subject or opened.release
    shown = await asyncio.to_thread(facts_of, described, releases, started, is_whole=True)
    return shown, releases, ServerFacts(opened.base, opened.operator, opened.contact)


def _document(exchange: Exchange, whole: Iterable[Triple]) -> bytes:
    topic, form = exchange.about.canonical, exchange.offer.name
    document = describe(exchange.about.subject or exchange.opened.release, topic.removeprefix(terms.BASE), topic, form)
    return catalogue.write([*whole, *catalogue.triples(document)], form)


async def _coverage(exchange: Exchange) -> Coverage | None:
    (row,) = await exchange.ask("coverage")
    return row if row["first"] else None


@files.get("/dumps", **answers(status=303))
async def dump_list(request: Request) -> Response:
    """The dumps: 303 to /dataset."""
    return RedirectResponse(prefix_of(request) + "/dataset", 303)


@files.get("/dumps/{file}", **answers("application/gzip", "application/zstd", "text/plain", errors=(404,)))
async def dump(
    exchange: Annotated[Exchange, Depends(exchange_of)], file: Annotated[str, Path(examples=["answerable.nq.gz"])]
) -> Response:
    """One dump, or with .sha256 its checksum."""
    release, name, page = exchange.opened.release, file.removesuffix(".sha256"), exchange.prefix + "/dataset"
    if name not in release.dumps:
        raise UnknownName(
            say("There is no dump %(name)s", name=f"{name!r}"), hint=say("On offer: %(names)s", names=release.dumps)
        )
    if file != name:
        return PlainTextResponse(f"{release.manifest['outputs'][f'dumps/{name}']}  {name}\n")
    linked = (
        Link("collection", page, HTML.media_type),
        Link("describedby", exchange.opened.base + "dataset"),
        Link("describedby", f"{page}.ttl", TURTLE.media_type),
    )
    return exchange.send_file(f"dumps/{name}", COMPRESSED[release.dumps[name].suffix], *linked)


def _add_file(name: str, form: Format, description: str) -> None:
    offers = Offers(form, about=About(name, terms.BASE + name), errors=(404,), is_fixed=True)

    @files.get(f"/{name}", name=name, description=description, **offers.documented)
    async def send(exchange: Exchange = Depends(offers)) -> Response:
        return exchange.send_file(name, form.content_type)


_add_file("CITATION.cff", Format("cff", "application/yaml"), "How to cite the release (Citation File Format)")
_add_file("ro-crate-metadata.json", JSONLD, "What is in the folder of the release (RO-Crate)")
_add_file("datapackage.json", JSON, "The dumps as a data package (Frictionless)")
_add_file("zenodo.json", JSON, "What Zenodo asks of who deposits the release")


async def _about(exchange: Exchange) -> About:
    """Name the graph at an address, or the folder of graphs; its subject are the names of the graphs."""
    kind, name = exchange.path[1:].partition("/")[0].partition(".")[0], next(iter(exchange.params.values()), "")
    path, stem = f"/{kind}/{name}" if name else f"/{kind}", (SCHEMES if kind == "scheme" else terms.GRAPH) + name
    graphs = [each for each in exchange.opened.graphs if each == stem or not name and each.startswith(stem)]
    if not graphs:
        raise UnknownName(
            say("There is no %(path)s here", path=path), hint=say("/ontology, /scheme and /graph list what there is")
        )
    title = TITLES.get(path) or path[1:].removeprefix("graph/")
    return About(title, terms.BASE + path[1:], alternates(path, GRAPHS), subject=graphs)


folders = Offers(HTML, *GRAPHS, about=_about, errors=(404,))
single_scheme = Offers(HTML, *GRAPHS, about=_about, stem="scheme", errors=(404,))
single_graph = Offers(*GRAPHS, HTML, about=_about, stem="name", errors=(404, 422))


async def _write(exchange: Exchange) -> bytes:
    iri, graphs, form = exchange.about.canonical, exchange.about.subject, exchange.offer.name
    if exchange.path.partition(".")[0] == "/graph":  # all graphs together are the dumps, so here are their sizes
        counts: Things = {
            name: {
                "rdf:type": Iri("http://www.w3.org/ns/sparql-service-description#Graph"),
                "void:triples": typed(count, "integer"),
            }
            for name, count in exchange.opened.graphs.items()
        }
        return catalogue.write(catalogue.triples(counts), form)
    # A source file is sent as the graph it is; the others are documents of this site, and say so.
    pairs, facts = [(Iri(iri), Iri(name)) for name in graphs], {}
    if graphs != [iri]:
        described = describe(exchange.opened.release, iri.removeprefix(terms.BASE), iri, form)
        facts = {**await translate(exchange, pairs), **described}
    try:
        document = await exchange.graph("folder", facts, pairs)
    except AnswerTooLarge as error:
        raise AnswerTooLarge(
            error.message,
            hint=say("Take the dump at /dumps, or a part of the graph from /sparql with LIMIT and OFFSET"),
        ) from None
    # A scheme is small enough to be compacted.
    return await compact(exchange, document) if graphs[0].startswith(SCHEMES) else document


@files.get("/scheme", **folders.documented)
@files.get("/scheme.{suffix}", include_in_schema=False)
@partial(cached, data=_write)
async def schemes(exchange: Annotated[Exchange, Depends(folders)]) -> bytes:
    """The schemes of concepts."""
    return await exchange.fill("schemes.html", schemes=await exchange.ask("schemes"))


@files.get("/scheme/{scheme}", **single_scheme.documented)
@partial(cached, data=_write)
async def scheme(
    exchange: Annotated[Exchange, Depends(single_scheme)], scheme: Annotated[str, Path(examples=["right"])]
) -> bytes:
    """One scheme (SKOS)."""
    iri = exchange.about.canonical
    tables = await exchange.ask_all(("facts", "concepts"), this=Iri(iri))
    return await exchange.fill("scheme.html", also=[iri], iri=iri, **tables)


@files.get("/graph", **folders.documented)
@files.get("/graph.{suffix}", include_in_schema=False)
@partial(cached, data=_write)
async def graphs(exchange: Annotated[Exchange, Depends(folders)], show: Section = "", page: PageNumber = 1) -> bytes:
    """The named graphs by folder: one a source file, and what the build derived."""
    listed = [
        {"folder": name.removeprefix(terms.GRAPH).rpartition("/")[0], "graph": name, "triples": triples}
        for name, triples in exchange.opened.graphs.items()
    ]
    folders = rows.by(listed, "folder")
    check_section(show, [name for name in folders if name])
    part = part_of(folders[show], page, show)
    return await exchange.fill("graphs.html", folders=folders, part=part, base=terms.GRAPH)


@files.get("/graph/{name:path}", **single_graph.documented)
@partial(cached, data=_write)
async def graph(
    exchange: Annotated[Exchange, Depends(single_graph)], name: Annotated[str, Path(examples=["ontology/events"])]
) -> bytes:
    """One named graph."""
    (stem,) = exchange.about.subject
    dumps = [*exchange.opened.release.dumps]
    try:
        text = (await exchange.graph("graph-beginning", format="ttl", this=Iri(stem))).decode()
    except AnswerTooLarge:  # of a server that gives fewer rows than fill the page
        return await exchange.fill("graph.html", text=None, is_cut=True, dumps=dumps)
    is_cut = len(text) > LONGEST or exchange.opened.graphs.get(stem, 0) > MOST_TRIPLES
    if len(text) > LONGEST:  # to the end of a whole paragraph, or line, where there is one
        text = text[:LONGEST]
        text = text.rpartition("\n\n")[0] or text.rpartition("\n")[0] or text
    return await exchange.fill("graph.html", text=text, is_cut=is_cut, dumps=dumps)


router.routes.extend(files.routes)

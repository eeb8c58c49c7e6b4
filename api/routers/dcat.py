"""The catalogue for portals and harvesters: what is offered here, release by release, in DCAT-AP 3, VoID and PROV.

It is made from the manifests of the releases that are here, so that each names its files, and the addresses are those of this
server. What it describes keeps its IRI.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, PageNumber, Section, alternates, check_section
from api.http.addresses import write_json
from api.http.negotiate import GRAPHS, HTML, JSON
from api.render import paging
from api.render.documents import describe
from api.routers.changes import ids_of
from kg import catalogue, supplements, terms
from kg import release as folders
from kg.catalogue import CATALOGUE, DATASET, Coverage, File, ReleaseFacts, Server
from kg.languages import N_
from kg.members import packing_of
from kg.release import Release
from kg.store import GRAPH_MEDIA_TYPES, Triple

router = APIRouter(tags=["Catalogue"])

BESIDE = ("tables", "crosswalks")  # what may come beside the dumps: folders of a release
SECTIONS = ("inputs", "outputs")  # of the page of a release
DATASET_TYPE = "https://schema.org/Dataset"
CATALOGUE_TYPE = "https://schema.org/DataCatalog"


async def _about_dataset(exchange: Exchange) -> About:
    dumps = facts(exchange.opened.release).dumps
    items = tuple((packing_of(one.name).media_type, f"/{one.path}") for one in dumps)
    forms = alternates("/dataset", GRAPHS)
    return About(N_("The dataset"), DATASET, forms, types=(DATASET_TYPE,), kind="dataset", items=items)


async def _about_release(exchange: Exchange) -> About:
    one = folders.find(exchange.settings.out, exchange.params["release"])
    forms = alternates(f"/release/{one.id}", (*GRAPHS, JSON))
    return About(f"Release {one.id}", terms.RELEASE + one.id, forms, types=(DATASET_TYPE,), subject=one)


about_catalogue = About(
    N_("Catalogue"), CATALOGUE, alternates("/catalogue", GRAPHS), types=(CATALOGUE_TYPE,), kind="dataset"
)
whole_catalogue = Offers(HTML, *GRAPHS, about=about_catalogue, errors=(404,))
whole_dataset = Offers(HTML, *GRAPHS, about=_about_dataset, errors=(404,))
void = Offers(*GRAPHS, HTML, about=_about_dataset, errors=(404,))
FORMS = (HTML, *GRAPHS, JSON)
single_release = Offers(*FORMS, about=_about_release, stem="release", model=models.Object, errors=(404, 410))


@router.get("/catalogue", **whole_catalogue.documented)
@router.get("/catalogue.{suffix}", include_in_schema=False)
async def listed(exchange: Annotated[Exchange, Depends(whole_catalogue)]) -> Response:
    """The data set, its releases, files and services, for data portals (DCAT-AP 3)."""
    releases, opened, server = await _releases(exchange), exchange.opened, server_of(exchange)

    async def write() -> bytes:
        shown = await _with_supplements(opened.release, releases)
        each = [facts(one, releases) for one in releases]
        if exchange.offer is HTML:
            return await exchange.fill("catalogue.html", releases=each[::-1], shown=shown, server=server)
        whole = catalogue.describe_catalogue(shown, each, server, await _coverage(exchange))
        return _document(exchange, opened.release, "/catalogue", whole)

    return await exchange.serve(write, etag_extra=ids_of(releases))


@router.get("/.well-known/void", **void.documented)
async def well_known(exchange: Annotated[Exchange, Depends(void)]) -> Response:
    """The data set as it is in the release: DCAT, VoID, PROV."""
    return await dataset(exchange)


@router.get("/dataset", **whole_dataset.documented)
@router.get("/dataset.{suffix}", include_in_schema=False)
async def dataset(exchange: Annotated[Exchange, Depends(whole_dataset)]) -> Response:
    """The data set as it is in the release: DCAT, VoID, PROV."""
    opened, server, releases = exchange.opened, server_of(exchange), await _releases(exchange)
    gone = await asyncio.to_thread(folders.removed, exchange.settings.out)

    async def write() -> bytes:
        parts, started = catalogue.read((opened.release.path / "catalogue.ttl").read_bytes())
        shown, coverage = await _with_supplements(opened.release, releases, started), await _coverage(exchange)
        if exchange.offer is HTML:
            context: dict[str, Any] = {"shown": shown, "server": server, "coverage": coverage}
            return await exchange.fill("dataset.html", releases=releases, gone=gone, **context)
        whole = catalogue.describe(parts, shown, server, coverage)
        return _document(exchange, opened.release, "/dataset", whole)

    return await exchange.serve(write, etag_extra=ids_of([*releases, *gone]))


@router.get("/release/{release}", **single_release.documented)
async def one_release(
    exchange: Annotated[Exchange, Depends(single_release)],
    release: Annotated[str, Path()],
    show: Section = "",
    page: PageNumber = 1,
) -> Response:
    """What went into a release and what came out, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json)."""
    one: Release = exchange.about.subject
    releases = await _releases(exchange)

    async def write() -> bytes:
        if exchange.offer is JSON:
            return write_json({**one.manifest, "sha256": one.sha256})
        if exchange.offer is HTML:
            check_section(show, SECTIONS)
            part = paging.part_of(sorted(one.manifest[show].items()) if show else (), page, show)
            context: dict[str, Any] = {
                "release": one,
                "manifest": one.manifest,
                "part": part,
                "before": facts(one, releases).before,
            }
            context |= {kind: any(path.startswith(f"{kind}/") for path in one.manifest["outputs"]) for kind in BESIDE}
            return await exchange.fill("release.html", **context)
        started = catalogue.read((one.path / "catalogue.ttl").read_bytes())[1]
        whole = catalogue.describe_release(await _with_supplements(one, releases, started), server_of(exchange))
        return _document(exchange, one, f"/release/{one.id}", whole)

    return await exchange.serve(write, etag_extra=ids_of(releases))


def facts(one: Release, releases: Iterable[Release] = (), started: str = "") -> ReleaseFacts:
    """Read from the manifest of a release what a catalogue says of it, and from a list of releases which came before it."""
    manifest, dumps = one.manifest, []
    for form, media_type in GRAPH_MEDIA_TYPES.items():
        for name, path in one.dumps.items():
            dump = File(f"dumps/{name}", media_type, path.stat().st_size, manifest["outputs"].get(f"dumps/{name}", ""))
            dumps += [dump] if dump.sha256 and dump.format == form else []
    ids = [each.id for each in releases]
    before = ids[ids.index(one.id) - 1] if one.id in ids[1:] else ""
    triples, plain = manifest["triples"]["total"], bool(manifest["plain"])
    return ReleaseFacts(one.id, started, manifest["created"], triples, dumps, manifest["inputs"], plain, before)


def server_of(exchange: Exchange) -> Server:
    """Name where the data are offered: at the public address of this server, else at that of the data themselves."""
    settings = exchange.settings
    return Server(settings.base or terms.BASE, settings.operator, settings.contact)


def _document(exchange: Exchange, source: Release, path: str, whole: Iterable[Triple]) -> bytes:
    """Write a description, and what its document says of itself."""
    form = exchange.offer.name
    document = describe(source, path, exchange.about.canonical, form)
    return catalogue.write([*whole, *catalogue.triples(document)], form)


async def _releases(exchange: Exchange) -> list[Release]:
    """List the releases that are here, the oldest first."""
    return await asyncio.to_thread(folders.releases, exchange.settings.out)


async def _with_supplements(one: Release, releases: Iterable[Release], started: str = "") -> ReleaseFacts:
    """Read the facts of a release with its tables and crosswalks."""
    beside = await asyncio.to_thread(supplements.read, one.path, one.manifest["outputs"])
    return replace(facts(one, releases, started), supplements=beside)


async def _coverage(exchange: Exchange) -> Coverage | None:
    """Read what the record covers; nothing where it dates nothing."""
    if exchange.opened.is_plain:
        return None
    rows = await exchange.reader.ask("coverage")
    codes = [row["code"] for row in rows if row["code"]]
    spans = [row for row in rows if row["first"] and row["last"]]
    return Coverage(spans[0]["first"][:4], spans[0]["last"][:4], codes) if spans else None

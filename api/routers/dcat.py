"""The catalogue for portals and harvesters: what is offered here, release by release, in DCAT-AP 3, VoID and PROV.

It is made from the manifests of the releases that are here, so that each names its files, and the addresses are those of this
server. What it describes keeps its IRI.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from api import models
from api.dependencies import About, Exchange, Offers, PageNumber, Section, alternates, cached, check_section
from api.http.addresses import write_json
from api.http.negotiate import GRAPHS, HTML, JSON
from api.render import paging
from api.render.page import describe
from api.routers.changes import all_releases, releases_key
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
@partial(cached, key=releases_key)
async def listed(exchange: Annotated[Exchange, Depends(whole_catalogue)]) -> bytes:
    """The data set, its releases, files and services, for data portals (DCAT-AP 3)."""
    releases, current, server = await all_releases(exchange), exchange.opened.release, server_of(exchange)
    shown, each = await _with_supplements(current, releases), [facts(one, releases) for one in releases]
    if exchange.offer is HTML:
        return await exchange.fill("catalogue.html", releases=each[::-1], shown=shown, server=server)
    whole = catalogue.describe_catalogue(shown, each, server, await _coverage(exchange))
    return _document(exchange, current, "/catalogue", whole)


@router.get("/.well-known/void", **void.documented)
@partial(cached, key=releases_key)
async def well_known(exchange: Annotated[Exchange, Depends(void)]) -> bytes:
    """The data set as it is in the release: DCAT, VoID, PROV."""
    return await _dataset(exchange)


@router.get("/dataset", **whole_dataset.documented)
@router.get("/dataset.{suffix}", include_in_schema=False)
@partial(cached, key=releases_key)
async def dataset(exchange: Annotated[Exchange, Depends(whole_dataset)]) -> bytes:
    """The data set as it is in the release: DCAT, VoID, PROV."""
    return await _dataset(exchange)


async def _dataset(exchange: Exchange) -> bytes:
    current, server, releases = exchange.opened.release, server_of(exchange), await all_releases(exchange)
    parts, started = catalogue.read((current.path / "catalogue.ttl").read_bytes())
    shown, coverage = await _with_supplements(current, releases, started), await _coverage(exchange)
    if exchange.offer is HTML:
        gone = await asyncio.to_thread(folders.removed, exchange.settings.out)
        context: dict[str, Any] = {"shown": shown, "server": server, "coverage": coverage}
        return await exchange.fill("dataset.html", releases=releases, gone=gone, **context)
    return _document(exchange, current, "/dataset", catalogue.describe(parts, shown, server, coverage))


@router.get("/release/{release}", **single_release.documented)
@partial(cached, key=releases_key)
async def one_release(
    exchange: Annotated[Exchange, Depends(single_release)],
    release: Annotated[str, Path()],
    show: Section = "",
    page: PageNumber = 1,
) -> bytes:
    """What went into a release and what came out, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json)."""
    one: Release = exchange.about.subject
    if exchange.offer is JSON:
        return write_json({**one.manifest, "sha256": one.sha256})
    releases = await all_releases(exchange)
    if exchange.offer is HTML:
        check_section(show, SECTIONS)
        part = paging.part_of(sorted(one.manifest[show].items()) if show else (), page, show)
        context: dict[str, Any] = {"release": one, "manifest": one.manifest, "part": part}
        context |= {kind: any(path.startswith(f"{kind}/") for path in one.manifest["outputs"]) for kind in BESIDE}
        return await exchange.fill("release.html", before=facts(one, releases).before, **context)
    started = catalogue.read((one.path / "catalogue.ttl").read_bytes())[1]
    whole = catalogue.describe_release(await _with_supplements(one, releases, started), server_of(exchange))
    return _document(exchange, one, f"/release/{one.id}", whole)


def facts(one: Release, releases: Iterable[Release] = (), started: str = "") -> ReleaseFacts:
    """Read from the manifest of a release what a catalogue says of it, and from a list of releases which came before it."""
    manifest, sealed = one.manifest, one.manifest["outputs"]
    files = [
        File(f"dumps/{name}", media_type, path.stat().st_size, sealed[f"dumps/{name}"])
        for media_type in GRAPH_MEDIA_TYPES.values()
        for name, path in one.dumps.items()
        if f"dumps/{name}" in sealed
    ]
    dumps = [dump for dump in files if dump.media_type == GRAPH_MEDIA_TYPES.get(dump.format)]
    ids = [each.id for each in releases]
    before = ids[ids.index(one.id) - 1] if one.id in ids[1:] else ""
    triples, plain = manifest["triples"]["total"], bool(manifest["plain"])
    return ReleaseFacts(one.id, started, manifest["created"], triples, dumps, manifest["inputs"], plain, before)


def server_of(exchange: Exchange) -> Server:
    """Name where the data are offered: at the public address of this server, else at that of the data themselves."""
    return Server(exchange.settings.base or terms.BASE, exchange.settings.operator, exchange.settings.contact)


def _document(exchange: Exchange, source: Release, path: str, whole: Iterable[Triple]) -> bytes:
    document = describe(source, path, exchange.about.canonical, exchange.offer.name)
    return catalogue.write([*whole, *catalogue.triples(document)], exchange.offer.name)


async def _with_supplements(one: Release, releases: Iterable[Release], started: str = "") -> ReleaseFacts:
    beside = await asyncio.to_thread(supplements.read, one.path, one.manifest["outputs"])
    return replace(facts(one, releases, started), supplements=beside)


async def _coverage(exchange: Exchange) -> Coverage | None:
    """Read what the record covers; nothing where it dates nothing."""
    if exchange.opened.is_plain:
        return None
    rows = await exchange.reader.ask("coverage")
    codes, spans = [row["code"] for row in rows if row["code"]], [row for row in rows if row["first"] and row["last"]]
    return Coverage(spans[0]["first"][:4], spans[0]["last"][:4], codes) if spans else None

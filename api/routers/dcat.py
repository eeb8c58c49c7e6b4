"""The catalogue for portals and harvesters: what is offered here, release by release, in DCAT-AP 3, VoID and PROV.

It is made from the manifests of the releases that are here, so that each names its files, and the addresses are those of this
server. What it describes keeps its IRI.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import PageNumber, Section, check_section
from api.http import negotiate
from api.http.language import visit_of
from api.http.negotiate import GRAPHS, HTML, JSON
from api.http.responses import About, alternates, opened_of, reader_of, serve, write_json
from api.openapi import answers
from api.releases import OpenRelease
from api.render import paging, schema_org
from api.render.documents import describe
from kg import catalogue, release, supplements, terms
from kg.catalogue import Coverage, Dump, Made, Server
from kg.languages import DEFAULT, N_
from kg.members import packing_of
from kg.release import Release
from kg.store import GRAPH_MEDIA_TYPES
from kg.terms import Literal

router = APIRouter(tags=["Catalogue"])

FORMS = (HTML, *GRAPHS)
OF_RELEASE = (HTML, *GRAPHS, JSON)
BESIDE = ("tables", "crosswalks")  # what may come beside the dumps: folders of a release
SECTIONS = ("inputs", "outputs")  # of the page of a release
DATASET_TYPE = "https://schema.org/Dataset"
PAGES = {  # where a service is shown to people
    catalogue.SPARQL: "/sparql",
    catalogue.INTERFACE: "/docs",
    catalogue.STREAM: "/changes",
    catalogue.RECONCILIATION: "/reconcile",
}
CATALOGUE_TYPE = "https://schema.org/DataCatalog"


@router.get("/catalogue", **answers(*FORMS, errors=(404,)))
@router.get("/catalogue.{suffix}", include_in_schema=False, **answers(*FORMS, errors=(404,)))
async def listed(request: Request) -> Response:
    """The data set, its releases, files and services, for data portals (DCAT-AP 3)."""
    offer = _pick(request)
    about = About(
        N_("Catalogue"), catalogue.CATALOGUE, alternates("/catalogue", GRAPHS), types=(CATALOGUE_TYPE,), kind="dataset"
    )
    found, server = await _releases(request), server_of(request)
    shown = _made(opened_of(request).release, found)

    async def make() -> bytes:
        now, made = await _with_supplements(shown, opened_of(request).release), [_made(one, found) for one in found]
        if offer is HTML:
            return await reader_of(request).fill(
                "catalogue.html",
                about=about,
                releases=made[::-1],
                **_offered(now, request),
                schema_org=schema_org.write(schema_org.describe_catalogue(now, made, server)),
            )
        things = catalogue.describe_dataset(now, server, await _coverage(request))
        for one in made:  # what went into each, and its tables, are told where it is described alone
            beside = now.supplements if one.release == now.release else ()
            things |= catalogue.describe_release(replace(one, inputs=(), supplements=beside), server)
        versions = [terms.Iri(one.iri) for one in made]
        whole = {**things[catalogue.DATASET], "dcterms:hasVersion": versions, "dcat:hasVersion": versions}
        things |= {catalogue.DATASET: whole} | catalogue.describe_catalogue(now, made, server)
        things |= describe(opened_of(request).release, "/catalogue", catalogue.CATALOGUE, offer.name)
        return catalogue.write(things, offer.name)

    return await serve(request, offer, make, about=about, told=",".join(one.id for one in found))


@router.get("/dataset", **answers(*FORMS, errors=(404,)))
@router.get("/dataset.{suffix}", include_in_schema=False, **answers(*FORMS, errors=(404,)))
@router.get("/.well-known/void", **answers(*FORMS, errors=(404,)))
async def dataset(request: Request) -> Response:
    """The data set as it is in the release: DCAT, VoID, PROV."""
    well_known = request.url.path.endswith("/void")
    offer = _pick(request, (*GRAPHS, HTML) if well_known else FORMS)
    about = About(
        N_("The dataset"), catalogue.DATASET, alternates("/dataset", GRAPHS), types=(DATASET_TYPE,), kind="dataset"
    )
    opened, out = opened_of(request), request.app.state.settings.out
    found, gone = await _releases(request), release.removed(out)
    made = _made(opened.release, found)
    about = about._replace(items=tuple((packing_of(one.name).media_type, f"/dumps/{one.name}") for one in made.dumps))

    async def make() -> bytes:
        now = await _with_supplements(made, opened.release)
        if offer is HTML:
            return await reader_of(request).fill(
                "dataset.html",
                about=about,
                files=[{"name": one.name, "bytes": one.size, "sha256": one.sha256} for one in made.dumps],
                releases=found,
                gone=gone,
                **_offered(now, request),
                schema_org=schema_org.write(
                    schema_org.describe_dataset(now, server_of(request), await _coverage(request))
                ),
            )
        return await _describe(request, opened, now, offer.name)

    told = ",".join(one.id for one in (*found, *gone))
    return await serve(request, offer, make, about=about, told=told)


@router.get("/release/{release}", **answers(*OF_RELEASE, errors=(404, 410)))
async def one_release(
    request: Request, release_id: Annotated[str, Path(alias="release")], show: Section = "", page: PageNumber = 1
) -> Response:
    """What went into a release and what came out, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json)."""
    name, suffix = negotiate.split_suffix(request.path_params["release"], OF_RELEASE)
    one = release.find(request.app.state.settings.out, name)
    wanted = suffix or request.query_params.get("format")
    offer = negotiate.pick(request.headers.get("accept"), OF_RELEASE, override=wanted)
    path = f"/release/{one.id}"
    about = About(f"Release {one.id}", terms.RELEASE + one.id, alternates(path, (*GRAPHS, JSON)), types=(DATASET_TYPE,))
    found = await _releases(request)

    async def make() -> bytes:
        if offer is JSON:
            return write_json({**one.manifest, "sha256": one.sha256})
        if offer is HTML:
            check_section(show, SECTIONS)
            part = paging.part_of(sorted(one.manifest[show].items()) if show else (), page, show)
            told = {"found": one, "manifest": one.manifest, "part": part, "before": _made(one, found).before}
            told |= {kind: any(path.startswith(f"{kind}/") for path in one.manifest["outputs"]) for kind in BESIDE}
            return await reader_of(request).fill("release.html", about=about, **told)
        started = catalogue.read((one.path / "catalogue.ttl").read_bytes())[1]
        made = await _with_supplements(_made(one, found, started), one)
        things = catalogue.describe_release(made, server_of(request))
        return catalogue.write(things | describe(one, path, made.iri, offer.name), offer.name)

    return await serve(request, offer, make, about=about, told=",".join(each.id for each in found))


def server_of(request: Request) -> Server:
    """Tell where the data are offered: at the public address of this server, else at that of the data themselves."""
    settings = request.app.state.settings
    return Server(settings.base or terms.BASE, settings.operator, settings.contact)


def _pick(request: Request, offers: tuple[Any, ...] = FORMS) -> Any:
    return negotiate.pick(request.headers.get("accept"), offers, override=request.path_params.get("suffix"))


async def _describe(request: Request, opened: OpenRelease, made: Made, format: str) -> bytes:
    parts, started = catalogue.read((opened.release.path / "catalogue.ttl").read_bytes())
    whole = catalogue.describe(parts, replace(made, started=started), server_of(request), await _coverage(request))
    return catalogue.write(whole | describe(opened.release, "/dataset", catalogue.DATASET, format), format)


async def _releases(request: Request) -> list[Release]:
    """List the releases that are here, the oldest first."""
    return await asyncio.to_thread(release.releases, request.app.state.settings.out)


async def _coverage(request: Request) -> Coverage | None:
    """Read what the record covers; nothing where it dates nothing."""
    if opened_of(request).is_plain:
        return None
    found = await reader_of(request).ask("coverage")
    span = next((row for row in found if row["first"] and row["last"]), None)
    if span is None:
        return None
    return Coverage(span["first"][:4], span["last"][:4], [row["code"] for row in found if row["code"]])


async def _with_supplements(made: Made, one: Release) -> Made:
    """Add the tables and crosswalks of a release to what is told of it."""
    found = await asyncio.to_thread(supplements.read, one.path, one.manifest["outputs"])
    return replace(made, supplements=found)


def _offered(made: Made, request: Request) -> dict[str, Any]:
    """Tell what a page shows of tables, crosswalks and services: titles and descriptions in its language, and addresses."""
    code, by_kind = visit_of(request).language.code, {kind: [] for kind in BESIDE}
    for one in made.supplements:
        by_kind[one.kind].append({"path": one.path, "title": _worded(one.title, code), "files": one.files})
    services = [
        {
            "title": _worded(facts["dcterms:title"], code),
            "description": _worded(facts["dcterms:description"], code),
            "address": str(facts["dcat:endpointURL"]),
            "path": PAGES[iri],
        }
        for iri, facts in catalogue.describe_services(made, server_of(request)).items()
        if iri in PAGES
    ]
    return {**by_kind, "services": services}


def _worded(texts: Sequence[Literal], code: str) -> Literal:
    """Choose the text in a language, else the English one."""
    by_language = {one.language: one for one in texts}
    return by_language.get(code, by_language[DEFAULT])


def _made(one: Release, found: list[Release], started: str = "") -> Made:
    """Read from the manifest of a release what a catalogue tells of it, and which of those that were found came before it."""
    manifest, dumps = one.manifest, []
    for name, path in one.dumps.items():
        dump = Dump.of(name, path.stat().st_size, manifest["outputs"].get(f"dumps/{name}", ""))
        dumps += [dump] if dump and dump.sha256 else []
    dumps.sort(key=lambda dump: list(GRAPH_MEDIA_TYPES).index(dump.format))
    ids = [each.id for each in found]
    before = ids[ids.index(one.id) - 1] if one.id in ids[1:] else ""
    triples, plain = manifest["triples"]["total"], bool(manifest["plain"])
    return Made(one.id, started, manifest["created"], triples, dumps, manifest["inputs"], plain, before)

"""The dataset as a whole: the front page, the catalogue, the dumps with their checksums, and the releases.

A dump is sent as the build wrote it, with the checksum of the manifest.
"""

from __future__ import annotations

import base64
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from api import negotiate
from api.negotiate import GRAPHS, HTML, JSON
from api.responses import (
    About,
    address_of,
    alternates,
    has,
    lifetime_of,
    opened_of,
    prefix_of,
    reader_of,
    serve,
    tag,
    write_json,
)
from kg import release, terms
from kg.answer.formats import Format
from kg.errors import UnknownName
from kg.store import Query
from kg.terms import LICENCE

DUMP = Format("gz", "application/gzip", ".gz", frozenset())


async def home(request: Request) -> Response:
    """Answer /: what this is, the events, the questions and the numbers of the release."""
    negotiate.choose(request.headers.get("accept"), (HTML,))
    reader = reader_of(request)
    about = About("Answerable", terms.BASE)

    async def make() -> bytes:
        tables = await reader.ask_all(("events", "numbers"))
        counts = {row["class"].removeprefix(terms.VOCABULARY): int(row["count"]) for row in tables["numbers"]}
        return await reader.fill(
            "home.html",
            *tables.values(),
            about=about,
            events=tables["events"],
            counts=counts,
            questions=list(opened_of(request).questions.values()),
            manifest=opened_of(request).release.manifest,
        )

    return await serve(request, HTML, make, about=about)


async def dataset(request: Request) -> Response:
    """Answer /dataset and /.well-known/void: the catalogue of the release (DCAT, VoID, PROV)."""
    suffix = request.path_params.get("suffix")
    data_first = request.url.path.endswith("/void")
    offers = (*GRAPHS, HTML) if data_first else (HTML, *GRAPHS)
    offer = negotiate.pick(request.headers.get("accept"), offers, override=suffix)
    about = About("The dataset", terms.BASE + "dataset", alternates("/dataset", GRAPHS))
    opened = opened_of(request)

    async def make() -> bytes:
        if offer is HTML:
            return await reader_of(request).fill(
                "dataset.html",
                about=about,
                files=[_file(opened.release, name) for name in _dumps(opened.release)],
                releases=release.releases(request.app.state.settings.out),
                manifest=opened.release.manifest,
            )
        if offer is negotiate.TURTLE:  # as the build wrote it
            return (opened.release.path / "catalogue.ttl").read_bytes()
        return opened.ask_catalogue(Query("CONSTRUCT WHERE { ?s ?p ?o }", offer.name))

    return await serve(request, offer, make, about=about)


async def dump(request: Request) -> Response:
    """Answer /dumps/<file>: one dump, or with `.sha256` its checksum in the form of sha256sum."""
    opened = opened_of(request)
    wanted = request.path_params["file"]
    name = wanted.removesuffix(".sha256")
    if name not in _dumps(opened.release):
        raise UnknownName(f"There is no dump {name[:80]!r}", hint="On offer: " + ", ".join(_dumps(opened.release)))
    file = _file(opened.release, name)
    if wanted != name:
        return Response(f"{file['sha256']}  {name}\n", media_type="text/plain; charset=utf-8")
    etag = tag(request, DUMP).removeprefix("W/")
    headers = {
        "ETag": etag,
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(file['sha256'])).decode()}:",
        "Cache-Control": lifetime_of(request),
        "Link": f'<{address_of(request, "dataset")}>; rel="describedby", <{LICENCE}>; rel="license"',
    }
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    return FileResponse(opened.release.path / "dumps" / name, media_type=DUMP.media_type, headers=headers)


async def dump_list(request: Request) -> Response:
    """Send /dumps to the dataset, which lists them."""
    return RedirectResponse(prefix_of(request) + "/dataset", 303)


async def one_release(request: Request) -> Response:
    """Answer /release/<id>: what went into a release and what came out."""
    found = release.find(request.app.state.settings.out, request.path_params["release"])
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    about = About(f"Release {found.id}", terms.RELEASE + found.id)

    async def make() -> bytes:
        if offer is JSON:
            return write_json(found.manifest)
        return await reader_of(request).fill("release.html", about=about, found=found, manifest=found.manifest)

    return await serve(request, offer, make, about=about)


def _dumps(found: release.Release) -> list[str]:
    return [name for name in found.dumps if name.endswith(".gz")]


def _file(found: release.Release, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "bytes": found.dumps[name].stat().st_size,
        "sha256": found.manifest["outputs"][f"dumps/{name}"],
    }

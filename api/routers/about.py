"""Who stands behind the record and how to read it: about, method, protection of persons, corrections, contact.

Their words are in the templates; what depends on the release is asked of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.language import visit_of
from api.http.negotiate import HTML
from api.http.responses import About, opened_of, reader_of, serve
from api.openapi import answers
from api.render.ages import QUERY, Ages
from api.routers import lists
from kg import release, terms
from kg.languages import N_

router = APIRouter(tags=["Pages"])

DATA = "data/"  # the inputs of a release that hold facts
TITLES = {
    "about": N_("About Answerable"),
    "method": N_("How to read the record"),
    "protection": N_("Protection of persons"),
    "corrections": N_("Corrections"),
    "contact": N_("Contact"),
}


class Change(NamedTuple):
    """What changed in the files of facts from one release to the next that is here."""

    release: str
    before: str
    made: str
    added: Sequence[str]
    changed: Sequence[str]
    removed: Sequence[str]


@router.get("/about", **answers(HTML))
async def about(request: Request) -> Response:
    """What this is, for whom, what is not in it, and how old each record is."""
    reader = reader_of(request)
    found = await reader.ask(QUERY)
    made = opened_of(request).release.manifest["created"]
    return await _told(request, "about", found, sizes=await lists.sizes(reader), records=Ages(found, made))


@router.get("/method", **answers(HTML))
async def method(request: Request) -> Response:
    """How to read the record: acts, found, alleged and engaged, dates, none recorded."""
    accuracy = await reader_of(request).ask("accuracy")
    return await _told(request, "method", accuracy, accuracy=accuracy)


@router.get("/protection", **answers(HTML))
async def protection(request: Request) -> Response:
    """How people at risk are protected."""
    return await _told(request, "protection")


@router.get("/corrections", **answers(HTML))
async def corrections(request: Request) -> Response:
    """What was withdrawn, replaced and changed."""
    out = request.app.state.settings.out
    gone, changes = await asyncio.gather(asyncio.to_thread(release.removed, out), asyncio.to_thread(_changes, out))
    things = await reader_of(request).ask("withdrawn")
    told = ",".join([*(one.id for one in gone), *(one.release for one in changes)])
    return await _told(request, "corrections", things, told=told, things=things, gone=gone, changes=changes)


@router.get("/contact", **answers(HTML))
async def contact(request: Request) -> Response:
    """Who answers for this server, and where to report an error."""
    return await _told(request, "contact")


async def _told(request: Request, name: str, *tables: Any, told: str = "", **context: Any) -> Response:
    negotiate.choose(request.headers.get("accept"), (HTML,))
    title = visit_of(request).language.gettext(TITLES[name])
    told_of = About(title, terms.BASE + name)

    async def make() -> bytes:
        return await reader_of(request).fill(f"{name}.html", *tables, about=told_of, **context)

    return await serve(request, HTML, make, about=told_of, told=told)


def _changes(out: Path) -> list[Change]:
    """Compare the files of facts of each release here with those of the one before, the newest first."""
    here = release.releases(out)
    made = []
    for before, after in pairwise(here):
        old, new = ({p: h for p, h in one.manifest["inputs"].items() if p.startswith(DATA)} for one in (before, after))
        made.append(
            Change(
                after.id,
                before.id,
                after.manifest["created"],
                sorted(new.keys() - old.keys()),
                sorted(path for path in new.keys() & old.keys() if new[path] != old[path]),
                sorted(old.keys() - new.keys()),
            )
        )
    return made[::-1]

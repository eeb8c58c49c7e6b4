"""The check of a partner's file: /check takes it as a form or as it is, and tells what is wrong in it, for people and as data.

The file is judged in a process of its own that is killed at its limits. Nothing of it is stored, cached or logged.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http import bodies, negotiate, problems
from api.http.language import visit_of
from api.http.negotiate import HTML, JSON
from api.http.responses import About, asked_address, opened_of, reader_of, serve, write_json
from kg import terms
from kg.answer.formats import GRAPH, by_name
from kg.errors import BadParameter
from kg.languages import N_
from kg.partner.process import FORMATS, Checks, File

TURTLE, JSONLD = (by_name(name, GRAPH) for name in ("ttl", "jsonld"))
FORMS = (JSON, TURTLE, JSONLD, HTML)  # of the report
BODIES = (*FORMATS.values(), bodies.MULTIPART, bodies.FORM)
TITLE = N_("Check a file")
ROOM = 8 << 10  # bytes of a form beside its file
LONGEST_NAME = 60
CHECKED = (
    N_("Its syntax, its characters, and the names of its graphs"),
    N_("The shapes: what each thing needs, and what a value may be"),
    N_("References: that everything it names is described in it or in this release"),
    N_("Keys: that it describes nothing again that this release describes already"),
    N_(
        "Contact details, names in addresses of persons, dates to come, and terms that are derived, deprecated or unknown"
    ),
)
UNCHECKED = (
    N_("What the rules would derive from it, such as obligations and engagements, and the checks of that"),
    N_("Whether its passages say what it says"),
    N_("Whether it prints a name that was withdrawn; a build looks for these"),
)


async def check(request: Request) -> Response:
    """Answer /check: the form, or the report of a file that was sent."""
    about = About(visit_of(request).language.gettext(TITLE), terms.BASE + "check")
    if request.method != "POST":
        negotiate.choose(request.headers.get("accept"), (HTML,))
        return await serve(request, HTML, partial(_fill, request, about), about=about, told=asked_address(request))
    bodies.refuse_encoded(request)
    offer = negotiate.choose(request.headers.get("accept"), FORMS)
    file = await _read(request, offer.name if offer in (TURTLE, JSONLD) else "json")
    told = await _check(request, file)
    headers = {"Cache-Control": "no-store"}
    if offer is HTML:
        body = await _fill(request, about, told, file.name)
        return Response(body, headers={**headers, "Vary": "Accept-Language"}, media_type=HTML.content_type)
    report = told.pop("report", "")
    told |= {"release": opened_of(request).id, "checked": [*CHECKED], "notChecked": [*UNCHECKED]}
    return Response(write_json(told) if offer is JSON else report, headers=headers, media_type=offer.content_type)


async def _check(request: Request, file: File) -> dict[str, Any]:
    state, client = request.app.state, request.client.host if request.client else None
    state.budget.check(client)
    checks = state.checks = getattr(state, "checks", None) or Checks(state.settings)
    return await checks.check(file, opened_of(request).release.store_path, partial(state.budget.spend, client))


async def _read(request: Request, form: str) -> File:
    """Read the file from the body of a request. Raises HttpError and BadParameter."""
    kind, most = bodies.content_type(request), request.app.state.settings.check_size
    formats = {media_type: name for name, media_type in FORMATS.items()}
    if kind in formats:
        data, name, format = await bodies.read(request, most), "", formats[kind]
    elif kind in (bodies.FORM, bodies.MULTIPART):
        room = ROOM + (2 * most if kind == bodies.FORM else 0)  # percent-encoded, it is longer
        fields, files = await bodies.read_form(request, most + room)
        sent, text = files.get("file"), fields.get("text", "")
        data, name = (sent.data, sent.name) if sent and sent.data else (text.encode("utf-8", "replace"), "")
        format = fields.get("kind", "") or _format_of(name)
        if len(data) > most:
            raise bodies.too_large(most)
    else:
        raise problems.HttpError(
            "A file of this kind is not checked", status=415, headers={"Accept-Post": ", ".join(BODIES)}, hint=_hint()
        )
    if not data.strip():
        raise BadParameter("There is nothing to check", where="file", hint="Choose a file, or paste its text")
    if format not in FORMATS:
        raise BadParameter(f"{format[:20]!r} is no format that is checked", where="kind", hint=_hint())
    return File(data, format, _tame(name) or f"your-file.{format}", form)


def _format_of(name: str) -> str:
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    return suffix or "ttl"


def _hint() -> str:
    return f"Send {', '.join(FORMATS)}; write RDF/XML and others as one of these first"


def _tame(name: str) -> str:
    """Reduce the name of a file to what can stand in a message."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name.replace("\\", "/").rpartition("/")[2])[-LONGEST_NAME:].strip("-.")


async def _fill(request: Request, about: About, told: dict[str, Any] | None = None, name: str = "") -> bytes:
    settings, address = request.app.state.settings, asked_address(request)
    context = {"checked": CHECKED, "unchecked": UNCHECKED, "formats": FORMATS, "most": settings.check_size}
    iris = {one["focus"] for one in told["results"] if one["focus"].startswith(terms.BASE)} if told else set()
    context |= {"told": told, "name": name, "address": address}
    return await reader_of(request).fill("check.html", also=iris, about=about, **context)

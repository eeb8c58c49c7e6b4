"""The check of a partner's file: /check takes it as a form or as it is, and tells what is wrong in it, for people and as data.

The file is judged in a process of its own that is killed at its limits. Nothing of it is stored, cached or logged.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, charge_client
from api.http import bodies, problems
from api.http.addresses import requested_address, write_json
from api.http.negotiate import HTML, JSON
from kg import terms
from kg.answer.formats import GRAPH, by_name
from kg.errors import BadParameter
from kg.languages import N_
from kg.partner.process import FORMATS, Checks, File

router = APIRouter(tags=["Check"])

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


TEXT = {"schema": {"type": "string"}}
PROPERTIES = {"text": {"type": "string"}, "kind": {"type": "string"}, "file": {"type": "string", "format": "binary"}}
FORM = {"schema": {"type": "object", "properties": PROPERTIES}}
BODY = {"content": {kind: FORM if "form" in kind else TEXT for kind in BODIES}, "required": True}
about = About(TITLE, terms.BASE + "check")
form = Offers(HTML, about=about)
report = Offers(*FORMS, about=about, model=models.Report, errors=(413, 415, 422, 429))


@router.get("/check", **form.documented)
async def check_form(exchange: Annotated[Exchange, Depends(form)]) -> Response:
    """What is wrong in a file of your own: the form to send it."""
    return await exchange.serve(partial(_fill, exchange), etag_extra=requested_address(exchange.request))


@router.post("/check", openapi_extra={"requestBody": BODY}, **report.documented)
async def check(exchange: Annotated[Exchange, Depends(report)]) -> Response:
    """What is wrong in a file of your own: the report of a file that is sent as it is or in the form."""
    offer, state, headers = exchange.offer, exchange.request.app.state, {"Cache-Control": "no-store"}
    file = await _read(exchange.request, offer.name if offer in (TURTLE, JSONLD) else "json")
    charge = charge_client(exchange.request)
    checks = state.checks = getattr(state, "checks", None) or Checks(state.settings)
    result = await checks.check(file, exchange.opened.release.store_path, charge)
    if offer is HTML:
        body = await _fill(exchange, result, file.name)
        return Response(body, headers={**headers, "Vary": "Accept-Language"}, media_type=HTML.content_type)
    text = result.pop("report", "")
    result |= {"release": exchange.opened.id, "checked": [*CHECKED], "notChecked": [*UNCHECKED]}
    return Response(write_json(result) if offer is JSON else text, headers=headers, media_type=offer.content_type)


async def _read(request: Request, form: str) -> File:
    """Read the file from the body of a request. Raises HttpError and BadParameter."""
    kind, most = bodies.content_type(request), request.app.state.settings.check_size
    hint = f"Send {', '.join(FORMATS)}; write RDF/XML and others as one of these first"
    if kind not in BODIES:
        headers = {"Accept-Post": ", ".join(BODIES)}
        raise problems.HttpError("A file of this kind is not checked", status=415, headers=headers, hint=hint)
    name, format = "", next((name for name, media_type in FORMATS.items() if media_type == kind), "")
    if format:
        data = await bodies.read(request, most)
    else:
        room = ROOM + (2 * most if kind == bodies.FORM else 0)  # percent-encoded, it is longer
        fields, files = await bodies.read_form(request, most + room)
        data = fields.get("text", "").encode("utf-8", "replace")
        if "file" in files and files["file"][1]:
            name, data = files["file"]
        format = fields.get("kind") or (name.rpartition(".")[2].lower() if "." in name else "") or "ttl"
        if len(data) > most:
            raise bodies.too_large(most)
    if not data.strip():
        raise BadParameter("There is nothing to check", where="file", hint="Choose a file, or paste its text")
    if format not in FORMATS:
        raise BadParameter(f"{format[:20]!r} is no format that is checked", where="kind", hint=hint)
    # A name is reduced to what can stand in a message.
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name.replace("\\", "/").rpartition("/")[2])[-LONGEST_NAME:].strip("-.")
    return File(data, format, plain or f"your-file.{format}", form)


async def _fill(exchange: Exchange, result: dict[str, Any] | None = None, name: str = "") -> bytes:
    results = result["results"] if result else ()
    return await exchange.fill(
        "check.html",
        also={each["focus"] for each in results if each["focus"].startswith(terms.BASE)},
        checked=CHECKED,
        unchecked=UNCHECKED,
        formats=FORMATS,
        most=exchange.settings.check_size,
        told=result,
        name=name,
        address=requested_address(exchange.request),
    )

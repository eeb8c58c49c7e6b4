"""The check of a partner's file: /check takes it as a form or as it is, and tells what is wrong in it, for people and as data.

The file is judged in a process of its own that is killed at its limits. A client sends one at a time, and it is not read before
there is room for it. Nothing of it is stored, cached or logged.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from pathlib import PureWindowsPath
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, OwnParameters, charge_client
from api.http import bodies, problems
from api.http.addresses import requested_address, write_json
from api.http.negotiate import HTML, JSON, JSONLD, TURTLE
from api.openapi import TEMPLATE
from kg import terms
from kg.answer.engine import PAYER
from kg.errors import BadParameter
from kg.languages import N_
from kg.partner.process import CHECKED, FORMATS, NOT_CHECKED, PartnerFile
from kg.wording import say

router = APIRouter(tags=["Check"], route_class=OwnParameters)

FORMAT_OF = {media_type: name for name, media_type in FORMATS.items()}
BODIES = (*FORMAT_OF, bodies.MULTIPART, bodies.FORM)
ROOM = 8 << 10  # bytes of a form beside its file
LONGEST_NAME = 60

about = About(N_("Check a file"), terms.BASE + "check")
form = Offers(HTML, about=about)
report = Offers(JSON, TURTLE, JSONLD, HTML, about=about, model=models.Report, errors=(413, 415, 422, 429, 503))


@router.get("/check", **form.documented)
async def check_form(exchange: Annotated[Exchange, Depends(form)]) -> Response:
    """What is wrong in a file of your own: the form to send it."""
    return await exchange.serve(partial(_fill, exchange), etag_extra=requested_address(exchange.request))


@router.post("/check", openapi_extra=TEMPLATE["requests"]["POST /check"], **report.documented)
async def check(exchange: Annotated[Exchange, Depends(report)]) -> Response:
    """What is wrong in a file of your own: the report of a file that is sent as it is or in the form."""
    offer, checks, client = exchange.offer, exchange.request.app.state.checks, PAYER.get().client
    charge = charge_client(exchange.request)
    if not exchange.opened.has_store:
        message = say("This server has no store of its own, by which it could check a file")
        raise problems.HttpError(message, status=503, hint=say("Run kg check at home, or ask a server with a store"))
    with checks.hold(client):
        file = await _receive(exchange.request, JSON.name if offer is HTML else offer.name)
        result = await checks.check(file, exchange.opened.release.store_path, client, charge)
    if offer is HTML:
        body = await _fill(exchange, result, file.name)
    elif offer is JSON:
        body = write_json(result | {"release": exchange.opened.id, "checked": CHECKED, "notChecked": NOT_CHECKED})
    else:
        body = result["report"].encode()
    headers = {"Cache-Control": "no-store"} | ({"Vary": "Accept-Language"} if offer is HTML else {})
    return Response(body, headers=headers, media_type=offer.content_type)


async def _receive(request: Request, form: str) -> PartnerFile:
    seconds = request.app.state.settings.check_deadline
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, form)
    except TimeoutError:
        message = f"The file had not come after {seconds:g} s"
        raise problems.HttpError(message, status=408, hint="Send it faster, or a smaller one") from None


async def _read(request: Request, form: str) -> PartnerFile:
    kind, most = bodies.content_type(request), request.app.state.settings.check_size
    hint = f"Send {', '.join(FORMATS)}; write RDF/XML and others as one of these first"
    if kind not in BODIES:
        headers = {"Accept-Post": ", ".join(BODIES)}
        raise problems.HttpError("A file of this kind is not checked", status=415, headers=headers, hint=hint)
    path, format = PureWindowsPath(), FORMAT_OF.get(kind)  # which divides a name at slashes of both kinds
    if format:
        data = await bodies.read(request, most)
    else:
        room = ROOM + (2 * most if kind == bodies.FORM else 0)  # percent-encoded, it is longer
        fields, files = await bodies.read_form(request, most + room)
        name, data = files.get("file", ("", b""))
        path, data = PureWindowsPath(name), data if name else fields.get("text", "").encode("utf-8", "replace")
        format = fields.get("kind") or path.suffix[1:].lower() or "ttl"
        if len(data) > most:
            raise bodies.too_large(most)
    if not data.strip():
        raise BadParameter("There is nothing to check", where="file", hint="Choose a file, or paste its text")
    if format not in FORMATS:
        raise BadParameter(f"{format[:20]!r} is no format that is checked", where="kind", hint=hint)
    # A name is reduced to what can stand in a message.
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", path.name)[-LONGEST_NAME:].strip("-.") or f"your-file.{format}"
    return PartnerFile(data, format, plain, form)


async def _fill(exchange: Exchange, result: Mapping[str, Any] | None = None, name: str = "") -> bytes:
    return await exchange.fill(
        "check.html",
        also=[each["focus"] for each in result["results"]] if result else (),
        checked=CHECKED,
        unchecked=NOT_CHECKED,
        formats=FORMATS,
        most=exchange.settings.check_size,
        report=result,
        name=name,
        address=requested_address(exchange.request),
    )

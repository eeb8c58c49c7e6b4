"""The Model Context Protocol over HTTP: each request is answered by itself, in JSON, without sessions and streams.

The tools are those of `kg mcp`. A browser may send requests from pages of this server alone, as the protocol asks.
"""

import asyncio
import importlib
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from api.dependencies import Exchange, Offers, charge_client
from api.http import bodies, problems
from api.http.addresses import is_own_origin, write_json
from api.http.negotiate import JSON
from api.openapi import TEMPLATE
from kg.errors import AnswerableError
from kg.mcp.tools import ToolContext

router = APIRouter(tags=["Language models"])

MOST_BODY = 1 << 20  # bytes
description, messages = Offers(JSON, is_fixed=True), Offers(JSON, errors=(413, 415, 429))
# Those of the protocol itself, beside what any request may be answered.
ANSWERS = messages.documented["responses"] | {
    202: {"description": "A notification was taken"},
    **dict.fromkeys((400, 403, 404, 406), TEMPLATE["protocol error"]),
}


@router.get("/mcp", **description.documented)
async def described(exchange: Annotated[Exchange, Depends(description)]) -> Response:
    """The record for language models, over the Model Context Protocol: its tools; messages are sent by POST."""
    if "text/event-stream" in exchange.request.headers.get("accept", ""):
        headers = {"Allow": "GET, HEAD, POST, OPTIONS"}
        raise problems.HttpError("There is no stream here", status=405, headers=headers, hint="Send messages by POST")

    async def write() -> bytes:
        return write_json((await _protocol()).describe())

    return await exchange.serve(write)


class ProtocolAnswer(Response):
    """An answer that the library of the protocol gives to a body that was read."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._sent = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the library answer."""
        read: list[Message] = [{"type": "http.request", "body": self._sent}]

        async def replay() -> Message:
            return read.pop() if read else await receive()

        await (await _protocol()).answer_request(_make_context, scope, replay, send)


@router.post("/mcp", openapi_extra=TEMPLATE["requests"]["POST /mcp"], **messages.documented | {"responses": ANSWERS})
async def answer(exchange: Annotated[Exchange, Depends(messages)]) -> Response:
    """A message of the Model Context Protocol."""
    request = exchange.request
    origin = request.headers.get("origin")
    if origin and not is_own_origin(origin, exchange.settings):
        hint = "Send it from a program, or from a page of this server"
        raise problems.HttpError("Requests from pages of other servers are not taken here", status=403, hint=hint)
    if bodies.content_type(request) != JSON.media_type:
        headers = {"Accept-Post": JSON.media_type}
        raise problems.HttpError("A message is sent as application/json", status=415, headers=headers)
    return ProtocolAnswer(await bodies.read(request, MOST_BODY))


async def _protocol() -> Any:
    """Import the server of the protocol when it is first needed: its library takes longer than all else of this server."""
    return await asyncio.to_thread(importlib.import_module, "kg.mcp.server")


def _make_context(request: Request) -> ToolContext:
    """Let a request ask its release, at the cost of its client."""
    return ToolContext(request.scope["state"]["opened"], partial(charge_client, request), _explain)


def _explain(error: AnswerableError) -> str:
    """Write an error in words; of a fault of this server no more than that."""
    if problems.status_of(error) < HTTPStatus.INTERNAL_SERVER_ERROR:
        return str(error)
    problem = problems.describe(error, "/mcp")
    return " ".join(str(problem[name]) for name in ("detail", "hint") if name in problem)

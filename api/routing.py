"""What a route is: a row of the table of routes, and the route that Starlette is given for it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from api.render import assets
from kg.answer.formats import Format


class Row(NamedTuple):
    """One route: where it is, who answers, one sentence, and what it may answer."""

    path: str
    handler: Callable[[Request], Awaitable[Response]]
    sentence: str
    forms: Sequence[Format | str] = ()  # of a 200; a route without any has no 200
    statuses: Sequence[int] = ()  # besides 200
    parameters: Sequence[str] = ()  # in the query string; those of the path are in it
    methods: Sequence[str] = ("GET",)  # HEAD and OPTIONS come with it
    bodies: Sequence[str] = ()  # media types of what may be sent
    aliases: Sequence[str] = ()  # other paths, which no description lists

    @property
    def address(self) -> str:
        """The path without converters, as descriptions write it."""
        return self.path.replace(":path}", "}")


class NamedRoute(Route):
    """A route that names itself in the scope, for the metrics and the log; FastAPI's router names its own kind alone."""

    def __init__(self, path: str, *args: Any, **options: Any) -> None:
        super().__init__(path, *args, **options)
        # Starlette ends the pattern with $, which a line break may follow.
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for this route, and what the route adds to the scope."""
        match, added = super().matches(scope)
        added["route"] = self
        return match, added

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the handler returns; what it raises is for the middleware that answers errors."""
        if scope["method"] not in self.methods:
            raise HTTPException(405, headers={"Allow": ", ".join(self.methods)})
        response = await self.endpoint(Request(scope, receive))
        await response(scope, receive, send)


def make_routes(rows: Iterable[Row]) -> list[BaseRoute]:
    """Make what Starlette routes by, in the order of the table; the static files come last."""
    made: list[BaseRoute] = [
        NamedRoute(path, row.handler, methods=row.methods) for row in rows for path in (row.path, *row.aliases)
    ]
    return [*made, Mount("/static", assets.Files())]

"""Prepares the pages that most people ask for, in the background, once for each release: the first visitor need not wait for them.

With a page comes what others share with it: the rows of lists, the choices of forms, the names of common things. It asks one page
at a time, rests as long as each took, and lets visitors go first. What fails is logged and left to the visitor who asks for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

from fastapi import FastAPI
from starlette.types import Message, Scope

from api.releases import OpenRelease
from api.render.page import Page
from api.routers.listing import LISTS
from kg import terms
from kg.languages import DEFAULT, LANGUAGES

PAUSE = 0.5  # seconds between two looks for another release
PATIENCE = 20  # looks for a moment without a visitor; then the next page is asked all the same
FIRST = ("/", *(one.path for one in LISTS), "/questions")  # in all languages; answers in the default one alone

log = logging.getLogger("answerable.warming")


async def keep_warm(app: FastAPI) -> None:
    """Prepare the pages of the current release, and of each that follows it, until cancelled."""
    warmed = None
    while True:
        opened = app.state.releases.current
        if opened is not warmed:
            await _warm(app, opened)
            warmed = opened
        await asyncio.sleep(PAUSE)


async def _warm(app: FastAPI, opened: OpenRelease) -> None:
    began, count = time.monotonic(), 0
    for path, language in pages_of(opened):
        await _let_visitors_go_first(opened)
        if app.state.releases.current is not opened or opened.is_withdrawn or not opened.acquire():
            return
        asked = time.monotonic()
        asking = asyncio.create_task(_ask(app, opened, path, language))
        try:
            await asyncio.wait({asking})
        finally:
            asking.cancel()
            opened.leave()
        if error := asking.exception():  # of any kind: the visitor who asks for the page is told, and the log with it
            log.warning("release %s: %s could not be prepared: %s", opened.id, path, error)
        else:
            count += 1
        await asyncio.sleep(time.monotonic() - asked)
    log.info("release %s: %d pages prepared in %.0f seconds", opened.id, count, time.monotonic() - began)


def pages_of(opened: OpenRelease) -> Iterator[tuple[str, str]]:
    """Yield the paths of the pages to prepare, each with a language: what is asked most comes first."""
    yield from ((path, DEFAULT) for path in FIRST)
    examples: dict[str, None] = {}
    for question in opened.questions.values():
        asked = Page.example(question)
        yield f"/questions/{question.name}{asked and '?'}{asked}", DEFAULT
        wanted = [terms.path_of(Page.full_iri(one.example)) or "" for one in question.parameters if one.kind == "iri"]
        examples |= dict.fromkeys(f"/doc{path.removeprefix('/id')}" for path in wanted if path.startswith("/id/"))
    yield from ((path, DEFAULT) for path in examples)
    yield from ((path, code) for code in LANGUAGES if code != DEFAULT for path in (*FIRST, *examples))


async def _let_visitors_go_first(opened: OpenRelease) -> None:
    for _ in range(PATIENCE):
        if opened.is_idle:
            return
        await asyncio.sleep(PAUSE / 10)


async def _ask(app: FastAPI, opened: OpenRelease, path: str, language: str) -> None:
    """Ask the router for a page as a browser does, past what counts, limits and logs requests."""
    root = app.state.site_path
    path, _, query = path.partition("?")
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": root + path,
        "root_path": root,
        "query_string": query.encode(),
        "headers": [(b"accept", b"text/html"), (b"accept-language", language.encode())],
        "app": app,
        "state": {"opened": opened, "prefix": root, "pinned": False},
    }
    await app.router(scope, _receive, _ignore)


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ignore(message: Message) -> None:
    """Let go of an answer: it is in the cache."""

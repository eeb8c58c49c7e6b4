"""Prepares the pages that most people ask for, in the background, once for each release: the first visitor need not wait for them.

With a page comes what others share with it: the rows of lists, the choices of forms, the names of common things. One page is asked
at a time, with a rest as long as it took, so that visitors go first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

import httpx
from fastapi import FastAPI

from api.releases import OpenRelease
from api.render.page import query_string
from api.routers.lists import LISTS
from kg import terms
from kg.languages import DEFAULT, LANGUAGES

PAUSE = 0.5  # seconds between two looks for another release
FIRST = ("/", *(one.path for one in LISTS.values()), "/questions")  # in all languages; answers in the default one alone

log = logging.getLogger("answerable.warming")


async def keep_warm(app: FastAPI) -> None:
    """Prepare the pages of the current release, and of each that follows it, until cancelled."""
    releases, warmed = app.state.releases, None
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=None) as client:
        while True:
            if releases.current is not warmed:
                warmed, began, count = releases.current, time.monotonic(), 0
                for path, language in pages_of(warmed):
                    if releases.current is not warmed:
                        break
                    asked = time.monotonic()
                    answer = await client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
                    count += answer.is_success
                    if answer.is_error:
                        log.warning("release %s: %s could not be prepared: %s", warmed.id, path, answer.status_code)
                    await asyncio.sleep(time.monotonic() - asked)
                log.info("release %s: %d pages prepared in %.0f seconds", warmed.id, count, time.monotonic() - began)
            await asyncio.sleep(PAUSE)


def pages_of(opened: OpenRelease) -> Iterator[tuple[str, str]]:
    """Yield the paths of the pages to prepare, each with a language: what is asked most comes first."""
    yield from ((path, DEFAULT) for path in FIRST)
    examples: dict[str, None] = {}
    for question in opened.questions.values():
        values = query_string(question.examples)
        yield f"/questions/{question.name}{values and '?'}{values}", DEFAULT
        wanted = [terms.path_of(terms.full_iri(one.example)) or "" for one in question.parameters if one.kind == "iri"]
        examples |= dict.fromkeys(f"/doc{path.removeprefix('/id')}" for path in wanted if path.startswith("/id/"))
    yield from ((path, DEFAULT) for path in examples)
    yield from ((path, code) for code in LANGUAGES if code != DEFAULT for path in (*FIRST, *examples))

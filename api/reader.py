"""The queries of queries/pages/, asked of one release for its pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from api import rows
from api.page import Page
from api.releases import OpenRelease
from kg import terms
from kg.store import Query

LABELS_AT_ONCE = 400  # IRIs in one query for labels; its text stays below the limit of a query
LABELS_CACHED = 50_000


@cache
def query_text(folder: Path, name: str) -> str:
    """Read the text of a page's query."""
    return (folder / f"{name}.rq").read_text(encoding="utf-8")


class Reader:
    """Asks the queries of pages of one release; `root` is the project folder."""

    def __init__(self, opened: OpenRelease, root: Path) -> None:
        self.opened = opened
        self.folder = root / "queries" / "pages"

    async def graph(self, name: str, format: str, **bindings: Any) -> bytes:
        """Ask a query for a graph; the serialised answer."""
        return await self._ask(query_text(self.folder, name), format, bindings)

    async def ask(self, name: str, **bindings: Any) -> list[rows.Row]:
        """Ask a query for rows."""
        return rows.read(await self._ask(query_text(self.folder, name), "json", bindings))

    async def ask_all(self, names: Sequence[str], **bindings: Any) -> dict[str, list[rows.Row]]:
        """Ask several queries with the same bindings at once; their rows by name."""
        answers = await asyncio.gather(*(self.ask(name, **bindings) for name in names))
        return dict(zip(names, answers, strict=True))

    async def page(self, prefix: str, *tables: Iterable[rows.Row], also: Iterable[str] = ()) -> Page:
        """Make the page that can name everything in some tables, and the IRIs in `also`."""
        wanted = {iri for table in tables for iri in rows.iris(table)}
        return Page(self.opened, prefix, await self._label(wanted | set(also)))

    async def _label(self, iris: Iterable[str]) -> Mapping[str, rows.Row]:
        """Look up the labels of things of ours; they are cached with the release."""
        if len(self.opened.labels) > LABELS_CACHED:
            self.opened.labels = {}  # pages that are being made hold on to the old one
        known = self.opened.labels
        unknown = sorted({iri for iri in iris if iri.startswith(terms.BASE)} - known.keys())
        text = query_text(self.folder, "labels")
        for start in range(0, len(unknown), LABELS_AT_ONCE):
            listed = " ".join(f"<{iri}>" for iri in unknown[start : start + LABELS_AT_ONCE])
            for row in rows.read(await self._ask(text.replace("{ }", f"{{ {listed} }}"), "json", {})):
                known.setdefault(str(row["thing"]), row)
        return known

    async def _ask(self, text: str, format: str, bindings: Mapping[str, Any]) -> bytes:
        async with self.opened.slots:
            answer = await self.opened.pages.answer(Query(text, format, bindings))
        return answer.body

"""Answers from a SPARQL 1.1 server that holds a release: an engine beside kg.answer.pool.

Guarantees that an answer is whole and of the very release it is said to be of: after each answer the server is asked whether it
still holds that release. What it answers otherwise than the store, as `compare` finds, it is not asked. What may not run is refused here, before anything is sent; deadline and limits are kept here. Every
query names its data set, the graphs of the release, so that nothing else which the server holds is seen.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from kg import sparql, store
from kg.answer.engine import BoundedEngine, Capacity, Charge, Job, Listener
from kg.errors import AnswerableError, EngineDiffers, EngineFailed, EngineTimeout, SourceError
from kg.remote import pins
from kg.remote.server import ROWS, TRIPLES, Server, read_rows
from kg.remote.upload import Layout
from kg.sparql import rewrite
from kg.sparql.question import Question
from kg.store import Limits, Query, Serialized, Store
from kg.wording import say

_GRAPHS = ("CONSTRUCT", "DESCRIBE")
_WIDER = 4  # times the bytes that an answer may have in its own format: how many it may have on the wire
_T = TypeVar("_T")

log = logging.getLogger("answerable.engine")


class RemotePool(BoundedEngine):
    """Asks a server: `capacity.size` queries at once, others wait, each under the deadline.

    An answer comes whole, also where it may be streamed: that it is whole is known only when it has been read to its end.
    Raises what `Pool` raises for a query that is not run, Busy, AnswerTooLarge, EngineFailed and EngineTimeout.
    """

    def __init__(self, server: Server, folder: Path, capacity: Capacity, listener: Listener | None = None) -> None:
        super().__init__(capacity, listener)
        self._server, self._layout = server, Layout(folder)
        self._differing: Mapping[str, str] = {}  # names of queries by the heads of their texts

    async def start(self) -> None:
        """Make sure that the server holds the release whole. Raises EngineFailed."""
        await self._layout.confirm(self._server)
        await self._layout.check(self._server)

    async def compare(self, asked: Mapping[str, Question], root: Path) -> None:
        """Compare what the server answers with what is pinned there; what differs is refused by its name from now on."""
        id, held = self._layout.release, await self._layout.read_pins(self._server)
        self._differing = await pins.find_differing(self, id, held, asked, root, self.capacity.size)
        if self._differing:
            names = ", ".join(sorted(self._differing.values()))
            log.warning("release %s: the engine answers otherwise than the store, and so is not asked: %s", id, names)

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Any:
        """Answer a query; raises EngineDiffers for one that has been seen to be answered otherwise than by the store."""
        if self._differing and (name := self._differing.get(pins.head_of(query.text))):
            message = say("The engine behind this server answers %(name)s otherwise than the release", name=name)
            raise EngineDiffers(message, hint=say("Take the data from /dataset, or ask a server with a store"))
        return await super().answer(query, streamed=streamed, charge=charge)

    def _count_ready(self) -> int:
        return self.capacity.size

    async def _run(self, job: Job, query: Query, streamed: bool) -> Serialized:
        began = time.monotonic()
        try:
            async with asyncio.timeout(job.end - began):
                text, format, outline = await asyncio.to_thread(_detached, self._prepare, query)
                return await self._exchange(text, format, outline, self.capacity.limits.of(query))
        except TimeoutError:
            message = say("The engine had not answered after %(deadline)s s", deadline=f"{self.capacity.deadline:g}")
            raise EngineTimeout(message, hint=say("Ask for less, or take the data and ask at home")) from None
        finally:
            job.ran = time.monotonic() - began

    def _prepare(self, query: Query) -> tuple[str, str, sparql.Outline]:
        limits = self.capacity.limits
        outline = sparql.guard(query.text, max_bytes=limits.max_query, max_depth=limits.max_depth)
        format = store.choose_format(outline.form, query.format)
        store.parse(query.text)
        rewrite.refuse_vendor_functions(query.text)
        text = rewrite.with_base(rewrite.bind(query.text, query.bindings), sparql.BASE)
        text = rewrite.over_copies(text, query.default_graphs, query.named_graphs, self._layout.held)
        return text, format, outline

    async def _exchange(self, text: str, format: str, outline: sparql.Outline, limits: Limits) -> Serialized:
        accept = TRIPLES if outline.form in _GRAPHS else ROWS
        most = _WIDER * limits.max_bytes
        body = await self._server.query(text, accept, max_bytes=most)
        await self._layout.confirm(self._server)
        answer = await asyncio.to_thread(_detached, _write, body, outline.form, format, limits)
        return replace(answer, volatile=outline.volatile)


def _write(body: bytes, form: str, format: str, limits: Limits) -> Serialized:
    """Write a server's answer in the format that was asked for."""
    if form not in _GRAPHS:
        return read_rows(body, form, format, limits)
    with Store.memory() as graph:
        try:
            graph.load(body, format="nt", graph=None, source="the answer")
        except SourceError as error:
            raise EngineFailed(
                say("The engine's answer is not N-Triples: %(message)s", message=error.message)
            ) from None
        return graph.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", format), limits)


def _detached(work: Callable[..., _T], *arguments: Any) -> _T:
    """Do work in a thread; its errors leave no frame behind, in which results of the engine must die in that thread."""
    try:
        return work(*arguments)
    except AnswerableError as error:
        error.__context__ = None
        raise error.with_traceback(None) from None

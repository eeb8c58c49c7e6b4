"""Answers from a SPARQL 1.1 server that holds a release: an engine beside kg.answer.pool.

Guarantees that an answer is whole and of the very release it is said to be of: after each answer the server is asked whether it
still holds that release. What may not run is refused here, before anything is sent; deadline and limits are kept here. The
default graph of every query is that of the release, so that nothing else which the server holds is seen.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from kg import sparql, store
from kg.answer.engine import Capacity, Charge, Engine, Listener, busy, closing
from kg.errors import AnswerableError, EngineFailed, EngineTimeout, SourceError
from kg.remote.server import ROWS, TRIPLES, Server, read_rows
from kg.remote.upload import Layout
from kg.sparql import rewrite
from kg.store import Query, Serialized, Store
from kg.wording import say

_GRAPHS = ("CONSTRUCT", "DESCRIBE")
_WIDER = 4  # times the bytes that an answer may have in its own format: how many it may have on the wire
_T = TypeVar("_T")
_PATIENCE = 60.0  # seconds in which a server must count the triples of a release before it is asked anything


class RemotePool:
    """Asks a server: `capacity.size` queries at once, others wait, each under the deadline.

    A query that names graphs is answered by `local`, an engine of the release folder, since the server has the merge of them.
    """

    def __init__(
        self, server: Server, folder: Path, capacity: Capacity, local: Engine, *, listener: Listener | None = None
    ) -> None:
        """Prepare; `start` makes sure that the server holds the release."""
        self.name, self.size = capacity.name, capacity.size
        self._deadline, self._queue, self._limits = capacity.deadline, capacity.queue, capacity.limits
        self._server, self._local, self._layout = server, local, Layout(folder)
        self._listener = listener or Listener()
        self._slots = asyncio.Semaphore(self.size)
        self._busy, self._waiting, self._is_closed = 0, 0, False
        self._outcomes: Counter[str] = Counter()
        self._timeouts: Counter[str] = Counter()

    async def start(self) -> None:
        """Make sure that the server holds the release whole. Raises EngineFailed."""
        await self._layout.confirm(self._server, seconds=self._deadline)
        await self._layout.check(self._server, seconds=_PATIENCE)

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Any:
        """Answer a query whole, `streamed` or not: that it is whole is known only when it has been read to its end.

        Raises what `Pool.answer` raises for a query that is not run, Busy, AnswerTooLarge, EngineFailed and EngineTimeout.
        """
        has_dataset = bool(query.default_graphs or query.named_graphs)
        if has_dataset or await asyncio.to_thread(rewrite.names_graphs, query.text):
            return await self._local.answer(query, streamed=streamed, charge=charge)
        arrived, ran, outcome = time.monotonic(), [0.0], "abandoned"
        try:
            answer = await self._answer(query, ran)
            outcome = "answered"
            return answer
        except AnswerableError as error:
            outcome = error.slug
            raise
        finally:
            self._outcomes[outcome] += 1
            self._listener.query_ended(self.name, outcome, time.monotonic() - arrived - ran[0], ran[0])
            if charge is not None:
                charge(ran[0])

    def counters(self) -> dict[str, Any]:
        """Count queries by outcome and exchanges given up by reason, and say how many may start and how many wait."""
        return {
            "outcomes": dict(self._outcomes),
            "kills": dict(self._timeouts),
            "idle": self.size - self._busy,
            "busy": self._busy,
            "starting": 0,
            "waiting": self._waiting,
        }

    def close(self) -> None:
        """Take no more queries; may be called twice."""
        self._is_closed = True

    async def wait_closed(self) -> None:
        """Do nothing: what was sent is answered or given up at its deadline."""

    async def _answer(self, query: Query, ran: list[float]) -> Serialized:
        """Answer a query by the deadline; `ran` takes the seconds that the server worked on it."""
        if self._is_closed:
            raise closing()
        end = asyncio.get_running_loop().time() + self._deadline
        try:
            async with asyncio.timeout_at(end):
                text, format, outline = await asyncio.to_thread(_detached, self._prepare, query)
            await self._take_slot(end)
            began = time.monotonic()
            try:
                async with asyncio.timeout_at(end):
                    return await self._exchange(text, format, outline)
            finally:
                ran[0] = time.monotonic() - began
                self._busy -= 1
                self._slots.release()
        except TimeoutError:
            self._timeouts["deadline"] += 1
            raise EngineTimeout(
                say("The engine had not answered after %(deadline)s s", deadline=f"{self._deadline:g}"),
                hint=say("Ask for less, or take the data and ask at home"),
            ) from None

    async def _take_slot(self, end: float) -> None:
        """Wait until the server may be asked; raises Busy when too many wait, or at `end`."""
        if self._slots.locked() and self._waiting >= self._queue:
            raise busy(self._deadline)
        self._waiting += 1
        try:
            async with asyncio.timeout_at(end):
                await self._slots.acquire()
        except TimeoutError:
            raise busy(self._deadline) from None
        finally:
            self._waiting -= 1
        self._busy += 1

    def _prepare(self, query: Query) -> tuple[str, str, sparql.Outline]:
        """Refuse what may not run; of the rest, return the text to send, the format of the answer and the outline."""
        outline = sparql.guard(query.text, max_bytes=self._limits.max_query, max_depth=self._limits.max_depth)
        format = store.choose_format(outline.form, query.format)
        store.parse(query.text)
        rewrite.refuse_vendor_functions(query.text)
        return rewrite.with_base(rewrite.bind(query.text, query.bindings), sparql.BASE), format, outline

    async def _exchange(self, text: str, format: str, outline: sparql.Outline) -> Serialized:
        # The deadline of the query ends the exchange; the server's own is only a backstop.
        seconds, most = 2 * self._deadline, _WIDER * self._limits.max_bytes
        accept = TRIPLES if outline.form in _GRAPHS else ROWS
        body = await self._server.query(text, accept, graph=self._layout.merge, seconds=seconds, max_bytes=most)
        await self._layout.confirm(self._server, seconds=seconds)
        answer = await asyncio.to_thread(_detached, self._write, body, outline.form, format)
        return replace(answer, volatile=outline.volatile)

    def _write(self, body: bytes, form: str, format: str) -> Serialized:
        """Write the server's answer in the format that was asked for."""
        if form in _GRAPHS:
            with Store.memory() as graph:
                try:
                    graph.load(body, format="nt", graph=None, source="the answer")
                except SourceError as error:
                    raise EngineFailed(
                        say("The engine's answer is not N-Triples: %(message)s", message=error.message)
                    ) from None
                return graph.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", format), self._limits)
        rows = json.dumps(read_rows(body), ensure_ascii=False, separators=(",", ":")).encode()
        answer = store.transcribe(rows, format, self._limits)
        if answer.kind != form.lower():
            raise EngineFailed(
                say("The engine answered %(form)s as if it were %(answer)s", form=form, answer=answer.kind.upper())
            )
        return answer


def _detached(work: Callable[..., _T], *arguments: Any) -> _T:
    """Do work in a thread; its errors leave no frame behind, in which results of the engine must die in that thread."""
    try:
        return work(*arguments)
    except AnswerableError as error:
        error.__context__ = None
        raise error.with_traceback(None) from None

"""Answers from a SPARQL 1.1 server that holds a release: an engine beside kg.answer.pool.

Guarantees that an answer is whole and of the very release it is said to be of: after each answer the server is asked whether it
still holds that release. What may not run is refused here, before anything is sent; deadline and limits are kept here. Every
query names its graphs in FROM clauses, so that nothing else which the server holds is seen.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

from kg import sparql, store, terms
from kg.answer.engine import CAPACITY, Capacity, Charge, Listener, busy, closing
from kg.errors import AnswerableError, EngineFailed, EngineTimeout, SourceError
from kg.remote.server import PREFIX, ROWS, TRIPLES, Server, read_rows
from kg.remote.upload import NAMED_BY, Layout
from kg.sparql import rewrite
from kg.store import Query, Serialized, Store
from kg.wording import say

_GRAPHS = ("CONSTRUCT", "DESCRIBE")
_WIDER = 4  # times the bytes that an answer may have in its own format: how many it may have on the wire
_PATIENCE = 60.0  # seconds in which a server must count the triples of a release before it is asked anything
_T = TypeVar("_T")


class Clock:
    """How long a query waited for the server and how long the server worked on it, in seconds, and who is charged."""

    def __init__(self, charge: Charge | None = None) -> None:
        self.charge = charge
        self.waited = self.ran = 0.0
        self._since = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time inside as waiting."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.waited += time.monotonic() - begun

    def start(self) -> None:
        """Note that the server begins to work."""
        self._since = time.monotonic()

    def stop(self) -> None:
        """Note that the server which began to work does so no more."""
        self.ran += time.monotonic() - self._since


class RemotePool:
    """Asks a server: `capacity.size` queries at once on one event loop, others wait, each under the deadline."""

    def __init__(
        self, server: Server, folder: Path | str, capacity: Capacity = CAPACITY, *, listener: Listener | None = None
    ) -> None:
        """Make sure that the server holds the release of a folder, in a loop of its own; EngineFailed if it does not."""
        self.name, self.size = capacity.name, capacity.size
        self._deadline, self._queue, self._limits = capacity.deadline, capacity.queue, capacity.limits
        self._server, self._layout = server, Layout(Path(folder))
        self._nothing = terms.part_of_release(self._layout.release, "nothing")
        self._naming = rewrite.Naming(self._layout.names, NAMED_BY, self._nothing, f"{PREFIX}graph")
        self._listener = listener or Listener()
        self._free, self._waiting = self.size, 0
        self._slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
        self._outcomes: Counter[str] = Counter()
        self._given_up: Counter[str] = Counter()
        self._disjoint: dict[frozenset[str], bool] = {}
        self._threads = ThreadPoolExecutor(self.size, thread_name_prefix=f"remote-{self.name}")
        asyncio.run(self._verify())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Serialized:
        """Answer a query whole, `streamed` or not: that it is whole is known only when it has been read to its end.

        Raises what `Pool.answer` raises for a query that is not run, Busy, AnswerTooLarge, EngineFailed and EngineTimeout.
        """
        clock, outcome = Clock(charge), "abandoned"
        try:
            answer = await self._answer(query, clock)
            outcome = "answered"
            return answer
        except AnswerableError as error:
            outcome = error.slug
            raise
        finally:
            self._outcomes[outcome] += 1
            self._listener.query_ended(self.name, outcome, clock.waited, clock.ran)
            if charge is not None:
                charge(clock.ran)

    def counters(self) -> dict[str, Any]:
        """Count queries by outcome and exchanges given up by reason, and say how many may start and how many wait."""
        return {
            "outcomes": dict(self._outcomes),
            "kills": dict(self._given_up),
            "idle": self._free,
            "busy": self.size - self._free,
            "starting": 0,
            "waiting": self._waiting,
        }

    def mend(self) -> None:
        """Do nothing: there are no workers here that anybody could end."""

    def close(self) -> None:
        """Take no more queries; may be called twice."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _verify(self) -> None:
        await self._layout.confirm(self._server, seconds=self._deadline)
        layout, name = self._layout, f"the release {self._layout.release}"
        await layout.check(self._server, layout.merge, layout.total, name, seconds=_PATIENCE)

    async def _answer(self, query: Query, clock: Clock) -> Serialized:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._deadline
        try:
            async with asyncio.timeout_at(end):
                prepared = await self._in_thread(self._prepare, query)
            with clock.waiting():
                slots = await self._take(end)
            clock.start()
            try:
                async with asyncio.timeout_at(end):
                    return await self._exchange(*prepared)
            finally:
                clock.stop()
                self._free += 1
                slots.release()
        except TimeoutError:
            self._given_up["deadline"] += 1
            raise EngineTimeout(
                say("The engine had not answered after %(deadline)s s", deadline=f"{self._deadline:g}"),
                hint=say("Ask for less, or take the data and ask at home"),
            ) from None

    async def _take(self, end: float) -> asyncio.Semaphore:
        """Wait for one of the slots of this event loop; raises Busy when too many wait, or until `end`."""
        slots = self._slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.size))
        if slots.locked() and self._waiting >= self._queue:
            raise busy(self._deadline)
        self._waiting += 1
        try:
            async with asyncio.timeout_at(end):
                await slots.acquire()
        except TimeoutError:
            raise busy(self._deadline) from None
        finally:
            self._waiting -= 1
        self._free -= 1
        return slots

    def _prepare(self, query: Query) -> tuple[Query, sparql.Outline]:
        """Refuse what may not run; of the rest, bind the variables, choose the format and read the FROM clauses."""
        outline = sparql.guard(query.text, max_bytes=self._limits.max_query, max_depth=self._limits.max_depth)
        format = store.choose_format(outline.form, query.format)
        store.parse(query.text)
        rewrite.refuse_vendor_functions(query.text)
        if not (query.default_graphs or query.named_graphs):
            query = replace(query, default_graphs=outline.default_graphs, named_graphs=outline.named_graphs)
        text = rewrite.bind(rewrite.with_base(query.text, sparql.BASE), query.bindings)
        return replace(query, text=text, format=format, bindings={}), outline

    async def _exchange(self, query: Query, outline: sparql.Outline) -> Serialized:
        held = self._layout.held
        chosen = {graph: held[graph] for graph in query.named_graphs if graph in held}
        named = chosen if query.default_graphs or query.named_graphs else held
        text, looks = rewrite.look_into(query.text, named, self._naming)
        # With the graph that is empty: Virtuoso counts one row in a graph that is not among these.
        graphs = [*named.values(), self._layout.names, self._nothing] if looks else []
        sent = rewrite.with_dataset(text, await self._choose_default(query), graphs)
        accept = TRIPLES if outline.form in _GRAPHS else ROWS
        # The deadline of the query ends the exchange; the server's own is only a backstop.
        most = _WIDER * self._limits.max_bytes
        body = await self._server.query(sent, accept, seconds=2 * self._deadline, max_bytes=most)
        await self._layout.confirm(self._server, seconds=2 * self._deadline)
        answer = await self._in_thread(self._write, body, outline.form, query.format)
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

    async def _choose_default(self, query: Query) -> Iterable[str]:
        """Choose what the default graph is made of; never nothing at all, which would leave the choice to the server."""
        if not query.default_graphs and not query.named_graphs:
            return [self._layout.merge]
        held = self._layout.held
        chosen = [held[graph] for graph in dict.fromkeys(query.default_graphs) if graph in held]
        if len(chosen) == len(held):
            return [self._layout.merge]
        if len(chosen) > 1 and not await self._are_disjoint(frozenset(chosen)):
            raise EngineFailed(
                say("These graphs share triples, which this engine may count once for each graph"),
                hint=say("Name one graph, or none for the merge of all"),
            )
        return chosen or [self._nothing]

    async def _are_disjoint(self, graphs: frozenset[str]) -> bool:
        if graphs not in self._disjoint:
            shared = "ASK { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?p ?o } FILTER (?g != ?h) }"
            text = rewrite.with_dataset(shared, [], sorted(graphs))
            if len(self._disjoint) > 1000:
                self._disjoint.clear()
            self._disjoint[graphs] = not await self._server.ask(text, seconds=2 * self._deadline)
        return self._disjoint[graphs]

    async def _in_thread(self, work: Callable[..., _T], *given: Any) -> _T:
        """Do what may take long beside the event loop."""

        def run() -> _T:
            try:
                return work(*given)
            except AnswerableError as error:
                # The frames of an error may hold results of the embedded engine, which only this thread may let go.
                stopped = error.with_traceback(None)
                stopped.__context__ = None
            raise stopped

        try:
            future = asyncio.get_running_loop().run_in_executor(self._threads, run)
        except RuntimeError:  # the threads take no more work once the pool is closed
            raise closing() from None
        return await future

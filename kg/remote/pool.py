"""Answers from a SPARQL 1.1 server that holds a release, with the interface of kg.pool.

Promises that an answer is whole and of the very release it is said to be of: the server is asked after each answer whether it
still holds that release, and it says so before it changes anything. Queries are guarded and parsed here before they are sent;
SERVICE, updates and the server's own functions never leave. The row and byte limits and the deadline are kept here, whatever
the server does.

Every query names its graphs in FROM clauses: by default the graph that holds the merge of the release's graphs, each triple
once, and for a query with GRAPH the named graphs of the release. So the server needs no setting for its default graph, and
what else it holds is never seen.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from kg import sparql, store, terms
from kg.answer.engine import CAPACITY, Capacity, busy, closing
from kg.answer.listener import Charge, Clock, Listener
from kg.errors import AnswerableError, EngineFailed, EngineTimeout, SourceError
from kg.remote.server import Engine
from kg.remote.upload import Holding
from kg.sparql import rewrite
from kg.store import Query, Serialized, Store

_GRAPHS = ("CONSTRUCT", "DESCRIBE")
_WIDER = 4  # times the bytes that an answer may have in its own format: how many it may have on the wire


class RemotePool:
    """Answers from a server, with the interface of kg.pool.Pool: so many at once, the rest waiting, each under a deadline."""

    def __init__(
        self, engine: Engine, folder: Path | str, capacity: Capacity = CAPACITY, *, listener: Listener | None = None
    ) -> None:
        self.name, self.size = capacity.name, capacity.size
        self.deadline, self.queue, self._limits = capacity.deadline, capacity.queue, capacity.limits
        self._engine = engine
        self._listener = listener or Listener()
        self._changed = threading.Condition()
        self._free, self._waiting, self._closed = self.size, 0, False
        self._outcomes: Counter[str] = Counter()
        self._given_up: Counter[str] = Counter()
        self._apart: dict[frozenset[str], bool] = {}
        # The first do the exchanges, the others wait for them until the deadline, whatever the exchange does.
        self._exchanges = ThreadPoolExecutor(self.size, thread_name_prefix=f"engine-{self.name}")
        self._threads = ThreadPoolExecutor(self.size + self.queue + 1, thread_name_prefix=f"remote-{self.name}")
        self._open(Path(folder))

    @property
    def path(self) -> Path:
        """The folder of the release that is answered from."""
        return self._path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Serialized:
        """Answer a query whole, `streamed` or not: that it is whole is known only when it has been read to its end.

        Raises what `Pool.answer` raises for a query that is not run, Busy, AnswerTooLarge, EngineFailed and EngineTimeout.
        """
        try:
            future = asyncio.get_running_loop().run_in_executor(self._threads, self._answer_in_thread, query, charge)
        except RuntimeError:  # the threads take no more work once this is closed
            raise closing() from None
        return await future

    def _answer_in_thread(self, query: Query, charge: Charge | None) -> Serialized:
        end = time.monotonic() + self.deadline
        clock, outcome = Clock(charge), "abandoned"
        try:
            answer = self._answer(query, end, clock)
            outcome = "answered"
            return answer
        except AnswerableError as error:
            outcome = error.slug
            raise
        finally:
            self._count(self._outcomes, outcome)
            self._listener.query_ended(self.name, outcome, clock.waited, clock.ran)
            if charge is not None:
                charge(clock.ran)

    def counters(self) -> dict[str, Any]:
        """Count queries by outcome and exchanges given up by reason, and say how many may start and how many wait."""
        with self._changed:
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
        """Take no more queries; may be called twice. What is being exchanged ends by itself."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._exchanges.shutdown(wait=False, cancel_futures=True)

    def _open(self, path: Path) -> None:
        held = Holding.read(path)
        held.confirm(self._engine, seconds=self.deadline)
        found = self._engine.count(held.merged, seconds=max(self.deadline, 60.0))
        if found != held.total:
            raise EngineFailed(
                f"The engine holds {found} triples of the release {held.release}, which has {held.total}",
                where=self._engine.url,
                hint="Put it there anew with `kg build --force --engine URL`",
            )
        self._path, self._held = path, held

    def _answer(self, query: Query, end: float, clock: Clock) -> Serialized:
        text, default, named = query.text, query.default_graphs, query.named_graphs
        outline = sparql.guard(text, max_bytes=self._limits.max_query, max_depth=self._limits.max_depth)
        format = store.choose_format(outline.form, query.format)
        store.parse(text)
        rewrite.refuse_vendor_functions(text)
        if not (default or named):
            default, named = outline.default_graphs, outline.named_graphs
        with clock.waiting():
            self._take(end)
        clock.start()
        try:
            # A base of its own, as every service must have one (SPARQL 1.1 Protocol, 2.3); one that the query names goes on from it.
            text = f"BASE <{sparql.BASE}>\n{text}"
            work = (rewrite.bind(text, query.bindings), default, named, outline.form, format, end)
            future = self._exchanges.submit(self._work, *work)
        except (AnswerableError, RuntimeError) as error:
            self._give_back()
            raise error if isinstance(error, AnswerableError) else closing() from None
        future.add_done_callback(lambda _: self._give_back())
        try:
            answer = future.result(max(end - time.monotonic(), 0.0))
            return replace(answer, volatile=outline.volatile)
        except TimeoutError:
            self._count(self._given_up, "deadline")
            raise EngineTimeout(
                f"The engine had not answered after {self.deadline:g} s",
                hint="Ask for less, or take the data and ask at home",
            ) from None
        finally:
            clock.stop()

    def _work(
        self, text: str, default: Sequence[str], named: Sequence[str], form: str, format: str, end: float
    ) -> Serialized:
        """Exchange a query for an answer and make sure of it; in a thread of its own."""
        try:
            return self._exchange(text, default, named, form, format, end)
        except AnswerableError as error:
            # The frames of an error may hold results of the embedded engine, which only this thread may let go.
            stopped = error.with_traceback(None)
            stopped.__context__ = None
        raise stopped

    def _exchange(
        self, text: str, default: Sequence[str], named: Sequence[str], form: str, format: str, end: float
    ) -> Serialized:
        held = self._held
        looks = rewrite.names_graphs(text) or bool(default or named)
        sent = rewrite.with_dataset(text, *self._dataset(held, default, named, looks, end))
        is_graph = form in _GRAPHS
        ask = self._engine.triples if is_graph else self._engine.rows
        body = ask(sent, seconds=_left(end), max_bytes=_WIDER * self._limits.max_bytes)
        # Asked after the answer: a server that has moved on to another release says so before it changes anything.
        held.confirm(self._engine, seconds=_left(end), named=looks)
        answer = self._write_graph(body, format) if is_graph else store.transcribe(body, format, self._limits)
        if answer.kind != ("graph" if is_graph else form.lower()):
            raise EngineFailed(f"The engine answered {form} as if it were {answer.kind.upper()}")
        return Serialized(answer.kind, answer.media_type, answer.body, answer.rows, str(self._path))

    def _write_graph(self, body: bytes, format: str) -> Serialized:
        try:
            with Store.memory() as graph:
                graph.load(body, format="nt", graph=None, source="the answer")
                return graph.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", format), self._limits)
        except SourceError as error:
            raise EngineFailed(f"The engine's answer is not N-Triples: {error.message}") from None

    def _dataset(
        self, held: Holding, default: Sequence[str], named: Sequence[str], looks: bool, end: float
    ) -> tuple[list[str], list[str]]:
        """Choose the graphs to name: known ones only, and never none, for that would be the server's own choice."""
        if not default and not named:
            return [held.merged], list(held.graphs) if looks else []
        known = set(held.graphs)
        chosen = [graph for graph in dict.fromkeys(default) if graph in known]
        if set(chosen) == known:
            chosen = [held.merged]
        if len(chosen) > 1 and not self._are_apart(frozenset(chosen), end):
            raise EngineFailed(
                "These graphs share triples, which this engine may count once for each graph",
                hint="Name one graph, or none for the merge of all",
            )
        nothing = terms.part_of_release(held.release, "nothing")
        return chosen or [nothing], [graph for graph in dict.fromkeys(named) if graph in known] or [nothing]

    def _are_apart(self, graphs: frozenset[str], end: float) -> bool:
        if graphs not in self._apart:
            shared = "ASK { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?p ?o } FILTER (?g != ?h) }"
            body = self._engine.rows(rewrite.with_dataset(shared, [], sorted(graphs)), seconds=_left(end))
            if len(self._apart) > 1000:
                self._apart.clear()
            self._apart[graphs] = not json.loads(body)["boolean"]
        return self._apart[graphs]

    def _take(self, end: float) -> None:
        with self._changed:
            if self._waiting >= self.queue and not self._free:
                raise busy(self.deadline)
            self._waiting += 1
            try:
                while not self._free and not self._closed:
                    if not self._changed.wait(end - time.monotonic()):
                        raise busy(self.deadline)
                if self._closed:
                    raise closing()
                self._free -= 1
            finally:
                self._waiting -= 1

    def _give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify()

    def _count(self, counter: Counter[str], what: str) -> None:
        with self._changed:
            counter[what] += 1


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise EngineTimeout("The engine did not answer in time", hint="Ask for less at a time")
    return left

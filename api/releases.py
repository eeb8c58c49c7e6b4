"""The releases that are open for answering: the current one, and a few older ones on request.

With another engine set, it answers queries and questions of the current release; older releases are answered from their own
folders.

Promises that a request keeps the release it began with until it ends, that a switch of the `current` link is followed
without a failed request, and that a release is verified before it answers. Never writes to a release.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from dataclasses import replace
from functools import cached_property
from typing import Any

from api.cache import Kept
from api.metrics import Metrics
from kg import release
from kg.answer.engine import Capacity, Engine
from kg.answer.listener import Listener
from kg.answer.pool import Pool
from kg.config import Settings
from kg.errors import AnswerableError, ReleaseCorrupt
from kg.remote.pool import RemotePool
from kg.remote.server import Engine as Server
from kg.sparql.question import Question, load_questions
from kg.store import Limits

LOOK_EVERY = 1.0  # seconds between two looks at the `current` link
NICENESS = 10  # workers for /sparql leave nine parts of ten of a busy processor to pages and to the server itself
OLD_OPEN = 2  # older releases kept open beside the current one, one worker for pages and one for queries each

log = logging.getLogger("answerable.shelf")


class Opened:
    """One release with its workers: `queries` for /sparql, `asked` for the named questions, `pages` for everything else.

    Apart, so that none starves the others; `asked` is `pages` where one engine does all. With another engine the first two
    are its. The pages stay with the store in the release folder: they lean on what engines have been seen to get wrong
    (EXISTS within GRAPH, a LIMIT behind a filter by EXISTS), and a page cannot show that something is missing from it.
    """

    def __init__(
        self,
        found: release.Release,
        settings: Settings,
        *,
        workers: int,
        page_workers: int,
        listener: Listener | None = None,
        server: Server | None = None,
    ) -> None:
        faults = release.verify(found)
        if faults:
            raise ReleaseCorrupt(
                str(faults[0]), where=str(found.path), hint="Build again, or roll back to another release"
            )
        self.release = found
        self.id = found.id
        limits = Limits(settings.max_rows, settings.max_bytes)  # of the queries that are ours
        asked = Capacity(
            name="queries",
            size=workers,
            queue=settings.queue,
            deadline=settings.deadline,
            memory=settings.memory,
            limits=replace(limits, max_query=settings.max_query, max_depth=settings.max_depth),
        )
        pages = replace(asked, name="pages", size=page_workers, deadline=settings.page_deadline, limits=limits)
        self.pages: Engine = Pool(found.store_path, pages, listener=listener)
        self.queries: Engine
        try:
            if server is None:
                self.queries = Pool(found.store_path, asked, niceness=NICENESS, listener=listener)
                self.asked = self.pages
            else:
                self.queries = RemotePool(server, found.path, asked, listener=listener)
                self.asked = RemotePool(server, found.path, replace(pages, name="questions"), listener=listener)
        except (AnswerableError, OSError):
            self.pages.close()
            raise
        # A page asks some ten queries at once; half the queue for pages leaves room for the named questions.
        self.slots = asyncio.Semaphore(max(2, settings.queue // 2))
        self.opened = time.time()
        self.kept = Kept(settings.cache)
        self.labels: dict[str, Any] = {}
        self._users = 0
        self._retired = self._closed = False
        self._lock = threading.Lock()

    @property
    def is_plain(self) -> bool:
        """Whether the release is RDF taken as it was, by `kg build --plain`: not ours, and under no licence of ours."""
        return bool(self.release.manifest["plain"])

    @property
    def pools(self) -> tuple[Engine, ...]:
        """What answers for this release, each once."""
        return tuple(dict.fromkeys((self.queries, self.asked, self.pages)))

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The named questions as they were when the release was built."""
        return load_questions(self.release.questions_path)

    def enter(self) -> bool:
        """Take the release into use, unless its workers are gone already."""
        with self._lock:
            if self._closed:
                return False
            self._users += 1
            return True

    def leave(self) -> None:
        """Give the release back; the last user of a retired one ends its workers."""
        with self._lock:
            self._users -= 1
        self._close_if_done()

    def retire(self) -> None:
        """End the workers as soon as nobody uses them."""
        with self._lock:
            self._retired = True
        self._close_if_done()

    def _close_if_done(self) -> None:
        with self._lock:
            if not self._retired or self._users or self._closed:
                return
            self._closed = True
        self._end()

    def mend(self) -> None:
        """Replace the free workers that somebody ended."""
        for pool in self.pools:
            pool.mend()

    def close(self) -> None:
        """End the workers now, whoever uses them."""
        with self._lock:
            self._closed = True
        self._end()

    def _end(self) -> None:
        for pool in self.pools:
            pool.close()


class Shelf:
    """The current release, the older ones that somebody asked for, and the watch over the `current` link."""

    def __init__(self, settings: Settings, metrics: Metrics | None = None) -> None:
        self.settings = settings
        self.metrics = metrics or Metrics()
        self.engine = Server(settings.engine) if settings.engine else None
        self.current = self._open(release.current(settings.out), engine=self.engine)
        self.trouble: str | None = None
        self._refused: str | None = None
        self._old: OrderedDict[str, Opened] = OrderedDict()
        self._lock = threading.Lock()
        self._look = asyncio.Event()

    def borrow(self, wanted: str | None) -> Opened:
        """Lend the current release, or the one of that id, until it is told `leave`; raises UnknownName."""
        opened = self._fetch(wanted)
        while not opened.enter():  # it was retired between the two steps: there is a newer one
            opened = self._fetch(wanted)
        return opened

    def _fetch(self, wanted: str | None) -> Opened:
        current = self.current
        if wanted is None or wanted == current.id:
            return current
        with self._lock:
            if wanted in self._old:
                self._old.move_to_end(wanted)
                return self._old[wanted]
            self._old[wanted] = opened = self._open(self.find(wanted), workers=1, page_workers=1)
            while len(self._old) > OLD_OPEN:
                self._old.popitem(last=False)[1].retire()
            return opened

    def find(self, wanted: str) -> release.Release:
        """Find a release by its id; raises UnknownName."""
        return release.find(self.settings.out, wanted)

    def look_now(self) -> None:
        """Look at the `current` link without waiting for the next turn."""
        self._look.set()

    async def watch(self) -> None:
        """Follow the `current` link until cancelled; a release that does not verify is reported and not served."""
        while True:
            try:
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY)
            except TimeoutError:
                pass
            self._look.clear()
            await asyncio.to_thread(self.follow)
            await asyncio.to_thread(self.mend)

    def mend(self) -> None:
        """Replace the free workers that somebody ended, in every open release."""
        with self._lock:
            old = list(self._old.values())
        for opened in (self.current, *old):
            opened.mend()

    def follow(self) -> None:
        """Open the release that `current` names, if it is another one, and let the one before go."""
        found = None
        try:
            found = release.current(self.settings.out)
            if found.id == self.current.id:
                self.trouble = None
            if found.id in (self.current.id, self._refused):
                return
            opened = self._open(found, engine=self.engine)
        except (AnswerableError, OSError) as error:
            self._refused = found.id if found else None
            if str(error) != self.trouble:
                log.error("still serving release %s: %s", self.current.id, error)
                self.metrics.count_switch("failed")
            self.trouble = str(error)
            return
        before, self.current = self.current, opened
        self.trouble = self._refused = None
        log.info("release %s after %s", opened.id, before.id)
        self.metrics.count_switch("done")
        before.retire()

    def close(self) -> None:
        """End every worker, also of requests that were given up."""
        for opened in (self.current, *self._old.values()):
            opened.close()

    def _open(
        self,
        found: release.Release,
        *,
        workers: int | None = None,
        page_workers: int | None = None,
        engine: Server | None = None,
    ) -> Opened:
        opened = Opened(
            found,
            self.settings,
            workers=workers or self.settings.workers,
            page_workers=page_workers or self.settings.page_workers,
            listener=self.metrics,
            server=engine,
        )
        opened.kept.counts = self.metrics.kept  # goes on counting where the release before left off
        return opened

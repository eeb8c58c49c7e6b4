"""The releases that are open for answering: the current one, and a few older ones on request.

A request keeps the release it began with until it ends, and a switch of the `current` link fails no request. A release is
verified before it answers, and nothing here writes to one. With another engine set, that engine answers queries and
questions of the current release; older releases are answered from their own folders.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from api.http.cache import Cache
from api.http.metrics import Metrics
from kg import release, terms
from kg.answer.engine import Capacity, Engine, Listener
from kg.answer.hints import Hints
from kg.answer.pool import Pool
from kg.answer.questions import Known, Once
from kg.changes import Changes, bounds_apart, compare_apart, forget_dumps
from kg.config import Settings
from kg.errors import AnswerableError, EngineFailed, ReleaseCorrupt, SourceError
from kg.remote.pool import RemotePool
from kg.remote.server import Server
from kg.remote.upload import Layout
from kg.sparql.question import Question, find_question, load_questions
from kg.store import Limits
from kg.wording import say

LOOK_EVERY = 1.0  # seconds between two looks at the `current` link
NICENESS = 10  # workers for /sparql leave nine parts of ten of a busy processor to pages and to the server itself
COMPARED_AT_ONCE = 2  # pairs of releases
OLD_OPEN = 2  # older releases kept open beside the current one, one worker for pages and one for queries each

log = logging.getLogger("answerable.releases")


class OpenRelease:
    """One release with its pools: `queries` for /sparql, `asked` for the named questions, `pages` for everything else.

    They are apart, so that none starves the others; `asked` is `pages` where the embedded engine answers all. With another
    engine the first two are its. The pages stay with the store in the release folder, because they use what engines have
    been seen to get wrong (EXISTS within GRAPH, a LIMIT behind a filter by EXISTS), and a page cannot show that something is
    missing from it.
    """

    def __init__(
        self,
        found: release.Release,
        settings: Settings,
        *,
        metrics: Metrics,
        is_current: bool = True,
        server: Server | None = None,
    ) -> None:
        if faults := release.verify(found):
            hint = "Build again, or roll back to another release"
            raise ReleaseCorrupt(str(faults[0]), where=str(found.path), hint=hint)
        self.release = found
        self.id = found.id
        self.base = settings.base or terms.BASE  # of addresses that others open: the public one, else that of the data
        self.operator, self.contact = settings.operator, settings.contact
        self.pages, self.asked, self.queries = _start_pools(found, settings, is_current, metrics, server)
        self.pools = tuple(dict.fromkeys((self.queries, self.asked, self.pages)))  # each once
        # A page asks some ten queries at once; half the queue for pages leaves room for the named questions.
        self.slots = asyncio.Semaphore(max(2, settings.queue // 2))
        self.known, self.hints = Known(self.pages), Hints(self.pages)
        self.opened = time.time()
        self.cache = Cache(settings.cache, metrics.lookups)
        self.once = Once()  # what pages need of a release as a whole
        self.is_withdrawn = False  # nothing is answered from it any more
        self._users = 1  # requests, and who opened it
        self._lock = threading.Lock()

    @property
    def is_plain(self) -> bool:
        """Whether the release is RDF taken as it was, by `kg build --plain`: not ours, and under no licence of ours."""
        return bool(self.release.manifest["plain"])

    @cached_property
    def graphs(self) -> dict[str, int]:
        """The named graphs in order, each with its number of triples, as the build counted them."""
        return dict(sorted(self.release.manifest["triples"]["graphs"].items()))

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The named questions as they were when the release was built, without those whose file cannot be read."""

        def reject(error: SourceError) -> None:
            self.reject_question(Path(error.where or "").stem, error)

        return load_questions(self.release.questions_path, reject)

    def find_question(self, name: str) -> Question:
        """Return the question of this name; raises UnknownName, or SourceError where its file cannot be read."""
        if name not in self.questions and name in {path.stem for path in self.release.questions_path.glob("*.rq")}:
            raise self.reject_question(name)
        return find_question(self.questions, name)

    def reject_question(self, name: str, error: Exception | None = None) -> SourceError:
        """Log that the file of a question is bad, and make the error to answer with."""
        if error is not None:
            log.error("release %s: the question %s is bad: %s", self.id, name, error)
        return SourceError(
            say(
                "The question %(name)s cannot be answered: its file in the release %(id)s is bad",
                name=f"{name!r}",
                id=self.id,
            )
        )

    def acquire(self) -> bool:
        """Count one more user, unless the workers are gone already."""
        with self._lock:
            self._users += bool(self._users)
            return bool(self._users)

    def leave(self) -> None:
        """Count one user less; the last one ends the workers."""
        with self._lock:
            self._users -= 1
            if not self._users:
                self.close()

    def withdraw(self) -> None:
        """Let go of every answer in memory, and give no other: the release was removed."""
        self.is_withdrawn = True
        self.cache, self.once, self.known = Cache(self.cache.limit, self.cache.counts), Once(), Known(self.pages)

    def close(self) -> None:
        """End the workers now, even if they are in use."""
        for pool in self.pools:
            pool.close()


def _start_pools(
    found: release.Release, settings: Settings, is_current: bool, listener: Listener, server: Server | None
) -> tuple[Engine, Engine, Engine]:
    """Start the engines for pages, questions and queries; those of an older release have one worker each."""
    limits = Limits(settings.max_rows, settings.max_bytes)  # of the queries that are ours
    asked = Capacity(
        name="queries",
        size=settings.workers if is_current else 1,
        queue=settings.queue,
        deadline=settings.deadline,
        memory=settings.memory,
        limits=replace(limits, max_query=settings.max_query, max_depth=settings.max_depth),
    )
    size = settings.page_workers if is_current else 1
    own = replace(asked, name="pages", size=size, deadline=settings.page_deadline, limits=limits)
    pages = Pool(found.store_path, own, listener=listener)
    try:
        if server is None:
            return pages, pages, Pool(found.store_path, asked, niceness=NICENESS, listener=listener)
        queries = RemotePool(server, found.path, asked, listener=listener)
        return pages, RemotePool(server, found.path, replace(own, name="questions"), listener=listener), queries
    except (AnswerableError, OSError):
        pages.close()
        raise


class OpenReleases:
    """The current release and the older ones in use; it follows the `current` link."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.server = Server(settings.engine) if settings.engine else None
        self.current = OpenRelease(release.current(settings.out), settings, metrics=self.metrics, server=self.server)
        self.trouble: str | None = None
        self._refused: str | None = None
        self._old: dict[str, OpenRelease] = {}  # the one used last at the end
        self._once, self._compared = Once(), set[release.Release | None]()
        self._slots = asyncio.Semaphore(COMPARED_AT_ONCE)
        self._lock = threading.Lock()
        self._look = asyncio.Event()

    def acquire(self, wanted: str | None) -> OpenRelease:
        """Return the current release, or the one of that id; the caller calls `leave` on it. Raises UnknownName."""
        while not (opened := self._fetch(wanted)).acquire():
            pass  # it was closed between the two steps: there is a newer one
        return opened

    def _fetch(self, wanted: str | None) -> OpenRelease:
        current = self.current
        if wanted is None or wanted == current.id:
            return current
        with self._lock:
            self._drop_removed()
            opened = self._old.pop(wanted, None) or OpenRelease(
                release.find(self.settings.out, wanted), self.settings, is_current=False, metrics=self.metrics
            )
            self._old[wanted] = opened
            if len(self._old) > OLD_OPEN:
                self._old.pop(next(iter(self._old))).leave()
            return opened

    async def compare(self, old: release.Release, new: release.Release) -> Changes:
        """Work out once what changed from one release to the other. Raises QueryStopped."""
        return await self._compare(compare_apart, old, new)

    async def bounds(self, old: release.Release | None, new: release.Release) -> list[bytes]:
        """List the subjects with which the pages of versions begin. Raises QueryStopped."""
        return [subject.encode() for subject in await self._compare(bounds_apart, old, new)]

    async def _compare(self, work: Callable[..., Any], *pair: release.Release | None) -> Any:
        async def run() -> Any:
            async with self._slots:
                return await asyncio.to_thread(work, *pair)

        self._compared.update(pair)
        return await self._once.find((work, *(one and one.sha256 for one in pair)), run)

    def look_now(self) -> None:
        """Look at the `current` link without waiting for the next turn, also at a release that was refused before."""
        self._refused = None
        self._look.set()

    async def keep_following(self) -> None:
        """Follow the `current` link, and replace workers that died, until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY)
            self._look.clear()
            await asyncio.to_thread(self.follow)

    def follow(self) -> None:
        """Open the release that `current` names, if it is another one, and let go of the one before and of those that were removed.

        A release that does not verify is logged and not served. One that was removed answers nothing more, even where there is
        no other. Free workers that died are replaced.
        """
        with self._lock:
            self._drop_removed()
            old = [*self._old.values()]
        if any(one and one.is_removed for one in [*self._compared]):
            self._once, self._compared = Once(), set()
            forget_dumps()
        self._follow()
        if self.current.release.is_removed and not self.current.is_withdrawn:
            log.error("release %s was removed, and there is no other to serve", self.current.id)
            self.current.withdraw()
        for opened in (self.current, *old):
            for pool in opened.pools:
                pool.mend()

    def _drop_removed(self) -> None:
        for name in [name for name, opened in self._old.items() if opened.release.is_removed]:
            self._old.pop(name).leave()

    def _follow(self) -> None:
        found = None
        try:
            found = release.current(self.settings.out)
            name = found.path.name  # its manifest may be what is damaged
            if name == self.current.id:
                self.trouble = None
            if name in (self.current.id, self._refused):
                return
            if self.server is not None:  # before its files are hashed: asked again until `kg publish` has put it there
                asyncio.run(Layout(found.path).confirm(self.server, seconds=10.0))
            opened = OpenRelease(found, self.settings, metrics=self.metrics, server=self.server)
        except (AnswerableError, OSError) as error:
            self._refused = name if found and not isinstance(error, EngineFailed) else None
            if str(error) != self.trouble:
                log.error("still serving release %s: %s", self.current.id, error)
                self.metrics.switches.labels("failed").inc()
            self.trouble = str(error)
            return
        before, self.current = self.current, opened
        self.trouble = self._refused = None
        log.info("release %s after %s", opened.id, before.id)
        self.metrics.switches.labels("done").inc()
        before.leave()

    def close(self) -> None:
        """End every worker, also of requests that were abandoned."""
        for opened in (self.current, *self._old.values()):
            opened.close()

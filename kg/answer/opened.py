"""The releases that are open for answering: the current one, and a few older ones on request.

A request keeps the release it began with until it ends, and a switch of the `current` link fails no request. A release is
verified before it answers, and nothing here writes to one. With another engine set, that engine answers in the place of the
store of the current release, and of older ones whose folder has none.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, Self

from kg import catalogue, release, rows, terms
from kg.answer import questions
from kg.answer.cache import Cache, SingleFlight
from kg.answer.engine import LONG, MOST_ROWS, PAYER, BoundedEngine, Capacity, Listener
from kg.answer.hints import HintingEngine
from kg.answer.names import Names
from kg.answer.pool import Pool
from kg.answer.questions import QuestionAnswer
from kg.changes import Changes, compare, pages, run_apart
from kg.config import Settings
from kg.dictionary import DataDictionary
from kg.errors import (
    AnswerableError,
    EngineFailed,
    QueryRefused,
    QuerySyntaxError,
    ReleaseCorrupt,
    SourceError,
    ThingWithdrawn,
    UnknownName,
)
from kg.files import read_text
from kg.languages import DEFAULT, Language, speak
from kg.quotations import Quotations
from kg.release import Release
from kg.rows import Row
from kg.search.search import Search
from kg.sparql.question import Question, find_question, load_questions
from kg.store import Limits, Query
from kg.terms import Term
from kg.wording import say

LOOK_EVERY = 1.0  # seconds between two looks at the `current` link
PER_PAGE = 10  # queries that a page asks, roughly
ROWS = 4  # the cache of rows is this part of that of answers
NICENESS = 10  # workers for queries leave nine parts of ten of a busy processor to pages and to the server itself
COMPARED_AT_ONCE = 2  # pairs of releases
OLD_OPEN = 2  # older releases that stay open beside the current one, one worker for pages and one for queries each

# Makes another engine for a release folder and a capacity; its start raises EngineFailed where it does not hold the release.
Remote = Callable[[Path, Capacity, Listener], BoundedEngine]

log = logging.getLogger("answerable.releases")
_read_query = cache(read_text)
_READER = ThreadPoolExecutor(1, "reader")  # of whole releases, beside the threads in which pages are filled


class OpenRelease:
    """One release with its engines, `queries` for SPARQL and `pages` for everything else, apart so that neither starves the other."""

    def __init__(
        self,
        opened: Release,
        settings: Settings,
        listener: Listener | None = None,
        remote: Remote | None = None,
        quotations: Quotations | None = None,
    ) -> None:
        self.release, self.id = opened, opened.id
        self.quotations = quotations or Quotations(settings.out)
        self.base = settings.base or terms.BASE  # of addresses that others open: the public one, else that of the data
        self._root = settings.root
        self.operator, self.contact = settings.operator, settings.contact
        self._page_queries = settings.root / "queries" / "pages"
        listener = listener or Listener()
        for_queries = replace(Capacity.for_queries(settings), niceness=NICENESS)
        for_pages = replace(
            for_queries,
            name="pages",
            size=settings.page_workers,
            queue=settings.queue * PER_PAGE,
            deadline=settings.page_deadline,
            limits=Limits(settings.max_rows, settings.max_bytes),  # the texts of queries are ours
            niceness=0,
            cache=settings.cache // ROWS,
        )
        make, place = (remote, opened.path) if remote else (Pool, opened.store_path)
        self.pools = self.queries, self.pages = [make(place, each, listener) for each in (for_queries, for_pages)]
        self.has_store = remote is None
        self.opened = time.time()
        self.is_withdrawn = False  # nothing is answered from it any more
        self._users = 1  # requests, and who opened it
        self._make_cache = partial(Cache, settings.cache, listener.lookups)
        self.forget()

    async def start(self) -> None:
        """Verify the release and start its engines. Raises ReleaseCorrupt, SourceError and EngineFailed."""
        try:
            # Another engine before the files are hashed: it is tried again until `kg publish` has put the release there.
            if not self.has_store:
                await self._start_engines()
            loop = asyncio.get_running_loop()
            verify = partial(release.verify, self.release, has_store=self.has_store)
            if faults := await loop.run_in_executor(_READER, verify):
                hint = "Build again, or roll back to another release"
                raise ReleaseCorrupt(str(faults[0]), where=str(self.release.path), hint=hint)
            await loop.run_in_executor(_READER, lambda: self.questions)  # which takes a while
            if self.has_store:
                await self._start_engines()
            await self.pages.compare(self.questions, self._root)
        except (AnswerableError, OSError):
            await self.close()
            raise

    async def _start_engines(self) -> None:
        await asyncio.gather(*(pool.start() for pool in self.pools))

    def forget(self) -> None:
        """Forget every answer in memory."""
        self.cache, self.names = self._make_cache(), Names(self.pages, self.quotations, lambda: self.index)
        self.once = SingleFlight()  # what pages need of a release as a whole
        for pool in self.pools:
            pool.forget()

    @cached_property
    def graphs(self) -> dict[str, int]:
        """The named graphs in order, each with its number of triples, as the build counted them."""
        return dict(sorted(self.release.manifest["triples"]["graphs"].items()))

    @cached_property
    def index(self) -> Search:
        """The index of the search, opened when it is first needed. Raises SourceError."""
        return Search(self.release.path)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The named questions as they were when the release was built, without those whose file cannot be read."""

        def reject(error: SourceError) -> None:
            self._log_bad_question(Path(error.where or "").stem, error)

        return load_questions(self.release.questions_path, reject)

    def hinting(self) -> HintingEngine:
        """Make what answers one query from outside, with a hint."""
        return HintingEngine(self.queries, self.pages, self.once, lambda: self.index)

    def find_question(self, name: str) -> Question:
        """Return the question of this name; raises UnknownName, or SourceError where its file cannot be read."""
        if name not in self.questions and name in {path.stem for path in self.release.questions_path.glob("*.rq")}:
            raise self._refuse_question(name)
        return find_question(self.questions, name)

    async def read_index(self) -> Search:
        """Open the index of the search once, in a thread. Raises SourceError."""
        return await self.once.find("search", partial(asyncio.to_thread, lambda: self.index))

    async def read_dictionary(self) -> DataDictionary:
        """Read the data dictionary once."""

        async def read() -> DataDictionary:
            described = (self.release.path / "catalogue.ttl").read_bytes()
            used, _ = await asyncio.to_thread(catalogue.read, described)
            return DataDictionary(await self.ask_page("terms"), await self.ask_page("shapes"), used)

        return await self.once.find("dictionary", read)

    def page_query(self, name: str) -> str:
        """Read the text of a query of pages."""
        return _read_query(self._page_queries / f"{name}.rq")

    async def ask_page(self, name: str, **bindings: Term) -> list[Row]:
        """Ask a query of pages for rows of what it does not bind; one that binds nothing is asked once, its rows shared."""
        read = partial(self.ask_rows, self.page_query(name), bindings)
        return await (read() if bindings else self.once.find(("rows", name), read))

    async def ask_rows(self, text: str, bindings: Mapping[str, Term] = {}) -> list[Row]:
        """Ask the text of a query of ours for rows of what it does not bind."""
        body = (await self.pages.answer(Query(text, "json", bindings, max_rows=None if bindings else MOST_ROWS))).body
        return await asyncio.to_thread(rows.read, body, bindings) if len(body) > LONG else rows.read(body, bindings)

    async def ask(
        self, question: Question, values: Mapping[str, str], language: Language = speak(DEFAULT)
    ) -> QuestionAnswer:
        """Ask a named question; raises BadParameter, SourceError for a bad text or template, and what an engine raises."""
        try:
            return await questions.ask(self.pages, question, values, self.id, self.names, language)
        except (QuerySyntaxError, QueryRefused, SourceError) as error:  # the text is not the client's
            self._log_bad_question(question.name, error)
            raise self._refuse_question(question.name) from None

    def _log_bad_question(self, name: str, error: AnswerableError) -> None:
        log.error("release %s: the question %s is bad: %s", self.id, name, error)

    def _refuse_question(self, name: str) -> SourceError:
        wording = say(
            "The question %(name)s cannot be answered: its file in the release %(id)s is bad",
            name=f"{name!r}",
            id=self.id,
        )
        return SourceError(wording)

    def acquire(self) -> Self:
        """Count one more user, who calls `leave`."""
        self._users += 1
        return self

    def leave(self) -> None:
        """Count one user less; the last one ends the engines."""
        self._users -= 1
        if not self._users:
            self._close()

    def withdraw(self) -> None:
        """Forget every answer, and give no other: the release was removed."""
        self.is_withdrawn = True
        self.forget()

    def _close(self) -> None:
        for pool in self.pools:
            pool.close()

    async def close(self) -> None:
        """End the engines now, even if they are in use, and wait until they are gone."""
        self._close()
        await asyncio.gather(*(pool.wait_closed() for pool in self.pools))


class OpenReleases:
    """The current release and the older ones in use; it follows the `current` link."""

    def __init__(self, settings: Settings, listener: Listener, remote: Remote | None = None) -> None:
        self._out, self._listener = settings.out, listener
        self._quotations = Quotations(settings.out)
        self._prepare = partial(OpenRelease, listener=listener, quotations=self._quotations)
        self._prepare_current = partial(self._prepare, settings=settings, remote=remote)
        self._settings_of_old, self._remote = replace(settings, workers=1, page_workers=1), remote
        self.current: OpenRelease
        self.trouble: str | None = None  # why the newest release is not the current one
        self._refused: str | None = None  # the name of a release that is not tried again
        self._old: dict[str, OpenRelease] = {}  # the one used last at the end
        self._comparisons = SingleFlight()
        self._shown: set[Release] = set()  # beside the current one: those from which something in memory was worked out
        self._slots = asyncio.Semaphore(COMPARED_AT_ONCE)
        self._opening, self._following = asyncio.Lock(), asyncio.Lock()
        self._look = asyncio.Event()

    async def start(self) -> None:
        """Open the current release. Raises what `OpenRelease.start` raises."""
        self.current = self._prepare_current(release.current(self._out))
        await self.current.start()

    def _prepare_old(self, old: Release) -> OpenRelease:
        remote = None if old.store_path.exists() else self._remote
        return self._prepare(old, settings=self._settings_of_old, remote=remote)

    def acquire(self) -> OpenRelease:
        """Return the current release; the caller calls `leave` on it."""
        return self.current.acquire()

    async def acquire_old(self, name: str) -> OpenRelease:
        """Return the release of an id; the caller calls `leave` on it. Raises UnknownName."""
        if name == self.current.id:
            return self.acquire()
        async with self._opening:
            self._drop_removed()
            opened = self._old.pop(name, None)
            if opened is None:
                opened, began, payer = self._prepare_old(release.find(self._out, name)), time.monotonic(), PAYER.get()
                try:
                    await opened.start()
                finally:
                    payer.charge(time.monotonic() - began)
                self._shown.add(opened.release)
            self._old[name] = opened
            if len(self._old) > OLD_OPEN:
                self._old.pop(next(iter(self._old))).leave()
            return opened.acquire()

    def state_of(self, name: str) -> str:
        """Say whether the release of an id is `here`, was `removed`, or is `absent`."""
        try:
            release.find(self._out, name)
            return "here"
        except ThingWithdrawn:
            return "removed"
        except UnknownName:
            return "absent"

    async def compare(self, old: Release, new: Release) -> Changes:
        """Work out once what changed from one release to the other. Raises QueryStopped."""
        return await self._compare(compare, old, new)

    async def pages_of_versions(self, old: Release | None, new: Release) -> list[bytes]:
        """Write once the pages of versions that came with a release, as compressed N-Triples. Raises QueryStopped."""
        return await self._compare(pages, old, new)

    async def _compare(self, work: Callable[..., Any], *pair: Release | None) -> Any:
        async def run() -> Any:
            async with self._slots:
                return await run_apart(work, *pair)

        self._shown.update(side for side in pair if side)
        return await self._comparisons.find((work, *pair), run)

    def look_now(self) -> None:
        """Look at the `current` link without waiting for the next turn, also at a release that was refused before."""
        self._refused = None
        self._look.set()

    async def keep_following(self) -> None:
        """Follow the `current` link until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY)
            self._look.clear()
            await self.follow()

    async def follow(self) -> None:
        """Open the release that `current` names, if it is another one, and let go of the one before and of those that were removed.

        Answers in memory are forgotten when the quotations change.

        A release that does not verify is logged and not served. One that was removed answers nothing more, even where there is
        no other.
        """
        async with self._following:
            self._drop_removed()
            if await asyncio.to_thread(self._quotations.refresh):
                for opened in (self.current, *self._old.values()):
                    opened.forget()
            if any(other.is_removed for other in self._shown):
                self._comparisons, self._shown = SingleFlight(), set()
                self.current.forget()
            await self._follow()
            if self.current.release.is_removed and not self.current.is_withdrawn:
                log.error("release %s was removed, and there is no other to serve", self.current.id)
                self.current.withdraw()

    def _drop_removed(self) -> None:
        for name in [name for name, opened in self._old.items() if opened.release.is_removed]:
            self._old.pop(name).leave()

    async def _follow(self) -> None:
        name = None
        try:
            newest = release.current(self._out)
            name = newest.path.name  # its manifest may be what is damaged
            if name == self.current.id:
                self.trouble = None
            if name in (self.current.id, self._refused):
                return
            opened = self._prepare_current(newest)
            await opened.start()
        except (AnswerableError, OSError) as error:
            self._refused = None if isinstance(error, EngineFailed) else name
            if str(error) != self.trouble:
                log.error("still serving release %s: %s", self.current.id, error)
                self._listener.release_switched("failed")
            self.trouble = str(error)
            return
        before, self.current = self.current, opened
        self.trouble = self._refused = None
        log.info("release %s after %s", opened.id, before.id)
        self._listener.release_switched("done")
        before.leave()

    async def close(self) -> None:
        """End every worker, also of requests that were abandoned."""
        await asyncio.gather(*(opened.close() for opened in (self.current, *self._old.values())))

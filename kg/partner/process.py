"""The parent's side of a check: a process for each file, with limits of time and memory, and no more than a few at once.

A client sends one file after the other, and few files are in memory at the same time: who sends slowly keeps nobody out.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg import process
from kg.answer.turns import Turns
from kg.config import Settings
from kg.errors import BudgetSpent, Busy, CheckStopped
from kg.files import read_toml
from kg.process import ProcessFailed

_WORDS = read_toml(__file__, "check")
CHECKED, NOT_CHECKED, FORMATS = (_WORDS[name] for name in ("checked", "not_checked", "formats"))
GRACE = 1.0  # seconds after which a process that does not end itself is killed
MOST_FILES = 16  # in memory at once, those that are still on their way included
MOST_ANSWER = 4 << 20  # bytes

log = logging.getLogger("answerable.check")


@dataclass(frozen=True)
class PartnerFile:
    """A file to check: its bytes, its format (a key of FORMATS), what it is called, and the form of the report."""

    data: bytes = field(repr=False)
    format: str
    name: str
    form: str = "json"  # json, ttl or jsonld


class Checks:
    """The checks of one server, of which only a few run at once. Use it on one event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._senders: list[bytes | None] = []  # of the files that are here; None is a client without a name
        self._turns = Turns(lambda: settings.check_workers, MOST_FILES, self._busy)

    @contextmanager
    def hold(self, client: bytes | None) -> Iterator[None]:
        """Hold room for one file of a client, from before it is read until it is judged. Raises BudgetSpent and Busy."""
        if client is not None and client in self._senders:
            retry = max(1, round(self.settings.check_deadline))
            raise BudgetSpent(
                "Another file of yours is being checked", retry_after=retry, hint="Send one after the other"
            )
        if len(self._senders) >= MOST_FILES:
            raise self._busy()
        self._senders.append(client)
        try:
            yield
        finally:
            self._senders.remove(client)

    async def check(
        self, file: PartnerFile, store: Path, client: bytes | None, charge: Callable[[float], None]
    ) -> dict[str, Any]:
        """Check a file of a client against the release in a store, when its turn comes; `charge` gets the seconds it took.

        Returns what kg.partner.judging writes. Raises Busy where its turn does not come, CheckStopped where it met a limit.
        """
        async with self._turns.turn(client, self.settings.check_deadline, charge):
            return await self._judge(file, store)

    async def _judge(self, file: PartnerFile, store: Path) -> dict[str, Any]:
        settings = self.settings
        head = {"store": str(store), "root": str(settings.root), "memory": settings.check_memory}
        head |= {"seconds": settings.check_deadline, "file": (file.format, file.name, file.form)}
        content = json.dumps(head).encode() + b"\n" + file.data
        try:
            output = await process.run("kg.partner.judging:main", content, seconds=settings.check_deadline + GRACE)
            if not 0 < len(output) <= MOST_ANSWER:
                raise ProcessFailed("memory", b"an answer of %d bytes" % len(output))
            return json.loads(output)
        except ProcessFailed as failure:
            message = (
                f"The check needed more than {settings.check_memory >> 20} MiB of memory, or failed, and was ended"
            )
            if failure.reason == "deadline":
                message = f"The check took longer than {settings.check_deadline:g} s and was ended"
            else:
                log.error("a check failed: %s", failure)
            raise CheckStopped(message, hint="Send fewer things at a time, or run `kg check` at home") from None

    def _busy(self) -> Busy:
        retry = max(1, round(self.settings.check_deadline / 2))
        return Busy("Other files are being checked", retry_after=retry, hint="Try again shortly")

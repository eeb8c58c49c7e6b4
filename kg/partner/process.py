"""The parent's side of a check: a process for each file, with limits of time and memory, and no more than a few at once."""

from __future__ import annotations

import json
import logging
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg import process
from kg.config import Settings
from kg.errors import Busy, CheckStopped
from kg.process import ProcessFailed

_WORDS = tomllib.loads(Path(__file__).with_name("check.toml").read_text(encoding="utf-8"))
CHECKED, NOT_CHECKED, FORMATS = (_WORDS[name] for name in ("checked", "not_checked", "formats"))
GRACE = 1.0  # seconds after which a process that does not end itself is killed
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
        self._running = 0

    async def check(self, file: PartnerFile, store: Path, charge: Callable[[float], None]) -> dict[str, Any]:
        """Check a file against the release in a store; `charge` gets the seconds it took.

        Returns what kg.partner.judging writes. Raises Busy where too many checks run, CheckStopped where one met a limit.
        """
        settings, began = self.settings, time.monotonic()
        if self._running >= settings.check_workers:
            retry = max(1, round(settings.check_deadline / 2))
            raise Busy("Other files are being checked", retry_after=retry, hint="Try again shortly")
        head = {"store": str(store), "root": str(settings.root), "memory": settings.check_memory}
        head |= {"seconds": settings.check_deadline, "file": (file.format, file.name, file.form)}
        content = json.dumps(head).encode() + b"\n" + file.data
        self._running += 1
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
        finally:
            self._running -= 1
            charge(time.monotonic() - began)

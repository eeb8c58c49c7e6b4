"""The parent's side of a check: a process for each file, with limits of time and memory, and no more than a few at once."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg import process
from kg.config import Settings
from kg.errors import Busy, CheckStopped
from kg.languages import N_
from kg.process import ProcessFailed

FORMATS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "trig": "application/trig",
    "nq": "application/n-quads",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHECKED = (
    N_("Its syntax, its characters, and the names of its graphs"),
    N_("The shapes: what each thing needs, and what a value may be"),
    N_("References: that everything it names is described in it or in this release"),
    N_("Keys: that it describes nothing again that this release describes already"),
    N_(
        "Contact details, names in addresses of persons, dates to come, and terms that are derived, deprecated or unknown"
    ),
)
NOT_CHECKED = (
    N_("What the rules would derive from it, such as obligations and engagements, and the checks of that"),
    N_("Whether its passages say what it says"),
    N_("Whether it prints a name that was withdrawn; a build looks for these"),
)
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
        if self._running >= self.settings.check_workers:
            retry = max(1, round(self.settings.check_deadline / 2))
            raise Busy("Other files are being checked", retry_after=retry, hint="Try again shortly")
        self._running += 1
        began = time.monotonic()
        try:
            return await self._run(file, store)
        except ProcessFailed as failure:
            message = (
                f"The check needed more than {self.settings.check_memory >> 20} MiB of memory, or failed, and was ended"
            )
            if failure.reason == "deadline":
                message = f"The check took longer than {self.settings.check_deadline:g} s and was ended"
            else:
                log.error("a check failed: %s", failure)
            raise CheckStopped(message, hint="Send fewer things at a time, or run `kg check` at home") from None
        finally:
            self._running -= 1
            charge(time.monotonic() - began)

    async def _run(self, file: PartnerFile, store: Path) -> dict[str, Any]:
        settings = self.settings
        head = {"store": str(store), "root": str(settings.root), "memory": settings.check_memory}
        head |= {"seconds": settings.check_deadline, "file": (file.format, file.name, file.form)}
        content = json.dumps(head).encode() + b"\n" + file.data
        output = await process.run("kg.partner.judging:main", content, seconds=settings.check_deadline + GRACE)
        if not 0 < len(output) <= MOST_ANSWER:
            raise ProcessFailed("memory", b"an answer of %d bytes" % len(output))
        return json.loads(output)

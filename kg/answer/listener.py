"""Who is told of the end of each query and of each lost worker, and the clock of one query."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Charge = Callable[[float], None]  # told once for a query the seconds that workers ran for it, however it ended


class Listener:
    """Is told what engines do, and does nothing; subclasses count. It is called from any thread and must be quick."""

    def query_ended(self, pool: str, outcome: str, waited: float, ran: float) -> None:
        """Hear of a query's end: `answered`, `abandoned` by who asked, or the slug of its error; seconds waited and run."""

    def query_retried(self, pool: str) -> None:
        """Hear that a query is asked again, since somebody else ended its worker."""

    def worker_ended(self, pool: str, reason: str) -> None:
        """Hear that a worker is lost: deadline, memory, outside or crash."""


class Clock:
    """How long a query waited for workers and how long they ran for it, in seconds, and who is charged."""

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
        """Note that a worker begins to run."""
        self._since = time.monotonic()

    def stop(self) -> None:
        """Note that the worker which began to run does so no more."""
        self.ran += time.monotonic() - self._since

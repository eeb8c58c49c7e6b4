"""A budget of time for each client, so that no client takes the workers and threads from the others.

There are two: of queries, files and batches that a client sends, and a larger one of the time that its requests take, whatever
their route. An answer from the cache costs nothing. No address is stored: clients are known by a keyed hash, whose key is
replaced at every start and every day. Each client has a bucket that holds the seconds of one minute and fills evenly; it is known
by the time at which it is full again. The price of a request is known only after it ran, so a bucket may end below zero, and the
client waits until it is filled again; rate limiters for Python count requests of a price known before.
"""

import hmac
import ipaddress
import math
import secrets
import time
from collections.abc import Callable
from functools import partial
from itertools import islice

from kg.errors import BudgetSpent
from kg.wording import say

MINUTE = 60.0  # seconds in which an empty bucket fills
DAY = 86400.0  # seconds after which the key is changed
MOST = 100_000  # clients remembered at once; beyond that, the one that asked longest ago starts afresh
LOOPBACK = b"loopback"  # the name that all clients on this machine share
NETWORK = 64  # bits of an IPv6 address that tell one client from another; the rest is the client's to choose


class Budget:
    """The budgets of all clients, each of `seconds` a minute; 0 is no limit. Use it on one event loop."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.refusals = 0
        self._clock = clock
        self._buckets: dict[bytes, float] = {}  # when each is full again; the one used last at the end

    def __len__(self) -> int:
        """Count the clients whose bucket is not known to be full."""
        return len(self._buckets)

    def charge(self, client: bytes | None) -> Callable[[float], None]:
        """Return what takes the seconds of a query from a client, given by its name; None is one without a limit.

        Raises BudgetSpent where the client has nothing left.
        """
        filling = self._buckets.get(client, 0.0) - self._clock() if client else 0.0
        if filling < MINUTE:
            return partial(self._take, client)
        self.refusals += 1
        seconds = f"{self.seconds:g}"
        raise BudgetSpent(
            say("Your requests used more than %(seconds)s s of this server's time a minute", seconds=seconds),
            retry_after=max(1, math.ceil(filling - MINUTE * 0.9)),  # until a tenth of the budget is there again
            hint=say("Wait, ask for less, or take the dumps and ask at home"),
        )

    def forget(self) -> None:
        """Let all clients start afresh."""
        self._buckets.clear()

    def _take(self, client: bytes | None, seconds: float) -> None:
        """Take the seconds that were used for a client from its bucket."""
        if client is None or seconds <= 0 or not self.seconds:
            return
        now = self._clock()
        self._buckets[client] = max(self._buckets.pop(client, now), now) + seconds * MINUTE / self.seconds
        for oldest in list(islice(self._buckets, 2)):  # full again, or too many: forgotten a few at a time
            if len(self._buckets) > MOST or self._buckets[oldest] <= now:
                del self._buckets[oldest]


class Clients:
    """Names that tell clients apart, and from which no address can be worked out; with their key all budgets are forgotten."""

    def __init__(self, *budgets: Budget, loopback: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._budgets, self._loopback, self._clock = budgets, loopback, clock
        self._key, self._key_ends = secrets.token_bytes(32), clock() + DAY

    def name(self, address: str | None) -> bytes | None:
        """Name the client of an address by a keyed hash; None for one on this machine, unless it is wanted to have a budget."""
        reduced = reduce_address(address)
        if reduced is None and not self._loopback:
            return None
        if self._clock() > self._key_ends:
            self._key, self._key_ends = secrets.token_bytes(32), self._clock() + DAY
            for budget in self._budgets:
                budget.forget()
        return hmac.digest(self._key, reduced or LOOPBACK, "sha256")


def reduce_address(client: str | None) -> bytes | None:
    """Reduce an address to what names one client: an IPv4 address, or the network of an IPv6 one; None for this machine."""
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:  # not an address: such clients share one budget
        return b"?" + (client or "").encode()
    address = getattr(address, "ipv4_mapped", None) or address
    return None if address.is_loopback else address.packed[: NETWORK // 8]

"""A budget of query time for each client, so that no client takes the workers from the others.

Only the time of workers counts; an answer from the cache costs nothing. No address is stored: clients are known by a keyed
hash, whose key is replaced at every start and every day. Each client has a bucket that holds the seconds of one minute and
fills evenly. The price of a query is known only after it ran, so a bucket may end below zero, and the client waits until it
is filled again; rate limiters for Python count requests of a price known before.
"""

from __future__ import annotations

import hmac
import math
import secrets
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from itertools import islice

from kg.errors import BudgetSpent
from kg.wording import say

MINUTE = 60.0  # seconds in which an empty bucket fills
DAY = 86400.0  # seconds after which the key is changed
MOST = 100_000  # clients remembered at once; beyond that, the one that asked longest ago starts afresh
LOOPBACK = b"loopback"  # the name that all clients on this machine share
_MAPPED = bytes(10) + b"\xff\xff"  # begins an IPv4 address that is written as an IPv6 one (RFC 4291, 2.5.5.2)
_LOOPBACK_6 = bytes(15) + b"\x01"
NETWORK = 64  # bits of an IPv6 address that tell one client from another; the rest is the client's to choose


class Budget:
    """The budgets of all clients, each of `seconds` a minute; 0 is no limit. Use it on one event loop."""

    def __init__(self, seconds: float, *, loopback: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.refusals = 0
        self._loopback = loopback
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._key_ends = clock() + DAY
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()  # seconds left, and when that was so

    def __len__(self) -> int:
        """Count the clients whose bucket is not known to be full."""
        return len(self._buckets)

    def check(self, client: str | None) -> None:
        """Raise BudgetSpent when a client, given by its address, has nothing left; None is a client without an address."""
        name = self._name(client)
        if name is None:
            return
        left = self._left(name)
        if left <= 0:
            self.refusals += 1
            raise BudgetSpent(
                say(
                    "Your queries used more than %(seconds)s s of this server's time a minute",
                    seconds=f"{self.seconds:g}",
                ),
                retry_after=max(1, math.ceil((self.seconds / 10 - left) * MINUTE / self.seconds)),
                hint=say("Wait, ask for less, or take the dumps and ask at home"),
            )

    def charge(self, client: str | None) -> Callable[[float], None]:
        """Check that a client has something left, and return what takes the seconds of a query from it."""
        self.check(client)
        return partial(self.spend, client)

    def spend(self, client: str | None, seconds: float) -> None:
        """Take the seconds that workers ran for a client from its bucket."""
        name = self._name(client)
        if name is None or seconds <= 0:
            return
        self._buckets[name] = (self._left(name) - seconds, self._clock())
        self._buckets.move_to_end(name)
        for oldest in list(islice(self._buckets, 2)):  # full again, or too many: forgotten a few at a time
            if len(self._buckets) > MOST or self._left(oldest) >= self.seconds:
                del self._buckets[oldest]

    def _left(self, name: bytes) -> float:
        left, then = self._buckets.get(name, (self.seconds, 0.0))
        return min(self.seconds, left + (self._clock() - then) * self.seconds / MINUTE)

    def _name(self, client: str | None) -> bytes | None:
        """Name a client by a keyed hash; None for one without a limit."""
        if not self.seconds:
            return None
        address = reduce_address(client)
        if address is None and not self._loopback:
            return None
        if self._clock() > self._key_ends:
            self._key, self._key_ends = secrets.token_bytes(32), self._clock() + DAY
            self._buckets.clear()
        return hmac.digest(self._key, address or LOOPBACK, "sha256")


def reduce_address(client: str | None) -> bytes | None:
    """Reduce an address to what names one client: an IPv4 address, or the network of an IPv6 one; None for this machine."""
    address = (client or "").partition("%")[0]  # without the interface of a link-local address
    try:
        packed = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    except (OSError, ValueError):  # not an address: such clients share one budget
        return b"?" + (client or "").encode()
    packed = packed.removeprefix(_MAPPED)
    if packed == _LOOPBACK_6 or len(packed) == 4 and packed[0] == 127:
        return None
    return packed[: NETWORK // 8]

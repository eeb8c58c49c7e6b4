"""The counters of a running server, in the text formats of Prometheus and OpenMetrics.

They only rise, whatever release answers. Labels come from fixed lists, so that no address of a client and no text of a query
can be among them.
"""

from __future__ import annotations

from collections import Counter as Tally

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

from kg.answer.engine import Listener

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # bounds of the histograms


disable_created_metrics()  # process_start_time_seconds says it once


class Metrics(Listener):
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.lookups: Tally[str] = Tally()  # in the caches of all releases, by result
        new = {"namespace": "answerable", "registry": self.registry}
        self.requests = Counter("requests", "Answers by route and status.", ("route", "status"), **new)
        self._seconds = Histogram(
            "request_seconds", "Time to the end of an answer that was made.", ("route",), buckets=SECONDS, **new
        )
        self.cut = Counter("answers_cut", "Answers that broke off after they had begun.", **new)
        self.connections_cut = Counter("connections_cut", "Connections cut, by reason.", ("reason",), **new)
        self._queries = Counter("queries", "Queries by pool and how they ended.", ("pool", "outcome"), **new)
        self._waits = Histogram("query_wait_seconds", "Time in the queue.", ("pool",), buckets=SECONDS, **new)
        self._runs = Histogram("query_run_seconds", "Time in workers.", ("pool",), buckets=SECONDS, **new)
        self._retries = Counter("query_retries", "Queries asked again: their worker was ended.", ("pool",), **new)
        self._losses = Counter("worker_losses", "Workers ended, by reason.", ("pool", "reason"), **new)
        self.switches = Counter("release_switches", "Switches of the release.", ("outcome",), **new)
        ProcessCollector(registry=self.registry)
        for pool in ("queries", "pages"):  # so that a rate can be taken from the first event on
            self._queries.labels(pool, "answered")
            self._losses.labels(pool, "deadline")
        for outcome in ("done", "failed"):
            self.switches.labels(outcome)
        # The counters of the labels seen so far, so that they are looked up once.
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._ended: dict[tuple[str, str], tuple[Counter, Histogram, Histogram]] = {}

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is its pattern, never its address."""
        if (route, status) not in self._known:
            self._known[route, status] = (self.requests.labels(route, status), self._seconds.labels(route))
        requests, histogram = self._known[route, status]
        requests.inc()
        histogram.observe(seconds)

    def query_ended(self, pool: str, outcome: str, waited: float, ran: float) -> None:
        """Count a query by its outcome and its time."""
        if (pool, outcome) not in self._ended:
            counter = self._queries.labels(pool, outcome)
            self._ended[pool, outcome] = (counter, self._waits.labels(pool), self._runs.labels(pool))
        queries, waits, runs = self._ended[pool, outcome]
        queries.inc()
        waits.observe(waited)
        runs.observe(ran)

    def query_retried(self, pool: str) -> None:
        """Count a query that is asked again."""
        self._retries.labels(pool).inc()

    def worker_ended(self, pool: str, reason: str) -> None:
        """Count a lost worker."""
        self._losses.labels(pool, reason).inc()

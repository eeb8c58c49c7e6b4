"""The counters of a running server, in the text formats of Prometheus and OpenMetrics.

They only rise, whatever release answers. Labels come from fixed lists, so that no address of a client and no text of a query
can be among them.
"""

from functools import cache, partial

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

from kg.answer.engine import Listener

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # bounds of the histograms


disable_created_metrics()  # process_start_time_seconds says it once


class Metrics(Listener):
    """The counters of one server."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = CollectorRegistry()
        self._series = cache(lambda metric, *labels: metric.labels(*labels))  # looked up once each, not at each request
        counter = partial(Counter, namespace="answerable", registry=self.registry)
        histogram = partial(Histogram, namespace="answerable", registry=self.registry, buckets=SECONDS)
        self.requests = counter("requests", "Answers by route and status.", ("route", "status"))
        self._seconds = histogram("request_seconds", "Time to the end of an answer that was made.", ("route",))
        self.cut = counter("answers_cut", "Answers that broke off after they had begun.")
        self.connections_cut = counter("connections_cut", "Connections cut, by reason.", ("reason",))
        self._queries = counter("queries", "Queries by pool and how they ended.", ("pool", "outcome"))
        self._waits = histogram("query_wait_seconds", "Time in the queue.", ("pool",))
        self._runs = histogram("query_run_seconds", "Time in workers.", ("pool",))
        self._retries = counter("query_retries", "Queries asked again: their worker was ended.", ("pool",))
        self._losses = counter("worker_losses", "Workers ended, by reason.", ("pool", "reason"))
        self._switches = counter("release_switches", "Switches of the release.", ("outcome",))
        ProcessCollector(registry=self.registry)
        for pool in ("queries", "pages"):  # so that a rate can be taken from the first event on
            self._queries.labels(pool, "answered")
            self._losses.labels(pool, "deadline")
        for outcome in ("done", "failed"):
            self._switches.labels(outcome)

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is its pattern, never its address."""
        self._series(self.requests, route, status).inc()
        self._series(self._seconds, route).observe(seconds)

    def query_ended(self, pool: str, outcome: str, waited: float, ran: float) -> None:
        """Count a query by its outcome and its time."""
        self._series(self._queries, pool, outcome).inc()
        self._series(self._waits, pool).observe(waited)
        self._series(self._runs, pool).observe(ran)

    def query_retried(self, pool: str) -> None:
        """Count a query that is asked again."""
        self._retries.labels(pool).inc()

    def worker_ended(self, pool: str, reason: str) -> None:
        """Count a lost worker."""
        self._losses.labels(pool, reason).inc()

    def release_switched(self, outcome: str) -> None:
        """Count a switch."""
        self._switches.labels(outcome).inc()

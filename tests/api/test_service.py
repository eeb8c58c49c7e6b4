"""For operators and programmers: health, metrics, the description of the interface."""

import os
import signal

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain

from api.http import problems
from tests.api.asking import follow
from tests.api.client import start
from tests.api.serving import wait_until

KILLER = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def numbers(client, accept="text/plain", read=read_plain):
    """Read /metrics; a number by name and labels."""
    text = client.get("/metrics", headers={"Accept": accept}).text
    return {
        (sample.name.removeprefix("answerable_"), *sorted(sample.labels.items())): sample.value
        for family in read(text)
        for sample in family.samples
    }


def risen(before, after, name, **labels):
    """How much a counter rose."""
    key = (name, *sorted(labels.items()))
    return after.get(key, 0) - before.get(key, 0)


def switch(out, name):
    """Make another release the current one."""
    os.symlink(name, out / "next")
    os.replace(out / "next", out / "current")


def test_health_names_the_release_that_answers_and_counts_the_workers(client, release):
    wait_until(
        lambda: client.get("/health").json()["workers"]["queries"] == {"size": 2, "idle": 2, "busy": 0, "starting": 0}
    )
    health = client.get("/health").json()
    assert ("ok", release.id, True) == (health["status"], health["release"], health["verified"])
    assert {"queries", "pages"} == health["workers"].keys()


async def _fail_to_start(*_, **options):
    raise OSError("no process is left")


def test_a_pool_without_a_living_worker_is_503_until_one_can_be_started(release, monkeypatch):
    with start(release) as client:
        pool = client.app.state.releases.current.pages
        with monkeypatch.context() as patch:
            patch.setattr("asyncio.create_subprocess_exec", _fail_to_start)
            os.kill(pool._workers[0].pid, signal.SIGKILL)
            wait_until(lambda: not pool._workers)
            sick = client.get("/health")
        assert (503, "degraded", "no worker for pages is alive") == (
            sick.status_code,
            sick.json()["status"],
            sick.json()["trouble"],
        )
        assert {"size": 1, "idle": 0, "busy": 0, "starting": 0} == sick.json()["workers"]["pages"]
        wait_until(lambda: client.get("/health").status_code == 200)
        assert "ok" == client.get("/health").json()["status"]


def test_metrics_count_without_saying_what_was_asked(client):
    before = numbers(client)
    client.get("/sparql", params={"query": "ASK { ?s ?p 'secretword' }"})
    client.get("/sparql", params={"query": "ASK { ?s ?p 'secretword' }"})
    client.get("/sparql", params={"query": "ASK { secretword"})
    client.get("/sparql", params={"query": KILLER})
    after = numbers(client)
    assert 2 == risen(before, after, "requests_total", route="/sparql", status="200")
    assert 1 == risen(before, after, "requests_total", route="/sparql", status="400")
    assert 1 == risen(before, after, "queries_total", pool="queries", outcome="answered")
    assert 1 == risen(before, after, "queries_total", pool="queries", outcome="query-syntax")
    assert 1 == risen(before, after, "queries_total", pool="queries", outcome="query-timeout")
    assert 1 == risen(before, after, "worker_losses_total", pool="queries", reason="deadline")
    assert 1 == risen(before, after, "cache_lookups_total", result="hits")
    assert 3 == risen(before, after, "query_run_seconds_count", pool="queries")
    assert 1 == risen(before, after, "query_run_seconds_bucket", pool="queries", le="10.0") - risen(
        before, after, "query_run_seconds_bucket", pool="queries", le="1.0"
    )
    assert after["cache_bytes",] > 0 and after["cache_entries",] > 0
    assert "secretword" not in client.get("/metrics").text
    assert "testclient" not in client.get("/metrics").text


def test_metrics_come_in_both_text_formats_with_the_same_numbers(client):
    plain = client.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    # As Prometheus itself asks.
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    other = client.get("/metrics", headers={"Accept": accept})
    assert other.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert numbers(client).keys() <= numbers(client, accept, read_openmetrics).keys()


def test_counters_go_on_when_the_release_is_switched(two_releases):
    out, (first, second) = two_releases
    with start(out) as client:
        for number in range(3):
            client.get("/sparql", params={"query": f"SELECT ({number} AS ?n) {{}}"})
        before = numbers(client)
        switch(out, second)
        follow(client.app)
        client.get("/sparql", params={"query": "SELECT (0 AS ?n) {}"})
        after = numbers(client)
    for name, labels in (
        ("queries_total", {"pool": "queries", "outcome": "answered"}),
        ("cache_lookups_total", {"result": "misses"}),
        ("requests_total", {"route": "/sparql", "status": "200"}),
        ("release_switches_total", {"outcome": "done"}),
    ):
        assert 1 == risen(before, after, name, **labels)
    assert (1.0, False) == (after["release_info", ("release", second)], ("release_info", ("release", first)) in after)


def test_a_link_that_leads_nowhere_is_told_and_followed_again_when_it_is_mended(two_releases):
    out, (first, second) = two_releases
    with start(out) as client:
        switch(out, "20300101-cccccccc")
        follow(client.app)
        follow(client.app)
        health = client.get("/health")
        assert (200, "degraded", first) == (health.status_code, health.json()["status"], health.json()["release"])
        assert 1.0 == numbers(client)["release_switches_total", ("outcome", "failed")]
        assert 1.0 == numbers(client)["switch_failing",]
        switch(out, second)
        follow(client.app)
        assert ("ok", second) == (client.get("/health").json()["status"], client.get("/health").json()["release"])


def test_each_problem_type_leads_to_its_meaning(client):
    docs = client.get("/docs").text
    for slug in problems.KINDS:
        answer = client.get(f"/problem/{slug}")
        assert (303, f"/docs#{slug}") == (answer.status_code, answer.headers["location"])
        assert f'id="{slug}"' in docs

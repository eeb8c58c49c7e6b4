"""A real server under load, with the machine to itself: a crowd of strangers delays nobody, and killed workers cost no answer."""

import os
import re
import signal
import time

import pytest

from tests.api.serving import load, serve, wait_until
from tests.api.strangers import Crowd, besiege
from tests.api.test_hardness import number, reader

pytestmark = pytest.mark.alone
CROWD = Crowd(seconds=5, breath=0.1)
SIEGES = (
    3  # until people wait no longer than they may: what the machine does besides delays them once, a defect each time
)
FIRST = Crowd(silent=0, halves=0, bodies=0, readers=40, people=8, seconds=3, arriving=1)


def test_two_thousand_strangers_do_not_keep_people_from_their_answers(shipped):
    # Time enough for each query, since it is not the workers that are tried, and no room for a cache.
    limits = {"head_seconds": 5, "page_deadline": 60, "deadline": 60, "queue": 300, "cache": "1"}
    limits |= {"workers": 2, "page_workers": 2}
    under, out = ("prlimit", "--nofile=1024:1024"), shipped.path.parent
    with serve(out, under=under, **limits) as server, serve(out, under=under, **limits) as calm:
        # So that both have answered everything once, and each worker has had a long answer.
        besiege("127.0.0.1", server.port, FIRST, beside=calm.port)
        wait_until(server.is_whole)
        memory, held = server.memory, server.descriptors
        for _ in range(SIEGES):
            report = besiege("127.0.0.1", server.port, CROWD, beside=calm.port)
            assert [] == report.wrong and {200} == report.statuses.keys() and len(report.seconds) >= 8
            # Under half a second; where something else keeps the machine busy, not much more than without strangers meanwhile.
            is_prompt = report.quantile(0.99) < max(500, 2 * report.beside.quantile(0.99))
            if is_prompt:
                break
        assert is_prompt, report.summary
        assert min(report.closed[kind] for kind in ("silent", "halves", "bodies")) > 0, report.summary
        wait_until(lambda: server.descriptors <= held + 3, 60)
        wait_until(lambda: server.memory < memory + (60 << 20), 60)
        wait_until(server.is_whole)
        with server.client() as client:
            assert re.search(r'connections_cut_total\{reason="(head-time|full)"\} [1-9]', client.get("/metrics").text)
        assert 0 == len([line for line in server.log if line["level"] == "error"])


def test_workers_killed_under_load_fail_no_request(world):
    seen, pages = [], []
    with serve(world.path.parent, memory="256MiB", workers=2, page_workers=2) as server:

        def asker():
            client = server.client()

            def ask():
                wanted = next(number)
                query = f"SELECT ({wanted} AS ?n) ?s {{ ?s ?p ?o }} LIMIT 2000"
                answer = client.get("/sparql", params={"query": query})
                assert 200 == answer.status_code, answer.text
                assert str(wanted) == answer.json()["results"]["bindings"][0]["n"]["value"]
                seen.append(wanted)

            return ask

        wait_until(server.is_whole)
        workers = set(server.workers)
        with load(asker(), asker(), asker(), reader(server.client(), "/doc/state/xar?", pages)):
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.2)
                wait_until(lambda: all(p["idle"] + p["busy"] == p["size"] for p in server.health()["workers"].values()))
            wait_until(lambda: len(seen) > 20)
        assert {200} == set(pages)
        wait_until(server.is_whole)
        assert 4 == len(workers) == len(server.workers) and workers.isdisjoint(server.workers)

"""The parts of the benchmark do what they say: its world is valid and of its size, its queries differ, its judge is strict.

Nothing here measures a time; `make bench` does.
"""

import dataclasses
import http.server
import itertools
import json
import re
import sys
import threading
import time
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from kg import terms
from kg.build import checking, pipeline
from kg.config import PROJECT, Settings
from kg.store import Query, Store
from tests.benchmarks import builds, load, pages, processes, results, workloads, world

GOOD = {"requests": 100, "microseconds": 2_000_000, "bytes": 50_000, "refused": 0, "broken": 0, "late": 0, "spent": 0}
GOOD |= {"p50": 1000, "p99": 2000}


def triples(folder):
    """Read all data files of a folder as the set of their triples."""
    return {triple for path in sorted(folder.rglob("*.ttl")) for triple in ox.parse(path=str(path))}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Give a store of a small world, and the facts of the same world read from its file."""
    folder = tmp_path_factory.mktemp("world")
    world.write(folder / "data", 20_000)
    merged = folder / "merged.nt"
    with Store.memory() as store:
        for path in sorted((folder / "data").rglob("*.ttl")):
            store.load(path, format="ttl", graph=None, source=path.name)
        store.dump(merged, format="nt")
        yield store, workloads.Facts(merged)


def test_an_invented_world_has_the_size_it_says_and_no_mistake(tmp_path):
    said = world.project(tmp_path, 3000)
    assert said == world.write(tmp_path / "again", 3000) and triples(tmp_path / "data") == triples(tmp_path / "again")
    assert said == len(triples(tmp_path / "data"))
    assert 3000 <= said < 3400
    report = checking.check(Settings.load(env={"ANSWERABLE_ROOT": str(tmp_path)}), jobs=1)
    assert [] == [str(result) for result in report.results]


def test_an_invented_world_meets_the_conditions_of_the_rules_and_fails_them(tmp_path):
    world.project(tmp_path, 12_000)  # the first inquiry into harm is of the sixtieth case
    made = pipeline.build(Settings.load(env={}, root=tmp_path, out=tmp_path / "out"))
    with Store.open(made.store_path) as store:

        def acts(kind, treaty):
            bound = f"?act ans:engages/ans:arisesFrom/ans:isProvisionOf <{terms.ID}treaty/{treaty}>"
            query = f"PREFIX ans: <{terms.VOCABULARY}> SELECT ?act (EXISTS {{ {bound} }} AS ?engages) {{ ?act a ans:{kind} }}"
            return {row[1].value for row in store.select(query)}

        def count(pattern):
            query = f"PREFIX ans: <{terms.VOCABULARY}> SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
            return int(next(iter(store.select(query)))[0].value)

        assert {"true", "false"} == acts("InquiryNotGiven", "covenant-a")
        assert {"true", "false"} == acts("Torture", "convention-b")
        assert "true" in acts("UseOfForce", "covenant-a")
        assert count("?x ans:examinedUnder ?y") > count("?x ans:foundToBreach ?y") > 0
        assert 1 == count("?x a ans:Obligation ; ans:carriesReservation ?y")


def test_a_larger_world_has_more_states_and_none_of_them_twice(tmp_path):
    world.write(tmp_path, 30_000)
    assert ["aaa", "aab"] == sorted(path.stem for path in (tmp_path / "states").iterdir())
    assert 26**3 == len({world.iso(number) for number in range(26**3)})


@pytest.mark.parametrize("workload", workloads.WORKLOADS)
def test_the_answers_of_our_engine_are_those_worked_out_from_the_file(asked, workload):
    store, facts = asked
    wrong, size = workloads.compare(lambda text: store.answer(Query(text)).body, facts, workload)
    assert [] == wrong
    assert size > 100


@pytest.mark.parametrize("workload", workloads.WORKLOADS)
def test_an_answer_that_lacks_a_row_or_has_another_is_noticed(asked, workload):
    store, facts = asked

    def spoil(text, change):
        answer = json.loads(store.answer(Query(text)).body)
        change(answer["results"]["bindings"])
        return json.dumps(answer).encode()

    def replace(rows):
        next(iter(rows[-1].values()))["value"] = "another"

    for change in (lambda rows: rows.pop(), replace):
        wrong, _ = workloads.compare(lambda text, change=change: spoil(text, change), facts, workload)
        assert wrong


@pytest.mark.parametrize("workload", ["unique small", "unique 2,000-row"])
def test_no_two_unique_queries_are_the_same_in_any_turn(asked, workload):
    _, facts = asked
    number = 3 * len(facts.things)
    some = [text for turn in (1, 2) for text in itertools.islice(workloads.queries(workload, facts, turn), number)]
    assert 2 * number == len(set(some))
    following = [re.search(r"<([^>]*/id/[^>]*)>", text)[1] for text in some[:100]]
    assert 100 == len(set(following))


def test_a_fifth_of_the_mix_is_new_and_the_rest_come_from_fifty_queries(asked):
    _, facts = asked
    some = list(itertools.islice(workloads.queries("mix", facts, 1), 3000))
    often = {text for text in some if some.count(text) > 1}
    assert workloads.POPULAR == len(often)
    assert 0.75 < sum(text in often for text in some) / len(some) < 0.85
    assert any("?kind" in text for text in often) and any("?property" in text for text in often)


def test_a_run_that_would_ask_a_unique_query_twice_is_refused(asked, tmp_path):
    with pytest.raises(ValueError, match="too few"):
        workloads.write(tmp_path / "queries", "unique small", asked[1], 1, 60)


def test_the_file_of_a_run_has_one_encoded_query_a_line(asked, tmp_path):
    _, facts = asked
    workloads.write(tmp_path / "queries", "unique 2,000-row", facts, 1, 1)
    lines = (tmp_path / "queries").read_text().splitlines()
    assert workloads.WORKLOADS["unique 2,000-row"] == len(lines)
    assert quote(next(workloads.queries("unique 2,000-row", facts, 1)), safe="") == lines[0]


def test_no_address_of_a_kind_of_page_comes_twice_and_each_is_a_page(world):
    streams, again = pages.addresses(world, 1), pages.addresses(world, 1)
    assert set(pages.KINDS) == streams.keys() and len(pages.KINDS) >= 12
    for kind, stream in streams.items():
        drawn = list(itertools.islice(stream, 1000))
        assert 1000 == len(set(drawn))
        assert drawn[:100] == list(itertools.islice(again[kind], 100))
        assert all(address.startswith("/") and re.fullmatch(r"[!-~]+", address) for address in drawn)


def test_pages_are_asked_each_once_over_eight_connections_and_a_bad_one_is_no_figure():
    seen, clients = [], set()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            seen.append(self.path)
            clients.add(self.client_address)
            time.sleep(0.005)
            body = b"<html></html>\n" if self.path != "/cut" else b"<html>"
            self.send_response(503 if self.path == "/bad" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        url, wanted = f"http://127.0.0.1:{server.server_port}/sparql", [f"/{number}" for number in range(80)]
        assert (80, sorted(wanted), 8) == (len(pages.ask(url, wanted)), sorted(seen), len(clients))
        for bad in ("/bad", "/cut"):
            with pytest.raises(load.Void, match=bad):
                pages.ask(url, [*wanted, bad])
        server.shutdown()


def test_percentiles_are_those_of_all_rounds():
    rounds = [
        {"latencies": list(range(1, 51)), "serving": 2, "together": 5},
        {"latencies": list(range(51, 101)), "serving": 4, "together": 7},
    ]
    assert {"p50": 50, "p95": 95, "p99": 99, "serving": 3, "together": 6} == pages.summary(rounds)
    assert "p99 99 ms" in pages.words(pages.summary(rounds))
    assert 7 == pages.percentile([7], 50) == pages.percentile([7], 99)
    assert "refused" == pages.summary([rounds[0], "refused"])


@pytest.mark.parametrize("fault", [{"refused": 1}, {"broken": 1}, {"late": 1}, {"spent": 1}, {"bytes": 49_999}])
def test_a_good_run_is_a_figure_and_one_with_a_single_bad_answer_is_none(fault):
    assert {"rate": 50.0, "p50": 1.0} == load.judge(GOOD, least=500)
    with pytest.raises(load.Void):
        load.judge(GOOD | fault, least=500)


def test_the_memory_and_the_processor_of_a_child_count_as_those_of_its_parent_until_a_command_is_ended_at_its_cap(
    tmp_path,
):
    work = "import time; held = bytearray(80_000_000); end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    found = builds.measure([sys.executable, "-c", parent], tmp_path / "log")
    assert found["ended"] and found["peak"] > 80_000_000 and found["processor"] >= 0.5
    found = builds.measure([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", cap=0.3)
    assert (False, True) == (found["ended"], found["seconds"] >= 0.3)


def test_a_command_that_fails_is_no_figure(tmp_path):
    with pytest.raises(RuntimeError, match="no such luck"):
        builds.measure([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path / "log")


def test_a_process_at_rest_is_seen_to_rest():
    assert processes.settle(1_000_000_000, patience=5)  # there is none, and it does nothing


ROW = results.Row("data", "what", ratio=2.0)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, ""),
        ({"target": 2}, "yes"),
        ({"target": 4}, "no, 50% below"),
        ({"target": 4, "bound": True}, "not known"),
        ({"target": 1, "bound": True}, "yes"),
        ({"target": 2, "sense": "at most"}, "yes"),
        ({"target": 1, "sense": "at most"}, "no, 100% above"),
        ({"target": 1, "void": "refused"}, "void"),
    ],
)
def test_a_row_says_whether_its_target_is_met(facts, verdict):
    row = dataclasses.replace(ROW, **facts)
    assert verdict == row.met
    assert 9 == row.line().count("|") and verdict in row.line()


def test_the_table_is_made_of_the_last_run_of_each_part(tmp_path):
    results.keep(tmp_path / "kept", "build-10k", [ROW], ["the first time"], {})
    results.keep(tmp_path / "kept", "serve-shipped", [dataclasses.replace(ROW, what="asking")], ["in haste"], {})
    results.keep(tmp_path / "kept", "build-10k", [dataclasses.replace(ROW, what="building")], ["again"], {"n": 1})
    rows = results.write(tmp_path / "kept", tmp_path / "RESULTS.md")
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert ["asking", "building"] == [row.what for row in rows]
    assert "again" in text and "in haste" in text and "the first time" not in text
    assert 4 == text.count("- not run")
    assert {"n": 1} == results.raw(tmp_path / "kept", "build-10k")
    assert results.raw(tmp_path / "kept", "build-1m") is None


def test_the_peers_are_pinned_with_hashes_and_name_no_index():
    folder = PROJECT / "tests" / "benchmarks"
    lock = (folder / "peers.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w-]+==)", lock, flags=re.MULTILINE)[1:]
    wanted = re.findall(r"^[\w-]+==[\w.]+", (folder / "peers.in").read_text(encoding="utf-8"), re.MULTILINE)
    assert 4 == len(wanted)
    assert [] == [line for line in wanted if not re.search(rf"^{re.escape(line)} ", lock, re.MULTILINE)]
    assert [] == [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert [] == re.findall(r"^(?:-|--)[\w-]+.*$|\w+://\S+", lock, re.MULTILINE)

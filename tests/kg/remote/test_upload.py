"""A release put into a server: held whole or not asked, and the releases that were there answer on whatever happens."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import httpx
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg import release as releases
from kg import terms
from kg.build import pipeline
from kg.config import PROJECT, Settings
from kg.errors import EngineFailed, ReleaseCorrupt
from kg.remote.server import Server
from kg.remote.upload import Layout, upload
from kg.store import Query, Store
from tests import engines

EVENTS = "SELECT ?x { ?x a <https://w3id.org/answerable/ontology#Event> } ORDER BY ?x"
LABELS = "SELECT ?c ?l { ?x a ?c ; <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?c ?l"
THEIRS = "http://example.org/theirs"


@pytest.fixture
def url():
    """Run an Oxigraph server."""
    with engines.oxigraph() as url:
        yield url


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Name the folder of the releases of `two`, built once."""
    return tmp_path_factory.mktemp("built") / "releases"


@pytest.fixture
def two(project, built):
    """Give a project two releases that differ in a label; the older first, the younger current."""
    is_first = not built.exists()
    if is_first:
        pipeline.build(project.settings)
    project.replace("data/events/strike.ttl", '"Strike"@en', '"The strike"@en')
    if is_first:
        pipeline.build(project.settings)
    shutil.copytree(*((project.out, built) if is_first else (built, project.out)), symlinks=True)
    second = releases.current(project.out)
    return next(one for one in releases.releases(project.out) if one.id != second.id), second


def publish(server, release):
    """Put a release into a server, given by its address or as a client."""
    asyncio.run(upload(Server(server) if isinstance(server, str) else server, release))


def run(url, method, *given, **options):
    """Call a method of a client."""
    return asyncio.run(getattr(Server(url), method)(*given, **options))


def graphs(url):
    """List all graphs a server holds."""
    return {row["g"] for row in run(url, "select", "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}


def differences(url, release):
    """List the queries that a server answers otherwise than the release, or not at all."""
    with Store.open(release.store_path) as store, engines.asked(url, release) as asked:
        queries = [Query(text, "csv") for text in (EVENTS, LABELS)]
        return [query for query in queries if store.answer(query).body != asyncio.run(asked.answer(query)).body]


def refused(url, release):
    """Say whether a server is refused since it does not hold a release."""
    try:
        with engines.asked(url, release):
            return False
    except EngineFailed as error:
        assert "does not hold the release" in str(error)
        return True


class Counting(Server):
    """A client that counts what it sends, and loses the connection after so many requests."""

    def __init__(self, url, last=10**9):
        super().__init__(url)
        self.sent, self.written, self.last = 0, 0, last

    async def _exchange(self, method, address, **sent):
        self.sent += 1
        self.written += method == "PUT" or "update" in sent.get("data", {})
        if self.sent > self.last:
            raise EngineFailed("The exchange with the engine broke off")
        return await super()._exchange(method, address, **sent)


def test_publishing_again_writes_nothing(two, url):
    publish(url, two[0])
    again = Counting(url)
    publish(again, two[0])
    assert 0 == again.written < again.sent


def test_the_release_before_answers_on_and_the_one_before_that_is_removed(project, two, url):
    for release in two:
        assert refused(url, release)
        publish(url, release)
        assert [] == differences(url, release)
    assert [] == differences(url, two[0])
    project.replace("data/events/strike.ttl", '"The strike"@en', '"That strike"@en')
    third = pipeline.build(project.settings)
    publish(url, third)
    assert ([], []) == (differences(url, two[1]), differences(url, third))
    assert refused(url, two[0])
    assert not any(two[0].id in graph for graph in graphs(url))


def test_a_release_that_was_removed_here_is_removed_there_with_the_next(two, url):
    publish(url, two[0])
    assert any(two[0].id in graph for graph in graphs(url))
    releases.mark_removed(two[0], "2026-01-01", "The safety of people.")
    publish(url, two[1])
    assert not any(two[0].id in graph for graph in graphs(url))


def test_wherever_an_upload_breaks_off_the_release_before_answers_and_the_next_run_completes(two, url):
    publish(url, two[0])
    whole = Counting(url)
    publish(whole, two[1])
    for last in range(1, whole.sent, 2):
        for graph in [graph for graph in graphs(url) if two[1].id in graph]:
            run(url, "drop", graph)
        with pytest.raises(EngineFailed):
            publish(Counting(url, last), two[1])
        assert [] == differences(url, two[0])
        publish(url, two[1])
        assert ([], []) == (differences(url, two[0]), differences(url, two[1]))


def test_a_release_of_which_a_part_is_lost_is_not_asked_and_is_sent_anew(two, url):
    publish(url, two[0])
    graph = Layout(two[0].path).merge
    lost = f"DELETE WHERE {{ GRAPH <{graph}> {{ ?s <{terms.PREFIXES['skos']}prefLabel> ?o }} }}"
    httpx.post(url + "/update", data={"update": lost}).raise_for_status()
    with pytest.raises(EngineFailed, match="holds [0-9,]+ triples of the release"), engines.asked(url, two[0]):
        pass
    publish(url, two[0])
    assert [] == differences(url, two[0])


def test_what_an_unfinished_upload_left_is_removed_with_the_next_release(two, url):
    with pytest.raises(EngineFailed):
        publish(Counting(url, 8), two[0])
    assert any(two[0].id in graph for graph in graphs(url))
    publish(url, two[1])
    assert not any(two[0].id in graph for graph in graphs(url))


def test_what_others_keep_in_the_server_is_neither_seen_nor_touched(two, url):
    run(url, "put", THEIRS, b"<e:a> <e:b> <e:c> .")
    for release in two:
        publish(url, release)
    with engines.asked(url, two[1]) as asked:
        for text in ("SELECT ?s { ?s <e:b> ?o }", "SELECT ?s { GRAPH ?g { ?s <e:b> ?o } }"):
            for options in ({}, {"default_graphs": (THEIRS,)}, {"named_graphs": (THEIRS,)}):
                assert 0 == asyncio.run(asked.answer(Query(text, **options))).rows
        for text in (f"SELECT ?s {{ GRAPH <{THEIRS}> {{ ?s ?p ?o }} }}", f"SELECT ?s FROM <{THEIRS}> {{ ?s ?p ?o }}"):
            assert 0 == asyncio.run(asked.answer(Query(text))).rows
    assert 1 == len(run(url, "select", "SELECT ?s { ?s ?p ?o }", graph=THEIRS))


def test_a_server_that_drops_triples_is_noticed(two, url):
    class Forgetful(Server):
        async def put(self, graph, triples, **options):
            await super().put(graph, b"".join(triples.splitlines(keepends=True)[1:]), **options)

    with pytest.raises(EngineFailed, match="holds [0-9,]+ triples of the release"):
        publish(Forgetful(url), two[0])
    assert refused(url, two[0])


def test_blank_nodes_stay_one_however_many_requests_there_are(two, url, monkeypatch):
    monkeypatch.setattr("kg.remote.upload.AT_ONCE", 100)
    shacl = "http://www.w3.org/ns/shacl#"
    query = Query(f"SELECT ?b {{ ?s <{shacl}property> ?b . ?b <{shacl}minCount> ?n }}")
    counting = Counting(url)
    publish(counting, two[0])
    with Store.open(two[0].store_path) as store, engines.asked(url, two[0]) as asked:
        assert 0 < store.answer(query).rows == asyncio.run(asked.answer(query)).rows
    assert 5 < counting.sent


def test_a_damaged_release_is_not_published(two, url):
    (two[0].path / "catalogue.ttl").write_text("")
    with pytest.raises(ReleaseCorrupt, match="catalogue.ttl differs"):
        publish(url, two[0])
    assert set() == graphs(url)


def test_a_server_that_only_answers_is_told_from_one_that_can_be_written(two, tmp_path):
    Store.create(tmp_path / "database", [])
    refusal = pytest.raises(EngineFailed, match="offers no .* that this user may write to")
    with engines.oxigraph("-l", str(tmp_path / "database"), command="serve-read-only") as url, refusal:
        publish(url, two[0])


def test_an_answer_over_http_names_the_release_it_is_of(project, two, url):
    publish(url, two[1])
    settings = Settings.load({}, root=project.root, engine=url)
    with TestClient(create_app(settings)) as client:
        answer = client.get("/sparql", params={"query": EVENTS}, headers={"Accept": "text/csv"})
        assert (200, two[1].id, 3) == (answer.status_code, answer.headers["x-release"], len(answer.text.split()))
        asked = client.get("/questions/events.json", params={"whole": "id/event/strike"})
        assert (200, 1) == (asked.status_code, len(asked.json()["rows"]))
        assert 'answerable_workers{pool="questions",state="idle"} 2.0' in client.get("/metrics").text


def test_a_server_follows_to_the_next_release_once_it_is_published(project, url):
    publish(url, pipeline.build(project.settings))
    with TestClient(create_app(Settings.load({}, root=project.root, engine=url))) as client:
        project.replace("data/events/strike.ttl", '"Strike"@en', '"The strike"@en')
        after = pipeline.build(project.settings)
        time.sleep(2.5)
        assert after.id != client.get("/sparql", params={"query": EVENTS}).headers["x-release"]
        publish(url, after)
        end = time.monotonic() + 20
        while (answer := client.get("/sparql", params={"query": EVENTS})).headers["x-release"] != after.id:
            assert (200, True) == (answer.status_code, time.monotonic() < end)
            time.sleep(0.2)


def test_a_release_that_the_server_does_not_hold_is_not_served(project, two, url):
    process = project.start("serve", "--port", "0", "--engine", url)
    assert "does not hold the release" in process.communicate(timeout=60)[1]
    assert 0 != process.returncode


def test_the_command_publishes_the_release_it_is_told_to(project, two, url):
    process = project.start("publish", "--to", url + "/query", "--release", two[0].id)
    out, said = process.communicate(timeout=60)
    assert (0, "", two[1].id) == (process.returncode, out, releases.current(project.out).id)
    assert ([], True) == (differences(url, two[0]), refused(url, two[1]))
    assert said.splitlines()[-1].startswith(f"The server holds the release {two[0].id}")


def test_the_command_shows_a_bar_on_a_terminal(two, url):
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "kg", "publish", "--out", str(two[0].path.parent)]
    process = subprocess.Popen(command, cwd=PROJECT, env={"ANSWERABLE_ENGINE": url}, stderr=theirs)
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # the terminal is gone when the process is
        while data := os.read(ours, 1 << 16):
            said += data
    os.close(ours)
    assert (0, False) == (process.wait(60), refused(url, two[1]))
    lines = said.decode().split("\r\x1b[K")
    assert 2 < len(lines) and lines[-1].startswith("[" + 24 * "█" + "] The server holds the release")
    assert "Uploading" in said.decode()


@pytest.mark.parametrize(
    ("arguments", "message"), [((), "No server is named"), (("--to", "http://127.0.0.1:1"), "cannot be reached")]
)
def test_the_command_says_in_one_line_that_there_is_no_server(project, two, arguments, message):
    process = project.start("publish", *arguments)
    _, printed = process.communicate(timeout=60)
    assert (1, True) == (process.returncode, message in printed.splitlines()[-1])
    assert "Traceback" not in printed


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_an_upload_that_is_killed_half_way_leaves_the_release_before_and_can_be_completed(project, two, url, part):
    publish(url, two[0])
    with engines.oxigraph() as other:
        meter = engines.Relay(other, 10**9)
        publish(meter.url, two[1])
    relay = engines.Relay(url, int(part * (10**9 - meter.passes)))
    process = project.start("publish", "--to", relay.url)
    assert relay.stalled.wait(60)
    process.kill()
    assert -signal.SIGKILL == process.wait(10)
    assert ([], True) == (differences(url, two[0]), refused(url, two[1]))
    again = project.start("publish", "--to", url)
    assert (0, True) == (again.wait(60), bool(again.stderr.read()))
    assert ([], []) == (differences(url, two[0]), differences(url, two[1]))


def test_a_release_of_the_same_name_and_other_content_replaces_the_first(two, url, tmp_path):
    publish(url, two[0])
    copy = tmp_path / two[0].id
    shutil.copytree(two[0].path, copy)
    releases.seal(copy, {**two[0].manifest, "created": "2026-01-01T00:00:00Z"})
    assert refused(url, releases.Release(copy))
    publish(url, releases.Release(copy))
    assert ([], True) == (differences(url, releases.Release(copy)), refused(url, two[0]))

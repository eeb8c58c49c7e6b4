"""A release put into a server: held whole or not asked, and the releases that were there answer on whatever happens."""

import asyncio
import io
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

import httpx
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg import __main__ as command
from kg import release as releases
from kg import terms
from kg.config import PROJECT, Settings
from kg.errors import EngineFailed, ReleaseCorrupt
from kg.remote.server import Server
from kg.remote.upload import Layout, upload
from kg.store import Query, Store
from tests import engines, loaded
from tests.turtle import HEAD

EVENTS = "SELECT ?x { ?x a <https://w3id.org/answerable/ontology#Event> } ORDER BY ?x"
LABELS = "SELECT ?c ?l { ?x a ?c ; <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?c ?l"
BLANK = "SELECT ?b { ?s <http://www.w3.org/ns/shacl#property> ?b . ?b <http://www.w3.org/ns/shacl#minCount> ?n }"
DATA = """<id/event/strike> a ans:Event ; skos:prefLabel "{}"@en . <id/event/trial> a ans:Event ; skos:prefLabel "Trial"@en .
<shapes#EventShape> sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ] , [ sh:path ans:date ; sh:minCount 1 ] .
"""
MORE = "".join(f"<id/event/{number}> ans:isPartOf <id/event/strike> .\n" for number in range(600))
THEIRS = "http://example.org/theirs"


@pytest.fixture(scope="module")
def server():
    """Run an Oxigraph server; its address."""
    with engines.oxigraph() as url:
        yield url


@pytest.fixture
def url(server):
    """Empty the server; its address."""
    httpx.post(server + "/update", data={"update": "DROP ALL"}).raise_for_status()
    return server


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build three releases that differ in a label, and switch to the second; their folder and their ids, the oldest first."""
    out = tmp_path_factory.mktemp("built") / "releases"
    settings = Settings.load({}, root=out.parent)
    texts = [(HEAD + DATA.format(label) + MORE).encode() for label in ("Strike", "The strike", "That strike")]
    three = [loaded.build(settings, loaded.graph(text, terms.graph_of("data/a.ttl"))) for text in texts]
    releases.point(out, three[1])
    return out, [release.id for release in three]


@pytest.fixture
def three(built, tmp_path):
    """Copy the three releases; the second is current."""
    folder, ids = built
    shutil.copytree(folder, tmp_path / "releases", symlinks=True)
    return [releases.Release(tmp_path / "releases" / name) for name in ids]


def publish(server, release):
    """Put a release into a server, given by its address or as a client."""
    asyncio.run(upload(Server(server) if isinstance(server, str) else server, release))


def run(url, method, *given, **options):
    """Call a method of a client."""
    return asyncio.run(getattr(Server(url), method)(*given, **options))


def held(url):
    """List the releases of which a server holds something."""
    rows = run(url, "select", "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    return {row["g"].removeprefix(terms.RELEASE).partition("/")[0] for row in rows}


def answers(url, *expected):
    """Say whether a server answers as these releases do."""
    for release in expected:
        with Store.open(release.store_path) as store, engines.asked(url, release) as asked:
            for query in (Query(text, "csv") for text in (EVENTS, LABELS)):
                assert store.answer(query).body == asyncio.run(asked.answer(query)).body
    return True


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


def test_the_release_before_answers_on_and_the_one_before_that_is_removed_and_to_publish_again_writes_nothing(
    three, url
):
    first, second, third = three
    for release in three:
        assert refused(url, release)
        publish(url, release)
        publish(again := Counting(url), release)
        assert 0 == again.written < again.sent
        assert answers(url, release) and (release is not second or answers(url, first))
    assert answers(url, second, third) and refused(url, first)
    assert {second.id, third.id} == held(url)


def test_wherever_an_upload_breaks_off_the_release_before_answers_and_the_next_run_completes(three, url):
    first, second, _ = three
    publish(url, first)
    whole = Counting(url)
    publish(whole, second)
    for last in range(1, whole.sent, 2):
        layout = Layout(second.path)
        for graph in (layout.whole, layout.held.merge, layout.held.links, *layout.held.copies.values()):
            run(url, "drop", graph)
        with pytest.raises(EngineFailed):
            publish(Counting(url, last), second)
        assert answers(url, first)
        publish(url, second)
        assert answers(url, first, second)


@pytest.mark.parametrize("part", ["merge", "copies"])
def test_a_release_of_which_a_part_is_lost_is_not_asked_and_is_sent_anew(three, url, part):
    publish(url, three[0])
    held = Layout(three[0].path).held
    graph = {"merge": held.merge, "copies": next(iter(held.copies.values()))}[part]
    lost = f"DELETE WHERE {{ GRAPH <{graph}> {{ ?s <{terms.PREFIXES['skos']}prefLabel> ?o }} }}"
    httpx.post(url + "/update", data={"update": lost}).raise_for_status()
    with pytest.raises(EngineFailed, match="holds [0-9,]+ triples of the release"), engines.asked(url, three[0]):
        pass
    publish(url, three[0])
    assert answers(url, three[0])


@pytest.mark.parametrize("is_removed", [True, False])
def test_what_was_removed_here_and_what_an_unfinished_upload_left_is_removed_with_the_next(three, url, is_removed):
    with nullcontext() if is_removed else pytest.raises(EngineFailed):
        publish(Counting(url, 99 if is_removed else 8), three[0])
    assert {three[0].id} == held(url)
    if is_removed:
        releases.mark_removed(three[0], "2026-01-01", "The safety of people.")
    publish(url, three[1])
    assert {three[1].id} == held(url)


def test_what_others_keep_in_the_server_is_neither_seen_nor_touched(three, url):
    note = f'<e:a> <e:b> <e:c> ; <{terms.PREFIXES["dcterms"]}created> "2999" ; <{terms.PREFIXES["prov"]}value> "x" .'
    run(url, "put", THEIRS, note.encode())
    listed = []

    class Listing(Server):
        async def select(self, text, **options):
            listed.extend(rows := await super().select(text, **options))
            return rows

    for release in three[:2]:
        publish(Listing(url), release)
    assert all(row.get("n") or terms.RELEASE in row.get("g", row.get("s")) for row in listed)  # however many there are
    with engines.asked(url, three[1]) as asked:
        for text in ("SELECT ?s { ?s <e:b> ?o }", "SELECT ?s { GRAPH ?g { ?s <e:b> ?o } }"):
            for options in ({}, {"default_graphs": (THEIRS,)}, {"named_graphs": (THEIRS,)}):
                assert 0 == asyncio.run(asked.answer(Query(text, **options))).rows
        for text in (f"SELECT ?s {{ GRAPH <{THEIRS}> {{ ?s ?p ?o }} }}", f"SELECT ?s FROM <{THEIRS}> {{ ?s ?p ?o }}"):
            assert 0 == asyncio.run(asked.answer(Query(text))).rows
    assert 3 == len(run(url, "select", "SELECT ?s { ?s ?p ?o }", graph=THEIRS)) and answers(url, three[0])


def test_a_note_like_ours_that_others_keep_there_takes_the_place_of_no_release(three, url):
    note = f'<{THEIRS}> <{terms.PREFIXES["dcterms"]}created> "2999" .'
    run(url, "put", f"{THEIRS}/whole", note.encode())
    for release in three[:2]:
        publish(url, release)
    assert answers(url, *three[:2])


def test_a_server_that_drops_triples_is_noticed(three, url):
    class Forgetful(Server):
        async def put(self, graph, triples, **options):
            await super().put(graph, b"".join(triples.splitlines(keepends=True)[1:]), **options)

    with pytest.raises(EngineFailed, match="holds [0-9,]+ triples of the release"):
        publish(Forgetful(url), three[0])
    assert refused(url, three[0])


def test_blank_nodes_stay_one_however_many_requests_there_are(three, url, monkeypatch):
    monkeypatch.setattr("kg.remote.upload.AT_ONCE", 100)
    counting = Counting(url)
    publish(counting, three[0])
    with Store.open(three[0].store_path) as store, engines.asked(url, three[0]) as asked:
        assert 2 == store.answer(Query(BLANK)).rows == asyncio.run(asked.answer(Query(BLANK))).rows
    assert 10 < counting.sent


def test_a_damaged_release_is_not_published(three, url):
    (three[0].path / "catalogue.ttl").write_text("")
    with pytest.raises(ReleaseCorrupt, match="catalogue.ttl differs"):
        publish(url, three[0])
    assert set() == held(url)


def test_a_server_that_only_answers_is_told_from_one_that_can_be_written(three, tmp_path):
    Store.create(tmp_path / "database", [])
    refusal = pytest.raises(EngineFailed, match="offers no .* that this user may write to")
    with engines.oxigraph("-l", str(tmp_path / "database"), command="serve-read-only") as url, refusal:
        publish(url, three[0])


def test_a_server_answers_from_the_release_that_it_holds_and_follows_once_the_next_is_published(three, url, tmp_path):
    _, second, third = three
    app = create_app(Settings.load({}, out=tmp_path / "releases", engine=url))
    with pytest.raises(EngineFailed, match="does not hold the release"), TestClient(app):
        pass
    publish(url, second)
    with TestClient(app) as client:

        def answer():
            answer = client.get("/sparql", params={"query": EVENTS}, headers={"Accept": "text/csv"})
            assert (200, 3) == (answer.status_code, len(answer.text.split()))
            return answer.headers["x-release"]

        assert "The strike" in client.get("/doc/event/strike.ttl").text
        assert 'answerable_workers{pool="pages",state="idle"} 2.0' in client.get("/metrics").text
        releases.point(tmp_path / "releases", third)
        time.sleep(2.5)
        assert second.id == answer()
        publish(url, third)
        end = time.monotonic() + 20
        while answer() != third.id:
            assert time.monotonic() < end
            time.sleep(0.2)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_command_publishes_the_release_it_is_told_to_and_shows_a_bar_on_a_terminal(three, url, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    out = three[0].path.parent
    assert 0 == command.main(["publish", "--to", url + "/query", "--release", three[0].id, "--out", str(out)])
    lines = sys.stderr.getvalue().split("\r\x1b[K")
    assert 3 < len(lines) and "Asking the store" in lines[2] and "Uploading" in lines[3]
    assert lines[-1].startswith(f"[{24 * '█'}] The server holds the release {three[0].id}")
    assert answers(url, three[0]) and refused(url, three[1]) and three[1].id == releases.current(out).id


@pytest.mark.parametrize(
    ("arguments", "message"), [((), "No server is named"), (("--to", "http://127.0.0.1:1"), "cannot be reached")]
)
def test_the_command_says_in_one_line_that_there_is_no_server(three, capsys, monkeypatch, arguments, message):
    monkeypatch.delenv("ANSWERABLE_ENGINE", raising=False)
    assert 1 == command.main(["publish", "--out", str(three[0].path.parent), *arguments])
    assert message in capsys.readouterr().err.splitlines()[-1]


@pytest.fixture(scope="module")
def size(built):
    """Measure how many bytes are sent to publish a release."""
    folder, ids = built
    with engines.oxigraph() as url:
        meter = engines.Relay(url, 10**9)
        publish(meter.url, releases.Release(folder / ids[1]))
        return 10**9 - meter.passes


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_an_upload_that_is_killed_half_way_leaves_the_release_before_and_can_be_completed(three, size, part, capsys):
    first, second, _ = three
    with engines.oxigraph() as url:
        publish(url, first)
        relay = engines.Relay(url, int(part * size))
        arguments = ["publish", "--out", str(first.path.parent), "--to"]
        started = [sys.executable, "-m", "kg", *arguments, relay.url]
        process = subprocess.Popen(started, cwd=PROJECT, stderr=subprocess.DEVNULL)
        assert relay.stalled.wait(60)
        process.kill()
        assert -signal.SIGKILL == process.wait(10)
        assert answers(url, first) and refused(url, second)
        assert (0, True) == (command.main([*arguments, url]), bool(capsys.readouterr().err))
        assert answers(url, first, second)


def test_a_release_of_the_same_name_and_other_content_replaces_the_first(three, url, tmp_path):
    publish(url, three[0])
    copy = tmp_path / three[0].id
    shutil.copytree(three[0].path, copy)
    releases.seal(copy, {**three[0].manifest, "created": "2026-01-01T00:00:00Z"})
    assert refused(url, releases.Release(copy))
    publish(url, releases.Release(copy))
    assert answers(url, releases.Release(copy)) and refused(url, three[0])

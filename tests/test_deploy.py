"""The files in deploy/: they are valid, and behind each proxy three servers answer as one, whatever happens to one of them."""

import itertools
import random
import re
import shutil
import signal
import socket
import subprocess

import httpx
import pytest

from kg import release as releases
from kg.config import PROJECT, Settings
from tests import loaded, proxies
from tests.api import strangers
from tests.api.serving import load, wait_until

ROWS = 40
N = "<http://e/release> <http://e/number> ?n"
SHORT = f"SELECT ?n {{ {N} }}"
# Every row says of which release it is; too many rows for one piece, so that the answer is streamed.
LONG = f"""SELECT ?n ?wide {{ {N} . ?a <http://e/p> ?c . ?d <http://e/p> ?f
    BIND (CONCAT(STR(?a), STR(?d), '{"x" * 1000}') AS ?wide) }}"""
COSTLY = "SELECT (COUNT(*) AS ?n) { ?a <http://e/p> ?c . ?d <http://e/p> ?f . ?g <http://e/p> ?i VALUES ?v { 1 2 3 4 5 6 7 8 } }"
# Rows of ten thousand bytes without end, a few hundred a second, until the answer is too large.
ENDLESS = f"""SELECT (CONCAT(STR(?a), '{"x" * 10_000}') AS ?wide) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l
    FILTER STRSTARTS(SHA512(CONCAT(STR(?a), STR(?d), STR(?g), STR(?j))), '00') }}"""
ADDRESSES = range(11, 20)  # the last number of the addresses of nine clients
HOSTS = {f"127.0.0.{last}" for last in ADDRESSES}
PAUSE = 0.1  # seconds between two calls of each of the nine clients
JSON = "application/sparql-results+json"
number = itertools.count()


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return loaded.numbered(tmp_path_factory.mktemp("two"), ROWS)


@pytest.fixture(scope="module")
def three(two):
    """Serve the releases by three servers, with time and little room for an answer; each logs the clients that it answers."""
    settings = {"deadline": 30, "max_bytes": "6MiB", "access_log": "yes", "access_log_addresses": "yes"}
    with proxies.cluster(two[0], **settings) as three:
        yield three


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder for the socket of HAProxy; its path is short enough for one."""
    return tmp_path_factory.mktemp("front")


@pytest.fixture(scope="module")
def front(three, folder):
    with proxies.haproxy(three, folder) as front:
        yield front


@pytest.fixture(scope="module", params=["haproxy", "nginx"])
def either(request, three, front, tmp_path_factory):
    """Run each proxy in front of the same servers, one after the other."""
    if request.param == "haproxy":
        yield front
    else:
        with proxies.nginx(three, tmp_path_factory.mktemp("nginx")) as other:
            yield other


# What clients ask; each answers the numbers of the releases that it read from the content of the answer.


def numbers(answer):
    """Read which release an answer to a query says it is of."""
    return {row["n"]["value"] for row in answer.json()["results"]["bindings"]}


def get(client):
    """Ask what was asked before."""
    return client.get("/sparql", params={"query": SHORT}, headers={"Accept": JSON})


def unique(client):
    """Ask what nobody asked before."""
    return client.get("/sparql", params={"query": f"{SHORT} #{next(number)}"}, headers={"Accept": JSON})


def post(client):
    """Ask by a form."""
    return client.post("/sparql", data={"query": f"{SHORT} #{next(number)}"}, headers={"Accept": JSON})


def query(client):
    """Ask by the method QUERY."""
    headers = {"Accept": JSON, "Content-Type": "application/sparql-query"}
    return client.request("QUERY", "/sparql", content=f"{SHORT} #{next(number)}", headers=headers)


def long(client):
    """Ask for a long answer, which is streamed."""
    answer = client.get("/sparql", params={"query": f"{LONG} #{next(number)}"}, headers={"Accept": JSON})
    if answer.status_code == 200:
        assert "at-end" == answer.headers["x-truncated"]
        assert ROWS * ROWS == len(answer.json()["results"]["bindings"])
    return answer


def stream(client, text):
    """Begin to read a long answer as it is made: not compressed, which would hold some of it back."""
    parameters = {"query": f"{text} #{next(number)}"}
    return client.stream("GET", "/sparql", params=parameters, headers={"Accept-Encoding": "identity"})


def page(client):
    """Read a page, of which the header alone says the release."""
    return client.get(f"/?x={next(number)}", headers={"Accept": "text/html"})


MIX = (get, get, unique, unique, post, query, page)


class Clients:
    """Clients with addresses of their own, who ask a mix of things again and again and accept no failure."""

    def __init__(self, front, said, mix):
        self.said, self.mix, self.seen, self.errors = said, mix, {last: [] for last in ADDRESSES}, []
        self.calls = [self._caller(front.client(last), last) for last in ADDRESSES]

    def _caller(self, client, last):
        chance = random.Random(last)

        def call():
            ask = chance.choice(self.mix)
            try:
                check(ask, ask(client))
            except (AssertionError, httpx.HTTPError) as error:
                self.errors.append((last, ask.__name__, repr(error)))
                raise

        def check(ask, answer):
            assert 200 == answer.status_code, (ask.__name__, answer.status_code, answer.text[:300])
            release = answer.headers["x-release"]
            if ask is not page:
                assert {self.said[release]} == numbers(answer), ask.__name__
            self.seen[last].append(release)

        return call

    def wait_for(self, more):
        """Wait until that many more answers have come to every client."""
        wanted = {last: len(seen) + more for last, seen in self.seen.items()}
        wait_until(lambda: self.errors or all(len(seen) >= wanted[last] for last, seen in self.seen.items()), 60)
        assert [] == self.errors


def test_haproxy_accepts_its_file(tmp_path):
    done = subprocess.run(
        [proxies.find("haproxy"), "-c", "-V", "-f", proxies.DEPLOY / "haproxy.cfg"],
        env={"PATH": proxies.PATH, "ANSWERABLE_ADMIN": str(tmp_path / "admin.sock")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, "".join(re.findall(r"(?m)^.*(?:WARNING|ALERT).*$", done.stdout + done.stderr)))


@pytest.mark.parametrize("unit", ["answerable@.service", "answerable-build.service"])
def test_systemd_accepts_its_units_and_finds_them_closed(unit, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze here; as root: apt-get install systemd")
    text = (proxies.DEPLOY / unit).read_text()
    program = tmp_path / "kg"
    program.touch(mode=0o755)
    assert "/opt/answerable/.venv/bin/kg " in text
    path = tmp_path / unit.replace("@", "@8001")
    path.write_text(text.replace("/opt/answerable/.venv/bin/kg", str(program)))
    for arguments in (["verify", "--man=no"], ["security", "--offline=true", "--threshold=15"]):
        done = subprocess.run(["systemd-analyze", *arguments, path], capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stdout + done.stderr
        assert path.name not in done.stderr


def test_every_setting_in_the_units_exists():
    texts = [path.read_text() for path in proxies.DEPLOY.glob("*.service")]
    given = {name: value for text in texts for name, value in re.findall(r"(?m)^Environment=(\w+)=(.*)$", text)}
    assert given and Settings.load(env=given)
    assert {"ANSWERABLE_TRUSTED_PROXIES=127.0.0.1"} == {
        found for text in texts for found in re.findall(r"ANSWERABLE_TRUSTED_PROXIES=[\d.]+", text)
    }


def test_the_operators_page_names_every_file_of_deploy_and_no_other():
    text = (PROJECT / "OPERATING.md").read_text(encoding="utf-8")
    named = {path for name in re.findall(r"deploy/([\w@.*-]+\w)", text) for path in proxies.DEPLOY.glob(name)}
    assert {*proxies.DEPLOY.iterdir()} == named
    ports = set(re.findall(r"answerable@(\d+)", text))
    for name in ("haproxy.cfg", "nginx.conf"):
        assert ports == set(re.findall(r"127\.0\.0\.1:(\d+)", (proxies.DEPLOY / name).read_text())), name


def test_a_switch_under_load_fails_no_request_and_no_client_goes_back(front, three, two):
    out, said = two
    clients = Clients(front, said, (*MIX, long))
    switches = 3
    with load(*clients.calls, breath=PAUSE):
        clients.wait_for(5)
        for _ in range(switches):
            (wanted,) = said.keys() - {releases.current(out).id}
            releases.switch(out, wanted)  # each server finds it within a second, at its own time
            wait_until(lambda wanted=wanted: all(one.health()["release"] == wanted for one in three.servers.values()))
            clients.wait_for(5)
    for last, seen in clients.seen.items():
        assert switches == sum(before != after for before, after in itertools.pairwise(seen)), (last, seen)
    busy = [number for number, met in three.clients().items() if met & HOSTS]
    assert [0, 1, 2] == busy, "every server has clients, or nothing is tested"


def test_a_server_that_is_drained_or_killed_under_load_and_comes_back_fails_no_request(front, three, two, folder):
    # An answer that is streamed ends with the server that is killed; one that is drained ends it first.
    for number, how, mix in ((0, signal.SIGTERM, (*MIX, long)), (1, signal.SIGKILL, MIX)):
        clients = Clients(front, two[1], mix)
        with load(*clients.calls, breath=PAUSE):
            clients.wait_for(5)
            wait_until(lambda number=number: "UP" == proxies.state(front, folder, number))
            three.end(number, how)
            clients.wait_for(8)
            wait_until(lambda number=number: "DOWN" == proxies.state(front, folder, number).split()[0])
            three.start(number)
            wait_until(lambda number=number: "UP" == proxies.state(front, folder, number))
            wait_until(lambda number=number: HOSTS & three.clients()[number], 60)  # those it had are with it again
        assert sum(map(len, clients.seen.values())) > 100


def test_an_answer_that_had_begun_when_its_server_was_killed_is_broken(front, three, folder):
    with front.client() as client, stream(client, ENDLESS) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        mine = next(n for n, one in three.servers.items() if one.health()["workers"]["queries"]["busy"])
        three.end(mine, signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            for _ in pieces:
                pass
    three.start(mine)
    wait_until(lambda: "UP" == proxies.state(front, folder, mine))


def test_a_client_has_the_budget_of_one_server(two, tmp_path):
    seconds = 1.0
    statuses, spent = [], {}
    settings = {"client_seconds": seconds, "loopback_budget": "yes"}
    with proxies.cluster(two[0], **settings) as three, proxies.haproxy(three, tmp_path) as front:
        for last in ADDRESSES:
            with front.client(last) as client:
                while 429 not in statuses[-1:]:
                    answer = client.get("/sparql", params={"query": f"{COSTLY} #{next(number)}"})
                    statuses.append(answer.status_code)
                    assert len(statuses) < 500, "the budget has no end"
                statuses.append(None)
                assert int(answer.headers["retry-after"]) >= 1
            spent[last] = sorted(seconds_run(one) for one in three.servers.values())
    used = spent[ADDRESSES[0]]
    assert [0.0, 0.0] == used[:2] and used[2] >= seconds, "one client meets one server, and spends its budget"
    # All clients of this machine share one budget at each server: three budgets were there to be spent.
    assert {200, 429, None} == set(statuses)
    assert all(used >= seconds for used in spent[ADDRESSES[-1]]), spent


def seconds_run(server):
    """Read how long the queries of a server ran."""
    with server.client() as client:
        text = client.get("/metrics", headers={"Accept": "text/plain"}).text
    found = re.search(r'(?m)^answerable_query_run_seconds_sum\{pool="queries"\} (\S+)$', text)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:db8:1:2::6", "2001:db8:1:2"),
        ("2001:db8:1::5", "2001:db8:1"),
        ("2001:db8::5:6", "2001:db8"),
        ("2001:db8::4:5:6", "2001:db8"),
        ("2001:db8::3:4:5:6", "2001:db8"),
        ("2001:db8::2:3:4:5:6", "2001:db8::2"),
        ("2001::", "2001"),
    ],
)
def test_nginx_takes_the_addresses_of_one_network_for_one_client(address, network):
    lines = re.findall(
        r"^    \"?~(\S+?)\"? \$network;$", (PROJECT / "deploy/nginx.conf").read_text(encoding="utf-8"), re.MULTILINE
    )
    patterns = [re.compile(line.replace("(?<", "(?P<")) for line in lines]
    named = next((match["network"] for pattern in patterns if (match := pattern.search(address))), address)
    assert len(lines) == 3 and named == network


# Each proxy passes on what there is, and no more.


def test_nobody_outside_reads_the_figures_of_the_servers(either, three):
    with either.client() as client:
        assert client.get("/metrics").status_code == 404
    with next(iter(three.servers.values())).client() as client:
        assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("ask", [get, unique, post, query, long, page], ids=lambda ask: ask.__name__)
def test_a_request_of_each_kind_is_answered(either, two, ask):
    with either.client() as client:
        answer = ask(client)
    assert 200 == answer.status_code, answer.text
    assert answer.headers["x-release"] in two[1]
    assert "age" not in answer.headers


def test_a_head_has_no_body_and_an_answer_is_compressed_once(either):
    with either.client() as client:
        whole = client.get("/sparql", params={"query": LONG}, headers={"Accept": JSON, "Accept-Encoding": "gzip"})
        assert "gzip" == whole.headers["content-encoding"] and ROWS * ROWS == len(whole.json()["results"]["bindings"])
        assert b"" == client.head("/").content
        assert "content-encoding" not in client.get("/", headers={"Accept-Encoding": "identity"}).headers


def test_the_server_is_told_the_address_of_the_client_and_not_what_the_client_says(either, three):
    last = {"haproxy": 77, "nginx": 78}[either.name]
    with either.client(last) as client:
        client.get("/sparql", params={"query": f"{SHORT} #{next(number)}"}, headers={"X-Forwarded-For": "192.0.2.7"})
    wait_until(lambda: any(f"127.0.0.{last}" in met for met in three.clients().values()))
    assert not any("192.0.2.7" in met for met in three.clients().values())


def test_an_answer_comes_as_it_is_made_and_one_that_is_cut_is_broken(either, three):
    with either.client() as client, stream(client, ENDLESS) as answer:
        assert (200, "at-end") == (answer.status_code, answer.headers["x-truncated"])
        pieces = answer.iter_raw()
        next(pieces)
        assert 1 == sum(one.health()["workers"]["queries"]["busy"] for one in three.servers.values())
        with pytest.raises(httpx.RemoteProtocolError):
            for _ in pieces:
                pass


def test_http_1_0_gets_an_answer_with_a_length_or_an_error(either):
    for text, wanted in ((LONG, b"200"), (ENDLESS, b"422")):
        with socket.create_connection(("127.0.0.1", either.port), timeout=30) as line:
            path = httpx.URL("/sparql", params={"query": f"{text} #{next(number)}"}).raw_path.decode()
            line.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\nAccept: {JSON}\r\n\r\n".encode())
            head, _, body = b"".join(iter(lambda: line.recv(65536), b"")).partition(b"\r\n\r\n")
        assert wanted == head.split()[1], head
        assert len(body) == int(re.search(rb"(?i)content-length: (\d+)", head)[1])


def test_what_is_too_large_is_refused(either):
    ending, other = b"Host: x\r\n\r\n", {"haproxy": b"400", "nginx": b"431"}[either.name]
    assert b"413" == status(either, f"POST /sparql HTTP/1.1\r\nContent-Length: {10**15}\r\n".encode() + ending)
    assert b"413" == status(either, b"POST /sparql HTTP/1.1\r\nContent-Length: 5000000\r\n" + ending + b"x" * 5_000_000)
    assert other == status(either, b"GET / HTTP/1.1\r\nX-Big: " + b"x" * 256_000 + b"\r\n" + ending)
    with either.client() as client:
        assert 200 == client.get("/sparql", params={"query": f"{SHORT} #{'x' * 40_000}"}).status_code


def status(front, data):
    """Send bytes; the status of what comes back."""
    with socket.create_connection(("127.0.0.1", front.port), timeout=30) as line:
        try:
            line.sendall(data)
        except OSError:
            pass
        return line.recv(4096).split()[1]


@pytest.mark.parametrize("size", [900, 3_000, 50_000])
def test_a_long_address_is_answered_and_counts_against_no_server(either, size):
    strangers, others = either.client(ADDRESSES[0]), [either.client(last) for last in ADDRESSES[1:]]
    for number in range(6):
        for path in ("/about", "/doc/state/kaz", "/questions"):
            assert strangers.get(path, params={"x": f"{number}{'y' * size}"}).status_code in (200, 400, 404)
        assert {200} == {other.get("/about").status_code for other in others}


def test_strangers_who_ask_for_nothing_or_never_end_keep_nobody_from_an_answer(three, front):
    long = httpx.URL("/sparql", params={"query": f"{LONG} #"}).raw_path.decode() + "{n}"
    short = httpx.URL("/sparql", params={"query": f"{SHORT} #"}).raw_path.decode() + "{n}"
    crowd = {"silent": 300, "halves": 300, "bodies": 30, "readers": 30}
    crowd |= {"people": 4, "seconds": 14, "arriving": 2, "breath": 0.3}
    report = strangers.besiege("127.0.0.1", front.port, strangers.Crowd(**crowd, long=(long,), asked=("/", short)))
    assert [] == report.wrong
    assert {200} == report.statuses.keys()  # each person waits for several answers, however long that takes
    assert report.peak > 600
    for kind in ("silent", "halves", "bodies"):  # each had to come again after ten seconds
        assert report.closed[kind] >= crowd[kind], kind

"""What the tests of the server take: `client`, a client of the whole application on the frozen graph of tests/world/."""

import http.client
import math
import shutil
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
import uvicorn

from api.app import create_app
from api.http.server import protocol
from api.render import assets
from kg import release as releases
from kg.answer.cache import Cache, SingleFlight
from kg.answer.names import Names
from kg.config import Settings
from tests.api import asking
from tests.api.client import start

DEADLINE = 2.0  # seconds a query may take in these tests


@pytest.fixture(scope="session")
def release(world):
    """Let every test of the server that takes a release take the frozen graph."""
    return world


@pytest.fixture(scope="session")
def client(release):
    """Serve the frozen graph; a client that does not follow redirects."""
    with start(release, workers=2, deadline=DEADLINE) as client:
        yield client


@pytest.fixture
def routed(client, monkeypatch):
    """Let a test add operations to the application, which go with it."""
    monkeypatch.setattr(client.app.router, "routes", [*client.app.routes])
    return client


@pytest.fixture(scope="session")
def later(changed_world):
    """Serve a release with changed facts, and the one before it."""
    with start(changed_world) as client:
        yield client


@pytest.fixture(scope="session")
def three_ids(three_releases):
    """Name the three releases, the oldest first."""
    return [one.id for one in releases.releases(three_releases)]


@pytest.fixture(scope="session")
def third(three_releases):
    """Serve three releases, in the last of which something is withdrawn."""
    with start(three_releases) as client:
        yield client


@pytest.fixture
def asked(client, monkeypatch):
    """Return the list of the texts that pages and questions ask their engine from now on, with nothing cached before."""
    opened, texts = client.app.state.releases.current, []
    answer = opened.pages.answer

    async def listen(query, **options):
        texts.append(query.text)
        return await answer(query, **options)

    monkeypatch.setattr(opened.pages, "answer", listen)
    monkeypatch.setattr(opened, "cache", Cache(opened.cache.limit))
    monkeypatch.setattr(opened, "once", SingleFlight())
    monkeypatch.setattr(opened, "names", Names(opened.pages))
    return texts


@pytest.fixture(scope="session")
def serving():
    """Return a context that serves on a socket; it yields the address and the application. With an access log there is no shortcut."""

    @contextmanager
    def serve(**settings):
        settings = Settings.load(env={}, workers=1, page_workers=1, **settings)
        app = create_app(settings)
        options = {"http": protocol(app), "timeout_keep_alive": math.ceil(settings.head_seconds)}
        config = uvicorn.Config(app, port=0, ws="none", access_log=False, log_config=None, **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        end = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < end and thread.is_alive()
            time.sleep(0.02)
        try:
            yield server.servers[0].sockets[0].getsockname(), app
        finally:
            server.should_exit = True
            thread.join(10)

    return serve


@pytest.fixture(scope="session")
def address(serving, release):
    """Serve the frozen graph on a socket; its address."""
    with serving(out=release.path.parent) as (bound, _):
        yield bound


@pytest.fixture(scope="session")
def protocol_address(serving, tmp_path_factory):
    """Serve the small graphs of asking.py on a socket; the host and the port."""
    with serving(out=asking.build(tmp_path_factory.mktemp("protocol"))) as (bound, _):
        yield bound[:2]


@pytest.fixture(scope="session")
def send(protocol_address):
    """Return a function that sends one request on a connection of its own, with these headers and no others of note."""

    def exchange(method, target, body=None, **headers):
        connection = http.client.HTTPConnection(*protocol_address, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body, named)
        try:
            return asking.Reply(connection.getresponse())
        finally:
            connection.close()

    return exchange


@pytest.fixture(scope="session")
def ask(send):
    """Return a function that asks by GET; a parameter may have a list of values."""

    def get(query, accept=None, **parameters):
        named = {name.replace("_", "-"): value for name, value in parameters.items()}
        target = "/sparql?" + urlencode({"query": query, **named}, doseq=True)
        return send("GET", target, **({} if accept is None else {"Accept": accept}))

    return get


@pytest.fixture
def installed(monkeypatch):
    """Pretend that the editor's package is there, whether or not it is."""
    monkeypatch.setattr(assets, "editor", lambda: {name: f"/static/{name}?v=1" for name in assets.EDITOR})


@pytest.fixture
def two_releases(release, tmp_path):
    """Make a folder with two releases of the same content, the first current; their ids."""
    return tmp_path, lay_two(release, tmp_path)


def lay_two(release, folder, changes=({}, {}), current=0):
    """Copy a release into a folder under two names, with changes of what each says of itself; the names."""
    ids = ["20240101-aaaaaaaa", "20240102-bbbbbbbb"]
    for name, change in zip(ids, changes, strict=True):
        shutil.copytree(release.path, folder / name)
        releases.seal(folder / name, {**release.manifest, "id": name, **change})
    (folder / "current").symlink_to(ids[current])
    return ids


@pytest.fixture(scope="module")
def shared_two(release, tmp_path_factory):
    """Make such a folder for the tests of a module, each of which leaves the first current."""
    folder = tmp_path_factory.mktemp("two")
    return folder, lay_two(release, folder)

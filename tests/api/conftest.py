"""What the tests of the server take: `client`, a client of the whole application on the shipped data."""

import json
import shutil
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.testclient import TestClient

from api import wire
from api.app import create_app
from kg.config import Settings

DEADLINE = 2.0  # seconds a query may take in these tests


@pytest.fixture(scope="session")
def client(release):
    """Serve the shipped release; a client that does not follow redirects."""
    settings = Settings.load(env={}, out=release.path.parent, deadline=DEADLINE)
    with TestClient(create_app(settings), follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def serving():
    """Return a context that serves on a socket with these settings, and yields its address and the application."""

    @contextmanager
    def serve(**settings):
        app = create_app(Settings.load(env={}, workers=1, page_workers=1, **settings))
        config = uvicorn.Config(app, port=0, http=wire.protocol(app), ws="none", access_log=False, log_level="critical")
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


@pytest.fixture
def shelf_of_two(release, tmp_path):
    """Make a folder with two releases of the same content, the first current; their ids."""
    ids = ["20240101-aaaaaaaa", "20240102-bbbbbbbb"]
    for name in ids:
        shutil.copytree(release.path, tmp_path / name)
        manifest = json.loads((tmp_path / name / "manifest.json").read_text())
        (tmp_path / name / "manifest.json").write_text(json.dumps({**manifest, "id": name}))
    (tmp_path / "current").symlink_to(ids[0])
    return tmp_path, ids

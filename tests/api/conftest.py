"""What the tests of the server take: `client`, a client of the whole application on the shipped data."""

import json
import shutil

import pytest
from starlette.testclient import TestClient

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
def shelf_of_two(release, tmp_path):
    """Make a folder with two releases of the same content, the first current; their ids."""
    ids = ["20240101-aaaaaaaa", "20240102-bbbbbbbb"]
    for name in ids:
        shutil.copytree(release.path, tmp_path / name)
        manifest = json.loads((tmp_path / name / "manifest.json").read_text())
        (tmp_path / name / "manifest.json").write_text(json.dumps({**manifest, "id": name}))
    (tmp_path / "current").symlink_to(ids[0])
    return tmp_path, ids

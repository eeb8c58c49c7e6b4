"""The release of the shipped data: its store, and an engine that is asked each query once."""

import pytest

from kg.store import Store
from tests.comparing import Remembering


@pytest.fixture(scope="session")
def store(release):
    """Open the release as those do who serve it."""
    with Store.open(release.store_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def engine(store):
    """Ask the release each query once."""
    return Remembering(store)

"""What every test may take: `release`, a release of this tree's data, built once a run."""

import pytest

from kg import release as releases
from kg.config import Settings


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    """Build the whole shipped tree; the release. Its folder of releases is `release.path.parent`: never switch it."""
    return releases.build(Settings.load(), out=tmp_path_factory.mktemp("releases"))

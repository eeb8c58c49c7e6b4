"""What the tests of comparisons take: `three`, the three releases of the frozen world, the oldest first."""

import pytest

from kg import release


@pytest.fixture(scope="session")
def three(three_releases):
    """List the releases."""
    found = release.releases(three_releases)
    assert 3 == len(found)
    return found

"""How far the engagement bases reach on the shipped data: no less than METHOD.md says, on what their makers saw and on what they did not."""

import pytest

from tools.reach import measure, read


@pytest.fixture(scope="module")
def record(shipped):
    return read(shipped.path / "tables")


# The shares of a hundred below which a change of the bases has lost something: pairs and decisions engaged, and engaged pairs that were found.
FLOORS = {False: (87, 91, 52), True: (87, 91, 53)}


@pytest.mark.parametrize("kept_out", FLOORS)
def test_bases_reach_as_far_as_is_told(kept_out, record):
    of = measure(record, kept_out=kept_out)["all"]
    pairs, decisions, precision = FLOORS[kept_out]
    assert of["pairs, engaged"] >= of["pairs"] * pairs / 100
    assert of["decisions, engaged"] >= of["decisions"] * decisions / 100
    assert of["of found"] >= of["engaged"] * precision / 100

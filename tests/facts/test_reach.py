"""How far the engagement bases reach on the shipped data: no less than METHOD.md says, on what their makers saw and on what they did not."""

import pytest

from kg.store import Store
from tools.reach import grade, is_kept_out, measure, measure_grades, read, read_covered


@pytest.fixture(scope="module")
def record(shipped):
    return read(shipped.path / "tables")


# The shares of a hundred below which a change of the bases has lost something: pairs and decisions engaged, and engaged pairs that were found.
FLOORS = {False: (90, 93, 53), True: (87, 92, 53)}


@pytest.mark.parametrize("kept_out", FLOORS)
def test_bases_reach_as_far_as_is_told(kept_out, record):
    of = measure(record, kept_out=kept_out)["all"]
    pairs, decisions, precision = FLOORS[kept_out]
    assert of["pairs, engaged"] >= of["pairs"] * pairs / 100
    assert of["decisions, engaged"] >= of["decisions"] * decisions / 100
    assert of["of found"] >= of["engaged"] * precision / 100


@pytest.mark.parametrize("kept_out", [False, True])
def test_what_is_named_first_was_mostly_found(kept_out, shipped, record):
    covered, named = read_covered(shipped.store_path)
    held = [row for row in covered if not kept_out or is_kept_out(record.symbols[row.decision])]
    graded = [row for row in covered if not kept_out or not is_kept_out(record.symbols[row.decision])]
    of = measure_grades(held, grade(graded, named), named, record.treaties)["all"]
    assert of["first, found"] >= of["first"] * 0.7
    assert of["first, found"] >= of["found"] * 0.7


def test_the_measurement_grades_as_the_rule_does(shipped):
    covered, named = read_covered(shipped.store_path)
    first = "SELECT ?b { ?b <https://w3id.org/answerable/ontology#hasGrade> <https://w3id.org/answerable/scheme/engagement-grade/first> }"
    with Store.open(shipped.store_path) as store:
        ruled = {iri.partition("/id/")[2] for (iri,) in store.select(first).texts()}
    measured = grade(covered, named)
    assert {basis for basis in measured if measured[basis]} == ruled & measured.keys()

"""Every check finds what is wrong in its file in tests/checks/, and nothing else there.

In a case, the key of a thing that the check must find begins with `wrong`; everything else is right.
"""

import re
from pathlib import Path

import pytest

from kg import terms
from kg.store import Store

ROOT = Path(__file__).parents[1]
CHECKS = {path.stem: path for path in sorted((ROOT / "queries" / "checks").rglob("*.rq"))}
CASES = {path.stem: path for path in sorted((ROOT / "tests" / "checks").glob("*.trig"))}
ONTOLOGY = sorted((ROOT / "ontology").rglob("*.ttl"))


def _things(text: str) -> set[str]:
    return {terms.BASE + path for path in re.findall(r"<((?:id|scheme)/[a-z-]+/wrong[^>]*)>", text)}


@pytest.fixture(scope="module")
def ontology() -> bytes:
    """Read the ontology once, as N-Quads."""
    with Store.memory() as store:
        for path in ONTOLOGY:
            graph = terms.graph_of(path.relative_to(ROOT).as_posix())
            store.load(path.read_bytes(), format="ttl", graph=graph, source=path.name)
        return b"".join(store.drain())


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_finds_what_is_wrong_and_nothing_else(name, ontology):
    case = CASES[name].read_text(encoding="utf-8")
    with Store.memory() as store:
        store.load(ontology, format="nq", graph=None, source="ontology")
        store.load(case.encode(), format="trig", graph=None, source=CASES[name].name)
        store.copy_named_into_default()
        found = {row[0].value for row in store.select(CHECKS[name].read_text(encoding="utf-8"))}
    assert _things(case)
    assert _things(case) == found


def test_every_case_belongs_to_a_check():
    assert set(CHECKS) == set(CASES)


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_has_a_title_and_a_message_whose_slots_are_its_variables(name):
    text = CHECKS[name].read_text(encoding="utf-8")
    header = dict(re.findall(r"^#\+ (\w+): (.+)$", text, re.MULTILINE))
    selected = re.search(r"^SELECT (.+)$", text, re.MULTILINE)
    assert {"title", "message"} <= set(header) <= {"title", "message", "severity", "suggest", "scope"}
    assert selected
    slots = set(re.findall(r"\{(\w+)\}", header["message"]))
    assert slots
    assert set() == slots - set(re.findall(r"\?(\w+)", selected[1]))
    assert header.get("suggest", "value") == "value"

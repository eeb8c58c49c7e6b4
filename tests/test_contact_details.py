"""A text that leads to a person is found, whatever form a number or address has; what only looks like one is left alone."""

import tomllib

import pytest

from kg import terms
from kg.config import PROJECT
from kg.store import Store

LINES = {
    kind: [line for line in case["lines"].splitlines() if line]
    for kind, case in tomllib.loads((PROJECT / "tests/checks/contact-details.toml").read_text("utf-8")).items()
}
HARMLESS = LINES.pop("harmless")
CHECK = (PROJECT / "queries/checks/stated/contact-detail.rq").read_text(encoding="utf-8")


def found(lines):
    """Return, for each line, what kind of contact detail the check finds in it, if any."""
    description, graph = terms.Iri(terms.term("description")), terms.GRAPH + "data/case"
    with Store.memory() as store:
        store.add(
            (terms.Iri(f"{terms.ID}event/{n}"), description, terms.Literal(t), graph) for n, t in enumerate(lines)
        )
        kinds = {row[3].value: row[4].value for row in store.select(CHECK)}
    return {line: kinds.get(line) for line in lines}


@pytest.mark.parametrize("kind", LINES)
def test_a_contact_detail_is_found_in_each_of_its_forms(kind):
    assert dict.fromkeys(LINES[kind], kind) == found(LINES[kind])


def test_a_contact_detail_is_found_in_a_sentence():
    lines = [*LINES["a telephone number"], *LINES["an e-mail address"]]
    assert None not in found([f"The witness ({line}) was there." for line in lines]).values()


def test_what_only_looks_like_one_is_left_alone():
    assert dict.fromkeys(HARMLESS) == found(HARMLESS)

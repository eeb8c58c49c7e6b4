"""A text that leads to a person is found, whatever form a number or address has; what only looks like one is left alone."""

import tomllib

import pytest

from kg import terms
from kg.config import PROJECT
from kg.store import Store

LINES = {
    kind: one["lines"]
    for kind, one in tomllib.loads((PROJECT / "tests/checks/contact-details.toml").read_text("utf-8")).items()
}
HARMLESS = LINES.pop("harmless")
CHECK = PROJECT / "queries/checks/stated/contact-detail.rq"


@pytest.fixture(scope="module")
def found():
    """Return a function that says, for each line of a text, what kind of contact detail the check finds in it."""

    def ask(lines):
        texts = lines.strip().splitlines()
        said = terms.Iri(terms.term("description"))
        with Store.memory() as store:
            graph = terms.GRAPH + "data/case"
            store.add((terms.Iri(f"{terms.ID}event/{n}"), said, terms.Literal(t), graph) for n, t in enumerate(texts))
            rows = store.select(CHECK.read_text(encoding="utf-8"))
            kinds = {row[3].value: row[4].value for row in rows}
        return {text: kinds.get(text) for text in texts}

    return ask


@pytest.mark.parametrize("kind", LINES)
def test_a_contact_detail_is_found_in_each_of_its_forms(found, kind):
    assert {} == {text: said for text, said in found(LINES[kind]).items() if said != kind}


def test_a_contact_detail_is_found_in_a_sentence(found):
    told = [
        f"The witness ({text}) was there."
        for kind in ("a telephone number", "an e-mail address")
        for text in LINES[kind].split("\n")
        if text
    ]
    assert [] == [text for text, kind in found("\n".join(told)).items() if kind is None]


def test_what_only_looks_like_one_is_left_alone(found):
    assert {} == {text: kind for text, kind in found(HARMLESS).items() if kind}

"""Which thing a name means, without a search: its candidates, and what properties say for or against them."""

import pytest

from kg import terms
from kg.reconcile import NameIndex, is_sure
from kg.search import index as search_index
from kg.search.search import Search
from kg.store import Store

ARLAND, BORIA, COVENANT = (terms.BASE + f"id/{path}" for path in ("state/xar", "state/xbo", "treaty/lc"))


def row(kind, title=None, about=None, thing=None, name=None, state=None):
    """Make a row of the query."""
    return {"kind": kind, "title": title, "about": about, "thing": thing, "name": name, "state": state}


@pytest.fixture
def names(tmp_path):
    """Make the names of two States and a treaty, none of which the search has."""
    rows = [
        row("State", thing=ARLAND, name="Arland"),
        row("State", thing=ARLAND, name="XAR"),
        row("State", thing=BORIA, name="Arlanda"),
        row("Treaty", thing=COVENANT, name="Covenant on Liberties"),
        row("State", "A State", "A State of today."),
        row("Treaty", "A treaty", "A treaty of ours."),
    ]
    with Store.memory() as store:
        search_index.write(tmp_path / search_index.FILE, store, {}, [])
    return NameIndex(rows, Search(tmp_path))


def test_properties_decide_among_candidates(names):
    candidates = names.candidates("Arland", ["State"])
    held = {(BORIA, "code"): [{"str": "XBO"}], (ARLAND, "party"): [{"id": "id/treaty/lc", "name": "LC"}]}
    first, second = names.weigh(candidates, {"party": ["Covenant on Liberties"]}, held)
    assert (ARLAND, {"party": 100.0}, {"party": 0.0}) == (first.thing, first.by_property, second.by_property)
    assert is_sure([first, second]) and not is_sure(names.weigh(candidates, {"code": ["XBO"]}, held))


def test_a_beginning_completes_to_the_shortest_name_first(names):
    assert [ARLAND, BORIA] == names.begin("arl", names.among([])) and [] == names.begin(" ", names.among([]))

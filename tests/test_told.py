"""How an act is told: the manners that follow from the statements about it, by the two rules that derive them."""

import pytest

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store
from tests.turtle import HEAD

RULES = [one for one in inputs.read_queries(PROJECT, "rules/links") if "-told-as" in one.name]
HEARSAY, OWN_VOICE = (
    f"ans:isAbout <id/act/deed> ; ans:hasStanding <scheme/standing/{name}>" for name in ("reported", "own-voice")
)
DENIAL, FIGURE = OWN_VOICE + " ; ans:denies <id/act/deed>", OWN_VOICE + " ; a ans:Figure"
ALLEGATION = "a ans:Allegation ; ans:characterises <id/act/deed> ; ans:hasStanding <scheme/standing/judgement>"


@pytest.mark.parametrize(
    ("statements", "manners"),
    [
        ([], set()),
        ([HEARSAY], {"reported"}),
        ([HEARSAY, OWN_VOICE], {"reported", "own-voice"}),
        # Who denies an act does not tell of it.
        ([HEARSAY, DENIAL], {"reported"}),
        ([DENIAL], set()),
        # A certain number does not make certain what is hearsay.
        ([HEARSAY, FIGURE], {"reported"}),
        ([FIGURE], {"own-voice"}),
        # An allegation tells of an act only where no other statement does.
        ([ALLEGATION], {"judgement"}),
        ([HEARSAY, ALLEGATION], {"reported"}),
    ],
)
def test_an_act_is_told_in_every_manner_of_the_statements_about_it(statements, manners):
    text = "<id/act/deed> a ans:Act . "
    text += "".join(f"<id/statement/{n}> a ans:Statement ; {said} . " for n, said in enumerate(statements))
    with Store.memory() as store:
        store.load((HEAD + text).encode(), format="ttl", graph=terms.graph_of("data/told.ttl"), source="told")
        store.copy_named_into_default()
        inference.run(store, RULES, terms.LINKS)
        rows = store.select(f"PREFIX ans: <{terms.VOCABULARY}> SELECT ?manner {{ ?act ans:isToldAs ?manner }}")
        assert manners == {manner.value.rpartition("/")[2] for (manner,) in rows}
    assert 2 == len(RULES)

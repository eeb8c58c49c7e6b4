"""How an act is told: the manners that follow from the statements about it, by the two rules that derive them."""

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store
from tests.turtle import HEAD

RULES = [one for one in inputs.read_queries(PROJECT, "rules/links") if "-told-as" in one.name]
HEARSAY, OWN_VOICE = (f"ans:hasStanding <scheme/standing/{manner}>" for manner in ("reported", "own-voice"))


def manners(*statements):
    """Return the manners in which an act is told, by these descriptions of statements."""
    text = (
        HEAD
        + "<id/act/deed> a ans:Act . "
        + "".join(f"<id/statement/{n}> a ans:Statement ; {said} . " for n, said in enumerate(statements))
    )
    with Store.memory() as store:
        store.load(text.encode(), format="ttl", graph=terms.graph_of("data/told.ttl"), source="told")
        store.copy_named_into_default()
        inference.run(store, RULES, terms.LINKS)
        found = store.select(f"PREFIX ans: <{terms.VOCABULARY}> SELECT ?manner {{ ?act ans:isToldAs ?manner }}")
        return {manner.value.rpartition("/")[2] for (manner,) in found}


def about(said):
    return f"ans:isAbout <id/act/deed> ; {said}"


def test_an_act_is_told_in_every_manner_of_the_statements_about_it():
    assert 2 == len(RULES)
    assert {"reported"} == manners(about(HEARSAY))
    assert {"reported", "own-voice"} == manners(about(HEARSAY), about(OWN_VOICE))
    assert set() == manners()


def test_who_denies_an_act_does_not_tell_of_it():
    denial = about(OWN_VOICE + " ; ans:denies <id/act/deed>")
    assert {"reported"} == manners(about(HEARSAY), denial)
    assert set() == manners(denial)


def test_a_certain_number_does_not_make_certain_what_is_hearsay():
    figure = about(OWN_VOICE + " ; a ans:Figure")
    assert {"reported"} == manners(about(HEARSAY), figure)
    assert {"own-voice"} == manners(figure)


def test_an_allegation_tells_of_an_act_only_where_no_other_statement_does():
    allegation = "a ans:Allegation ; ans:characterises <id/act/deed> ; ans:hasStanding <scheme/standing/judgement>"
    assert {"judgement"} == manners(allegation)
    assert {"reported"} == manners(about(HEARSAY), allegation)

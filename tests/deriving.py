"""Derives what the link rules make of invented acts in the law of the frozen graph.

A test adds a few lines to the ontology and to the treaties, States, organs and engagement bases of tests/world/, and asks what follows.
Arland (xar) has been a party to CC since 25 September 1998 and to LC since 24 April 2000; Boria (xbo) is none to RC, Cadria (xca) only signed LC.
"""

import functools
import re

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store
from tests import frozen
from tests.turtle import HEAD

LAW = ("treaties", "participation", "states", "organs", "bodies", "engagement")
OWL_RULES = inputs.read_queries(PROJECT, "rules/owl")
LINK_RULES = inputs.read_queries(PROJECT, "rules/links")
TREATY, LAW_OF_ITS_OWN = (
    (PROJECT / f"tests/law/{name}.ttl").read_text(encoding="utf-8") for name in ("treaty", "national")
)


@functools.cache
def law():
    """Read the files of the law once, as N-Quads."""
    folders = {"ontology": PROJECT / "ontology", **{f"data/{name}": frozen.DATA / name for name in LAW}}
    with Store.memory() as store:
        for name, folder in folders.items():
            for path in folder.rglob("*.ttl"):
                graph = terms.graph_of(f"{name}/{path.relative_to(folder).as_posix()}")
                store.load(path.read_bytes(), format="ttl", graph=graph, source=name)
        return b"".join(store.drain())


@functools.lru_cache(4)  # many cases ask the same text of something else
def derive(text):
    """Return a function that asks the law together with `text` which pairs a SELECT of two variables finds."""
    store = Store.memory()
    store.load(law(), format="nq", graph=None, source="law")
    store.load((HEAD + text).encode(), format="ttl", graph=terms.graph_of("data/test.ttl"), source="test")
    store.copy_named_into_default()
    inference.derive(store, OWL_RULES, LINK_RULES)

    def ask(where):
        query = f"PREFIX ans: <{terms.VOCABULARY}> BASE <{terms.BASE}> SELECT ?x ?y WHERE {{ {where} }}"
        return {tuple("" if term is None else short(term) for term in row) for row in store.select(query)}

    return ask


def apart(name, text):
    """Put a name before the keys of the law and the acts in a text, so that many cases can stand in one graph."""
    return re.sub(r"<id/(treaty|provision|participation|declaration|basis|act)/", rf"<id/\1/{name}-", text)


def short(term):
    """Write a term as a test would: an IRI of ours without its base, a literal by its text."""
    return term.value.removeprefix(terms.ID).removeprefix(terms.SCHEME)


def act(key="deed", kind="Removal", when='ans:date "2011-06"^^xsd:gYearMonth ;', by="organ/xar-government", more=""):
    return f"""
    <id/act/{key}> a ans:{kind} ; skos:prefLabel "{key}"@en ; {when} ans:hasPerpetrator <id/{by}> {more} .
    """


def engaged(text, name="deed"):
    """Return the provisions of treaties that an act engages, with the State whose duty it is."""
    where = f"<id/act/{name}> ans:engages ?o . ?o ans:binds ?x ; ans:arisesFrom ?y"
    return {
        (state.removeprefix("state/"), provision.removeprefix("provision/")) for state, provision in derive(text)(where)
    }

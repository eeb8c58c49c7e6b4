"""Turtle for tests: a few facts that a query is asked of alone, and files that are read into one graph."""

import json
import tomllib

import pytest
from rdflib import OWL, RDF, BNode, Graph, URIRef

from kg import terms
from kg.config import PROJECT
from kg.store import Query, Store

# How Turtle and SPARQL begin.
HEAD = "".join(f"PREFIX {name}: <{iri}> " for name, iri in terms.PREFIXES.items()) + f"BASE <{terms.BASE}>\n"
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")  # how owlrl marks what cannot be


def cases(path):
    """List the cases of a TOML file as parameters of a test, with their facts in one text.

    The facts of a case are a text or a list of pieces; a piece may be the name of one in [facts]. A case with `each` is one for each
    entry there, whose facts come after its own.
    """
    cases = tomllib.loads((PROJECT / path).read_text(encoding="utf-8"))
    named = cases.pop("facts")
    listed = []
    for name, case in cases.items():
        for part in case.pop("each", [{}]):
            pieces = [case["facts"], part.get("facts", [])]
            texts = [text for each in pieces for text in ([each] if isinstance(each, str) else each)]
            facts = "\n".join(named.get(text, text) for text in texts)
            listed.append(pytest.param(case | part | {"facts": facts}, id=name))
    return listed


def answer(query, facts, **things):
    """Ask a query of these facts and of nothing else; the rows as SPARQL results in JSON have them."""
    bindings = {name: terms.Iri(terms.ID + thing) for name, thing in things.items()}
    with Store.memory() as store:
        store.load((HEAD + facts).encode(), format="ttl", graph=None, source="invented")
        return json.loads(store.answer(Query(query, bindings=bindings)).body)["results"]["bindings"]


def ask_page(name, facts, **things):
    """Ask the query of a page of these facts; the rows as texts by their variable, IRIs of ours without the base."""
    rows = answer((PROJECT / f"queries/pages/{name}.rq").read_text(encoding="utf-8"), facts, **things)
    return [{name: cell["value"].removeprefix(terms.BASE) for name, cell in row.items()} for row in rows]


def parse(paths):
    """Read files of Turtle into one graph."""
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle", publicID=terms.BASE)
    return graph


def clashes(closed):
    """List what cannot be in a graph that owlrl has closed: its error messages and the members of owl:Nothing."""
    told = {str(message) for message in closed.objects(None, ERROR)}
    return told | {str(thing) for thing in closed.subjects(RDF.type, OWL.Nothing) if not isinstance(thing, BNode)}

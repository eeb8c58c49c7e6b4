"""Inference: the rules in the engine and owlrl entail the same over the frozen graph, and one round of the rules is enough."""

import re

import owlrl
import pyoxigraph
import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef

from kg import terms
from kg.build import inference, inputs
from kg.build.inputs import QueryFile
from kg.config import PROJECT
from kg.errors import BuildError, QueryRefused, QuerySyntaxError
from kg.store import Store
from tests.turtle import clashes


def closure(project):
    """Close a project's ontology; the triples as (subject, property, object), shortened."""
    lines = inference.close_ontology(inputs.read(project.root).sources).decode().splitlines()
    return {tuple(terms.shorten(part.strip("<>")) for part in line.split(" ")[:3]) for line in lines}


def test_the_closed_ontology_holds_what_follows_about_named_terms_and_no_trifles(project):
    project.write(
        "ontology/core.ttl",
        """ans:A rdfs:subClassOf ans:B . ans:B rdfs:subClassOf ans:C . ans:p rdfs:subPropertyOf ans:q . ans:q rdfs:range ans:B .
        ans:A a owl:Class . ans:B a owl:Class . ans:C a owl:Class . ans:p a owl:ObjectProperty . ans:q a owl:ObjectProperty .
        ans:D a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ans:p ; owl:allValuesFrom ans:A ] .
        """,
    )
    assert {
        ("ans:A", "rdfs:subClassOf", "ans:B"),
        ("ans:A", "rdfs:subClassOf", "ans:C"),
        ("ans:B", "rdfs:subClassOf", "ans:C"),
        ("ans:p", "rdfs:subPropertyOf", "ans:q"),
        ("ans:p", "rdfs:range", "ans:B"),
        ("ans:p", "rdfs:range", "ans:C"),
        ("ans:q", "rdfs:range", "ans:B"),
        ("ans:q", "rdfs:range", "ans:C"),
    } == closure(project)


@pytest.mark.slow
def test_what_is_left_out_before_closing_orders_nothing():
    read = inputs.read(PROJECT).sources
    whole = Graph()
    for source in read:
        if source.kind == "ontology" and not source.name.startswith("ontology/schemes/"):
            whole.parse(data=source.data, format="turtle")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(whole)
    lines = {
        f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in whole if p in inference._ORDERING and inference._orders(s, o)
    }
    assert lines == set(inference.close_ontology(read).decode().splitlines())


def rule(name, triples, where):
    """Write a rule."""
    return QueryFile(name, f"PREFIX : <urn:x:>\nCONSTRUCT {{ {triples} }} WHERE {{ {where} }}")


NEW = rule("new.rq", "?new :a :b", "BIND (IRI(CONCAT('urn:', STRUUID())) AS ?new)")


@pytest.fixture
def chain():
    """Make a store in which :x leads to :y, and that on to :z."""
    with Store.memory() as store:
        store.load(b"@prefix : <urn:x:> . :x :a :y . :y :next :z .", format="ttl", graph="urn:g", source="g")
        store.copy_named_into_default()
        yield store


def holds(store, triples):
    """Whether the default graph has some triples."""
    return store.ask(f"PREFIX : <urn:x:> ASK {{ {triples} }}")


def test_rules_that_never_rest_are_an_error(chain, monkeypatch):
    monkeypatch.setattr(inference, "MAX_ROUNDS", 5)
    with pytest.raises(BuildError, match="still add triples after 5 rounds"):
        inference.close(chain, [NEW])


@pytest.mark.parametrize(
    ("text", "error", "place"),
    [
        ("CONSTRUCT { ?x a ?y }\nWHERE { ?x a }", QuerySyntaxError, ":2:"),
        ("\nINSERT { ?x a ?y } WHERE { ?x a ?y }", QuerySyntaxError, ":2:"),
        ("SELECT * { ?x a ?y }", QueryRefused, ": The query is no CONSTRUCT"),
    ],
)
def test_a_rule_that_is_no_construct_is_named_with_its_line(text, error, place):
    with Store.memory() as store, pytest.raises(error, match=rf"^broken\.rq{place}"):
        inference.run(store, [QueryFile("broken.rq", text)], terms.LINKS)


def test_rules_run_in_the_order_of_their_names(project):
    project.write("queries/rules/links/09-first.rq", "")
    names = [rule.name.rpartition("/")[2] for rule in inputs.read(project.root).folder("rules/links")]
    assert ["09-first.rq", "10-leads.rq"] == names


def test_a_rule_sees_what_an_earlier_rule_gave_and_its_triples_stand_in_two_graphs(chain):
    inference.run(chain, [rule("10.rq", "?x :b ?y", "?x :a ?y"), rule("20.rq", "?x :c ?y", "?x :b ?y")], terms.LINKS)
    assert 2 == chain.count(terms.LINKS)
    assert holds(chain, f":x :b :y ; :c :y GRAPH <{terms.LINKS}> {{ :x :b :y ; :c :y }}")


def test_the_links_are_made_once_between_two_closures(chain):
    owl = [rule("owl.rq", "?x :far ?y", "?x :a|:near|:far/:next ?y")]
    links = [rule("10.rq", "?x :near ?y", "?x :far ?y FILTER NOT EXISTS { ?y :next ?z }"), NEW]
    inference.derive(chain, owl, links)
    assert holds(chain, ":x :far :y , :z ; :near :z")
    assert (3, 2) == (chain.count(terms.INFERRED), chain.count(terms.LINKS))


def graph_of(store, keep):
    """Read the named graphs of a store that `keep` accepts into one rdflib graph."""
    graph = Graph()
    for name in filter(keep, store.graphs()):
        graph.parse(data=store.dump(name), format="nt")
    return graph


def entailed_about_ours(graph, stated):
    """Keep what is said of our things, in words of the vocabularies, beyond what is stated."""
    builtin = (str(RDF), str(RDFS), str(OWL))
    return {
        (s, p, o)
        for s, p, o in graph
        if isinstance(s, URIRef)
        and str(s).startswith(terms.ID)
        and (p == RDF.type or not str(p).startswith(builtin))
        and not isinstance(o, BNode)
        and o not in (OWL.Thing, RDFS.Resource)
        and not (isinstance(o, URIRef) and p == RDF.type and str(o).startswith((str(RDFS), str(OWL))))
        and (s, p, o) not in stated
    }


@pytest.fixture(scope="module")
def derived(world):
    """Open the release of the frozen graph, with all that the build derived."""
    with Store.open(world.store_path) as store:
        yield store


@pytest.fixture(scope="module")
def closed(derived):
    """Close by owlrl all that the release states; what is stated, and all that follows."""
    stated = graph_of(derived, lambda name: not name.startswith((terms.INFERRED, terms.GRAPH + "shapes")))
    closed = Graph()
    for triple in stated:
        closed.add(triple)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(closed)
    return stated, closed


@pytest.mark.slow
def test_the_ontology_and_the_frozen_graph_hold_no_contradiction(closed):
    assert set() == clashes(closed[1])


@pytest.mark.slow
def test_the_engine_infers_what_owlrl_does_over_the_frozen_graph(derived, closed):
    stated, closed = closed
    inferred = graph_of(derived, lambda name: name == terms.INFERRED)
    theirs = entailed_about_ours(closed, stated)
    ours = entailed_about_ours(inferred, Graph())
    # owlrl writes some literals anew, such as "1"^^xsd:int beside "1"^^xsd:integer: equal values are no entailment here.
    theirs = {
        (s, p, o) for s, p, o in theirs if not isinstance(o, Literal) or (s, p, o) in ours or not same(o, s, p, stated)
    }
    assert (set(), set()) == (ours - theirs, theirs - ours)
    assert len(ours) > 1000


def same(literal, subject, predicate, graph):
    """Tell whether a graph gives a thing the same value, written otherwise, for a property."""
    return any(
        isinstance(o, Literal) and o.eq(literal)
        for o in graph.objects(subject, predicate)
        if o.datatype == literal.datatype
    )


def test_nothing_inferred_is_stated_or_linked_too(derived):
    doubled = derived.select(
        f"SELECT ?s ?p ?o ?g {{ GRAPH <{terms.INFERRED}> {{ ?s ?p ?o }} GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{terms.INFERRED}>) }}"
    )
    assert [] == list(doubled)


RULES = [inputs.read_queries(PROJECT, f"rules/{kind}") for kind in ("owl", "links")]


def test_a_rule_states_its_triples_once():
    for written in (one for rules in RULES for one in rules):
        assert 1 == len(re.findall(r"^CONSTRUCT \{$", written.text, re.MULTILINE)), written.name
        assert "GRAPH" not in written.text, written.name


@pytest.mark.parametrize("name", ["world", pytest.param("shipped", marks=pytest.mark.whole)])
def test_a_second_round_of_all_rules_adds_nothing(name, request):
    store = pyoxigraph.Store.read_only(str(request.getfixturevalue(name).store_path))
    for rules, graph in zip(RULES, (terms.INFERRED, terms.LINKS), strict=True):
        of_rules = pyoxigraph.NamedNode(graph)
        for written in rules:
            assert [] == [one for one in store.query(written.text) if pyoxigraph.Quad(*one, of_rules) not in store]
        derived = f"GRAPH <{graph}> {{ ?s ?p ?o }}"
        assert not store.query(f"ASK {{ {derived} FILTER NOT EXISTS {{ ?s ?p ?o }} }}")
        (counted,) = store.query(f"SELECT (COUNT(*) AS ?n) {{ {derived} }}")
        assert 100 < int(counted["n"].value)

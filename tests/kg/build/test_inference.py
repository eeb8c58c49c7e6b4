"""Inference: the rules in the engine and owlrl entail the same over the frozen graph, and links and reasoning take turns until both rest."""

import io
import random

import owlrl
import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef

from kg import terms
from kg.build import inference, inputs
from kg.build.inputs import QueryFile
from kg.config import PROJECT
from kg.errors import BuildError, QuerySyntaxError
from kg.store import Store

ANS = terms.VOCABULARY


def closure(project):
    """Close a project's ontology; the triples as (subject, property, object), shortened."""
    lines = inference.close_ontology(inputs.read_sources(project.root)).decode().splitlines()
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


def test_the_closed_ontology_is_the_same_bytes_each_time(project):
    read = inputs.read_sources(project.root)
    assert inference.close_ontology(read) == inference.close_ontology(read)


@pytest.mark.slow
def test_what_is_left_out_before_closing_orders_nothing():
    read = inputs.read_sources(PROJECT)
    whole = Graph()
    for source in read:
        if source.kind == "ontology" and not source.name.startswith("ontology/schemes/"):
            whole.parse(data=source.data, format="turtle")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(whole)
    lines = {
        f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in whole if p in inference._ORDERING and inference._orders(s, o)
    }
    assert lines == set(inference.close_ontology(read).decode().splitlines())


@pytest.mark.slow
def test_rounds_that_look_at_what_changed_alone_derive_the_same():
    sources = [one for one in inputs.read_sources(PROJECT) if one.kind == "ontology"]
    rules = inputs.read_queries(PROJECT, "rules/owl")
    assert 3 == sum(inference._CHANGED.search(rule.text) is not None for rule in rules)
    chance = random.Random(10)
    with Store.memory() as store, Store.memory() as other:
        for one in (store, other):
            inputs.load(one, sources)
            one.load(inference.close_ontology(sources), format="nt", graph=inference.ONTOLOGY_CLOSURE, source="closure")
            one.copy_named_into_default()
        used = "{ ?x a owl:ObjectProperty } UNION { ?x a owl:Class }"
        rows = store.select(
            f"PREFIX owl: <{OWL}> SELECT ?x (STR(?kind) AS ?of) {{ {used} ?x a ?kind FILTER(ISIRI(?x)) }}"
        )
        known = [(row[0], row[1].value == str(OWL.Class)) for row in rows if row[0].value.startswith(ANS)]
        things = [terms.Iri(f"{terms.ID}thing/{number}") for number in range(12)]
        narrow = inference.Reasoning(store, rules)
        for _ in range(12):
            more = [
                (chance.choice(things), terms.Iri(str(RDF.type)), what)
                if is_class
                else (chance.choice(things), what, chance.choice(things))
                for what, is_class in chance.sample(sorted(known, key=str), 18)
            ]
            for one in (store, other):
                one.add([(*triple, graph) for triple in more for graph in (None, terms.LINKS)])
            assert inference.Reasoning(other, rules)() == narrow()
            assert everything(other) == everything(store)
        assert store.count(terms.INFERRED) > 100


def everything(store):
    """List what a store has inferred."""
    output = io.BytesIO()
    store.dump(output, format="nt", graph=terms.INFERRED)
    return sorted(output.getvalue().splitlines())


def test_rules_that_never_rest_are_an_error(monkeypatch):
    monkeypatch.setattr(inference, "MAX_OWL_ROUNDS", 5)
    text = f"INSERT {{ GRAPH <{terms.INFERRED}> {{ ?new a <{ANS}Event> }} }} WHERE {{ BIND (IRI(CONCAT('urn:', STRUUID())) AS ?new) }}"
    with Store.memory() as store, pytest.raises(BuildError, match="still add triples after 5 rounds"):
        inference.Reasoning(store, [QueryFile("endless.rq", text)])()


def test_a_rule_that_does_not_parse_is_named_with_its_line():
    with Store.memory() as store, pytest.raises(QuerySyntaxError, match=r"^broken\.rq:2:"):
        inference.Reasoning(store, [QueryFile("broken.rq", "INSERT { ?x a ?y }\nWHERE { ?x a }")])()


def test_rules_run_in_the_order_of_their_names(project):
    project.write("queries/rules/links/09-first.rq", "")
    names = [rule.name.rpartition("/")[2] for rule in inputs.read(project.root).folder("rules/links")]
    assert ["09-first.rq", "10-leads.rq"] == names


P = "PREFIX : <urn:x:>\n"


def insert(graph, what, where):
    """Write a rule that inserts a triple into the default graph and a named one."""
    return f"{P}INSERT {{ {what} GRAPH <{graph}> {{ {what} }} }} WHERE {{ {where} }}"


def store_with(triples):
    """Make a store with triples in its default graph."""
    store = Store.memory()
    store.update(f"{P}INSERT DATA {{ {triples} }}")
    return store


def test_links_feed_reasoning_and_reasoning_feeds_links():
    owl = QueryFile("owl.rq", insert(terms.INFERRED, "?x :inferred ?n .", "?x :linked ?n"))
    links = QueryFile("10.rq", insert(terms.LINKS, "?x :linked ?m .", "?x :inferred ?n . ?n :next ?m"))
    with store_with(":a :linked :n0 . :n0 :next :n1 . :n1 :next :n2 .") as store:
        found = inference.link(store, [links], lambda: inference.run(store, [owl], terms.INFERRED))
        assert (3, 2) == found
        assert store.ask(P + "ASK { :a :linked :n2 ; :inferred :n2 }")


def test_a_rule_sees_what_an_earlier_rule_linked_in_the_same_round():
    first = QueryFile("10.rq", insert(terms.LINKS, "?x :b ?y .", "?x :a ?y"))
    second = QueryFile("20.rq", insert(terms.LINKS, "?x :c ?y .", "?x :b ?y"))
    with store_with(":x :a :y .") as store:
        rounds = []
        assert (0, 2) == inference.link(store, [first, second], lambda: rounds.append(1) or 0)
        assert 2 == len(rounds)


def test_links_that_never_rest_are_an_error():
    endless = QueryFile("10.rq", insert(terms.LINKS, "?new :a :b .", "BIND (IRI(CONCAT('urn:', STRUUID())) AS ?new)"))
    with store_with(":x :a :y .") as store, pytest.raises(BuildError, match="after 10 rounds"):
        inference.link(store, [endless], lambda: 0)


def graph_of(store, keep):
    """Read the named graphs of a store that `keep` accepts into one rdflib graph."""
    graph = Graph()
    for name in filter(keep, store.graphs()):
        output = io.BytesIO()
        store.dump(output, format="nt", graph=name)
        graph.parse(data=output.getvalue(), format="nt")
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


@pytest.mark.slow  # owlrl closes the whole frozen graph
def test_the_engine_infers_what_owlrl_does_over_the_frozen_graph(derived):
    stated = graph_of(derived, lambda name: not name.startswith((terms.INFERRED, terms.GRAPH + "shapes")))
    inferred = graph_of(derived, lambda name: name == terms.INFERRED)
    closed = Graph()
    for triple in stated:
        closed.add(triple)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(closed)
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


def test_a_rule_that_runs_in_the_first_round_alone_has_nothing_to_add_after_the_last(derived):
    once = [rule for rule in inputs.read_queries(PROJECT, "rules/links") if "\n#+ once: " in rule.text]
    assert once
    lines = io.BytesIO()
    derived.dump(lines, format="nq")
    with Store.memory() as store:
        store.fill(lines.getvalue(), format="nq")
        store.copy_named_into_default()
        before = store.count(terms.LINKS)
        assert before == inference.run(store, once, terms.LINKS)


def test_a_rule_that_runs_once_is_left_out_of_the_later_rounds():
    early = insert(terms.LINKS, "?x :early ?y .", "?x :late ?y")
    late = QueryFile("20.rq", insert(terms.LINKS, "?x :late ?y .", "?x :a ?y"))
    for text, found in ((early, 2), (f"#+ once: no rule after it feeds it\n{early}", 1)):
        with store_with(":x :a :y .") as store:
            assert (0, found) == inference.link(store, [QueryFile("10.rq", text), late], lambda: 0)

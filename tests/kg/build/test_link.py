"""Linking: rules in order, in turn with reasoning, until both rest."""

import pytest

from kg import terms
from kg.build import link, rules
from kg.build.rules import Rule
from kg.errors import BuildError
from kg.store import Store

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
    owl = Rule("owl.rq", insert(terms.INFERRED, "?x :inferred ?n .", "?x :linked ?n"))
    links = Rule("10.rq", insert(terms.LINKS, "?x :linked ?m .", "?x :inferred ?n . ?n :next ?m"))
    with store_with(":a :linked :n0 . :n0 :next :n1 . :n1 :next :n2 .") as store:
        found = link.link(store, [links], lambda: rules.run(store, [owl], terms.INFERRED))
        assert (3, 2) == found
        assert store.query(P + "ASK { :a :linked :n2 ; :inferred :n2 }")


def test_a_rule_sees_what_an_earlier_rule_linked_in_the_same_round():
    first = Rule("10.rq", insert(terms.LINKS, "?x :b ?y .", "?x :a ?y"))
    second = Rule("20.rq", insert(terms.LINKS, "?x :c ?y .", "?x :b ?y"))
    with store_with(":x :a :y .") as store:
        rounds = []
        assert (0, 2) == link.link(store, [first, second], lambda: rounds.append(1) or 0)
        assert 2 == len(rounds)


def test_links_that_never_rest_are_an_error():
    endless = Rule("10.rq", insert(terms.LINKS, "?new :a :b .", "BIND (IRI(CONCAT('urn:', STRUUID())) AS ?new)"))
    with store_with(":x :a :y .") as store, pytest.raises(BuildError, match="after 10 rounds"):
        link.link(store, [endless], lambda: 0)

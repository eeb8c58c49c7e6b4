"""Turtle for people: in order, short, and the same triples when it is read again."""

from kg import terms
from kg.store import Store
from kg.store.rdf import write_turtle
from kg.terms import Iri, Literal

EVENT, TRIAL = Iri(terms.ID + "event/strike"), Iri(terms.ID + "event/trial")
A, NAME, PART = (Iri(terms.PREFIXES[p] + n) for p, n in (("rdf", "type"), ("skos", "prefLabel"), ("ans", "isPartOf")))
TRIPLES = [
    (TRIAL, A, Iri(terms.term("Trial"))),
    (TRIAL, NAME, Literal('A "trial"\nin two\tlines \\ .\n<x>', language="en")),
    (TRIAL, PART, EVENT),
    (EVENT, A, Iri(terms.term("Event"))),
]


def test_what_is_written_reads_as_the_same_triples_whatever_stands_in_a_text():
    with Store.memory() as store:
        store.load(write_turtle(TRIPLES, "About\nit.").encode(), format="ttl", graph="urn:x:g", source="it")
        rows = store.select("SELECT ?s ?p ?o { GRAPH <urn:x:g> { ?s ?p ?o } }")
        assert set(TRIPLES) == set(rows)


def test_a_file_has_a_head_a_comment_and_a_description_for_each_thing_and_a_part_of_one_has_no_head():
    assert write_turtle(TRIPLES, head=False).startswith("<id/event/trial> a ans:Trial ;\n")
    text = write_turtle(TRIPLES, "About\nit.")
    assert "@prefix ans: <ontology#> ." in text or f"@prefix ans: <{terms.VOCABULARY}> ." in text
    assert f"@base <{terms.BASE}> ." in text
    assert "\n# About\n# it.\n\n<id/event/trial> a ans:Trial ;\n    skos:prefLabel " in text
    assert text.endswith(" ;\n    ans:isPartOf <id/event/strike> .\n\n<id/event/strike> a ans:Event .\n")

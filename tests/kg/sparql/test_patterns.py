"""What the pattern of a query looks for, as it is read from its tokens."""

import pytest

from kg import terms
from kg.config import PROJECT
from kg.sparql.patterns import Bind, Wanted, read_pattern
from kg.sparql.tokens import scan
from kg.terms import Literal

XSD = terms.PREFIXES["xsd"]
HEAD = f"PREFIX e: <e:> PREFIX xsd: <{XSD}> "
QUERIES = [path.read_text(encoding="utf-8") for path in sorted((PROJECT / "queries").rglob("*.rq"))]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('SELECT * { ?s e:p "a" , "b"@EN-gb ; e:q 5 , 2.5 ; e:r true }', "e:p a e:p b@en-gb e:q 5^integer e:q 2.5^decimal"),
        ('ASK { ?s e:p "2011"^^xsd:gYear . ?t e:q "x"^^xsd:string }', "e:p 2011^gYear e:q x"),
        ('ASK { [ e:p "a" ; e:q [ e:r "b" ] ; e:s "c" ] e:t "d" }', "e:p a e:r b e:s c e:t d"),
        ('ASK { ?s e:p/e:q "a" ; e:p|e:q "b" ; ^e:p "c" ; (e:p) "d" ; e:p+ "e" ; ?p "f" ; e:p/^e:q "g" }', "e:q a e:p e"),
        ('ASK { ?s e:p ?v FILTER (?v = "a") FILTER regex(?v, "b") ?s e:q "c" }', "e:q c e:p a"),
        ('ASK { ?s e:p ?v FILTER (?v > "a" && "b" < ?v && ?v != "c" && ?v <= 5) }', "e:p <a e:p <5^integer"),
        ('ASK { ?s e:p ?v VALUES ?v { "a" 5 } FILTER (?v IN ("b") && ?v NOT IN ("c")) }', "e:p a e:p 5^integer e:p b"),
        ('ASK { VALUES (?v ?w) { (e:p "a") } GRAPH e:g { ?s e:p "b" } OPTIONAL { ?s e:q "c" } }', "e:p b e:q c"),
        ('CONSTRUCT { ?s e:p "a" } WHERE { { SELECT ?s (MAX("b") AS ?m) { ?s e:q "c" } GROUP BY ?s LIMIT 1 } }', "e:q c"),
        ('ASK { FILTER NOT EXISTS { ?s e:p "a" } MINUS { ?s e:q "b" } BIND ("c" AS ?w) ?s e:r ?w }', "e:p a e:q b e:r c"),
        ('ASK { ?s e:p ( "a" "b" ) ; e:q "c" }', "e:q c"),
    ],
)  # fmt: skip
def test_the_values_that_a_query_wants_are_read_with_their_properties(query, wanted):
    def write(one: Wanted) -> str:
        value: Literal = one.value
        kind = (
            f"^{value.datatype.removeprefix(XSD)}" if value.datatype else f"@{value.language}" if value.language else ""
        )
        return f"{one.property} {'<' * one.is_bound}{value.value}{kind}"

    read = [write(one) for one in read_pattern(HEAD + query).wanted if one.value.datatype != XSD + "boolean"]
    assert wanted == " ".join(read)


def test_all_properties_of_a_pattern_are_read_and_none_of_a_template():
    query = HEAD + "CONSTRUCT { ?s e:no ?o } WHERE { ?s a e:C ; e:p/(e:q|!e:r)* ?o FILTER EXISTS { e:s e:t ?p } }"
    assert (terms.PREFIXES["rdf"] + "type", "e:p", "e:q", "e:r", "e:t") == read_pattern(query).properties


def test_things_and_graphs_of_ours_are_read_wherever_they_stand():
    query = (
        "SELECT * FROM <graph/a> { <id/act/x> ?p ?y FILTER (?y = <id/act/z>) GRAPH <graph/b> { ?s a <ontology#Act> } }"
    )
    assert ["graph/a", "id/act/x", "id/act/z", "graph/b"] == [*map(terms.short_iri, read_pattern(query).things)]


@pytest.mark.parametrize(
    ("query", "early"),
    [
        ("SELECT * { BIND (?a + ?b AS ?c) ?s ?a ?o }", [Bind("?c", "?a")]),
        ("SELECT * { ?s ?a ?o OPTIONAL { BIND (?a AS ?c) } }", [Bind("?c", "?a")]),
        ("SELECT * { BIND (<e:x> AS ?c) { ?c ?p ?o } UNION { ?s ?p ?c } }", [Bind("?c", "")]),
        ("SELECT * { { BIND (<e:x> AS ?c) } ?c ?p ?o }", []),
        ("SELECT * { ?s ?a ?o BIND (?a AS ?c) ?c ?p ?q }", []),
        ("SELECT * { ?s ?p ?a FILTER NOT EXISTS { BIND (?a AS ?c) ?c ?p ?q } }", []),
        ("SELECT * { BIND (COALESCE(?a, 1) AS ?c) ?s ?p ?a }", []),
        ("SELECT ?c ?none { BIND (IF(?c > 1, ?none, 1) AS ?d) ?s ?p ?o FILTER (?none) }", []),
    ],
)
def test_bind_clauses_that_stand_too_early_are_read(query, early):
    assert early == [*read_pattern(query).early]


def test_no_query_of_ours_has_a_variable_bound_too_early():
    assert len(QUERIES) > 300
    assert [] == [text for text in QUERIES if any(bind.missing for bind in read_pattern(text).early)]


@pytest.mark.slow
def test_a_text_that_ends_anywhere_is_read_to_its_end():
    for text in (
        max(QUERIES, key=len),
        HEAD + 'ASK { ?s e:p "a"^^e:d ; (e:q/^e:r)* [ e:p ( 1 ) ] . BIND (1 AS ?x) VALUES ?y { "b" } }',
    ):
        ends = [token.end for token in scan(text)]
        assert [None] * len(ends) == [read_pattern(text[:end]) and None for end in ends]

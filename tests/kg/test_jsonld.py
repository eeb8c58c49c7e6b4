"""A compacted document has the triples of the expanded one, whatever its values, and the names of the context where they fit."""

import json
import time

import pyoxigraph as ox
import pytest
from pyld import jsonld

from kg import terms
from kg.config import PROJECT
from kg.jsonld import FOLDER, Compactor
from kg.store.sanitiser import SCHEMES
from tests.turtle import HEAD
from tools.context import version_of, write_context

FILES = sorted((PROJECT / "ontology").rglob("*.ttl"))
ADDRESS = "https://partner.example/context"
FIRST = terms.ID + "act/x"


@pytest.fixture(scope="module")
def context():
    return write_context(FILES)


@pytest.fixture(scope="module")
def compactor(context):
    return Compactor(context["@context"])


def expand(turtle):
    """Write Turtle as the engine writes JSON-LD."""
    triples = list(ox.parse(HEAD + turtle, ox.RdfFormat.TURTLE))
    return set(map(str, triples)), json.loads(ox.serialize(triples, format=ox.RdfFormat.JSON_LD))


def triples_of(document, context):
    """Read a document with another implementation."""
    load = lambda address, options: {"documentUrl": address, "contextUrl": None, "document": context}
    quads = jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": load})
    return {str(quad.triple) for quad in ox.parse(quads, ox.RdfFormat.N_QUADS)}


def test_the_context_that_is_served_is_made_from_the_ontology(context):
    assert context == json.loads((FOLDER / f"{version_of(FILES)}.jsonld").read_text(encoding="utf-8")), (
        "The ontology has changed: raise its version where a name means something else, then run python -m tools.context"
    )


def test_the_context_names_each_term_with_the_type_of_its_values(context):
    named = context["@context"]
    assert "ans:Act" == named["Act"]
    assert {"@id": "ans:hasVictim", "@type": "@id", "@container": "@set"} == named["hasVictim"]
    assert {"@id": "ans:beginsOn", "@type": "xsd:date"} == named["beginsOn"]
    assert {"@id": "ans:date"} == named["date"]  # a day, a month or a year
    assert {"@id": "ans:paraphrase", "@container": "@language"} == named["paraphrase"]
    assert {"@id": "skos:prefLabel", "@container": "@language"} == named["prefLabel"]
    assert {"@id": "skos:broader", "@type": "@id", "@container": "@set"} == named["broader"]


VALUES = {
    "names of things": "<id/act/x> a ans:Killing , ans:Act ; ans:hasVictim <id/group/g> , <id/group/h> .",
    "a class that others define": "<id/act/x> a ans:Event , <https://schema.org/Event> , <http://a.example/Kind> .",
    "texts in languages": '<id/act/x> skos:prefLabel "a"@en , "б"@ru , "в"@ru ; skos:altLabel "c"@en .',
    "a text without a language": '<id/act/x> skos:prefLabel "plain" , "a"@en ; ans:description "none" .',
    "dates of each precision": '<id/act/x> ans:date "2011-06"^^xsd:gYearMonth , "2011-06-02"^^xsd:date , "2011"^^xsd:gYear .',
    "a type that the name does not say": '<id/act/x> ans:beginsOn "2011-06"^^xsd:gYearMonth , "2011-06-02"^^xsd:date .',
    "a text where a thing is wanted": '<id/act/x> ans:hasVictim "somebody" , <id/group/g> , "jemand"@de .',
    "a thing where a text is wanted": "<id/act/x> ans:paraphrase <id/group/g> ; ans:beginsOn <id/group/g> ; ans:date <id/group/g> .",
    "numbers": '<id/figure/x> ans:value 14 , 14.50 , "014"^^xsd:integer ; ans:printedCount 14 , "+3"^^xsd:integer, -2 .',
    "a large number": "<id/figure/x> ans:printedCount 99999999999999999999 .",
    "yes and no": '<id/provision/x> ans:bearsDuty true ; ans:isOptional false , "1"^^xsd:boolean .',
    "decimals": '<id/place/x> ans:latitude 43.30 , "1.0E1"^^xsd:double .',
    "a property of nobody we know": '<id/act/x> <http://a.example/p> "x" , 3 , <http://a.example/y> , "z"^^<http://a.example/t> .',
    "a property with a name of ours": '<id/act/x> dcterms:date "2011"^^xsd:gYear ; dcterms:isReplacedBy <id/act/y> ; dcterms:license <urn:l> .',
    "blank nodes": "<id/act/x> ans:hasVictim [ a ans:PersonGroup ; skos:prefLabel 'g'@en ] .",
    "signs": r"""<id/act/x> ans:description "a \"b\" \\ \n c"@en ; ans:symbol "A/1", "" .""",
    "an IRI that cannot be written short": "<id/act/x> ans:hasVictim <urn:x:y> ; <http://purl.org/dc/terms//x> 'y' .",
    "a type that is no IRI": "<id/act/x> a [] .",
}


@pytest.mark.parametrize("turtle", VALUES.values(), ids=VALUES.keys())
def test_whoever_expands_the_document_has_the_same_triples(compactor, context, turtle):
    triples, nodes = expand(turtle)
    document = json.loads(json.dumps(compactor.document(ADDRESS, nodes, FIRST)))
    found = triples_of(document, context)
    if "[" in turtle:  # the labels of blank nodes are anybody's
        found, triples = ({"_" if "_:" in one else one for one in listed} for listed in (found, triples))
    assert triples == found


def test_no_prefix_of_the_context_is_a_scheme_that_data_may_use(context):
    assert set() == set(SCHEMES) & {*context["@context"]}  # JSON-LD would take such an IRI for a short one


def test_a_document_reads_as_its_context_says(compactor):
    _, nodes = expand(
        '<id/act/a> skos:prefLabel "first"@en . <id/act/x> a ans:Act , <https://schema.org/Action> ; ans:hasVictim <id/group/g> ; '
        'skos:prefLabel "x"@en ; ans:date "2011-06"^^xsd:gYearMonth ; ans:beginsOn "2011-06-01"^^xsd:date ; ans:isCurrent true .'
    )
    document = compactor.document(ADDRESS, nodes, FIRST)
    assert ADDRESS == document["@context"]
    assert {
        "@id": FIRST,
        "@type": ["Act", "schema:Action"],
        "hasVictim": [terms.ID + "group/g"],
        "prefLabel": {"en": "x"},
        "date": {"@type": "xsd:gYearMonth", "@value": "2011-06"},
        "beginsOn": "2011-06-01",
        "isCurrent": True,
    } == document["@graph"][0]
    assert 2 == len(document["@graph"])


def test_three_thousand_triples_take_no_more_than_a_fifth_of_a_second(compactor):
    lines = (
        f'<id/act/{n}> a ans:Act ; ans:hasVictim <id/group/{n}> ; skos:prefLabel "act {n}"@en , "{n}"@ru ; ans:beginsOn "2011-06-01"^^xsd:date .'
        for n in range(600)
    )
    triples, nodes = expand("\n".join(lines))
    assert 3000 == len(triples)
    began = time.thread_time()
    json.dumps(compactor.document(ADDRESS, nodes, FIRST))
    assert 0.2 > time.thread_time() - began

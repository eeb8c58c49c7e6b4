"""The templates of the catalogue are filled with terms, never with text, and what has no value is left out."""

from collections import Counter

from rdflib import DCTERMS, PROV, RDF, Graph, Literal, Namespace, URIRef

from kg import catalogue, terms
from kg.catalogue import File, ReleaseFacts, ServerFacts
from kg.languages import LANGUAGES

DCAT = Namespace("http://www.w3.org/ns/dcat#")
VOID = Namespace("http://rdfs.org/ns/void#")
DATASET = URIRef(catalogue.DATASET)
NAME = 'a "quoted" ?id { } \\ <x>'
DUMP = File("dumps/answerable.nq.gz", "application/n-quads", 10, "0" * 64)
PARTS = {"class": {"https://example.org/C": 3}, "property": {"https://example.org/p": 2, "https://example.org/q": 0}}


def facts(**more):
    """Make the facts of a release."""
    return ReleaseFacts("20260101-00000000", "", "2026-01-01T00:00:00.000Z", 7, [DUMP], **more)


def graph(triples):
    """Write triples as Turtle, and read them again."""
    return Graph().parse(data=catalogue.write(triples, "ttl"), format="turtle")


def test_whatever_stands_in_a_fact_is_one_term():
    data = graph(catalogue.describe_release(facts(inputs=[NAME, "data/a.ttl"]), ServerFacts(operator=NAME)))
    assert Literal(NAME) in set(data.objects())
    used = set(data.objects(None, PROV.used))
    assert {URIRef(f"{terms.RELEASE}20260101-00000000#input/data/a.ttl")} == used  # the other is no IRI


def test_what_has_no_value_is_left_out():
    data = graph(catalogue.describe_release(facts()))
    assert [] == [*data.objects(None, DCAT.previousVersion)]
    assert [] == [*data.objects(None, PROV.startedAtTime)]
    data = graph(catalogue.describe_release(facts(before="20250101-00000000")))
    assert [URIRef(terms.RELEASE + "20250101-00000000")] == [*data.objects(None, DCAT.previousVersion)]


def test_the_data_set_has_each_language_of_the_house_and_texts_in_them():
    data = graph(catalogue.describe_dataset(facts(), [facts()]))
    assert len(LANGUAGES) == len([*data.objects(DATASET, DCTERMS.language)])
    assert {*LANGUAGES} == {text.language for text in data.objects(DATASET, DCTERMS.description)}


def test_how_often_terms_are_used_is_read_again_as_it_was_written():
    parts = {kind: Counter(counts) for kind, counts in PARTS.items()}
    text = catalogue.write(catalogue.describe(parts, facts()), "ttl")
    again, started = catalogue.read(text)
    assert ({kind: +counts for kind, counts in parts.items()}, "") == (again, started)
    data = Graph().parse(data=text, format="turtle")
    assert (1, 1) == (data.value(DATASET, VOID.classes).toPython(), data.value(DATASET, VOID.properties).toPython())
    assert 2 == len([*data.subjects(RDF.type, VOID.Dataset)]) - 1

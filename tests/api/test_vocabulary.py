"""The ontology and the shapes as documents: each stands by itself, answers at its versions, and works as its page says."""

import re
import shlex
import subprocess
import sys
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import DCTERMS, FOAF, OWL, RDF, RDFS, SH, SKOS, VANN, Graph, Literal, URIRef

from kg import terms
from kg.config import PROJECT
from kg.languages import LANGUAGES
from tests import frozen
from tests.turtle import parse

ONTOLOGY, SHAPES = URIRef(terms.ONTOLOGY), URIRef(terms.BASE + "shapes")
MODULES = ("core", "events", "statements", "obligations", "procedures", "alignments", "deprecated")
TERMS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def read(client, path, suffix="ttl"):
    answer = client.get(f"{path}.{suffix}")
    assert 200 == answer.status_code, path
    return Graph().parse(data=answer.content, format={"ttl": "turtle", "rdf": "xml", "nt": "nt"}[suffix])


def ours(graph, *kinds):
    return {term for kind in kinds for term in graph.subjects(RDF.type, kind) if term.startswith(terms.VOCABULARY)}


@pytest.fixture(scope="module")
def ontology(client):
    return read(client, "/ontology")


@pytest.fixture(scope="module")
def shapes(client):
    return read(client, "/shapes")


# The documents


@pytest.mark.parametrize("suffix", ["ttl", "rdf"])
def test_the_ontology_as_a_whole_is_one_document_that_imports_nothing(client, suffix):
    whole = read(client, "/ontology", suffix)
    assert {ONTOLOGY} == set(whole.subjects(RDF.type, OWL.Ontology))
    assert set() == set(whole.objects(None, OWL.imports))
    assert {URIRef(f"{ONTOLOGY}/{name}") for name in MODULES} == set(whole.objects(ONTOLOGY, DCTERMS.hasPart))


@pytest.mark.parametrize("name", ["", *MODULES])
def test_every_term_and_concept_has_the_label_that_tools_for_owl_read(client, name):
    graph = read(client, f"/ontology/{name}" if name else "/ontology")
    named = set(graph.subject_objects(SKOS.prefLabel))
    assert named and named == set(graph.subject_objects(RDFS.label))
    assert ours(graph, *TERMS) <= {term for term, _ in named}


@pytest.mark.parametrize("path", ["/ontology", "/scheme", "/scheme/right"])
def test_the_labels_of_concepts_come_in_every_language_of_the_pages(client, path):
    graph = read(client, path)
    for property in (SKOS.prefLabel, RDFS.label):
        for concept in graph.subjects(RDF.type, SKOS.Concept):
            assert {*LANGUAGES} == {text.language for text in graph.objects(concept, property)}, (concept, property)
    life = {text.language: str(text) for text in graph.objects(URIRef(terms.SCHEME + "right/life"), SKOS.prefLabel)}
    assert {"en": "right to life", "ru": "право на жизнь"}.items() <= life.items()


def test_whatever_the_ontology_names_is_declared_in_it(ontology):
    declared = set(ontology.subjects(RDF.type, None))
    used = {one for one in ontology.predicates() if not any(one in space for space in (RDF, RDFS, OWL))}
    assert used and set() == used - declared
    for axiom in (RDFS.subClassOf, RDFS.subPropertyOf):
        assert set() == {term for term in ontology.objects(None, axiom) if isinstance(term, URIRef)} - declared
    kinds = {kind for kind in ontology.objects(None, RDF.type) if kind not in OWL}
    assert {SKOS.Concept, SKOS.ConceptScheme, FOAF.Document} == kinds <= set(ontology.subjects(RDF.type, OWL.Class))
    concepts = set(ontology.subjects(RDF.type, SKOS.Concept))
    assert concepts and concepts <= set(ontology.subjects(RDF.type, OWL.NamedIndividual))


@pytest.mark.parametrize("path", ["/ontology", *(f"/ontology/{name}" for name in MODULES), "/shapes", "/shapes/house"])
def test_each_document_has_a_header_with_title_maker_licence_and_a_version_that_answers(client, path):
    graph, iri = read(client, path), URIRef(terms.BASE + path[1:])
    assert {iri} == set(graph.subjects(RDF.type, OWL.Ontology))
    for said in (DCTERMS.title, DCTERMS.description, DCTERMS.creator, SKOS.definition, RDFS.label):
        assert "en" == graph.value(iri, said).language, said
    assert URIRef(terms.LICENCE) == graph.value(iri, DCTERMS.license)
    version = graph.value(iri, OWL.versionIRI)
    assert f"{iri}/{graph.value(iri, OWL.versionInfo)}" == str(version)
    answer = client.get("/" + version.removeprefix(terms.BASE))
    assert (303, path) == (answer.status_code, answer.headers["location"])


def test_the_ontology_and_the_shapes_say_their_prefix(ontology, shapes):
    for graph, iri, prefix in ((ontology, ONTOLOGY, "ans"), (shapes, SHAPES, "shape")):
        assert Literal(prefix) == graph.value(iri, VANN.preferredNamespacePrefix)
        assert str(iri) + "#" == str(graph.value(iri, VANN.preferredNamespaceUri))


def test_the_shapes_of_the_vocabulary_are_apart_from_those_of_data(client, shapes):
    house = read(client, "/shapes/house")
    targets = [{*graph.objects(None, SH.targetClass)} for graph in (shapes, house)]
    assert {OWL.Class, SKOS.Concept} <= targets[1] and set() == targets[0] & targets[1]
    assert all(term.startswith(terms.VOCABULARY) for term in targets[0])


# Validation as a partner does it


def report(graph):
    """Count the results of a report by what they say of what."""
    told = (SH.focusNode, SH.resultMessage, SH.resultPath, SH.value, SH.resultSeverity, SH.sourceConstraintComponent)
    return Counter(
        tuple(str(graph.value(result, what)) if what != SH.resultPath else "" for what in told)
        for result in graph.subjects(RDF.type, SH.ValidationResult)
    )


def both(data, ontology, shapes):
    """Validate with the ontology beside the data, and with both merged."""
    beside = validate(data, shacl_graph=shapes, ont_graph=ontology)
    merged = validate(data + ontology, shacl_graph=shapes, inplace=True)
    return report(beside[1]), report(merged[1])


def test_the_ontology_beside_the_data_or_merged_gives_the_same_report(ontology, shapes):
    data, cases = (parse(sorted(folder.rglob("*.ttl"))) for folder in (frozen.DATA, PROJECT / "tests/shapes"))
    # All that the shapes refuse, at once: the things of several cases become one, which no shape minds.
    beside, merged = both(data + cases, ontology, shapes)
    assert sum(merged.values()) > 200 and beside == merged
    untouched = set(data.subjects()) - set(cases.subjects())
    assert len(untouched) > 100 and set() == {URIRef(focus) for focus, *_ in merged} & untouched


@pytest.mark.whole
def test_of_the_shipped_data_too(ontology, shapes):
    generated = ("participation", "declarations", "findings", "states")  # many, and each file like the next
    folders = {}
    for path in sorted((PROJECT / "data").rglob("*.ttl")):
        folders.setdefault(path.relative_to(PROJECT / "data").parts[0], []).append(path)
    drawn = [path for folder, paths in folders.items() for path in paths[:: 300 if folder in generated else 8]]
    data = parse(drawn)
    assert len(data) > 4_000
    beside, merged = both(data, ontology, shapes)
    assert beside == merged
    assert set() == {severity for *_, severity, _ in merged} - {str(SH.Warning)}


def test_the_commands_on_the_page_of_the_shapes_validate_a_partners_data(client, tmp_path):
    page = unescape(client.page("/shapes"))
    commands = [shlex.split(line) for line in re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[1].splitlines()]
    for command in commands:
        if command[0] == "curl":
            path = "/" + command[-1].removeprefix(terms.BASE)
            (tmp_path / command[command.index("-o") + 1]).write_bytes(client.get(path).content)
    (run,) = (command for command in commands if command[0] == "pyshacl")
    data = tmp_path / run[-1]

    def told(text):
        data.write_text(text, encoding="utf-8")
        told = subprocess.run(
            [sys.executable, "-m", *run], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        return told.returncode, told.stdout

    case = Path(PROJECT / "tests/shapes/FigureShape/valid.ttl").read_text(encoding="utf-8")
    assert 0 == told(case)[0]
    code, said = told(case.replace("scheme/precision/", "scheme/standing/"))
    assert 1 == code and "Say how the number is meant: one ans:hasPrecision, a concept of scheme/precision." in said

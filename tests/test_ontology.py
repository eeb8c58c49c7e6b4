"""The ontology is well described, stays in OWL 2 RL, holds no unused term and no contradiction.

The profile test reads our axioms against the grammar of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL_2): every
predicate of the OWL vocabulary in a module must be one of those listed here, and the expressions they lead to must be of
the forms that RL allows at that side of an axiom. The alignments are read too; they name foreign terms as superclasses and
superproperties only.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import owlrl
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection

from kg import terms
from kg.build.shapes import judge
from tests import frozen

ROOT = Path(__file__).parents[1]
ANS = Namespace(terms.VOCABULARY)
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")  # how owlrl marks what cannot be

MODULES = sorted((ROOT / "ontology").glob("*.ttl"))
SCHEMES = sorted((ROOT / "ontology" / "schemes").glob("*.ttl"))
# An alignment uses a term without a need for it; a module only defines it.
USES = [ROOT / "shapes", ROOT / "queries", ROOT / "data"]

# What the RL tests below know how to judge. Anything else of OWL or RDFS in a module is a failure, to be judged first.
CLASS_AXIOMS = {RDFS.subClassOf, OWL.members}
PROPERTY_AXIOMS = {RDFS.subPropertyOf, RDFS.range, RDFS.domain, OWL.propertyChainAxiom}
EXPRESSIONS = {OWL.onProperty, OWL.someValuesFrom}
ANNOTATIONS = {RDFS.isDefinedBy, OWL.versionInfo, OWL.versionIRI, OWL.imports, OWL.deprecated}
KINDS = {
    OWL.Ontology,
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.TransitiveProperty,
    OWL.SymmetricProperty,
    OWL.Restriction,
    OWL.AllDisjointClasses,
}


def _parse(paths: Iterable[Path]) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle", publicID=terms.BASE)
    return graph


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return _parse([*MODULES, *SCHEMES])


@pytest.fixture(scope="module")
def axioms() -> Graph:
    return _parse(MODULES)


def _ours(graph: Graph, *kinds: URIRef) -> set[URIRef]:
    return {term for kind in kinds for term in graph.subjects(RDF.type, kind) if term in ANS}


def _terms(graph: Graph) -> set[URIRef]:
    return _ours(graph, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)


# Description


def test_the_ontology_and_its_schemes_conform_to_the_shapes_of_the_house(ontology):
    shapes = _parse(sorted((ROOT / "shapes").glob("*.ttl")))
    assert [] == judge(ontology, shapes)


def test_every_term_has_one_english_label_and_one_english_definition(axioms):
    assert _terms(axioms)
    for term in _terms(axioms):
        for said in (SKOS.prefLabel, SKOS.definition):
            english = [text for text in axioms.objects(term, said) if text.language == "en"]
            assert 1 == len(english), (term, said)


def test_no_two_terms_and_no_two_concepts_of_a_scheme_share_a_label(ontology):
    def doubled(things):
        labels = [str(label).lower() for thing in things for label in ontology.objects(thing, SKOS.prefLabel)]
        return {label for label in labels if labels.count(label) > 1}

    assert set() == doubled(_ours(ontology, OWL.Class))
    assert set() == doubled(_ours(ontology, OWL.ObjectProperty, OWL.DatatypeProperty))
    for scheme in ontology.subjects(RDF.type, SKOS.ConceptScheme):
        assert set() == doubled(set(ontology.subjects(SKOS.inScheme, scheme))), scheme


def test_every_term_is_defined_in_the_module_that_it_names():
    for path in MODULES:
        module = URIRef(f"{terms.ONTOLOGY}/{path.stem}")
        graph = _parse([path])
        assert set() == {term for term in _terms(graph) if (term, RDFS.isDefinedBy, module) not in graph}


def test_every_term_that_a_module_uses_is_defined(axioms):
    used = {node for triple in axioms for node in triple if isinstance(node, URIRef) and node in ANS}
    assert set() == used - _terms(axioms)


def test_every_module_is_imported_by_the_ontology_as_a_whole(axioms):
    whole = URIRef(terms.ONTOLOGY)
    assert set(axioms.objects(whole, OWL.imports)) == set(axioms.subjects(RDF.type, OWL.Ontology)) - {whole}


def test_no_term_is_there_without_a_use(axioms):
    text = "\n".join(path.read_text(encoding="utf-8") for folder in USES for path in folder.rglob("*.[tr][tq]*"))
    used = set(re.findall(r"\bans:([A-Za-z][A-Za-z0-9]*)", text)) | set(re.findall(r"ontology#([A-Za-z0-9]+)", text))
    # A class is used where a basis, a question or an act names it or a class below it; the tree itself needs its branches.
    used |= {
        str(above).removeprefix(terms.VOCABULARY)
        for name in used
        for above in axioms.transitive_objects(ANS[name], RDFS.subClassOf)
    }
    # So that a case from any State finds its class, the tree of acts is wider than the events at hand.
    acts = set(axioms.transitive_subjects(RDFS.subClassOf, ANS.Act))
    assert set() == {str(term).removeprefix(terms.VOCABULARY) for term in _terms(axioms) - acts} - used


# The profile


def test_modules_use_no_construct_that_the_profile_test_does_not_judge(axioms):
    known = CLASS_AXIOMS | PROPERTY_AXIOMS | EXPRESSIONS | ANNOTATIONS
    for predicate in set(axioms.predicates()):
        if predicate in OWL or predicate in RDFS:
            assert predicate in known, predicate
    assert set() == {kind for kind in axioms.objects(None, RDF.type) if kind in OWL} - KINDS


def _is_named(node: object) -> bool:
    return isinstance(node, URIRef) and node not in (OWL.Thing, RDFS.Resource, RDFS.Literal)


def _is_rl_subclass(graph: Graph, node: object) -> bool:
    """Judge a class expression by RL's grammar for the left side: a named class, or some values from such a class."""
    if _is_named(node):
        return True
    values = list(graph.objects(node, OWL.someValuesFrom))
    named = all(_is_named(prop) for prop in graph.objects(node, OWL.onProperty))
    return (
        (node, RDF.type, OWL.Restriction) in graph
        and 1 == len(values)
        and (values[0] == OWL.Thing or _is_rl_subclass(graph, values[0]))
        and 1 == len(list(graph.objects(node, OWL.onProperty)))
        and named
    )


def test_subclass_axioms_are_of_the_forms_that_rl_allows(axioms):
    pairs = list(axioms.subject_objects(RDFS.subClassOf))
    assert pairs
    for narrower, wider in pairs:
        assert _is_rl_subclass(axioms, narrower), narrower
        assert _is_named(wider), wider  # RL allows no existential on the right side, and we use nothing else there


def test_disjoint_classes_domains_and_ranges_are_named_classes(axioms):
    lists = list(axioms.objects(None, OWL.members))
    assert lists
    for members in lists:
        assert all(map(_is_named, Collection(axioms, members)))
        assert 2 <= len(Collection(axioms, members))
    for axiom in (RDFS.range, RDFS.domain):
        assert all(map(_is_named, axioms.objects(None, axiom)))


def test_property_chains_are_of_named_object_properties_and_subproperties_keep_their_kind(axioms):
    objects = _ours(axioms, OWL.ObjectProperty)
    lists = list(axioms.subject_objects(OWL.propertyChainAxiom))
    assert lists
    for prop, members in lists:
        chain = list(Collection(axioms, members))
        assert prop in objects
        assert 2 <= len(chain)
        assert set() == set(chain) - objects
    for narrower, wider in axioms.subject_objects(RDFS.subPropertyOf):
        assert _is_named(wider)
        assert wider not in ANS or (narrower in objects) == (wider in objects), narrower


def test_object_and_datatype_properties_are_kept_apart(axioms):
    assert set() == _ours(axioms, OWL.ObjectProperty) & _ours(axioms, OWL.DatatypeProperty)
    for kind in (OWL.TransitiveProperty, OWL.SymmetricProperty):
        assert set() == _ours(axioms, kind) - _ours(axioms, OWL.ObjectProperty)


def test_a_transitive_property_stands_in_no_axiom_that_needs_a_simple_one(axioms):
    # OWL 2 DL, which RL is a part of: no cardinality, functionality, irreflexivity or disjointness on such a property.
    needs = (OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.IrreflexiveProperty, OWL.AsymmetricProperty)
    assert set() == {prop for kind in needs for prop in axioms.subjects(RDF.type, kind)}
    assert set() == set(axioms.predicates()) & {OWL.maxCardinality, OWL.cardinality, OWL.propertyDisjointWith}


# Consistency


def _clashes(*graphs: Graph) -> set[str]:
    """Close the graphs under OWL 2 RL; return what cannot be: owlrl's error messages and members of owl:Nothing."""
    closed = Graph()
    for graph in graphs:
        closed += graph
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(closed)
    told = {str(message) for message in closed.objects(None, ERROR)}
    return told | {str(thing) for thing in closed.subjects(RDF.type, OWL.Nothing) if not isinstance(thing, BNode)}


def _wrong(text: str) -> Graph:
    return Graph().parse(data=f"@prefix ans: <{ANS}> . @base <{terms.BASE}> . {text}", format="turtle")


def test_ontology_and_frozen_graph_hold_no_contradiction(axioms):
    assert set() == _clashes(axioms, _parse(sorted(frozen.DATA.rglob("*.ttl"))))


@pytest.mark.slow
def test_ontology_and_shipped_data_hold_no_contradiction(axioms):
    # The imported tables are alike in form, so the shortest of them stands for all: owlrl would take minutes over the rest.
    tables = sorted((ROOT / "data/participation").glob("*.ttl"), key=lambda path: path.stat().st_size)[1:]
    assert set() == _clashes(axioms, _parse(sorted({*(ROOT / "data").rglob("*.ttl")}.difference(tables))))


@pytest.mark.parametrize(
    "text",
    [
        "<id/state/x> a ans:State , ans:Organisation .",
        "<id/state/x> a ans:State , ans:Court .",
        "<id/act/x> a ans:Torture , ans:Trial .",
        "<id/place/x> a ans:Place . <id/statement/x> ans:hasSpeaker <id/place/x> .",
        "<id/document/x> a ans:Decision . <id/event/x> ans:isReportedIn <id/document/x> .",
        "<id/law/x> a ans:DraftLaw , ans:NationalLaw .",
        "<id/finding/x> a ans:Finding , ans:Allegation .",
        "<id/organ/x> a ans:StateOrgan . <id/participation/x> ans:isParticipationOf <id/organ/x> .",
    ],
)
def test_a_contradiction_is_caught(text, axioms):
    assert _clashes(axioms, _wrong(text))


def test_what_a_thing_may_be_at_once_is_no_contradiction(axioms):
    assert set() == _clashes(axioms, _wrong("<id/court/x> a ans:Court , ans:StateOrgan , ans:Organisation ."))

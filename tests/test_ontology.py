"""The ontology is well described, stays in OWL 2 RL, holds no unused term and no contradiction.

The profile test reads our axioms against the grammar of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL_2): every
predicate of the OWL vocabulary in a module must be one of those listed here, and the expressions they lead to must be of
the forms that RL allows at that side of an axiom. The alignments are read too; they name foreign terms as superclasses and
superproperties only.
"""

import random
import re
from collections import defaultdict
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SDO, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from kg import terms
from kg.build import inference, inputs
from kg.build.shapes import judge
from kg.store import Query, Store
from tests import frozen, turtle
from tests.turtle import parse

ROOT = Path(__file__).parents[1]
ANS = Namespace(terms.VOCABULARY)

MODULES = sorted((ROOT / "ontology").glob("*.ttl"))
SCHEMES = sorted((ROOT / "ontology" / "schemes").glob("*.ttl"))
OUTCOMES = URIRef(f"{terms.SCHEME}finding-outcome")
# An alignment uses a term without a need for it; a module only defines it.
USES = [ROOT / "shapes", ROOT / "queries", ROOT / "data"]

SEED = 20260203  # of what is drawn of generated data

SCHEMA = Namespace(str(SDO))
DATATYPES = {RDF.langString, XSD.string, XSD.date, XSD.gYearMonth, XSD.gYear, XSD.integer, XSD.decimal, XSD.boolean}
DATATYPES |= {XSD.duration, XSD.anyURI}

# What the RL tests below know how to judge. Anything else of OWL or RDFS in a module is a failure, to be judged first.
CLASS_AXIOMS = {RDFS.subClassOf, OWL.members}
PROPERTY_AXIOMS = {RDFS.subPropertyOf, RDFS.range, RDFS.domain, OWL.propertyChainAxiom}
EXPRESSIONS = {OWL.onProperty, OWL.someValuesFrom}
ANNOTATIONS = {RDFS.isDefinedBy, OWL.versionInfo, OWL.versionIRI, OWL.priorVersion, OWL.imports, OWL.deprecated}
KINDS = {OWL.Ontology, OWL.Class, OWL.Restriction, OWL.AllDisjointClasses}
KINDS |= {OWL[f"{kind}Property"] for kind in ("Annotation", "Object", "Datatype", "Transitive", "Symmetric")}


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return parse([*MODULES, *SCHEMES])


@pytest.fixture(scope="module")
def axioms() -> Graph:
    return parse(MODULES)


def _ours(graph: Graph, *kinds: URIRef) -> set[URIRef]:
    return {term for kind in kinds for term in graph.subjects(RDF.type, kind) if term in ANS}


def _terms(graph: Graph) -> set[URIRef]:
    return _ours(graph, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


# Description


def test_the_ontology_and_its_schemes_conform_to_the_shapes_of_the_house(ontology):
    shapes = parse(sorted((ROOT / "shapes").glob("*.ttl")))
    with Store.memory() as store:
        store.load(ontology.serialize(format="nt").encode(), format="nt", graph="urn:ontology", source="ontology")
        assert [] == judge(store, shapes)


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
        graph = parse([path])
        assert set() == {term for term in _terms(graph) if (term, RDFS.isDefinedBy, module) not in graph}


def test_every_term_that_a_module_uses_is_defined(axioms):
    used = {node for triple in axioms for node in triple if isinstance(node, URIRef) and node in ANS}
    assert set() == used - _terms(axioms)


def test_every_property_says_what_it_applies_to_and_takes(axioms):
    objects, values = _ours(axioms, OWL.ObjectProperty), _ours(axioms, OWL.DatatypeProperty)
    classes = _ours(axioms, OWL.Class)
    for prop in objects | values:
        applies, takes = (set(axioms.objects(prop, way)) for way in (SCHEMA.domainIncludes, SCHEMA.rangeIncludes))
        assert applies and applies <= classes | {OWL.Thing}, prop
        if prop in values:
            assert takes and takes <= DATATYPES, prop
        else:
            assert takes and takes <= classes | {OWL.Thing, OWL.Class, SKOS.Concept}, prop
        # What is entailed of each value is not narrower than what is told to people, and a concept is one of a scheme.
        for entailed in axioms.objects(prop, RDFS.range):
            assert takes <= set(axioms.transitive_subjects(RDFS.subClassOf, entailed)), prop
        schemes = set(axioms.objects(prop, ANS.takesConceptOf))
        assert (SKOS.Concept in takes) == bool(schemes), prop


def test_the_frozen_graph_uses_each_property_as_it_says(axioms):
    data = parse(frozen.DATA.rglob("*.ttl"))
    wider = {one: {*axioms.transitive_objects(one, RDFS.subClassOf)} for one in axioms.subjects(RDF.type, OWL.Class)}
    schemes = dict(parse(SCHEMES).subject_objects(SKOS.inScheme))

    def kinds(node):
        if isinstance(node, Literal):
            return {RDF.langString if node.language else node.datatype or XSD.string}
        return {OWL.Thing}.union(*(wider.get(one, ()) for one in data.objects(node, RDF.type)))

    wrong = []
    for one, prop, value in data:
        applies, takes = (set(axioms.objects(prop, way)) for way in (SCHEMA.domainIncludes, SCHEMA.rangeIncludes))
        known = kinds(value) if value not in schemes else {SKOS.Concept, OWL.Thing}
        if prop not in ANS or (OWL.Class in takes and value in wider) or known == {OWL.Thing}:
            continue  # what the ontology or the build describes
        of_scheme = value not in schemes or schemes[value] in axioms.objects(prop, ANS.takesConceptOf)
        of_scheme = of_scheme or OWL.Thing in takes
        subject = kinds(one)
        if not (applies & subject or subject == {OWL.Thing}) or not takes & known or not of_scheme:
            wrong.append((one, prop, value))
    assert len(data) > 1000
    assert [] == wrong


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
    # So that a case from any State finds its class, the tree of acts is wider than the events at hand. A deprecated term
    # is there for the data of others, and a note on terms for whoever reads the ontology.
    spared = set(axioms.transitive_subjects(RDFS.subClassOf, ANS.Act))
    spared |= set(axioms.subjects(OWL.deprecated, None)) | _ours(axioms, OWL.AnnotationProperty)
    assert set() == {str(term).removeprefix(terms.VOCABULARY) for term in _terms(axioms) - spared} - used


# No verdict by name, by definition or by entailment

VERDICTS = re.compile(
    r"\b(arbitrar|unlawful|illegal|lawful|unfair|excessive|inhuman|violat|wrongful|unjust|disproportiona|abus|impunit|crime|guilty|deni(?:al|es|ed)\b"
    r"|fail(?:s|ed|ure)?\b|disregard|discriminat|breach|illegitima|unjustif|improper|undue|legitima)",
    re.IGNORECASE,
)
# What says whose verdict it is: a body's, a source's, or that of the officials whose words are the act itself.
ATTRIBUTED = re.compile(
    r"describes? as cruel, inhuman or degrading|describes as propaganda for, or a call to, hatred, discrimination or violence|present a suspect as guilty|not, or not any more, allowed"
)


def _in_words(term: URIRef) -> str:
    """Write the name of a term as separate words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", term.removeprefix(str(ANS)))


def test_no_class_of_acts_holds_a_verdict_in_its_name_or_definition(axioms):
    kinds = set(axioms.transitive_subjects(RDFS.subClassOf, ANS.Act)) - {ANS.Violation, ANS.AllegedViolation}
    assert len(kinds) > 50
    for kind in kinds:
        texts = (text for way in (SKOS.prefLabel, SKOS.definition) for text in axioms.objects(kind, way))
        said = [_in_words(kind), *map(str, texts)]
        assert [] == [text for text in said if VERDICTS.search(ATTRIBUTED.sub("", text))]
    # The list of words finds the names that version 0.1 had.
    gone = set(axioms.subjects(OWL.deprecated, None)) & _ours(axioms, OWL.Class)
    assert {ANS.ArbitraryKilling, ANS.UnfairTrial, ANS.ExcessiveForce, ANS.InhumaneDetentionConditions} <= {
        term for term in gone if VERDICTS.search(_in_words(term))
    }


def _entailed(text: str) -> set[tuple[str, str]]:
    """Add lines to the ontology, its alignments and its schemes; return the classes that follow for what they describe."""
    store = Store.memory()
    for path in [*MODULES, *SCHEMES]:
        store.load(path.read_bytes(), format="ttl", graph=terms.graph_of(f"ontology/{path.stem}"), source=path.name)
    head = f"@prefix ans: <{ANS}> . @base <{terms.BASE}> . "
    store.load((head + text).encode(), format="ttl", graph=terms.graph_of("data/test"), source="test.ttl")
    store.copy_named_into_default()
    inference.derive(store, *(inputs.read_queries(ROOT, f"rules/{kind}") for kind in ("owl", "links")))
    rows = store.select(f"SELECT ?x ?class {{ ?x a ?class FILTER (STRSTARTS(STR(?x), '{terms.ID}')) }}")
    return {(one.value.removeprefix(terms.ID), kind.value) for one, kind in rows}


FINDING = """<id/act/{0}> a ans:Killing . <id/body/{0}> a ans:{1} .
<id/finding/{0}> a ans:{2} ; ans:characterises <id/act/{0}> ; ans:invokes <id/provision/p> ; ans:hasSpeaker <id/body/{0}> {3} . """
OUTCOME = "; ans:hasFindingOutcome <scheme/finding-outcome/{}>"


def test_a_violation_follows_from_a_finding_of_breach_alone():
    outcomes = sorted(str(one).rpartition("/")[2] for one in parse(SCHEMES).subjects(SKOS.inScheme, OUTCOMES))
    assert {"breach", "no-breach", "not-reached"} < set(outcomes)
    text = "<id/provision/p> a ans:Provision . "
    text += "".join(FINDING.format(one, "TreatyBody", "Finding", OUTCOME.format(one)) for one in outcomes)
    text += FINDING.format("none", "TreatyBody", "Finding", "")
    text += FINDING.format("others", "Organisation", "Finding", OUTCOME.format("breach"))
    text += FINDING.format("alleged", "Organisation", "Allegation", "")
    found = _entailed(text)
    assert {"act/breach"} == {one for one, kind in found if kind == str(ANS.Violation)}
    assert {"act/alleged"} == {one for one, kind in found if kind == str(ANS.AllegedViolation)}


def test_nothing_but_what_a_body_or_a_source_says_makes_an_act_a_violation(axioms):
    verdicts = {ANS.Violation, ANS.AllegedViolation}
    ways = {way for verdict in verdicts for way in axioms.subjects(RDFS.subClassOf, verdict)}
    assert {ANS.foundToBreach, ANS.allegedToBreach, ANS.allegedToInfringe} == {
        prop for way in ways for prop in axioms.objects(way, OWL.onProperty)
    }
    assert set() == {
        one
        for one in axioms.subjects()
        if verdicts & {*axioms.objects(one, RDFS.domain), *axioms.objects(one, RDFS.range)}
    }
    assert set() == set(axioms.subjects(RDFS.subPropertyOf, ANS.foundToBreach))


def test_the_alignments_entail_nothing_false():
    # An omission that nobody carried out, a draft that is no law, a victim who did nothing, and a passage of which no act is made.
    found = _entailed(
        """<id/act/a> a ans:InquiryNotGiven ; ans:hasVictim <id/group/g> ; ans:isReportedIn <id/passage/p> ; ans:happensIn <id/place/x> .
        <id/group/g> a ans:PersonGroup . <id/law/d> a ans:DraftLaw . <id/provision/d-1> a ans:Provision ; ans:isProvisionOf <id/law/d> .
        <id/soft/s> a ans:SoftLaw . <id/law/l> a ans:NationalLaw ."""
    )
    foreign = {(one, kind) for one, kind in found if not kind.startswith(str(ANS))}
    assert {kind for one, kind in foreign if one == "act/a"} == set()
    assert {kind for one, kind in foreign if one == "group/g"} == {"http://xmlns.com/foaf/0.1/Group"}
    legal = {one for one, kind in foreign if kind.startswith("http://data.europa.eu/eli/")}
    assert {"law/l"} == legal


def test_an_alignment_gives_no_act_or_actor_a_role_in_another_vocabulary(axioms):
    for ours in (ANS.Act, ANS.Actor, ANS.Instrument, ANS.Provision, ANS.Passage):
        assert set() == set(axioms.objects(ours, RDFS.subClassOf)), ours
    assert {DCTERMS.isReferencedBy} == set(axioms.objects(ANS.isReportedIn, RDFS.subPropertyOf))


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


@pytest.fixture(scope="module")
def drawn() -> Graph:
    """Draw from data/, for each class and property in it, one thing that has both: all that is said of it, and the classes of what it leads to.

    Things that have the same properties are alike; owlrl would take minutes for all of them.
    """
    sample = Graph()
    with Store.memory() as store:
        for path in sorted((ROOT / "data").rglob("*.ttl")):
            store.load(path.read_bytes(), format="ttl", graph="urn:all", source=path.name)
        found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        asked = "SELECT DISTINCT ?thing ?class ?property { ?thing ?property ?value OPTIONAL { ?thing a ?class } }"
        for thing, kind, link in store.select(asked, union=True):
            found[kind.value if kind else "", link.value].add(thing.value)
        chance, things = random.Random(SEED), set()
        # The rare ones first: a thing that has them has common ones too.
        for key in sorted(found, key=lambda key: (len(found[key]), key)):
            if things.isdisjoint(found[key]):
                things.add(chance.choice(sorted(found[key])))
        values = f"VALUES ?thing {{ {' '.join(f'<{thing}>' for thing in sorted(things))} }} ?thing ?p ?o"
        where = f"GRAPH ?g {{ {values} OPTIONAL {{ ?o a ?kind }} }}"
        told = f"CONSTRUCT {{ ?thing ?p ?o . ?o a ?kind }} WHERE {{ {where} }}"
        sample.parse(data=store.answer(Query(told, "nt")).body, format="nt")
    return sample


# What cannot be, each of things of its own, and what can.
WRONG = [
    "<id/state/x> a ans:State , ans:Organisation .",
    "<id/state/y> a ans:State , ans:Court .",
    "<id/act/x> a ans:Torture , ans:Trial .",
    "<id/place/x> a ans:Place . <id/statement/x> ans:hasSpeaker <id/place/x> .",
    "<id/document/x> a ans:Decision . <id/event/x> ans:isReportedIn <id/document/x> .",
    "<id/law/x> a ans:DraftLaw , ans:NationalLaw .",
    "<id/finding/x> a ans:Finding , ans:Allegation .",
    "<id/place/y> a ans:Place . <id/participation/x> ans:isParticipationOf <id/place/y> .",
]
RIGHT = "<id/court/x> a ans:Court , ans:StateOrgan , ans:Organisation ."


def _named(clash: str, text: str) -> bool:
    """Whether what cannot be names a thing of a text."""
    return any(re.search(rf"\b{thing}\b", clash) for thing in re.findall(r"<(id/[^>]+)>", text))


@pytest.fixture(scope="module")
def clashes(axioms, drawn) -> set[str]:
    """Close the ontology with the drawn data and with all of that under OWL 2 RL, once; what cannot be."""
    head = f"@prefix ans: <{ANS}> . @base <{terms.BASE}> . "
    closed = axioms + drawn + Graph().parse(data=head + " ".join([*WRONG, RIGHT]), format="turtle")
    inference.expand(closed)
    return turtle.clashes(closed) | {
        str(one) for one, other in closed.subject_objects(OWL.differentFrom) if one == other
    }


def test_the_ontology_and_the_shipped_data_hold_no_contradiction(clashes):
    # Of all that is shipped, queries/checks/clash.rq is asked at every build. The frozen graph: tests/kg/build/test_inference.py.
    assert [] == [clash for clash in clashes if not any(_named(clash, text) for text in WRONG)]


@pytest.mark.parametrize("text", WRONG)
def test_a_contradiction_is_caught(text, clashes):
    assert any(_named(clash, text) for clash in clashes)


def test_what_a_thing_may_be_at_once_is_no_contradiction(clashes):
    assert [] == [clash for clash in clashes if _named(clash, RIGHT)]

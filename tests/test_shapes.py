"""Every shape passes what its folder in tests/shapes/ calls valid and refuses, by its own message, what it calls invalid.

All cases are judged in one run: the things that a case describes are moved into a corner of their own first, so that two
cases may describe the same address.
"""

from collections import Counter, defaultdict
from pathlib import Path

import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef

from kg import terms
from kg.build import shapes as judging
from kg.partner.judging import LINKS
from kg.store import Store
from tests.turtle import parse

SHAPES = terms.BASE + "shapes#"
ROOT = Path(__file__).parents[1]
CASES = sorted((ROOT / "tests" / "shapes").glob("*/*.ttl"))
NAMES = [f"{case.parent.name}/{case.stem}" for case in CASES]
TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)


def _corner(name: str) -> str:
    return f"{terms.BASE}case/{name}/"


def _move(graph: Graph, name: str) -> Graph:
    """Move every thing that a graph describes into the corner of a case; what it only refers to stays where it is."""
    described = set(graph.subjects())
    moved = Graph()
    for triple in graph:
        moved.add(
            tuple(
                URIRef(str(node).replace(terms.BASE, _corner(name), 1)) if node in described else node
                for node in triple
            )
        )
    return moved


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return parse(sorted((ROOT / "shapes").glob("*.ttl")))


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return parse(sorted((ROOT / "ontology").rglob("*.ttl")))


@pytest.fixture(scope="module")
def everything(ontology: Graph) -> Graph:
    """The ontology and every case in its corner."""
    graph = Graph() + ontology
    for case, name in zip(CASES, NAMES, strict=True):
        graph += _move(parse([case]), name)
    return graph


@pytest.fixture(scope="module")
def breaches(shapes: Graph, everything: Graph) -> list[judging.Breach]:
    """What is wrong with all cases at once."""
    with Store.memory() as store:
        store.load(everything.serialize(format="nt").encode(), format="nt", graph=terms.GRAPH + "all", source="all")
        return judging.judge(store, shapes)


@pytest.fixture(scope="module")
def findings(breaches: list[judging.Breach]) -> dict[str, list[tuple[str, str]]]:
    """For each case, the (shape, message) of every result about the things it describes."""
    found = defaultdict(list)
    for breach in breaches:
        name = "/".join(breach.focus.removeprefix(terms.BASE + "case/").split("/")[:2])
        found[name].append((breach.shape, breach.message))
    return found


def _own(shapes: Graph, name: str) -> set[str]:
    """Name a shape and the property shapes that it shares with others."""
    shape = URIRef(SHAPES + name)
    return {str(shape)} | {str(part) for part in shapes.objects(shape, SH.property) if isinstance(part, URIRef)}


@pytest.mark.parametrize("name", [name for name in NAMES if "/valid" in name])
def test_what_a_shape_calls_valid_conforms(name, findings):
    assert [] == findings.get(name, [])


def _above(shapes: Graph, ontology: Graph, name: str) -> set[str]:
    """Name the shapes of the superclasses of a shape's class: what they refuse, they refuse of its class too."""
    classes = set(shapes.objects(URIRef(SHAPES + name), SH.targetClass))
    above = {wider for kind in classes for wider in ontology.transitive_objects(kind, RDFS.subClassOf)} - classes
    return {str(shape) for kind in above for shape in shapes.subjects(SH.targetClass, kind)}


@pytest.mark.parametrize("name", [name for name in NAMES if "/invalid-" in name])
def test_what_a_shape_calls_invalid_is_refused_by_that_shape(name, findings, shapes, ontology):
    shape = name.split("/")[0]
    found = {by for by, _ in findings.get(name, [])}
    assert found & _own(shapes, shape), "that shape refused nothing"
    assert set() == found - _own(shapes, shape) - _above(shapes, ontology, shape), "another shape refused it too"


def test_pyshacl_says_the_same_of_all_cases(shapes, everything, breaches):
    def told(found):
        # A path is named by a blank node where it is more than one link, and by another one in each run.
        return Counter(each._replace(path=each.path if ":" in each.path else "") for each in found)

    _, report, _ = pyshacl.validate(everything, shacl_graph=shapes)
    assert told(breaches) == told(judging.read_report(report, shapes))
    assert len(breaches) > 200


def test_no_shape_looks_farther_than_a_partners_check_reads(shapes):
    def length(path):
        steps = list(shapes.items(path)) if (path, RDF.first, None) in shapes else [path]
        return sum(1 for step in steps if isinstance(step, URIRef) and step != RDF.type)

    def reach(shape):
        inner = [
            *shapes.objects(shape, SH.property),
            *shapes.objects(shape, SH.node),
            *shapes.objects(shape, SH["not"]),
        ]
        inner += [part for listed in shapes.objects(shape, SH["or"]) for part in shapes.items(listed)]
        own = max((length(path) for path in shapes.objects(shape, SH.path)), default=0)
        return own + max(map(reach, inner), default=0)

    targeted = {shape for target in TARGETS for shape in shapes.subjects(target)}
    assert LINKS == max(map(reach, targeted))


def test_the_files_of_the_shapes_describe_shapes_only():
    # What they said of anything else would be read as if a source had said it. One file describes them as documents.
    graph = parse(sorted((ROOT / "shapes").glob("*.ttl")))
    described = {node for node in graph.subjects() if isinstance(node, URIRef) and not str(node).startswith(SHAPES)}
    documents = {URIRef(SHAPES.removesuffix("#")), URIRef(SHAPES.removesuffix("#") + "/house")}
    assert documents == described == set(graph.subjects(RDF.type, OWL.Ontology))


def test_every_shape_with_a_target_has_one_valid_case_and_two_invalid_ones(shapes):
    targeted = {str(shape).removeprefix(SHAPES) for target in TARGETS for shape in shapes.subjects(target)}
    lacking = {
        shape
        for shape in targeted
        if sum(name.startswith(f"{shape}/valid") for name in NAMES) < 1
        or sum(name.startswith(f"{shape}/invalid-") for name in NAMES) < 2
    }
    assert set() == lacking
    assert {name.split("/")[0] for name in NAMES} == targeted


def test_every_property_shape_has_one_message_and_a_severity(shapes):
    # Shapes without a message of their own are only ever asked by another shape, which speaks for them.
    parts = set(shapes.objects(None, SH.property)) - {
        part
        for outer in set(shapes.objects(None, SH.node)) | set(shapes.objects(None, RDF.first))
        for part in shapes.objects(outer, SH.property)
    }
    parts -= {part for outer in shapes.objects(None, SH["not"]) for part in shapes.objects(outer, SH.property)}
    assert parts
    for part in parts:
        path = shapes.value(part, SH.path)
        assert 1 == len(set(shapes.objects(part, SH.message))), path
        assert 1 == len(set(shapes.objects(part, SH.severity)) & {SH.Violation, SH.Warning}), path


def test_every_message_is_what_some_invalid_case_gets_to_read(shapes, findings):
    read = {message for name, found in findings.items() if "/invalid-" in name for _, message in found}
    assert set() == {str(message) for message in shapes.objects(None, SH.message)} - read


def test_every_message_says_in_full_sentences_what_to_do(shapes):
    messages = [str(message) for message in shapes.objects(None, SH.message)]
    assert messages
    assert [] == [message for message in messages if not message[0].isupper() and not message.startswith("ans:")]
    assert [] == [message for message in messages if message[-1] not in ".>" or len(message) < 20]


def test_every_class_that_sources_describe_has_a_shape(shapes, ontology):
    # An organ's mechanism or a mere outlet says no more than its parent: it is enough that one class above has a shape.
    targeted = set(shapes.objects(None, SH.targetClass))
    ours = {c for c in ontology.subjects(RDF.type, OWL.Class) if str(c).startswith(terms.VOCABULARY)}
    # No source describes what only the build may derive; a check of its own refuses that.
    derived = (ROOT / "queries/checks/stated/derived-by-hand.rq").read_text(encoding="utf-8")
    ours -= {URIRef(terms.VOCABULARY + name) for name in ("Obligation", "Engagement") if f"(ans:{name} " in derived}
    # Nor a class that is deprecated: a check refuses that too, and names the class in its place.
    ours -= set(ontology.subjects(OWL.deprecated, Literal(True)))
    assert ours
    assert set() == {c for c in ours if not targeted & set(ontology.transitive_objects(c, RDFS.subClassOf))}

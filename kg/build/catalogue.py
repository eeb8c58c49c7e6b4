"""The catalogue of a release: what it is, how large, where its files are, how it was made (DCAT, VoID, PROV)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg import terms
from kg.members import packing_of
from kg.store import GRAPH_MEDIA_TYPES, Store, write_triples
from kg.terms import Iri, Literal, Term

DATASET = terms.BASE + "dataset"
TITLE = "Answerable"
ABOUT = "Human-rights events, the obligations they engage, and what was found, alleged, recommended and promised."
PLAIN = "RDF loaded as it is: neither validated nor reasoned over."
KEYWORDS = ("human rights", "international treaties", "obligations of States", "treaty bodies")
_TYPES = "https://www.iana.org/assignments/media-types/"
_NO_IRI = set(' <>"{}|\\^`%')  # an input whose name has one of these is left out
_PROTOCOL = "https://www.w3.org/TR/sparql11-protocol/"
_VOID = terms.PREFIXES["void"]
_SPACES = terms.PREFIXES | {"spdx": "http://spdx.org/rdf/terms#"}
_PARTITIONS = {
    "class": ("SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x FILTER(isIRI(?x)) } GROUP BY ?x", "entities"),
    "property": ("SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x", "triples"),
}

Parts = dict[str, Counter[str]]  # "class" and "property": how often each is used
Facts = Mapping[str, Term | Sequence[Term]]  # property, shortened -> its value or values


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump file: its name, the format inside it, its size in bytes and its SHA-256."""

    name: str
    format: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Made:
    """What is told of a release: its name, when it was begun and done (UTC), its triples, dumps and inputs by name."""

    release: str
    started: str
    created: str
    triples: int
    dumps: Sequence[Dump]
    inputs: Iterable[str]
    plain: bool = False


def describe(parts: Parts, made: Made) -> bytes:
    """Write the catalogue of a release as Turtle."""
    here = terms.RELEASE + made.release
    things = [*_things(made).items(), *sorted(_partitions(parts, here), key=lambda thing: thing[0])]
    return write_triples(
        (
            (Iri(subject), _iri(name), value)
            for subject, facts in things
            for name, values in facts.items()
            for value in (values if isinstance(values, Sequence) else [values])
        ),
        "ttl",
        prefixes=_SPACES,
    )


def _things(made: Made) -> dict[str, Facts]:
    """Describe the catalogue, the data set, this release of it, its files, the service and the build."""
    about = PLAIN if made.plain else ABOUT
    here = terms.RELEASE + made.release
    service = terms.BASE + "sparql"
    files = [Iri(f"{here}/dumps/{dump.name}") for dump in made.dumps]
    title, issued, build = Literal(TITLE, language="en"), _typed(made.created, "dateTime"), Iri(f"{here}#build")
    things: dict[str, Facts] = {
        f"{terms.BASE}catalogue": {
            "rdf:type": _iri("dcat:Catalog"),
            "dcterms:title": title,
            "dcat:dataset": Iri(DATASET),
            "dcat:service": Iri(service),
        },
        DATASET: {
            "rdf:type": [_iri(name) for name in ("dcat:Dataset", "void:Dataset", "prov:Entity")],
            "dcterms:title": title,
            "dcterms:description": Literal(about, language="en"),
            "dcterms:license": [] if made.plain else Iri(terms.LICENCE),
            "dcat:version": Literal(made.release),
            "dcterms:hasVersion": Iri(here),
            "dcterms:issued": issued,
            "dcterms:language": Literal("en"),
            "void:uriSpace": Literal(terms.ID),
            "void:vocabulary": Iri(terms.VOCABULARY),
            "void:sparqlEndpoint": Iri(service),
            "void:dataDump": files,
            "void:triples": _typed(made.triples, "integer"),
            "prov:wasGeneratedBy": build,
            "dcat:distribution": files,
        },
        here: {
            "rdf:type": [_iri("dcat:Dataset"), _iri("prov:Entity")],
            "dcterms:isVersionOf": Iri(DATASET),
            "dcterms:identifier": Literal(made.release),
            "dcterms:issued": issued,
            "prov:wasGeneratedBy": build,
        },
        service: {
            "rdf:type": _iri("dcat:DataService"),
            "dcterms:title": Literal("Answerable SPARQL service", language="en"),
            "dcat:endpointURL": Iri(service),
            "dcat:servesDataset": Iri(DATASET),
            "dcterms:conformsTo": Iri(_PROTOCOL),
        },
        build.value: {
            "rdf:type": _iri("prov:Activity"),
            "prov:startedAtTime": _typed(made.started, "dateTime"),
            "prov:endedAtTime": _typed(made.created, "dateTime"),
            "prov:used": [Iri(f"{here}#input/{name}") for name in made.inputs if _NO_IRI.isdisjoint(name)],
        },
    }
    for file, dump in zip(files, made.dumps, strict=True):
        checksum = Iri(f"{file.value}#checksum")
        things[file.value] = {
            "rdf:type": _iri("dcat:Distribution"),
            "dcterms:title": Literal(dump.name),
            "dcat:downloadURL": file,
            "dcat:mediaType": Iri(_TYPES + GRAPH_MEDIA_TYPES[dump.format]),
            "dcat:compressFormat": Iri(_TYPES + packing_of(dump.name).media_type),
            "dcat:byteSize": _typed(dump.size, "nonNegativeInteger"),
            "spdx:checksum": checksum,
        }
        things[checksum.value] = {
            "rdf:type": _iri("spdx:Checksum"),
            "spdx:algorithm": _iri("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": _typed(dump.sha256, "hexBinary"),
        }
    return things


def count(store: Store) -> Parts:
    """Count how often each class and each property is used in the default graph of a store."""
    return {
        kind: Counter({row[0].value: int(row[1].value) for row in store.query(query)})
        for kind, (query, _) in _PARTITIONS.items()
    }


def read(text: bytes) -> Parts:
    """Read from a catalogue how often each class and each property is used."""
    parts: Parts = {}
    with Store.memory() as store:
        store.load(text, format="ttl", graph=None, source="catalogue.ttl")
        for kind, (_, measure) in _PARTITIONS.items():
            rows = store.query(f"SELECT ?x ?n {{ ?part <{_VOID}{kind}> ?x ; <{_VOID}{measure}> ?n }}")
            parts[kind] = Counter({row[0].value: int(row[1].value) for row in rows})
    return parts


def _partitions(parts: Parts, here: str) -> Iterator[tuple[str, Facts]]:
    """Yield how often each class and each property is used; the data set names each such part."""
    for kind, (_, measure) in _PARTITIONS.items():
        rows = sorted((iri, count) for iri, count in parts[kind].items() if count)
        for number, (iri, count) in enumerate(rows, 1):
            node = f"{here}#{kind}-{number}"
            yield DATASET, {f"void:{kind}Partition": Iri(node)}
            part = {f"void:{kind}": Iri(iri), f"void:{measure}": _typed(count, "integer")}
            yield node, {"rdf:type": _iri("void:Dataset"), **part}


def _iri(name: str) -> Iri:
    prefix, _, local = name.partition(":")
    return Iri(_SPACES[prefix] + local)


def _typed(value: object, datatype: str) -> Literal:
    return Literal(str(value), datatype=_SPACES["xsd"] + datatype)

"""The catalogue of a release: what it is, how large, where its files are, how it was made (DCAT, VoID, PROV).

Promises figures counted in the release itself and checksums of the files as they lie there. Never counts a triple twice
because it stands in two graphs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg import terms
from kg.store import Store

DATASET = terms.BASE + "dataset"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
MEDIA_TYPES = {
    "nq": "https://www.iana.org/assignments/media-types/application/n-quads",
    "ttl": "https://www.iana.org/assignments/media-types/text/turtle",
    "jsonld": "https://www.iana.org/assignments/media-types/application/ld+json",
}
_GZIP = "https://www.iana.org/assignments/media-types/application/gzip"
_PREFIXES = ("ans", "dcat", "dcterms", "prov", "rdfs", "skos", "void", "xsd")


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump file: its name, the format inside it, its size in bytes and its SHA-256."""

    name: str
    format: str
    size: int
    sha256: str


def describe(
    store: Store,
    *,
    release: str,
    started: str,
    created: str,
    triples: int,
    dumps: Iterable[Dump],
    inputs: Mapping[str, str],
    plain: bool = False,
) -> str:
    """Write the catalogue of a release as Turtle; `started` and `created` are times in UTC, `inputs` path -> SHA-256."""
    here = terms.RELEASE + release
    dumps = list(dumps)
    lines = [f"@prefix {name}: <{terms.PREFIXES[name]}> ." for name in _PREFIXES]
    lines += ["@prefix spdx: <http://spdx.org/rdf/terms#> .", ""]
    lines += _dataset(here, release, created, triples, dumps, plain)
    for dump in dumps:
        lines += _distribution(here, dump)
    lines += _service()
    lines += _activity(here, started, created, inputs)
    lines += _partitions(store, here)
    return "\n".join(lines) + "\n"


def _dataset(here: str, release: str, created: str, triples: int, dumps: list[Dump], plain: bool) -> list[str]:
    about = "Human-rights events, the obligations they engage, and what was found, alleged, recommended and promised."
    if plain:
        about = "RDF loaded as it is: neither validated nor reasoned over."
    files = " , ".join(f"<{here}/dumps/{dump.name}>" for dump in dumps)
    licence = "" if plain else f"    dcterms:license <{LICENCE}> ;"
    return [
        f"<{terms.BASE}catalogue> a dcat:Catalog ;",
        '    dcterms:title "Answerable"@en ;',
        f"    dcat:dataset <{DATASET}> ; dcat:service <{terms.BASE}sparql> .",
        "",
        f"<{DATASET}> a dcat:Dataset , void:Dataset , prov:Entity ;",
        '    dcterms:title "Answerable"@en ;',
        f"    dcterms:description {_text(about)}@en ;",
        *([licence] if licence else []),
        f"    dcat:version {_text(release)} ; dcterms:hasVersion <{here}> ;",
        f'    dcterms:issued "{created}"^^xsd:dateTime ;',
        f'    dcterms:language "en" ; void:uriSpace "{terms.ID}" ; void:vocabulary <{terms.VOCABULARY}> ;',
        f"    void:sparqlEndpoint <{terms.BASE}sparql> ;",
        *[f"    void:dataDump <{here}/dumps/{dump.name}> ;" for dump in dumps],
        f"    void:triples {triples} ; prov:wasGeneratedBy <{here}#build> ;",
        f"    dcat:distribution {files} .",
        "",
        f"<{here}> a dcat:Dataset , prov:Entity ; dcterms:isVersionOf <{DATASET}> ; dcterms:identifier {_text(release)} ;",
        f'    dcterms:issued "{created}"^^xsd:dateTime ; prov:wasGeneratedBy <{here}#build> .',
        "",
    ]


def _distribution(here: str, dump: Dump) -> list[str]:
    return [
        f"<{here}/dumps/{dump.name}> a dcat:Distribution ;",
        f"    dcterms:title {_text(dump.name)} ;",
        f"    dcat:downloadURL <{here}/dumps/{dump.name}> ;",
        f"    dcat:mediaType <{MEDIA_TYPES[dump.format]}> ; dcat:compressFormat <{_GZIP}> ;",
        f'    dcat:byteSize "{dump.size}"^^xsd:nonNegativeInteger ;',
        f"    spdx:checksum <{here}/dumps/{dump.name}#checksum> .",
        "",
        f"<{here}/dumps/{dump.name}#checksum> a spdx:Checksum ;",
        "    spdx:algorithm spdx:checksumAlgorithm_sha256 ;",
        f'    spdx:checksumValue "{dump.sha256}"^^xsd:hexBinary .',
        "",
    ]


def _service() -> list[str]:
    return [
        f"<{terms.BASE}sparql> a dcat:DataService ;",
        '    dcterms:title "Answerable SPARQL service"@en ;',
        f"    dcat:endpointURL <{terms.BASE}sparql> ; dcat:servesDataset <{DATASET}> ;",
        "    dcterms:conformsTo <https://www.w3.org/TR/sparql11-protocol/> .",
        "",
    ]


def _activity(here: str, started: str, created: str, inputs: Mapping[str, str]) -> list[str]:
    used = [f"<{here}#input/{name}>" for name in inputs if _is_plain(name)]
    lines = [
        f"<{here}#build> a prov:Activity ;",
        f'    prov:startedAtTime "{started}"^^xsd:dateTime ; prov:endedAtTime "{created}"^^xsd:dateTime'
        + " ;" * bool(used),
    ]
    lines += ["    prov:used " + " ,\n        ".join(used)] if used else []
    lines[-1] += " ."
    return [*lines, ""]


def _partitions(store: Store, here: str) -> list[str]:
    lines = []
    counted = {
        "class": ("SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x FILTER(isIRI(?x)) } GROUP BY ?x", "entities"),
        "property": ("SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x", "triples"),
    }
    for kind, (query, measure) in counted.items():
        rows = sorted((row[0].value, int(row[1].value)) for row in store.query(query))
        for number, (iri, count) in enumerate(rows, 1):
            node = f"<{here}#{kind}-{number}>"
            lines.append(f"<{DATASET}> void:{kind}Partition {node} .")
            lines.append(f"{node} a void:Dataset ; void:{kind} <{iri}> ; void:{measure} {count} .")
    return lines


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # the escapes of JSON strings are all escapes of Turtle strings


def _is_plain(name: str) -> bool:
    return not any(mark in name for mark in ' <>"{}|\\^`%')

"""The files of a release as distributions: the dumps, and the data sets that come beside them, each with its files."""

from __future__ import annotations

from kg import terms
from kg.catalogue.made import (
    COMPRESSED,
    CONTACT,
    DATASET,
    EU,
    NAMES,
    PUBLIC,
    PUBLISHER,
    Dump,
    File,
    Made,
    Server,
    Supplement,
)
from kg.catalogue.writing import Facts, Things, iri, of_type, typed
from kg.languages import DEFAULT
from kg.members import packing_of
from kg.store import GRAPH_MEDIA_TYPES
from kg.terms import Iri, Literal

_MEDIA = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES = {"nq": "RDF_N_QUADS", "nt": "RDF_N_TRIPLES", "ttl": "RDF_TURTLE", "jsonld": "JSON_LD"}


def iri_of(made: Made, dump: Dump) -> str:
    """The IRI of a dump, at which the file is."""
    return f"{made.iri}/dumps/{dump.name}"


def describe_dump(made: Made, dump: Dump, server: Server) -> Things:
    """Describe a dump, with its checksum."""
    by, compressed = COMPRESSED[dump.name.rpartition(".")[2]], packing_of(dump.name).media_type
    about = f"Everything in the release, as {NAMES[dump.format]} in {by}"
    file = File(f"dumps/{dump.name}", GRAPH_MEDIA_TYPES[dump.format], dump.size, dump.sha256)
    told: Facts = {
        "dcterms:description": Literal(about, language=DEFAULT),
        "dcat:accessURL": server.at(f"{made.iri}/dataset"),
        "dcat:compressFormat": Iri(_MEDIA + compressed),
        "dcterms:license": [] if made.plain else Iri(terms.LICENCE),
    }
    things = _distribution(made, file, _FILE_TYPES[dump.format], told, server)
    return things | {_MEDIA + compressed: of_type("dcterms:MediaType")}


def describe_supplement(made: Made, one: Supplement, server: Server) -> Things:
    """Describe a data set that comes with a release, and its files. It is a part of the release, and derived from it."""
    own, release, page = made.iri_of(one), Iri(made.iri), server.at(f"{made.iri_of(one)}.html")
    things: Things = {
        own: {
            "rdf:type": [iri("dcat:Dataset"), iri("prov:Entity")],
            "dcterms:title": one.title,
            "dcterms:description": one.about,
            "dcterms:identifier": Literal(own),
            "dcat:version": Literal(made.release),
            "dcterms:isPartOf": [release, Iri(DATASET)],
            "prov:wasDerivedFrom": release,
            "prov:wasGeneratedBy": Iri(f"{made.iri}#build"),
            "dcterms:issued": typed(made.created, "dateTime"),
            "dcterms:license": Iri(one.licence),
            "dcterms:publisher": Iri(PUBLISHER),
            "dcterms:accessRights": PUBLIC,
            "dcterms:conformsTo": [Iri(one.standard)] if one.standard else [],
            "dcat:contactPoint": Iri(CONTACT),
            "dcat:landingPage": page,
            "dcat:distribution": [Iri(f"{made.iri}/{file.path}") for file in one.files],
        },
        page.value: of_type("foaf:Document"),
        one.licence: of_type("dcterms:LicenseDocument"),
    }
    for file in one.files:
        told: Facts = {"dcat:accessURL": page, "dcterms:license": Iri(one.licence)}
        things |= _distribution(made, file, file.form.upper(), told, server)
    return things | ({one.standard: of_type("dcterms:Standard")} if one.standard else {})


def _distribution(made: Made, file: File, kind: str, told: Facts, server: Server) -> Things:
    """Describe a file, whose format has this name in the list of the European Union, with what is told of it besides."""
    own, media, kind = f"{made.iri}/{file.path}", _MEDIA + file.media_type, f"{EU}file-type/{kind}"
    checksum = f"{own}#checksum"
    return {
        own: {
            "rdf:type": iri("dcat:Distribution"),
            "dcterms:title": Literal(file.name),
            "dcat:downloadURL": server.at(own),
            "dcat:mediaType": Iri(media),
            "dcterms:format": Iri(kind),
            "dcat:byteSize": typed(file.size, "nonNegativeInteger"),
            "dcterms:issued": typed(made.created, "dateTime"),
            "spdx:checksum": Iri(checksum),
            **told,
        },
        checksum: {
            "rdf:type": iri("spdx:Checksum"),
            "spdx:algorithm": iri("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": typed(file.sha256, "hexBinary"),
        },
        media: of_type("dcterms:MediaType"),
        kind: of_type("dcterms:MediaTypeOrExtent"),
    }

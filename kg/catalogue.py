"""What a release is, told to catalogues: the data set, its releases, files and services (DCAT-AP 3, VoID, PROV).

Whoever runs a server says in `Server` where it is: the addresses are of that place, and the IRIs of what is described stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg import terms
from kg.languages import DEFAULT, LANGUAGES, N_, speak
from kg.members import packing_of
from kg.store import GRAPH_MEDIA_TYPES, Store, write_triples
from kg.terms import Iri, Literal, Term

DATASET = terms.BASE + "dataset"
CATALOGUE = terms.BASE + "catalogue"
SPARQL = terms.BASE + "sparql"
INTERFACE = terms.BASE + "docs#service"
PUBLISHER = terms.BASE + "about#publisher"
CONTACT = terms.BASE + "contact#point"
OPERATOR = terms.BASE + "about#operator"
PROFILE = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"
SPACES = terms.PREFIXES | {
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
_PROTOCOL = "https://www.w3.org/TR/sparql11-protocol/"
_OPENAPI = "https://spec.openapis.org/oas/v3.1.0"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_EU = "http://publications.europa.eu/resource/authority/"
_TONGUES = {"en": "ENG", "ru": "RUS", "kk": "KAZ"}  # the languages of labels, as the authority list names them
_FILE_TYPES = {"nq": "RDF_N_QUADS", "nt": "RDF_N_TRIPLES", "ttl": "RDF_TURTLE", "jsonld": "JSON_LD"}
_COMPRESSED = {"gz": "gzip", "zst": "Zstandard"}  # by the end of the name
_NAMES = {"nq": "N-Quads", "nt": "N-Triples", "ttl": "Turtle", "jsonld": "JSON-LD"}
_THEMES = {"JUST": "Justice, legal system and public safety", "INTR": "International issues"}  # as the list words them
TITLE = "Answerable"
KEYWORDS = (N_("human rights"), N_("international treaties"), N_("obligations of States"), N_("treaty bodies"))
ABOUT = N_("Human-rights events, the obligations they engage, and what was found, alleged, recommended and promised.")
PLAIN = N_("RDF loaded as it is: neither validated nor reasoned over.")
_NO_IRI = set(' <>"{}|\\^`%')  # an input whose name has one of these is left out

_PARTITIONS = {
    "class": ("SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x FILTER(isIRI(?x)) } GROUP BY ?x", "entities"),
    "property": ("SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x", "triples"),
}

Parts = dict[str, Counter[str]]  # "class" and "property": how often each is used
Facts = Mapping[str, Term | Sequence[Term]]  # property, shortened -> its value or values
Things = dict[str, Facts]  # what is said of each subject, by its IRI


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump file: its name, the format inside it, its size in bytes and its SHA-256."""

    name: str
    format: str
    size: int
    sha256: str

    @classmethod
    def of(cls, name: str, size: int, sha256: str) -> Dump | None:
        """Make a dump from the name of its file, `<name>.<format>.<compression>`; nothing where it has another."""
        parts = name.split(".")
        if len(parts) != 3 or parts[1] not in _NAMES or parts[2] not in _COMPRESSED:
            return None
        return cls(name, parts[1], size, sha256)


@dataclass(frozen=True, slots=True)
class Made:
    """What is told of a release: its name, when it was begun and done (UTC), its triples, dumps and inputs by name.

    `started` is empty where it is not known; `before` is the release before it in the same folder.
    """

    release: str
    started: str
    created: str
    triples: int
    dumps: Sequence[Dump]
    inputs: Iterable[str] = ()
    plain: bool = False
    before: str = ""

    @property
    def iri(self) -> str:
        """The IRI of the release."""
        return terms.RELEASE + self.release


@dataclass(frozen=True, slots=True)
class Server:
    """Where the data are offered: the public address of a server, who runs it, and where reports of errors go."""

    base: str = terms.BASE
    operator: str | None = None
    contact: str | None = None

    def at(self, iri: str) -> Iri:
        """Write the address on this server of what has an IRI of ours."""
        return Iri(self.base + iri.removeprefix(terms.BASE))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the record covers: the years of the first and the last dated thing, and States by their ISO 3166-1 codes."""

    first: str
    last: str
    states: Sequence[str]


def describe(parts: Parts, made: Made, server: Server = Server(), coverage: Coverage | None = None) -> Things:
    """Describe the data set and one release of it, with how often each class and each property is used there."""
    things = describe_dataset(made, server, coverage) | describe_release(made, server)
    whole = dict(things[DATASET])
    whole |= {"void:classes": typed(len(+parts["class"]), "integer")}
    whole |= {"void:properties": typed(len(+parts["property"]), "integer")}
    for kind in _PARTITIONS:
        nodes = dict(_partition(parts[kind], kind, made.iri))
        whole[f"void:{kind}Partition"] = [Iri(node) for node in nodes]
        things |= nodes
    return things | {DATASET: whole}


def describe_release(made: Made, server: Server = Server()) -> Things:
    """Describe one release, its files with their checksums, and the build that made it."""
    build = f"{made.iri}#build"
    version = Literal(made.release)
    facts: dict[str, Term | Sequence[Term]] = {
        "rdf:type": [iri("dcat:Dataset"), iri("prov:Entity")],
        "dcterms:title": Literal(f"Answerable, release {made.release}", language=DEFAULT),
        "dcterms:identifier": version,
        "dcat:version": version,
        "dcterms:isVersionOf": Iri(DATASET),
        "dcat:isVersionOf": Iri(DATASET),
        "prov:wasGeneratedBy": Iri(build),
        "dcat:landingPage": server.at(f"{made.iri}.html"),
        **_common(made),
        "dcat:distribution": [Iri(_file(made, dump)) for dump in made.dumps],
    }
    if made.before:
        before = Iri(terms.RELEASE + made.before)
        facts |= {"dcat:previousVersion": before, "dcat:prev": before, "prov:wasRevisionOf": before}
    used = [Iri(f"{made.iri}#input/{name}") for name in made.inputs if _NO_IRI.isdisjoint(name)]
    built: dict[str, Term | Sequence[Term]] = {
        "rdf:type": iri("prov:Activity"),
        "prov:startedAtTime": [typed(made.started, "dateTime")] if made.started else [],
        "prov:endedAtTime": typed(made.created, "dateTime"),
        "prov:used": used,
    }
    things = {made.iri: facts, build: built, server.at(f"{made.iri}.html").value: _document()}
    for dump in made.dumps:
        things |= _describe_file(made, dump, server)
    return things | _surroundings(made, server)


def describe_dataset(made: Made, server: Server = Server(), coverage: Coverage | None = None) -> Things:
    """Describe the data set as it is in one release, and the services that answer from it."""
    files = [Iri(_file(made, dump)) for dump in made.dumps]
    facts: dict[str, Term | Sequence[Term]] = {
        "rdf:type": [iri(name) for name in ("dcat:Dataset", "void:Dataset", "prov:Entity")],
        "dcterms:title": Literal(TITLE, language=DEFAULT),
        "dcterms:identifier": Literal(DATASET),
        **_common(made),
        "dcat:version": Literal(made.release),
        "dcterms:hasVersion": Iri(made.iri),
        "dcat:hasVersion": Iri(made.iri),
        "dcat:hasCurrentVersion": Iri(made.iri),
        "dcat:landingPage": server.at(f"{DATASET}.html"),
        "dcat:distribution": [*files, Iri(f"{SPARQL}#distribution")],
        "prov:wasGeneratedBy": Iri(f"{made.iri}#build"),
        "prov:wasDerivedFrom": Iri(made.iri),
        "void:uriSpace": Literal(terms.ID),
        "void:vocabulary": Iri(terms.VOCABULARY),
        "void:sparqlEndpoint": server.at(SPARQL),
        "void:dataDump": [server.at(file.value) for file in files],
        "void:triples": typed(made.triples, "integer"),
    }
    if not made.plain:
        facts["dcterms:accrualPeriodicity"] = Iri(f"{_EU}frequency/IRREG")
        facts["dcat:theme"] = [Iri(f"{_EU}data-theme/{name}") for name in _THEMES]
        facts["dcat:keyword"] = [word for keyword in KEYWORDS for word in said(keyword)]
    things: Things = {DATASET: facts, server.at(f"{DATASET}.html").value: _document()}
    if coverage:
        facts["dcterms:spatial"] = [Iri(f"{_EU}country/{code}") for code in coverage.states]
        facts["dcterms:temporal"] = Iri(f"{DATASET}#period")
        things[f"{DATASET}#period"] = {
            "rdf:type": iri("dcterms:PeriodOfTime"),
            "dcat:startDate": typed(coverage.first, "gYear"),
            "dcat:endDate": typed(coverage.last, "gYear"),
        }
        things |= {place.value: _a("dcterms:Location") for place in facts["dcterms:spatial"]}
    return things | describe_services(made, server) | _surroundings(made, server)


def describe_services(made: Made, server: Server = Server()) -> Things:
    """Describe what answers from the data set: the SPARQL endpoint, and the interface of pages, things and questions."""
    common: dict[str, Term | Sequence[Term]] = {
        "rdf:type": iri("dcat:DataService"),
        "dcat:servesDataset": Iri(DATASET),
        "dcterms:license": [] if made.plain else Iri(terms.LICENCE),
        "dcterms:accessRights": _PUBLIC,
        "dcterms:publisher": Iri(OPERATOR if server.operator else PUBLISHER),
        "dcat:contactPoint": Iri(CONTACT),
    }
    things: Things = {
        SPARQL: {
            **common,
            "dcterms:title": said(N_("SPARQL endpoint of Answerable")),
            "dcterms:description": said(N_("Answers any SPARQL 1.1 query about the current release.")),
            "dcat:endpointURL": server.at(SPARQL),
            "dcat:endpointDescription": server.at(SPARQL),
            "dcterms:conformsTo": Iri(_PROTOCOL),
        },
        INTERFACE: {
            **common,
            "dcterms:title": said(N_("Things, lists and named questions of Answerable")),
            "dcterms:description": said(N_("Each page as data, and questions with parameters, over HTTP.")),
            "dcat:endpointURL": Iri(server.base),
            "dcat:endpointDescription": server.at(terms.BASE + "openapi.json"),
            "dcterms:conformsTo": Iri(_OPENAPI),
        },
        f"{SPARQL}#distribution": {
            "rdf:type": iri("dcat:Distribution"),
            "dcterms:title": said(N_("SPARQL endpoint of Answerable")),
            "dcat:accessURL": server.at(SPARQL),
            "dcat:accessService": Iri(SPARQL),
            "dcterms:license": common["dcterms:license"],
        },
    }
    return things | {one: _a("dcterms:Standard") for one in (_PROTOCOL, _OPENAPI)} | _surroundings(made, server)


def describe_catalogue(shown: Made, releases: Sequence[Made], server: Server = Server()) -> Things:
    """Describe the catalogue: what it lists, each with a record that says since when."""
    first = releases[0].created if releases else shown.created
    listed = {DATASET: first, SPARQL: first, INTERFACE: first}
    listed |= {one.iri: one.created for one in releases}
    made = {one.iri: one.created for one in releases}
    records = {f"{CATALOGUE}#record-{number}": one for number, one in enumerate(listed, 1)}
    things: Things = {
        CATALOGUE: {
            "rdf:type": iri("dcat:Catalog"),
            "dcterms:title": said(N_("Catalogue of Answerable")),
            "dcterms:description": said(
                N_("The data set, each of its releases, and the services that answer from it.")
            ),
            "dcterms:publisher": Iri(PUBLISHER),
            "dcterms:language": _tongues(),
            "dcterms:license": [] if shown.plain else Iri(terms.LICENCE),
            "dcterms:issued": typed(first, "dateTime"),
            "dcterms:modified": typed(shown.created, "dateTime"),
            "foaf:homepage": Iri(server.base),
            "dcat:themeTaxonomy": Iri(f"{_EU}data-theme"),
            "dcat:dataset": [Iri(DATASET), *(Iri(one.iri) for one in releases)],
            "dcat:service": [Iri(SPARQL), Iri(INTERFACE)],
            "dcat:record": [Iri(record) for record in records],
        },
        server.base: _document(),
        f"{_EU}data-theme": {
            "rdf:type": iri("skos:ConceptScheme"),
            "dcterms:title": Literal("Data theme", language="en"),
        },
        PROFILE: _a("dcterms:Standard"),
    }
    for record, one in records.items():
        things[record] = {
            "rdf:type": iri("dcat:CatalogRecord"),
            "foaf:primaryTopic": Iri(one),
            "dcterms:issued": typed(listed[one], "dateTime"),
            "dcterms:modified": typed(made.get(one, shown.created), "dateTime"),
            "dcterms:conformsTo": Iri(PROFILE),
            "dcterms:language": _tongues(),
        }
    return things | _surroundings(shown, server)


def write(things: Mapping[str, Facts], format: str) -> bytes:
    """Write what is said of things in a graph format."""
    return write_triples(triples(things), format, prefixes=SPACES)


def triples(things: Mapping[str, Facts]) -> Iterator[tuple[Term, Iri, Term]]:
    """Yield what is said of things as triples."""
    for subject, facts in things.items():
        for name, values in facts.items():
            for value in values if isinstance(values, Sequence) else [values]:
                yield Iri(subject), iri(name), value


def count(store: Store) -> Parts:
    """Count how often each class and each property is used in the default graph of a store."""
    return {
        kind: Counter({row[0].value: int(row[1].value) for row in store.query(query)})
        for kind, (query, _) in _PARTITIONS.items()
    }


def read(text: bytes) -> tuple[Parts, str]:
    """Read from the catalogue of a release how often each class and each property is used, and when the build began."""
    parts: Parts = {}
    with Store.memory() as store:
        store.load(text, format="ttl", graph=None, source="catalogue.ttl")
        for kind, (_, measure) in _PARTITIONS.items():
            query = f"SELECT ?x ?n {{ ?part <{iri(f'void:{kind}')}> ?x ; <{iri(f'void:{measure}')}> ?n }}"
            parts[kind] = Counter({row[0].value: int(row[1].value) for row in store.query(query)})
        began = store.query(f"SELECT ?began {{ ?build <{iri('prov:startedAtTime')}> ?began }}")
        return parts, next((row[0].value for row in began), "")


def iri(name: str) -> Iri:
    """Write a shortened name in full."""
    prefix, _, local = name.partition(":")
    return Iri(SPACES[prefix] + local)


def typed(value: object, datatype: str) -> Literal:
    """Make a literal of a datatype of XML Schema."""
    return Literal(str(value), datatype=SPACES["xsd"] + datatype)


def said(text: str) -> list[Literal]:
    """Write a text in each language that it is translated to."""
    told = {code: speak(code).gettext(text) for code in LANGUAGES}
    return [Literal(words, language=code) for code, words in told.items() if code == DEFAULT or words != text]


def _common(made: Made) -> Facts:
    """Tell what holds of the data set and of a release of it alike."""
    facts: dict[str, Term | Sequence[Term]] = {
        "dcterms:description": said(PLAIN if made.plain else ABOUT),
        "dcterms:issued": typed(made.created, "dateTime"),
        "dcterms:modified": typed(made.created, "dateTime"),
        "dcterms:accessRights": _PUBLIC,
        "dcat:contactPoint": Iri(CONTACT),
    }
    if not made.plain:
        facts["dcterms:license"] = Iri(terms.LICENCE)
        facts["dcterms:publisher"] = Iri(PUBLISHER)
        facts["dcterms:language"] = _tongues()
        facts["dcterms:conformsTo"] = [Iri(terms.ONTOLOGY), Iri(terms.BASE + "shapes")]
    return facts


def _describe_file(made: Made, dump: Dump, server: Server) -> Things:
    file, media, type = _file(made, dump), GRAPH_MEDIA_TYPES[dump.format], f"{_EU}file-type/{_FILE_TYPES[dump.format]}"
    checksum, by = f"{file}#checksum", _COMPRESSED[dump.name.rpartition(".")[2]]
    compressed = packing_of(dump.name).media_type
    return {
        file: {
            "rdf:type": iri("dcat:Distribution"),
            "dcterms:title": Literal(dump.name),
            "dcterms:description": Literal(
                f"Everything in the release, as {_NAMES[dump.format]} in {by}", language=DEFAULT
            ),
            "dcat:accessURL": server.at(f"{made.iri}/dataset"),
            "dcat:downloadURL": server.at(file),
            "dcat:mediaType": Iri(_MEDIA + media),
            "dcterms:format": Iri(type),
            "dcat:compressFormat": Iri(_MEDIA + compressed),
            "dcat:byteSize": typed(dump.size, "nonNegativeInteger"),
            "dcterms:issued": typed(made.created, "dateTime"),
            "dcterms:license": [] if made.plain else Iri(terms.LICENCE),
            "spdx:checksum": Iri(checksum),
        },
        checksum: {
            "rdf:type": iri("spdx:Checksum"),
            "spdx:algorithm": iri("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": typed(dump.sha256, "hexBinary"),
        },
        _MEDIA + media: _a("dcterms:MediaType"),
        _MEDIA + compressed: _a("dcterms:MediaType"),
        type: _a("dcterms:MediaTypeOrExtent"),
    }


def _surroundings(made: Made, server: Server) -> Things:
    """Describe the agents, and say of the terms of others that are used what they are, for whoever has no list of them."""
    things: Things = {
        PUBLISHER: {"rdf:type": iri("foaf:Agent"), "foaf:name": Literal(TITLE), "foaf:homepage": Iri(terms.BASE)},
        CONTACT: {
            "rdf:type": [iri("vcard:Kind"), iri("vcard:Organization")],
            "vcard:fn": Literal(server.operator or TITLE),
            "vcard:hasURL": server.at(terms.BASE + "contact"),
            "vcard:hasEmail": [Iri(f"mailto:{server.contact}")] if "@" in (server.contact or "") else [],
        },
        terms.BASE: _document(),
        _PUBLIC.value: _a("dcterms:RightsStatement"),
    }
    if server.operator:
        things[OPERATOR] = {
            "rdf:type": iri("foaf:Agent"),
            "foaf:name": Literal(server.operator),
            "foaf:homepage": Iri(server.base),
        }
    if not made.plain:
        things |= {tongue.value: _a("dcterms:LinguisticSystem") for tongue in _tongues()}
        things |= {one: _a("dcterms:Standard") for one in (terms.ONTOLOGY, terms.BASE + "shapes")}
        things[terms.LICENCE] = _a("dcterms:LicenseDocument")
        things[f"{_EU}frequency/IRREG"] = _a("dcterms:Frequency")
        for name, label in _THEMES.items():
            theme = {"rdf:type": iri("skos:Concept"), "skos:prefLabel": Literal(label, language="en")}
            things[f"{_EU}data-theme/{name}"] = theme
    return things


_PUBLIC = Iri(f"{_EU}access-right/PUBLIC")


def _tongues() -> list[Iri]:
    return [Iri(f"{_EU}language/{_TONGUES[code]}") for code in LANGUAGES]


def _partition(counted: Counter[str], kind: str, release: str) -> Iterator[tuple[str, Facts]]:
    """Yield the parts of the data set that have one class, or one property, with their size."""
    measure = _PARTITIONS[kind][1]
    for number, (one, size) in enumerate(sorted((+counted).items()), 1):
        size_of_it = {f"void:{kind}": Iri(one), f"void:{measure}": typed(size, "integer")}
        yield f"{release}#{kind}-{number}", {"rdf:type": iri("void:Dataset"), **size_of_it}


def _file(made: Made, dump: Dump) -> str:
    return f"{made.iri}/dumps/{dump.name}"


def _a(name: str) -> Facts:
    return {"rdf:type": iri(name)}


def _document() -> Facts:
    return _a("foaf:Document")

"""The data set, its releases and the catalogue that lists them, described (DCAT-AP 3, VoID, PROV)."""

from __future__ import annotations

from collections.abc import Sequence

from kg import terms
from kg.catalogue.counting import PARTITIONS, Parts, partition
from kg.catalogue.files import describe_dump, describe_supplement, iri_of
from kg.catalogue.made import (
    ABOUT,
    CATALOGUE,
    CONTACT,
    DATASET,
    EU,
    KEYWORDS,
    OPERATOR,
    ORIGIN,
    PLAIN,
    PUBLIC,
    PUBLISHER,
    TITLE,
    Coverage,
    Made,
    Server,
)
from kg.catalogue.services import SPARQL, describe_services, services_of
from kg.catalogue.writing import Facts, Things, iri, of_type, said, typed
from kg.languages import DEFAULT, LANGUAGES, N_
from kg.terms import Iri, Literal, Term

PROFILE = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"
_TONGUES = {"en": "ENG", "ru": "RUS", "kk": "KAZ"}  # the languages of labels, as the authority list names them
_THEMES = {"JUST": "Justice, legal system and public safety", "INTR": "International issues"}  # as the list words them
_NO_IRI = set(' <>"{}|\\^`%')  # an input whose name has one of these is left out


def describe(parts: Parts, made: Made, server: Server = ORIGIN, coverage: Coverage | None = None) -> Things:
    """Describe the data set and one release of it, with how often each class and each property is used there."""
    things = describe_dataset(made, server, coverage) | describe_release(made, server)
    whole = dict(things[DATASET])
    whole |= {"void:classes": typed(len(+parts["class"]), "integer")}
    whole |= {"void:properties": typed(len(+parts["property"]), "integer")}
    for kind in PARTITIONS:
        nodes = dict(partition(parts[kind], kind, made.iri))
        whole[f"void:{kind}Partition"] = [Iri(node) for node in nodes]
        things |= nodes
    return things | {DATASET: whole}


def describe_release(made: Made, server: Server = ORIGIN) -> Things:
    """Describe one release, its files with their checksums, what comes beside them, and the build that made it."""
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
        "dcat:distribution": [Iri(iri_of(made, dump)) for dump in made.dumps],
        "dcterms:hasPart": [Iri(made.iri_of(one)) for one in made.supplements],
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
    things = {made.iri: facts, build: built, server.at(f"{made.iri}.html").value: of_type("foaf:Document")}
    for dump in made.dumps:
        things |= describe_dump(made, dump, server)
    for one in made.supplements:
        things |= describe_supplement(made, one, server)
    return things | _surroundings(made, server)


def describe_dataset(made: Made, server: Server = ORIGIN, coverage: Coverage | None = None) -> Things:
    """Describe the data set as it is in one release, and the services that answer from it."""
    files = [Iri(iri_of(made, dump)) for dump in made.dumps]
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
        "dcterms:hasPart": [Iri(made.iri_of(one)) for one in made.supplements],
        "prov:wasGeneratedBy": Iri(f"{made.iri}#build"),
        "prov:wasDerivedFrom": Iri(made.iri),
        "void:uriSpace": Literal(terms.ID),
        "void:vocabulary": Iri(terms.VOCABULARY),
        "void:sparqlEndpoint": server.at(SPARQL),
        "void:dataDump": [server.at(file.value) for file in files],
        "void:triples": typed(made.triples, "integer"),
    }
    if not made.plain:
        facts["dcterms:accrualPeriodicity"] = Iri(f"{EU}frequency/IRREG")
        facts["dcat:theme"] = [Iri(f"{EU}data-theme/{name}") for name in _THEMES]
        facts["dcat:keyword"] = [word for keyword in KEYWORDS for word in said(keyword)]
    things: Things = {DATASET: facts, server.at(f"{DATASET}.html").value: of_type("foaf:Document")}
    if coverage:
        facts["dcterms:spatial"] = [Iri(f"{EU}country/{code}") for code in coverage.states]
        facts["dcterms:temporal"] = Iri(f"{DATASET}#period")
        things[f"{DATASET}#period"] = {
            "rdf:type": iri("dcterms:PeriodOfTime"),
            "dcat:startDate": typed(coverage.first, "gYear"),
            "dcat:endDate": typed(coverage.last, "gYear"),
        }
        things |= {place.value: of_type("dcterms:Location") for place in facts["dcterms:spatial"]}
    return things | describe_services(made, server) | _surroundings(made, server)


def describe_catalogue(shown: Made, releases: Sequence[Made], server: Server = ORIGIN) -> Things:
    """Describe the catalogue: what it lists, each with a record that says since when; tables and crosswalks of `shown` alone."""
    first = releases[0].created if releases else shown.created
    services, supplements = services_of(shown), [shown.iri_of(one) for one in shown.supplements]
    listed = {DATASET: first, **dict.fromkeys(services, first)}
    listed |= {one.iri: one.created for one in releases} | dict.fromkeys(supplements, shown.created)
    made = {one.iri: one.created for one in releases}
    records = {f"{CATALOGUE}#record-{number}": one for number, one in enumerate(listed, 1)}
    things: Things = {
        CATALOGUE: {
            "rdf:type": iri("dcat:Catalog"),
            "dcterms:title": said(N_("Catalogue of Answerable")),
            "dcterms:description": said(
                N_(
                    "The data set, each of its releases, its tables and crosswalks, and the services that answer from it."
                )
            ),
            "dcterms:publisher": Iri(PUBLISHER),
            "dcterms:language": _tongues(),
            "dcterms:license": [] if shown.plain else Iri(terms.LICENCE),
            "dcterms:issued": typed(first, "dateTime"),
            "dcterms:modified": typed(shown.created, "dateTime"),
            "foaf:homepage": Iri(server.base),
            "dcat:themeTaxonomy": Iri(f"{EU}data-theme"),
            "dcat:dataset": [Iri(one) for one in (DATASET, *(one.iri for one in releases), *supplements)],
            "dcat:service": [Iri(one) for one in services],
            "dcat:record": [Iri(record) for record in records],
        },
        server.base: of_type("foaf:Document"),
        f"{EU}data-theme": {
            "rdf:type": iri("skos:ConceptScheme"),
            "dcterms:title": Literal("Data theme", language="en"),
        },
        PROFILE: of_type("dcterms:Standard"),
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


def _common(made: Made) -> Facts:
    """Tell what holds of the data set and of a release of it alike."""
    facts: dict[str, Term | Sequence[Term]] = {
        "dcterms:description": said(PLAIN if made.plain else ABOUT),
        "dcterms:issued": typed(made.created, "dateTime"),
        "dcterms:modified": typed(made.created, "dateTime"),
        "dcterms:accessRights": PUBLIC,
        "dcat:contactPoint": Iri(CONTACT),
    }
    if not made.plain:
        facts["dcterms:license"] = Iri(terms.LICENCE)
        facts["dcterms:publisher"] = Iri(PUBLISHER)
        facts["dcterms:language"] = _tongues()
        facts["dcterms:conformsTo"] = [Iri(terms.ONTOLOGY), Iri(terms.BASE + "shapes")]
    return facts


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
        terms.BASE: of_type("foaf:Document"),
        PUBLIC.value: of_type("dcterms:RightsStatement"),
    }
    if server.operator:
        things[OPERATOR] = {
            "rdf:type": iri("foaf:Agent"),
            "foaf:name": Literal(server.operator),
            "foaf:homepage": Iri(server.base),
        }
    if not made.plain:
        things |= {tongue.value: of_type("dcterms:LinguisticSystem") for tongue in _tongues()}
        things |= {one: of_type("dcterms:Standard") for one in (terms.ONTOLOGY, terms.BASE + "shapes")}
        things[terms.LICENCE] = of_type("dcterms:LicenseDocument")
        things[f"{EU}frequency/IRREG"] = of_type("dcterms:Frequency")
        for name, label in _THEMES.items():
            theme = {"rdf:type": iri("skos:Concept"), "skos:prefLabel": Literal(label, language="en")}
            things[f"{EU}data-theme/{name}"] = theme
    return things


def _tongues() -> list[Iri]:
    return [Iri(f"{EU}language/{_TONGUES[code]}") for code in LANGUAGES]

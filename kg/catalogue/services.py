"""The services that answer from the data set, as a catalogue tells of them."""

from __future__ import annotations

from kg import terms
from kg.catalogue.made import CONTACT, DATASET, OPERATOR, ORIGIN, PUBLIC, PUBLISHER, Made, Server
from kg.catalogue.writing import Facts, Things, iri, of_type, said
from kg.languages import N_
from kg.terms import Iri

SPARQL = terms.BASE + "sparql"
INTERFACE = terms.BASE + "docs#service"
STREAM = terms.BASE + "changes#stream"
RECONCILIATION = terms.BASE + "reconcile"
# Of each: its title, what it does, where it answers, where that is described, and the specification that it keeps to.
_SERVICES = {
    SPARQL: (
        N_("SPARQL endpoint of Answerable"),
        N_("Answers any SPARQL 1.1 query about the current release."),
        *("sparql", "sparql", "https://www.w3.org/TR/sparql11-protocol/"),
    ),
    INTERFACE: (
        N_("Things, lists and named questions of Answerable"),
        N_("Each page as data, and questions with parameters, over HTTP."),
        *("", "openapi.json", "https://spec.openapis.org/oas/v3.1.0"),
    ),
    STREAM: (
        N_("Event stream of Answerable"),
        N_("All versions of all things, release by release, for copies that follow the changes (LDES)."),
        *("changes/ldes", "changes/ldes", "https://w3id.org/ldes/specification"),
    ),
    RECONCILIATION: (
        N_("Reconciliation service of Answerable"),
        N_("Finds States, bodies, treaties, articles, places and rights by the names in your table, for OpenRefine."),
        *("reconcile", "reconcile", "https://reconciliation-api.github.io/specs/0.2/"),
    ),
}
_OURS = (STREAM, RECONCILIATION)  # they answer about things of our vocabulary alone


def services_of(made: Made) -> list[str]:
    """List the services that have something to answer about a release."""
    return [one for one in _SERVICES if not (made.plain and one in _OURS)]


def describe_services(made: Made, server: Server = ORIGIN) -> Things:
    """Describe what answers from the data set: the SPARQL endpoint, the interface of pages, the event stream, reconciliation."""
    licence = [] if made.plain else Iri(terms.LICENCE)
    common: Facts = {
        "rdf:type": iri("dcat:DataService"),
        "dcat:servesDataset": Iri(DATASET),
        "dcterms:license": licence,
        "dcterms:accessRights": PUBLIC,
        "dcterms:publisher": Iri(OPERATOR if server.operator else PUBLISHER),
        "dcat:contactPoint": Iri(CONTACT),
    }
    things: Things = {}
    for service in services_of(made):
        title, about, endpoint, description, standard = _SERVICES[service]
        things[service] = {
            **common,
            "dcterms:title": said(title),
            "dcterms:description": said(about),
            "dcat:endpointURL": server.at(terms.BASE + endpoint),
            "dcat:endpointDescription": server.at(terms.BASE + description),
            "dcterms:conformsTo": Iri(standard),
        }
        things[standard] = of_type("dcterms:Standard")
    things[f"{SPARQL}#distribution"] = {
        "rdf:type": iri("dcat:Distribution"),
        "dcterms:title": things[SPARQL]["dcterms:title"],
        "dcat:accessURL": server.at(SPARQL),
        "dcat:accessService": Iri(SPARQL),
        "dcterms:license": licence,
    }
    return things

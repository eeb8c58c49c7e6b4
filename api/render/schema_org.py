"""The data set in the words of schema.org, for the search engines that find data sets by what a page holds of them."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from kg import catalogue, terms
from kg.catalogue import Coverage, Made, Server
from kg.languages import DEFAULT, LANGUAGES
from kg.store import GRAPH_MEDIA_TYPES

CONTEXT = "https://schema.org"


def describe_dataset(made: Made, server: Server, coverage: Coverage | None) -> dict[str, Any]:
    """Describe the data set as it is in a release."""
    whole = catalogue.describe_dataset(made, server, coverage)[catalogue.DATASET]
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": catalogue.DATASET,
        "name": "Answerable",
        "description": _in_default(whole["dcterms:description"]),
        "url": server.at(f"{catalogue.DATASET}.html").value,
        "identifier": terms.RELEASE + made.release,
        "version": made.release,
        "datePublished": made.created,
        "dateModified": made.created,
        "isAccessibleForFree": True,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": catalogue.CATALOGUE},
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": server.at(f"{terms.RELEASE}{made.release}/dumps/{dump.name}").value,
                "encodingFormat": GRAPH_MEDIA_TYPES[dump.format],
                "contentSize": f"{dump.size} B",
                "sha256": dump.sha256,
            }
            for dump in made.dumps
        ],
        "hasPart": [
            {
                "@type": "Dataset",
                "@id": made.iri_of(one),
                "name": _in_default(one.title),
                "description": _in_default(one.about),
                "url": server.at(f"{made.iri_of(one)}.html").value,
                "license": one.licence,
            }
            for one in made.supplements
        ],
    }
    if not made.plain:
        told["license"] = terms.LICENCE
        told["inLanguage"] = list(LANGUAGES)
        told["keywords"] = [one.value for one in whole["dcat:keyword"] if one.language == DEFAULT]
        told["creator"] = {"@type": "Organization", "@id": catalogue.PUBLISHER, "name": "Answerable", "url": terms.BASE}
    if coverage:
        told["temporalCoverage"] = f"{coverage.first}/{coverage.last}"
    return told


def describe_catalogue(shown: Made, releases: list[Made], server: Server) -> dict[str, Any]:
    """Describe the catalogue, with the releases that it lists."""
    facts = catalogue.describe_catalogue(shown, releases, server)[catalogue.CATALOGUE]
    listed = [(catalogue.DATASET, "Answerable"), *((one.iri, f"Answerable, release {one.release}") for one in releases)]
    listed += [(shown.iri_of(one), _in_default(one.title)) for one in shown.supplements]
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        "@id": catalogue.CATALOGUE,
        "name": _in_default(facts["dcterms:title"]),
        "description": _in_default(facts["dcterms:description"]),
        "url": server.at(f"{catalogue.CATALOGUE}.html").value,
        "dateModified": shown.created,
        "dataset": [{"@type": "Dataset", "@id": iri, "name": name} for iri, name in listed],
    }
    return told if shown.plain else {**told, "license": terms.LICENCE}


def write(told: dict[str, Any]) -> Markup:
    """Write a description so that it can stand in a page: no sign in it ends the element or begins another."""
    text = json.dumps(told, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _in_default(texts: Any) -> str:
    return next(one.value for one in texts if one.language == DEFAULT)

"""What describes a release to those who take its folder: how to cite it, and what is in it (CFF, Zenodo, RO-Crate, Frictionless).

All of it is made from what the catalogue is made from. Paths are those in the folder of a release, and on a server below `/release/<id>/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kg import terms
from kg.catalogue import ABOUT, DATASET, KEYWORDS, PLAIN, TITLE, File, Made, Supplement
from kg.languages import DEFAULT
from kg.members import packing_of
from kg.store import GRAPH_MEDIA_TYPES

CITATION, ZENODO, CRATE, PACKAGE = FILES = ("CITATION.cff", "zenodo.json", "ro-crate-metadata.json", "datapackage.json")
PUBLISHER = TITLE
LICENCE = ("CC-BY-4.0", "Creative Commons Attribution 4.0 International")  # as SPDX calls it, and its name
_CRATE = "https://w3id.org/ro/crate/1.1"
_ASK = "If you use these data, please cite this release."


def describe(made: Made) -> dict[str, bytes]:
    """Write the files that describe a release, by their names."""
    crate, package, deposit = _crate(made), _package(made), _deposit(made)
    told = {ZENODO: deposit, CRATE: crate, PACKAGE: package}
    return {CITATION: _citation(made)} | {name: _write(value) for name, value in told.items()}


def _title(made: Made) -> str:
    return f"{TITLE}, release {made.release}"


def _about(made: Made) -> str:
    return PLAIN if made.plain else ABOUT


def _citation(made: Made) -> bytes:
    """Write a citation file (Citation File Format 1.2.0), which is YAML; a text in JSON is one in YAML too."""
    facts: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": _ASK,
        "type": "dataset",
        "title": _title(made),
        "abstract": _about(made),
        "authors": [{"name": PUBLISHER}],
        "version": made.release,
        "date-released": made.created[:10],
        "url": terms.RELEASE + made.release,
        "keywords": [*KEYWORDS],
    }
    if not made.plain:
        facts["license"] = LICENCE[0]
    return "".join(_lines(facts)).encode()


def _lines(facts: dict[str, Any]) -> Iterable[str]:
    for name, value in facts.items():
        yield f"{name}: {json.dumps(value, ensure_ascii=False)}\n"


def _deposit(made: Made) -> dict[str, Any]:
    """Write what Zenodo asks of who deposits the release there."""
    licence = {} if made.plain else {"license": LICENCE[0].lower()}
    return {
        "title": _title(made),
        "upload_type": "dataset",
        "description": _about(made),
        "creators": [{"name": PUBLISHER}],
        "publication_date": made.created[:10],
        "version": made.release,
        "access_right": "open",
        **licence,
        "keywords": [*KEYWORDS],
        "related_identifiers": [
            {"identifier": terms.RELEASE + made.release, "relation": "isIdenticalTo", "resource_type": "dataset"},
            {"identifier": DATASET, "relation": "isVersionOf", "resource_type": "dataset"},
        ],
    }


def _crate(made: Made) -> dict[str, Any]:
    """Describe the folder as a research object (RO-Crate 1.1)."""
    licence = {} if made.plain else {"license": {"@id": terms.LICENCE}}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": _title(made),
        "description": _about(made),
        "identifier": terms.RELEASE + made.release,
        "isBasedOn": {"@id": DATASET},
        "version": made.release,
        "datePublished": made.created,
        "keywords": ", ".join(KEYWORDS),
        "publisher": {"@id": terms.BASE},
        **licence,
    }
    files = [
        {
            "@id": f"dumps/{dump.name}",
            "@type": "File",
            "name": dump.name,
            "contentSize": str(dump.size),
            "encodingFormat": [GRAPH_MEDIA_TYPES[dump.format], packing_of(dump.name).media_type],
            "sha256": dump.sha256,
        }
        for dump in made.dumps
    ]
    files += [_file(one, file) for one in made.supplements for file in one.files]
    root["hasPart"] = [{"@id": one["@id"]} for one in files]
    head = {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": _CRATE}, "about": {"@id": "./"}}
    others = [{"@id": terms.BASE, "@type": "Organization", "name": PUBLISHER, "url": terms.BASE}]
    if not made.plain:
        others.append({"@id": terms.LICENCE, "@type": "CreativeWork", "name": LICENCE[1]})
    others += [
        {"@id": one, "@type": "CreativeWork"} for one in sorted({one.standard for one in made.supplements} - {""})
    ]
    return {"@context": f"{_CRATE}/context", "@graph": [head, root, *files, *others]}


def _file(supplement: Supplement, file: File) -> dict[str, Any]:
    """Describe a file of a table or a crosswalk."""
    standard = {"conformsTo": {"@id": supplement.standard}} if supplement.standard else {}
    return {
        "@id": file.path,
        "@type": "File",
        "name": file.name,
        "description": next(text.value for text in supplement.title if text.language == DEFAULT),
        "contentSize": str(file.size),
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
        "license": {"@id": supplement.licence},
        **standard,
    }


def _package(made: Made) -> dict[str, Any]:
    """Describe the dumps as a data package (Frictionless Data Package 1)."""
    licence = {"name": LICENCE[0], "path": terms.LICENCE, "title": LICENCE[1]}
    return {
        "name": f"{TITLE.lower()}-{made.release}",
        "id": terms.RELEASE + made.release,
        "title": _title(made),
        "description": _about(made),
        "homepage": DATASET,
        "version": made.release,
        "created": made.created,
        "keywords": [*KEYWORDS],
        **({} if made.plain else {"licenses": [licence]}),
        "contributors": [{"title": PUBLISHER, "path": terms.BASE, "role": "publisher"}],
        "resources": [
            {
                "name": f"{TITLE.lower()}-{dump.format}",
                "path": f"dumps/{dump.name}",
                "format": dump.format,
                "mediatype": GRAPH_MEDIA_TYPES[dump.format],
                "compression": packing_of(dump.name).suffix,
                "bytes": dump.size,
                "hash": f"sha256:{dump.sha256}",
            }
            for dump in made.dumps
        ],
    }


def _write(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()

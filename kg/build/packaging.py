"""What describes a release to those who take its folder: how to cite it, and what is in it (CFF, Zenodo, RO-Crate, Frictionless).

All of it is made from what the catalogue is made from. Paths are those in the folder of a release, and on a server below `/release/<id>/`.
"""

import json
from pathlib import PurePath
from typing import Any

from kg import terms
from kg.catalogue import ABOUT, DATASET, KEYWORDS, TITLE, File, ReleaseFacts, Supplement
from kg.release import COMPRESSED

CITATION, ZENODO, CRATE, PACKAGE = FILES = ("CITATION.cff", "zenodo.json", "ro-crate-metadata.json", "datapackage.json")
PUBLISHER = TITLE
LICENCE = ("CC-BY-4.0", "Creative Commons Attribution 4.0 International")  # as SPDX calls it, and its name
_CRATE = "https://w3id.org/ro/crate/1.1"
_ASK = "If you use these data, please cite this release."


def describe(facts: ReleaseFacts) -> dict[str, bytes]:
    """Write the files that describe a release, by their names."""
    documents = {ZENODO: _deposit(facts), CRATE: _crate(facts), PACKAGE: _package(facts)}
    return {CITATION: _citation(facts)} | {name: _write(document) for name, document in documents.items()}


def _title(facts: ReleaseFacts) -> str:
    return f"{TITLE}, release {facts.id}"


def _citation(facts: ReleaseFacts) -> bytes:
    """Write a citation file (Citation File Format 1.2.0), which is YAML; a text in JSON is one in YAML too."""
    entry: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": _ASK,
        "type": "dataset",
        "title": _title(facts),
        "abstract": ABOUT,
        "authors": [{"name": PUBLISHER}],
        "version": facts.id,
        "date-released": facts.created[:10],
        "url": terms.RELEASE + facts.id,
        "keywords": [*KEYWORDS],
        "license": LICENCE[0],
    }
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in entry.items()).encode()


def _deposit(facts: ReleaseFacts) -> dict[str, Any]:
    """Write what Zenodo asks of who deposits the release there."""
    return {
        "title": _title(facts),
        "upload_type": "dataset",
        "description": ABOUT,
        "creators": [{"name": PUBLISHER}],
        "publication_date": facts.created[:10],
        "version": facts.id,
        "access_right": "open",
        "license": LICENCE[0].lower(),
        "keywords": [*KEYWORDS],
        "related_identifiers": [
            {"identifier": terms.RELEASE + facts.id, "relation": "isIdenticalTo", "resource_type": "dataset"},
            {"identifier": DATASET, "relation": "isVersionOf", "resource_type": "dataset"},
        ],
    }


def _crate(facts: ReleaseFacts) -> dict[str, Any]:
    """Describe the folder as a research object (RO-Crate 1.1)."""
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": _title(facts),
        "description": ABOUT,
        "identifier": terms.RELEASE + facts.id,
        "isBasedOn": {"@id": DATASET},
        "version": facts.id,
        "datePublished": facts.created,
        "keywords": ", ".join(KEYWORDS),
        "publisher": {"@id": terms.BASE},
        "license": {"@id": terms.LICENCE},
    }
    files = [_file(dump, [dump.media_type, COMPRESSED[PurePath(dump.name).suffix]]) for dump in facts.dumps]
    files += [_further(supplement, file) for supplement in facts.supplements for file in supplement.files]
    root["hasPart"] = [{"@id": file["@id"]} for file in files]
    head = {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": _CRATE}, "about": {"@id": "./"}}
    others = [
        {"@id": terms.BASE, "@type": "Organization", "name": PUBLISHER, "url": terms.BASE},
        {"@id": terms.LICENCE, "@type": "CreativeWork", "name": LICENCE[1]},
    ]
    standards = sorted({supplement.standard for supplement in facts.supplements} - {""})
    others += [{"@id": standard, "@type": "CreativeWork"} for standard in standards]
    return {"@context": f"{_CRATE}/context", "@graph": [head, root, *files, *others]}


def _file(file: File, encoding: str | list[str]) -> dict[str, Any]:
    return {
        "@id": file.path,
        "@type": "File",
        "name": file.name,
        "contentSize": str(file.size),
        "encodingFormat": encoding,
        "sha256": file.sha256,
    }


def _further(supplement: Supplement, file: File) -> dict[str, Any]:
    """Describe a file of a table or a crosswalk."""
    standard = {"conformsTo": {"@id": supplement.standard}} if supplement.standard else {}
    licence = {"license": {"@id": supplement.licence}}
    return {**_file(file, file.media_type), "description": supplement.title, **licence, **standard}


def _package(facts: ReleaseFacts) -> dict[str, Any]:
    """Describe the dumps as a data package (Frictionless Data Package 1)."""
    licence = {"name": LICENCE[0], "path": terms.LICENCE, "title": LICENCE[1]}
    return {
        "name": f"{TITLE.lower()}-{facts.id}",
        "id": terms.RELEASE + facts.id,
        "title": _title(facts),
        "description": ABOUT,
        "homepage": DATASET,
        "version": facts.id,
        "created": facts.created,
        "keywords": [*KEYWORDS],
        "licenses": [licence],
        "contributors": [{"title": PUBLISHER, "path": terms.BASE, "role": "publisher"}],
        "resources": [
            {
                "name": f"{TITLE.lower()}-{dump.format}",
                "path": dump.path,
                "format": dump.format,
                "mediatype": dump.media_type,
                "compression": PurePath(dump.name).suffix[1:],
                "bytes": dump.size,
                "hash": f"sha256:{dump.sha256}",
            }
            for dump in facts.dumps
        ],
    }


def _write(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()

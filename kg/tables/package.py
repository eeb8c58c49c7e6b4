"""The package of a release's tables: their codebook and files, as a Frictionless data package, and what it lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import terms
from kg.store import Store
from kg.tables.header import PRECISIONS, Column, Table
from kg.tables.reading import Frame, Reader

FOLDER = "tables"  # of a release
PACKAGE = "datapackage.json"
FORMATS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"text": "string", "list": "string", "category": "string", "day": "date"}
_TOLD = ("prefLabel", "definition")


def load(release: Path) -> dict[str, Any] | None:
    """Read the package of a release folder; None where it has no tables."""
    try:
        return json.loads((release / FOLDER / PACKAGE).read_bytes())
    except FileNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Described:
    """What a package is made from: all tables, the queries for the limits, and the files that were written by format."""

    tables: Mapping[str, Table]
    limits: Mapping[str, str]
    written: Mapping[str, Mapping[str, bytes]]


def describe(reader: Reader, made: Described, release: str) -> bytes:
    """Write the package: each table with its files, its codebook, and how far the record goes that it is made from."""
    told: dict[str, list[dict[str, str]]] = {}
    for name, text in sorted(made.limits.items()):
        answer = reader.store.select(text)
        told[name] = sorted(
            ({"what": what.value, "note": note.value} for what, note in answer if what and note),
            key=lambda one: (one["what"], one["note"]),
        )
    known = _definitions(reader)
    package = {
        "profile": "tabular-data-package",
        "name": "answerable-tables",
        "id": f"{terms.RELEASE}{release}/tables",
        "title": "Answerable: tidy tables",
        "description": "Tables of the events, statements, findings, recommendations and treaty records of a release.",
        "version": release,
        "homepage": f"{terms.BASE}tables",
        "licenses": [{"name": "CC-BY-4.0", "path": terms.LICENCE, "title": "Creative Commons Attribution 4.0"}],
        "resources": [
            {**_resource(reader, made, name, known), "limits": [one for key in table.limits for one in told[key]]}
            for name, table in sorted(made.tables.items())
        ],
    }
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()


def _resource(reader: Reader, made: Described, name: str, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    frame, written = reader.frames[name], made.written[name]
    table = frame.table
    listed = [
        {
            "path": f"{table.name}.{format}",
            "format": format,
            "mediatype": FORMATS[format],
            "bytes": len(data),
            "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        }
        for format, data in written.items()
    ]
    schema: dict[str, Any] = {
        "fields": [_field(frame, column, known, reader) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": column, "reference": {"resource": other, "fields": made.tables[other].key[0]}}
            for column, other in table.refers
        ]
    return {
        "name": table.name,
        "profile": "tabular-data-resource",
        "title": table.title,
        "description": table.about,
        "unit": table.unit,
        "rows": frame.rows,
        **listed[0],
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "files": listed,
        "schema": schema,
    }


def _field(frame: Frame, column: Column, known: Mapping[str, Mapping[str, str]], reader: Reader) -> dict[str, Any]:
    """Describe a column: for the codebook, and for programs that check the file."""
    iris = [_expand(term) for term in column.terms]
    cells = frame.columns[column.name]
    present = [cell for cell in cells if cell is not None]
    constraints: dict[str, Any] = {"required": True} if len(present) == len(cells) and cells else {}
    told: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.type, column.type),
        "title": column.label,
        "description": column.meaning,
        "terms": iris,
        "empty": len(cells) - len(present),
    }
    if column.type == "list":
        told["separator"] = " "
    if iris:
        told["rdfType"] = iris[0]
        told["from"] = [known[iri] for iri in iris if iri in known]
    values = _values(frame.table, column, known, reader)
    if values:
        told["values"] = values
        if column.type == "category":
            constraints["enum"] = [one["value"] for one in values]
    if constraints:
        told["constraints"] = constraints
    return told


def _values(
    table: Table, column: Column, known: Mapping[str, Mapping[str, str]], reader: Reader
) -> list[dict[str, str]]:
    """List the values that a column takes, with their names and meanings, where it takes some of a list."""
    if column.part == "precision":
        return [{"value": value, "label": value, "definition": said} for value, said in PRECISIONS.items()]
    if column.kind == "choice":
        return [{"value": one, "label": one, "definition": said} for one, said in table.values[column.name].items()]
    used = reader.concepts.get((table.name, column.name), {})
    return [{"value": value, "label": value, **known.get(iri, {})} for value, iri in sorted(used.items())]


def _definitions(reader: Reader) -> dict[str, dict[str, str]]:
    """The names and definitions of the terms and concepts that the columns come from or take."""
    wanted = {iri for used in reader.concepts.values() for iri in used.values()}
    wanted |= {_expand(term) for frame in reader.frames.values() for one in frame.table.columns for term in one.terms}
    known: dict[str, dict[str, str]] = {}
    for name, key in zip(_TOLD, ("label", "definition"), strict=True):
        for iri, text in _said(reader.store, name, sorted(wanted)):
            known.setdefault(iri, {"iri": iri}).setdefault(key, text)
    return known


def _said(store: Store, name: str, wanted: Iterable[str]) -> list[tuple[str, str]]:
    listed = " ".join(f"<{iri}>" for iri in wanted)
    text = f"SELECT ?x ?said {{ VALUES ?x {{ {listed} }} ?x <{terms.PREFIXES['skos']}{name}> ?said FILTER (LANG(?said) = 'en') }}"
    return sorted((one.value, said.value) for one, said in store.select(text))


def _expand(name: str) -> str:
    prefix, _, local = name.partition(":")
    return terms.PREFIXES[prefix] + local

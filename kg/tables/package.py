"""The tables of a release: made of a store, with a codebook, as a Frictionless data package."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from kg import memory, terms
from kg.files import read_toml
from kg.store import Store
from kg.tables.files import write_csv, write_parquet
from kg.tables.frame import TableReader, TableRows
from kg.tables.header import PRECISIONS, TableColumn, TidyTable, parse_tables

FOLDER = "tables"  # of a release
PACKAGE = "datapackage.json"
FORMATS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STATIC = read_toml(__file__)
_STATE = "state/"  # begins the identifier of a State in a table
_WRITERS = {"csv": write_csv, "parquet": write_parquet}
_TYPES = {"text": "string", "list": "string", "category": "string", "day": "date"}
# Each property by itself: the engine would join two lists of values with all names there are.
_DEFINED = f"""PREFIX skos: <{terms.PREFIXES["skos"]}>
SELECT ?iri ?member ?text {{
  {{ VALUES ?iri {{ %(iris)s }} ?iri skos:prefLabel ?text BIND ("label" AS ?member) }}
  UNION {{ VALUES ?iri {{ %(iris)s }} ?iri skos:definition ?text BIND ("definition" AS ?member) }}
  FILTER (LANG(?text) = "en")
}} ORDER BY DESC(?member) ?iri ?text"""

Definitions = Mapping[str, Mapping[str, str]]  # the IRI, the name and the definition of each term, by its IRI


def load(release: Path) -> dict[str, Any] | None:
    """Read the package of a release folder; None where it has no tables."""
    try:
        return json.loads((release / FOLDER / PACKAGE).read_bytes())
    except FileNotFoundError:
        return None


def make(
    store: Store,
    queries: Mapping[str, str],
    limits: Mapping[str, str],
    release: str,
    write: Callable[[str, bytes], object],
) -> None:
    """Make every table of a store and hand each file to `write`, with its path in the release; last the package.

    `queries` are the texts of the tables by their paths, `limits` those of the queries that say how far the record goes, by name.
    """
    reader, tables = TableReader(store), parse_tables(queries)
    notes = {name: _notes(store, text) for name, text in limits.items()}
    joined = defaultdict[str, set[str]](set)  # the columns that other tables take, by the table that has them
    for table in tables.values():
        for _, other, names in table.joins:
            joined[other] |= {tables[other].key[0], *names}
    resources = []
    for name, table in tables.items():
        frame = reader.read(table)
        files = [*_write_files(frame, write)]
        described = _describe(frame, reader, files, tables)
        resources.append(described | {"limits": [note for key in table.limits for note in notes[key]]})
        reader.frames[name] = TableRows(table, {column: frame.columns[column] for column in joined[name]})
        del frame
        memory.trim()  # of what the answer took
    resources.sort(key=itemgetter("name"))
    package = {
        **_STATIC["package"],
        "id": f"{terms.RELEASE}{release}/tables",
        "version": release,
        "homepage": f"{terms.BASE}tables",
        "resources": resources,
    }
    write(f"{FOLDER}/{PACKAGE}", (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode())


def _notes(store: Store, text: str) -> list[dict[str, str]]:
    notes = [{"what": str(what), "note": str(note)} for what, note in store.select(text) if what and note]
    return sorted(notes, key=lambda each: (each["what"], each["note"]))


def _write_files(frame: TableRows, write: Callable[[str, bytes], object]) -> Iterator[dict[str, Any]]:
    """Write a table in each format, and describe its files."""
    for format, writer in _WRITERS.items():
        path, data = f"{frame.table.name}.{format}", writer(frame)
        described = {"path": path, "format": format, "mediatype": FORMATS[format], "bytes": len(data)}
        write(f"{FOLDER}/{path}", data)
        yield {**described, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}


def _describe(
    frame: TableRows, reader: TableReader, files: Sequence[dict[str, Any]], tables: Mapping[str, TidyTable]
) -> dict[str, Any]:
    table, definitions = frame.table, _definitions(reader, frame.table)
    schema: dict[str, Any] = {
        "fields": [_field(frame, column, reader, definitions) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    keys = [
        {"fields": column, "reference": {"resource": other, "fields": tables[other].key[0]}}
        for column, other in table.refers
    ]
    return {
        "name": table.name,
        **_STATIC["table"],
        "title": table.title,
        "description": table.about,
        "unit": table.unit,
        "rows": frame.rows,
        "coverage": _cover(frame),
        **files[0],
        "files": files,
        "schema": schema | ({"foreignKeys": keys} if keys else {}),
    }


def _cover(frame: TableRows) -> dict[str, str]:
    """Say which years its days and years span, and which States stand in it, by their ISO 3166-1 codes."""
    dated = [frame.columns[column.name] for column in frame.table.columns if column.type in ("day", "year")]
    years = sorted({str(cell)[:4] for cells in dated for cell in cells if cell is not None})
    things = {cell for cells in frame.columns.values() for cell in {*cells} if isinstance(cell, str)}
    codes = sorted(thing.removeprefix(_STATE).upper() for thing in things if thing.startswith(_STATE))
    return {"first": years[0] if years else "", "last": years[-1] if years else "", "states": " ".join(codes)}


def _field(frame: TableRows, column: TableColumn, reader: TableReader, definitions: Definitions) -> dict[str, Any]:
    iris = [terms.expand(term) for term in column.terms]
    cells, values = frame.columns[column.name], _values(frame, column, reader, definitions)
    empty, is_category = cells.count(None), column.type == "category"
    constraints = {
        "required": bool(cells) and not empty,
        "enum": [each["value"] for each in values] if is_category else [],
    }
    optional = {
        "separator": " " if column.type == "list" else "",
        "rdfType": next((iri for iri in iris[:1] if iri not in {each.get("iri") for each in values}), ""),
        "from": [definitions[iri] for iri in iris if iri in definitions],
        "values": values,
        "constraints": {name: constraint for name, constraint in constraints.items() if constraint},
    }
    return {
        "name": column.name,
        "type": _TYPES.get(column.type, column.type),
        "title": column.label,
        "description": column.meaning,
        "terms": iris,
        "empty": empty,
        **{name: member for name, member in optional.items() if member},
    }


def _values(
    frame: TableRows, column: TableColumn, reader: TableReader, definitions: Definitions
) -> list[dict[str, str]]:
    meanings = PRECISIONS if column.part == "precision" else frame.table.values.get(column.name)
    if meanings:
        return [{"value": value, "label": value, "definition": meaning} for value, meaning in meanings.items()]
    used = reader.concepts.get((frame.table.name, column.name), {})
    return [{"value": value, "label": value, **definitions.get(iri, {})} for value, iri in sorted(used.items())]


def _definitions(reader: TableReader, table: TidyTable) -> Definitions:
    """Define the concepts in the columns of a table, and the terms that these come from."""
    iris = {terms.expand(term) for column in table.columns for term in column.terms}
    for column in table.columns:
        iris |= {*reader.concepts.get((table.name, column.name), {}).values()}
    query = _DEFINED % {"iris": " ".join(f"<{iri}>" for iri in sorted(iris))}
    definitions: dict[str, dict[str, str]] = {}
    for iri, member, text in reader.store.select(query):
        definitions.setdefault(str(iri), {"iri": str(iri)}).setdefault(str(member), str(text))
    return definitions

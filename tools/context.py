"""Writes the context of JSON-LD from the files of the ontology: a name for each term of ours, with the type of its values.

`python -m tools.context` puts it where the server finds it, one file a version of the ontology. An address that was published
has its meaning for good: a file of an earlier version stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kg import terms
from kg.config import PROJECT
from kg.jsonld import FOLDER
from kg.store import Store
from kg.store.sanitiser import SCHEMES  # geo:43.3,52.8 would be taken for a short IRI

_XSD = terms.PREFIXES["xsd"]
_LANG_STRING = terms.PREFIXES["rdf"] + "langString"
_OBJECT, _DATATYPE, _CLASS = (terms.PREFIXES["owl"] + name for name in ("ObjectProperty", "DatatypeProperty", "Class"))
_PREFIX = re.compile(r"^@prefix (\w+): <([^>]+)> \.", re.MULTILINE)
_TERMS = f"""
PREFIX owl: <{terms.PREFIXES["owl"]}>
PREFIX schema: <https://schema.org/>
SELECT DISTINCT ?term ?kind ?range {{
  VALUES ?kind {{ owl:Class owl:ObjectProperty owl:DatatypeProperty }}
  ?term a ?kind . FILTER(STRSTARTS(STR(?term), "{terms.VOCABULARY}"))
  OPTIONAL {{ ?term schema:rangeIncludes ?range }}
}}"""
# What others declare and our files use: whether its values are things, texts in a language, or other values.
_USED = f"""
PREFIX owl: <{terms.PREFIXES["owl"]}>
SELECT DISTINCT ?term ?sort {{
  ?term a owl:AnnotationProperty . FILTER(!STRSTARTS(STR(?term), "{terms.VOCABULARY}"))
  ?thing ?term ?value .
  BIND(IF(isIRI(?value), "thing", IF(LANG(?value) != "", "text", "value")) AS ?sort)
}}"""
_SORTS: Mapping[str, dict[str, Any]] = {
    "thing": {"@type": "@id", "@container": "@set"},
    "text": {"@container": "@language"},
    "value": {},
}


def write_context(files: Iterable[Path]) -> dict[str, Any]:
    """Write the context from the Turtle files of the ontology and its schemes; `{"@context": …}`."""
    files, spaces = sorted(files), dict(terms.PREFIXES)
    with Store.memory() as store:
        for path in files:
            data = path.read_bytes()
            store.load(data, format="ttl", graph=terms.graph_of(f"ontology/{path.stem}"), source=path.name)
            spaces |= {name: iri for name, iri in _PREFIX.findall(data.decode()) if name not in SCHEMES}
        kinds, ranges = {}, {}
        for term, kind, range_ in store.select(_TERMS, union=True):
            kinds[term.value] = kind.value
            ranges.setdefault(term.value, set()).update({range_.value} if range_ else ())
        used: dict[str, set[str]] = {}
        for term, sort in store.select(_USED, union=True):
            used.setdefault(term.value, set()).add(sort.value)
    ours = {_name(iri): _define(iri, kinds[iri], ranges[iri], spaces) for iri in sorted(kinds)}
    others = {
        _name(iri): {"@id": _shorten(iri, spaces), **(_SORTS[sorts.pop()] if len(sorts) == 1 else {})}
        for iri, sorts in sorted(used.items())
        if _name(iri) not in ours
    }
    return {"@context": {"@version": 1.1, **dict(sorted(spaces.items())), **ours, **others}}


def version_of(files: Iterable[Path]) -> str:
    """Read the version of the ontology from its files."""
    whole = next(path for path in files if path.stem == "answerable")
    return re.search(r'owl:versionInfo "([^"]+)"', whole.read_text(encoding="utf-8"))[1]


def _name(iri: str) -> str:
    return re.split("[#/]", iri)[-1]


def _define(iri: str, kind: str, ranges: set[str], spaces: Mapping[str, str]) -> Any:
    """Write the definition of one of our terms. A type of values is said where there is one, and else each value says its own."""
    short = _shorten(iri, spaces)
    if kind == _CLASS:
        return short
    if kind == _OBJECT:
        return {"@id": short, **_SORTS["thing"]}
    if ranges == {_LANG_STRING}:
        return {"@id": short, **_SORTS["text"]}
    if len(ranges) == 1 and ranges != {terms.XSD_STRING}:
        return {"@id": short, "@type": _shorten(ranges.pop(), spaces)}
    return {"@id": short}


def _shorten(iri: str, spaces: Mapping[str, str]) -> str:
    return next(
        f"{name}:{iri[len(space) :]}" for name, space in spaces.items() if iri.startswith(space) and iri != space
    )


if __name__ == "__main__":
    FILES = sorted((PROJECT / "ontology").rglob("*.ttl"))
    PATH = FOLDER / f"{version_of(FILES)}.jsonld"
    PATH.write_text(json.dumps(write_context(FILES), indent=1) + "\n", encoding="utf-8")
    print(PATH)

"""Compaction of JSON-LD as the engine writes it: expanded nodes, one a subject, into nodes with the names of our context.

It follows the compaction algorithm of JSON-LD 1.1 as far as this context and such documents need it, in one pass; whoever expands
the document with the context has the same triples. PyLD, which does all of the algorithm, takes over a hundred times as long for the
same document, so each page in JSON-LD would wait for it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from kg import terms
from kg.config import PROJECT

FOLDER = (
    PROJECT / "api" / "contexts"
)  # one context for each version of the ontology; `python -m tools.context` writes it
_XSD = terms.PREFIXES["xsd"]
_TYPE = terms.PREFIXES["rdf"] + "type"
_BOOLEANS = {"true": True, "false": False}


class Compactor:
    """Writes documents with one context; `context` is the value of `@context` in its file."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._spaces = {
            name: iri for name, iri in context.items() if isinstance(iri, str) and name[0] != "@" and iri[-1] in "#/"
        }
        self._names: dict[str, str] = {}  # of classes
        self._terms: dict[str, tuple[str, str, str]] = {}  # property -> its name, type of values and container
        for name, term in context.items():
            if isinstance(term, dict):
                kind, container = self._expand(term.get("@type", "")), term.get("@container", "")
                self._terms[self._expand(term["@id"])] = (name, kind, container)
            elif name not in self._spaces and name[0] != "@":
                self._names[self._expand(term)] = name

    def document(self, address: str, nodes: Iterable[Mapping[str, Any]], first: str) -> dict[str, Any]:
        """Write expanded nodes as a document with the context at an address; the node `first` stands first."""
        ordered = sorted(nodes, key=lambda node: node["@id"] != first)
        return {"@context": address, "@graph": [self._compact(node) for node in ordered]}

    def _compact(self, node: Mapping[str, Any]) -> dict[str, Any]:
        compact: dict[str, Any] = {"@id": node["@id"]}
        kinds = [*node.get("@type", ()), *(value["@id"] for value in node.get(_TYPE, ()) if "@id" in value)]
        for kind in sorted(kinds, key=lambda kind: (kind not in self._names, kind)):  # ours first, by their names
            _append(compact, "@type", self._names.get(kind) or self._shorten(kind))
        for iri, values in node.items():
            if iri[0] != "@":
                self._add(compact, iri, [value for value in values if iri != _TYPE or "@id" not in value])
        return compact

    def _add(self, compact: dict[str, Any], iri: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Add the values of a property: those that its name takes beneath this, the others beneath its short IRI."""
        name, kind, container = self._terms.get(iri, ("", "", ""))
        others = name if name and not kind and not container else self._shorten(iri)
        fits = [(value, _fit(value, kind, container) if name else None) for value in values]
        for value, fitting in sorted(fits, key=lambda fit: fit[1] is None):
            if fitting is None:
                _append(compact, others, self._value(value))
            elif container == "@language":
                _append(compact.setdefault(name, {}), value["@language"], fitting)
            else:
                _append(compact, name, fitting, container == "@set")

    def _value(self, value: Mapping[str, Any]) -> Any:
        if set(value) == {"@value"}:
            return value["@value"]
        return {**value, "@type": self._shorten(value["@type"])} if "@type" in value else value

    def _shorten(self, iri: str) -> str:
        for name, space in self._spaces.items():
            if iri.startswith(space) and not iri[len(space) :].startswith("//"):
                return f"{name}:{iri[len(space) :]}"
        return iri

    def _expand(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return self._spaces[prefix] + rest if colon and prefix in self._spaces else name


def _append(target: dict[str, Any], key: str, value: Any, is_set: bool = False) -> None:
    """Add a value: a single one stands alone, except in a set, and several stand in a list."""
    if key not in target:
        target[key] = [value] if is_set else value
    elif isinstance(target[key], list):
        target[key].append(value)
    else:
        target[key] = [target[key], value]


def _fit(value: Mapping[str, Any], kind: str, container: str) -> Any:
    """Write a value as a name with this type of values takes it; None where it is of another type."""
    text: Any = value.get("@value")
    if kind == "@id":
        return value.get("@id")
    if container == "@language":
        return text if "@language" in value else None
    if not kind:
        return text if set(value) == {"@value"} and isinstance(text, str) else None
    if value.get("@type") != kind:
        return None
    if kind == _XSD + "integer" and isinstance(text, str) and text.lstrip("-").isdigit() and str(int(text)) == text:
        return int(text) if abs(int(text)) < 1 << 53 else text
    return _BOOLEANS.get(text, text) if kind == _XSD + "boolean" else text

"""Compaction of JSON-LD as the engine writes it: expanded nodes, one a subject, into nodes with the names of the context.

It follows the compaction algorithm of JSON-LD 1.1 as far as this context and such documents need it, in one pass; whoever expands
the document with the context has the same triples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kg import terms

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
        for name, told in context.items():
            if isinstance(told, dict):
                kind, container = self._expand(told.get("@type", "")), told.get("@container", "")
                self._terms[self._expand(told["@id"])] = (name, kind, container)
            elif name not in self._spaces and name[0] != "@":
                self._names[self._expand(told)] = name

    def document(self, address: str, nodes: Iterable[Mapping[str, Any]], first: str) -> dict[str, Any]:
        """Write expanded nodes as a document with the context at an address; the node `first` stands first."""
        ordered = sorted(nodes, key=lambda node: node["@id"] != first)
        return {"@context": address, "@graph": [self._node(node) for node in ordered]}

    def _node(self, node: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"@id": node["@id"]}
        kinds = [*node.get("@type", ()), *(value["@id"] for value in node.get(_TYPE, ()) if "@id" in value)]
        if kinds:  # ours first, by their names
            ordered = sorted(kinds, key=lambda kind: (kind not in self._names, kind))
            names = [self._names.get(kind) or self._shorten(kind) for kind in ordered]
            made["@type"] = names[0] if len(names) == 1 else names
        for iri, values in node.items():
            if iri[0] != "@":
                rest = values if iri != _TYPE else [value for value in values if "@id" not in value]
                self._add(made, iri, rest)
        return made

    def _add(self, made: dict[str, Any], iri: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Add the values of a property: those of the type that its name says beneath this, the others beneath its short IRI."""
        name, kind, container = self._terms.get(iri, ("", "", ""))
        others: list[Any] = []
        fitting: list[Any] = []
        by_language: dict[str, Any] = {}
        for value in values:
            if container == "@language" and "@language" in value:
                by_language.setdefault(value["@language"], []).append(value["@value"])
            elif name and container != "@language" and (found := _fit(value, kind)) is not None:
                fitting.append(found)
            else:
                others.append(value if "@id" in value else self._value(value))
        if by_language:
            made[name] = {code: one[0] if len(one) == 1 else one for code, one in by_language.items()}
        if fitting:
            made[name] = fitting if container == "@set" or len(fitting) > 1 else fitting[0]
        if others:
            there = name if name and not kind and not container else self._shorten(iri)
            listed = [*([made[there]] if not isinstance(made.get(there, []), list) else made.get(there, [])), *others]
            made[there] = listed if len(listed) > 1 else listed[0]

    def _value(self, value: Mapping[str, Any]) -> Any:
        if set(value) == {"@value"}:
            return value["@value"]
        told = dict(value)
        if "@type" in told:
            told["@type"] = self._shorten(told["@type"])
        return told

    def _shorten(self, iri: str) -> str:
        for name, space in self._spaces.items():
            if iri.startswith(space) and not iri[len(space) :].startswith("//"):
                return f"{name}:{iri[len(space) :]}"
        return iri

    def _expand(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return self._spaces[prefix] + rest if colon and prefix in self._spaces else name


def _fit(value: Mapping[str, Any], kind: str) -> Any:
    """Write a value as a name with this type of values takes it; None where it is of another type."""
    if kind == "@id":
        return value.get("@id")
    if "@value" not in value or "@language" in value:
        return None
    text = value["@value"]
    if not kind:
        return text if set(value) == {"@value"} and isinstance(text, str) else None
    if value.get("@type") != kind:
        return None
    if kind == _XSD + "integer" and isinstance(text, str) and text.lstrip("-").isdigit() and str(int(text)) == text:
        return int(text) if abs(int(text)) < 1 << 53 else text
    return _BOOLEANS.get(text, text) if kind == _XSD + "boolean" else text

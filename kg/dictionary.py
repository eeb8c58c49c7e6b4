"""The data dictionary: what each class is, what shapes and ontology ask of its things, how often a release uses each term.

It can be told as rows of a table, and for a class as a frame of JSON-LD.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kg import terms
from kg.rows import Cell, Row, gather

CLASS, THING, _NOTE = (terms.PREFIXES["owl"] + name for name in ("Class", "Thing", "AnnotationProperty"))
_DATES = tuple(terms.PREFIXES["xsd"] + name for name in ("date", "gYearMonth", "gYear"))  # the most precise first
# A term that others define; what is not known of it is empty.
_FOREIGN: Mapping[str, Any] = dict.fromkeys(
    ("kind", "label", "definition", "note", "module", "parents", "domains", "ranges", "schemes"), ""
)
# In a frame: whatever values there are, and nothing where there are none, since null could mean no; things with names.
_VALUE = {"@omitDefault": True}
_NAMED = {"@id": {}, "@explicit": True, "@embed": "@always", "skos:prefLabel": _VALUE, **_VALUE}


class DataDictionary:
    """The terms of the ontology, the parts of the shapes, and how often a release uses each term.

    A part is one sentence of a shape: `targets` are the classes whose things it judges, or it judges whatever has one
    of the properties in `conditions`; `paths` are the properties it is about (none: the thing as a whole), and `least`,
    `most`, `takes` and `schemes` are what it asks of their values.
    """

    def __init__(self, stated: Iterable[Row], shapes: Iterable[Row], used: Mapping[str, Counter[str]]) -> None:
        """Make it of the rows of terms and of shapes, and of how often each `class` and each `property` is used."""
        listed = gather(stated, "term", "parent", "domain", "range", "scheme", "notation", "instead")
        self.terms = {row["term"]: row for row in listed}
        current = [row for row in listed if not row["instead"]]  # without deprecated ones
        self.classes = [row for row in current if row["kind"] == CLASS]
        self.properties = [row for row in current if row["kind"] not in (CLASS, _NOTE)]  # of things
        self.parts = gather(shapes, "part", "target", "condition", "path", "take", "scheme")
        for part in self.parts:
            part |= {bound: part[bound] and int(part[bound]) for bound in ("least", "most")}
            part["having"] = " ".join(part["conditions"])
        targets = sorted({iri for part in self.parts for iri in part["targets"]})
        self.by_target = {iri: [part for part in self.parts if iri in part["targets"]] for iri in targets}
        self.used, self.uses = used, used["class"] | used["property"]

    def line(self, iri: str) -> list[str]:
        """List a class and those above it, the nearest first; last what anything is."""
        line = [iri]
        for each in line:
            line += [parent for parent in self.terms[each]["parents"] if parent in self.terms and parent not in line]
        return [*line, THING]

    def below(self, iri: str) -> list[str]:
        """List the classes right below a class."""
        return [row["term"] for row in self.classes if iri in row["parents"]]

    def leading(self, line: Iterable[str]) -> list[Row]:
        """List the properties whose values are things of some classes."""
        return [row for row in self.properties if set(row["ranges"]).intersection(line)]

    def needs(self, line: Sequence[str]) -> list[Row]:
        """List what each of some classes asks of its things: properties, and rules about several of them or about none.

        What a later class asks of a property stands where the property stands first.
        """
        parts = {part["part"]: part for iri in line for part in self.by_target.get(iri, ())}
        single = [part for part in parts.values() if len(part["paths"]) == 1 and part["most"] != 0]
        needs: list[Row] = []
        listed: set[str] = set()
        for iri in line:
            applied = {row["term"] for row in self.properties if iri in row["domains"]}
            names = applied.union(part["paths"][0] for part in single if iri in part["targets"]) - listed
            listed |= names
            described = [self._describe(name, [part for part in single if part["paths"] == [name]]) for name in names]
            described.sort(key=lambda each: (not each["row"]["term"].startswith(terms.VOCABULARY), each["row"]["term"]))
            properties = sorted(described, key=lambda each: (each["least"] == 0, each["wished"] == 0))
            rules = [part for part in self.by_target.get(iri, ()) if part not in single]
            # A shape of whatever has a property speaks where that property is applied.
            rules += [part for part in self.parts if applied.intersection(part["conditions"])]
            needs.append({"iri": iri, "properties": properties, "rules": rules})
        return needs

    def _describe(self, iri: str, parts: list[Row]) -> Row:
        """Describe a property as things of a class have it: `least` a shape demands, without `wished` it warns."""
        row = self.terms.get(iri) or {**_FOREIGN, "term": Cell(iri, "uri")}
        taken = [part["takes"] for part in parts if part["takes"]]
        shared = [each for each in taken[0] if all(each in other for other in taken)] if taken else []
        takes = dict.fromkeys(shared or [each for each in row["ranges"] if not each.endswith("#Concept")])
        wished = max((part["least"] or 0 for part in parts), default=0)
        least = max((part["least"] or 0 for part in parts if not part["is_warning"]), default=0)
        most = min((part["most"] for part in parts if part["most"] is not None), default=None)
        return {
            "row": row,
            "name": terms.shorten(iri).removeprefix("ans:"),
            "parts": parts,
            "uses": self.uses[iri],
            "least": least,
            "wished": wished,
            "most": most,
            "takes": sorted(takes, key=lambda each: _DATES.index(each) if each in _DATES else -1),
            "schemes": [*dict.fromkeys([*row["schemes"], *(each for part in parts for each in part["schemes"])])],
        }

    def dated(self, needs: Iterable[Row]) -> list[Row]:
        """List the properties that take nothing but dates, those that take the vaguest first."""
        dated = [each for need in needs for each in need["properties"] if each["takes"]]
        return sorted(
            (each for each in dated if set(_DATES).issuperset(each["takes"])), key=lambda each: -len(each["takes"])
        )

    def table(self, iri: str, line: Sequence[str]) -> Iterator[Row]:
        """Write a row for each property that a class has by the classes in `line`, and one for each rule."""
        row = self.terms.get(iri) or {**_FOREIGN, "label": "anything"}
        shared = {"class": iri, "class_label": row["label"], "class_definition": row["definition"]}
        shared |= {"class_below": " ".join(row["parents"]), "class_uses": self.uses[iri]}
        needs = self.needs(line)
        for need in needs:
            for each in need["properties"]:
                yield shared | {
                    "property": each["row"]["term"],
                    "property_label": each["row"]["label"],
                    "property_definition": each["row"]["definition"],
                    "applies_to": need["iri"],
                    "takes": " ".join(each["takes"]),
                    "scheme": " ".join(each["schemes"]),
                    "least": each["least"],
                    "most": each["most"],
                    "asked": _degree(each["wished"], each["most"], is_warning=each["wished"] > each["least"]),
                    "sentences": " ".join(part["sentence"] for part in each["parts"]),
                    "property_uses": each["uses"],
                }
            for part in need["rules"]:
                yield shared | {
                    "property": " ".join(part["paths"]),
                    "applies_to": need["iri"],
                    "least": part["least"],
                    "most": part["most"],
                    "asked": _degree(part["least"], part["most"], is_warning=part["is_warning"]),
                    "sentences": part["sentence"],
                }
        if not any(need["properties"] or need["rules"] for need in needs):
            yield shared

    def frame(self, iri: str, context: str) -> dict[str, Any]:
        """Write the frame of a class, with the address of a context: its properties, and those that lead to its things."""
        line, properties = self.line(iri), dict[str, None]()
        for need in self.needs(line):
            properties |= dict.fromkeys(each["row"]["term"] for each in need["properties"])
            properties |= dict.fromkeys(path for part in need["rules"] if part["most"] != 0 for path in part["paths"])
        properties.pop(terms.PREFIXES["rdf"] + "type", None)  # all of a thing's classes stand in the tree anyway
        kinds = {name: self.terms.get(name, _FOREIGN)["kind"] for name in properties}
        return {
            "@context": context,
            "@type": iri.removeprefix(terms.VOCABULARY),
            "@explicit": True,
            "@embed": "@always",
            # In short IRIs, since a name that takes a language cannot stand for any value.
            **{
                terms.shorten(name): _NAMED if kind.endswith("#ObjectProperty") else _VALUE
                for name, kind in kinds.items()
            },
            "@reverse": {terms.shorten(row["term"]): _NAMED for row in self.leading(line)},
        }


def _degree(least: int | None, most: int | None, *, is_warning: bool) -> str:
    if most == 0:
        return "forbidden"
    return ("recommended" if is_warning else "required") if least else "optional"

"""The data dictionary: what each class is, what shapes and ontology ask of its things, how often terms are used."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from api.render import rows
from api.render.page import Reader, query_text
from api.render.rows import Row
from kg import terms
from kg.store import Query

CLASS, THING, _NOTE = (terms.PREFIXES["owl"] + name for name in ("Class", "Thing", "AnnotationProperty"))
DATES = tuple(terms.PREFIXES["xsd"] + name for name in ("date", "gYearMonth", "gYear"))  # the most precise first
SEVERAL = ("parent", "domain", "range", "scheme", "notation", "instead")  # of which a term may have several
# A term that others define; what is not known of it is empty.
FOREIGN: Mapping[str, Any] = dict.fromkeys(
    ("kind", "label", "definition", "note", "module", "parents", "domains", "ranges", "schemes"), ""
)


@dataclass(frozen=True)
class Dictionary:
    """The terms of the ontology, the parts of the shapes, and how often a release uses each term.

    A part is one sentence of a shape: `targets` are the classes whose things it judges, or it judges whatever has one
    of the properties in `conditions`; `paths` are the properties it is about (none: the thing as a whole), and `least`,
    `most`, `takes` and `schemes` are what it asks of their values.
    """

    terms: Mapping[str, Row]
    classes: list[Row]  # without deprecated ones
    properties: list[Row]  # of things, without deprecated ones
    parts: list[Row]
    uses: Mapping[str, int]

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
        parts = {part["part"]: part for iri in line for part in self.parts if iri in part["targets"]}
        single = [part for part in parts.values() if len(part["paths"]) == 1 and part["most"] != 0]
        needs: list[Row] = []
        listed: set[str] = set()
        for iri in line:
            applied = {row["term"] for row in self.properties if iri in row["domains"]}
            names = applied.union(part["paths"][0] for part in single if iri in part["targets"]) - listed
            listed |= names
            ordered = sorted(names, key=lambda name: (not name.startswith(terms.VOCABULARY), name))
            properties = [
                self._describe(name, [part for part in single if part["paths"] == [name]]) for name in ordered
            ]
            properties.sort(key=lambda each: (each["least"] == 0, each["wished"] == 0))
            rules = [part for part in self.parts if iri in part["targets"] and part not in single]
            # A shape of whatever has a property speaks where that property is applied.
            rules += [part for part in self.parts if applied.intersection(part["conditions"])]
            needs.append({"iri": iri, "properties": properties, "rules": rules})
        return needs

    def _describe(self, iri: str, parts: list[Row]) -> Row:
        """Describe a property as things of a class have it: `least` a shape demands, without `wished` it warns."""
        row = self.terms.get(iri) or {**FOREIGN, "term": rows.Cell(iri, "uri")}
        taken = [part["takes"] for part in parts if part["takes"]]
        shared = [each for each in taken[0] if all(each in other for other in taken)] if taken else []
        takes = dict.fromkeys(shared or [each for each in row["ranges"] if not each.endswith("#Concept")])
        return {
            "row": row,
            "name": terms.shorten(iri).removeprefix("ans:"),
            "parts": parts,
            "uses": self.uses.get(iri, 0),
            "least": max((part["least"] or 0 for part in parts if not part["is_warning"]), default=0),
            "wished": max((part["least"] or 0 for part in parts), default=0),
            "most": min((part["most"] for part in parts if part["most"] is not None), default=None),
            "takes": sorted(takes, key=lambda each: DATES.index(each) if each in DATES else -1),
            "schemes": [*dict.fromkeys([*row["schemes"], *(each for part in parts for each in part["schemes"])])],
        }


async def read(reader: Reader) -> Dictionary:
    """Read the dictionary of a release, once."""
    return await reader.opened.once.find(("dictionary",), partial(_read, reader))


async def _read(reader: Reader) -> Dictionary:
    listed = rows.gather(await reader.ask("terms"), "term", *SEVERAL)
    parts = rows.gather(await reader.ask("shapes"), "part", "target", "condition", "path", "take", "scheme")
    for part in parts:
        part |= {bound: part[bound] and int(part[bound]) for bound in ("least", "most")}
    current = [row for row in listed if not row["instead"]]
    return Dictionary(
        terms={row["term"]: row for row in listed},
        classes=[row for row in current if row["kind"] == CLASS],
        properties=[row for row in current if row["kind"] not in (CLASS, _NOTE)],
        parts=parts,
        uses={row["term"]: int(row["count"]) for row in await read_uses(reader)},
    )


async def read_uses(reader: Reader) -> list[Row]:
    """List the classes and properties in use, each with its count, by the catalogue of the release."""
    query = Query(query_text(reader.folder, "vocabulary"))
    return rows.read(await asyncio.to_thread(reader.opened.ask_catalogue, query))

"""The data dictionary: what each class is, what data must say of its things, and how often this release does.

It is worked out from the ontology, the shapes and the partitions of the catalogue; nothing in it is written by hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from api import models
from api.dependencies import About, Exchange, Offers, alternates, cached
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render import rows
from api.render.page import Reader, query_text
from kg import terms
from kg.answer import formats
from kg.errors import UnknownName
from kg.languages import N_
from kg.store import Query
from kg.terms import LICENCE, Iri, Literal, to_json

router = APIRouter(tags=["Vocabulary"])

CSV = formats.by_name("csv", formats.ANSWER)
FORMS = (HTML, JSON, CSV)
COLUMNS = (
    *("class", "class_label", "class_definition", "class_below", "class_uses", "property", "property_label"),
    *("property_definition", "applies_to", "takes", "scheme", "least", "most", "asked", "sentences", "property_uses"),
)

FEW = 1000  # things of a class, of which the one that most is said of can be found while somebody waits
THING = terms.PREFIXES["owl"] + "Thing"
_CLASS = terms.PREFIXES["owl"] + "Class"
_NOTE = terms.PREFIXES["owl"] + "AnnotationProperty"
_WARNING = terms.PREFIXES["sh"] + "Warning"
_DATES = tuple(terms.PREFIXES["xsd"] + name for name in ("date", "gYearMonth", "gYear"))  # the most precise first


@dataclass
class Part:
    """One sentence of a shape: the properties it is about (none: the thing as a whole), and what it asks of their values."""

    key: str
    sentence: rows.Cell
    is_warning: bool
    classes: list[str] = field(default_factory=list)  # whose things it judges; or those of whatever has one of `having`
    having: list[str] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    least: int | None = None
    most: int | None = None
    takes: list[str] = field(default_factory=list)  # datatypes and classes
    schemes: list[str] = field(default_factory=list)


@dataclass
class Property:
    """A property as things of one class have it. `least` is what a shape demands, `wished` what it warns without."""

    row: rows.Row
    uses: int
    parts: list[Part] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its local name, or prefix and name where it is not ours."""
        return terms.shorten(self.row["term"]).removeprefix("ans:")

    @property
    def least(self) -> int:
        """How many values it must have."""
        return max((part.least or 0 for part in self.parts if not part.is_warning), default=0)

    @property
    def wished(self) -> int:
        """How many values it should have."""
        return max((part.least or 0 for part in self.parts), default=0)

    @property
    def most(self) -> int | None:
        """How many values it may have; None where any number."""
        return min((part.most for part in self.parts if part.most is not None), default=None)

    @property
    def takes(self) -> list[str]:
        """The datatypes or classes of its values, by its shapes where they say, else by the ontology."""
        listed = [part.takes for part in self.parts if part.takes]
        said = [iri for iri in listed[0] if all(iri in other for other in listed)] if listed else []
        found = dict.fromkeys(said or [iri for iri in self.row["ranges"] if not iri.endswith("#Concept")])
        return sorted(found, key=lambda iri: _DATES.index(iri) if iri in _DATES else -1)

    @property
    def schemes(self) -> list[str]:
        """The schemes whose concepts are its values."""
        return [*dict.fromkeys([*self.row["schemes"], *(iri for part in self.parts for iri in part.schemes)])]

    @property
    def is_date(self) -> bool:
        """Whether its values are days, months or years."""
        return bool(self.takes) and set(_DATES).issuperset(self.takes)


@dataclass
class Asked:
    """What is asked of things of one class by that class itself: its properties, and sentences about several or about none."""

    iri: str
    properties: list[Property] = field(default_factory=list)
    rules: list[Part] = field(default_factory=list)


@dataclass
class Dictionary:
    """The ontology's terms, the parts of the shapes, and how often each term is used in a release."""

    terms: Mapping[str, rows.Row]
    parts: list[Part]
    uses: Mapping[str, int]
    above: Mapping[str, Iterable[str]]

    @property
    def classes(self) -> list[rows.Row]:
        """Our classes, without deprecated ones."""
        return [row for row in self.terms.values() if row["kind"] == _CLASS and not row["instead"]]

    @property
    def properties(self) -> list[rows.Row]:
        """Our properties of things, without deprecated ones."""
        return [row for row in self.terms.values() if row["kind"] not in (_CLASS, _NOTE) and not row["instead"]]

    def line(self, iri: str) -> list[str]:
        """List a class and those above it, the nearest first; last what is said of anything."""
        found = [iri]
        for one in found:
            found += [parent for parent in self.terms[one]["parents"] if parent in self.terms and parent not in found]
        return [*found, THING]

    @property
    def judged(self) -> list[tuple[rows.Row, list[Part]]]:
        """Our classes that a shape names, each with the parts of its own shapes."""
        found = [(row, [part for part in self.parts if row["term"] in part.classes]) for row in self.classes]
        return [(row, parts) for row, parts in found if parts]

    @property
    def conditional(self) -> dict[str, list[Part]]:
        """What is asked of whatever has a property, by the properties."""
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            if part.having:
                found.setdefault(" ".join(part.having), []).append(part)
        return dict(sorted(found.items()))

    @property
    def of_terms(self) -> dict[str, list[Part]]:
        """What is asked of the vocabulary itself, by the kind of its terms."""
        kinds = sorted({iri for part in self.parts for iri in part.classes if not iri.startswith(terms.VOCABULARY)})
        return {iri: [part for part in self.parts if iri in part.classes] for iri in kinds}

    def below(self, iri: str) -> list[str]:
        """List the classes right below a class."""
        return [row["term"] for row in self.classes if iri in row["parents"]]

    def leading(self, line: Iterable[str]) -> list[rows.Row]:
        """List the properties whose values are things of some classes."""
        return [row for row in self.properties if set(row["ranges"]).intersection(line)]

    def asked(self, line: Iterable[str]) -> list[Asked]:
        """Tell what each of some classes asks of its things; what a later one asks of a property stands where it stands first."""
        found = [self._asked_by(one) for one in line]
        first: dict[str, Property] = {}
        for asked in found:
            for one in asked.properties:
                first.setdefault(one.name, one)
                first[one.name].parts += [part for part in one.parts if part not in first[one.name].parts]
            asked.properties = [one for one in asked.properties if first[one.name] is one]
        for asked in found:
            asked.properties.sort(key=lambda one: (-min(one.least, 1), -min(one.wished, 1)))
        return found

    def _asked_by(self, iri: str) -> Asked:
        parts = [part for part in self.parts if iri in part.classes]
        applied = {row["term"] for row in self.properties if iri in row["domains"]}
        # A shape of whatever has a property speaks where that property is first applied.
        parts += [part for part in self.parts if part.having and applied.intersection(part.having)]
        single = [part for part in parts if iri in part.classes and len(part.properties) == 1 and part.most != 0]
        named = dict.fromkeys([*applied, *(part.properties[0] for part in single)])
        found = Asked(iri, rules=[part for part in parts if part not in single])
        for name in sorted(named, key=lambda one: (not one.startswith(terms.VOCABULARY), one)):
            about = [part for part in single if part.properties[0] == name]
            row = self.terms.get(name) or _foreign(name)
            found.properties.append(Property(row, self.uses.get(name, 0), about))
        return found


async def read(reader: Reader) -> Dictionary:
    """Read the dictionary of a release, once."""

    async def make() -> Dictionary:
        found = rows.gather(
            await reader.ask("terms"), "term", "parent", "domain", "range", "scheme", "notation", "instead"
        )
        asked = Query(query_text(reader.folder, "vocabulary"))
        counted = rows.read(await asyncio.to_thread(reader.opened.ask_catalogue, asked))
        uses = {str(row["term"]): int(row["count"]) for row in counted}
        parts = [*_parts(await reader.ask("shapes"))]
        return Dictionary({row["term"]: row for row in found}, parts, uses, await reader.classes())

    return await reader.opened.once.find(("dictionary",), make)


def _parts(found: Iterable[rows.Row]) -> Iterator[Part]:
    """Fold the rows of the shapes into their parts; what judges the vocabulary itself is left out."""
    folded: dict[str, Part] = {}
    for row in found:
        part = folded.setdefault(row["part"], Part(row["part"], row["sentence"], row["severity"] == _WARNING))
        for name, values in (
            ("class", part.classes),
            ("having", part.having),
            ("property", part.properties),
            ("datatype", part.takes),
            ("kind", part.takes),
            ("scheme", part.schemes),
        ):
            if row[name] and row[name].is_iri and row[name] not in values:
                values.append(row[name])
        part.least = int(row["least"]) if row["least"] else part.least
        part.most = int(row["most"]) if row["most"] else part.most
    yield from folded.values()


def _foreign(iri: str) -> rows.Row:
    """Describe a property that others define and our shapes ask for."""
    empty = dict.fromkeys(("label", "definition", "note", "module", "instead"))
    return {"term": rows.Cell(iri, "uri"), "kind": "", **empty, "domains": [], "ranges": [], "schemes": []}


whole = Offers(
    *FORMS,
    about=About(
        N_("The data dictionary"),
        terms.BASE + "dictionary",
        alternates("/dictionary", (JSON, CSV)),
        summary=N_("Each class and property: what it means, what it needs, and how often this release uses it."),
    ),
    model=models.Dictionary,
    errors=(404,),
)


@router.get("/dictionary", **whole.documented)
@router.get("/dictionary.{suffix}", include_in_schema=False)
@cached
async def listed(exchange: Annotated[Exchange, Depends(whole)]) -> bytes:
    """The data dictionary: each class and property, what it needs and how often it is used (.csv .json)."""
    known = await read(exchange.reader)
    if exchange.offer is HTML:
        also = {row["term"] for row in known.classes} | {row["module"] for row in known.classes}
        return await exchange.fill("dictionary.html", also=also, known=known)
    iris = [*(row["term"] for row in known.classes), THING]
    return _write(exchange.offer, [line for iri in iris for line in _lines(known, iri, [iri])], exchange.opened.id)


async def _about(exchange: Exchange) -> About:
    known, name = await read(exchange.reader), exchange.params["name"]
    row = known.terms.get(terms.VOCABULARY + name)
    if row is None or row["kind"] != _CLASS:
        raise UnknownName(f"There is no class {name[:60]!r} here", hint="/dictionary lists the classes")
    path = f"/dictionary/{name}"
    return About(str(row["label"] or name), terms.BASE + path[1:], alternates(path, (JSON, CSV)), subject=row)


single = Offers(*FORMS, about=_about, stem="name", model=models.Dictionary, errors=(404,))


@router.get("/dictionary/{name}", **single.documented)
@cached
async def one(exchange: Annotated[Exchange, Depends(single)], name: Annotated[str, Path(examples=["Act"])]) -> bytes:
    """One class: what it is, what its things must say, an example, how often it is used (.csv .json)."""
    known, row = await read(exchange.reader), exchange.about.subject
    if exchange.offer is HTML:
        return await _page(exchange, known, row)
    return _write(exchange.offer, list(_lines(known, row["term"], known.line(row["term"]))), exchange.opened.id)


async def _page(exchange: Exchange, known: Dictionary, row: rows.Row) -> bytes:
    reader = exchange.reader
    iri, asked = row["term"], known.asked(known.line(row["term"]))
    found = await reader.ask("typical" if known.uses.get(iri, 0) <= FEW else "first-of", this=Iri(iri))
    facts = await reader.ask("facts", this=Iri(found[0]["thing"])) if found else []
    spaces = (terms.VOCABULARY, terms.PREFIXES["skos"])
    shown = [one for one in facts if one["property"].startswith(spaces) and not one["derived"].is_true]
    properties = [one for each in asked for one in each.properties]
    named = {iri, *known.line(iri), *known.below(iri), *(one.row["term"] for one in properties)}
    named |= {taken for one in properties for taken in (*one.takes, *one.schemes)}
    return await exchange.fill(
        "class.html",
        shown,
        also=[*named, *row["insteads"], *(one["thing"] for one in found), *(fact["property"] for fact in shown)],
        row=row,
        asked=asked,
        known=known,
        thing=found[0]["thing"] if found else None,
        example=rows.gather(shown, "property", "value"),
        dates=sorted((one for one in properties if one.is_date), key=lambda one: -len(one.takes)),
    )


def _lines(known: Dictionary, iri: str, line: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Write a row for each property that a class has by the classes in `line`, and one for each sentence about several."""
    row = known.terms.get(iri) or {**_foreign(iri), "label": "anything", "parents": []}
    about = {
        "class": iri,
        "class_label": row["label"],
        "class_definition": row["definition"],
        "class_below": " ".join(row["parents"]),
        "class_uses": known.uses.get(iri, 0),
    }
    found = known.asked(line)
    for asked in found:
        for each in asked.properties:
            yield {**about, **_property_line(each), "applies_to": asked.iri}
        for part in asked.rules:
            yield {
                **about,
                "property": " ".join(part.properties),
                "applies_to": asked.iri,
                "least": part.least,
                "most": part.most,
                "asked": _asked(part.least or 0, part.most, is_warning=part.is_warning),
                "sentences": part.sentence,
            }
    if not any(asked.properties or asked.rules for asked in found):
        yield about


def _property_line(one: Property) -> dict[str, Any]:
    return {
        "property": one.row["term"],
        "property_label": one.row["label"],
        "property_definition": one.row["definition"],
        "takes": " ".join(one.takes),
        "scheme": " ".join(one.schemes),
        "least": one.least,
        "most": one.most,
        "asked": _asked(one.wished, one.most, is_warning=one.wished > one.least),
        "sentences": " ".join(part.sentence for part in one.parts),
        "property_uses": one.uses,
    }


def _asked(least: int, most: int | None, *, is_warning: bool) -> str:
    if most == 0:
        return "forbidden"
    return ("recommended" if is_warning else "required") if least else "optional"


def _write(offer: formats.Format, lines: list[dict[str, Any]], release: str) -> bytes:
    told = [{name: line[name] for name in COLUMNS if line.get(name) not in (None, "")} for line in lines]
    if offer is JSON:
        return write_json({"dictionary": told, "release": release, "license": LICENCE})
    cells = [{name: to_json(_term(value)) for name, value in line.items()} for line in told]
    return formats.write_csv(COLUMNS, cells)


def _term(value: Any) -> Iri | Literal:
    return Iri(value) if isinstance(value, rows.Cell) and value.is_iri else Literal(str(value))

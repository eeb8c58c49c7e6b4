"""Crosswalks: how things of the graph correspond to those of other vocabularies, as SSSOM (Simple Standard for Sharing Ontological Mappings).

One that is a judgement of this house is a file, data/crosswalks/*.sssom.tsv. One that the graph states already is made from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kg import terms
from kg.errors import SourceError
from kg.terms import Iri, Quad

FOLDER = "data/crosswalks"
SUFFIX = ".sssom.tsv"
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_label",
    "confidence",
    "comment",
)
PREDICATES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
HOUSE = "Answerable, house judgement"
_SKOS, _SEMAPV = terms.PREFIXES["skos"], "https://w3id.org/semapv/vocab/"
_LINE = re.compile(r"# ( {2})?(\w[\w-]*):(?: (.*))?")
# Codes that their owners give no IRIs have these prefixes, which say whose they are and lead nowhere.
_CODES = "urn:x-code:"


class Line(NamedTuple):
    """One mapping, by the columns of SSSOM; identifiers are CURIEs."""

    subject_id: str
    subject_label: str
    predicate_id: str
    object_id: str
    object_label: str
    mapping_justification: str
    author_label: str
    confidence: str
    comment: str


@dataclass(frozen=True)
class Crosswalk:
    """A set of mappings: its name in addresses, what its head says, its prefixes and its lines."""

    name: str
    head: Mapping[str, str]
    prefixes: Mapping[str, str]
    rows: Sequence[Line] = field(repr=False)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.head["mapping_set_title"]

    @property
    def told(self) -> str:
        """What it says, and whose judgement that is."""
        return self.head["mapping_set_description"]

    def expand(self, curie: str) -> str:
        """Write an identifier in full. Raises SourceError for a prefix that the head does not have."""
        prefix, colon, rest = curie.partition(":")
        if not colon or prefix not in self.prefixes:
            raise SourceError(f"The prefix of {curie[:60]} is not in the head", where=f"{self.name}{SUFFIX}")
        return self.prefixes[prefix] + rest

    def write(self) -> bytes:
        """Write it as SSSOM/TSV."""
        lines = [f"# {name}: {value}" for name, value in self.head.items()]
        lines += ["# curie_map:", *(f"#   {name}: {iri}" for name, iri in self.prefixes.items()), "\t".join(COLUMNS)]
        return "\n".join([*lines, *("\t".join(row) for row in self.rows)]).encode() + b"\n"

    def quads(self) -> list[Quad]:
        """Write the mappings as SKOS."""
        full = (
            (self.expand(row.subject_id), self.expand(row.predicate_id), self.expand(row.object_id))
            for row in self.rows
        )
        return [(Iri(one), Iri(link), Iri(other), None) for one, link, other in full]


def read(root: Path) -> list[Crosswalk]:
    """Read the crosswalks of a project that are files, by name. Raises SourceError for one that cannot be read."""
    paths = sorted((root / FOLDER).glob(f"*{SUFFIX}"))
    return [parse(path.name.removesuffix(SUFFIX), path.read_text(encoding="utf-8")) for path in paths]


def parse(name: str, text: str) -> Crosswalk:
    """Read the text of an SSSOM file. Raises SourceError, with the line."""
    head: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    rows: list[Line] = []
    columns: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _LINE.fullmatch(line):
            inner, key, value = match.groups()
            if value is not None:
                (prefixes if inner else head)[key] = value
        elif not columns:
            columns = tuple(line.split("\t"))
        elif columns == COLUMNS and line.count("\t") == len(COLUMNS) - 1:
            rows.append(Line(*line.split("\t")))
        else:
            said = f"A line has the columns {', '.join(COLUMNS)}, with tabs between them"
            raise SourceError(said, where=f"{name}{SUFFIX}", line=number)
    return Crosswalk(name, head, prefixes, rows)


def faults(one: Crosswalk) -> Iterable[str]:
    """Yield what is wrong with a crosswalk in itself."""
    seen = set()
    for row in one.rows:
        key = (row.subject_id, row.object_id)
        if key in seen:
            yield f"{row.subject_id} and {row.object_id} stand twice"
        seen.add(key)
        if row.predicate_id not in {f"skos:{name}" for name in PREDICATES}:
            yield f"{row.predicate_id} is no predicate of a mapping"
        if not row.mapping_justification.startswith("semapv:") or not row.author_label:
            yield f"{row.subject_id} and {row.object_id} do not say whose judgement they are"
        if row.confidence and not 0 <= float(row.confidence) <= 1:
            yield f"{row.confidence} is no confidence from 0 to 1"


# What the graph states: the property, the prefix, its namespace, what the code is, and the predicate.
_STATES = (
    ("ans:isoCode", "iso3166", f"{_CODES}iso3166-1-alpha-3:", "ISO 3166-1, three letters"),
    ("ans:m49Code", "m49", f"{_CODES}un-m49:", "UN M49"),
    ("ans:cowCode", "cow", f"{_CODES}correlates-of-war:", "Correlates of War"),
    ("ans:gleditschWardCode", "gw", f"{_CODES}gleditsch-ward:", "Gleditsch and Ward"),
    ("skos:exactMatch", "wikidata", "http://www.wikidata.org/entity/", "Wikidata"),
)

STATES = (
    f"PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{_SKOS}> SELECT ?thing ?name ?property ?value {{ VALUES ?property {{ "
    + " ".join(property for property, *_ in _STATES)
    + ' } ?thing a ans:State ; skos:prefLabel ?name ; ?property ?value FILTER (LANG(?name) = "en") } ORDER BY ?thing ?property'
)
CODES = (
    f"PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{_SKOS}> PREFIX rdfs: <{terms.PREFIXES['rdfs']}>"
    f" SELECT DISTINCT ?thing ?name ?value {{ {{ ?thing skos:inScheme <{terms.SCHEME}right> }}"
    " UNION { ?thing rdfs:subClassOf ans:Act } ?thing skos:notation ?value ; skos:prefLabel ?name"
    ' FILTER (LANG(?name) = "en") } ORDER BY ?thing ?value'
)
Row = Mapping[str, Mapping[str, str]]


def of_states(rows: Iterable[Row]) -> Crosswalk:
    """Make the crosswalk of States from the answer to STATES: the codes that the graph states of them."""
    by_iri = {_long(property): (prefix, space, told) for property, prefix, space, told in _STATES}
    made = []
    for row in rows:
        prefix, space, told = by_iri[row["property"]["value"]]
        value, name = row["value"]["value"], row["name"]["value"]
        if row["value"]["type"] == "uri" and not value.startswith(space):
            continue
        state, code = row["thing"]["value"].removeprefix(f"{terms.ID}state/"), value.removeprefix(space)
        found = ("semapv:UnspecifiedMatching", f"{told}, by the sources of the State", "", "")
        made.append(Line(f"state:{state}", name, "skos:exactMatch", f"{prefix}:{code}", "", *found))
    told = "The codes that the graph states of States, each by the sources that the page of the State cites; a code on which these do not agree is left out. Prefixes that begin with urn:x-code stand for codes without addresses of their own."
    spaces = {prefix: space for _, prefix, space, _ in _STATES}
    return _made("states", "States and their codes elsewhere", told, {"state": f"{terms.ID}state/", **spaces}, made)


def of_codes(rows: Iterable[Row]) -> Crosswalk:
    """Make the crosswalk of rights and kinds of acts from the answer to CODES: their notations are HURIDOCS codes."""
    made = []
    for row in rows:
        thing, code, name = (row[key]["value"] for key in ("thing", "value", "name"))
        is_right = thing.startswith(f"{terms.SCHEME}right/")
        subject = f"right:{thing.rpartition('/')[2]}" if is_right else f"ans:{thing.removeprefix(terms.VOCABULARY)}"
        found = ("", "semapv:ManualMappingCuration", HOUSE, "", "")
        made.append(Line(subject, name, "skos:closeMatch", f"huridocs{3 if is_right else 4}:{code}", *found))
    told = "The notations of rights and of classes of acts, which are codes of the HURIDOCS micro-thesauri 3 (rights) and 4 (types of acts). That they correspond is a judgement of this house; HURIDOCS has not said so. The terms of the thesauri are not shipped. Their codes have no addresses of their own."
    spaces = {number: f"{_CODES}huridocs-micro-thesaurus-{number[-1]}:" for number in ("huridocs3", "huridocs4")}
    ours = {"right": f"{terms.SCHEME}right/", "ans": terms.VOCABULARY}
    return _made("rights-acts-huridocs", "Rights and kinds of acts, and HURIDOCS", told, {**ours, **spaces}, made)


def _made(name: str, title: str, told: str, spaces: Mapping[str, str], rows: Sequence[Line]) -> Crosswalk:
    head = {
        "mapping_set_id": f"{terms.BASE}crosswalks/{name}",
        "mapping_set_title": title,
        "mapping_set_description": told,
        "license": terms.LICENCE,
    }
    return Crosswalk(name, head, {**spaces, "semapv": _SEMAPV, "skos": _SKOS}, rows)


def _long(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return terms.PREFIXES[prefix] + rest

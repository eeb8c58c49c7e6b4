"""Crosswalks: how things of the graph correspond to those of other vocabularies, as SSSOM (Simple Standard for Sharing Ontological Mappings).

One that is a judgement of our own is a file, data/crosswalks/*.sssom.tsv. One that the graph states already is made from it.
A build puts both into the release, and a server reads them there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kg import terms
from kg.errors import SourceError
from kg.terms import Iri, Literal, Term

FOLDER = "crosswalks"  # of data/, and of a release
SUFFIX = ".sssom.tsv"
MEDIA_TYPE = "text/tab-separated-values"
STANDARD = "https://w3id.org/sssom/spec"
HEAD = ("mapping_set_id", "mapping_set_title", "mapping_set_description", "license")  # what the head says at least
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
HOUSE = "judged by Answerable"
_SKOS, _SEMAPV = terms.PREFIXES["skos"], "https://w3id.org/semapv/vocab/"
_LINE = re.compile(r"# ( {2})?(\w[\w-]*):(?: (.*))?")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]+')
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
    """A set of mappings: its name in addresses, what its head says, its prefixes and its lines, the first at line `begins` of the file."""

    name: str
    head: Mapping[str, str]
    prefixes: Mapping[str, str]
    rows: Sequence[Line] = field(repr=False)
    begins: int = field(default=1, compare=False)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.head["mapping_set_title"]

    @property
    def told(self) -> str:
        """What it says, and whose judgement that is."""
        return self.head["mapping_set_description"]

    @property
    def path(self) -> str:
        """Where its file is in a release."""
        return f"{FOLDER}/{self.name}{SUFFIX}"

    def by_subject(self) -> dict[str, list[Line]]:
        """Sort its lines by the thing of the graph that each is about, whose IRI is written in full."""
        lines: dict[str, list[Line]] = {}
        for row in self.rows:
            lines.setdefault(self.expand(row.subject_id), []).append(row)
        return lines

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
        rows = ("\t".join(" ".join(cell.split()) for cell in row) for row in self.rows)  # a name may have a tab in it
        return "\n".join([*lines, *rows]).encode() + b"\n"

    def triples(self) -> Iterator[tuple[Term, Iri, Term]]:
        """Yield the mappings as SKOS."""
        for row in self.rows:
            yield Iri(self.expand(row.subject_id)), Iri(self.expand(row.predicate_id)), Iri(self.expand(row.object_id))


def read(release: Path, outputs: Iterable[str]) -> dict[str, Crosswalk]:
    """Read the crosswalks among the files of a release folder, by name. Raises SourceError for one that cannot be read."""
    ours = (path for path in outputs if path.startswith(f"{FOLDER}/") and path.endswith(SUFFIX))
    names = sorted(path.removeprefix(f"{FOLDER}/").removesuffix(SUFFIX) for path in ours)
    return {name: parse(name, (release / FOLDER / f"{name}{SUFFIX}").read_bytes()) for name in names}


def parse(name: str, data: bytes) -> Crosswalk:
    """Read an SSSOM file. Raises SourceError, with the line, for what is none: see COLUMNS and HEAD."""

    def wrong(said: str, line: int, hint: str = "") -> SourceError:
        return SourceError(said, where=f"{name}{SUFFIX}", line=line, hint=hint or None)

    try:
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise wrong("The file is not UTF-8 text", line, "Save it as UTF-8") from None
    head: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    above = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    for number, line in enumerate(lines[:above], 1):
        if not (match := _LINE.fullmatch(line)):
            raise wrong("This is no line of the head", number, "Write `# name: value`, and a prefix as `#   name: IRI`")
        inner, key, value = match.groups()
        if value is not None:
            (prefixes if inner else head)[key] = value
    if missing := [key for key in HEAD if not head.get(key)]:
        raise wrong(f"The head does not say {', '.join(missing)}", 1, f"Write `# {missing[0]}: …`")
    if above == len(lines) or tuple(lines[above].split("\t")) != COLUMNS:
        said = "The line behind the head does not name the columns"
        raise wrong(said, above + 1, f"They are {', '.join(COLUMNS)}, with tabs between them")
    for number, line in enumerate(lines[above + 1 :], above + 2):
        if (count := line.count("\t") + 1) != len(COLUMNS):
            hint = f"They are {', '.join(COLUMNS)}, with tabs between them, also where one is empty"
            raise wrong(f"The line has {count} columns, and there are {len(COLUMNS)}", number, hint)
    rows = [Line(*line.split("\t")) for line in lines[above + 1 :]]
    return Crosswalk(name, head, prefixes, rows, above + 2)


def faults(one: Crosswalk) -> Iterator[tuple[int, str]]:
    """Yield the line of what is wrong with a crosswalk in itself, and what that is."""
    if not _NAME.fullmatch(one.name):
        yield 1, "The name of the file has other signs than small letters, digits and hyphens. Rename it."
    if one.name in MADE:
        yield 1, "The build makes a crosswalk of this name from the graph. Give the file another name."
    for address in (one.head["mapping_set_id"], one.head["license"], *one.prefixes.values()):
        if not _IRI.fullmatch(address):
            yield 1, f"{address[:60]} is no IRI. Write one, such as {terms.LICENCE}."
    seen = set()
    for line, row in enumerate(one.rows, one.begins):
        key = (row.subject_id, row.object_id)
        if key in seen:
            yield line, f"{row.subject_id} and {row.object_id} stand twice. Take one line out."
        seen.add(key)
        yield from ((line, said) for said in _judge(one, row))


def _judge(one: Crosswalk, row: Line) -> Iterator[str]:
    for curie in (row.subject_id, row.object_id):
        try:
            if not _IRI.fullmatch(one.expand(curie)):
                yield f"{curie[:60]} is no IRI when its prefix is written in full."
        except SourceError as error:
            yield f"{error.message}. Add the prefix to the curie_map, or correct it."
    if row.predicate_id not in {f"skos:{name}" for name in PREDICATES}:
        yield f"{row.predicate_id[:60]} is no predicate of a mapping. Write one of skos:{', skos:'.join(PREDICATES)}."
    elif one.prefixes.get("skos") != _SKOS:
        yield f"The prefix skos is not in the head. Write `#   skos: {_SKOS}` below curie_map."
    if not row.mapping_justification.startswith("semapv:") or not row.author_label:
        yield "The line does not say whose judgement it is. Fill in mapping_justification (semapv:…) and author_label."
    try:
        is_confidence = not row.confidence or 0 <= float(row.confidence) <= 1
    except ValueError:
        is_confidence = False
    if not is_confidence:
        yield f"{row.confidence[:60]} is no confidence. Write a number from 0 to 1, or leave it empty."


# What the graph states: the property, the prefix, its namespace, what the code is, and the predicate.
_STATES = (
    ("ans:isoCode", "iso3166", f"{_CODES}iso3166-1-alpha-3:", "ISO 3166-1, three letters"),
    ("ans:m49Code", "m49", f"{_CODES}un-m49:", "UN M49"),
    ("ans:cowCode", "cow", f"{_CODES}correlates-of-war:", "Correlates of War"),
    ("ans:gleditschWardCode", "gw", f"{_CODES}gleditsch-ward:", "Gleditsch and Ward"),
    ("skos:exactMatch", "wikidata", "http://www.wikidata.org/entity/", "Wikidata"),
)

STATES = (
    f"PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{_SKOS}> SELECT DISTINCT ?thing ?name ?property ?value {{ VALUES ?property {{ "
    + " ".join(property for property, *_ in _STATES)
    + ' } ?thing a ans:State ; skos:prefLabel ?name ; ?property ?value FILTER (LANG(?name) = "en") } ORDER BY ?thing ?property ?value'
)
CODES = (
    f"PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{_SKOS}> PREFIX rdfs: <{terms.PREFIXES['rdfs']}>"
    f" SELECT DISTINCT ?thing ?name ?value {{ {{ ?thing skos:inScheme <{terms.SCHEME}right> }}"
    " UNION { ?thing rdfs:subClassOf ans:Act } ?thing skos:notation ?value ; skos:prefLabel ?name"
    ' FILTER (LANG(?name) = "en") } ORDER BY ?thing ?value'
)
MADE = ("rights-acts-huridocs", "states")  # the names of those that are made from the graph
Rows = Iterable[Sequence[Term | None]]


def of_states(rows: Rows) -> Crosswalk:
    """Make the crosswalk of States from the answer to STATES: the codes that the graph states of them."""
    by_iri = {_long(property): (prefix, space, told) for property, prefix, space, told in _STATES}
    made = []
    for thing, name, property, value in rows:
        prefix, space, told = by_iri[str(property)]
        if not isinstance(value, Literal) and not str(value).startswith(space):
            continue
        state, code = str(thing).removeprefix(f"{terms.ID}state/"), str(value).removeprefix(space)
        found = ("semapv:UnspecifiedMatching", f"{told}, by the sources of the State", "", "")
        made.append(Line(f"state:{state}", str(name), "skos:exactMatch", f"{prefix}:{code}", "", *found))
    told = "The codes that the graph states of States, each by the sources that the page of the State cites; a code on which these do not agree is left out. Prefixes that begin with urn:x-code stand for codes without addresses of their own."
    spaces = {prefix: space for _, prefix, space, _ in _STATES}
    return _made("states", "States and their codes elsewhere", told, {"state": f"{terms.ID}state/", **spaces}, made)


def of_codes(rows: Rows) -> Crosswalk:
    """Make the crosswalk of rights and kinds of acts from the answer to CODES: their notations are HURIDOCS codes."""
    made = []
    for thing, name, code in (map(str, row) for row in rows):
        is_right = thing.startswith(f"{terms.SCHEME}right/")
        subject = f"right:{thing.rpartition('/')[2]}" if is_right else f"ans:{thing.removeprefix(terms.VOCABULARY)}"
        found = ("", "semapv:ManualMappingCuration", HOUSE, "", "")
        made.append(Line(subject, name, "skos:closeMatch", f"huridocs{3 if is_right else 4}:{code}", *found))
    told = "The notations of rights and of classes of acts, which are codes of the HURIDOCS micro-thesauri 3 (rights) and 4 (types of acts). That they correspond is a judgement of Answerable; HURIDOCS has not said so. The terms of the thesauri are not shipped. Their codes have no addresses of their own."
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

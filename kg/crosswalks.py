"""Crosswalks: how things of the graph correspond to those of other vocabularies, as SSSOM.

SSSOM is the Simple Standard for Sharing Ontological Mappings. A crosswalk that is a judgement of our own is a file,
data/crosswalks/*.sssom.tsv. One that the graph states already is made from it by a query, queries/crosswalks/<name>.rq: its header has
a title, a description and the prefixes of identifiers, and its SELECT gives the columns of SSSOM by their names; what it leaves out is
empty. A build puts both into the release, and a server reads them there.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from pathlib import Path, PurePath
from typing import NamedTuple

from kg import terms
from kg.errors import SourceError
from kg.files import read_toml
from kg.sparql.header import Grammar, Header, read_header
from kg.store import Store
from kg.terms import Iri, Term

FOLDER = "crosswalks"  # of data/, of queries/, and of a release
SUFFIX = ".sssom.tsv"
MEDIA_TYPE = "text/tab-separated-values"
STANDARD = "https://w3id.org/sssom/spec"
HEAD = ("mapping_set_id", "mapping_set_title", "mapping_set_description", "license")  # what the head has at least
_LINE = re.compile(r"# ( {2})?(\w[\w-]*):(?: (.*))?")
_NOT_PLAIN = re.compile(r"^\W|:(\s|$)|\s#")  # YAML would not read such a value as text
_CELLS = read_toml(__file__)
_GRAMMAR = Grammar(required=("title", "description"), repeated={"prefix": (2, 2, "prefix | IRI")})
_USED_IN_ALL = {"semapv": "https://w3id.org/semapv/vocab/", "skos": terms.PREFIXES["skos"]}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]+')


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


COLUMNS = Line._fields


@dataclass(frozen=True)
class Crosswalk:
    """A set of mappings: its name in addresses, its head, its prefixes and its lines, the first at line `begins` of the file."""

    name: str
    head: Mapping[str, str]
    prefixes: Mapping[str, str]
    rows: Sequence[Line] = field(repr=False)
    begins: int = field(default=1, compare=False)

    @property
    def title(self) -> str:
        """Its title."""
        return self.head["mapping_set_title"]

    @property
    def description(self) -> str:
        """What it maps, and whose judgement that is."""
        return self.head["mapping_set_description"]

    @property
    def path(self) -> str:
        """The path of its file in a release."""
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
        """Write it as SSSOM/TSV; its head is YAML."""
        lines = [f"# {name}: {_quote(value)}" for name, value in self.head.items()]
        lines += ["# curie_map:", *(f"#   {name}: {_quote(iri)}" for name, iri in self.prefixes.items())]
        lines.append("\t".join(COLUMNS))
        rows = ("\t".join(" ".join(cell.split()) for cell in row) for row in self.rows)  # a name may have a tab in it
        return "\n".join([*lines, *rows]).encode() + b"\n"

    def triples(self) -> Iterator[tuple[Term, Iri, Term]]:
        """Yield the mappings as SKOS."""
        for row in self.rows:
            yield Iri(self.expand(row.subject_id)), Iri(self.expand(row.predicate_id)), Iri(self.expand(row.object_id))


def _quote(value: str) -> str:  # a string in JSON is a string in YAML too
    return json.dumps(value, ensure_ascii=False)


def _unquote(value: str, *, is_strict: bool) -> str:
    """Read a value of the head, in double quotes or plain. Raises ValueError for one that YAML reads otherwise, if it is strict."""
    if value.startswith('"'):
        return str(json.loads(value))
    if is_strict and _NOT_PLAIN.search(value):
        raise ValueError
    return value


def parse_query(path: str, text: str) -> Header:
    """Read the header of a file. Raises SourceError."""
    return read_header(text, path, _GRAMMAR)


def make(store: Store, queries: Mapping[str, str]) -> Iterator[Crosswalk]:
    """Ask each query, by the path of its file, and yield its crosswalk; one without any line is left out."""
    for path, text in queries.items():
        name, header, answer = PurePath(path).stem, parse_query(path, text), store.select(text)
        rows = []
        for row in answer:
            cells = {column: str(cell) for column, cell in zip(answer.variables, row, strict=True) if cell is not None}
            rows.append(Line(*(cells.get(column, "") for column in COLUMNS)))
        address = f"{terms.BASE}crosswalks/{name}"
        values = (address, header.once["title"], header.once["description"], terms.LICENCE)
        prefixes = dict(header.parts("prefix")) | _USED_IN_ALL
        if rows:
            yield Crosswalk(name, dict(zip(HEAD, values, strict=True)), prefixes, rows)


def read(release: Path, outputs: Iterable[str]) -> dict[str, Crosswalk]:
    """Read the crosswalks among the files of a release folder, by name. Raises SourceError for one that cannot be read."""
    paths = [PurePath(path) for path in sorted(outputs) if path.startswith(f"{FOLDER}/") and path.endswith(SUFFIX)]
    names = {path.name.removesuffix(SUFFIX): release / path for path in paths}
    return {name: parse(name, path.read_bytes()) for name, path in names.items()}


def parse(name: str, data: bytes, *, is_strict: bool = False) -> Crosswalk:
    """Read an SSSOM file. Raises SourceError, with the line, for one that is none: see COLUMNS and HEAD.

    If it is strict, the head has to be YAML, which that of an older release need not be.
    """
    refuse = partial(SourceError, where=f"{name}{SUFFIX}")
    try:
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse("The file is not UTF-8 text", line=line, hint="Save it as UTF-8") from None
    head: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    above = [*takewhile(lambda text: text.startswith("#"), lines)]
    for number, text in enumerate(above, 1):
        if not (match := _LINE.fullmatch(text)):
            hint = "Write `# name: value`, and a prefix as `#   name: IRI`"
            raise refuse("This is no line of the head", line=number, hint=hint)
        inner, key, value = match.groups()
        if value:
            try:
                (prefixes if inner else head)[key] = _unquote(value, is_strict=is_strict)
            except ValueError:
                hint = f"Write `{key}: {_quote(value.strip(chr(34)))}`"
                raise refuse("YAML does not read this value as text", line=number, hint=hint) from None
    if missing := [key for key in HEAD if not head.get(key)]:
        raise refuse(f"The head does not say {', '.join(missing)}", line=1, hint=f"Write `# {missing[0]}: …`")
    columns, *rows = [text.split("\t") for text in lines[len(above) :]] or [[]]
    hint = f"They are {', '.join(COLUMNS)}, with tabs between them, also where one is empty"
    if tuple(columns) != COLUMNS:
        raise refuse("The line behind the head does not name the columns", line=len(above) + 1, hint=hint)
    for number, row in enumerate(rows, len(above) + 2):
        if len(row) != len(COLUMNS):
            raise refuse(f"The line has {len(row)} columns, and there are {len(COLUMNS)}", line=number, hint=hint)
    return Crosswalk(name, head, prefixes, [Line(*row) for row in rows], len(above) + 2)


def faults(crosswalk: Crosswalk, stated: Collection[str] = ()) -> Iterator[tuple[int, str]]:
    """Yield the mistakes in a crosswalk, each with its line; `stated` are the names of those that the build makes."""
    if not _NAME.fullmatch(crosswalk.name):
        yield 1, "The name of the file has other signs than small letters, digits and hyphens. Rename it."
    if crosswalk.name in stated:
        yield 1, "The build makes a crosswalk of this name from the graph. Give the file another name."
    for address in (crosswalk.head["mapping_set_id"], crosswalk.head["license"], *crosswalk.prefixes.values()):
        if not _IRI.fullmatch(address):
            yield 1, f"{address[:60]} is no IRI. Write one, such as {terms.LICENCE}."
    if crosswalk.prefixes.get("skos") != terms.PREFIXES["skos"]:
        yield 1, f"The prefix skos is not in the head. Write `#   skos: {terms.PREFIXES['skos']}` below curie_map."
    pairs = set()
    for line, row in enumerate(crosswalk.rows, crosswalk.begins):
        pair = (row.subject_id, row.object_id)
        if pair in pairs:
            yield line, f"{row.subject_id} and {row.object_id} stand twice. Take one line out."
        pairs.add(pair)
        yield from ((line, message) for message in _judge(crosswalk, row))


def _judge(crosswalk: Crosswalk, row: Line) -> Iterator[str]:
    for curie in (row.subject_id, row.object_id):
        try:
            if not _IRI.fullmatch(crosswalk.expand(curie)):
                yield f"{curie[:60]} is no IRI when its prefix is written in full."
        except SourceError as error:
            yield f"{error.message}. Add the prefix to the curie_map, or correct it."
    for column, rule in _CELLS.items():
        if not re.fullmatch(rule["pattern"], cell := getattr(row, column)):
            yield rule["message"].format(cell=cell[:60])

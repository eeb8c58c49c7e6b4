"""A crosswalk that the graph states, made by a query: `queries/crosswalks/<name>.rq`.

The header of the file has a title, a description and the prefixes of identifiers; its SELECT gives the columns of SSSOM by their
names. What it leaves out is empty.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from kg import terms
from kg.crosswalks.sssom import COLUMNS, HEAD, Crosswalk, Line
from kg.sparql.header import Grammar, Header, read_header
from kg.store import Store

_GRAMMAR = Grammar(required=("title", "description"), optional=(), repeated={"prefix": (2, 2, "prefix | IRI")})
_USED_IN_ALL = {"semapv": "https://w3id.org/semapv/vocab/", "skos": terms.PREFIXES["skos"]}


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

"""The table of what something can be written as, and how a query or an answer is written in a format of it.

Results and graphs in the standard formats are written by the engine. The other writers, one module a family, take rows in
SPARQL's JSON form, or the answer to a named question.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kg import csvw, sparql, store
from kg.answer import pictures
from kg.answer.engine import Engine
from kg.answer.formats.document import write_geojson, write_json, write_result_set
from kg.answer.formats.separated import with_limits, write_csv, write_metadata, write_sheet
from kg.answer.formats.text import write_markdown, write_report, write_table
from kg.answer.formats.workbook import write_workbook
from kg.answer.questions import QuestionAnswer
from kg.errors import NotAcceptable, UnknownName
from kg.sparql.sentence import Row
from kg.store import Query
from kg.wording import say

BINDINGS, GRAPH, ANSWER, PAGE = "bindings", "graph", "answer", "page"


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write something: its name (also in `format=`), media type and the kinds of things it can hold.

    `kinds`: bindings (SELECT, ASK), graph (CONSTRUCT, DESCRIBE, a resource), answer (a named question), page. `aliases` are
    further media types under which it may be asked for. `write_rows` and `write_answer` write the bindings and the answers
    that the engine does not write. One that `is_dated` tells the day on which the answer was fetched, and one that
    `has_places` needs to be told where things are: both stand in the answer.
    """

    name: str
    media_type: str
    kinds: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    write_rows: Callable[[Sequence[str], Iterable[Row]], bytes] | None = None
    write_answer: Callable[[QuestionAnswer], bytes] | None = None
    is_dated: bool = False
    has_places: bool = False

    @property
    def suffix(self) -> str:
        """The end of a file's name or of an address."""
        return _SUFFIXES.get(self.name, "." + self.name)

    @property
    def content_type(self) -> str:
        """Write the Content-Type header; text is UTF-8."""
        return self.media_type + ("; charset=utf-8" if self.media_type.startswith("text/") else "")


def by_name(name: str, kind: str) -> Format:
    """Find the format of this name for this kind; UnknownName when there is none such, NotAcceptable for other kinds only."""
    offered = {format.name: format for format in formats_of(kind)}
    if name in offered:
        return offered[name]
    if any(format.name == name for format in FORMATS):
        message = say("%(name)s cannot hold this", name=f"{name!r}")
        raise NotAcceptable(message, offered=list(offered), hint=say("Ask for %(names)s", names=offered))
    raise UnknownName(say("There is no format %(name)s", name=f"{name!r}"), hint=say("Known: %(names)s", names=offered))


def formats_of(kind: str) -> list[Format]:
    """List the formats that can hold a kind of thing, the preferred first."""
    return [format for format in FORMATS if kind in format.kinds]


async def write_query(engine: Engine, text: str, format: str) -> bytes:
    """Answer a query in the named format; `table` and `sheet` are for rows, and a graph asked as a table comes as Turtle."""
    form = sparql.read_outline(text).form
    kind = GRAPH if form in ("CONSTRUCT", "DESCRIBE") else BINDINGS
    if format == "table" and kind == GRAPH:
        format = "ttl"
    chosen = by_name(format, kind)
    if chosen.write_rows is None:
        return (await engine.answer(Query(text, chosen.name))).body
    results = json.loads((await engine.answer(Query(text))).body)
    if "boolean" in results:
        truth = str(results["boolean"]).lower()
        return chosen.write_rows(["answer"], [{"answer": {"type": "literal", "value": truth}}])
    return chosen.write_rows(results["head"]["vars"], results["results"]["bindings"])


def write_answer(answer: QuestionAnswer, format: str) -> bytes:
    """Write the answer to a named question in the named format; `table` adds who says it, and from which release."""
    chosen = by_name(format, ANSWER)
    if chosen.write_answer is not None:
        return chosen.write_answer(answer)
    assert chosen.write_rows is not None  # each format of answers has one of the two
    return chosen.write_rows(*with_limits(answer))


_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SUFFIXES = {"sheet": ".csv", "table": ".txt"}  # where it is not the name
_ALIASES = {
    "json": ("application/json", "text/json"),
    "xml": ("application/xml", "text/xml"),
    "ttl": ("application/x-turtle",),
    "nt": ("text/plain",),
    "rdf": ("application/xml", "text/xml"),
}
# In order of preference: the first that is acceptable is taken. The media types of the engine's formats are the engine's.
FORMATS = (
    Format("html", "text/html", (PAGE,), ("application/xhtml+xml",)),
    *(
        Format(name, media_type, (kind,), _ALIASES.get(name, ()))
        for kind, media_types in ((BINDINGS, store.ROW_MEDIA_TYPES), (GRAPH, store.GRAPH_MEDIA_TYPES))
        for name, media_type in media_types.items()
    ),
    Format("json", "application/json", (ANSWER,), ("text/json",), write_answer=write_json),
    Format("csv", "text/csv", (ANSWER,), write_rows=write_csv),
    Format("xlsx", _WORKBOOK, (ANSWER,), write_answer=write_workbook, is_dated=True),
    Format("ttl", "text/turtle", (ANSWER,), write_answer=write_result_set),
    Format("svg", "image/svg+xml", (ANSWER,), write_answer=pictures.write_svg),
    Format("png", "image/png", (ANSWER,), write_answer=pictures.write_png),
    Format("md", "text/markdown", (ANSWER,), write_answer=write_markdown),
    Format("geojson", "application/geo+json", (ANSWER,), write_answer=write_geojson, has_places=True),
    Format(csvw.SUFFIX, csvw.MEDIA_TYPE, (ANSWER,), write_answer=write_metadata),
    Format("sheet", "text/csv", (ANSWER, BINDINGS), write_rows=write_sheet),
    Format("table", "text/plain", (ANSWER, BINDINGS), write_rows=write_table, write_answer=write_report),
)

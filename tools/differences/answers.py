"""Reads an answer into lines that can be compared: what is written otherwise and means the same becomes the same lines.

A line has a label, a tab and a text. The label says what the line is of (a header, a member, a property), so that the same
difference on many addresses is known again. The lines stand in parts, such as status, headers, text and links.
"""

import datetime
import hashlib
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import lxml.etree
import lxml.html
import openpyxl
import pyoxigraph

Parts = dict[str, list[str]]

UNCOMPARED = {"date", "content-length"}
PRESENT = {"last-modified", "retry-after", "repr-digest"}  # compared by whether they are there
SETS = {"allow", "vary", "link"} | {
    f"access-control-{name}" for name in ("allow-methods", "allow-headers", "expose-headers")
}
# Elements inside a line of text; any other begins a line of its own.
INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q"),
        *("s", "samp", "small", "span", "strong", "sub", "sup", "time", "tspan", "u", "var"),
    )
)
GRAPHS = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/trig", "application/n-quads")
BINARY = ("image/png", "application/vnd.", "application/gzip", "application/zstd")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Answer:
    """What a server answers: status, headers and body, decompressed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def media_type(self) -> str:
        """Return the media type without its parameters."""
        return dict(self.headers).get("content-type", "").partition(";")[0].strip()

    @property
    def etag(self) -> str:
        """Return the ETag, or one that no server has."""
        return dict(self.headers).get("etag", '"none"')

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people."""
        return self.media_type == "text/html"


def unify(text: str, host: str) -> str:
    """Replace the server's own address, the fingerprints of static files and the moment of today by words."""
    text = text.replace(host, "server").replace(quote(host, safe=""), "server")
    text = re.sub(r"\?v=[0-9a-f]{6,64}", "?v=fingerprint", text)
    return re.sub(rf"{datetime.datetime.now(datetime.UTC).date()}(T[\d:.]+(Z|\+00:00)?)?", "today", text)


def parts(answer: Answer, host: str, address: str = "") -> Parts:
    """Read an answer into its parts."""
    lines = {"status": [f"{answer.status}\tstatus"], "headers": list(_headers(answer.headers, host))}
    text = unify(answer.body.decode("utf-8", "backslashreplace"), host)
    reader = OF_LAST.get(address.partition("?")[0].rpartition("/")[2]) or _reader(answer.media_type)
    try:
        if answer.media_type.startswith(BINARY):
            return lines | {"body": [unify(line, host) for line in _binary(answer)]}
        return lines | reader(text)
    except (ValueError, SyntaxError, zipfile.BadZipFile, lxml.etree.LxmlError):  # it is not what its media type says
        return lines | _text(text)


def _headers(headers: tuple[tuple[str, str], ...], host: str) -> Iterator[str]:
    values = defaultdict(list)
    for name, value in headers:
        values[name.lower()].append(unify(value, host))
    for name in sorted(values.keys() - UNCOMPARED):
        value = ", ".join(values[name])
        if name == "etag":
            value = "weak" if value.startswith("W/") else "strong"
        elif name in PRESENT:
            value = "present"
        if name in SETS:
            items = re.split(r",\s*(?=<)" if name == "link" else r",\s*", value)
            yield from sorted({f"{name}\t{_sorted_parameters(item)}" for item in items})
        else:
            yield f"{name}\t{value}"


def _sorted_parameters(link: str) -> str:
    target, *parameters = re.split(r";\s*(?=[a-z*-]+=)", link)
    return "; ".join([target, *sorted(parameters)])


def _binary(answer: Answer) -> Iterator[str]:
    if answer.media_type == XLSX:
        for sheet in openpyxl.load_workbook(io.BytesIO(answer.body)):
            cells = (cell for row in sheet for cell in row if cell.value is not None)
            yield from (f"{sheet.title}\t{cell.coordinate} {cell.value!r} {cell.number_format}" for cell in cells)
    else:
        yield f"\t{len(answer.body)} bytes {hashlib.sha256(answer.body).hexdigest()}"


def _text(text: str) -> Parts:
    return {"body": [f"\t{line}" for line in text.split("\n")]}


def _xml(text: str) -> Parts:
    return _text(text.replace("><", ">\n<"))


def _html(text: str) -> Parts:
    """Read a page: what is visible by lines, its scripts, and the attributes but for classes."""
    attributes, scripts, pieces = [], [], []
    root = lxml.html.document_fromstring(text)
    for event, element in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        is_inline = element.tag in INLINE or event in ("comment", "pi")
        words = " ".join(re.split(r"\s+", (element.text if event == "start" else element.tail) or ""))
        if event == "start":
            attributes += [
                f"{element.tag} {name}\t{value}" for name, value in sorted(element.attrib.items()) if name != "class"
            ]
        if event == "start" and element.tag in ("script", "style"):
            scripts.append(f"\t{words.strip()}")
        else:
            pieces += ["" if is_inline else "\n", words]
    visible = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return {"attributes": attributes, "scripts": scripts, "text": [f"\t{line}" for line in visible if line]}


def _json(text: str) -> Parts:
    return {"json": list(_members(json.loads(text)))}


def _json_ld(text: str) -> Parts:
    """Read JSON-LD without its context: arrays that are no lists have no order, and blank nodes no names."""
    return {"json": list(_members(_unordered(json.loads(re.sub(r'"_:[^"]*"', '"_:"', text)))))}


def _unordered(value: object, is_list: bool = False) -> object:
    if isinstance(value, dict):
        return {key: _unordered(inner, key == "@list") for key, inner in value.items()}
    if isinstance(value, list):
        items = [_unordered(inner) for inner in value]
        return items if is_list else sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _members(value: object, path: str = "") -> Iterator[str]:
    """Yield each value in a JSON document, under its path without positions; what holds others is a line too."""
    if isinstance(value, dict):
        yield f"{path}\t{{"
        for key in sorted(value):
            yield from _members(value[key], f"{path}.{key}")
    elif isinstance(value, list):
        yield f"{path}\t["
        for inner in value:
            yield from _members(inner, f"{path}[]")
    else:
        yield f"{path}\t{json.dumps(value, ensure_ascii=False)}"


def _graph(media_type: str) -> Callable[[str], Parts]:
    """Return a reader of RDF into sorted statements whose blank nodes have canonical names."""

    def read(text: str) -> Parts:
        form = pyoxigraph.RdfFormat.from_media_type(media_type)
        graph = pyoxigraph.Dataset(pyoxigraph.parse(text.encode(), form, base_iri="http://server/"))
        graph.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
        return {"graph": sorted(f"{quad.predicate.value}\t{quad}" for quad in graph)}

    return read


def _reader(media_type: str) -> Callable[[str], Parts]:
    if media_type == "text/html":
        return _html
    if media_type == "application/ld+json":
        return _json_ld
    if media_type == "application/json" or media_type.endswith("+json"):
        return _json
    if media_type in GRAPHS:
        return _graph(media_type)
    return _xml if media_type.endswith("xml") else _text


def _shape(text: str) -> Parts:
    return {"json": [line.partition("\t")[0] + "\t" for line in _members(json.loads(text))]}


def _series(text: str) -> Parts:
    return {"body": sorted({f"\t{name}" for name in re.findall(r"^[A-Za-z_:][\w:]*", text, re.MULTILINE)})}


OF_LAST = {"health": _shape, "metrics": _series}  # what differs from moment to moment

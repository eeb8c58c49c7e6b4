"""The text of a cited document in a file: plain text, a page (HTML) or a PDF; and its numbered paragraphs.

What a program makes of a page or a PDF depends on the program: whoever checks a hash of it takes the same one. A scan has no text.
"""

import io
import re
from contextlib import suppress
from pathlib import Path

from kg.errors import SourceError

_UNSEEN = ("script", "style", "template", "noscript", "head")
# Elements that begin a line of their own, and so part words.
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div"),
    *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"),
    *("h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav"),
    *("ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td"),
    *("tfoot", "th", "thead", "tr", "ul"),
}
_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?><!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
# A line that a page of a document has beside its text: its symbol, its number, the mark of the printer.
_BESIDE = re.compile(r"(?:[A-Z]+(?:/[\w.\-]+){2,}|GE\.\d\d-\d+.*|(?:page )?\d{1,3})", re.IGNORECASE)
_NUMBER = re.compile(r"^[ \t]*(?:(\d{1,3})\.(?!\d)|(\d{1,3}\.\d{1,3})\.?(?![\d.]))[ \t]*\n?[ \t]*(?=\S)", re.MULTILINE)
# What comes behind the last paragraph: an annex, an opinion, a note on languages.
_AFTER = re.compile(r"\n\s*(?:\[|Annex|Appendix|(?:Joint |Individual )+opinion|Notes?\s*\n)")
_HEAD = 6000  # characters in which a decision names the parties
_COMPLAINED = re.compile(r"(?:submitted by|alleged victims?)\s*:?[\s/]*([^\n(]+)", re.IGNORECASE)
_STATE = re.compile(r"State party\s*:?[\s/]*([^\n]+)")
_HEADING = re.compile(r"\n[^\n]{1,120}[^\s.;:!?”\"')\]\d]\s*$")


def text_of(data: bytes, where: str) -> str:
    """Return the text of a document from its bytes, whatever its file is called. Raises SourceError."""
    if data.startswith(b"%PDF-"):
        return _pdf(data, where)
    if _HTML.match(data[:4096]) or Path(where).suffix.lower() in (".html", ".htm", ".xhtml"):
        return _html(data, where)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError(
            "The file is not UTF-8 text", where=where, hint="Save it as UTF-8, or give the page or the PDF itself"
        ) from None


def split_paragraphs(text: str) -> dict[str, str]:
    """Split the text of a document into its numbered paragraphs: by number, in their order, each without its number.

    Numbers that do not go on from the one before, such as those of notes and of lists, begin none: the longest row of numbers counts.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n")
    text = "\n".join(line for line in lines if not _BESIDE.fullmatch(line.strip()))
    marks = _longest_row(text)
    ends = [mark.start() for mark in marks[1:]]
    if marks:
        after = _AFTER.search(text, marks[-1].end())
        ends.append(after.start() if after else len(text))
    found = {}
    for mark, end in zip(marks, ends, strict=True):
        words = text[mark.end() : end].rstrip()
        while heading := _HEADING.search(words):
            words = words[: heading.start()].rstrip()
        found[mark[1] or mark[2]] = words
    return found


def find_complainants(text: str) -> set[str]:
    """Find the words of which the names of those consist who complained, as the head of a decision on a complaint prints them.

    A word that the text also writes small, or that is part of the name of the State, is none.
    """
    if not (state := _STATE.search(text, 0, _HEAD)):
        return set()
    named = " ".join(match[1] for match in _COMPLAINED.finditer(text, 0, _HEAD))
    common = {*re.findall(r"[^\W\d_]+", state[1]), "The", "Mr", "Ms", "Mrs", "Dr"}
    return {word for word in re.findall(r"[^\W\d_][\w’'-]{2,}", named) if word[0].isupper() and word not in common} - {
        word.capitalize() for word in re.findall(r"\b[a-zа-я]\w+", text)
    }


def _html(data: bytes, where: str) -> str:
    from lxml import etree, html  # slow to load, and seldom needed

    try:
        parser = html.HTMLParser(encoding=_declared(data), no_network=True, remove_comments=True, remove_pis=True)
        root = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(f"The page cannot be read ({error})", where=where) from None
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    for block in root.iter(*_BLOCKS):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    return "".join(root.itertext())


def _declared(data: bytes) -> str:
    """Return the encoding that a page declares, where Python knows it; else UTF-8 where it is that, and Windows Latin 1."""
    match = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", data[:4096], re.IGNORECASE)
    for name in (match[1].decode() if match else "utf-8", "utf-8"):
        with suppress(LookupError, UnicodeDecodeError):
            data.decode(name)
            return name
    return "cp1252"


def _pdf(data: bytes, where: str) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceError("The PDF is locked with a password", where=where, hint="Save a copy without one")
        text = "\f".join(page.extract_text() for page in reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(f"The PDF cannot be read ({error})", where=where, hint="Save it as text") from None
    if not text.strip():
        raise SourceError(
            "The PDF holds no text: it may be a scan", where=where, hint="Have its text recognised, and give that"
        )
    return text


def _longest_row(text: str) -> list[re.Match[str]]:
    """List the marks of the longest row of paragraphs, in which each number follows that of the mark before."""
    # By number: the length of the longest row that ends there, and its last mark.
    best: dict[tuple[int, ...], tuple[int, int]] = {}
    marks, before = [*_NUMBER.finditer(text)], dict[int, int]()
    for at, mark in enumerate(marks):
        number = tuple(map(int, (mark[1] or mark[2]).split(".")))
        length, previous = max((best[each] for each in _predecessors(number) if each in best), default=(0, -1))
        before[at] = previous
        if length + 1 > best.get(number, (0, 0))[0]:
            best[number] = length + 1, at
    at = max(best.values(), default=(0, -1))[1]
    row = []
    while at >= 0:
        row.append(marks[at])
        at = before[at]
    return row[::-1]


def _predecessors(number: tuple[int, ...]) -> list[tuple[int, ...]]:
    """List the numbers that may stand before one: 7 or 7.x before 8 and 8.1, and 8.1 before 8.2."""
    first, *rest = number
    if rest and rest[0] > 1:
        return [(first, rest[0] - 1)]
    ahead = [(first - 1,), *((first - 1, part) for part in range(1, 400))]
    return [*ahead, (first,)] if rest else ahead

"""The text of a cited document in a file: plain text, a page (HTML) or a PDF.

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

"""The text of a document: what a reader of a page sees, the pages of a PDF, and what is refused."""

import io

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from kg import cite, documents
from kg.errors import SourceError

PAGE = """<!DOCTYPE html><html><head><title>No text</title><style>p { color: red }</style></head>
<body><script>var hidden = 1;</script><h1>Report</h1><p>Police ended<br>the <b>meeting</b> in the caf&eacute;.</p>
<!-- a comment --><ul><li>one<li>two</ul><table><tr><td>left<td>right</table><p>co-
operate</p></body></html>"""


def pdf(*pages):
    """Write a PDF with a line of text on each page."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    return writer


def written(writer):
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_page_is_what_its_reader_sees():
    text = cite.normalise(documents.text_of(PAGE.encode(), "page"))
    assert "Report Police ended the meeting in the café. one two left right co-operate" == text


@pytest.mark.parametrize(
    ("data", "read"),
    [
        ('<html><meta charset="windows-1251"><p>Алматы</p></html>'.encode("windows-1251"), "Алматы"),
        ("<html><p>Қазақстан</p></html>".encode(), "Қазақстан"),
        ('<html><meta charset="utf-8"><p>caf\u00e9</p></html>'.encode("cp1252"), "café"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_has(data, read):
    assert read == cite.normalise(documents.text_of(data, "page"))


def test_a_pdf_is_read_page_by_page():
    assert "Police ended the meeting. Nobody spoke." == cite.normalise(
        documents.text_of(written(pdf("Police ended", "the meeting. Nobody spoke.")), "x")
    )


def test_a_pdf_that_gives_no_text_is_told():
    for data, said in (
        (written(PdfWriter(pdf("").write(io.BytesIO())[1])), "no text"),
        (b"%PDF-1.7 broken", "cannot be read"),
    ):
        with pytest.raises(SourceError, match=said):
            documents.text_of(data, "x.pdf")
    locked = pdf("Secret")
    locked.encrypt("word")
    with pytest.raises(SourceError, match="locked with a password"):
        documents.text_of(written(locked), "x.pdf")


def test_plain_text_stays_what_it_is():
    assert "a < b\r\nc" == documents.text_of(b"a < b\r\nc", "x.txt")
    with pytest.raises(SourceError, match="not UTF-8"):
        documents.text_of(b"caf\xe9", "x.txt")


@pytest.mark.parametrize("ending", ["<p>no page", "<html><body>Report</body></html>"])
def test_comments_before_a_page_are_read_once(ending):
    text = documents.text_of((" <!-- -->" * 300 + ending).encode(), "x.txt")  # each doubled the time, once
    assert ("Report" in text) == ("<html>" in ending)

"""Reads a page for words that are in another language than it says: Latin ones where the page is Russian or Kazakh."""

import re

import lxml.html

# What is written with Latin letters in every language: names of formats, standards and libraries, units of a notation.
TECHNICAL = [
    "Answerable",
    "CSV",
    "TSV",
    "JSON",
    "JSON-LD",
    "Turtle",
    "N-Triples",
    "N-Quads",
    "TriG",
    "RDF/XML",
    "RDF",
    "Markdown",
    "GeoJSON",
    "Excel",
    "XLSX",
    "Atom",
    "SVG",
    "PNG",
    "PDF",
    "HTML",
    "BibTeX",
    "RIS",
    "CSL-JSON",
    "SPARQL",
    "DCAT",
    "VoID",
    "PROV",
    "SHACL",
    "SKOS",
    "OWL",
    "Natural",
    "Earth",
    "OpenAPI",
    "Prometheus",
    "YASGUI",
    "Apache",
    "License",
    "DescribedBy",
    "GitHub",
    "Git",
    "ttl",
    "nt",
    "nq",
    "trig",
    "jsonld",
    "rdf",
    "json",
    "csv",
    "xlsx",
    "md",
    "atom",
    "geojson",
    "svg",
    "png",
    "xml",
    "tsv",
    "non-refoulement",
    "Accept",
    "HTTP",
    "UTF-8",
    "IRI",
    "API",
    "CC",
    "BY",
    "Excel",
    "DESCRIBE",
    "CONSTRUCT",
    "SELECT",
    "ASK",
    "LIMIT",
    "OFFSET",
]
SKIPPED = {"script", "style", "code", "pre", "kbd", "samp", "var", "textarea"}
ATTRIBUTES = ("alt", "title", "aria-label", "placeholder", "data-head", "label")
ADDRESS = re.compile(r"\S*(?:://|[/@_=#]|\w\.\w|\.\w+\b)\S*|\b\d{8}-[0-9a-f]{8}\b|«[^»]*»|“[^”]*”")
WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]*[a-z]{2}[A-Za-z]*(?![^\W\d_])")


def texts(page):
    """Yield each text that people read or hear on a page with the language that the page gives it."""
    tree = lxml.html.fromstring(page)
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        spoken = next((one.get("lang") for one in (node, *node.iterancestors()) if one.get("lang")), "")
        is_skipped = any(one.tag in SKIPPED for one in (node, *node.iterancestors()))
        if node.text and not is_skipped:
            yield spoken, node.text
        for name in ATTRIBUTES:
            if node.get(name):
                yield spoken, node.get(name)
        if node.tag == "meta" and (node.get("name") == "description" or node.get("property") in SHARED):
            yield spoken, node.get("content")
        if node.tail and node.getparent() is not None and not any(one.tag in SKIPPED for one in node.iterancestors()):
            above = node.getparent()
            yield next((one.get("lang") for one in (above, *above.iterancestors()) if one.get("lang")), ""), node.tail


SHARED = ("og:title", "og:description", "og:image:alt")


class Names:
    """What the data call things: names stay as they are where a text has them."""

    def __init__(self, names):
        listed = sorted({" ".join(name.split()) for name in names if len(name) > 1}, key=len, reverse=True)
        self._pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in [*listed, *TECHNICAL]))

    def strangers(self, text):
        """List the Latin words of a text that are no part of a name, an address or a quotation."""
        bare = ADDRESS.sub(" ", self._pattern.sub(" ", " ".join(text.split())))
        return WORD.findall(bare)

"""Finds the words on a page that are Latin where it says that they are Russian or Kazakh."""

import functools
import re

import lxml.html

# What is written with Latin letters in every language: names of formats, standards and libraries, units of a notation.
TECHNICAL = (
    "Answerable|OpenRefine|CSV|TSV|JSON|JSON-LD|Turtle|N-Triples|N-Quads|TriG|RDF/XML|RDF|Markdown|GeoJSON|Excel|XLSX|Parquet|Atom|"
    "SVG|PNG|PDF|HTML|BibTeX|RIS|CSL-JSON|SPARQL|DCAT|VoID|PROV|SHACL|SKOS|OWL|Natural|Earth|OpenAPI|Prometheus|"
    "YASGUI|Apache|License|DescribedBy|GitHub|Git|ttl|nt|nq|trig|jsonld|rdf|json|csv|xlsx|md|atom|geojson|svg|"
    "png|xml|tsv|non-refoulement|ratione personae|ratione materiae|ratione temporis|Accept-Datetime|Accept|HTTP|UTF-8|IRI|API|CC|BY|DESCRIBE|CONSTRUCT|SELECT|ASK|LIMIT|OFFSET|"
    "bibtex|csl|ris|openapi|cookie|answerable|Reconciliation Service API|kg cite|kg build|gz|JavaScript|"
    "Memento|Frictionless|Citation File Format|RO-Crate|Zenodo|datapackage"
)
SKIPPED = {"script", "style", "code", "pre", "kbd", "samp", "var", "textarea"}
ATTRIBUTES = ("alt", "title", "aria-label", "placeholder", "data-head", "label")
ADDRESS = re.compile(r"\S*(?:://|[/@_=#]|\w\.\w|\.\w+\b)\S*|\b\d{8}-[0-9a-f]{8}\b|“[^”]*”|'[^']*'|`[^`]*`")
WORD = re.compile(r"(?<!\w)[A-Za-z]*[a-z]{2}[A-Za-z]*(?![^\W\d_])")


def texts(page):
    """Yield each text that people read or hear on a page with the language that the page gives it."""
    yield from _texts(lxml.html.fromstring(page), "", False)


def _texts(node, spoken, is_skipped):
    if not isinstance(node.tag, str):  # a comment
        return
    spoken, is_skipped = node.get("lang", spoken), is_skipped or node.tag in SKIPPED
    is_shared = node.tag == "meta" and node.get("property") in SHARED
    heard = [node.get(name) for name in ATTRIBUTES] + [node.get("content") if is_shared else None]
    yield from ((spoken, text) for text in heard if text)
    if node.text and not is_skipped:
        yield spoken, node.text
    for inner in node:
        yield from _texts(inner, spoken, is_skipped)
        if inner.tail and not is_skipped:
            yield spoken, inner.tail


SHARED = ("og:title", "og:description", "og:image:alt")


class Names:
    """What the data call things: names stay as they are where a text has them."""

    def __init__(self, names):
        listed = sorted({" ".join(name.split()) for name in names if len(name) > 1}, key=len, reverse=True)
        self._pattern = re.compile(
            "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in [*listed, *TECHNICAL.split("|")])
        )

    @functools.lru_cache(4096)  # noqa: B019  the menu and the foot of every page; there is one object for a run
    def strangers(self, text):
        """List the Latin words of a text that are no part of a name, an address or a quotation."""
        bare = ADDRESS.sub(" ", self._pattern.sub(" ", " ".join(text.split())))
        return WORD.findall(bare)

"""RDF text written from triples of ours: in any graph format, and as the Turtle that people read and put into data/.

Short: the one place where triples become text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kg import terms
from kg.store.nodes import to_engine
from kg.store.results import GRAPH_FORMATS
from kg.terms import Iri, Term

Triple = tuple[Term, Iri, Term]
_HEAD = {name: terms.PREFIXES[name] for name in ("ans", "skos", "xsd")}  # the prefixes of a file of data
_DECLARATION = re.compile(r"^@.*\n", re.MULTILINE)


def write_triples(
    triples: Iterable[Triple], format: str, prefixes: Mapping[str, str], base: str | None = None
) -> bytes:
    """Write triples in a graph format, in the order given."""
    made = [ox.Triple(*map(to_engine, triple)) for triple in triples]
    return ox.serialize(made, format=GRAPH_FORMATS[format], prefixes=dict(prefixes), base_iri=base)


def write_turtle(
    triples: Iterable[Triple], comment: str = "", *, prefixes: Mapping[str, str] = _HEAD, head: bool = True
) -> str:
    """Write triples as Turtle, one description after the other; without `head`, as a part of a file that has one."""
    text = write_triples(triples, "ttl", prefixes, terms.BASE).decode()
    # A literal holds no line break as such: a line that begins with an IRI begins a description.
    body = re.sub(r"(?<=\.\n)(?=<)", "\n", _DECLARATION.sub("", text))
    body = re.sub(r"^\t", "    ", body, flags=re.MULTILINE)
    said = "".join(f"# {line}\n" for line in comment.splitlines())
    declared = "".join(_DECLARATION.findall(text)) if head else ""
    return "\n".join(part for part in (declared, said, body) if part)

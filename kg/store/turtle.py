"""Turtle that people read and put into data/: relative to our base, with prefixes, in the order it is given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kg import terms
from kg.store import _to_engine
from kg.terms import Iri, Term

Triple = tuple[Term, Iri, Term]
HEAD = {name: terms.PREFIXES[name] for name in ("ans", "skos", "xsd")}  # the prefixes of a file of data


def write_turtle(
    triples: Iterable[Triple], comment: str = "", *, prefixes: Mapping[str, str] = HEAD, head: bool = True
) -> str:
    """Write triples as Turtle, one description after the other; without `head`, as a part of a file that has one."""
    engine = (ox.Triple(*map(_to_engine, triple)) for triple in triples)
    text = ox.serialize(engine, format=ox.RdfFormat.TURTLE, prefixes=dict(prefixes), base_iri=terms.BASE).decode()
    # A literal holds no line break as such: a line that begins with an IRI begins a description.
    body = re.sub(r"^@.*\n", "", text, flags=re.MULTILINE)
    body = re.sub(r"(?<=\.\n)(?=<)", "\n", body).replace("\t", "    ")
    said = "".join(f"# {line}\n" for line in comment.splitlines())
    declared = "".join(re.findall(r"^@.*\n", text, re.MULTILINE)) if head else ""
    return "\n".join(part for part in (declared, said, body) if part)

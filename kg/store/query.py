"""One query and the limits of its answer, as every engine takes them. Short: all that engines have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.config import Settings
from kg.terms import Term


@dataclass(frozen=True, slots=True)
class Query:
    """A query to be answered: its text, the format of the answer, the terms of its variables and its dataset.

    `format` is one name, or the name for each form of query (SELECT, ASK, CONSTRUCT, DESCRIBE). `default_graphs` and
    `named_graphs`, if any, replace the FROM clauses (SPARQL 1.1 Protocol, 2.1.4).
    """

    text: str
    format: str | Mapping[str, str] = "json"
    bindings: Mapping[str, Term] = field(default_factory=dict)
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer and a query may be: rows (or triples), bytes; bytes of text, levels of brackets."""

    max_rows: int = Settings.max_rows
    max_bytes: int = Settings.max_bytes
    max_query: int = Settings.max_query
    max_depth: int = Settings.max_depth


LIMITS = Limits()

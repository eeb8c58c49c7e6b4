"""What an import makes: triples about things of ours, and files that are all written or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from kg import terms
from kg.errors import SourceError, WriteFailed
from kg.store.rdf import Triple
from kg.terms import Iri, Literal, Term

XSD = terms.PREFIXES["xsd"]


@dataclass(slots=True)
class Import:
    """What an import would write, by path, and take away; what it leaves out, in words; and the rows it cannot place."""

    files: dict[Path, str] = field(default_factory=dict)
    gone: list[Path] = field(default_factory=list)
    placed: int = 0
    tables: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[SourceError] = field(default_factory=list)


def write(result: Import) -> None:
    """Write the files of an import that has no problem, all or none, then take away what is gone.

    Each is written whole and aside first, then all are put into their places; where one cannot be, the others go back.
    """
    if result.problems:
        raise result.problems[0]
    paths = [*result.files, *result.gone]
    if not paths:
        return
    done: list[tuple[Path, Path]] = []  # a file in its place, and where the one before it is
    try:
        for path in result.files:
            path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=paths[0].parent) as aside:
            for number, text in enumerate(result.files.values()):
                Path(aside, str(number)).write_text(text, encoding="utf-8")
            try:
                for number, path in enumerate(paths):
                    before = Path(aside, f"{number}-before")
                    if path.exists():
                        os.replace(path, before)
                    done.append((path, before))
                    if path in result.files:
                        os.replace(Path(aside, str(number)), path)
            except OSError:
                for path, before in done:
                    path.unlink(missing_ok=True)
                    if before.exists():
                        os.replace(before, path)
                raise
    except OSError as error:
        raise WriteFailed(f"The tables cannot be written ({error.strerror})", where=str(paths[0].parent)) from None


def facts(subject: Iri, *, a: str, label: Literal | None, **values: Term | list[Iri] | None) -> Iterator[Triple]:
    """Yield the triples about a thing: its class, by name, its label, and each property of ours that has a value."""
    yield subject, Iri(terms.PREFIXES["rdf"] + "type"), Iri(terms.term(a))
    if label:
        yield subject, Iri(terms.PREFIXES["skos"] + "prefLabel"), label
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield subject, Iri(terms.term(name)), item


def thing(kind: str, key: str) -> Iri:
    """Name a thing by its kind and key."""
    return Iri(terms.mint(kind, key))


def english(text: str) -> Literal | None:
    """Write a text in English; nothing for an empty one."""
    return Literal(text, language="en") if text else None


def address(text: str) -> Literal:
    """Write an address on the web."""
    return Literal(text, datatype=XSD + "anyURI")

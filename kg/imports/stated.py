"""What an import rests on: what the project's data say already, without what an earlier import wrote."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kg import terms
from kg.build import inputs, steps
from kg.build.inputs import Inputs
from kg.build.report import ValidationReport
from kg.errors import SourceError, UnknownName
from kg.store import Store

DAY = re.compile(r"\d{4}-\d\d-\d\d")


@contextmanager
def opened(root: Path, out: Path) -> Iterator[Store]:
    """Read what a project states but for the folder `out` into the default graph of a store."""
    mine, read = out.resolve(), inputs.read(root)
    others = [item for item in read.sources if mine not in item.path.resolve().parents]
    with Store.memory() as store:
        load(store, replace(read, sources=others))
        store.copy_named_into_default()
        yield store


def load(store: Store, read: Inputs) -> None:
    """Load what is stated, by sources and by tables. Raises ValidationFailed for what cannot be read."""
    ValidationReport(()).add(steps.state(read, store)[1])


def ask(store: Store, pattern: str, expected: str) -> Iterator[tuple[str, ...]]:
    """Yield the values of the variables `wanted` in a pattern, as text, in order; "" where one is unbound."""
    query = f"""PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{terms.PREFIXES["skos"]}>
        SELECT DISTINCT {expected} {{ {pattern} }} ORDER BY {expected}"""
    for row in store.select(query):
        yield tuple(getattr(cell, "value", "") for cell in row)


def key_of(iri: str) -> str:
    """Return the key of a thing, the last part of its IRI."""
    return iri.rpartition("/")[2]


def day_of(store: Store, document: str) -> datetime.date:
    """Find the day of a document, by its key: that of the record. Raises UnknownName where it has none."""
    for (day,) in ask(store, f"<{terms.mint('document', document)}> ans:date ?day", "?day"):
        if DAY.fullmatch(day):
            return datetime.date.fromisoformat(day)
    raise UnknownName(
        f"There is no document {document!r} with the day of its record",
        hint="Describe it in data/sources/, with ans:date as an xsd:date",
    )


def set_aside(path: Path) -> dict[tuple[str, ...], str]:
    """Read which rows are left out, by all cells but the last, which says why; none where there is no such file."""
    if not path.is_file():
        return {}
    rows = list(csv.reader(io.StringIO(table_text(path), newline=None)))
    return {tuple(row[:-1]): row[-1].strip() for row in rows[1:] if len(row) == len(rows[0])}


def table_text(path: Path) -> str:
    """Read a table as UTF-8 text, with or without a byte order mark. Raises SourceError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError("The file is not UTF-8 text", where=path.name, line=line, hint="Save it as UTF-8") from None

"""A table of somebody's own, checked and then copied to its place in data/tables/."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kg import terms
from kg.build import checking, inputs
from kg.build.report import Result
from kg.errors import UnknownName
from kg.imports.turtle import Import


def read(root: Path, file: Path, kind: str, document: str) -> tuple[Import, Sequence[Result]]:
    """Plan where a table of some kind goes, by the key of the document that it is a copy of; return what is wrong in it as well.

    Raises SourceError for a file that cannot be read, UnknownName for what is no key.
    """
    try:
        terms.mint("document", document)
    except ValueError as error:
        raise UnknownName(str(error), hint="Give the key of a document, such as untc-2026") from None
    name = f"{inputs.TABLES}{document}/{kind}.csv"
    table = inputs.read_file(name, file)
    report = checking.check_tables(root, [table])
    if report.violations:
        return Import(), [replace(result, where=result.where.replace(name, str(file))) for result in report.violations]
    text = table.data.decode("utf-8-sig")
    return Import(files={root / name: text}, placed=text.count("\n") - 1, tables=1), ()


def write(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()

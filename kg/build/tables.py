"""The tables of a release: their files are judged with the other queries, and the tables made from what was written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import PurePath

from kg import terms
from kg.build import questions
from kg.build.inputs import Inputs
from kg.build.report import Result, collect
from kg.errors import SourceError
from kg.store import Store
from kg.tables import Table
from kg.tables.making import parse

_LIMITS = ("what", "note")


def of(inputs: Inputs) -> dict[str, str]:
    """The texts of the tables by their paths."""
    return {file.name: file.text for file in inputs.folder("tables")}


def limits(inputs: Inputs) -> dict[str, str]:
    """The texts of the queries that say how far the record goes, by their names."""
    return {PurePath(file.name).stem: file.text for file in inputs.folder("tables/limits")}


def review(inputs: Inputs, known: Collection[str]) -> list[Result]:
    """Say what is wrong with the files of tables: their headers, their SPARQL, their terms and their columns."""
    files = [*inputs.folder("tables"), *inputs.folder("tables/limits")]
    if wrong := questions.pages(files, known):
        return wrong
    try:
        tables = parse(of(inputs))
    except SourceError as error:
        return list(collect([error]).results)
    with Store.memory() as empty:
        variables = {file.name: questions.variables_of(file.text, empty) or () for file in files}
    found = []
    for table in tables.values():
        where = f"queries/tables/{table.name}.rq"
        found += [*_lacking(where, table, variables[where]), *_strange(where, table, limits(inputs), known)]
    for file in inputs.folder("tables/limits"):
        if missing := [one for one in _LIMITS if one not in variables[file.name]]:
            found.append(
                Result(file.name, 1, 1, f"A query for limits selects ?what and ?note; ?{missing[0]} is missing.")
            )
    return found


def _lacking(where: str, table: Table, variables: Collection[str]) -> Iterable[Result]:
    """Yield the columns that the query does not give."""
    for column in table.variables:
        kinds = {one.kind for one in table.columns if one.source == column}
        given = {column, f"{column}_start", f"{column}_end"} if "vague" in kinds else {column}
        line = table.lines.get(f"column {column}", 1)
        if given.isdisjoint(variables):
            yield Result(where, line, 1, f"The column {column} is no variable of the SELECT.")
        if "years" in kinds and f"{column}_last" not in variables:
            yield Result(where, line, 1, f"The column {column} is of years, and the SELECT has no ?{column}_last.")


def _strange(where: str, table: Table, there: Collection[str], known: Collection[str]) -> Iterable[Result]:
    """Yield what the header names that does not exist, and the columns whose values it does not explain."""
    lines = table.lines
    for name in table.limits:
        if name not in there:
            hint = f"There are {', '.join(sorted(there))}."
            yield Result(where, lines["limits"], 1, f"There is no queries/tables/limits/{name}.rq. {hint}")
    for column in table.columns:
        if strange := [one for one in column.terms if one.startswith("ans:") and _full(one) not in known]:
            line = lines.get(f"column {column.source}", 1)
            yield Result(where, line, 1, f"{strange[0]} does not exist, and the column {column.name} names it.")
        if column.kind == "choice" and column.name not in table.values:
            line = lines.get(f"column {column.source}", 1)
            yield Result(
                where, line, 1, f"Say what the values of {column.name} mean with `#+ values: {column.name} | …`."
            )


def _full(name: str) -> str:
    return terms.term(name.removeprefix("ans:"))

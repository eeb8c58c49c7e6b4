"""The tables of a release: their files are judged with the other queries."""

from collections.abc import Collection, Iterator
from pathlib import PurePath

from kg import terms
from kg.build import questions
from kg.build.inputs import Inputs
from kg.build.report import Result, as_result
from kg.errors import SourceError
from kg.tables import TidyTable, parse_tables

_LIMITS = ("column what", "column note")  # of a query that says how far the record goes


def of(inputs: Inputs) -> dict[str, str]:
    """The texts of the tables by their paths."""
    return {file.name: file.text for file in inputs.folder("tables")}


def limits(inputs: Inputs) -> dict[str, str]:
    """The texts of the queries that say how far the record goes, by their names."""
    return {PurePath(file.name).stem: file.text for file in inputs.folder("tables/limits")}


def review(inputs: Inputs, defined: Collection[str]) -> list[Result]:
    """List the mistakes in the files of tables: their headers, their SPARQL, their terms and their columns."""
    limiting = inputs.folder("tables/limits")
    mistakes, variables = questions.judge([*inputs.folder("tables"), *limiting], defined)
    if mistakes:
        return mistakes
    try:
        tables = parse_tables(of(inputs))
    except SourceError as error:
        return [as_result(error)]
    results: list[Result] = []
    for table in tables.values():
        path = f"queries/tables/{table.name}.rq"
        results += questions.lacking(path, _needed(table, variables[path]), variables[path], table.lines)
        faults = [*_unlasting(table, variables[path]), *_strange(table, limits(inputs), defined)]
        results += [Result(path, table.lines.get(entry, 1), 1, message) for entry, message in faults]
    for file in limiting:
        results += questions.lacking(file.name, _LIMITS, variables[file.name], {})
    return results


def _needed(table: TidyTable, variables: Collection[str]) -> Iterator[str]:
    """Yield the columns whose variables the query needs; a vague one may have an end alone."""
    vague = {column.source for column in table.columns if column.kind == "vague"}
    for name in table.variables:
        if name not in vague or {f"{name}_start", f"{name}_end"}.isdisjoint(variables):
            yield f"column {name}"


def _unlasting(table: TidyTable, variables: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the column of years whose last year the query does not give."""
    if (years := table.years) and f"{years.name}_last" not in variables:
        message = f"The column {years.name} is of years, and the SELECT has no ?{years.name}_last."
        yield f"column {years.name}", message


def _strange(table: TidyTable, limits: Collection[str], defined: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what the header names that does not exist, and the columns whose values it does not explain."""
    for name in table.limits:
        if name not in limits:
            hint = f"There are {', '.join(sorted(limits))}."
            yield "limits", f"There is no queries/tables/limits/{name}.rq. {hint}"
    for column in table.columns:
        entry = f"column {column.source}"
        ours = (term for term in column.terms if term.startswith("ans:"))
        if unknown := [term for term in ours if terms.expand(term) not in defined]:
            yield entry, f"{unknown[0]} does not exist, and the column {column.name} names it."
        if column.kind == "choice" and column.name not in table.values:
            yield entry, f"Say what the values of {column.name} mean with `#+ values: {column.name} | …`."

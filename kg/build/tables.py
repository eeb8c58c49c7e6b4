"""The tables of a release: their files are judged with the other queries."""

from collections.abc import Collection, Iterator
from pathlib import PurePath

from kg import terms
from kg.build import questions
from kg.build.inputs import Inputs
from kg.build.report import Result, as_result
from kg.errors import SourceError
from kg.store import Store
from kg.tables import TidyTable, parse_tables

_LIMITS = ("what", "note")


def of(inputs: Inputs) -> dict[str, str]:
    """The texts of the tables by their paths."""
    return {file.name: file.text for file in inputs.folder("tables")}


def limits(inputs: Inputs) -> dict[str, str]:
    """The texts of the queries that say how far the record goes, by their names."""
    return {PurePath(file.name).stem: file.text for file in inputs.folder("tables/limits")}


def review(inputs: Inputs, defined: Collection[str]) -> list[Result]:
    """List the mistakes in the files of tables: their headers, their SPARQL, their terms and their columns."""
    files = [*inputs.folder("tables"), *inputs.folder("tables/limits")]
    if mistakes := questions.pages(files, defined):
        return mistakes
    try:
        tables = parse_tables(of(inputs))
    except SourceError as error:
        return [as_result(error)]
    with Store.memory() as empty:
        variables = {file.name: questions.variables_of(file.text, empty) or () for file in files}
    results = []
    for table in tables.values():
        path = f"queries/tables/{table.name}.rq"
        faults = [*_lacking(table, variables[path]), *_strange(table, limits(inputs), defined)]
        results += [Result(path, table.lines.get(entry, 1), 1, message) for entry, message in faults]
    for file in inputs.folder("tables/limits"):
        if missing := [name for name in _LIMITS if name not in variables[file.name]]:
            message = f"A query for limits selects ?what and ?note; ?{missing[0]} is missing."
            results.append(Result(file.name, 1, 1, message))
    return results


def _lacking(table: TidyTable, variables: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the columns that the query does not give, each by its entry in the header."""
    for column in table.variables:
        kinds = {each.kind for each in table.columns if each.source == column}
        sources = {column, f"{column}_start", f"{column}_end"} if "vague" in kinds else {column}
        if sources.isdisjoint(variables):
            yield f"column {column}", f"The column {column} is no variable of the SELECT."
        if "years" in kinds and f"{column}_last" not in variables:
            yield f"column {column}", f"The column {column} is of years, and the SELECT has no ?{column}_last."


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

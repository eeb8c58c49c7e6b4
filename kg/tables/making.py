"""The making of all tables of a release: those that others join first, each read and written in every format that a release holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePath

from kg.errors import SourceError
from kg.store import Store
from kg.tables import writing
from kg.tables.header import Table, parse_table, with_joined
from kg.tables.package import FOLDER, PACKAGE, Described, describe
from kg.tables.reading import Reader

_WRITERS = {"csv": writing.write_csv, "parquet": writing.write_parquet}


def parse(queries: Mapping[str, str]) -> dict[str, Table]:
    """Read the files of tables, by their paths, in the order in which they can be made. Raises SourceError for a wrong one."""
    tables = {PurePath(path).stem: parse_table(PurePath(path).stem, text, path) for path, text in queries.items()}
    for table in tables.values():
        for other in (*table.needs, *(name for _, name in table.refers)):
            if other not in tables:
                said = f"There is no table {other!r} to join or refer to"
                raise SourceError(said, where=f"queries/tables/{table.name}.rq", hint=f"There are {', '.join(tables)}")
    try:
        order = list(TopologicalSorter({name: table.needs for name, table in sorted(tables.items())}).static_order())
    except CycleError as error:
        raise SourceError(f"The tables {', '.join(error.args[1])} join one another", where="queries/tables/") from None
    return {name: with_joined(tables[name], tables) for name in order}


def make(
    store: Store,
    queries: Mapping[str, str],
    limits: Mapping[str, str],
    release: str,
    write: Callable[[str, bytes], object],
) -> None:
    """Make every table of a store and hand each file to `write`, with its path in the release; last the package.

    `queries` are the texts of the tables by their paths, `limits` those of the queries that say how far the record goes, by name.
    """
    reader, written, tables = Reader(store), {}, parse(queries)
    for name, table in tables.items():
        frame = reader.read(table)
        written[name] = {format: writer(frame) for format, writer in _WRITERS.items()}
        for format, data in written[name].items():
            write(f"{FOLDER}/{name}.{format}", data)
    write(f"{FOLDER}/{PACKAGE}", describe(reader, Described(tables, limits, written), release))

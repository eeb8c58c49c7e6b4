"""The cells of a table: dates as ranges, several in one cell, names beside identifiers, and rows that cannot stand."""

import datetime
import io

import pytest
from pyarrow import parquet

from kg import terms
from kg.errors import BuildError
from kg.store import Store
from kg.tables import files, parse_table
from kg.tables.files import read_parquet, write_csv, write_parquet
from kg.tables.frame import TableReader
from tests import turtle
from tests.kg.tables.test_header import HEAD

DATA = """<id/act/b> ans:date "2011-02"^^xsd:gYearMonth ; skos:prefLabel "B"@en , "Б"@ru ; ans:touches <id/act/c> , <id/act/a> .
<id/act/a> ans:startDate "2012"^^xsd:gYear ; skos:prefLabel "A, the first"@en .
<id/act/c> ans:date "2022"^^xsd:gYear .
"""
QUERY = """PREFIX ans: <https://w3id.org/answerable/ontology#>
SELECT ?thing ?made ?made_start ?others WHERE {
  ?thing ans:date|ans:startDate ?any
  OPTIONAL { ?thing ans:date ?made } OPTIONAL { ?thing ans:startDate ?made_start }
  OPTIONAL { SELECT ?thing (GROUP_CONCAT(STR(?other); separator=" ") AS ?others) { ?thing ans:touches ?other } GROUP BY ?thing }
}"""
OTHERS = "#+ column: others | things | ans:touches | Others | What it touches.\n"


@pytest.fixture
def reader():
    """Read from a small store."""
    with Store.memory() as store:
        store.load((turtle.HEAD + DATA).encode(), format="ttl", graph=terms.graph_of("x"), source="x")
        store.copy_named_into_default()
        yield TableReader(store)


def test_rows_are_in_the_order_of_the_key_with_names_and_several_in_a_cell(reader):
    columns = reader.read(parse_table("things", HEAD + OTHERS + QUERY, "x")).columns
    assert ["act/a", "act/b", "act/c"] == columns["thing"]
    assert ["A, the first", "B", None] == columns["thing_label"]
    assert [None, "act/a act/c", None] == columns["others"]
    assert f"{terms.ID}act/b" == columns["thing_iri"][1]


def test_a_vague_date_is_a_range_and_is_not_padded(reader):
    columns = reader.read(parse_table("things", HEAD + OTHERS + QUERY, "x")).columns
    assert ["2012/..", "2011-02", "2022"] == columns["made_stated"]
    assert ["period", "month", "year"] == columns["made_precision"]
    day = datetime.date.fromisoformat
    assert [day("2012-01-01"), day("2011-02-01"), day("2022-01-01")] == columns["made_begins"]
    assert [None, day("2011-02-28"), day("2022-12-31")] == columns["made_ends"]


def test_two_rows_of_one_key_and_a_cell_that_does_not_fit_are_refused(reader):
    doubled = QUERY.replace("ans:date|ans:startDate ?any", "ans:touches ?one")
    with pytest.raises(BuildError, match="two rows of act/b"):
        reader.read(parse_table("things", HEAD + OTHERS + doubled, "x"))
    wrong = HEAD.replace("| when |", "| integer |") + QUERY
    with pytest.raises(BuildError, match="column made does not fit"):
        reader.read(parse_table("things", wrong, "x"))


def test_a_cell_of_an_empty_text_is_empty_whatever_its_kind(reader):
    empty = QUERY.replace("?thing ?made ?made_start", '?thing ("" AS ?number)').replace("?made ", "?any ")
    head = HEAD.replace("made | when", "number | integer")
    assert [None] * 3 == reader.read(parse_table("things", head + empty, "x")).columns["number"]


def test_a_row_is_a_line_of_csv(reader):
    lines = write_csv(reader.read(parse_table("things", HEAD + OTHERS + QUERY, "x"))).split(b"\r\n")
    assert b'act/a,https://w3id.org/answerable/id/act/a,"A, the first",2012/..,2012-01-01,,period,,' == lines[1]


def test_a_long_table_is_parquet_of_several_row_groups_with_the_same_rows(reader, monkeypatch):
    frame = reader.read(parse_table("things", HEAD + OTHERS + QUERY, "x"))
    whole = write_parquet(frame)
    monkeypatch.setattr(files, "_GROUP", 2)
    parted = write_parquet(frame)
    assert [1, 2] == [parquet.ParquetFile(io.BytesIO(data)).num_row_groups for data in (whole, parted)]
    (names, rows), (parted_names, parted_rows) = read_parquet(whole), read_parquet(parted)
    assert names == parted_names and [*rows] == [*parted_rows]

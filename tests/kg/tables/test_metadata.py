"""The metadata of a table (CSV on the Web): that its CSV is as they say, and that every key leads somewhere."""

import csv
import datetime
import json
import re

import pytest

from kg import tables, terms
from kg.tables.files import write_metadata

# The form of a cell of each datatype that the metadata use, after "Metadata Vocabulary for Tabular Data", 5.11, and XML Schema.
FORMS = {
    "string": r"(?s:.*)",
    "integer": r"[+-]?\d+",
    "double": r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?",
    "boolean": r"true|false",
    "gYear": r"\d{4}",
}
MEMBERS = {"name", "titles", "dc:title", "dc:description", "datatype", "separator", "required", "rdfs:isDefinedBy"}


@pytest.fixture(scope="module")
def resources(world):
    """Describe the tables of the frozen graph by name."""
    return {one["name"]: one for one in tables.load(world.path)["resources"]}


@pytest.fixture(scope="module")
def read(world, resources):
    """Return a function that reads the metadata of a table."""
    return lambda name: json.loads(write_metadata(name, resources, world.id, terms.BASE))


@pytest.fixture(scope="module")
def lines(world):
    """Return a function that reads a CSV: its head and its rows."""

    def read(url):
        with (world.path / "tables" / url).open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        return head, rows

    return read


def misfit(column, cell):
    """Say whether a cell is not as its column says."""
    if not cell:
        return column.get("required", False)
    datatype = column["datatype"]
    if isinstance(datatype, dict):
        return not re.fullmatch(datatype["format"], cell)
    if datatype == "date":
        return datetime.date.fromisoformat(cell).isoformat() != cell
    return not re.fullmatch(FORMS[datatype], cell)


def test_the_csv_of_each_table_is_as_its_metadata_say(resources, read, lines):
    for name in resources:
        told = read(name)
        assert "http://www.w3.org/ns/csvw" == told["@context"][0]
        own = told["tables"][0]
        assert f"{name}.csv" == own["url"] and own["dc:description"].startswith("One row is ")
        head, rows = lines(own["url"])
        columns = own["tableSchema"]["columns"]
        assert head == [one["titles"] for one in columns] == [one["name"] for one in columns]
        for place, column in enumerate(columns):
            assert MEMBERS >= column.keys()
            assert [] == [row[place] for row in rows if misfit(column, row[place])][:3], (name, column["name"])


def test_each_key_is_unique_and_each_foreign_key_leads_to_a_row_of_a_table_beside_it(resources, read, lines):
    counted = 0
    for name in resources:
        told = read(name)
        beside = {one["url"]: one["tableSchema"] for one in told["tables"]}
        own, *others = told["tables"]
        assert all("foreignKeys" not in one["tableSchema"] for one in others)
        head, rows = lines(own["url"])
        key = [head.index(column) for column in own["tableSchema"]["primaryKey"]]
        assert len(rows) == len({tuple(row[place] for place in key) for row in rows})
        for link in own["tableSchema"].get("foreignKeys", ()):
            to, column = link["reference"]["resource"], link["reference"]["columnReference"]
            assert [column] == beside[to]["primaryKey"]
            there, held = lines(to)
            place, known = head.index(link["columnReference"]), {row[there.index(column)] for row in held}
            assert {row[place] for row in rows if row[place]} <= known, (name, link)
            counted += 1
    assert counted > 5


def test_a_category_has_the_values_of_its_vocabulary_and_not_of_the_rows(resources, read):
    columns = {one["name"]: one for one in read("participations")["tables"][0]["tableSchema"]["columns"]}
    assert set(columns["mode"]["datatype"]["format"].split("|")) >= {"accession", "definitive-signature", "succession"}
    assert {"depositary", "unchecked"} <= {*columns["succession_confidence"]["datatype"]["format"].split("|")}

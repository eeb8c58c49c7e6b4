"""The tables of the frozen graph: their codebook, their keys, their types in pandas and R, and that they agree with one another."""

import csv
import hashlib
import io
import re
import shutil

import openpyxl
import pandas as pd
import pytest

from kg import supplements, tables, terms
from kg.store import Store
from kg.tables.files import write_workbook

KINDS = {"string": ("string", "category"), "integer": ("Int64",), "number": ("Float64",), "boolean": ("boolean",)}
KINDS |= {"date": ("date32[day][pyarrow]", "object"), "year": ("Int16",)}


@pytest.fixture(scope="module")
def package(world):
    """Read the package of the frozen graph."""
    return tables.load(world.path)


@pytest.fixture(scope="module")
def frames(world, package):
    """Load each table into pandas."""
    paths = {one["name"]: world.path / f"tables/{one['name']}.parquet" for one in package["resources"]}
    return {name: pd.read_parquet(path, dtype_backend="numpy_nullable") for name, path in paths.items()}


def test_every_column_has_an_entry_in_the_codebook_and_every_entry_a_column(world, package):
    for resource in package["resources"]:
        with (world.path / f"tables/{resource['name']}.csv").open(encoding="utf-8", newline="") as file:
            head = next(csv.reader(file))
        assert head == [one["name"] for one in resource["schema"]["fields"]]
        for one in resource["schema"]["fields"]:
            assert one["title"] and one["description"].endswith("."), (resource["name"], one["name"])
            ours = [term for term in one["terms"] if term.startswith(terms.VOCABULARY)]
            assert [told["iri"] for told in one.get("from", ()) if told.get("definition")] >= ours, one["name"]
        assert resource["unit"] and resource["description"]


def test_every_value_of_a_category_is_explained(frames, package):
    for resource in package["resources"]:
        for one in resource["schema"]["fields"]:
            cells = frames[resource["name"]][one["name"]]
            if cells.dtype == "category" and cells.notna().any():
                listed = {value["value"] for value in one["values"] if value.get("definition")}
                assert listed >= {*cells.dropna()}, (resource["name"], one["name"])


def test_a_category_lists_every_concept_that_its_property_takes(world, package):
    with Store.open(world.store_path) as store:
        taken = {}
        query = f"SELECT ?property ?concept {{ ?property <{terms.term('takesConceptOf')}> ?scheme . ?concept <{terms.PREFIXES['skos']}inScheme> ?scheme }}"
        for name, concept in store.select(query):
            taken.setdefault(str(name), set()).add(terms.local_name(str(concept)))
    fixed = [
        (one, concepts)
        for resource in package["resources"]
        for one in resource["schema"]["fields"]
        if "enum" in one.get("constraints", ())
        and (concepts := {name for term in one["terms"] for name in taken.get(term, ())})
    ]
    assert len(fixed) > 10
    for one, concepts in fixed:
        assert concepts <= {*one["constraints"]["enum"]} == {value["value"] for value in one["values"]}, one["name"]


def test_each_table_loads_into_pandas_with_its_types(frames, package):
    for resource in package["resources"]:
        frame = frames[resource["name"]]
        assert resource["rows"] == len(frame)
        for one in resource["schema"]["fields"]:
            assert str(frame[one["name"]].dtype) in KINDS[one["type"]], (resource["name"], one["name"])


def test_the_csv_says_what_the_parquet_says(world, frames):
    for name, frame in frames.items():
        told = pd.read_csv(world.path / f"tables/{name}.csv", dtype=str, keep_default_na=False)
        same = (
            frame.astype(object)
            .where(frame.notna(), "")
            .map(lambda cell: str(cell).lower() if cell in (True, False) and isinstance(cell, bool) else cell)
        )
        for column in frame:
            given = same[column].map(lambda cell: f"{cell:g}" if isinstance(cell, float) else str(cell))
            assert [*told[column]] == [*given], (name, column)


def validate(folder):
    """Let Frictionless validate a folder of tables; its report."""
    from frictionless import Package  # slow to load, and each process collects this file

    return Package(str(folder / "datapackage.json")).validate()


def test_the_package_is_valid_with_types_keys_and_foreign_keys(world):
    report = validate(world.path / "tables")
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])[:5]


def test_a_wrong_cell_makes_the_package_invalid(world, tmp_path):
    shutil.copytree(world.path / "tables", tmp_path / "tables")
    path = tmp_path / "tables/acts.csv"
    text = path.read_bytes().decode()
    path.write_bytes(re.sub(r",event/[^,]*,", ",event/nothing,", text, count=1).encode())
    report = validate(tmp_path / "tables")
    assert "foreign-key" in [one[0] for one in report.flatten(["type"])]


def test_files_are_listed_with_their_checksums_and_sealed(world, package):
    beside = supplements.read(world.path, world.manifest["outputs"])
    files = [file for one in beside if one.kind == "tables" for file in one.files]
    for one in files:
        data = (world.path / "tables" / one.name).read_bytes()
        assert (one.size, one.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert one.sha256 == world.manifest["outputs"][f"tables/{one.name}"]
    assert 2 * len(package["resources"]) == len(files)


def test_making_them_again_gives_the_same_bytes(world):
    from kg.build import inputs
    from tests import frozen

    read = inputs.read_queries(frozen.PROJECT, "tables")
    queries = {one.name: one.text for one in read if "/limits/" not in one.name}
    limits = {one.name.split("/")[-1].removesuffix(".rq"): one.text for one in read if "/limits/" in one.name}
    made = {}
    with Store.open(world.store_path) as store:
        tables.make(store, queries, limits, world.id, made.__setitem__)
    for name, data in made.items():
        assert (world.path / name).read_bytes() == data, name


def test_nothing_that_was_withdrawn_is_in_a_table(world):
    with Store.open(world.store_path) as store:
        gone = [
            str(row[0]).removeprefix(terms.ID)
            for row in store.select(f"SELECT ?x {{ ?x a <{terms.term('Tombstone')}> }}")
        ]
    assert gone
    for path in (world.path / "tables").glob("*.csv"):
        words = set(re.split(r"[\s,;\"]+", path.read_text(encoding="utf-8")))
        assert words.isdisjoint(gone), path.name


def test_a_best_estimate_is_given_only_where_the_source_gives_a_number(frames):
    figures = frames["figures"]
    bounds = figures[figures.precision.isin(["at-least", "at-most", "more-than", "wording"])]
    assert len(bounds) and bounds.best.isna().all()
    exact = figures[figures.precision == "exact"]
    assert len(exact) and (exact.low == exact.high).all() and (exact.best == exact.value).all()


def test_what_is_counted_by_article_is_in_the_table_of_findings(frames):
    counted, findings = frames["state-article-findings"], frames["findings"]
    sure = findings[findings.state.notna() & ~findings.in_repeat & ~findings.needs_review]
    assert counted.findings.sum() == len(sure) > 0
    breach = sure[sure.outcome == "breach"]
    alone = breach[~breach.accessory]
    assert (
        len({*zip(breach.state, breach.provision, breach.decision, strict=True)}) >= counted.breach_decisions.sum() > 0
    )
    assert len({*zip(alone.state, alone.provision, alone.decision, strict=True)}) >= counted.breach_alone.sum()


def test_a_workbook_has_typed_cells_the_codebook_and_notes(world, package):
    resource = next(one for one in package["resources"] if one["name"] == "figures")
    data = write_workbook(world.path / "tables/figures.parquet", resource, world.id, terms.BASE)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert ("Release", world.id) in book["Notes"].iter_rows(values_only=True)
    assert ["Table", "Codebook", "Notes"] == book.sheetnames
    rows = list(book["Table"].iter_rows(values_only=True))
    assert len(rows) == resource["rows"] + 1
    place = rows[0].index("best")
    assert any(isinstance(row[place], int | float) for row in rows[1:])
    assert [one["name"] for one in resource["schema"]["fields"]] == [
        row[0] for row in book["Codebook"].iter_rows(min_row=2, values_only=True)
    ]


def test_a_release_without_tables_lists_none(tmp_path):
    assert tables.load(tmp_path) is None and [] == supplements.read(tmp_path, {})

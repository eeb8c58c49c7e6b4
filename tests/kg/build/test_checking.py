"""A check of one file says what a build says of it."""

import datetime
import json
import resource
import subprocess
import sys

import pytest

from kg.build import checking, mapping
from kg.config import PROJECT, Settings
from kg.errors import SourceError
from kg.store import Store

EVENTS = "data/events/strike.ttl"
READ = ("decision-readings", "treaty-body-findings")  # the folders of what was read of decisions
FEW = "/decision/cat-c-1"  # whose rows are enough to tell which tables are read


@pytest.fixture
def built(project):
    """Build the small project; the path of its events."""
    project.build()
    return project.root / EVENTS


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("project/data/empty.ttl", "nothing to check"),
        ("project/data/states", "nothing was checked.*`kg import table`"),
        ("project/data/report.pdf", "There is no RDF here"),
        ("elsewhere/tables", "There is no RDF here"),
        ("elsewhere/more.rdf", "This format is not read"),
    ],
)
def test_what_holds_nothing_to_check_is_told_and_does_not_conform(project, tmp_path_factory, name, told):
    folder = tmp_path_factory.mktemp("elsewhere")
    project.write("data/empty.ttl", "@prefix a: <urn:x:> .\n")
    project.write("data/states/4-9.csv", "a,b\n")
    project.write("data/report.pdf", "text")
    (folder / "tables").mkdir()
    (folder / "tables/4-9.csv").write_text("a,b\n")
    (folder / "more.rdf").write_text("<rdf/>")
    base, _, path = name.partition("/")
    with pytest.raises(SourceError, match=told):
        checking.check(project.settings, paths=[{"project": project.root, "elsewhere": folder}[base] / path])


def test_what_is_not_read_is_named_beside_what_is(project, built):
    table = project.write("data/events/4-9.csv", "a,b\n")
    project.write("data/events/.hidden.csv", "a,b\n")
    report = checking.check(project.settings, paths=[built.parent])
    assert (1, (str(table),)) == (report.files, report.unread)
    assert f"{table}: not read, and so not checked\n" in report.text()
    assert [str(table)] == json.loads(report.json())["unread"]


def test_an_empty_file_beside_a_full_one_is_told(project, built):
    empty = project.write("data/events/empty.ttl", "# nothing yet\n@prefix a: <urn:a:> .\n")
    with pytest.raises(SourceError, match=r"empty\.ttl: There is no triple here, and so nothing to check"):
        checking.check(project.settings, paths=[built, empty])
    assert checking.check(project.settings, paths=[built.parent]).conforms


def test_the_files_are_parsed_once(project, built, monkeypatch):
    loaded = []
    load = Store.load
    monkeypatch.setattr(Store, "load", lambda *given, **more: loaded.append(more["source"]) or load(*given, **more))
    checking.check(project.settings, paths=[built])
    assert sorted(set(loaded)) == sorted(loaded)
    assert EVENTS in loaded


@pytest.mark.parametrize(
    ("ahead", "conforms"), [("{:%Y-%m-%d}", True), ("{:%Y-%m}", True), ("{:%Y}", True), ("9{:%m}2", False)]
)
def test_today_is_not_to_come(project, ahead, conforms):
    date = ahead.format(datetime.datetime.now(datetime.UTC))
    kind = {10: "date", 7: "gYearMonth", 4: "gYear"}[len(date)]
    project.replace(EVENTS, '"2012-02-29"^^xsd:date', f'"{date}"^^xsd:{kind}')
    report = checking.check(project.settings)
    assert conforms == report.conforms, report.text()


def test_it_says_how_much_it_read(project, built):
    report = checking.check(project.settings, paths=[built])
    assert (1, 9) == (report.files, report.triples)
    assert "(1 file and 9 triples read)" in report.text()


@pytest.mark.slow
@pytest.mark.parametrize("folder", sorted(path.name for path in (PROJECT / "data").iterdir() if path.is_dir()))
def test_a_shipped_file_conforms_alone(folder):
    file = next(path for path in sorted((PROJECT / "data" / folder).rglob("*.[tc]*")))
    report = checking.check(Settings.load({}), paths=[file])
    assert report.conforms and report.triples + (folder == "crosswalks"), report.text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "beside"),
    [
        (
            "decision-readings/findings",
            ["decision-readings/acts", *(f"{key}/{kind}" for key in READ for kind in ("communications", "decisions"))],
        ),
        ("treaty-body-findings/decisions", []),
    ],
)
def test_beside_a_table_only_those_are_made_that_its_mapping_reads_and_each_is_read_once(table, beside, monkeypatch):
    read, made = [], []
    read_rows, make = mapping.read_rows, mapping._make

    def note_reading(table, *more):
        read.append(table.name)
        rows, faults = read_rows(table, *more)
        return [row for row in rows if FEW in str(row.terms.get("decision", FEW))], faults

    def note_making(store, table, *more):
        made.append(table.name)
        return make(store, table, *more)

    monkeypatch.setattr(mapping, "read_rows", note_reading)
    monkeypatch.setattr(mapping, "_make", note_making)
    report = checking.check(Settings.load({}), paths=[PROJECT / f"data/tables/{table}.csv"])
    assert report.conforms and report.triples, report.text()
    assert sorted(f"data/tables/{name}.csv" for name in (table, *beside)) == sorted(made)
    assert sorted({*read}) == sorted(read)


def test_a_check_of_an_event_takes_less_than_three_seconds_of_processor():
    file = max((PROJECT / "data/events").rglob("*.ttl"), key=lambda path: path.stat().st_size)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "kg", "check", file], cwd=PROJECT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3

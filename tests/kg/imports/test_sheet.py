"""The import of a spreadsheet: what a person fills in becomes tables, nothing in part, and nothing else is touched."""

import csv
import io
import random
import re
import shutil
import zipfile

import openpyxl
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg import __main__ as command
from kg import release, terms
from kg.build import checking, inputs, mapping, pipeline
from kg.config import PROJECT
from kg.errors import SourceError
from kg.imports.sheet import columns, workbook
from kg.store import Store
from tests import frozen

pytestmark = pytest.mark.usefixtures("unchanged_once")
FACTS = "data/tables/facts/"
MAPPINGS = mapping.read_mappings(inputs.read_queries(PROJECT, "mappings"))


class Sheet:
    """A project of the frozen graph, a spreadsheet to fill in, and the command that imports it."""

    def __init__(self, root, kg):
        self.root, self.kg, self.file = root, kg, root / "facts.xlsx"

    def take(self):
        return self.kg("import", "sheet", str(self.file))

    def book(self):
        return openpyxl.load_workbook(self.file)

    def set(self, sheet, row, head, value):
        book = self.book()
        page = book[sheet]
        heads = [cell.value for cell in page[1]]
        cell = page.cell(row, heads.index(head) + 1)
        cell.value = value
        book.save(self.file)

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def files(self):
        return {path: path.read_bytes() for path in sorted((self.root / "data").rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Write the template for the frozen graph and make its example somebody's own: ids without the sign of the example."""
    root = tmp_path_factory.mktemp("filled")
    frozen.project(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSWERABLE_ROOT", str(root))
        assert 0 == command.main(["import", "sheet", "--template", str(root / "template.xlsx")])
    book = openpyxl.load_workbook(root / "template.xlsx")
    for page in book:
        for cell in (cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)):
            cell.value = cell.value.replace("example-2013-05-01-meeting", "meeting-1").replace("example-", "mine-")
    book.save(root / "facts.xlsx")
    return root


@pytest.fixture
def sheet(filled, kg, tmp_path, monkeypatch):
    frozen.project(tmp_path, has_own_data=True)
    for name in ("template.xlsx", "facts.xlsx"):
        shutil.copy(filled / name, tmp_path)
    monkeypatch.setenv("ANSWERABLE_ROOT", str(tmp_path))
    return Sheet(tmp_path, kg)


def test_the_template_has_a_guide_comments_pick_lists_and_text_cells(sheet):
    book = openpyxl.load_workbook(sheet.root / "template.xlsx")
    assert [columns.GUIDE, *columns.sheets(MAPPINGS), columns.LISTS] == book.sheetnames
    assert ["Sources", "Passages", "Actors", "Places", "Events", "Acts"] == book.sheetnames[1:7]
    assert "hidden" == book[columns.LISTS].sheet_state
    for name, table in columns.sheets(MAPPINGS).items():
        page = book[name]
        assert [columns.head(column) for column in table.columns] == [cell.value for cell in page[1]]
        told = zip(page[1], table.columns.values(), strict=True)
        assert all(cell.comment and column.help in cell.comment.text for cell, column in told)
        assert all("@" == cell.number_format for cell in page[2] if cell.value)
    lists = [value.formula1 for value in book["Acts"].data_validations.dataValidation]
    values = {cell.value for row in book[columns.LISTS].iter_rows() for cell in row}
    assert {"restriction of assembly", "stated in the source's own voice", "arrested on a charge", "finding"} <= values
    assert len(lists) > 4
    assert all(formula.startswith(f"{columns.LISTS}!") for formula in lists)


def test_the_example_is_refused_until_it_is_deleted(sheet):
    code, _, err = sheet.kg("import", "sheet", str(sheet.root / "template.xlsx"))
    assert 1 == code
    assert "Events, row 2, ID (A2): This row is of the example. Delete it, or give it an ID of your own." in err


def test_a_filled_sheet_is_imported_corrected_imported_again_and_built(sheet):
    before = sheet.files()
    sheet.set("Recommendations", 2, "Number", None)
    code, out, err = sheet.take()
    assert (0, "") == (code, err)
    assert f"written: {FACTS}sheet-acts.csv\n" in out and before.items() <= sheet.files().items()
    assert ["meeting-1-dispersal,meeting-1,AssemblyRestriction,Dispersal of the meeting,,2013-05-01,"] == [
        line[:87] for line in sheet.read(f"{FACTS}sheet-acts.csv").splitlines()[1:]
    ]
    assert ",2013-06," in sheet.read(f"{FACTS}sheet-sources.csv")
    assert "Police ended" not in sheet.read(f"{FACTS}sheet-passages.csv")
    code, out, _ = sheet.take()
    assert (0, "Nothing has changed.") == (code, out.splitlines()[0])
    sheet.set("Acts", 2, "Date", "May 2013")
    code, out, _ = sheet.take()
    assert (0, [f"written: {FACTS}sheet-acts.csv"]) == (code, [line for line in out.splitlines() if "written" in line])
    assert ",2013-05," in sheet.read(f"{FACTS}sheet-acts.csv")
    pipeline.build(frozen.settings(sheet.root))
    _, out, _ = sheet.kg("ask", "obligations-engaged", "-p", "event=id/event/meeting-1", "--format", "csv")
    assert "id/act/meeting-1-dispersal" in out
    with TestClient(
        create_app(frozen.settings(sheet.root))
    ) as client:  # a recommendation has a page without a number too
        shown = client.get("/doc/recommendation/mine-recommendation-1", headers={"Accept": "text/html"})
        assert (200, True) == (shown.status_code, "Let people meet without asking for leave." in shown.text)


def test_every_mistake_is_told_at_once_with_its_cell_and_what_to_write(sheet):
    sheet.set("Acts", 2, "Kind of act", "restriction of asembly")
    sheet.set("Acts", 2, "By whom", "mine-polise")
    sheet.set("Events", 2, "Date", "12/05/2013")
    sheet.set("Statements and Figures", 3, "Number", "about 40")
    sheet.set("Statements and Figures", 3, "Counts", "arrested")
    sheet.set("Responses", 2, "Answer", None)
    before = sheet.files()
    code, out, err = sheet.take()
    assert (1, before) == (code, sheet.files())
    for said in (
        "Events, row 2, Date (E2): '12/05/2013' may be read as two different days.",
        "Acts, row 2, Kind of act (C2): 'restriction of asembly' is not in the list. The nearest: restriction of assembly",
        "Acts, row 2, By whom (I2): 'mine-polise' is in no sheet and not in the graph. The nearest: mine-police",
        "'about 40' is no number. Write digits alone",
        "Counts (M3): 'arrested' is not in the list. The nearest: arrested on a charge",
        "Responses, row 2, Answer (C2): The cell is empty, and must not be. What belongs there: What the answer comes to.",
        "6 mistakes; nothing was written",
    ):
        assert said in err, said
    assert "written:" not in out


CHARTER = {
    "Actors": [
        {"ID": "achpr-commission", "Kind": "treaty body", "Name": "African Commission on Human and Peoples' Rights"}
    ],
    "Treaties": [
        {
            "ID": "achpr",
            "Name": "African Charter on Human and Peoples' Rights",
            "Short name": "ACHPR",
            "Adopted": "27 June 1981",
            "In force": "21 October 1986",
            "Monitored by": "African Commission on Human and Peoples' Rights",
        }
    ],
    "Articles": [
        {
            "ID": "achpr-4",
            "Treaty": "ACHPR",
            "Number": "4",
            "Subject": "Life",
            "Bears duty": "yes",
            "Rights": "right to life",
        },
        {
            "ID": "achpr-11",
            "Treaty": "ACHPR",
            "Number": "11",
            "Subject": "Assembly",
            "Bears duty": "yes",
            "Rights": "peaceful assembly",
        },
    ],
    "Parties": [
        {
            "ID": "zaf-achpr",
            "State": "South Africa",
            "Treaty": "achpr",
            "Deposited": "9 July 1996",
            "How bound": "ratification",
            "In force": "October 1996",
            "Record of": "4 June 2013",
        }
    ],
    "Reviews": [{"ID": "upr-zaf-1", "State": "ZAF", "Name": "First review of South Africa", "Date": "April 2008"}],
}
SOUTH_AFRICA = """@prefix ans: <https://w3id.org/answerable/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@base <https://w3id.org/answerable/> .
<id/state/zaf> a ans:State ; skos:prefLabel "South Africa"@en ; ans:isoCode "ZAF" ;
    ans:belongsToRegionalGroup <scheme/regional-group/african> ; ans:isReportedIn <id/passage/mine-report-2013-para-4> .
"""


def put(sheet, rows, *, keep=()):
    """Fill in rows of a workbook, behind those of the sheets to keep and in place of those of others; all cite one passage."""
    book = sheet.book()
    for name, added in rows.items():
        page = book[name]
        if name not in keep:
            page.delete_rows(2, page.max_row)
        heads = [cell.value for cell in page[1]]
        at = next(number for number in range(2, 600) if not page.cell(number, 1).value)
        for number, row in enumerate(added, at):
            for head, value in {**row, "Passages": "mine-report-2013-para-4"}.items():
                page.cell(number, heads.index(head) + 1).value = value
    book.save(sheet.file)
    return sheet


def ask(sheet, name, **values):
    """Ask a question of the project; its rows by columns."""
    parameters = (item for key, value in values.items() for item in ("-p", f"{key}={value}"))
    code, out, err = sheet.kg("ask", name, *parameters, "--format", "csv")
    assert 0 == code, err
    return [*csv.DictReader(io.StringIO(out))]


@pytest.fixture
def charter(sheet):
    """Fill the sheets of treaties and reviews with the African Charter, a party and a review of it, in place of the example."""
    (sheet.root / "data/states/zaf.ttl").write_text(SOUTH_AFRICA, encoding="utf-8")
    return put(sheet, CHARTER, keep=("Actors", "Reviews"))


def test_a_regional_treaty_its_articles_a_party_and_a_review_are_added_by_a_workbook(charter):
    charter.set("Recommendations", 2, "Addressed to", "South Africa")
    charter.set("Recommendations", 2, "Review", "First review of South Africa")
    charter.set("Responses", 2, "Said by", "South Africa")
    code, _, err = charter.take()
    assert (0, "") == (code, err)
    assert "Nothing has changed." in charter.take()[1]
    pipeline.build(frozen.settings(charter.root))

    bound = {"state": "id/state/zaf", "day": "2012-08-16"}
    (row,) = ask(charter, "treaties-in-force", **bound)
    assert ("id/treaty/achpr", "1996-10", "1996-07-09") == tuple(
        row[name].removeprefix("https://w3id.org/answerable/") for name in ("treaty", "inForceFrom", "deposited")
    )
    assert [] == ask(charter, "treaties-in-force", **bound | {"day": "1996-09-30"})
    (possible,) = ask(charter, "treaties-in-force", **bound | {"day": "1996-10-15"})
    assert ("yes", "possibly") == (row["inForce"], possible["inForce"])
    (duties,) = ask(charter, "obligations", state="id/state/zaf")
    assert "2" == duties["duties"] and duties["instrument"].endswith("id/treaty/achpr")
    with Store.open(release.current(charter.root / "releases").store_path) as store:
        cycle = f"PREFIX ans: <{terms.VOCABULARY}> ASK {{ ?asked ans:belongsToCycle <{terms.ID}cycle/upr-zaf-1> }}"
        assert store.ask(cycle)
    (asked,) = ask(charter, "recommendations-rejected", state="id/state/zaf")
    assert asked["recommendation"].endswith("id/recommendation/mine-recommendation-1")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (
            ("Treaties", 2, "In force"),
            "1986",
            "Treaties, row 2, In force (E2): '1986' is no day. Write it as 1985-02-04.",
        ),
        (("Treaties", 2, "Monitored by"), "the Court", "'the Court' is in no sheet and not in the graph"),
        (
            ("Articles", 2, "Bears duty"),
            "maybe",
            "Articles, row 2, Bears duty (E2): 'maybe' is not in the list. Take one of: yes; no.",
        ),
        (
            ("Articles", 3, "Rights"),
            None,
            "Articles, row 3, Rights (F3): It does not say which right it protects. Fill Rights.",
        ),
        (("Articles", 3, "Treaty"), "ACHRP", "'ACHRP' is in no sheet and not in the graph. The nearest: achpr"),
        (("Parties", 2, "How bound"), None, "Parties, row 2, How bound (F2): It does not say how the State was bound."),
        (
            ("Reviews", 3, "Date"),
            None,
            "Reviews, row 3, Date (D3): It does not say when it was held. Fill Date or From",
        ),
    ],
)
def test_what_is_wrong_with_a_treaty_or_a_review_is_told_with_its_cell(charter, place, value, said):
    charter.set(*place, value)
    code, _, err = charter.take()
    assert 1 == code and said in err and len(err.splitlines()) == 2, err


COMMISSION = {
    "Actors": [
        {"ID": "mine-commission-1", "Kind": "organ of a State", "Name": "Commission on the meeting", "State": "Arland"}
    ],
    "Events": [
        {
            "ID": "2013-inquiry",
            "State": "Arland",
            "Kind": "proceeding",
            "Name": "Inquiry into the end of the meeting, 2013",
            "Date": "2013",
            "Held before": "mine-commission-1",
            "About acts": "meeting-1-dispersal",
        }
    ],
    "Statements and Figures": [
        {
            "ID": "commission-orders",
            "Kind": "statement",
            "Name": "The commission: an officer gave the order",
            "What is said": "An officer told the police to end the meeting.",
            "Said by": "mine-commission-1",
            "How told": "commission of inquiry",
            "About": "2013-inquiry; meeting-1-dispersal",
        },
        {
            "ID": "commission-right",
            "Kind": "allegation",
            "Name": "The commission: the right of assembly was infringed",
            "What is said": "The end of the meeting infringed the right of assembly.",
            "Said by": "mine-commission-1",
            "How told": "commission of inquiry",
            "Act judged": "meeting-1-dispersal",
            "Right": "peaceful assembly",
            "State judged": "Arland",
        },
    ],
}


def test_an_inquiry_that_was_given_and_what_its_commission_says_are_no_finding_of_a_breach(sheet):
    put(sheet, COMMISSION, keep=COMMISSION)
    code, _, err = sheet.take()
    assert (0, "") == (code, err)
    pipeline.build(frozen.settings(sheet.root))
    held = [row for row in ask(sheet, "proceedings", state="id/state/xar") if "2013-inquiry" in row["proceeding"]]
    assert ["mine-commission-1"] == [row["before"].rpartition("/")[2] for row in held]
    with Store.open(release.current(sheet.root / "releases").store_path) as store:
        act = f"PREFIX ans: <{terms.VOCABULARY}> ASK {{ <{terms.ID}act/meeting-1-dispersal> %s }}"
        assert store.ask(act % "a ans:AllegedViolation ; ans:allegedToInfringe ?right")
        assert not store.ask(act % "ans:foundToBreach ?article") and not store.ask(act % "a ans:Violation")
    for head, value in (("Kind", "finding"), ("Provision", "CC 22"), ("Right", None), ("Decided", "breach")):
        sheet.set("Statements and Figures", 5, head, value)
    code, _, err = sheet.take()
    assert 1 == code and "row 5, How told (F5): A finding has the standing of a treaty body or of a court" in err


def test_a_proceeding_names_the_authority_that_held_it_and_no_other_event_does(sheet):
    sheet.set("Events", 2, "Kind", "proceeding")
    assert "Events, row 2, Held before (K2): It does not say which authority held it." in sheet.take()[2]
    sheet.set("Events", 2, "Kind", None)
    sheet.set("Events", 2, "Held before", "mine-police")
    assert "Events, row 2, Kind (C2): Only a proceeding is held before somebody." in sheet.take()[2]


def test_a_row_whose_kind_or_id_is_wrong_is_one_mistake_however_often_it_is_named(sheet):
    sheet.set("Actors", 3, "Kind", "police")
    sheet.set("Events", 2, "ID", "Meeting 1")
    code, _, err = sheet.take()
    assert (1, 3) == (code, len(err.splitlines())), err
    assert "Actors, row 3, Kind (B3): 'police' is not in the list." in err and "'Meeting 1' is no ID" in err


def test_one_mistake_in_several_rows_of_a_column_is_one_line_and_a_word_of_the_search_leads_to_its_class(sheet):
    put(
        sheet,
        {
            "Acts": [
                {
                    "ID": f"meeting-1-{number}",
                    "Event": "meeting-1",
                    "Kind of act": "shooting",
                    "Name": "x",
                    "By whom": "mine-police",
                }
                for number in (1, 2, 3)
            ]
        },
        keep=["Acts"],
    )
    sheet.set("Acts", 2, "Kind of act", "shooting")
    sheet.set("Statements and Figures", 2, "Said by", "mine-oservers")
    first, second, last = sheet.take()[2].splitlines()
    assert first.startswith("kg: Acts, rows 2 to 5, Kind of act (C): 'shooting' is not in the list. The nearest: ")
    assert "lethal" in first and second.endswith("The nearest: mine-observers.") and last.startswith("kg: 2 mistakes")


def test_what_is_counted_may_be_called_by_a_synonym(sheet):
    for word, key in (("deaths", "killed"), ("Injured", "wounded"), ("officials injured", "officials-wounded")):
        sheet.set("Statements and Figures", 3, "Counts", word)
        assert 0 == sheet.take()[0] and f",{key},40," in sheet.read(f"{FACTS}sheet-statements.csv")


def test_a_folder_of_csv_says_the_same_as_the_workbook_and_so_do_the_tables_themselves(sheet):
    sheet.take()
    folder, book = sheet.root / "facts", sheet.book()
    folder.mkdir()
    for page in book:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=";").writerows(
            [cell or "" for cell in row] for row in page.iter_rows(values_only=True)
        )
        name = page.title.lower().replace(" ", "-")
        (folder / f"{name}.csv").write_text("\ufeff" + buffer.getvalue(), encoding="utf-8")
    for each in (folder, sheet.root / FACTS):
        code, out, err = sheet.kg("import", "sheet", str(each))
        assert (0, "", "Nothing has changed.") == (code, err, out.splitlines()[0])


def test_what_is_described_elsewhere_is_not_taken_over(sheet):
    event = next(path for path in (sheet.root / "data/events/xar").glob("*.ttl"))
    key = re.search(r"<id/event/([^>]+)> a ans:Event", event.read_text(encoding="utf-8"))[1]
    before = sheet.files()
    sheet.set("Events", 2, "ID", key)
    for name, head in (("Acts", "Event"), ("Statements and Figures", "About")):
        sheet.set(name, 2, head, key)
    sheet.set("Statements and Figures", 3, "About", key)
    code, _, err = sheet.take()
    assert (1, before) == (code, sheet.files())
    assert f"Events, row 2, ID (A2): id/event/{key} is described in data/events/xar/" in err


def test_a_row_that_is_gone_takes_its_thing_away_and_is_told(sheet):
    sheet.take()
    book = sheet.book()
    book["Statements and Figures"].delete_rows(3)
    for name in ("Recommendations", "Responses"):
        book[name].delete_rows(2)
    book.save(sheet.file)
    other = {path: data for path, data in sheet.files().items() if FACTS not in path.as_posix()}
    code, out, _ = sheet.take()
    assert 0 == code and other.items() <= sheet.files().items()
    assert "figure/meeting-1-detained of sheet-statements has no row any more, and goes\n" in out
    assert (
        f"taken away: {FACTS}sheet-responses.csv\n" in out and not (sheet.root / FACTS / "sheet-responses.csv").exists()
    )
    assert "meeting-1-detained" not in sheet.read(f"{FACTS}sheet-statements.csv")


def test_another_workbook_of_the_same_name_takes_nothing_away(sheet):
    sheet.take()
    before = sheet.files()
    book = sheet.book()
    for page in book:
        for cell in (cell for row in page.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)):
            cell.value = cell.value.replace("meeting-1", "strike-1").replace("mine-", "theirs-")
    book.save(sheet.file)
    code, _, err = sheet.take()
    assert (1, before) == (code, sheet.files())
    assert f"{FACTS} has " in err and "rows, of which 0 stand in this spreadsheet" in err
    sheet.file = sheet.file.rename(sheet.root / "strike.xlsx")
    assert 0 == sheet.take()[0] and before.items() <= sheet.files().items()
    for table in (sheet.root / FACTS).glob("sheet-*.csv"):
        table.unlink()
    shutil.rmtree(sheet.root / "data/tables/strike")
    sheet.file = sheet.file.rename(sheet.root / "facts.xlsx")
    assert 0 == sheet.take()[0] and "theirs-" in sheet.read(f"{FACTS}sheet-sources.csv")


def test_a_table_of_others_in_the_same_folder_stays(sheet):
    (sheet.root / FACTS).mkdir(parents=True)
    head = "review,State,name,date,recommendations,first\n"
    (sheet.root / FACTS / "reviews.csv").write_text(head, encoding="utf-8")
    code, out, err = sheet.take()
    assert (0, "") == (code, err)
    assert "taken away" not in out and head == sheet.read(f"{FACTS}reviews.csv")


def test_a_thing_that_others_still_name_cannot_go(sheet):
    sheet.take()
    before = sheet.files()
    book = sheet.book()
    book["Places"].delete_rows(2)
    book.save(sheet.file)
    code, _, err = sheet.take()
    assert (1, before) == (code, sheet.files())
    assert "Events, row 2, Places (H2): 'mine-square' is in no sheet and not in the graph." in err


def test_the_name_of_a_victim_is_refused(sheet):
    sheet.set("Actors", 4, "Kind", "named person")
    sheet.set("Actors", 4, "ID", "somebody")
    assert "may tell who the person is" in sheet.take()[2]
    sheet.set("Actors", 4, "ID", "7c1f09ab52")
    sheet.set("Acts", 2, "To whom", "7c1f09ab52")
    before = sheet.files()
    code, _, err = sheet.take()
    assert (1, before) == (code, sheet.files())
    assert "Actors, row 4: A person's name needs “Why named”" in err
    sheet.set("Actors", 4, "Why named", "Printed by the observers at the wish of the person, 2013.")
    code, _, err = sheet.take()
    assert (0, "") == (code, err)


def test_a_telephone_number_is_refused_with_its_row(sheet):
    sheet.set("Events", 2, "What happened", "Call +7 701 555 12 34 for more.")
    code, _, err = sheet.take()
    assert 1 == code and "Events, row 2, What happened (I2): " in err


def test_formulas_merged_cells_and_dates_of_the_program_are_understood_or_told(sheet):
    book = sheet.book()
    page = book["Acts"]
    page["D2"] = "=A2"  # saved without a value
    page.merge_cells("B2:B3")
    page["A3"], page["C3"], page["I3"] = "meeting-1-second", "restriction of assembly", "mine-police"
    page["D3"], page["T3"] = "Second", "mine-report-2013-para-4"
    book.save(sheet.file)
    err = sheet.take()[2]
    assert "Acts, row 2, Name (D2): The cell holds a formula without a value." in err
    assert "Acts, row 3, Event (B3): The cell is merged with B2" in err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda page: page.__setitem__("A1", "Identifier"), "No column is called 'Identifier'"),
        (lambda page: page.delete_cols(2), "The column State is missing"),
        (lambda page: setattr(page, "title", "Happenings"), "This sheet is not read"),
        (
            lambda page: page.__setitem__("A2", "Meeting 1"),
            "'Meeting 1' is no ID. Write small letters, digits and hyphens, such as meeting-1",
        ),
        (
            lambda page: page.__setitem__("A2", None),
            "The row has no ID. Write one, such as 2013-05-01-meeting-on-example-square",
        ),
        (lambda page: page.__setitem__("B2", "Arwand"), "is in no sheet and not in the graph"),
        (lambda page: page.__setitem__("E2", None), "It does not say when it happened. Fill Date, or From and Until"),
    ],
)
def test_heads_and_ids_that_are_wrong_are_told(sheet, change, said):
    book = sheet.book()
    change(book["Events"])
    book.save(sheet.file)
    code, out, err = sheet.take()
    assert 1 == code and said in out + err


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"ID,Name\n", "no .xlsx workbook"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0", "old kind, or one with a password"),
    ],
)
def test_a_file_that_is_no_workbook_is_told(sheet, data, said):
    sheet.file.write_bytes(data)
    code, _, err = sheet.take()
    assert 2 == code and said in err


def test_what_it_writes_conforms(sheet):
    sheet.take()
    report = checking.check(frozen.settings(sheet.root), paths=[sheet.root / FACTS])
    assert [] == [str(result) for result in report.violations]


def test_a_damaged_workbook_is_refused_in_words_whatever_is_wrong_with_it(filled):
    whole = (filled / "facts.xlsx").read_bytes()
    chance = random.Random(7)
    refused = 0
    for _ in range(20):
        data = bytearray(whole)
        for _ in range(20):
            data[chance.randrange(4, len(data))] = chance.randrange(256)
        try:
            workbook.unpack(bytes(data), "facts.xlsx")
        except SourceError:
            refused += 1
    assert refused > 10


def test_a_workbook_whose_parts_are_locked_is_refused_in_words(filled):
    data = bytearray((filled / "facts.xlsx").read_bytes())
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(head, bytes(data)):
            data[found.start() + flags] |= 1
    with pytest.raises(SourceError):
        workbook.unpack(bytes(data), "facts.xlsx")


def test_a_cell_far_below_the_others_is_refused_before_the_rows_between_are_walked(filled):
    book = openpyxl.load_workbook(filled / "facts.xlsx")
    book["Events"].cell(row=1_048_576, column=1, value="x")
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(SourceError, match="has more than 5,000 empty rows behind row"):
        workbook.unpack(target.getvalue(), "x.xlsx")


@pytest.mark.parametrize("ranges", [["A1:XFD1048576"], [f"A{at}:CV{at + 9000}" for at in range(20_000)]])
def test_merged_ranges_are_bounded_in_sum_however_they_overlap(filled, ranges):
    merged = "".join(f'<mergeCell ref="{each}"/>' for each in ranges).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(filled / "facts.xlsx") as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet2.xml":
                content = content.replace(b"</sheetData>", b"</sheetData><mergeCells>" + merged + b"</mergeCells>")
            new.writestr(name, content)
    with pytest.raises(SourceError, match="More than 100,000 cells are merged"):
        workbook.unpack(target.getvalue(), "x.xlsx")

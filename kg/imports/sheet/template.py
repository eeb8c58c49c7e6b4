"""The template: a workbook with the sheets to fill in, pick lists of what the graph knows, a guide, and one example."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

import xlsxwriter

from kg import terms
from kg.build.mapping import RowColumn, TableMapping
from kg.imports.sheet.columns import EXAMPLE, GUIDE, LISTS, head, kinds, sheets
from kg.imports.sheet.known import SheetVocabulary

ROWS = 500  # of a sheet that are made ready
_DAY = "2013-05-01"
_MEETING = f"{EXAMPLE}2013-05-01-meeting"
_REPORT = f"{EXAMPLE}report-2013"
_PARAGRAPH = f"{_REPORT}-para-4"
_STEPS = (
    "1. Fill in the sheets from left to right: first the document and its paragraphs, then what happened, then who says so.",
    "2. The rows of the example begin with example-. Look at them, then delete them: an import refuses them.",
    "3. Run: kg import sheet FILE.xlsx. It names each mistake with its sheet and row, or writes the files; never a part of them.",
    "4. Correct a row and run it again: the tables are written anew. The same sheet twice changes nothing.",
    "5. A row that you delete takes the thing out, and the import says so.",
)
_RULES = (
    "No passage, no fact: every row names the paragraphs that say it.",
    "Paraphrase: write in your own words. Quoted words are hashed and not kept.",
    "People first: nobody who was harmed or complained is named. Describe a group of persons, or an unnamed person.",
    "Write a date as precise as the source: 2011, June 2011, 16 June 2011. All cells are text, so that nothing is added to it.",
    "Where sources disagree, write a row for each, and fill Contradicts.",
    "An ID is small letters, digits and hyphens, and never changes. Where a sheet asks for a thing, its ID or its name will do.",
)


def make(context: SheetVocabulary, mappings: Mapping[str, TableMapping]) -> bytes:
    """Make the template with the sheets and the lists of a project."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        _Template(book, context, sheets(mappings)).write()
    return buffer.getvalue()


class _Template:
    def __init__(self, book: xlsxwriter.Workbook, context: SheetVocabulary, tables: Mapping[str, TableMapping]) -> None:
        self.book, self.context, self.tables = book, context, tables
        self.text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self.head = book.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.needed = book.add_format(
            {"bold": True, "bg_color": "#F8E3C5", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.shown = book.add_format(
            {"num_format": "@", "text_wrap": True, "valign": "top", "italic": True, "font_color": "#666666"}
        )
        self.lists: dict[str, str] = {}  # name of a list -> the range that holds it

    def write(self) -> None:
        self._guide()
        pages = [(table, self.book.add_worksheet(name)) for name, table in self.tables.items()]
        self._lists()
        examples = example(self.context)
        for table, page in pages:
            page.freeze_panes(1, 1)
            page.set_row(0, 32)
            columns = [*table.columns.values()]
            for at, column in enumerate(columns):
                page.set_column(at, at, _width(column), self.text)
                page.write_string(0, at, head(column.name), self.needed if column.is_required else self.head)
                content = ("Needed. " if column.is_required else "") + column.help
                page.write_comment(0, at, content, {"x_scale": 2, "y_scale": 1.2})
                self._validate(page, at, column)
            for number, row in enumerate(examples.get(page.name, ()), 1):
                for at, column in enumerate(columns):
                    if head(column.name) in row:
                        page.write_string(number, at, row[head(column.name)], self.shown)

    def _guide(self) -> None:
        page = self.book.add_worksheet(GUIDE)
        title = self.book.add_format({"bold": True, "font_size": 14})
        bold, wrapped = self.book.add_format({"bold": True}), self.book.add_format({"text_wrap": True, "valign": "top"})
        page.set_column(0, 0, 110, wrapped)
        lines = [("Facts by spreadsheet", title)]
        lines += [(item, wrapped) for item in _STEPS] + [("", wrapped), ("What holds for all sheets", bold)]
        lines += [(item, wrapped) for item in _RULES] + [("", wrapped), ("The sheets", bold)]
        lines += [(f"{name}: {table.title}.", wrapped) for name, table in self.tables.items()]
        lines += [
            ("Columns with an orange head are needed. Point at a head to read what goes into the column.", wrapped)
        ]
        for number, (content, format) in enumerate(lines):
            page.write_string(number, 0, content, format)

    def _lists(self) -> None:
        """Write the pick lists into a hidden sheet: a list in a cell has room for 255 characters only."""
        page = self.book.add_worksheet(LISTS)
        page.hide()
        for at, (name, values) in enumerate(_listed(self.context, self.tables).items()):
            page.write_string(0, at, name)
            for number, value in enumerate(values, 1):
                page.write_string(number, at, value)
            letter = xlsxwriter.utility.xl_col_to_name(at)
            self.lists[name] = f"={LISTS}!${letter}$2:${letter}${max(len(values), 1) + 1}"

    def _validate(self, page: xlsxwriter.worksheet.Worksheet, at: int, column: RowColumn) -> None:
        if source := self.lists.get(_list_of(column)):
            strict = column.type == "one"
            content = (
                "Take one of the list." if strict else "This is not in the list. Several are separated by a semicolon."
            )
            rule = {
                "validate": "list",
                "source": source,
                "error_type": "stop" if strict else "information",
                "error_message": content,
            }
            page.data_validation(1, at, ROWS, at, rule)


def _width(column: RowColumn) -> int:
    """Say how wide a column is: wide for prose, less so for IDs and lists."""
    if column.type in ("when", "date"):
        return 18
    return 44 if column.type in ("text", "digest") else 30 if column.is_list or column.is_new else 22


def _list_of(column: RowColumn) -> str:
    """Name the pick list of a column."""
    if column.type in ("class", "one"):
        return ", ".join(column.of)
    return column.of[0] if column.type == "iri" and len(column.of) == 1 and not column.is_new else ""


def _listed(context: SheetVocabulary, tables: Mapping[str, TableMapping]) -> dict[str, Sequence[str]]:
    """Gather the pick lists that the columns need."""
    result: dict[str, Sequence[str]] = {}
    for column in (column for table in tables.values() for column in table.columns.values()):
        name = _list_of(column)
        if column.type == "class":
            result[name] = [*context.classes[name]]
        elif column.type == "one":
            result[name] = column.of
        elif name.startswith("scheme/"):
            result[name] = [*context.concepts[name.split("/")[1]]]
        elif kinds(column)[:1] in (["state"], ["place"], ["provision"]) and name:
            result[name] = sorted(label for iri, label in context.labels.items() if iri.startswith(terms.BASE + name))
    return {name: values for name, values in result.items() if values}


def example(context: SheetVocabulary) -> Mapping[str, list[dict[str, str]]]:
    """Make the rows of the example, by sheet: an invented meeting that police broke up, in a State that the project has."""
    states = sorted((label, iri) for iri, label in context.labels.items() if iri.startswith(f"{terms.ID}state/"))
    state = next((label for label, iri in states if iri.endswith("/kaz")), states[0][0] if states else "")
    return {sheet: list(rows) for sheet, rows in _rows(state)}


def _rows(state: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    content = {"Passages": _PARAGRAPH}
    group, police, observers = f"{EXAMPLE}participants", f"{EXAMPLE}police", f"{EXAMPLE}observers"
    yield (
        "Sources",
        [
            {
                "ID": _REPORT,
                "Name": "Example observers: report on assemblies, 2013",
                "Published by": observers,
                "Date": "June 2013",
            }
        ],
    )
    yield (
        "Passages",
        [
            {
                "ID": _PARAGRAPH,
                "Source": _REPORT,
                "Paragraph": "4",
                "How read": "read whole",
                "Quoted words": "Police ended the meeting.",
            }
        ],
    )
    yield (
        "Actors",
        [
            {"ID": observers, "Kind": "organisation", "Name": "Example observers", **content},
            {"ID": police, "Kind": "organ of a State", "Name": "Example police", "State": state, **content},
            {"ID": group, "Kind": "group of persons", "Name": "participants of the example meeting", **content},
        ],
    )
    place = f"{EXAMPLE}square"
    yield "Places", [{"ID": place, "Name": "Example square", "State": state, **content}]
    yield (
        "Events",
        [
            {
                "ID": _MEETING,
                "State": state,
                "Name": "Meeting on Example square, 1 May 2013",
                "Date": _DAY,
                "Places": place,
                "What happened": "Police ended a meeting before its first speaker was done.",
                **content,
            }
        ],
    )
    act = f"{_MEETING}-dispersal"
    yield (
        "Acts",
        [
            {
                "ID": act,
                "Event": _MEETING,
                "Kind of act": "restriction of assembly",
                "Name": "Dispersal of the meeting",
                "Date": _DAY,
                "By whom": police,
                "To whom": group,
                **content,
            }
        ],
    )
    reported = {
        "Said by": observers,
        "How told": "stated in the source's own voice",
        "About": f"{_MEETING}; {act}",
        **content,
    }
    yield (
        "Statements and Figures",
        [
            {
                "ID": f"{_MEETING}-told",
                "Kind": "statement",
                "Name": "Example observers: the meeting was broken up",
                "What is said": "Police ended the meeting before its first speaker was done.",
                **reported,
            },
            {
                "ID": f"{_MEETING}-detained",
                "Kind": "figure",
                "Name": "Example observers: about 40 detained",
                "What is said": "Police took about forty people to a station.",
                "Counts": "detained",
                "Number": "40",
                "How exact": "approximate",
                "Unit": "persons",
                **reported,
            },
        ],
    )
    review, wish = f"{EXAMPLE}review-1", f"{EXAMPLE}recommendation-1"
    yield (
        "Reviews",
        [
            {
                "ID": review,
                "State": state,
                "Name": "Example review",
                "Date": "2014",
                "Session": "The example council held it in its first session.",
                "Recommendations printed": "1",
                **content,
            }
        ],
    )
    yield (
        "Recommendations",
        [
            {
                "ID": wish,
                "Name": "Example observers: recommendation 1",
                "Number": "1",
                "What is asked": "Let people meet without asking for leave.",
                "Made by": observers,
                "Addressed to": state,
                "Review": review,
                "Rights": "peaceful assembly",
                **content,
            }
        ],
    )
    yield (
        "Responses",
        [
            {
                "ID": f"{wish}-answer",
                "Recommendation": wish,
                "Answer": "noted",
                "Name": "Answer to recommendation 1: noted",
                "What is said": "The State takes note.",
                "Said by": state,
                "How told": "official",
                "Date": "2014",
                "Words as printed": "takes note",
                **content,
            }
        ],
    )
    charter = f"{EXAMPLE}charter"
    yield (
        "Treaties",
        [
            {
                "ID": charter,
                "Name": "Example Charter",
                "Short name": "EXC",
                "Adopted": "27 June 2001",
                "In force": "21 October 2006",
                **content,
            }
        ],
    )
    freedom = {"ID": f"{charter}-1", "Number": "1", "Subject": "Meeting in peace.", "Bears duty": "yes"}
    clause = {"ID": f"{charter}-2", "Number": "2", "Subject": "Entry into force.", "Bears duty": "no"}
    yield (
        "Articles",
        [
            {**freedom, "Treaty": charter, "Rights": "peaceful assembly", **content},
            {**clause, "Treaty": charter, "Months to wait": "3", **content},
        ],
    )
    yield (
        "Parties",
        [
            {
                "ID": f"{charter}-party",
                "State": state,
                "Treaty": charter,
                "Deposited": "9 July 2007",
                "How bound": "ratification",
                "In force": "9 October 2007",
                "By article": f"{charter}-2",
                "Record of": "4 June 2013",
                **content,
            }
        ],
    )

"""The table of lists: for each its address, its words, its queries, and what can be shown, filtered and sorted in it.

A list is one row of LISTS and its queries in queries/pages/: `list-<name>.rq` gives a row for each thing, and where things have
several values `list-<name>-more.rq` gives (thing, column, value). The words are translated when they are shown.
"""

from __future__ import annotations

from typing import NamedTuple

from kg.languages import N_

NONE = "none"  # the value of a filter for things that have none in its column


class Column(NamedTuple):
    """A column of a list: its name in the rows, its head, and how a cell is shown.

    Kinds: link (one thing or several), name (the same without links), short (links by short names), part (links, and nothing
    where a thing need not have any), day, span (date, start and end), count (how many values), text.
    """

    name: str
    title: str
    kind: str = "link"


class Filter(NamedTuple):
    """What a list can be narrowed by: the key in the address, its label, and the column that holds the values.

    A filter with the name `year` takes the years that the dates of a row touch.
    """

    name: str
    title: str
    column: str = ""

    @property
    def source(self) -> str:
        """The column of the rows that holds the values."""
        return self.column or self.name


class Sort(NamedTuple):
    """An order of a list: its name in the address, its label, the column (`name` is the name of the thing), the direction."""

    name: str
    title: str
    column: str
    descending: bool = False


class List(NamedTuple):
    """One list. `sentence` describes its address for programs; `lead` and `note` are read by people; the first sort is the usual one."""

    name: str
    title: str
    sentence: str
    lead: str
    head: str  # of the first column
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    note: str = ""
    text: str = "description"  # the column shown under the name of a thing

    @property
    def path(self) -> str:
        """The address of the list on this site."""
        return f"/{self.name}"

    @property
    def keys(self) -> tuple[str, ...]:
        """What its address may name beside the format and the language."""
        return (*(one.name for one in self.filters), "sort", "page")


NEWEST = Sort("newest", N_("newest first"), "first", True)
OLDEST = Sort("oldest", N_("oldest first"), "first")
BY_NAME = Sort("name", N_("by name"), "name")
BY_BREACHES = Sort("breaches", N_("most breaches found first"), "breaches", True)

LISTS = (
    List(
        "events",
        N_("Events"),
        "Events: country, year, kind of act, right (.csv .json)",
        N_("What happened, event by event. An event holds the acts that sources tell of; its page says who says what."),
        N_("Event"),
        (
            Column("date", N_("When"), "span"),
            Column("place", N_("Where")),
            Column("country", N_("Country")),
            Column("acts", N_("Acts"), "count"),
            Column("statements", N_("Statements"), "count"),
        ),
        (
            Filter("country", N_("Country")),
            Filter("year", N_("Year")),
            Filter("type", N_("Kind of act"), "kind"),
            Filter("right", N_("Right at stake")),
        ),
        (NEWEST, OLDEST, Sort("statements", N_("most statements first"), "statements", True)),
        N_(
            "An event with a vague date is listed in every year that the date may mean. A count of acts is no count of incidents."
        ),
    ),
    List(
        "countries",
        N_("Countries"),
        "States: regional group, treaty (.csv .json)",
        N_("For each State: what binds it, and how much is recorded of it."),
        N_("Country"),
        (
            Column("region", N_("Regional group"), "name"),
            Column("treaty", N_("Treaties that it is party to"), "count"),
            Column("breaches", N_("Decisions that found a breach"), "count"),
            Column("decisions", N_("Decisions read"), "count"),
            Column("events", N_("Events"), "count"),
            Column("recommendations", N_("Recommendations"), "count"),
        ),
        (Filter("region", N_("Regional group")), Filter("treaty", N_("Party to"))),
        (BY_NAME, BY_BREACHES, Sort("events", N_("most events first"), "events", True)),
        N_(
            "More in this record does not mean more breaches: events were read for few States, and complaints can be made against some only."
        ),
        text="",
    ),
    List(
        "treaties",
        N_("Treaties"),
        "Treaties: right, party, body (.csv .json)",
        N_("The treaties in this record, with their articles and parties."),
        N_("Treaty"),
        (
            Column("short", N_("Short name"), "text"),
            Column("adopted", N_("Adopted"), "day"),
            Column("since", N_("In force since"), "day"),
            Column("country", N_("Parties"), "count"),
            Column("articles", N_("Articles"), "count"),
            Column("body", N_("Monitored by"), "part"),
            Column("record", N_("Parties as of"), "day"),
        ),
        (Filter("country", N_("Party")), Filter("right", N_("Right protected")), Filter("body", N_("Monitored by"))),
        (Sort("adopted", N_("oldest first"), "adopted"), BY_NAME),
        text="",
    ),
    List(
        "articles",
        N_("Articles"),
        "Articles of treaties and laws: instrument, right (.csv .json)",
        N_("The articles of treaties and laws in this record, each with what it is about."),
        N_("Article"),
        (
            Column("instrument", N_("Treaty or law")),
            Column("right", N_("Rights protected"), "name"),
            Column("breaches", N_("Decisions that found a breach"), "count"),
        ),
        (Filter("instrument", N_("Treaty or law")), Filter("right", N_("Right protected"))),
        (BY_NAME, BY_BREACHES),
        text="subject",
    ),
    List(
        "recommendations",
        N_("Recommendations"),
        "Recommendations: State under review, who recommends, review, answer, right (.csv .json)",
        N_("What States were asked to do, and what they answered."),
        N_("Recommendation"),
        (
            Column("number", N_("Number"), "text"),
            Column("by", N_("Recommended by")),
            Column("country", N_("To")),
            Column("cycle", N_("Review")),
            Column("response", N_("Answer"), "name"),
        ),
        (
            Filter("country", N_("State under review")),
            Filter("by", N_("Recommended by")),
            Filter("cycle", N_("Review")),
            Filter("response", N_("Answer")),
            Filter("right", N_("Right")),
        ),
        (Sort("number", N_("by number"), "number"), BY_NAME),
        N_("The record holds a part of each review only; the page of the review says how much of it."),
        text="paraphrase",
    ),
    List(
        "decisions",
        N_("Decisions"),
        "Decisions of treaty bodies on complaints: body, State, year, outcome, article, reading (.csv .json)",
        N_("What treaty bodies decided on complaints of people against States."),
        N_("Decision"),
        (
            Column("body", N_("Body"), "name"),
            Column("country", N_("State")),
            Column("date", N_("Day"), "day"),
            Column("outcome", N_("Outcome"), "name"),
            Column("article", N_("Articles decided on"), "short"),
            Column("reading", N_("How it was read"), "name"),
        ),
        (
            Filter("country", N_("State")),
            Filter("body", N_("Body")),
            Filter("year", N_("Year")),
            Filter("outcome", N_("Outcome")),
            Filter("article", N_("Article")),
            Filter("reading", N_("How it was read")),
        ),
        (NEWEST, OLDEST, Sort("symbol", N_("by symbol"), "symbol")),
        N_(
            "Most decisions were read by a program, which errs at times; some must still be read by a person, and some repeat the text of another. Counts elsewhere leave those two out; this list holds all."
        ),
        text="",
    ),
    List(
        "laws",
        N_("Laws"),
        "Laws and draft laws of States: country, kind, year (.csv .json)",
        N_("The laws and draft laws that the sources speak of."),
        N_("Law"),
        (
            Column("country", N_("Country")),
            Column("kind", N_("Kind"), "name"),
            Column("date", N_("Adopted"), "day"),
            Column("articles", N_("Articles"), "count"),
        ),
        (Filter("country", N_("Country")), Filter("type", N_("Kind"), "kind"), Filter("year", N_("Year of adoption"))),
        (BY_NAME, NEWEST, OLDEST),
    ),
    List(
        "actors",
        N_("People, groups and organs"),
        "Persons, groups, organs, courts, media, organisations and bodies: kind, country (.csv .json)",
        N_(
            "Who acted, who was harmed and who speaks: persons, groups, organs of States, courts, media, organisations and bodies."
        ),
        N_("Who"),
        (
            Column("kind", N_("Kind"), "name"),
            Column("country", N_("Organ of"), "part"),
            Column("did", N_("Acts by them"), "count"),
            Column("suffered", N_("Acts towards them"), "count"),
            Column("said", N_("Statements by them"), "count"),
        ),
        (Filter("type", N_("Kind"), "kind"), Filter("country", N_("Organ of"))),
        (
            BY_NAME,
            Sort("said", N_("most statements first"), "said", True),
            Sort("did", N_("most acts first"), "did", True),
        ),
        N_("Nobody who was harmed or complained is named, unless the source printed the name and it may be published."),
    ),
    List(
        "documents",
        N_("Documents"),
        "Documents other than decisions: publisher, kind of publisher, year (.csv .json)",
        N_("The reports, tables and texts that the facts rest on. Decisions on complaints have a list of their own."),
        N_("Document"),
        (
            Column("publisher", N_("Published by")),
            Column("date", N_("Date"), "day"),
            Column("symbol", N_("Symbol"), "text"),
            Column("passages", N_("Passages"), "count"),
        ),
        (
            Filter("publisher", N_("Published by")),
            Filter("type", N_("Kind of publisher"), "kind"),
            Filter("year", N_("Year")),
        ),
        (NEWEST, OLDEST, BY_NAME, Sort("passages", N_("most passages first"), "passages", True)),
        text="",
    ),
    List(
        "places",
        N_("Places"),
        "Places: country (.csv .json)",
        N_("Where events happened."),
        N_("Place"),
        (
            Column("country", N_("Country")),
            Column("within", N_("Within"), "part"),
            Column("events", N_("Events"), "count"),
        ),
        (Filter("country", N_("Country")), Filter("within", N_("Within"))),
        (BY_NAME, Sort("events", N_("most events first"), "events", True)),
    ),
)

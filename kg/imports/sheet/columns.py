"""The sheets of the template and their columns: what a person writes in each, and which property of the graph it becomes.

The template, the reader and the messages are all made from this table. A column's `kind` says how its cells are read:

    id        the key that a person chooses for the thing of a row
    text      prose in English                       word      plain text, kept as it is written
    date      a date at the precision written        number    a number
    address   an address on the web                  quote     words of the source, of which only the hash is kept
    concept   labels of the concepts of a scheme     class     labels of the classes below one
    things    ids or names of things of some kinds   state     the name or code of a State
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.names import sound


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its head, what its comment says, the property its cells become, and how they are read.

    `of` names the scheme, the class, or the kinds of things that a cell may name.
    """

    head: str
    says: str
    to: str = ""
    kind: str = "text"
    of: tuple[str, ...] = ()
    needed: bool = False
    many: bool = False
    width: int = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, the kind of things its rows are (the part of an IRI before the key), their class, and its columns."""

    name: str
    kind: str
    a: str
    says: str
    columns: tuple[SheetColumn, ...]

    def column(self, to: str) -> SheetColumn | None:
        """Find the column that becomes a property."""
        return next((item for item in self.columns if item.to == to), None)


ACTORS = ("state", "organ", "court", "organisation", "body", "group", "person")
SPOKEN_OF = (
    *("event", "act", "statement", "figure", "allegation", "finding", "response", "recommendation", "decision"),
    *("document", "law", "law-version", "provision", "treaty", "place", "communication", "cycle", *ACTORS),
)
STATEMENT_KINDS = ("statement", "figure", "allegation", "finding", "response")
SOURCES = ("document", "decision")

# What a row of Statements and Figures may be: the class and the part of an IRI before the key.
MANNERS = {
    "statement": ("Statement", "statement"),
    "figure": ("Figure", "figure"),
    "allegation": ("Allegation", "allegation"),
    "finding": ("Finding", "finding"),
}
# What a row of Actors may be, likewise.
ACTOR_KINDS = {
    "organ of a State": ("StateOrgan", "organ"),
    "court": ("Court", "court"),
    "organisation": ("Organisation", "organisation"),
    "media outlet": ("MediaOutlet", "organisation"),
    "group of persons": ("PersonGroup", "group"),
    "unnamed person": ("UnnamedPerson", "person"),
    "named person": ("Person", "person"),
}
CHOICES = {"manner": tuple(MANNERS), "actor": tuple(ACTOR_KINDS)}

EVERY = "Several are separated by a semicolon."


def _id(says: str) -> SheetColumn:
    return SheetColumn(
        "ID", f"{says} Small letters, digits and hyphens. It never changes.", "", "id", needed=True, width=30
    )


def _passages(says: str = "The paragraphs that say this: IDs of the sheet Passages, or of the graph.") -> SheetColumn:
    return SheetColumn("Passages", f"{says} {EVERY}", "isReportedIn", "things", ("passage",), True, True, 34)


def _dates(of: str) -> tuple[SheetColumn, ...]:
    how = "As precise as the source: 2011, 2011-06, June 2011, 16 December 2011."
    return (
        SheetColumn("Date", f"When {of}, if on one day or at one time. {how}", "date", "date", width=18),
        SheetColumn("From", f"When {of} began, if it lasted. {how}", "startDate", "date", width=18),
        SheetColumn("Until", f"When {of} ended, if it lasted. {how}", "endDate", "date", width=18),
    )


SHEETS = (
    Sheet(
        "Sources",
        "document",
        "Document",
        "The documents that you cite, one a row.",
        (
            _id("A short name for the document, such as rights-watch-2013-06."),
            SheetColumn("Name", "What the document is called, with its author.", "prefLabel", needed=True, width=44),
            SheetColumn(
                "Published by",
                "Who issued it: an ID of the sheet Actors, or a name in the graph.",
                "isPublishedBy",
                "things",
                ACTORS,
            ),
            SheetColumn(
                "Date", "The date on it, as precise as it is: 2013, 2013-06, 4 June 2013.", "date", "date", width=18
            ),
            SheetColumn("Symbol", "The symbol or number under which its author files it.", "symbol", "word", many=True),
            SheetColumn("Web address", "Where it can be read.", "link", "address", width=30),
            SheetColumn("Description", "What it is, in one or two sentences of your own.", "description", width=44),
        ),
    ),
    Sheet(
        "Passages",
        "passage",
        "Passage",
        "The paragraphs that you rely on, one a row.",
        (
            SheetColumn("ID", "Left empty, it is made from the source and the paragraph.", "", "id", width=30),
            SheetColumn("Source", "The document: its ID.", "isPartOf", "things", SOURCES, True, width=28),
            SheetColumn(
                "Paragraph", "Its number as printed. A range of paragraphs goes in Section.", "paragraph", "word"
            ),
            SheetColumn(
                "Section", "The heading under which it stands, or a range such as: paragraphs 4 to 6.", "section"
            ),
            SheetColumn("How read", "Whether you read it whole.", "hasReading", "concept", ("reading",), True),
            SheetColumn(
                "Quoted words",
                "The words of the passage, so that a change of the text is noticed. They are not kept; only their hash is.",
                "textSha256",
                "quote",
                width=44,
            ),
        ),
    ),
    Sheet(
        "Actors",
        "organ",
        "Actor",
        "Who acts, speaks or was harmed and is not in the graph yet. People who were harmed stay unnamed: describe a group.",
        (
            _id("A short name. Of a person, ten letters and digits at random."),
            SheetColumn("Kind", "What it is.", "", "choice", ("actor",), True),
            SheetColumn(
                "Name", "What it is called; of a group, who its members are.", "prefLabel", needed=True, width=34
            ),
            SheetColumn("State", "Of an organ or a court: whose it is.", "isOrganOf", "state"),
            SheetColumn(
                "Under", "Of an organ: the organ that directs it.", "isSubordinateTo", "things", ("organ", "court")
            ),
            SheetColumn(
                "Acts for", "Of a group or a person: the organ it serves.", "actsFor", "things", ("organ", "court")
            ),
            SheetColumn(
                "Why named",
                "Of a named person: who printed the name, why it may be published, and when.",
                "publicationBasis",
                width=34,
            ),
            SheetColumn("Description", "Who it is, in a sentence of your own.", "description", width=34),
            _passages(),
        ),
    ),
    Sheet(
        "Places",
        "place",
        "Place",
        "Where things happened, if the graph does not have the place yet.",
        (
            _id("A short name, such as almaty."),
            SheetColumn("Name", "What the place is called.", "prefLabel", needed=True),
            SheetColumn("State", "Whose territory it is part of.", "belongsToState", "state", needed=True),
            SheetColumn("Within", "The larger place that contains it.", "liesWithin", "things", ("place",)),
            SheetColumn("Latitude", "In decimal degrees, from -90 to 90.", "latitude", "number"),
            SheetColumn("Longitude", "In decimal degrees, from -180 to 180.", "longitude", "number"),
            SheetColumn(
                "How precise",
                "How narrowly the coordinates fix it.",
                "hasPlacePrecision",
                "concept",
                ("place-precision",),
            ),
            _passages("The paragraphs that name it: IDs of the sheet Passages, or of the graph."),
        ),
    ),
    Sheet(
        "Events",
        "event",
        "Event",
        "What happened, one event a row. Who did what stands in Acts.",
        (
            _id("A short name, such as 2013-05-01-almaty-meeting."),
            SheetColumn(
                "State",
                "Where it happened, or whose event it is. The file is put in its folder.",
                "",
                "state",
                (),
                True,
            ),
            SheetColumn("Kind", "Left empty: an event.", "type", "class", ("Event",)),
            SheetColumn("Name", "What happened, in a few words.", "prefLabel", needed=True, width=44),
            *_dates("it happened"),
            SheetColumn(
                "Places",
                f"Where: IDs of the sheet Places, or names. {EVERY}",
                "happensIn",
                "things",
                ("place",),
                many=True,
            ),
            SheetColumn("What happened", "In one or two sentences of your own.", "description", width=50),
            SheetColumn("Part of", "A larger event.", "isPartOf", "things", ("event",)),
            _passages(),
        ),
    ),
    Sheet(
        "Acts",
        "act",
        "Act",
        "What was done, by whom and to whom: one act a row.",
        (
            _id("A short name, such as 2013-05-01-almaty-meeting-dispersal."),
            SheetColumn("Event", "The event it belongs to: its ID.", "isPartOf", "things", ("event",), True, width=30),
            SheetColumn(
                "Kind of act",
                f"What was done, and no verdict. {EVERY}",
                "type",
                "class",
                ("Act",),
                True,
                True,
                width=30,
            ),
            SheetColumn("Name", "What was done, in a few words.", "prefLabel", needed=True, width=40),
            SheetColumn("What was done", "In one or two sentences of your own.", "description", width=50),
            *_dates("it was done"),
            SheetColumn(
                "By whom", f"IDs of the sheet Actors, or names. {EVERY}", "hasPerpetrator", "things", ACTORS, many=True
            ),
            SheetColumn(
                "Officials of",
                "Where no source names the organ: the State whose officials did it.",
                "isActOfUnnamedOrganOf",
                "state",
            ),
            SheetColumn(
                "Why no State",
                "Where it is attributed to no State: the kind of reason.",
                "hasNonAttributionReason",
                "concept",
                ("non-attribution",),
            ),
            SheetColumn("Why no State, in words", "The reason, in a sentence.", "nonAttributionNote", width=34),
            SheetColumn(
                "To whom", f"Who was harmed: groups, as a rule. {EVERY}", "hasVictim", "things", ACTORS, many=True
            ),
            SheetColumn("Places", f"Where: IDs or names. {EVERY}", "happensIn", "things", ("place",), many=True),
            SheetColumn(
                "Circumstances",
                f"What else matters in law and a source says. {EVERY}",
                "hasCircumstance",
                "concept",
                ("circumstance",),
                many=True,
                width=30,
            ),
            SheetColumn(
                "Passages of the circumstances",
                f"The paragraphs that say so. {EVERY}",
                "hasCircumstancePassage",
                "things",
                ("passage",),
                many=True,
            ),
            SheetColumn(
                "Fails to answer",
                f"Of an inquiry, redress or protection not given: the act that called for it. {EVERY}",
                "failsToAnswer",
                "things",
                ("act",),
                many=True,
            ),
            SheetColumn(
                "Sent to", "Of a removal: the State to which people were sent.", "hasReturnDestination", "state"
            ),
            _passages(),
        ),
    ),
    Sheet(
        "Statements and Figures",
        "statement",
        "Statement",
        "Who says what, how, and about what. Where sources disagree, write both and fill Contradicts.",
        (
            _id("A short name, such as rights-watch-2013-06-dispersal."),
            SheetColumn(
                "Kind",
                "A figure counts; an allegation and a finding are about one act and one provision.",
                "",
                "choice",
                ("manner",),
                True,
            ),
            SheetColumn("Name", "Who says what, in a few words.", "prefLabel", needed=True, width=40),
            SheetColumn("What is said", "In your own words.", "paraphrase", needed=True, width=50),
            SheetColumn("Said by", f"Who says it: IDs or names. {EVERY}", "hasSpeaker", "things", ACTORS, True, True),
            SheetColumn(
                "How told", "In what manner it is said.", "hasStanding", "concept", ("standing",), True, width=28
            ),
            SheetColumn(
                "About", f"Events, acts or others: IDs. {EVERY}", "isAbout", "things", SPOKEN_OF, many=True, width=30
            ),
            SheetColumn(
                "Denies",
                f"Acts or statements that it disputes. {EVERY}",
                "denies",
                "things",
                ("act", *STATEMENT_KINDS),
                many=True,
            ),
            SheetColumn(
                "Admits", f"Acts that the doer's side admits. {EVERY}", "acknowledges", "things", ("act",), many=True
            ),
            SheetColumn(
                "Contradicts", f"Rival statements: IDs. {EVERY}", "contradicts", "things", STATEMENT_KINDS, many=True
            ),
            SheetColumn("Said on", "When it was said, as precise as is known.", "date", "date", width=18),
            SheetColumn(
                "Date claimed", "The date that the speaker gives for what happened.", "claimedDate", "date", width=18
            ),
            SheetColumn("Counts", "Of a figure: what is counted.", "counts", "concept", ("counted",), width=26),
            SheetColumn("Number", "Of a figure: the number.", "value", "number"),
            SheetColumn("At least", "Of a figure that is a range: its lower end.", "minimum", "number"),
            SheetColumn("At most", "Of a figure that is a range: its upper end.", "maximum", "number"),
            SheetColumn(
                "Number in words", "Where the source prints a word, such as hundreds.", "valueAsPrinted", "word"
            ),
            SheetColumn(
                "How exact", "Of a figure: how the number is meant.", "hasPrecision", "concept", ("precision",)
            ),
            SheetColumn("Unit", "Of a figure: of what.", "hasUnit", "concept", ("unit",)),
            SheetColumn("Act judged", "Of an allegation or a finding: the act.", "characterises", "things", ("act",)),
            SheetColumn(
                "Provision",
                "Of an allegation or a finding: the article, such as ICCPR 21.",
                "invokes",
                "things",
                ("provision",),
            ),
            SheetColumn(
                "Right",
                f"Of an allegation that names no article: the right. {EVERY}",
                "invokesRight",
                "concept",
                ("right",),
                many=True,
            ),
            SheetColumn(
                "State judged", "Of an allegation or a finding: whose responsibility.", "concernsState", "state"
            ),
            SheetColumn("Decided", "Of a finding: which way.", "hasFindingOutcome", "concept", ("finding-outcome",)),
            _passages(),
        ),
    ),
    Sheet(
        "Recommendations",
        "recommendation",
        "Recommendation",
        "What a State was asked to do, one recommendation a row.",
        (
            _id("A short name, such as upr-kaz-3-139-12."),
            SheetColumn("Name", "Its number and who makes it.", "prefLabel", needed=True, width=34),
            SheetColumn("Number", "As printed. Left empty where none is printed.", "number", "word"),
            SheetColumn("What is asked", "In your own words.", "paraphrase", needed=True, width=50),
            SheetColumn(
                "Made by", f"States or others: names or IDs. {EVERY}", "isMadeBy", "things", ACTORS, True, True
            ),
            SheetColumn("Addressed to", "The State that is asked.", "isAddressedTo", "state", needed=True),
            SheetColumn(
                "Review", "The review it was made in: its ID in the graph.", "belongsToCycle", "things", ("cycle",)
            ),
            SheetColumn("Date", "When it was made.", "date", "date", width=18),
            SheetColumn(
                "Rights", f"Which rights it is about. {EVERY}", "concerns", "concept", ("right",), many=True, width=30
            ),
            _passages(),
        ),
    ),
    Sheet(
        "Responses",
        "response",
        "Response",
        "What the State answered, one answer a row. A changed answer is a row of its own.",
        (
            _id("A short name, such as upr-kaz-3-139-12-2020."),
            SheetColumn(
                "Recommendation", "What it answers: an ID.", "respondsTo", "things", ("recommendation",), True, width=30
            ),
            SheetColumn("Answer", "What the answer comes to.", "hasResponseValue", "concept", ("response",), True),
            SheetColumn("Name", "What is answered to what, in a few words.", "prefLabel", needed=True, width=34),
            SheetColumn("What is said", "In your own words.", "paraphrase", needed=True, width=44),
            SheetColumn("Words as printed", "The few words on which the answer rests.", "rawWording"),
            SheetColumn("Said by", "The State.", "hasSpeaker", "things", ACTORS, True),
            SheetColumn("How told", "As a rule: official.", "hasStanding", "concept", ("standing",), True),
            SheetColumn("Date", "When it answered.", "date", "date", width=18),
            SheetColumn("Why undated", "Where no source gives the day: say so.", "recordNote", width=30),
            _passages(),
        ),
    ),
)
BY_NAME = {sheet.name: sheet for sheet in SHEETS}
GUIDE, LISTS = "Guide", "Lists"  # sheets of the template without things
EXAMPLE = "example-"  # how the ids of the example in the template begin


def fold(text: str) -> str:
    """Write a name as it sounds, in which names are compared; "and" makes no difference."""
    return " ".join(word for word in sound(text) if word != "and")

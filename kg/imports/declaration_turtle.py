"""Statements of States about treaties, and the passages they stand in, as Turtle: a file for each treaty.

What is written is names, days, articles and flags, in words of our own; no sentence of a statement.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kg import terms
from kg.imports import treaty_collection
from kg.imports.declaration_tables import BASES, POLITICAL, POSTPONES, READ_BY, DeclarationRow, Procedure, StatementRow
from kg.imports.turtle import address, concept, day_of, english, facts, flag, thing
from kg.store.rdf import Triple, write_turtle
from kg.terms import Iri, Literal, Term

PAGE = "https://treaties.un.org/Pages/ViewDetails.aspx?src=TREATY&mtdsg_no={number}&chapter={chapter}&clang=_en#EndDec"

_NOTICE = """What States declared about the {treaty}, as of {day}: reservations, declarations, optional clauses and objections.
Made by `kg import declarations`, which writes it anew: do not change it, write a statement in data/states/. What is written
by hand goes before a row of the import.
Source: status pages of the United Nations Treaty Collection; facts alone, in words of our own. Licence of the data: CC BY 4.0.
Accuracy as measured by those who read the pages: of 60 statements read by a person and drawn at random, 4 had a wrong field and
none a wrong article or exclusion; the four were corrected with all of their like, and of 40 more none was wrong. Objections were
read by a program: State and day were right in 40 of 40, a target was missing in 2, and their articles, wrong in 10, are left out."""

_WORDS = {
    "accepts": "Accepts {}.",
    "optsOutOf": "Leaves out {}, as a clause of the treaty allows.",
    "mayExclude": "Named {}; whether it took that away as a whole is not recorded.",
    "subjectsToLaw": "Makes {} subject to national or religious law.",
    "modifies": "Limits {}.",
    "interprets": "Says how the State understands {}.",
    "namesProvision": "Names {}.",
}
# How the words of a statement take an article away, by the basis of the exclusion.
_EXCLUDES = {
    "not-bound": "Takes away {}: the State says that it is not bound, does not recognise it or will not apply it.",
    "opt-out": "Leaves out {}, as a clause of the treaty allows.",
    "bare-reservation": "Reserves {} and says no more; whether that takes away the whole is left open here.",
    "not-for-the-time-being": "Says that the State cannot apply {} for the time being; what that takes away is left open here.",
    "consent-in-each-case": "Asks for the consent of all parties in each case as to {}; what that takes away is left open here.",
}
_STAGES = {
    "signature": "Made on signature; it has no effect unless confirmed on consent.",
    "consent": "Made on consenting to be bound.",
    "later": "Made after consent to be bound.",
}
_NOUNS = {"withdrawal": "Notice of withdrawal", "communication": "Letter"}
_PARTS = {"Dec": "declarations and reservations", "Obj": "objections"}


@dataclass(frozen=True, slots=True)
class DeclaredTreaty:
    """A treaty of the graph: its key, short name, number in the collection, and the keys of its provisions by article."""

    key: str
    name: str
    number: str
    provisions: Mapping[str, str]

    def provision(self, article: str) -> tuple[str, bool]:
        """Find the provision of an article such as 16(1)(c), or the narrowest around it, and whether it is the whole article."""
        around = article
        while around not in self.provisions:
            shorter = re.sub(r"\([a-z0-9]+\)$", "", around)
            if shorter == around:
                raise ValueError(f"The {self.name} has no article {article!r} in this graph")
            around = shorter
        return self.provisions[around], around == article


@dataclass(frozen=True, slots=True)
class Party:
    """A participation: its key, that of the State or other actor, the actor's name, and the day it began where known."""

    key: str
    actor: str
    name: str
    began: datetime.date | None


@dataclass(slots=True)
class PlacedDeclaration:
    """A statement to be written: its row, the participation, what it does, and the days between which it has effect.

    `does` are pairs of the local name of a property and the key of a provision; `current` is None where nobody knows.
    """

    row: DeclarationRow
    party: Party
    does: list[tuple[str, str]]
    day: datetime.date | None
    since: datetime.date | None
    until: datetime.date | None
    current: bool | None
    clauses: tuple[str, ...]
    may_last: datetime.date | None = None
    against: list[str] = field(default_factory=list)
    key: str = ""
    label: str = ""

    @property
    def links(self) -> set[str]:
        """Return what it does, without to what."""
        return {link for link, _ in self.does}

    @property
    def articles(self) -> tuple[str, ...]:
        """Return the articles that it is about, as printed."""
        if isinstance(self.row, StatementRow):
            about = () if self.row.kind in ("objection", "communication") else self.row.articles
            return tuple(dict.fromkeys(about + self.row.excludes)) if about else self.row.excludes
        assert isinstance(self.row, Procedure)
        return (self.row.article,) if "accepts" in self.links else self.row.targets

    @property
    def kind(self) -> str:
        """Name its concept of scheme/declaration-kind."""
        if isinstance(self.row, StatementRow):
            return "required" if self.row.required else self.row.kind
        return "acceptance" if "accepts" in self.links else "declaration"


def key_of(content: PlacedDeclaration, treaty: DeclaredTreaty) -> str:
    """Make the key of a statement from its State, treaty, kind and day, and its first article; of an acceptance from its article."""
    first = _slug(content.articles[0]) if content.articles else content.against[0] if content.against else ""
    if "accepts" in content.links:
        return f"{content.party.actor}-{treaty.key}-{first}"
    parts = (
        content.party.actor,
        treaty.key,
        content.kind,
        content.day.isoformat() if content.day else "undated",
        first,
    )
    return "-".join(part for part in parts if part)


def label_of(content: PlacedDeclaration, treaty: DeclaredTreaty) -> str:
    """Make the name of a statement, such as `Reservation of Syria to CEDAW 2, 9(2) and 6 more, 28 March 2003`."""
    many = len(content.articles) > 4
    articles = ", ".join(content.articles[: 3 if many else 4]) + (
        f" and {len(content.articles) - 3} more" if many else ""
    )
    whole = isinstance(content.row, StatementRow) and content.row.general and not articles
    to = f"{treaty.name} {articles}".strip() + (" as a whole" if whole else "")
    day = f" ({_long(content.day)})" if content.day else " (day not known)"
    if "accepts" in content.links:
        return f"Acceptance by {content.party.name} of {to}{day}"
    if "optsOutOf" in content.links and content.kind != "reservation":
        noun = (
            "Postponement by"
            if isinstance(content.row, StatementRow) and content.row.effect == POSTPONES
            else "Opt-out by"
        )
        return f"{noun} {content.party.name} of {to}{day}"
    noun = (
        "Declaration"
        if content.kind in ("required", "acceptance")
        else _NOUNS.get(content.kind, content.kind.capitalize())
    )
    if content.against:
        codes = ", ".join(code.upper() for code in content.against[:4]) + (
            " and others" if len(content.against) > 4 else ""
        )
        return f"Objection of {content.party.name} to a statement of {codes} on the {treaty.name}{day}"
    link = {"withdrawal": "from the", "communication": "on the"}.get(content.kind, "to")
    return f"{noun} of {content.party.name} {link} {to}{day}"


def turtle(
    treaty: DeclaredTreaty,
    content: Iterable[PlacedDeclaration],
    document: str,
    day: datetime.date,
    context: Collection[str],
) -> str:
    """Write the statements about a treaty, and those of their passages that are not `known` already."""
    links: list[Triple] = []
    statements: list[Triple] = []
    passages: dict[str, list[Triple]] = {}
    for item in content:
        cited = []
        for passage, section in _passages(item, treaty, document):
            cited.append(passage)
            if passage not in context and passage not in passages:
                passages[passage] = _passage(passage, section, treaty, document, day)
        links += _links(item)
        statements += _statement(item, treaty, cited)
    notice = _NOTICE.format(treaty=treaty.name, day=_long(day))
    links.sort(key=lambda triple: triple[0].value)
    return write_turtle([*links, *statements, *(triple for item in passages.values() for triple in item)], notice)


def _statement(content: PlacedDeclaration, treaty: DeclaredTreaty, passages: Iterable[str]) -> Iterator[Triple]:
    row = content.row if isinstance(content.row, StatementRow) else None
    me = thing("declaration", content.key)
    classes = _classes(content)
    for name in classes:
        yield me, Iri(terms.PREFIXES["rdf"] + "type"), Iri(terms.term(name))
    yield me, Iri(terms.PREFIXES["skos"] + "prefLabel"), Literal(content.label, language="en")
    facts: list[tuple[str, Term | None]] = [
        ("description", english(_describe(content, treaty))),
        ("date", day_of(content.day)),
        ("hasDeclarationKind", concept("declaration-kind", content.kind)),
        *((link, thing("provision", provision)) for link, provision in content.does),
        *(("article", Literal(article)) for article in dict.fromkeys(content.articles + content.clauses)),
        *(("objectsTo", thing("state", code)) for code in content.against),
        ("inForceFrom", day_of(content.since)),
        ("inForceUntil", day_of(content.until)),
        ("mayLastUntil", day_of(content.may_last)),
        ("isCurrent", flag(content.current)),
        *(("isReportedIn", thing("passage", passage)) for passage in passages),
        ("link", address(_page(treaty))),
        ("hasReading", concept("reading", READ_BY.get(row.read_by, READ_BY["rule"]) if row else READ_BY["person"])),
    ]
    if row:
        partly = row.withdrawn == "partial"
        facts += [
            ("hasDeclarationStage", concept("declaration-stage", row.stage) if row.stage else None),
            ("hasExclusionBasis", concept("exclusion-basis", BASES[row.basis][0]) if row.basis else None),
            ("isGeneral", flag(row.general or (None if content.does else row.general))),
            ("isTerritorial", flag(row.territorial or None)),
            ("isPolitical", flag(row.effect == POLITICAL or None)),
            ("withdrawnInPartOn" if partly else "withdrawnOn", day_of(row.withdrawn_on)),
        ]
    elif isinstance(content.row, Procedure):
        facts.append(("withdrawnOn", day_of(content.row.withdrawn_on)))
    for link, value in facts:
        if value is not None:
            yield me, Iri(terms.term(link)), value


def _links(content: PlacedDeclaration) -> Iterator[Triple]:
    """Link the participation to a statement, by what the statement is."""
    classes = _classes(content)
    links = {"Reservation": "hasReservation", "OptionalDeclaration": "hasOptionalDeclaration"}
    for link in [links[name] for name in classes if name in links] or ["hasStateDeclaration"]:
        yield thing("participation", content.party.key), Iri(terms.term(link)), thing("declaration", content.key)


def _classes(content: PlacedDeclaration) -> list[str]:
    """Choose the classes of a statement: a declaration that takes a provision away is a reservation, whatever its name."""
    optional = ["OptionalDeclaration"] if content.links & {"accepts", "optsOutOf"} else []
    row = content.row
    if not isinstance(row, StatementRow):
        return optional or ["Reservation"]
    if row.kind == "objection":
        return ["Objection"]
    if row.kind == "reservation" or content.links & {"excludes", "mayExclude"}:
        return ["Reservation", *optional]
    return optional or (["InterpretativeDeclaration"] if "interprets" in content.links else ["StateDeclaration"])


def _describe(content: PlacedDeclaration, treaty: DeclaredTreaty) -> str:
    """Say in words what a statement does to which articles, and what became of it."""
    row, parts = content.row, []
    if isinstance(row, StatementRow):
        parts = [_STAGES.get(row.stage, ""), *_effects(content, row, treaty), *_more(row)]
    elif isinstance(row, Procedure):
        parts = [
            _WORDS[link].format(_named(row.targets if link != "accepts" else content.articles))
            for link in sorted(content.links)
        ]
        parts.append("It has no effect, as the clause, or the treaty, is not in force." if not row.effective else "")
        parts.append(f"Withdrawn on {_long(row.withdrawn_on)}." if row.withdrawn_on else "")
        if row.direction == "accepts":
            parts.insert(0, f"A declaration about {row.procedure}.")
    if content.until and not getattr(row, "withdrawn_on", None):
        parts.append(
            f"It lasted to {_long(content.until)}."
            if content.current is False
            else f"It lasts to {_long(content.until)}."
        )
    if content.may_last and content.until:
        parts.append(f"Whether it was extended, to {_long(content.may_last)} at most, is not recorded.")
    if row.note:
        parts.append(f"Note of the readers: {row.note}.")
    return " ".join(part for part in parts if part) or "It names no article."


def _effects(content: PlacedDeclaration, row: StatementRow, treaty: DeclaredTreaty) -> Iterator[str]:
    """Say what a statement does to the articles that its words take away, in whole or in part, and to the others."""
    whole = [item for item in row.excludes if not row.takes_a_part_of(item)]
    part = [item for item in row.excludes if item not in whole]
    if whole:
        yield _EXCLUDES[BASES[row.basis][0]].format(_named(whole))
    if part:
        yield f"Takes a part of {_named(part)} away."
    does = {provision: link for link, provision in content.does}
    for link, words in _WORDS.items():
        others = [
            item for item in content.articles if item not in row.excludes and does[treaty.provision(item)[0]] == link
        ]
        if others:
            yield words.format(_named(others))


def _more(row: StatementRow) -> Iterator[str]:
    """Say what the flags of a row mean."""
    if row.general:
        yield "It subjects the treaty as a whole to something else, or may do so; what it takes away is for readers to judge."
    if row.territorial:
        yield "It is about some territory alone."
    if row.effect == POLITICAL:
        yield "It speaks of policy, such as recognition, and not of what binds the State."
    if row.required:
        yield "The treaty asks such a declaration of every party; it limits nothing."
    if row.withdrawn == "full":
        yield (
            f"Withdrawn on {_long(row.withdrawn_on)}." if row.withdrawn_on else "Withdrawn on a day that is not known."
        )
    elif row.withdrawn == "partial" and row.withdrawn_on:
        yield f"Withdrawn in part on {_long(row.withdrawn_on)}."
    elif row.withdrawn != "no":
        yield (
            "The depositary did not accept it."
            if "not accepted" in row.withdrawn
            else "Whether it still stands is not known."
        )
    if row.kind == "objection":
        yield "Listed as made, not interpreted: an objection ends no reservation here."


def _passages(content: PlacedDeclaration, treaty: DeclaredTreaty, document: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of the passages of a statement, each with the section it names."""
    if not isinstance(content.row, StatementRow):
        yield (
            f"{document}-{treaty.key}-{content.party.actor}-clauses",
            f"declarations under its clauses: {content.party.name}",
        )
        return
    number = treaty.number
    for part in content.row.anchor.replace("text in ", "").split(";"):
        words = part.split()
        if words and words[0].startswith("IV-"):
            number = words.pop(0)
        where = " ".join(words)
        kind, block = (words[0], words[-1]) if words and words[0] in _PARTS else ("", "")
        section = (
            f"{_PARTS[kind]}, block {block} of the part as saved" if kind else where.replace("end note", "end note ")
        )
        other = "" if number == treaty.number else f"{number.lower()}-"
        yield f"{document}-{treaty.key}-{other}{_slug(where)}", " ".join(f"{number}, {section}".split())


def _passage(key: str, section: str, treaty: DeclaredTreaty, document: str, day: datetime.date) -> list[Triple]:
    label = f"Treaty Collection {day.year}, {treaty.name}: {section.partition(', ')[2] or section}"
    return list(
        facts(
            thing("passage", key),
            a="Passage",
            label=english(label),
            isPartOf=thing("document", document),
            section=english(f"Chapter {section}"),
            hasReading=concept("reading", "excerpt"),
        )
    )


def _page(treaty: DeclaredTreaty) -> str:
    """Make the address of the depositary's page of a treaty, at its declarations."""
    chapter = treaty_collection.file_of(treaty.number).partition("-")[0]
    return PAGE.format(number=treaty.number, chapter=chapter)


def _named(articles: Iterable[str]) -> str:
    *most, last = articles
    return f"articles {', '.join(most)} and {last}" if most else f"article {last}"


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


def _long(day: datetime.date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "a day not known"

"""How far the record goes from which an answer is drawn, in sentences.

A query in queries/records/ gives a row for each part of the record: `what` it is of, the day `until` which it goes, or that of the
`latest` thing in it where nobody knows of later ones, how many (`carried`) of how many (`printed`) things of a `kind` are in it, how
many were `read` where none tells of what is asked, for how many of these no State could be read (`astray`), how many were `judged`,
of which so many `byPerson` and with which `symbols`, how many are `present`, and a `note`. Each but the first may be missing.
`what` and `kind` are texts to translate; their slots `which` and `of` are the columns of these names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg import terms
from kg.languages import DEFAULT, Language, speak
from kg.rows import Cell

UNKNOWN = "How far the record goes is not known here."

Row = Mapping[str, Mapping[str, str]]


def things_in(rows: Iterable[Row]) -> set[str]:
    """List the IRIs that the sentences of some rows name."""
    named = (row[column]["value"] for row in rows for column in ("which", "of") if column in row)
    return {value for value in named if value.startswith(terms.BASE)}


def tell(
    rows: Iterable[Row], day: str | None = None, language: Language = speak(DEFAULT), names: Mapping[str, str] = {}
) -> tuple[Cell, ...]:
    """Write the limits of a record, each once; with the `day` that is asked for, say where the record cannot tell for it.

    `rows` are in SPARQL's JSON form, `day` is written YYYY-MM-DD, and `names` names the things in the rows.
    """
    told: dict[Cell, None] = {}
    for row in _gather(rows, language, names):
        told |= dict.fromkeys(map(Cell, _sentences(row, day, language)))
        if "note" in row:
            told |= {_note(row["note"], row["language"], language): None}
    return tuple(told) or (Cell(language.gettext(UNKNOWN)),)


def _gather(rows: Iterable[Row], language: Language, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Read the rows, their texts translated and filled; those that differ in what they are of alone become one."""
    found: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for row in rows:
        values = {name: term["value"] for name, term in row.items() if term["value"] != ""}
        slots = {
            name: names.get(values.get(name, "")) or language.gettext(values.get(name, "")) for name in ("which", "of")
        }
        texts = {name: language.gettext(values.pop(name)) % slots for name in ("what", "kind") if name in values}
        values = {name: value for name, value in values.items() if name not in slots}
        values["language"] = row.get("note", {}).get("xml:lang", "")
        found.setdefault(tuple({**values, **texts, "what": ""}.items()), []).append(texts.get("what", ""))
    return [{**dict(rest), "what": language.listed(dict.fromkeys(what))} for rest, what in found.items()]


def _note(text: str, spoken: str, language: Language) -> Cell:
    said = language.gettext(text)
    return Cell(said, language=spoken if said == text and spoken != language.code else "")


def _sentences(row: Mapping[str, str], day: str | None, language: Language) -> Iterator[str]:
    _ = language.gettext
    asked = {name: row[name] for name in ("what", "kind") if name in row}
    asked |= {"day": language.day(day)} if day else {}
    if until := row.get("until"):
        asked["until"] = language.day(until)
        # A record that ends in a month or a year may end on its first day.
        if day is None or day <= until:
            if len(until) == 10:
                yield _("The record of %(what)s ends on %(until)s; later changes are not in it.") % asked
            else:
                yield _("The record of %(what)s ends in %(until)s; later changes are not in it.") % asked
        elif len(until) == 10:
            yield (
                _(
                    "The record of %(what)s ends on %(until)s and cannot tell for later days; later changes are not in it, and what is said here of %(day)s is by that record."
                )
                % asked
            )
        else:
            yield (
                _(
                    "The record of %(what)s ends in %(until)s and cannot tell for later days; later changes are not in it, and what is said here of %(day)s is by that record."
                )
                % asked
            )
    if latest := row.get("latest"):
        asked["latest"] = language.day(latest)
        if day is None or day <= latest:
            yield _("The latest of the %(what)s that were read is of %(latest)s; later ones may be missing.") % asked
        else:
            yield (
                _(
                    "The latest of the %(what)s that were read is of %(latest)s, before %(day)s; later ones may be missing."
                )
                % asked
            )
    if printed := row.get("printed"):
        asked |= {"carried": row.get("carried", "0"), "printed": printed}
        yield _("%(carried)s of %(printed)s %(kind)s are carried.") % asked
    yield from _searched(row, asked, language)
    yield from _counted(row, asked, language)


def _searched(row: Mapping[str, str], asked: Mapping[str, str], language: Language) -> Iterator[str]:
    read, astray = int(row.get("read", "0")), int(row.get("astray", "0"))
    counted = {
        "what": asked.get("what", ""),
        "read": language.amount(str(read)),
        "astray": language.amount(str(astray)),
    }
    if read:
        yield (
            language.ngettext(
                "Of the %(what)s, %(read)s was read; no finding on what is asked here is known from it.",
                "Of the %(what)s, %(read)s were read; no finding on what is asked here is known from them.",
                read,
            )
            % counted
        )
    if astray:
        said = "No State could be read for %(astray)s of the %(what)s."
        yield language.ngettext(said, said, astray) % counted


def _counted(row: Mapping[str, str], asked: Mapping[str, str], language: Language) -> Iterator[str]:
    judged, by_person, present = (int(row.get(name, "0")) for name in ("judged", "byPerson", "present"))
    told = {name: language.amount(str(number)) for name, number in (("judged", judged), ("person", by_person))}
    told |= {"what": asked.get("what", ""), "present": language.amount(str(present))}
    if judged:
        if by_person == judged:
            said = language.ngettext(
                "Of the %(what)s, %(judged)s was read for what they find",
                "Of the %(what)s, %(judged)s were read for what they find",
                judged,
            )
        elif by_person == 0:
            said = language.ngettext(
                "Of the %(what)s, %(judged)s was read for what they find, by a program",
                "Of the %(what)s, %(judged)s were read for what they find, by a program",
                judged,
            )
        else:
            said = language.ngettext(
                "Of the %(what)s, %(judged)s was read for what they find, %(person)s by a person and the others by a program",
                "Of the %(what)s, %(judged)s were read for what they find, %(person)s by a person and the others by a program",
                judged,
            )
        yield said % told + (f": {row['symbols']}." if row.get("symbols") else ".")
    if present:
        said = language.ngettext(
            "In this graph there is %(present)s of the %(what)s; early ones are incomplete.",
            "In this graph there are %(present)s of the %(what)s; early ones are incomplete.",
            present,
        )
        yield said % told

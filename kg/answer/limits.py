"""How far the record goes from which an answer is drawn, in sentences.

A query in queries/records/ gives a row for each part of the record: `what` it is of, the day `until` which it goes, or that of the
`latest` thing in it where nobody knows of later ones, how many (`carried`) of how many (`printed`) things of a `kind` are in it, how
many were `read` where none tells of what is asked, for how many of these no State could be read (`astray`), and a `note`. Each but
the first may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.languages import DEFAULT, Language, speak

UNKNOWN = "How far the record goes is not known here."

Row = Mapping[str, Mapping[str, str]]


def tell(rows: Iterable[Row], day: str | None = None, language: Language = speak(DEFAULT)) -> tuple[str, ...]:
    """Write the limits of a record, each once; with the `day` that is asked for, say where the record cannot tell for it.

    `rows` are in SPARQL's JSON form, `day` is written YYYY-MM-DD.
    """
    values = ({name: term["value"] for name, term in row.items()} for row in rows)
    told = dict.fromkeys(said for row in values for said in _sentences(row, day, language))
    return tuple(told) or (language.gettext(UNKNOWN),)


def _sentences(row: Mapping[str, str], day: str | None, language: Language) -> Iterator[str]:
    _ = language.gettext
    asked = {name: _(row[name]) for name in ("what", "kind") if name in row}
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
    if note := row.get("note"):
        yield _(note)


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

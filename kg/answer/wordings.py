"""English names that rules and mappings put together, such as "Duty of Chile under ICCPR 13 since 1976-03-23", in another language.

A name is matched with the wordings of the catalogues, and the translations of its parts fill the translated wording. A name of
which one part has no translation stays English as a whole.
"""

import datetime
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

from kg.languages import N_, Language
from kg.rows import Cell

MACHINE = "-t-en-t0-und"  # ends the language of what a machine translated (RFC 6497)
WORDINGS = (
    N_("%(treaty)s %(article)s"),
    N_("Duty of %(state)s under %(provision)s since %(day)s"),
    N_("%(act)s: engages %(provision)s"),
    N_("%(conduct)s and %(provision)s"),
    N_("Breach of %(provision)s (%(cases)s)"),
    N_("No breach of %(provision)s (%(cases)s)"),
    N_("%(provision)s, %(outcome)s (%(cases)s)"),
    N_("%(body)s: breach of article %(number)s (%(cases)s)"),
    N_("%(body)s: breach of article %(number)s (%(cases)s, act %(act_number)s)"),
    N_("Communication %(number)s"),
    N_("Communication %(number)s (%(body)s)"),
    N_("Communication %(number)s (%(body)s, %(state)s)"),
    N_("Communications of %(cases)s (%(body)s)"),
    N_("Communications of %(cases)s (%(body)s, %(state)s)"),
    N_("Decision %(cases)s"),
    N_("Decision %(cases)s (%(state)s)"),
    N_("%(subject)s (%(cases)s)"),
    N_("%(subject)s (%(cases)s, %(state)s)"),
    N_("%(subject)s, %(state)s (%(cases)s)"),
    N_("%(subject)s, %(state)s, %(year)s (%(cases)s)"),
    N_("%(body)s: the facts of %(cases)s"),
    N_("Complainants of %(cases)s: what the body did not establish"),
    N_("complainants of %(cases)s"),
    N_("people concerned in the case of %(cases)s"),
    N_("person concerned in the case of %(cases)s"),
    N_("Participation of %(state)s in the %(treaty)s"),
    N_("Participation of %(state)s in the %(treaty)s, since %(year)s"),
    N_("Participation of %(state)s in the %(treaty)s, %(year)s to %(last_year)s"),
    N_("%(treaty)s as a whole"),
    N_("Acceptance by %(state)s of %(provision)s (%(day)s)"),
    N_("Declaration of %(state)s to %(provision)s (%(day)s)"),
    N_("Reservation of %(state)s to %(provision)s (%(day)s)"),
    N_("Understanding of %(state)s to %(provision)s (%(day)s)"),
    N_("Letter of %(state)s on the %(treaty)s (%(day)s)"),
    N_("Objection of %(state)s to a statement of %(code)s on the %(treaty)s (%(day)s)"),
    N_("%(declaration)s, %(number)s"),
    N_("%(organ)s (%(state)s)"),
    N_("%(cases)s, paragraph %(number)s"),
    N_("%(cases)s, paragraphs %(number)s to %(last_number)s"),
    N_("%(cases)s, para %(number)s"),
    N_("%(cases)s, outcome"),
    N_("%(cases)s, admissibility"),
    N_("%(treaty)s, article %(number)s"),
    N_("Universal Declaration, article %(number)s"),
    N_("General comment No. %(number)s, para %(last_number)s"),
    N_("Days of succession: %(state)s"),
    N_("Treaty Collection %(year)s, %(treaty)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: declarations and reservations"),
    N_("Treaty Collection %(year)s, %(treaty)s: %(state)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: end note %(number)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: declarations under its clauses: %(state)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: declarations and reservations, block %(number)s of the part as saved"),
    N_("Treaty Collection %(year)s, %(treaty)s: objections, block %(number)s of the part as saved"),
    N_("%(body)s, %(day)s to %(last_day)s: %(counted)s"),
)
ORGANS = (
    *(N_("Police"), N_("Prison authorities"), N_("Prosecutors"), N_("Courts"), N_("Immigration authorities")),
    *(N_("Border service"), N_("Armed forces"), N_("Intelligence services"), N_("Government and its ministries")),
    *(N_("Legislature"), N_("Local authorities"), N_("Social services"), N_("Health services")),
    *(N_("Education authorities"), N_("Election authorities")),
)
_SLOT = re.compile(r"%\\\((\w+)\\\)s")
_ARTICLE = r"(?:\d[\w()]*|[IVX]+)"
_CASE = r"[\w.]+(?:/[\w.()-]+)+"
_TREATY = re.compile("[A-Z]{2}[A-Z0-9-]+|Refugee Convention|Refugee Protocol")
_FORMS = {
    "article": rf"{_ARTICLE}(?:, {_ARTICLE})*",
    "cases": rf"{_CASE}(?:(?:, | and ){_CASE})*",
    "code": "[A-Z]{3}",
    "day": r"\d{4}(?:-\d\d){0,2}|(?:\d{1,2} )?[A-Z][a-z]+ \d{4}",
    "number": r"[\d.]+(?:[-/]\d+)*(?:\(\w+\))*",
    "organ": ".+?",
    "treaty": _TREATY.pattern,
    "year": r"\d{4}",
}


class Retelling:
    """The composed names of one language, whose other parts are the `texts` by their English wording."""

    def __init__(self, language: Language, texts: Mapping[str, Cell]) -> None:
        self._language, self._texts = language, texts

    def find(self, english: str) -> Cell | None:
        """Write a name by its parts, marked where a machine translated one of them; None where a part has no translation."""
        if (whole := self._find_whole(english)) is not None:
            return whole
        for wording, anchor, pattern in patterns():
            if anchor in english and (match := pattern.fullmatch(english)):
                parts = {slot: self._part(slot, part) for slot, part in match.groupdict().items()}
                if all(parts.values()):
                    tongues = {getattr(part, "language", "") for part in parts.values()}
                    tongue = next((each for each in tongues if each.endswith(MACHINE)), self._language.code)
                    return Cell(self._language.gettext(wording) % parts, language=tongue)
        return None

    def _find_whole(self, english: str) -> Cell | None:
        text = self._texts.get(english) or self._texts.get(f"{english}.")
        if text is not None:
            return Cell(text.removesuffix("."), language=text.language)
        if _TREATY.fullmatch(english):  # some are the same in every language
            return Cell(self._language.gettext(english), language=self._language.code)
        for written, change in ((english, str), (english[:1].lower() + english[1:], _begin)):
            if (translated := self._language.gettext(written)) != written:
                return Cell(change(translated), language=self._language.code)
        return None

    def _part(self, slot: str, text: str) -> str | None:
        match _form(slot):
            case "day":
                return self._language.day(_iso(text))
            case "cases" | "article":
                return self._language.listed(re.split(", | and ", text))
            case "code":
                return self._language.territory(text)
            case "number" | "year":
                return text
        return self.find(text) or self.find(f"United Nations {text}") if slot == "body" else self.find(text)


def _form(slot: str) -> str:
    return slot.removeprefix("last_").removeprefix("act_")


@cache
def patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """List the wordings, each with the longest text between its slots, which says at once that most do not fit, and its pattern."""

    def form(slot: re.Match[str]) -> str:
        return f"(?P<{slot[1]}>{_FORMS.get(_form(slot[1]), '.+')})"

    anchors = [max(re.split(r"%\(\w+\)s", wording), key=len) for wording in WORDINGS]
    patterns = [re.compile(_SLOT.sub(form, re.escape(wording))) for wording in WORDINGS]
    return list(zip(WORDINGS, anchors, patterns, strict=True))


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def _iso(day: str) -> str:
    """Write a day or month that stands in English words as a date."""
    for form, written in (("%d %B %Y", "%Y-%m-%d"), ("%B %Y", "%Y-%m")):
        with suppress(ValueError):
            return datetime.datetime.strptime(day, form).strftime(written)
    return day

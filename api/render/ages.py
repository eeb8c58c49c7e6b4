"""How old the records of a release are: the status of treaties, decisions, reviews; for the foot of every page and for /about.

They are asked once for a release, by the page query of the same name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from api.render.rows import Row
from kg.languages import Language

QUERY = "ages"


class Ages:
    """The days on which the records of a release end, and the day on which it was made."""

    def __init__(self, found: Iterable[Row], made: str) -> None:
        self.made = made
        self.rows = list(found)

    def of(self, kind: str) -> list[Row]:
        """List the records of a kind (treaty, decision, review), the latest first."""
        return [row for row in self.rows if row["kind"] == kind]

    @cached_property
    def days(self) -> list[tuple[str, int]]:
        """The days of the status of treaties, each with its number of treaties, the day of most treaties first."""
        return Counter(str(row["day"]) for row in self.of("treaty")).most_common()

    @property
    def decided(self) -> str:
        """The date of the latest decision, at the precision known; empty where there is none."""
        return max((str(row["day"] or "") for row in self.of("decision")), default="")

    def in_words(self, language: Language) -> str:
        """Say it in a few words."""
        _, told = language.gettext, []
        if self.days:
            day = self.days[0][0]
            others = [
                language.ngettext("%(number)d treaty: %(day)s", "%(number)d treaties: %(day)s", count)
                % {"number": count, "day": language.day(other)}
                for other, count in self.days[1:]
            ]
            said = _("Treaty status as of %(day)s") % {"day": language.day(day)}
            told.append(f"{said} ({'; '.join(others)})." if others else f"{said}.")
        if self.decided:
            told.append(_("Latest decision read: %(day)s.") % {"day": language.day(self.decided)})
        told.append(_("Release made on %(day)s.") % {"day": language.day(self.made)})
        return " ".join(told).replace("..", ".")  # a day may end in a full stop of its own

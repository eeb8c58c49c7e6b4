"""A text with what is filled in, which can still be told in another language.

An error is raised where no language is at hand. Its words are written in English with say(), and whoever answers translates
the wording and fills it again (Language.said).
"""

from __future__ import annotations

from typing import Any, Self


class Wording(str):
    """A text in English; `wording` is the same with its slots, as the catalogues have it, and `values` fill them."""

    __slots__ = ("values", "wording")
    wording: str
    values: dict[str, Any]

    def __new__(cls, wording: str, values: dict[str, Any]) -> Self:
        """Fill a wording; without values it stays as it is."""
        text = super().__new__(cls, wording % values if values else wording)
        text.wording, text.values = wording, values
        return text


def say(wording: str, /, **values: Any) -> Wording:
    """Write a text for people: `wording` has %(slots)s for the values, which may be such texts themselves."""
    return Wording(wording, values)

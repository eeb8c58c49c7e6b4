"""Numbers of a picture: ranked, written, and gathered into groups that its legend names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.languages import Language
from kg.picture.canvas import STYLES

STEPS = tuple(digit * 10**power for power in range(12) for digit in (1, 2, 5))  # by which people count


def rank(weights: Mapping[str, float]) -> list[str]:
    """List names by their numbers, the largest first."""
    return sorted(weights, key=lambda name: (-weights[name], name))


def write(number: float, language: Language) -> str:
    """Write a number without a fraction that says nothing."""
    return language.amount(f"{number:.6f}".rstrip("0").rstrip("."))


def write_each(numbers: Iterable[tuple[str, float]], language: Language) -> str:
    """Write names, each with its number."""
    return "; ".join(f"{name or language.gettext('not told')}: {write(number, language)}" for name, number in numbers)


class Groups:
    """Groups by how much is in each, the largest first; each has a style, and those beyond the styles share the last."""

    def __init__(self, weights: Mapping[str, float], language: Language) -> None:
        self.weights = {name: weights[name] for name in rank(weights)}
        self.styles = {name: min(place, len(STYLES) - 1) for place, name in enumerate(self.weights)}
        self._language = language

    def names(self) -> dict[int, str]:
        """Name the group of each style."""
        _, names = self._language.gettext, {}
        for name, style in self.styles.items():
            names[style] = _("others") if style in names else name or _("not told")
        return names

    def names_counted(self) -> dict[int, str]:
        """Name the group of each style, with how much is in it."""
        counts = dict.fromkeys(self.styles.values(), 0.0)
        for name, style in self.styles.items():
            counts[style] += self.weights[name]
        return {style: f"{name} ({write(counts[style], self._language)})" for style, name in self.names().items()}

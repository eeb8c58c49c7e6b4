"""The triple patterns of a query or an update, each with those that must hold beside it: what a changed triple can change.

A solution of a pattern comes or goes only with a triple that matches one of its triple patterns, required or not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple


class Unclear(Exception):
    """A part of a query that is not read here."""


class Pattern(NamedTuple):
    """A triple pattern: SPARQL text of its terms, and of the graph it is asked of, if one is named.

    `endless` is the IRI of a link that is followed without end, which no single triple matches.
    """

    subject: str
    link: str
    object: str
    graph: str = ""
    endless: str = ""

    @property
    def variables(self) -> set[str]:
        """The variables in it."""
        return {term for term in self[:4] if term[:1] == "?"}

    def text(self) -> str:
        """Write it as SPARQL."""
        triple = f"{self.subject} {self.link} {self.object} ."
        return f"GRAPH {self.graph} {{ {triple} }}" if self.graph else triple


class Binding(NamedTuple):
    """A BIND: its variable, its text and the variables that it is made from."""

    variable: str
    text: str
    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conjunction:
    """What must hold at once: triple patterns, VALUES clauses, BINDs, and filters that ask no pattern."""

    patterns: tuple[Pattern, ...] = ()
    values: tuple[tuple[str, frozenset[str]], ...] = ()
    bindings: tuple[Binding, ...] = ()
    filters: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def variables(self) -> set[str]:
        """The variables that patterns and VALUES bind."""
        return {name for one in self.patterns for name in one.variables} | {
            v for _, names in self.values for v in names
        }

    @property
    def _all(self) -> tuple[tuple[Any, ...], ...]:
        return self.patterns, self.values, self.bindings, self.filters

    def __add__(self, other: Conjunction) -> Conjunction:
        return Conjunction(*(mine + theirs for mine, theirs in zip(self._all, other._all, strict=True)))


@dataclass(frozen=True, slots=True)
class Use:
    """One triple pattern of a query, and what else holds in every solution that it takes part in."""

    pattern: Pattern
    beside: Conjunction


@dataclass(frozen=True, slots=True)
class Body:
    """A pattern in braces as it is read: what holds at once, its alternatives, and the groups that are optional or denied."""

    own: Conjunction = Conjunction()
    unions: tuple[tuple[Body, ...], ...] = ()
    parts: tuple[Body, ...] = ()

    def branches(self) -> Iterator[tuple[Conjunction, tuple[Body, ...]]]:
        """Yield each way to choose among the alternatives: what then holds, and the parts."""
        choices = [[branch for body in union for branch in body.branches()] for union in self.unions]
        for chosen in itertools.product(*choices):
            both = self.own
            parts = self.parts
            for holds, more in chosen:
                both, parts = both + holds, parts + more
            both = _same_names(both)
            # Another filter may let a row go that has no value for one of its variables.
            sure = tuple(one for one in both.filters if one[1] <= both.variables)
            yield replace(both, filters=sure), parts

    @property
    def bound(self) -> set[str]:
        """The variables that are bound in every solution by what must hold."""
        return set.intersection(*(holds.variables for holds, _ in self.branches()))

    def uses(self, outer: Conjunction = Conjunction()) -> Iterator[Use]:
        """Yield the use of each triple pattern; `outer` holds around all of it."""
        for holds, parts in self.branches():
            whole = outer + holds
            for index, pattern in enumerate(whole.patterns[len(outer.patterns) :], len(outer.patterns)):
                rest = whole.patterns[:index] + whole.patterns[index + 1 :]
                yield Use(pattern, replace(whole, patterns=rest))
            for part in parts:
                yield from part.uses(whole)


@dataclass(frozen=True, slots=True)
class Reading:
    """A query or an update as it is read: its template (of an INSERT) and its pattern, and the offset behind the brace that opens it.

    `keys` are the variables that tell one row of a SELECT from another; `graphs` the offsets at which GRAPH clauses of a variable end,
    `inner` those at which the patterns of MINUS and of subqueries begin, with the variables that they bind and show.
    """

    body: Body
    start: int
    end: int
    template: tuple[Pattern, ...] = ()
    keys: tuple[str, ...] = ()
    graphs: tuple[tuple[int, str], ...] = ()
    inner: tuple[tuple[int, frozenset[str]], ...] = ()

    @property
    def bound(self) -> set[str]:
        """The variables that are bound in every row by what must hold."""
        return self.body.bound


def _same_names(holds: Conjunction) -> Conjunction:
    """Let a variable that BIND makes of another variable alone be that other one in the patterns."""
    names: dict[str, str] = {
        one.variable: next(iter(one.sources)) for one in holds.bindings if one.text == f"({_only(one)})"
    }
    for _ in names:
        names = {name: names.get(other, other) for name, other in names.items()}
    if not names:
        return holds
    patterns = (Pattern(*(names.get(term, term) for term in one)) for one in holds.patterns)
    return replace(holds, patterns=tuple(patterns))


def _only(binding: Binding) -> str:
    return next(iter(binding.sources)) + " AS " + binding.variable if len(binding.sources) == 1 else ""

"""What a change can reach: the rows of a query that may have come or gone since some triples did.

A row comes or goes only with a triple that matches one of the query's triple patterns, together with triples before or
after the change that match the patterns which must hold beside it. So they are sought where both are: in a store of what
held before and of what holds now. Most filters are left out, and more rows are named than change, never fewer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kg.sparql.patterns import Binding, Conjunction, Pattern, Reading, Unclear, Use
from kg.store import StoreCopy, Text

LIMIT = 20_000  # rows that one pattern may reach; more are as much work as a full build

Row = tuple[str, ...]


class Change:
    """Quads that came or went, found by their predicate."""

    def __init__(self, quads: Iterable[Text]) -> None:
        self.quads = set(quads)
        self._by_link: dict[str, list[Text]] = defaultdict(list)
        for quad in self.quads:
            self._by_link[quad[1]].append(quad)

    def matches(self, pattern: Pattern) -> tuple[Sequence[str], set[Row]]:
        """List the variables of a pattern and the values they take in the quads that match it. Raises Unclear.

        A pattern of no graph is matched by quads of any. A literal in a pattern is matched by any literal.
        """
        if pattern.endless:
            if f"<{pattern.endless}>" in self._by_link:
                raise Unclear
            return (), set()
        terms = pattern[:4] if pattern.graph else pattern[:3]
        names = tuple(dict.fromkeys(term for term in terms if term[:1] == "?"))
        found = self.quads if pattern.link[:1] == "?" else self._by_link.get(pattern.link, ())
        rows = set()
        for quad in found:
            values: dict[str, str] = {}
            if all(_agree(term, value, values) for term, value in zip(terms, quad, strict=False)):
                rows.add(tuple(values[name] for name in names))
        return names, rows


def rows(store: StoreCopy, use: Use, wanted: Sequence[str], change: Change) -> set[Row]:
    """Find the values of some variables in the rows that a change to one triple pattern may reach.

    The store holds what held before and what holds now. Raises Unclear where the variables are not bound, or for too many rows.
    """
    names, found = change.matches(use.pattern)
    if not found:
        return set()
    link = use.pattern.link
    decided = link[:1] != "?" or not any(link in one.variables for one in use.beside.patterns)
    places = [names.index(name) for name in wanted if name in names]
    changed = {tuple(row[place] for place in places) for row in found}
    # What a query makes of many things, such as an IRI, is not sought among all that it may be made of.
    made = not {one.variable for one in use.beside.bindings}.isdisjoint(wanted)
    if len(places) == len(wanted) and (made or (decided and not use.beside.filters)):
        return changed
    try:
        reached = {*store.texts(_query(use.beside, names, found, wanted))}
    except Unclear:  # how the rule makes a variable cannot be told
        if not touches(store, use, change):
            return set()
        if len(places) < len(wanted):
            raise
        reached = changed
    if len(reached) > LIMIT:
        raise Unclear
    return reached


def touches(store: StoreCopy, use: Use, change: Change) -> bool:
    """Whether a change to one triple pattern may reach any row. Raises Unclear."""
    names, found = change.matches(use.pattern)
    wanted = sorted({*names} | use.beside.variables)[:1]
    return bool(found) and (not wanted or any(store.texts(_query(use.beside, names, found, wanted) + " LIMIT 1")))


def values(names: Sequence[str], rows: Iterable[Row]) -> str:
    """Write a VALUES clause."""
    listed = " ".join("(" + " ".join(row) + ")" for row in sorted(rows))
    return f"VALUES ({' '.join(names)}) {{ {listed} }}"


def restrict(reading: Reading, names: Sequence[str], rows: set[Row]) -> list[tuple[int, str]]:
    """Write what to insert into a query, and at which offsets, so that some variables have these values only.

    No engine takes values into an inner pattern by itself, so they stand at the head of each that binds and shows a variable.
    """
    added = []
    for start, shown in [(reading.start, {*names}), *reading.inner]:
        places = [place for place, name in enumerate(names) if name in shown]
        if places:
            some = {tuple(row[place] for place in places) for row in rows}
            added.append((start, values([names[place] for place in places], some)))
    return added


def insert(text: str, added: Iterable[tuple[int, str]]) -> str:
    """Insert into a text what is given with offsets; at one offset, in the order given."""
    at: dict[int, str] = {}
    for offset, said in added:
        at[offset] = f"{at.get(offset, '')} {said}"
    for offset in sorted(at, reverse=True):
        text = f"{text[:offset]}{at[offset]} {text[offset:]}"
    return text


def _agree(term: str, value: str, values: dict[str, str]) -> bool:
    if term[:1] == "?":
        return values.setdefault(term, value) == value
    return term == value or (term[:1] != "<" and value[:1] != "<")


def _query(beside: Conjunction, names: Sequence[str], found: set[Row], wanted: Sequence[str]) -> str:
    made = {one.variable: one for one in beside.bindings if one.variable not in beside.variables}
    needed: dict[str, Binding] = {}
    waiting = [name for name in wanted if name not in beside.variables]
    while waiting:
        name = waiting.pop()
        if name in made:
            needed = {name: made[name]} | {other: one for other, one in needed.items() if other != name}
            waiting += [one for one in made[name].sources if one not in beside.variables]
        elif name not in names:
            raise Unclear
    bound = beside.variables | {*names}
    given = [name for name in names if name not in needed]
    places = [names.index(name) for name in given]
    clauses = [values(given, {tuple(row[place] for place in places) for row in found})] if given else []
    clauses += [one.text() for one in beside.patterns]
    clauses += [said for said, _ in beside.values]
    clauses += [f"FILTER {said}" for said, of in beside.filters if of <= bound]
    clauses += [f"BIND {one.text}" for one in needed.values()]
    bounds = " && ".join(f"BOUND({name})" for name in wanted)
    return f"SELECT DISTINCT {' '.join(wanted)} WHERE {{ {' '.join(clauses)} FILTER ({bounds}) }}"

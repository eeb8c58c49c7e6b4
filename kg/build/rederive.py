"""Inference after a change: what follows for the things that the change can reach is derived again, and all else stays.

What the rules derive is told by subject. The subjects that a change can reach lose all that was derived of them, and the
rules run again for these alone, in the order of a full build. What came or went by that is a change in turn, until no
other subject is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from kg import terms
from kg.build import inference, reach
from kg.build.inputs import QueryFile
from kg.build.reach import Change, Row
from kg.sparql.patterns import Pattern, Reading, Unclear, Use
from kg.sparql.reader import read
from kg.store import StoreCopy, Text

DERIVED = (terms.INFERRED, terms.LINKS)
MOST = 5_000  # subjects that are derived again; more are as much work as a full build
_ROUNDS = 50

Triple = tuple[str, ...]  # subject, predicate and object as text


@dataclass(slots=True)
class Rule:
    """A rule as it is read: the variable of its subjects, and the values under which it must run again.

    A subject that the rule makes itself is found by `drivers`, the variables behind the links that it states of it.
    """

    file: QueryFile
    reading: Reading
    subject: str
    drivers: dict[str, str]  # variable -> link
    uses: Sequence[Use]
    witness: str  # another variable that is bound in whatever the rule finds
    head: Pattern | None  # the one triple that the rule states, if it states none that is there
    rows: set[Row] = field(default_factory=set)

    @classmethod
    def of(cls, file: QueryFile) -> Rule:
        """Read a rule. Raises Unclear unless all it states is about one variable that can be found."""
        try:
            return cls._of(file, read(file.text))
        except Unclear:
            raise Unclear(f"{file.name} cannot be followed") from None

    @classmethod
    def _of(cls, file: QueryFile, reading: Reading) -> Rule:
        subjects = {pattern.subject for pattern in reading.template}
        bound = reading.bound
        if len(subjects) != 1 or not (subject := subjects.pop()).startswith("?"):
            raise Unclear
        drivers = {}
        if subject not in bound:
            stated = [one for one in reading.template if one.object in bound and one.link.startswith("<")]
            drivers = {one.object: one.link for one in stated}
            if not drivers:
                raise Unclear
        if not (others := sorted(bound - {subject})):
            raise Unclear
        heads = {*reading.template}
        denied = {use.pattern for _, parts in reading.body.branches() for part in parts for use in part.uses()}
        head = heads.pop() if len(heads) == 1 and heads <= denied else None
        return cls(file, reading, subject, drivers, tuple(reading.body.uses()), others[0], head)

    def reached(self, both: StoreCopy, change: Change, stated: Callable[[Triple], bool]) -> set[str]:
        """Name the subjects that a change can reach; remember the drivers of those that the rule makes.

        `stated` tells which triples are stated, before and after the change: a rule that states none that is there adds none of them.
        """
        found = set()
        for use in self.uses:
            if self.head:
                names = [name for name in self.head[:3] if name.startswith("?")]
                for row in reach.rows(both, use, names, change):
                    values = dict(zip(names, row, strict=True))
                    triple = tuple(values.get(term, term) for term in self.head[:3])
                    if triple[0] not in found and not stated(triple):
                        found.add(triple[0])
            elif self.subject in use.pattern.variables:
                found |= {row[0] for row in reach.rows(both, use, [self.subject], change)}
            else:
                rows = reach.rows(both, use, [self.subject, *self.drivers], change)
                found |= {row[0] for row in rows}
                self.rows |= {row[1:] for row in rows if self.drivers}
        return {one for one in found if one.startswith("<")}

    def known(self, both: StoreCopy, subjects: Iterable[str]) -> None:
        """Remember the drivers of subjects that the rule made before."""
        if not self.drivers:
            return
        links = " ".join(f"{self.subject} {link} {variable} ." for variable, link in self.drivers.items())
        given = reach.values([self.subject], [(one,) for one in subjects])
        query = f"SELECT DISTINCT {' '.join(self.drivers)} {{ {given} GRAPH <{terms.LINKS}> {{ {links} }} }}"
        self.rows |= {*both.texts(query)}

    def narrow(self, subjects: Collection[str]) -> QueryFile:
        """Write the rule so that it states nothing of other subjects."""
        start, end = self.reading.start, self.reading.end
        if self.drivers:
            names, rows, opening = [*self.drivers], self.rows, ""
            closing = f"FILTER ({self.subject} IN ({', '.join(sorted(subjects))}))\n"
        else:
            names, rows, opening = [self.subject], {(one,) for one in subjects}, "OPTIONAL {"
            closing = f"}} FILTER (BOUND({self.witness}))\n"  # so the engine asks for each subject by itself
        added = [*reach.restrict(self.reading, names, rows), (start, opening), (end, closing)]
        return QueryFile(self.file.name, reach.insert(self.file.text, added))


@dataclass(slots=True)
class Rederivation:
    """The subjects that have been derived again: in `new`, a store of what holds now; `both` holds what held before as well."""

    new: StoreCopy
    both: StoreCopy
    owl: Sequence[Rule]
    links: Sequence[Rule]
    before: dict[str, list[Text]] = field(default_factory=dict)
    changed: set[Triple] = field(default_factory=set)  # what came or went

    def run(self, change: Change) -> Change:
        """Derive again what follows from stated quads that came or went; return all that came or went.

        Raises Unclear, and BuildError as a full build does.
        """
        quads, pending = set(change.quads), change
        self.changed = {quad[:3] for quad in change.quads}
        for _ in range(_ROUNDS):
            drivers = [len(rule.rows) for rule in self._rules]
            found = {one for rule in self._rules for one in rule.reached(self.both, pending, self._stated)}
            fresh = found - self.before.keys()
            for rule in self._rules:
                rule.known(self.both, fresh)
            if not fresh and drivers == [len(rule.rows) for rule in self._rules]:
                break
            self.before |= {one: self._derived(one) for one in fresh}
            if len(self.before) > MOST:
                raise Unclear
            after = self._again()
            came = after - {quad for quads in self.before.values() for quad in quads}
            went = {quad for quads in self.before.values() for quad in quads} - after
            pending = Change((came | went) - quads)
            quads |= pending.quads
            self.both.put([*came, *((*quad[:3], "") for quad in came)])
        else:
            raise Unclear
        return Change(change.quads | came | went) if self.before else change

    @property
    def _rules(self) -> list[Rule]:
        return [*self.owl, *self.links]

    def _stated(self, triple: Triple) -> bool:
        graphs = self.new.graphs_with((*triple, "")) - {"", *(f"<{graph}>" for graph in DERIVED)}
        return bool(graphs) and triple not in self.changed

    def _derived(self, subject: str) -> list[Text]:
        return [quad for quad in self.new.quads(subject=subject[1:-1]) if quad[3][1:-1] in DERIVED]

    def _again(self) -> set[Text]:
        """Derive all that follows for the subjects; return it."""
        subjects = [*self.before]
        gone = [quad for one in subjects for quad in self._derived(one)]
        remove(self.new, gone)
        narrowed = _Narrowed(self.new, subjects)
        # A full build makes the subjects of which nothing is stated by its first links: it reasons without them before.
        stated = [one for one in subjects if self.new.quads(subject=one[1:-1])]
        owl = [[rule.narrow(these) for rule in self.owl] for these in (stated, subjects)]
        links = [rule.narrow(subjects) for rule in self.links]
        inference.link(narrowed, links, lambda: _reason(narrowed, owl.pop(0) if len(owl) > 1 else owl[0]))
        return {quad for one in subjects for quad in self._derived(one)}


def remove(store: StoreCopy, quads: Iterable[Text]) -> None:
    """Take quads out of their graphs, and out of the merge those that no graph holds any longer."""
    quads = [*quads]
    store.take(quads)
    store.take([(*quad[:3], "") for quad in quads if store.graphs_with(quad) == {""}])


def _reason(store: _Narrowed, rules: Sequence[QueryFile]) -> int:
    """Run the rules of OWL until they add nothing more; return what is inferred of the subjects."""
    before = -1
    for _ in range(inference.MAX_OWL_ROUNDS):
        now = inference.run(store, rules, terms.INFERRED)
        if now == before:
            return now
        before = now
    raise Unclear


@dataclass(slots=True)
class _Narrowed:
    """A store that counts what is said of a few subjects only."""

    store: StoreCopy
    subjects: Sequence[str]

    def update(self, text: str) -> None:
        self.store.update(text)

    def count(self, graph: str) -> int:
        about = {f"<{graph}>"}
        return sum(quad[3] in about for one in self.subjects for quad in self.store.quads(subject=one[1:-1]))

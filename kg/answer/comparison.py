"""How the answer of one release differs from that of another."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from kg import terms
from kg.answer.permalink import Permalink, digest, write_row
from kg.answer.questions import QuestionAnswer
from kg.errors import UnknownName
from kg.sparql.sentence import Row
from kg.wording import say

MOST_PAIRS = 250_000  # pairs of rows that are compared to find rows that changed
SECTIONS = ("changed", "added", "removed", "given")  # of what a page shows of two answers


@dataclass(frozen=True, slots=True)
class Difference:
    """How the rows of one answer differ from those of an earlier one; a row that changed is told as it was and as it is."""

    added: Sequence[Row]
    removed: Sequence[Row]
    changed: Sequence[tuple[Row, Row]]


def compare(then: QuestionAnswer, now: QuestionAnswer) -> Difference:
    """Compare the rows of two answers to one question.

    Two rows are one that changed where they have the same thing in the first column in which no thing comes twice, concepts
    aside. Without such a column they must be alike in most of their values, a thing among them; the most alike are paired first.
    """
    before, after = ([write_row(answer, row) for row in answer.rows] for answer in (then, now))
    rows = dict(zip(before + after, then.rows + now.rows, strict=True))
    removed = [rows[text] for text in (Counter(before) - Counter(after)).elements()]
    added = [rows[text] for text in (Counter(after) - Counter(before)).elements()]
    if len(removed) * len(added) > MOST_PAIRS:
        return Difference(added, removed, [])
    columns = (name for name, _, _ in then.question.columns if _tells_apart(then, name) and _tells_apart(now, name))
    key = next(columns, None)
    alike = ((_likeness(old, new, key), i, j) for i, old in enumerate(removed) for j, new in enumerate(added))
    pairs: dict[int, int] = {}  # the place of a removed row, and that of the added one which it became
    taken: set[int] = set()
    for _, i, j in sorted((pair for pair in alike if pair[0] > 0), key=lambda pair: (-pair[0], pair[1:])):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return Difference(
        added=[row for j, row in enumerate(added) if j not in taken],
        removed=[row for i, row in enumerate(removed) if i not in pairs],
        changed=[(removed[i], added[j]) for i, j in pairs.items()],
    )


@dataclass(frozen=True)
class Comparison:
    """The answer of the release that gave it and that of today, each None where it cannot be had, and what is known of how they differ.

    `gone` says why the older release gives no answer any more: it is `removed`, for this `reason`, or `absent`. The rows of today
    are the `same` or `changed`; what cannot be had is `unknown`.
    """

    permalink: Permalink
    then: QuestionAnswer | None
    now: QuestionAnswer | None
    gone: str
    reason: str
    state: str
    difference: Difference | None

    @property
    def answer(self) -> QuestionAnswer | None:
        """The answer that knows the words of the question: that of then, else that of today."""
        return self.then or self.now

    @property
    def is_rewritten(self) -> bool:
        """Whether the question is asked otherwise today."""
        return bool(self.then and self.now and self.then.question.text != self.now.question.text)

    @property
    def sections(self) -> dict[str, Sequence[Any]]:
        """The rows of each section that has some: pairs of those that changed, and those that came, went and were given."""
        rows: dict[str, Sequence[Any]] = {name: getattr(self.difference, name, ()) for name in SECTIONS}
        rows["given"] = self.then.rows if self.then else ()
        return {name: section for name, section in rows.items() if section}


def compare_with_today(
    permalink: Permalink, then: QuestionAnswer | None, now: QuestionAnswer | None, gone: str = "", reason: str = ""
) -> Comparison:
    """Compare an answer as it was given with that of today; raises UnknownName where nobody can tell that it ever was given."""
    if gone and not permalink.is_tagged:
        message = say("Its release is not here, and this server cannot tell whether it ever gave such an answer")
        raise UnknownName(message, hint=say("Copy the address whole, as it was given"))
    if not gone and (then is None or digest(then) != permalink.digest):
        message = say("The release %(named)s never gave such an answer", named=permalink.release)
        raise UnknownName(message, hint=say("Copy the address whole, as it was given"))
    state, difference = "unknown", None
    if now is not None and digest(now) == permalink.digest:
        state, difference = "same", Difference((), (), ())
    elif now is not None:
        state, difference = "changed", compare(then, now) if then else None
    return Comparison(permalink, then, now, gone, reason, state, difference)


class State(NamedTuple):
    """A state of the rows of an answer by their digest, and how they differ from those before, where these are known."""

    digest: str
    answer: QuestionAnswer
    before: QuestionAnswer | None
    difference: Difference | None


def states_of(answers: Iterable[QuestionAnswer]) -> list[State]:
    """Divide answers to one question, the newest first, into states; each has the oldest answer with its rows.

    Rows of long ago that are back are one state, the later one.
    """
    runs = [(key, [*run][-1]) for key, run in groupby(answers, key=digest)]
    states: dict[str, State] = {}
    for (key, answer), before in zip(runs, [*(answer for _, answer in runs[1:]), None], strict=True):
        if key not in states:
            states[key] = State(key, answer, before, compare(before, answer) if before else None)
    return [*states.values()]


def _tells_apart(answer: QuestionAnswer, name: str) -> bool:
    values = [row[name]["value"] for row in answer.rows if name in row and row[name]["type"] == "uri"]
    things = [value for value in values if value.startswith(terms.ID)]
    return len(things) == len(set(things)) == len(answer.rows)


def _likeness(old: Row, new: Row, key: str | None) -> float:
    """Measure how alike two rows are, by the part of their values that is equal; 0 where they are not one row that changed."""
    names = {*old, *new}
    equal = {name for name in names if old.get(name) == new.get(name)}
    if key is not None:
        return len(equal) / len(names) if key in equal else 0.0
    has_thing = any(old[name]["type"] == "uri" for name in equal)
    return len(equal) / len(names) if has_thing and 2 * len(equal) > len(names) else 0.0

"""An answer as it was given: the short permanent address that names it, and how another answer differs from it.

The address holds what is needed to give the answer again, and nothing is stored for it: the question with its values, the
release, and a digest of the rows. The digest tells an address that was made for an answer from one that was made up, and it
tells whether an answer of today is the same even where the release is gone.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from kg import terms
from kg.answer.questions import Answer
from kg.errors import UnknownName
from kg.wording import say

VERSION = 1  # of the form of an address; a later form gets another number, and this one stays readable
DIGEST = 6  # bytes of the digest of the rows in an address
LONGEST, MOST = 2048, 8192  # characters of an address, and bytes of what it says
MOST_PAIRS = 250_000  # pairs of rows that are compared to find rows that changed
SECTIONS = ("changed", "added", "removed", "given")  # of what a page shows of two answers
SAME, CHANGED, UNKNOWN = "same", "changed", "unknown"
_FIRST = datetime.date(2000, 1, 1)
_OURS = "\x01"  # stands in an address for the part that our IRIs have in common
# What most addresses say again and again, so that it takes no room in them. It must never change.
_COMMON = b"\x00day\x00\x01id/document/\x01id/organ/\x01id/person/\x01id/group/\x01id/body/\x01scheme/right/\x00right\x00\x01id/place/\x00act\x00\x01id/act/\x00provision\x00\x01id/provision/\x00treaty\x00\x01id/treaty/\x00event\x00\x01id/event/201\x00state\x00\x01id/state/"

Row = Mapping[str, Mapping[str, str]]


class Given(NamedTuple):
    """What the address of an answer says: the question, its values, the release and the digest of the rows."""

    question: str
    values: Mapping[str, str]
    release: str
    digest: str

    def write(self) -> str:
        """Write it as one word of letters, digits, hyphens and underscores."""
        day, code, *again = self.release.split("-")
        date = datetime.date(int(day[:4]), int(day[4:6]), int(day[6:]))
        head = bytes([VERSION, int(again[0]) if again else 0]) + (date - _FIRST).days.to_bytes(2) + bytes.fromhex(code)
        parts = [self.question]
        for name, value in sorted(self.values.items()):
            parts += [name, _OURS + value.removeprefix(terms.BASE) if value.startswith(terms.BASE) else value]
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_COMMON)
        said = packer.compress("\0".join(parts).encode()) + packer.flush()
        return base64.urlsafe_b64encode(head + bytes.fromhex(self.digest) + said).decode().rstrip("=")

    @classmethod
    def read(cls, word: str) -> Given:
        """Read what `write` wrote; raises UnknownName for anything else."""
        try:
            if len(word) > LONGEST or not re.fullmatch(r"[A-Za-z0-9_-]+", word):
                raise ValueError("no such word")
            data = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
            if data[0] != VERSION or len(data) < 9 + DIGEST:
                raise ValueError("another form")
            unpacker = zlib.decompressobj(-15, zdict=_COMMON)
            said = unpacker.decompress(data[8 + DIGEST :], MOST)
            if not unpacker.eof or unpacker.unused_data:
                raise ValueError("cut")
            question, *pairs = said.decode().split("\0")
            values = dict(zip(pairs[::2], pairs[1::2], strict=True))
            day = _FIRST + datetime.timedelta(days=int.from_bytes(data[2:4]))
        except (ValueError, zlib.error, binascii.Error, IndexError):
            hint = say("Copy the address whole; one that was cut or changed leads nowhere")
            raise UnknownName(say("This is not the address of an answer"), hint=hint) from None
        release = f"{day:%Y%m%d}-{data[4:8].hex()}" + (f"-{data[1]}" if data[1] else "")
        values = {name: re.sub(f"^{_OURS}", lambda _: terms.BASE, value) for name, value in values.items()}
        return cls(question, values, release, data[8 : 8 + DIGEST].hex())


def of_answer(answer: Answer) -> Given:
    """Name an answer."""
    values = {**answer.values, **answer.narrowing.values()}
    return Given(answer.question.name, values, answer.release, digest(answer))


def address_of(answer: Answer) -> str:
    """Write the permanent address of an answer."""
    return f"{terms.BASE}answer/{of_answer(answer).write()}"


def digest(answer: Answer) -> str:
    """Hash the rows of an answer, on all its pages, whatever their order, and without the names of things."""
    told = json.dumps(sorted(_key(answer, row) for row in answer.whole or answer.rows), ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[: 2 * DIGEST]


@dataclass(frozen=True, slots=True)
class Difference:
    """How the rows of one answer differ from those of an earlier one; a row that changed is told as it was and as it is."""

    added: Sequence[Row]
    removed: Sequence[Row]
    changed: Sequence[tuple[Row, Row]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(then: Answer, now: Answer) -> Difference:
    """Compare the rows of two answers to one question.

    Two rows are one that changed where they have the same thing in the first column in which no thing comes twice, concepts
    aside. Without such a column they must be alike in most of their values, a thing among them; the most alike are paired first.
    """
    before, after = _count(then), _count(now)
    removed = [row for key, rows in before.items() for row in rows[len(after.get(key, ())) :]]
    added = [row for key, rows in after.items() for row in rows[len(before.get(key, ())) :]]
    changed: list[tuple[Row, Row]] = []
    if len(removed) * len(added) <= MOST_PAIRS:
        columns = (name for name, _ in then.question.columns if _tells_apart(then, name) and _tells_apart(now, name))
        key = next(columns, None)
        alike = ((_likeness(old, new, key), i, j) for i, old in enumerate(removed) for j, new in enumerate(added))
        taken: tuple[set[int], set[int]] = (set(), set())
        for _, i, j in sorted((one for one in alike if one[0] > 0), key=lambda one: (-one[0], one[1:])):
            if i not in taken[0] and j not in taken[1]:
                taken[0].add(i)
                taken[1].add(j)
                changed.append((removed[i], added[j]))
        removed = [row for i, row in enumerate(removed) if i not in taken[0]]
        added = [row for j, row in enumerate(added) if j not in taken[1]]
    return Difference(added, removed, changed)


@dataclass(frozen=True)
class Comparison:
    """The answer of the release that gave it and that of today, each None where it cannot be had, and what is known of how they differ.

    `gone` says why the older release gives no answer any more: it is `removed`, for this `reason`, or `absent`.
    """

    given: Given
    then: Answer | None
    now: Answer | None
    gone: str = ""
    reason: str = ""
    state: str = UNKNOWN
    difference: Difference | None = None

    @property
    def answer(self) -> Answer | None:
        """The answer that knows the words of the question: that of then, else that of today."""
        return self.then or self.now

    @property
    def is_rewritten(self) -> bool:
        """Whether the question is asked otherwise today."""
        return bool(self.then and self.now and self.then.question.text != self.now.question.text)

    @property
    def sections(self) -> dict[str, Sequence[Any]]:
        """The rows of each section that has some: pairs of those that changed, and those that came, went and were given."""
        rows: dict[str, Sequence[Any]] = {"given": self.then.rows if self.then else ()}
        if self.difference:
            rows |= {name: getattr(self.difference, name) for name in SECTIONS if name != "given"}
        return {name: rows[name] for name in SECTIONS if rows.get(name)}


def compare_with_today(
    named: Given, then: Answer | None, now: Answer | None, gone: str = "", reason: str = ""
) -> Comparison:
    """Compare an answer as it was given with that of today; raises UnknownName where its release never gave such an answer."""
    if not gone and (then is None or digest(then) != named.digest):
        hint = say("Copy the address whole, as it was given")
        raise UnknownName(say("The release %(named)s never gave such an answer", named=named.release), hint=hint)
    if now is None:
        return Comparison(named, then, now, gone, reason)
    if digest(now) == named.digest:
        return Comparison(named, then, now, gone, reason, SAME, Difference((), (), ()))
    return Comparison(named, then, now, gone, reason, CHANGED, compare(then, now) if then else None)


class State(NamedTuple):
    """A state of the rows of an answer by their digest, and how they differ from those before, where these are known."""

    digest: str
    answer: Answer
    before: Answer | None
    difference: Difference | None


def states_of(answers: Iterable[Answer]) -> list[State]:
    """Divide answers to one question, the newest first, into states; each has the oldest answer with its rows.

    Rows of long ago that are back are one state, the later one.
    """
    runs = [(key, [*run][-1]) for key, run in groupby(answers, key=digest)]
    states: dict[str, State] = {}
    for (key, answer), before in zip(runs, [*(answer for _, answer in runs[1:]), None], strict=True):
        if key not in states:
            states[key] = State(key, answer, before, compare(before, answer) if before else None)
    return [*states.values()]


def _count(answer: Answer) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in answer.rows:
        found.setdefault(_key(answer, row), []).append(row)
    return found


def _key(answer: Answer, row: Row) -> str:
    """Write a row so that equal rows are written alike; the passages of a cell come in no order."""
    cites = answer.question.cites
    told = {
        name: [term["type"], " ".join(sorted(term["value"].split())) if name in cites else term["value"]]
        + [term.get("datatype", ""), term.get("xml:lang", "")]
        for name, term in row.items()
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def _tells_apart(answer: Answer, name: str) -> bool:
    """Say whether each row has a thing in a column, and none has that of another."""
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

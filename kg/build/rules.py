"""Rules: a folder of SPARQL updates, run in the order of their file names.

Promises that a rule that does not parse is told by file, line and column. Never knows what a rule is about, and never
changes a rule's text. A rule reads the store's default graph and writes there and into a graph of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.errors import BuildError, QuerySyntaxError
from kg.store import Store


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the name of its file, and its text."""

    name: str
    text: str


def load(folder: Path) -> list[Rule]:
    """Read the rules of a folder, in the order of their names. Raises BuildError when there is no such folder."""
    if not folder.is_dir():
        raise BuildError("There is no such folder of rules", where=str(folder))
    return [Rule(path.name, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.rq"))]


def run(store: Store, rules: list[Rule], graph: str) -> int:
    """Run each rule once; return the number of triples in `graph` afterwards. Raises QuerySyntaxError."""
    for rule in rules:
        try:
            store.update(rule.text)
        except QuerySyntaxError as error:
            raise QuerySyntaxError(error.message, where=rule.name, line=error.line, column=error.column) from None
    return store.count(graph)

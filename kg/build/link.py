"""Linking: the rules that derive obligations, engagements and the rest that no source states, each with its reasons.

Promises to run the rules in the order of their names and to stop only when a whole round of them, and of the reasoning
between two rounds, adds nothing. Never states anything by itself: what follows from what is written in the rules.
"""

from __future__ import annotations

from collections.abc import Callable

from kg import terms
from kg.build import rules
from kg.build.rules import Rule
from kg.errors import BuildError
from kg.store import Store

MAX_ROUNDS = 10


def link(store: Store, rules_: list[Rule], reason: Callable[[], int]) -> tuple[int, int]:
    """Run the rules and `reason` in turn until both are at rest; return how many triples are (inferred, linked).

    `reason` closes the store under the ontology and returns the number of inferred triples. Raises BuildError when the
    two do not come to rest.
    """
    linked = -1
    for _ in range(MAX_ROUNDS):
        before, inferred = linked, reason()
        linked = rules.run(store, rules_, terms.LINKS)
        if linked == before:  # what was just closed under the ontology has not been added to
            return inferred, linked
    raise BuildError(
        f"The link rules still add triples after {MAX_ROUNDS} rounds",
        hint="Look for two rules that feed each other, or one that names its things by something that changes",
    )

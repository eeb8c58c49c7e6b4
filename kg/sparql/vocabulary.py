"""Terms of ours in a query's text that do not exist, each with the nearest one that does."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from kg import names, terms
from kg.sparql.tokens import read_prologue, resolve, scan

FEW = 12  # values that are all listed where one of them is expected
NEAR = 3  # values that are named where they are more
_UNTOLD: Mapping[str, str] = MappingProxyType({})
_WORD = re.compile("[A-Z]?[a-z]{3,}")


def unknown_terms(text: str, existing: Collection[str]) -> list[tuple[int, str]]:
    """List the place and the IRI of every use of a term of the ontology or of scheme/ that is not among the existing IRIs."""
    tokens = list(scan(text))
    start, base, prefixes = read_prologue(tokens, "")
    uses = ((token.start, resolve(token, base, prefixes) or "") for token in tokens[start:])
    ours = (use for use in uses if use[1].startswith((terms.VOCABULARY, terms.SCHEME)))
    return [(place, iri) for place, iri in ours if iri not in existing and not iri.endswith(("#", "/"))]


def explain_unknown(iri: str, existing: Collection[str]) -> str:
    """Say that a term does not exist, and what may have been meant."""
    why = "the ontology has no such term" if iri.startswith(terms.VOCABULARY) else "no scheme has such a concept"
    return f"{short(iri)} does not exist: {why}. {suggest(nearest(iri, existing))}".strip()


def nearest(
    iri: str, existing: Collection[str], count: int = 1, definitions: Mapping[str, str] = _UNTOLD
) -> tuple[str, ...]:
    """List the existing IRIs that come closest to an IRI: by a word of its name that few definitions have, or else by their names.

    By their names come those of its own namespace or scheme, then those of others.
    """
    name = terms.local_name(iri)
    space = iri.removesuffix(name)
    root = terms.SCHEME if space.startswith(terms.SCHEME) else space
    others = {other: terms.local_name(other) for other in sorted(existing) if other.startswith(root) and other != iri}
    for word in _WORD.findall(name):
        having = [
            other for other in others if other.startswith(space) and word.lower() in definitions.get(other, "").lower()
        ]
        if 0 < len(having) <= NEAR:
            return tuple(having)
    for is_same in (True, False):
        choices = {key.lower(): other for other, key in others.items() if (other == space + key) is is_same}
        if close := names.nearest(name, choices, count):
            return tuple(choices[other] for other in close)
    return ()


def suggest(iris: Collection[str]) -> str:
    """Ask in a sentence whether one of some IRIs was meant; nothing when there is none."""
    return f"Did you mean {' or '.join(map(short, iris))}?" if iris else ""


def offer(iri: str, choices: Collection[str], definitions: Mapping[str, str] = _UNTOLD) -> str:
    """Say what may stand in the place of an IRI: all choices when they are few, else the nearest."""
    if 0 < len(choices) <= FEW:
        return f"There are: {', '.join(map(short, sorted(choices)))}."
    return suggest(nearest(iri, choices, NEAR, definitions))


def short(iri: str) -> str:
    """Write an IRI as people do: `ans:Act`, `scheme/right/life`."""
    return terms.shorten(iri) if iri.startswith(terms.VOCABULARY) else iri.removeprefix(terms.BASE)

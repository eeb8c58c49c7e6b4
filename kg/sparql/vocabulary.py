"""Terms of ours in a query's text that do not exist, each with the nearest one that does."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from kg import names, sparql, terms


class Unknown(NamedTuple):
    """A term that does not exist: where it is written (from 1, in code points), its IRI, and the nearest IRIs that exist."""

    line: int
    column: int
    term: str
    nearest: tuple[str, ...]

    @property
    def message(self) -> str:
        """Say in a sentence what does not exist."""
        is_term = self.term.startswith(terms.VOCABULARY)
        why = "the ontology has no such term" if is_term else "no scheme has such a concept"
        return f"{short(self.term)} does not exist: {why}"

    @property
    def hint(self) -> str:
        """Say what may have been meant."""
        return suggest(self.nearest)


def unknown_terms(text: str, known: Collection[str]) -> Iterator[Unknown]:
    """Yield every use of a term of the ontology or of scheme/ that is not in `known`, a set of IRIs, in the order of the text."""
    prefixes: dict[str, str] = {}
    declared = ""  # the prefix that the token before declares
    before = ""
    for token in sparql.scan(text):
        iri = ""
        if before == "PREFIX" and token.kind == "name":
            declared = token.text
        elif declared and token.kind == "iri":
            prefixes[declared.removesuffix(":")], declared = token.text[1:-1], ""
        elif token.kind == "iri" and before != "BASE":
            iri = token.text[1:-1]
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            iri = prefixes[prefix] + local.replace("\\", "") if prefix in prefixes else ""
        before = token.keyword
        if iri.startswith((terms.VOCABULARY, terms.SCHEME)) and iri not in known and not iri.endswith(("#", "/")):
            yield Unknown(*sparql.locate(text, token.start), iri, nearest(iri, known))


def nearest(iri: str, known: Collection[str], count: int = 1) -> tuple[str, ...]:
    """List the IRIs in `known` whose names come closest to that of an IRI: of its own namespace or scheme, then of others."""
    space, name = _split(iri)
    beside: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    root = space if space == terms.VOCABULARY else terms.SCHEME if space.startswith(terms.SCHEME) else space
    for other in sorted(known):
        if other.startswith(root) and other != iri:
            home, local = _split(other)
            (beside if home == space else elsewhere)[local.lower()] = other
    for choices in (beside, elsewhere):
        if close := names.nearest(name, choices, count):
            return tuple(choices[other] for other in close)
    return ()


def suggest(iris: Collection[str]) -> str:
    """Ask in a sentence whether one of some IRIs was meant; nothing when there is none."""
    names = [short(iri) for iri in iris]
    return f"Did you mean {' or '.join(names)}?" if names else ""


def short(iri: str) -> str:
    """Write an IRI as people do: `ans:Act`, `scheme/right/life`."""
    return terms.shorten(iri) if iri.startswith(terms.VOCABULARY) else iri.removeprefix(terms.BASE)


def _split(iri: str) -> tuple[str, str]:
    at = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:at], iri[at:]

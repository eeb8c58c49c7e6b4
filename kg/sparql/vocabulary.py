"""Terms of ours in a query's text that do not exist, each with the nearest one that does."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from kg import names, terms
from kg.sparql.tokens import locate, read_prologue, resolve, scan

FEW = 12  # values that are all listed where one of them is expected


class UnknownTerm(NamedTuple):
    """A term that does not exist: where it is written (from 1, in code points), its IRI, and the nearest IRIs that exist."""

    line: int
    column: int
    term: str
    nearest: tuple[str, ...]

    @property
    def message(self) -> str:
        """Say what does not exist, and what may have been meant."""
        is_term = self.term.startswith(terms.VOCABULARY)
        why = "the ontology has no such term" if is_term else "no scheme has such a concept"
        return f"{short(self.term)} does not exist: {why}. {suggest(self.nearest)}".strip()


def unknown_terms(text: str, existing: Collection[str]) -> Iterator[UnknownTerm]:
    """Yield every use of a term of the ontology or of scheme/ that is not among the existing IRIs, in the order of the text."""
    for start, iri in unknown_uses(text, existing):
        yield UnknownTerm(*locate(text, start), iri, nearest(iri, existing))


def unknown_uses(text: str, existing: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield the place and the IRI of every use that `unknown_terms` describes, without looking for the nearest."""
    tokens = list(scan(text))
    start, base, prefixes = read_prologue(tokens, "")
    for token in tokens[start:]:
        iri = resolve(token, base, prefixes) or ""
        if iri.startswith((terms.VOCABULARY, terms.SCHEME)) and iri not in existing and not iri.endswith(("#", "/")):
            yield token.start, iri


def nearest(iri: str, existing: Collection[str], count: int = 1) -> tuple[str, ...]:
    """List the existing IRIs whose names come closest to that of an IRI: of its own namespace or scheme, then of others."""
    name = terms.local_name(iri)
    space = iri.removesuffix(name)
    root = terms.SCHEME if space.startswith(terms.SCHEME) else space
    others = {other: terms.local_name(other) for other in sorted(existing) if other.startswith(root) and other != iri}
    for is_same in (True, False):
        choices = {key.lower(): other for other, key in others.items() if (other == space + key) is is_same}
        if close := names.nearest(name, choices, count):
            return tuple(choices[other] for other in close)
    return ()


def suggest(iris: Collection[str]) -> str:
    """Ask in a sentence whether one of some IRIs was meant; nothing when there is none."""
    return f"Did you mean {' or '.join(map(short, iris))}?" if iris else ""


def offer(iri: str, choices: Collection[str]) -> str:
    """Say what may stand in the place of an IRI: all choices when they are few, else the nearest."""
    if 0 < len(choices) <= FEW:
        return f"There are: {', '.join(map(short, sorted(choices)))}."
    return suggest(nearest(iri, choices, 3))


def short(iri: str) -> str:
    """Write an IRI as people do: `ans:Act`, `scheme/right/life`."""
    return terms.shorten(iri) if iri.startswith(terms.VOCABULARY) else iri.removeprefix(terms.BASE)

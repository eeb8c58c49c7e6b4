"""Removes things and names from terms, statements and plain text.

A thing goes with all that is said of it and with the links to it, or the links lead to another thing. A name in a text becomes
MARK, in the key of an IRI of ours letters drawn at random, the same ones wherever it stands. A web address with the name in it
cannot be changed without leading elsewhere: as a text it becomes the address of the list of what was withdrawn, as a link it goes.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kg import names, terms
from kg.errors import SourceError
from kg.store import Triple
from kg.terms import Iri, Literal, Term

MARK = "[withdrawn]"
LIST = terms.BASE + "withdrawn"
_ADDRESS = terms.PREFIXES["xsd"] + "anyURI"
_LETTERS = "bcdfghjkmnpqrstvwxz"


def draw() -> str:
    """Draw a key at random that says nothing: letters and digits that are not taken for a word."""
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_LETTERS + "23456789") for _ in range(9))


@dataclass(frozen=True)
class Removal:
    """The things to take out, by IRI, and the folded names; links to the things lead to the replacement, if there is one."""

    things: frozenset[str]
    names: frozenset[str]
    replacement: str | None = None
    keys: Mapping[str, str] = field(init=False)  # what stands for a name in the keys of IRIs

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", {name: draw() for name in sorted(self.names)})

    def find(self, text: str) -> list[tuple[int, int]]:
        """List where a text prints one of the names."""
        return names.find(text, self.names)

    def holds(self, text: str) -> bool:
        """Say whether a text prints one of the names."""
        return bool(self.find(text))

    def redact(self, text: str) -> str:
        """Put MARK in the place of each name."""
        return self._replace(text, lambda name: MARK)

    def rename(self, key: str) -> str:
        """Put letters drawn at random in the place of each name in an IRI of ours or in the path of a file."""
        return self._replace(key, lambda name: self.keys.get(name, MARK.strip("[]")))

    def drops(self, value: Term) -> bool:
        """Say whether a statement with this object goes as a whole."""
        if not isinstance(value, Iri):
            return False
        return (self.replacement is None and value.value in self.things) or self._leads_astray(value.value)

    def statement(self, triple: Triple) -> Triple | None:
        """Return what is left of a statement; None where nothing is. Raises SourceError for what only a person can decide."""
        subject, link, value = triple
        if isinstance(subject, Iri) and subject.value in self.things or self.drops(value):
            return None
        if self._leads_astray(link.value) or isinstance(subject, Iri) and self._leads_astray(subject.value):
            raise SourceError("The name stands in an IRI of another site, of which something is said: edit it by hand")
        return self.term(subject), Iri(self.iri(link.value)), self.term(value)

    def term(self, term: Term) -> Term:
        """Return a term without the names."""
        if isinstance(term, Literal):
            if not self.holds(term.value):
                return term
            text = LIST if term.datatype == _ADDRESS else self.redact(term.value)
            return Literal(text, term.datatype, term.language)
        return Iri(self.iri(term.value)) if isinstance(term, Iri) else term

    def iri(self, iri: str) -> str:
        """Return an IRI without the names; one of another site stays."""
        if self.replacement is not None and iri in self.things:
            return self.replacement
        return terms.BASE + self.rename(iri[len(terms.BASE) :]) if _is_ours(iri) else iri

    def text(self, text: str) -> str:
        """Put MARK, or within an address a key, in the place of each name in a text that is no RDF."""
        for start, end in reversed(self.find(text)):
            inside = re.search(r"[/<][^\s<>\"]*$", text[:start]) is not None
            key = self.keys.get(names.fold(text[start:end])) if inside else None
            text = text[:start] + (key or MARK) + text[end:]
        return text

    def _leads_astray(self, iri: str) -> bool:
        return not _is_ours(iri) and self.holds(iri)

    def _replace(self, text: str, by: Callable[[str], str]) -> str:
        for start, end in reversed(self.find(text)):
            text = text[:start] + by(names.fold(text[start:end])) + text[end:]
        return text


def _is_ours(iri: str) -> bool:
    return iri.startswith(terms.BASE)

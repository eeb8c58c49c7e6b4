"""Removes things and names from terms, statements and plain text.

A thing goes with all that is said of it and with the links to it, or the links lead to another thing. A name in a text becomes
MARK, in the key of an IRI of ours letters drawn at random, the same ones wherever it stands. A web address with the name in it
cannot be changed without leading elsewhere: as a text it becomes the address of the list of what was withdrawn, as a link it goes.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kg import names, terms
from kg.errors import SourceError
from kg.store import Triple
from kg.terms import Blank, Iri, Literal, Term

MARK = "[withdrawn]"
LIST = terms.BASE + "withdrawn"
_ADDRESS = terms.PREFIXES["xsd"] + "anyURI"
_OPEN_ADDRESS = re.compile(r"[/<][^\s<>\"]*$")
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
    keys: dict[str, str] = field(
        default_factory=lambda: defaultdict(draw)
    )  # what stands for a name in the keys of IRIs

    def find(self, text: str) -> list[tuple[int, int]]:
        """List where a text prints one of the names."""
        return names.find(text, self.names)

    def holds(self, text: str) -> bool:
        """Say whether a text prints one of the names."""
        return bool(self.find(text))

    def redact(self, text: str) -> str:
        """Put MARK in the place of each name."""
        return self._replace(text, lambda before, name: MARK)

    def rename(self, key: str) -> str:
        """Put letters drawn at random in the place of each name in an IRI of ours or in the path of a file."""
        return self._replace(key, lambda before, name: self.keys[name])

    def text(self, text: str) -> str:
        """Put MARK, or within an address a key, in the place of each name in a text that is no RDF."""
        return self._replace(text, lambda before, name: self.keys[name] if _OPEN_ADDRESS.search(before) else MARK)

    def statements(self, triples: Iterable[Triple]) -> list[Triple]:
        """Return what is left of some statements; a blank node goes with what led to it. Raises SourceError as `statement` does."""
        triples = list(triples)
        left = [rest for triple in triples if (rest := self.statement(triple)) is not None]
        linked = {value for *_, value in triples if isinstance(value, Blank)}
        while orphans := linked.intersection(subject for subject, *_ in left).difference(value for *_, value in left):
            left = [triple for triple in left if triple[0] not in orphans]
        return left

    def statement(self, triple: Triple) -> Triple | None:
        """Return what is left of a statement; None where nothing is. Raises SourceError for what only a person can decide."""
        subject, link, value = triple
        gone = self.things if self.replacement is None else ()
        if isinstance(subject, Iri) and subject.value in self.things:
            return None
        if isinstance(value, Iri) and (value.value in gone or self._leads_astray(value)):
            return None
        if self._leads_astray(link) or self._leads_astray(subject):
            raise SourceError("The name stands in an IRI of another site, of which something is said: edit it by hand")
        return self._term(subject), self._iri(link), self._term(value)

    def _term(self, term: Term) -> Term:
        if isinstance(term, Iri):
            return self._iri(term)
        if isinstance(term, Blank) or not self.holds(term.value):
            return term
        text = LIST if term.datatype == _ADDRESS else self.redact(term.value)
        return Literal(text, term.datatype, term.language)

    def _iri(self, iri: Iri) -> Iri:
        """Take the names out of an IRI; one of another site stays."""
        if self.replacement is not None and iri.value in self.things:
            return Iri(self.replacement)
        is_ours = iri.value.startswith(terms.BASE)
        return Iri(terms.BASE + self.rename(iri.value[len(terms.BASE) :])) if is_ours else iri

    def _leads_astray(self, term: Term) -> bool:
        return isinstance(term, Iri) and not term.value.startswith(terms.BASE) and self.holds(term.value)

    def _replace(self, text: str, by: Callable[[str, str], str]) -> str:
        for start, end in reversed(self.find(text)):
            text = text[:start] + by(text[:start], names.fold(text[start:end])) + text[end:]
        return text

"""The words of cited passages, from the texts that an operator holds. They lie beside the releases, and never in one.

A document has one file in FOLDER, with the words of those passages that the graph cites and no others. Of a public document of
the United Nations it holds whole paragraphs, of any other a short quotation. Complainants are named in none.
"""

import json
import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from kg import cite, terms
from kg.documents import find_complainants, split_paragraphs
from kg.errors import SourceError, UnknownName
from kg.files import write_file
from kg.store import Store
from kg.symbols import address_of
from kg.terms import Iri

FOLDER = "texts"  # in the folder of the releases
NAME = "[name]"  # in the place of that of a complainant
LONGEST = 300  # characters of a quotation from a document that is not public
_ENDS = 4  # words by which a browser looks for each end of a quotation

_CITED = f"""PREFIX ans: <{terms.VOCABULARY}>
SELECT ?document ?passage ?paragraph ?symbol ?start ?end ?sha WHERE {{
  ?passage ans:isPartOf ?document .
  OPTIONAL {{ ?passage ans:paragraph ?paragraph }}
  OPTIONAL {{ ?document ans:symbol ?symbol }}
  OPTIONAL {{ ?passage ans:startOffset ?start ; ans:endOffset ?end ; ans:textSha256 ?sha }}
}}
ORDER BY ?passage"""
_IS_CITED = f"ASK {{ ?passage <{terms.term('isPartOf')}> ?document ; a <{terms.term('Passage')}> }}"


log = logging.getLogger("answerable.quotations")


class _Cited(NamedTuple):
    """A passage that a release cites, with the symbol of its document and, where it is fixed, its offsets and its digest."""

    passage: str
    paragraph: str | None
    symbol: str | None
    start: str | None
    end: str | None
    sha256: str | None


class Quotation(NamedTuple):
    """The words of a passage; `sha256` is that of the stretch they were taken from, of its normalised text."""

    words: str
    sha256: str


class TextMatch(NamedTuple):
    """What became of a passage in a text: `found`, `moved`, `changed` or `missing`; the quotation where it was found."""

    passage: str
    state: str
    quotation: Quotation | None = None


class Quotations:
    """The quotations in a folder of releases, by the IRIs of the passages. `version` changes when they do."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._by_passage: dict[str, Quotation] = {}
        self.version = ""
        self.refresh()

    def refresh(self) -> bool:
        """Read them again if a file has changed, without files that cannot be read; say whether one has."""
        files = [(path, path.stat()) for path in _files(self._out)]
        version = ";".join(f"{path.name}:{state.st_mtime_ns}:{state.st_size}" for path, state in files)
        if version == self.version:
            return False
        self._by_passage, self.version = {}, version
        for path, _ in files:
            try:
                self._by_passage |= _read(path)[1]
            except SourceError as error:
                log.error("a text is left out: %s", error)
        return True

    def find(self, passage: str, sha256: str = "") -> str:
        """Return the words of a passage; nothing where there are none, or where they are not those that the release has fixed."""
        found = self._by_passage.get(passage)
        return found.words if found and sha256 in ("", found.sha256) else ""


def is_cited(store: Store, document: str) -> bool:
    """Say whether a release cites passages of a document."""
    return store.ask(_IS_CITED, bindings={"document": Iri(document)})


def search(store: Store, document: str, text: str) -> list[TextMatch]:
    """Look in the raw text of a document for each passage of it that a release cites.

    A passage that is fixed by offsets is checked against its digest; one of a document of the United Nations without them is
    the paragraph of its number. Others cannot be found, and are `missing`.
    """
    whole, one = cite.normalise(text), "|".join(map(re.escape, sorted(find_complainants(text))))
    redact = partial(re.compile(rf"\b(?:{one})(?:\s+(?:{one}))*\b").sub, NAME) if one else str
    paragraphs = {number: cite.normalise(words) for number, words in split_paragraphs(text).items()}
    rows = store.select(_CITED, bindings={"document": Iri(document)})
    return [_search(whole, paragraphs, _Cited(*(term and term.value for term in row[1:])), redact) for row in rows]


def keep(out: Path, document: str, found: Mapping[str, Quotation]) -> None:
    """Write the quotations of a document in the place of those that were there."""
    path = out / FOLDER / f"{terms.local_name(document)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    held = {"document": document, "passages": {iri: each._asdict() for iri, each in sorted(found.items())}}
    write_file(path, json.dumps(held, ensure_ascii=False, indent=1) + "\n")


def listed(out: Path) -> Iterator[tuple[str, int]]:
    """Yield the key of each document that has quotations, with their number."""
    for path in _files(out):
        yield path.stem, len(_read(path)[1])


def remove(out: Path, key: str) -> None:
    """Delete the quotations of a document. Raises UnknownName."""
    path = out / FOLDER / f"{key}.json"
    if key not in dict(listed(out)):
        raise UnknownName(f"No text of {key!r} is here", hint="`kg texts list` lists those that are")
    path.unlink()


def find_withdrawn(out: Path, is_withdrawn: Callable[[str], bool]) -> dict[str, list[str]]:
    """List the passages of which the words, the IRI or the document are withdrawn, by the key of the document."""
    found = {}
    for path in _files(out):
        document, held = _read(path)
        if gone := [iri for iri, each in held.items() if any(map(is_withdrawn, (document, iri, each.words)))]:
            found[path.stem] = gone
    return found


def drop(out: Path, passages: Mapping[str, Collection[str]]) -> None:
    """Delete the words of passages, by the key of their document."""
    for path in _files(out):
        document, held = _read(path)
        if left := {iri: each for iri, each in held.items() if iri not in passages.get(path.stem, ())}:
            keep(out, document, left)
        else:
            path.unlink()


def open_at(address: str, words: str) -> str:
    """Write the address of a page so that a browser shows it at these words (a text fragment); of another file as it is."""
    if not words or "#" in address or address.startswith("https://undocs.org/") or address.lower().endswith(".pdf"):
        return address
    parts = words.rstrip("…").split()
    ends = [parts] if len(parts) <= 2 * _ENDS else [parts[:_ENDS], parts[-_ENDS:]]
    return f"{address}#:~:text=" + ",".join(quote(" ".join(part), safe="").replace("-", "%2D") for part in ends)


def _search(whole: str, paragraphs: Mapping[str, str], cited: _Cited, redact: Callable[[str], str]) -> TextMatch:
    """Look for a passage; `redact` puts a mark in the place of the names of complainants."""
    passage, is_public = cited.passage, cited.symbol is not None and address_of(cited.symbol) is not None
    if cited.start and cited.end and cited.sha256:
        fixed = cite.FixedPassage(passage, int(cited.start), int(cited.end), cited.sha256)
        at = cite.locate(whole, fixed)
        if at is None:
            return TextMatch(passage, "changed")
        words = whole[at : at + fixed.end - fixed.start]
        state = "found" if at == fixed.start else "moved"
        return TextMatch(passage, state, Quotation(redact(words if is_public else _shorten(words)), fixed.sha256))
    words = _join(paragraphs, cited.paragraph) if is_public and cited.paragraph else ""
    if not words:
        return TextMatch(passage, "missing")
    return TextMatch(passage, "found", Quotation(redact(words), cite.sha256(words)))


def _join(paragraphs: Mapping[str, str], place: str) -> str:
    """Join the paragraphs that a place names, such as "14", "7.1–7.3" or "12 (a)"; nothing where one of them is not there."""
    numbers = [*paragraphs]
    wanted: list[str] = []
    for first, last in re.findall(r"(\d+(?:\.\d+)*)(?:\s*[–-]\s*(\d+(?:\.\d+)*))?", place):
        if first not in paragraphs or last and last not in paragraphs:
            return ""
        wanted += numbers[numbers.index(first) : numbers.index(last or first) + 1]
    return " ".join(paragraphs[number] for number in dict.fromkeys(wanted))


def _shorten(words: str) -> str:
    if len(words) <= LONGEST:
        return words
    return words[: LONGEST + 1].rpartition(" ")[0].rstrip(",;: ") + " …"


def _files(out: Path) -> list[Path]:
    return sorted((out / FOLDER).glob("*.json"))


def _read(path: Path) -> tuple[str, dict[str, Quotation]]:
    """Read the IRI of a document and its quotations."""
    try:
        held = json.loads(path.read_bytes())
        return held["document"], {iri: Quotation(**each) for iri, each in held["passages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "Add the text again with `kg texts add`, or delete the file"
        raise SourceError(f"The quotations cannot be read ({error})", where=str(path), hint=hint) from None

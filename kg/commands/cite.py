"""`kg cite`: whether the cited passages of a document stand in its text, and passages that are new."""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from kg import cite, documents, release, terms
from kg.cite import Citation, Place
from kg.commands import options
from kg.config import Settings
from kg.errors import BadParameter, SourceError
from kg.files import write_file
from kg.store import Store
from kg.store.rdf import write_turtle
from kg.terms import Iri, Literal

_HEADS = ("paragraph", "section", "opening", "closing")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("file", metavar="FILE", help="text of a cited document: UTF-8 text, HTML or PDF")
    parser.add_argument("--document", metavar="IRI", help="which document it is: its IRI or key")
    parser.add_argument("--fix", nargs=2, metavar=("OPENING", "CLOSING"), help="print the Turtle of a new passage")
    parser.add_argument("--paragraph", default="", metavar="N", help="of --fix: the number of the paragraph as printed")
    parser.add_argument("--section", default="", metavar="HEADING", help="of --fix: the section that it stands in")
    said = "a CSV of new passages, with the columns paragraph, section, opening and closing"
    parser.add_argument("--list", metavar="FILE.csv", help=said)
    parser.add_argument("--name", default="", help="the document as the labels of its passages name it")
    said = "add the new passages to this file, in the place of printing them"
    parser.add_argument("--write", type=Path, metavar="SOURCE.ttl", help=said)


def run(given: argparse.Namespace) -> int:
    """Check the cited passages of a document against its text, or fix new passages in it."""
    text = _text(given.file)
    if given.fix or given.list:
        return _fix(given, text)
    if given.write:
        raise BadParameter("There is no new passage to write", where="--write", hint="Give --fix or --list")
    here = release.current(Settings.load(out=given.out).out)
    with Store.open(here.store_path) as store:
        document = cite.find(cite.documents(store), text, given.document)
    verdicts = cite.check(text, document.citations)
    for verdict in verdicts:
        at = f", now at {verdict.start}" if verdict.state == "moved" else ""
        print(f"{verdict.state:<8} {verdict.citation.passage.removeprefix(terms.BASE)}{at}")
    counts = {state: sum(verdict.state == state for verdict in verdicts) for state in ("found", "moved", "missing")}
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "no passage with offsets"
    print(f"{document.iri.removeprefix(terms.BASE)}: {said}")
    return 0 if verdicts and not counts["missing"] else 1


def _text(name: str) -> str:
    """Read the text of a document from a file, or from standard input for `-`. Raises SourceError."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=name) from None
    return documents.text_of(data, name)


def _fix(given: argparse.Namespace, text: str) -> int:
    """Fix all passages that are asked for, or none: print them, or add them to a file."""
    key = (given.document or "KEY").rpartition("/")[2]
    iri = terms.ID + f"document/{key}"
    made: list[tuple[Citation, Place]] = []
    wrong = []
    for line, place, opening, closing in _asked(given):
        passage = f"{terms.ID}passage/{cite.key_of(key, place)}"
        try:
            if passage in {citation.passage for citation, _ in made}:
                raise ValueError(f"the place {place.paragraph or place.section!r} stands in the list twice")
            made.append((cite.fix(text, opening, closing, passage), place))
        except ValueError as error:
            wrong.append(SourceError(str(error), where=given.list or given.file, line=line or None))
    for error in wrong[1:]:
        print(f"kg: {error}", file=sys.stderr)
    if wrong:
        raise wrong[0]
    blocks = [cite.write(citation, iri, place) for citation, place in made]
    if not given.write:
        print("\n".join(blocks), end="")
        return 0
    return _add(given.write, key, text, made, blocks)


def _asked(given: argparse.Namespace) -> Iterator[tuple[int, Place, str, str]]:
    """Yield which passages are asked for: the line of the list, the place, and the words that they begin and end with."""
    if given.fix:
        yield 0, Place(given.name, given.paragraph, given.section), *given.fix
    if not given.list:
        return
    rows = csv.reader(io.StringIO(options.read(given.list).removeprefix("\ufeff"), newline=""))
    heads = [one.strip().lower() for one in next(rows, [])]
    if not {"opening", "closing"} <= {*heads} or {*heads} - {*_HEADS}:
        raise SourceError(f"The head of the list is not {','.join(_HEADS)}", where=given.list, line=1)
    for row in rows:
        if any(row):
            cells = dict(zip(heads, (one.strip() for one in row), strict=False))
            opening = cells.get("opening", "")
            place = Place(given.name, cells.get("paragraph", ""), cells.get("section", ""))
            yield rows.line_num, place, opening, cells.get("closing") or opening


def _add(path: Path, key: str, text: str, made: list[tuple[Citation, Place]], blocks: list[str]) -> int:
    """Add passages to a file of sources, after what it holds; those that stand there already have to be the same."""
    before = options.read(str(path)) if path.exists() else ""
    if key == "KEY" or "NUMBER" in "".join(citation.passage for citation, _ in made):
        hint = "Give --document, and for each passage its paragraph or section"
        raise BadParameter("What is added to a file has its own IRI", where="--write", hint=hint)
    fresh = []
    for (citation, _), block in zip(made, blocks, strict=True):
        path_of = citation.passage.removeprefix(terms.BASE)
        described = re.search(rf"^<{re.escape(path_of)}> a .*?\.\n(?=\n|\Z)", before, re.DOTALL | re.MULTILINE)
        if described and citation.sha256 not in described[0]:
            hint = "Take the passage out of the file, or give the new one another place"
            raise SourceError(f"{path_of} stands there with another hash", where=str(path), hint=hint)
        fresh += [] if described else [block]
    head = "" if before else _head(key, text)
    whole = "\n".join(part for part in (before or head, *fresh) if part)
    write_file(path, whole)
    print(
        f"{len(fresh)} passage{'s' * (len(fresh) != 1)} added to {path}, {len(blocks) - len(fresh)} stood there already"
    )
    return 0


def _head(key: str, text: str) -> str:
    """Begin a file of sources with the document and the hash of its text; its author names it."""
    document = Iri(f"{terms.ID}document/{key}")
    facts = [
        (document, Iri(terms.PREFIXES["rdf"] + "type"), Iri(terms.term("Document"))),
        (document, Iri(terms.term("textSha256")), Literal(cite.sha256(cite.normalise(text)))),
    ]
    return write_turtle(
        facts, "The document. Add its name, skos:prefLabel, who published it, ans:isPublishedBy, and its ans:date."
    )

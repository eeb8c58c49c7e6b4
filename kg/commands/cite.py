"""`kg cite`: whether the cited passages of a document stand in its text."""

from __future__ import annotations

import argparse

from kg import cite, release, terms
from kg.commands import options
from kg.config import Settings
from kg.errors import SourceError
from kg.store import Store


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("file", metavar="FILE.txt", help="text of a cited document, UTF-8")
    parser.add_argument("--document", metavar="IRI", help="which document it is: its IRI or key")
    parser.add_argument("--fix", nargs=2, metavar=("OPENING", "CLOSING"), help="print the Turtle of a new passage")


def run(given: argparse.Namespace) -> int:
    """Check the cited passages of a document against its text, or fix a new passage in it."""
    text = options.read(given.file)
    if given.fix:
        return _fix(given, text)
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


def _fix(given: argparse.Namespace, text: str) -> int:
    key = (given.document or "KEY").rpartition("/")[2]
    try:
        citation = cite.fix(text, *given.fix, f"{terms.ID}passage/{key}-NUMBER")
    except ValueError as error:
        raise SourceError(str(error), where=given.file) from None
    print(cite.write(citation, terms.ID + f"document/{key}"), end="")
    return 0

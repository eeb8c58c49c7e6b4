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
        document, citations = _cited(store, text, given.document)
    verdicts = cite.check(text, citations)
    for verdict in verdicts:
        at = f", now at {verdict.start}" if verdict.state == "moved" else ""
        print(f"{verdict.state:<8} {verdict.citation.passage.removeprefix(terms.BASE)}{at}")
    counts = {state: sum(verdict.state == state for verdict in verdicts) for state in ("found", "moved", "missing")}
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "no passage with offsets"
    print(f"{document.removeprefix(terms.BASE)}: {said}")
    return 0 if verdicts and not counts["missing"] else 1


def _fix(given: argparse.Namespace, text: str) -> int:
    key = given.document or "KEY"
    passage = terms.ID + f"passage/{key.rpartition('/')[2]}-NUMBER"
    try:
        citation = cite.fix(text, *given.fix, passage)
    except ValueError as error:
        raise SourceError(str(error), where=given.file) from None
    print(
        f"<id/passage/{key.rpartition('/')[2]}-NUMBER> a ans:Passage ;\n"
        f'    skos:prefLabel "NAME, NUMBER"@en ;\n'
        f"    ans:isPartOf <id/document/{key.rpartition('/')[2]}> ;\n"
        f'    ans:section "SECTION"@en ;\n'
        f'    ans:paragraph "NUMBER" ;\n'
        f"    ans:startOffset {citation.start} ;\n"
        f"    ans:endOffset {citation.end} ;\n"
        f'    ans:textSha256 "{citation.sha256}" ;\n'
        f"    ans:hasReading <scheme/reading/whole> ."
    )
    return 0


def _cited(store: Store, text: str, name: str | None) -> tuple[str, list[cite.Citation]]:
    """Find which document a text is, and the passages of it that are fixed by offsets."""
    ans = terms.VOCABULARY
    rows = store.query(
        f"""PREFIX ans: <{ans}> SELECT ?document ?hash ?passage ?start ?end ?sha {{
        ?passage ans:isPartOf ?document ; ans:startOffset ?start ; ans:endOffset ?end ; ans:textSha256 ?sha .
        OPTIONAL {{ ?document ans:textSha256 ?hash }} }} ORDER BY ?document ?start"""
    )
    documents: dict[str, list[cite.Citation]] = {}
    hashes = {}
    for document, whole, passage, start, end, sha in rows:
        documents.setdefault(document.value, []).append(
            cite.Citation(passage.value, int(start.value), int(end.value), sha.value)
        )
        hashes[document.value] = whole and whole.value
    if name is not None:
        wanted = name if name.startswith(terms.BASE) else terms.BASE + name.lstrip("/")
        found = [iri for iri in documents if iri == wanted or iri.rpartition("/")[2] == name]
    else:
        found = [iri for iri, sha in hashes.items() if sha == cite.sha256(cite.normalise(text))]
        found = found or _likeliest(text, documents)
    if not found:
        known = ", ".join(iri.rpartition("/")[2] for iri in documents) or "none"
        raise SourceError(
            "This is no text of a document with fixed passages"
            if name is None
            else f"No document {name!r} has passages",
            hint=f"Name one with --document: {known}",
        )
    return found[0], documents[found[0]]


def _likeliest(text: str, documents: dict[str, list[cite.Citation]]) -> list[str]:
    """Return the document most of whose passages stand where they should, if any does."""
    whole = cite.normalise(text)
    scores = {iri: sum(cite.sha256(whole[c.start : c.end]) == c.sha256 for c in cs) for iri, cs in documents.items()}
    best = max(scores, key=lambda iri: scores[iri], default=None)
    return [best] if best is not None and scores[best] else []

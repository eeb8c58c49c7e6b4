"""`kg texts`: the words of cited passages, from texts that an operator holds, beside the releases."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kg import cite, documents, quotations, terms
from kg.commands import options
from kg.config import Settings
from kg.errors import BadParameter, SourceError
from kg.names import Guard
from kg.store import Store

_STATES = {
    "found": "found",
    "moved": "found at another place",
    "changed": "refused: the text has other words there than when it was cited",
    "missing": "not found: no paragraph of this number, or the passage has no fixed place",
    "withdrawn": "refused: it prints a name that was withdrawn",
}


def run(arguments: argparse.Namespace) -> int:
    """Add texts, list those that are here, or remove one."""
    settings = Settings.load(out=arguments.out)
    if arguments.what == "add":
        return _add(arguments, settings)
    if arguments.what == "list":
        for key, count in quotations.listed(settings.out):
            print(f"{key:<40} {count:>5} passage{'s' * (count != 1)}")
    else:
        quotations.remove(settings.out, arguments.key)
        print(f"The words of {arguments.key} are deleted")
    return 0


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    """Add each file; one that cannot be read or placed stops no other."""
    files = [*_listed(arguments.files)]
    if arguments.document and len(files) > 1:
        raise BadParameter("These are several texts", where="--document", hint="Give one file with it")
    guard, failed = Guard.read(settings.root), False
    with Store.open(options.find_release(settings).store_path) as store:
        fixed = cite.documents(store)
        for file in files:
            try:
                text = documents.text_of(options.read_bytes(str(file)), str(file))
                document = _find(store, fixed, text, arguments.document, file)
                failed |= not _keep(settings.out, store, document, text, guard)
            except SourceError as error:
                print(f"kg: {file}: {error}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


def _listed(files: list[Path]) -> Iterator[Path]:
    for file in files:
        yield from sorted(path for path in file.iterdir() if path.is_file()) if file.is_dir() else [file]


def _find(store: Store, fixed: list[cite.CitedDocument], text: str, key: str | None, file: Path) -> str:
    """Find the IRI of the document that a text is: the one named, the one the file is called by, or one whose passages it has."""
    for name in filter(None, (key, file.stem)):
        iri = terms.full_iri(name if "/" in name else f"id/document/{name}")
        if quotations.is_cited(store, iri):
            return iri
    return cite.find(fixed, text, key).iri


def _keep(out: Path, store: Store, document: str, text: str, guard: Guard) -> bool:
    """Keep the words of the passages of a document; say whether each was found."""
    kept, counts = {}, Counter[str]()
    for passage, state, quotation in quotations.search(store, document, text):
        if quotation and guard.find(quotation.words):
            state, quotation = "withdrawn", None
        if quotation:
            kept[passage] = quotation
        counts[state] += 1
        if state != "found":
            print(f"{terms.short_iri(passage)}: {_STATES[state]}")
    if kept:
        quotations.keep(out, document, kept)
    shown = ", ".join(f"{counts[state]} {state}" for state in _STATES if counts[state])
    print(f"{terms.short_iri(document)}: the words of {len(kept)} of {counts.total()} passages are kept ({shown})")
    return len(kept) == counts.total()

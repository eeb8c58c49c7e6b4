"""`kg cite`: whether the cited passages of a document stand in its text, and passages that are new."""

import argparse
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from kg import cite, documents, terms
from kg.commands import options
from kg.commands.new import begin_source
from kg.config import Settings
from kg.errors import BadParameter, SourceError
from kg.files import write_file
from kg.store import Store
from kg.wording import count

_HEADS = ("paragraph", "section", "opening", "closing")  # of a list


def run(arguments: argparse.Namespace) -> int:
    """Check the cited passages of a document against its text, or fix new passages in it."""
    text = documents.text_of(options.read_bytes(arguments.file), arguments.file)
    if arguments.fix or arguments.list:
        return _fix(arguments, text)
    if arguments.write:
        raise BadParameter("There is no new passage to write", where="--write", hint="Give --fix or --list")
    with Store.open(options.find_release(Settings.load(out=arguments.out)).store_path) as store:
        document = cite.find(cite.documents(store), text, arguments.document)
    counts, whole = Counter[str](), cite.normalise(text)
    for passage in document.passages:
        start = cite.locate(whole, passage)
        state, at = "found", ""
        if start is None:
            state = "missing"
        elif start != passage.start:
            state, at = "moved", f", now at {start}"
        counts[state] += 1
        print(f"{state:<8} {terms.short_iri(passage.iri)}{at}")
    summary = ", ".join(f"{counts[state]} {state}" for state in ("found", "moved", "missing") if counts[state])
    print(f"{terms.short_iri(document.iri)}: {summary}")
    return 1 if counts["missing"] else 0


def _fix(arguments: argparse.Namespace, text: str) -> int:
    """Fix all passages of a list, or none: print them, or add them to a file."""
    key = (arguments.document or "KEY").rpartition("/")[2]
    passages: dict[str, tuple[str, str]] = {}  # IRI -> hash, Turtle
    errors = []
    for line, new in _listed(arguments):
        iri = f"{terms.ID}passage/{cite.key_of(key, new)}"
        try:
            if iri in passages:
                raise ValueError(f"the place {new.paragraph or new.section!r} stands in the list twice")
            passage = cite.fix(text, new.opening, new.closing or new.opening, iri)
            passages[iri] = passage.sha256, cite.write(passage, f"{terms.ID}document/{key}", new)
        except ValueError as error:
            errors.append(SourceError(str(error), where=arguments.list or arguments.file, line=line))
    for other in errors[1:]:
        print(f"kg: {other}", file=sys.stderr)
    if errors:
        raise errors[0]
    if arguments.write:
        _add(arguments.write, key, text, passages)
    else:
        print("\n".join(block for _, block in passages.values()), end="")
    return 0


def _listed(arguments: argparse.Namespace) -> Iterator[tuple[int | None, cite.NewPassage]]:
    """Yield the passages that --fix and --list name, those of a list with their lines."""
    if arguments.fix:
        yield None, cite.NewPassage(arguments.name, arguments.paragraph, arguments.section, *arguments.fix)
    if arguments.list:
        text = options.read(arguments.list).removeprefix("\ufeff")
        rows = csv.DictReader(io.StringIO(text, newline=""), restval="")
        rows.fieldnames = [head.strip().lower() for head in rows.fieldnames or ()]
        if not {"opening", "closing"} <= {*rows.fieldnames} <= {*_HEADS}:
            raise SourceError(f"The head of the list is not {','.join(_HEADS)}", where=arguments.list, line=1)
        for row in rows:
            cells = [row.get(head, "").strip() for head in _HEADS]
            if any(cells):
                yield rows.line_num, cite.NewPassage(arguments.name, *cells)


def _add(path: Path, key: str, text: str, passages: Mapping[str, tuple[str, str]]) -> None:
    """Add passages to a file of sources, after what it holds; those that stand there already have to be the same."""
    before = (options.read(str(path)) if path.exists() else "") or begin_source(key, text)
    if key == "KEY" or "NUMBER" in "".join(passages):
        hint = "Give --document, and for each passage its paragraph or section"
        raise BadParameter("What is added to a file has its own IRI", where="--write", hint=hint)
    fresh = []
    for iri, (sha256, block) in passages.items():
        name = terms.short_iri(iri)
        described = re.search(rf"^<{re.escape(name)}> a .*?\.\n(?=\n|\Z)", before, re.DOTALL | re.MULTILINE)
        if described is None:
            fresh.append(block)
        elif sha256 not in described[0]:
            hint = "Take the passage out of the file, or give the new one another place"
            raise SourceError(f"{name} stands there with another hash", where=str(path), hint=hint)
    write_file(path, "\n".join([before, *fresh]))
    print(f"{count(len(fresh), 'passage')} added to {path}, {len(passages) - len(fresh)} stood there already")

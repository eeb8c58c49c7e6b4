"""The notes of a release in Markdown, made of how it differs from the one before."""

from __future__ import annotations

from collections.abc import Iterator

from kg import terms
from kg.changes.difference import CREATED, DERIVED, REMOVED, UPDATED, WITHDRAWN, Changes
from kg.release import Release

MOST_NAMED = 40  # things that the notes name of one kind
HEADINGS = {
    CREATED: "New",
    UPDATED: "Changed",
    WITHDRAWN: "Withdrawn",
    REMOVED: "Removed",
    DERIVED: "Changed in what the build derives alone",
}
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


def write_notes(new: Release, found: Changes) -> str:
    """Write the notes; `found` is how the release differs from the one before."""
    return "\n".join(_lines(new, found)) + "\n"


def _lines(new: Release, found: Changes) -> Iterator[str]:
    total = new.manifest["triples"]["total"]
    yield f"# Release {new.id}"
    yield ""
    yield f"Made on {new.manifest['created'][:10]}, with {total:,} triples. It follows {found.old}."
    if found.is_empty:
        yield ""
        yield "Nothing changed in the sources, the ontology, the shapes, the rules or the questions."
        return
    if not found.total:
        yield ""
        yield "No thing changed."
    for what, heading in HEADINGS.items():
        if found.count(what):
            yield from _section(what, heading, found)
    if found.files:
        yield ""
        yield f"## Files ({len(found.files)})"
        yield ""
        yield "| file | | statements that came | that went |"
        yield "|---|---|--:|--:|"
        for file in found.files:
            yield f"| `{file.path}` | {file.how} | {file.came} | {file.went} |"
    yield ""
    yield f"{found.derived:,} derived statements came or went with that."


def _section(what: str, heading: str, found: Changes) -> Iterator[str]:
    yield ""
    yield f"## {heading} ({found.count(what)})"
    yield ""
    kinds = sorted(found.counts[what].items(), key=lambda pair: (-pair[1], pair[0]))
    if told := ", ".join(f"{terms.shorten(kind).removeprefix('ans:')} {count}" for kind, count in kinds if kind):
        yield f"By class: {told}."
        yield ""
    things = [one for one in found.things if one.what == what]
    for one in things[:MOST_NAMED]:
        name = f"{one.label.translate(_MARKS)}: " if one.label else ""
        yield f"- {name}<{one.thing}>"
    if len(things) > MOST_NAMED:
        yield f"- and {found.count(what) - MOST_NAMED} more"

"""How a release differs from the one before, written down: as data, as change sets in RDF, and as release notes in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from kg import terms
from kg.catalogue import Things, iri, typed
from kg.changes.difference import CREATED, DERIVED, REMOVED, UPDATED, WHAT, WITHDRAWN, Change, Changes
from kg.changes.statements import Said, Told
from kg.languages import DEFAULT
from kg.release import Release
from kg.terms import LICENCE, Blank, Iri, Literal

COLUMNS = ("thing", "label", "class", "what", "sign", "property", "value", "derived")
MOST_NAMED = 40  # things that the notes name of one kind
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


class Words(NamedTuple):
    """What a kind of change is called: in the notes, in Activity Streams, and as the reason of a change set."""

    heading: str
    activity: str
    reason: str = ""


WORDS = {
    CREATED: Words("New", "Create"),
    UPDATED: Words("Changed", "Update"),
    WITHDRAWN: Words("Withdrawn", "Delete", "Withdrawn: a tombstone has taken its place."),
    REMOVED: Words("Removed", "Delete", "No source file states it any more."),
    DERIVED: Words("Changed in what the build derives alone", "Update", "Only what the build derives changed."),
}


def summarise(new: Release, result: Changes) -> dict[str, Any]:
    """Count what changed in a release, by what happened."""
    counts = {what: result.count(what) for what in WHAT}
    rest = {"files": len(result.files), "derived_triples": result.derived}
    return {"release": new.id, "before": result.old, "made": new.created, **counts, **rest}


def to_json(new: Release, result: Changes, details: Iterable[Told]) -> dict[str, Any]:
    """Lay out a difference for JSON, with each statement that went and came."""
    counts = {what: {kind or "(none)": number for kind, number in by.items()} for what, by in result.counts.items()}
    return {
        "from": result.old,
        "to": result.new,
        "made": new.created,
        "total": result.total,
        "counts": counts,
        "derived_triples": result.derived,
        "files": [asdict(file) for file in result.files],
        "things": [_thing(each) for each in details],
        "license": LICENCE,
    }


def _thing(details: Told) -> dict[str, Any]:
    sides = {"before": details.before, "now": details.now}
    values = {
        side: [{"property": s.property, "value": terms.to_json(s.value), "derived": s.is_derived} for s in statements]
        for side, statements in sides.items()
    }
    return {name: value for name, value in {**_named(details.change), **values}.items() if value}


def to_rows(details: Iterable[Told]) -> Iterator[dict[str, str]]:
    """Yield a row of COLUMNS for each statement that went (-) or came (+), and one for a thing without any."""
    for each in details:
        named = _named(each.change)
        for sign, statements in (("-", each.before), ("+", each.now)):
            for s in statements:
                derived = str(s.is_derived).lower()
                yield named | {"sign": sign, "property": s.property, "value": str(s.value), "derived": derived}
        if not (each.before or each.now):
            yield named


def _named(change: Change) -> dict[str, str]:
    return {"thing": change.thing, "label": change.label, "class": change.kind, "what": change.what}


def describe(new: Release, result: Changes, details: Iterable[Told]) -> Things:
    """Describe a difference as change sets (ChangeSet vocabulary), one a thing, and the releases by PROV."""
    here, newer = f"{terms.BASE}changes/{result.old}/{result.new}", terms.RELEASE + result.new
    sets = {f"{here}#{each.change.thing.removeprefix(terms.BASE)}": each for each in details}
    time = typed(new.created, "dateTime")
    things: Things = {
        newer: {"prov:wasRevisionOf": Iri(terms.RELEASE + result.old), "prov:generatedAtTime": time},
        here: {
            "rdf:type": iri("prov:Collection"),
            "dcterms:license": Iri(LICENCE),
            "prov:wasDerivedFrom": Iri(newer),
            "prov:hadMember": [Iri(one) for one in sets],
        },
    }
    for about, each in sets.items():
        thing, words = each.change.thing, WORDS[each.change.what]
        removals = _statements(f"{about}/removal", thing, each.before)
        additions = _statements(f"{about}/addition", thing, each.now)
        things[about] = {
            "rdf:type": [iri("cs:ChangeSet"), iri(f"as:{words.activity}")],
            "cs:subjectOfChange": Iri(thing),
            "cs:createdDate": time,
            "cs:changeReason": [Literal(words.reason, language=DEFAULT)] if words.reason else [],
            "cs:removal": [Iri(node) for node in removals],
            "cs:addition": [Iri(node) for node in additions],
        }
        things |= removals | additions
    return things


def _statements(stem: str, thing: str, statements: Sequence[Said]) -> Things:
    """Describe the statements that went or came; the label of a blank node means nothing outside its release."""
    named = [s for s in statements if not isinstance(s.value, Blank)]
    return {
        f"{stem}-{number}": {
            "rdf:type": iri("rdf:Statement"),
            "rdf:subject": Iri(thing),
            "rdf:predicate": Iri(s.property),
            "rdf:object": s.value,
        }
        for number, s in enumerate(named, 1)
    }


def write_notes(new: Release, found: Changes) -> str:
    """Write the notes; `found` is how the release differs from the one before."""
    return "\n".join(_lines(new, found)) + "\n"


def _lines(new: Release, found: Changes) -> Iterator[str]:
    total = new.manifest["triples"]["total"]
    yield f"# Release {new.id}"
    yield ""
    yield f"Made on {new.created[:10]}, with {total:,} triples. It follows {found.old}."
    if found.is_empty:
        yield ""
        yield "Nothing changed in the sources, the ontology, the shapes, the rules or the questions."
        return
    if not found.total:
        yield ""
        yield "No thing changed."
    for what, words in WORDS.items():
        if found.count(what):
            yield from _section(what, words.heading, found)
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
    if classes := ", ".join(f"{terms.shorten(kind).removeprefix('ans:')} {count}" for kind, count in kinds if kind):
        yield f"By class: {classes}."
        yield ""
    things = found.of(what)
    for one in things[:MOST_NAMED]:
        name = f"{one.label.translate(_MARKS)}: " if one.label else ""
        yield f"- {name}<{one.thing}>"
    if len(things) > MOST_NAMED:
        yield f"- and {found.count(what) - MOST_NAMED} more"

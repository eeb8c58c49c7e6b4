"""How a release differs from the one before, written down: as data, as change sets in RDF, and as release notes in Markdown."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kg import terms
from kg.catalogue import Things, iri, typed
from kg.changes.change import CREATED, DERIVED, REMOVED, UPDATED, WHAT, WITHDRAWN, Change, ChangedStatement, Changes
from kg.languages import DEFAULT, speak, templates_in
from kg.release import Release
from kg.terms import LICENCE, Iri, Literal

COLUMNS = ("thing", "label", "class", "what", "sign", "property", "value", "derived")
MOST_NAMED = 40  # things that the notes name of one kind
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


# What a kind of change is in Activity Streams, and the reason of its change set.
_ACTIVITIES = {CREATED: "Create", UPDATED: "Update", WITHDRAWN: "Delete", REMOVED: "Delete", DERIVED: "Update"}
_REASONS = {
    WITHDRAWN: "Withdrawn: a tombstone has taken its place.",
    REMOVED: "No source file states it any more.",
    DERIVED: "Only what the build derives changed.",
}


def summarise(new: Release, result: Changes) -> dict[str, Any]:
    """Count what changed in a release, by what happened."""
    counts = {what: result.count(what) for what in WHAT}
    rest = {"files": len(result.files), "derived_triples": result.derived}
    return {"release": new.id, "before": result.old, "made": new.created, **counts, **rest}


def to_json(new: Release, result: Changes) -> dict[str, Any]:
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
        "things": [_thing(change) for change in result.things],
        "license": LICENCE,
    }


def _thing(change: Change) -> dict[str, Any]:
    members = {**_named(change), "before": _statements(change.before), "now": _statements(change.now)}
    return {name: value for name, value in members.items() if value}


def _statements(statements: Iterable[ChangedStatement]) -> list[dict[str, Any]]:
    return [
        {"property": each.property, "value": terms.to_json(each.value), "derived": each.is_derived}
        for each in statements
    ]


def to_rows(result: Changes) -> Iterator[dict[str, str]]:
    """Yield a row of COLUMNS for each statement that went (-) or came (+), and one for a thing without any."""
    for change in result.things:
        named = _named(change)
        signed = [("-", each) for each in change.before] + [("+", each) for each in change.now]
        for sign, (name, value, is_derived) in signed:
            yield named | {"sign": sign, "property": name, "value": str(value), "derived": str(is_derived).lower()}
        if not signed:
            yield named


def _named(change: Change) -> dict[str, str]:
    return {"thing": change.thing, "label": change.label, "class": change.kind, "what": change.what}


def describe(new: Release, result: Changes) -> Things:
    """Describe a difference as change sets (ChangeSet vocabulary), one a thing, and the releases by PROV."""
    here, newer = f"{terms.BASE}changes/{result.old}/{result.new}", terms.RELEASE + result.new
    sets = {f"{here}#{change.thing.removeprefix(terms.BASE)}": change for change in result.things}
    time = typed(new.created, "dateTime")
    things: Things = {
        newer: {"prov:wasRevisionOf": Iri(terms.RELEASE + result.old), "prov:generatedAtTime": time},
        here: {
            "rdf:type": iri("prov:Collection"),
            "dcterms:license": Iri(LICENCE),
            "prov:wasDerivedFrom": Iri(newer),
            "prov:hadMember": [Iri(about) for about in sets],
        },
    }
    for about, change in sets.items():
        reason = _REASONS.get(change.what)
        removals = _reify(f"{about}/removal", change.thing, change.before)
        additions = _reify(f"{about}/addition", change.thing, change.now)
        things[about] = {
            "rdf:type": [iri("cs:ChangeSet"), iri(f"as:{_ACTIVITIES[change.what]}")],
            "cs:subjectOfChange": Iri(change.thing),
            "cs:createdDate": time,
            "cs:changeReason": [Literal(reason, language=DEFAULT)] if reason else [],
            "cs:removal": [Iri(node) for node in removals],
            "cs:addition": [Iri(node) for node in additions],
        }
        things |= removals | additions
    return things


def _reify(stem: str, thing: str, statements: Iterable[ChangedStatement]) -> Things:
    return {
        f"{stem}-{number}": {
            "rdf:type": iri("rdf:Statement"),
            "rdf:subject": Iri(thing),
            "rdf:predicate": Iri(each.property),
            "rdf:object": each.value,
        }
        for number, each in enumerate(statements, 1)
    }


def write_notes(new: Release, result: Changes) -> str:
    """Write the notes; `result` is how the release differs from the one before."""
    filters = {"amount": "{:,}".format, "escaped": _escape, "short": _shorten}
    notes = templates_in(Path(__file__).parent, speak(DEFAULT), **filters).get_template("notes.md")
    return notes.render(new=new, result=result, most=MOST_NAMED)


def _escape(label: str) -> str:
    return label.translate(_MARKS)


def _shorten(iri: str) -> str:
    return terms.shorten(iri).removeprefix("ans:")

"""What changed from release to release: the list, and the difference of two by thing and by file, for people and as data.

What a page tells was compared by kg.changes. Things are named as in the release that answers; of what was withdrawn or removed
the address alone is told.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.negotiate import GRAPHS, HTML, JSON
from api.http.responses import PINNED, About, alternates, opened_of, read_once, reader_of, serve, write_json
from api.openapi import answers
from kg import changes, release, terms
from kg.answer import formats
from kg.changes import WHAT, Change, Changes, Told
from kg.errors import AnswerTooLarge, BadParameter, UnknownName
from kg.languages import N_
from kg.release import Release
from kg.store import write_triples
from kg.terms import LICENCE, Blank, Iri, Literal, to_json
from kg.wording import say

router = APIRouter(tags=["Changes"])

CSV = formats.by_name("csv", formats.ANSWER)
MARKDOWN = formats.by_name("md", formats.ANSWER)
LISTED = (HTML, JSON, CSV)
COMPARED = (HTML, JSON, CSV, MARKDOWN, *GRAPHS)
RELEASES_AT_ONCE = 10  # releases on a page of the list
THINGS_AT_ONCE = 12  # things on a page of a difference
MOST_SAID = 6  # properties of one thing that a page shows
LONGEST = 300  # characters of a text that a page shows
MOST_FILES = 40  # files that a page lists
SUMMARY = ("release", "before", "made", *WHAT, "files", "derived_triples")
COLUMNS = ("thing", "label", "class", "what", "sign", "property", "value", "derived")
CHANGESET = "http://purl.org/vocab/changeset/schema#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"
ACTIVITIES = {"created": "Create", "updated": "Update", "withdrawn": "Delete", "removed": "Delete", "derived": "Update"}
REASONS = {
    "withdrawn": "Withdrawn: a tombstone has taken its place.",
    "removed": "No source file states it any more.",
    "derived": "Only what the build derives changed.",
}
_SPACES = terms.PREFIXES | {"cs": CHANGESET, "as": ACTIVITY}


class _Asked(NamedTuple):
    """What is asked of the page of a difference: one kind of change, the number of the page; and what was withdrawn since."""

    what: str
    number: int
    gone: AbstractSet[str]


async def releases_of(request: Request) -> list[Release]:
    """List the releases that are here, up to the one that answers, the oldest first."""
    current = opened_of(request).release
    made = str(current.manifest["created"])
    listed = await asyncio.to_thread(release.releases, request.app.state.settings.out)
    known = [one for one in listed if str(one.manifest["created"]) <= made and one.id != current.id]
    return [*known, current]


async def compare(request: Request, old: Release, new: Release) -> Changes:
    """Tell what changed from one release to another; each pair is compared once."""
    return await request.app.state.releases.comparisons.compare(old, new)


@router.get("/changes", **answers(*LISTED))
@router.get("/changes.{suffix}", include_in_schema=False, **answers(*LISTED, errors=(404,)))
async def listed(
    request: Request,
    page: Annotated[
        str | None,
        Query(description="Which page of the list is shown, counted from 1; CSV and JSON have all.", examples=[1]),
    ] = None,
) -> Response:
    """What changed from release to release: how many things and files (.json .csv)."""
    offer = negotiate.pick(request.headers.get("accept"), LISTED, override=request.path_params.get("suffix"))
    about = About(N_("What changed"), terms.BASE + "changes", alternates("/changes", (JSON, CSV)))
    found = await releases_of(request)
    page = _page(read_once(request), ("page",))
    pairs = list(itertools.pairwise(found))[::-1]
    start = (page - 1) * RELEASES_AT_ONCE
    if page > 1 and start >= len(pairs):
        raise BadParameter(
            say("There is no page %(page)s", page=page), where="page", hint=say("Leave page out for the first")
        )

    async def make() -> bytes:
        shown = pairs[start : start + RELEASES_AT_ONCE] if offer is HTML else pairs
        told = [(new, one) for new, one in zip((b for _, b in shown), await _compare_all(request, shown), strict=True)]
        if offer is HTML:
            more = start + RELEASES_AT_ONCE < len(pairs)
            context = {"about": about, "told": told, "first": found[0], "number": page, "more": more}
            return await reader_of(request).fill("changes.html", **context)
        rows = [_summary(new, one) for new, one in told]
        if offer is JSON:
            return write_json({"releases": rows, "first": found[0].id, "license": LICENCE})
        cells = [{name: to_json(Literal(str(value))) for name, value in row.items()} for row in rows]
        return formats.write_csv(SUMMARY, cells)

    return await serve(request, offer, make, about=about, told=",".join(one.id for one in found))


async def _compare_all(request: Request, pairs: Sequence[tuple[Release, Release]]) -> list[Changes]:
    return list(await asyncio.gather(*(compare(request, *pair) for pair in pairs)))


def _summary(new: Release, one: Changes) -> dict[str, Any]:
    counts = {what: one.count(what) for what in WHAT}
    named = {"release": new.id, "before": one.old, "made": new.manifest["created"]}
    return {**named, **counts, "files": len(one.files), "derived_triples": one.derived}


@router.get("/changes/{old}/{new}", **answers(*COMPARED, errors=(404, 410, 422)))
async def between(
    request: Request,
    old: Annotated[str, Path(description="The older release.")],
    new: Annotated[str, Path(description="The newer release; a suffix names a format.")],
    what: Annotated[str | None, Query(description="Only the things to which this happened.")] = None,
    page: Annotated[
        str | None,
        Query(description="Which page of the list is shown, counted from 1; CSV and JSON have all.", examples=[1]),
    ] = None,
) -> Response:
    """What changed from one release to another, by thing and by file (.json .csv .ttl .jsonld .nt .rdf; .md: release notes)."""
    out = request.app.state.settings.out
    name, suffix = negotiate.split_suffix(request.path_params["new"], COMPARED)
    old, new = release.find(out, request.path_params["old"]), release.find(out, name)
    if old.manifest["created"] >= new.manifest["created"]:
        there = f"/changes/{new.id}/{old.id}"
        hint = say("Write the older one first: %(there)s", there=there) if old.id != new.id else say("Name two")
        raise UnknownName(say("The second release is not newer than the first"), hint=hint)
    offer = negotiate.pick(request.headers.get("accept"), COMPARED, override=suffix)
    path = f"/changes/{old.id}/{new.id}"
    title = N_("What changed from one release to another")
    about = About(title, terms.BASE + path[1:], alternates(path, COMPARED[1:]))
    values = read_once(request)
    number, what = _page(values, ("page", "what")), values.get("what", "")
    if what and what not in WHAT:
        told = say("%(what)s is no kind of change", what=what[:40])
        raise BadParameter(told, where="what", hint=say("There are: %(known)s", known=", ".join(WHAT)))

    async def make() -> bytes:
        gone = {row["thing"] for row in await reader_of(request).ask("withdrawn")}
        found = (await compare(request, old, new)).hush(gone)
        if offer is HTML:
            return await _page_of(request, about, (old, new), found, _Asked(what, number, gone))
        if offer is MARKDOWN:
            return changes.write_notes(new, found).encode()
        if found.total > len(found.things):
            hint = say("Follow /changes/ldes, or compare the dumps of both releases")
            raise AnswerTooLarge(say("%(total)s things changed", total=found.total), hint=hint)
        told = await asyncio.to_thread(changes.tell, old, new, found.things, gone)
        return await asyncio.to_thread(_write, offer, new, found, told)

    headers = {} if offer is HTML else {"Cache-Control": PINNED}
    return await serve(request, offer, make, about=about, headers=headers)


def _page(values: Mapping[str, str], known: Sequence[str]) -> int:
    """Read the number of a page; raises BadParameter for that and for other parameters."""
    for name in values.keys() - {*known, "format"}:
        hint = say("There are: %(known)s", known=", ".join(known))
        raise BadParameter(say("There is no parameter %(name)s", name=name[:40]), where=name[:40], hint=hint)
    text = values.get("page", "1")
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):
        raise BadParameter(say("A page has a number from 1 on"), where="page")
    return int(text)


async def _page_of(
    request: Request, about: About, pair: tuple[Release, Release], found: Changes, asked: _Asked
) -> bytes:
    """Fill the page of a difference."""
    what, number, gone = asked
    chosen = [one for one in found.things if one.what == what] if what else list(found.things)
    start = (number - 1) * THINGS_AT_ONCE
    if number > 1 and start >= len(chosen):
        raise BadParameter(
            say("There is no page %(page)s", page=number), where="page", hint=say("Leave page out for the first")
        )
    told = await asyncio.to_thread(changes.tell, *pair, chosen[start : start + THINGS_AT_ONCE], gone)
    said = [one for each in told for one in (*each.before, *each.now)]
    classes = {kind for counts in found.counts.values() for kind in counts if kind}
    also = {each.change.thing for each in told} | {one.property for one in said} | classes
    also |= {one.value.value for one in said if isinstance(one.value, Iri)}
    context = {
        "about": about,
        "pair": pair,
        "found": found,
        "told": [(each, list(by_property(each))) for each in told],
        "what": what,
        "number": number,
        "more": start + THINGS_AT_ONCE < len(chosen),
        "chosen": len(chosen),
        "files": found.files[:MOST_FILES],
        "most": MOST_SAID,
        "gone": gone,
        "skos": terms.PREFIXES["skos"],
    }
    return await reader_of(request).fill("difference.html", also=also, **context)


def by_property(told: Told) -> Iterator[tuple[str, bool, list[Any], list[Any]]]:
    """Yield each property of a thing of which something is said otherwise: whether it is derived, what was said, what is said.

    What the build repeats in other vocabularies is left out, as on the page of a thing.
    """
    found: dict[tuple[bool, str], tuple[list[Any], list[Any]]] = {}
    for side, said in enumerate((told.before, told.now)):
        for one in said:
            if not one.is_derived or one.property.startswith(terms.VOCABULARY):
                found.setdefault((one.is_derived, one.property), ([], []))[side].append(to_json(one.value))
    for (derived, name), sides in sorted(found.items()):
        before, now = ([_short(value) for value in values] for values in sides)
        yield name, derived, before, now


def _short(value: dict[str, str]) -> dict[str, str]:
    """Cut a long text for a page."""
    text = value["value"]
    return {**value, "value": f"{text[:LONGEST].rstrip()} …"} if len(text) > LONGEST else value


def _write(offer: formats.Format, new: Release, found: Changes, told: Sequence[Told]) -> bytes:
    if offer is JSON:
        return write_json({**_as_json(new, found), "things": [_thing(each) for each in told], "license": LICENCE})
    if offer is CSV:
        return formats.write_csv(COLUMNS, [line for each in told for line in _lines(each)])
    return write_triples(_triples(new, found, told), offer.name, _SPACES)


def _as_json(new: Release, found: Changes) -> dict[str, Any]:
    files = [{"path": one.path, "how": one.how, "came": one.came, "went": one.went} for one in found.files]
    counts = {what: {kind or "(none)": number for kind, number in by.items()} for what, by in found.counts.items()}
    named = {"from": found.old, "to": found.new, "made": new.manifest["created"], "total": found.total}
    return {**named, "counts": counts, "derived_triples": found.derived, "files": files}


def _thing(told: Told) -> dict[str, Any]:
    one = told.change
    sides = {
        side: [{"property": s.property, "value": to_json(s.value), "derived": s.is_derived} for s in said]
        for side, said in (("before", told.before), ("now", told.now))
    }
    named = {"thing": one.thing, "label": one.label, "class": one.kind, "what": one.what}
    return {name: value for name, value in {**named, **sides}.items() if value}


def _lines(told: Told) -> Iterator[dict[str, dict[str, str]]]:
    """Write the lines of a thing: one a statement, or one without any."""
    one = told.change
    named = {
        "thing": Iri(one.thing),
        "label": Literal(one.label),
        "class": Literal(one.kind),
        "what": Literal(one.what),
    }
    head = {name: to_json(value) for name, value in named.items()}
    yes, no = (to_json(Literal(text)) for text in ("true", "false"))
    for sign, said in (("-", told.before), ("+", told.now)):
        for s in said:
            cells = {"sign": to_json(Literal(sign)), "property": to_json(Iri(s.property)), "value": to_json(s.value)}
            yield {**head, **cells, "derived": yes if s.is_derived else no}
    if not (told.before or told.now):
        yield head


def _triples(new: Release, found: Changes, told: Sequence[Told]) -> Iterator[tuple[Any, Iri, Any]]:
    """Write the difference as change sets (ChangeSet vocabulary), one a thing, and the releases as PROV tells them."""
    here, release_iri = f"{terms.BASE}changes/{found.old}/{found.new}", Iri(terms.RELEASE + found.new)
    time = Literal(str(new.manifest["created"]), _SPACES["xsd"] + "dateTime")
    yield release_iri, _iri("prov:wasRevisionOf"), Iri(terms.RELEASE + found.old)
    yield release_iri, _iri("prov:generatedAtTime"), time
    yield Iri(here), _iri("rdf:type"), _iri("prov:Collection")
    yield Iri(here), _iri("dcterms:license"), Iri(LICENCE)
    yield Iri(here), _iri("prov:wasDerivedFrom"), release_iri
    for each in told:
        one = each.change
        about = Iri(f"{here}#{one.thing.removeprefix(terms.BASE)}")
        yield Iri(here), _iri("prov:hadMember"), about
        yield about, _iri("rdf:type"), _iri("cs:ChangeSet")
        yield about, _iri("rdf:type"), _iri(f"as:{ACTIVITIES[one.what]}")
        yield about, _iri("cs:subjectOfChange"), Iri(one.thing)
        yield about, _iri("cs:createdDate"), time
        if reason := REASONS.get(one.what):
            yield about, _iri("cs:changeReason"), Literal(reason, language="en")
        yield from _statements(about, one, each)


def _statements(about: Iri, one: Change, told: Told) -> Iterator[tuple[Any, Iri, Any]]:
    """Write the statements that went and came; a blank node tells nothing outside its release."""
    nodes: list[tuple[Any, Iri, Any]] = []
    for name, said in (("cs:removal", told.before), ("cs:addition", told.now)):
        for number, s in enumerate((s for s in said if not isinstance(s.value, Blank)), 1):
            node = Iri(f"{about.value}/{name[3:]}-{number}")
            yield about, _iri(name), node
            nodes.append((node, _iri("rdf:type"), _iri("rdf:Statement")))
            nodes.append((node, _iri("rdf:subject"), Iri(one.thing)))
            nodes.append((node, _iri("rdf:predicate"), Iri(s.property)))
            nodes.append((node, _iri("rdf:object"), s.value))
    yield from nodes


def _iri(name: str) -> Iri:
    prefix, _, local = name.partition(":")
    return Iri(_SPACES[prefix] + local)

"""What a catalogue says of a release: its manifest, and the data sets that come beside its dumps, the tables and the crosswalks."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from kg import crosswalks, tables, terms
from kg.catalogue import File, ReleaseFacts, Supplement
from kg.languages import DEFAULT, LANGUAGES, N_, speak
from kg.release import DUMPS, Release
from kg.store import GRAPH_MEDIA_TYPES
from kg.terms import Literal

_ROW = N_("One row is %(unit)s.")


def facts_of(
    release: Release, releases: Iterable[Release] = (), started: str = "", *, is_whole: bool = False
) -> ReleaseFacts:
    """Read from the manifest of a release what a catalogue says of it, and from a list of releases which came before it.

    `started` is when its build began, as `catalogue.read` finds it. If `is_whole`, read too what comes beside its dumps.
    """
    manifest, hashes = release.manifest, release.manifest["outputs"]
    return ReleaseFacts(
        release.id,
        started,
        manifest["created"],
        manifest["triples"]["total"],
        [
            File(f"dumps/{name}", GRAPH_MEDIA_TYPES[form], release.dumps[name].stat().st_size, hashes[f"dumps/{name}"])
            for form, name in DUMPS.items()
        ],
        manifest["inputs"],
        {new.id: old.id for old, new in pairwise(releases)}.get(release.id, ""),
        read(release.path, hashes) if is_whole else (),
    )


def read(release: Path, hashes: Mapping[str, str]) -> list[Supplement]:
    """Read those of a release folder, of whose files these are the SHA-256 by their paths; where there are none, nothing.

    Raises SourceError for a crosswalk that cannot be read.
    """
    package = tables.load(release) or {"resources": ()}
    supplements = [_table(resource) for resource in package["resources"]]
    for walk in crosswalks.read(release, hashes).values():
        file = File(walk.path, crosswalks.MEDIA_TYPE, (release / walk.path).stat().st_size, hashes[walk.path])
        about = [Literal(walk.description, language=DEFAULT)]
        path = f"{crosswalks.FOLDER}/{walk.name}"
        supplements.append(Supplement(path, walk.title, about, [file], walk.head["license"], crosswalks.STANDARD))
    return supplements


def _table(resource: Mapping[str, Any]) -> Supplement:
    """Tell of a table what one row of it is, and in English, as in its codebook, how to read it."""
    unit, about = resource["unit"], []
    for code in LANGUAGES:
        speaks, more = speak(code).gettext, f" {resource['description']}" if code == DEFAULT else ""
        if code == DEFAULT or speaks(unit) != unit:
            about.append(Literal(speaks(_ROW) % {"unit": speaks(unit)} + more, language=code))
    files = [
        File(f"{tables.FOLDER}/{file['path']}", file["mediatype"], file["bytes"], file["hash"].removeprefix("sha256:"))
        for file in resource["files"]
    ]
    path, coverage = f"{tables.FOLDER}/{resource['name']}", resource.get("coverage")
    return Supplement(path, resource["title"], about, files, terms.LICENCE, coverage=coverage)

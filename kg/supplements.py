"""The data sets that come with a release beside its dumps, for its catalogue: the tables and the crosswalks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from kg import crosswalks, tables, terms
from kg.catalogue import File, Supplement
from kg.crosswalks import Crosswalk
from kg.languages import DEFAULT, LANGUAGES, N_, speak
from kg.tables import TableFile
from kg.terms import Literal

_ROW = N_("One row is %(unit)s.")


def read(release: Path, hashes: Mapping[str, str]) -> list[Supplement]:
    """Read those of a release folder, of whose files these are the SHA-256 by their paths; where there are none, nothing.

    Raises SourceError for a crosswalk that cannot be read.
    """
    by_table = groupby(tables.files(release), key=attrgetter("table"))
    found = [_table(list(files)) for _, files in by_table]
    for name in crosswalks.names(hashes):
        path = f"{crosswalks.FOLDER}/{name}{crosswalks.SUFFIX}"
        file = File(path, crosswalks.MEDIA_TYPE, (release / path).stat().st_size, hashes[path])
        found.append(_crosswalk(crosswalks.read(release, name), file))
    return found


def _crosswalk(one: Crosswalk, file: File) -> Supplement:
    about = [Literal(one.told, language=DEFAULT)]
    path = f"{crosswalks.FOLDER}/{one.name}"
    return Supplement(path, one.title, about, [file], one.head["license"], crosswalks.STANDARD)


def _table(files: Sequence[TableFile]) -> Supplement:
    """Tell of a table what one row of it is, and in English, as in its codebook, how to read it."""
    first, about = files[0], []
    for code in LANGUAGES:
        speaks, more = speak(code).gettext, f" {first.about}" if code == DEFAULT else ""
        if code == DEFAULT or speaks(first.unit) != first.unit:
            about.append(Literal(speaks(_ROW) % {"unit": speaks(first.unit)} + more, language=code))
    held = [File(f"{tables.FOLDER}/{one.name}", one.media_type, one.size, one.sha256) for one in files]
    return Supplement(f"{tables.FOLDER}/{first.table}", first.title, about, held, terms.LICENCE)

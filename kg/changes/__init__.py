"""What changed from one release to another: by thing, by file, as versions of things and in words."""

from kg.changes.apart import bounds_apart, compare_apart
from kg.changes.difference import (
    CREATED,
    DERIVED,
    REMOVED,
    STATED,
    UPDATED,
    WHAT,
    WITHDRAWN,
    Change,
    Changes,
    File,
    changed_files,
    compare,
    triples,
)
from kg.changes.reading import Dump, forget_dumps, holds, open_dump
from kg.changes.statements import Said, Told, tell
from kg.changes.stream import Version, bounds, versions
from kg.changes.writing import COLUMNS, describe, summarise, to_json, to_rows, write_notes

"""What changed from one release to another: by thing, by file, as versions of things and in words."""

from kg.changes.apart import bounds_apart, compare_apart
from kg.changes.difference import (
    CREATED,
    DERIVED,
    REMOVED,
    UPDATED,
    WHAT,
    WITHDRAWN,
    Change,
    Changes,
    File,
    changed_files,
    compare,
    is_tombstone,
    triples,
)
from kg.changes.notes import write_notes
from kg.changes.reading import Dump, forget_dumps, open_dump
from kg.changes.statements import Said, Told, tell
from kg.changes.stream import Version, bounds, versions, write_versions

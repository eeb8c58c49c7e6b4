"""What changed from one release to another: by thing, by file, as versions of things and in words."""

from kg.changes.apart import run_apart
from kg.changes.change import CREATED, DERIVED, REMOVED, STATED, UPDATED, WHAT, WITHDRAWN, Change, Changes, FileChange
from kg.changes.difference import changed_files, compare, triples
from kg.changes.report import COLUMNS, describe, summarise, to_json, to_rows, write_notes
from kg.changes.stream import pages

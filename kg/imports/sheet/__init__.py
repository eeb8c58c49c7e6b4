"""A spreadsheet that a person fills in, as things of the graph: read, judged, and filed as Turtle that people can read.

`read(grids, known)` needs no file: it turns what `workbook.unpack` read from the bytes of a workbook into triples or into the
list of all that is wrong, so that a server can judge a spreadsheet that it never stores. `Store.memory` or that of a release
tells what is `known`; `Read.triples` are then all that the spreadsheet says."""

from kg.imports.sheet.known import SheetVocabulary, learn, other_names
from kg.imports.sheet.reading import Mistake, Read, SheetThing, read
from kg.imports.sheet.workbook import Grid, unpack

"""A spreadsheet that a person fills in, as tables of data/tables/ that people can read.

`read` needs no file: it turns what `workbook.unpack` read from the bytes of a workbook into tables, or into the list of all that is
wrong, so that a server can judge a spreadsheet that it never stores. It is no `kg import table`, since people write names in cells, and
spreadsheet programs change them."""

from kg.imports.sheet.known import SheetVocabulary, learn, other_names
from kg.imports.sheet.reading import Mistake, Read, read
from kg.imports.sheet.workbook import Grid, unpack

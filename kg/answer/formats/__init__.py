"""What an answer can be written as: one table of formats, and a module for each family of writers."""

from kg.answer.formats.document import describe_comparison
from kg.answer.formats.separated import write_values
from kg.answer.formats.table import (
    ANSWER,
    BINDINGS,
    FORMATS,
    GRAPH,
    PAGE,
    Format,
    by_name,
    formats_of,
    write_answer,
    write_csv,
    write_query,
    write_sheet,
    write_table,
)
from kg.answer.formats.values import in_words, name_changed, spoken

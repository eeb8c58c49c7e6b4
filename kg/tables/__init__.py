"""Tidy tables: described by the headers of their queries, made at the build, written as CSV, Parquet and XLSX with a codebook."""

from kg.tables.header import TableColumn, TidyTable, parse_table, parse_tables
from kg.tables.package import FOLDER, FORMATS, PACKAGE, load, make

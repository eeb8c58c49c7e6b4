"""The embedded engine: the only package that imports it. Rows and triples are read in the thread that asked for them."""

from kg.store.complaints import is_out_of_memory, out_of_memory, parse
from kg.store.query import LIMITS, Limits, Query
from kg.store.results import (
    GRAPH_MEDIA_TYPES,
    ROW_MEDIA_TYPES,
    WAIT,
    Rows,
    Serialized,
    Triples,
    choose_format,
    too_large,
    transcribe,
)
from kg.store.store import Store
from kg.store.turtle import write_triples, write_turtle

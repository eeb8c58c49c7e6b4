"""The embedded engine: the only package that imports it. Rows and triples are read in the thread that asked for them."""

from kg.store.messages import out_of_memory, parse
from kg.store.rdf import (
    GRAPH_MEDIA_TYPES,
    ROW_MEDIA_TYPES,
    Triple,
    read_quads,
    rewrite_triples,
    used_prefixes,
    write_triples,
    write_turtle,
)
from kg.store.results import LIMITS, Limits, Query, Rows, Serialized, choose_format, transcribe
from kg.store.store import Store

"""JSON-LD with a context of our own: the context, made from the ontology, and documents written with it."""

from kg.jsonld.compacting import Compactor
from kg.jsonld.context import FOLDER, make_context, version_of

__all__ = ["FOLDER", "Compactor", "make_context", "version_of"]

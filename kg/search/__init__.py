"""The search: an index of names and texts that a build writes into its release, and how it is asked."""

from kg.search.finding import Found, Group, Results, Search, Suggestion
from kg.search.writing import FILE, write

__all__ = ["FILE", "Found", "Group", "Results", "Search", "Suggestion", "write"]

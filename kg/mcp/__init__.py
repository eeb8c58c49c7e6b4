"""Serves one release to a language model over the Model Context Protocol, to read only: its questions, search and things as tools."""

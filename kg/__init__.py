"""The knowledge graph: from Turtle files to verified releases, and from questions to cited answers."""

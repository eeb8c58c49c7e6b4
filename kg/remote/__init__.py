"""A finished release in another SPARQL server, and answers from there."""

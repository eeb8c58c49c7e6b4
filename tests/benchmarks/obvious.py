"""The build as one would first write it: rdflib reads all, owlrl closes all under OWL 2 RL, pySHACL validates all.

A program of its own, so that its time and memory can be measured. Prints the seconds of each step as it ends.
"""

import sys
import time
from pathlib import Path

import owlrl
import pyshacl
from rdflib import Graph


def main(project):
    """Read, close and validate a project folder."""
    began = time.monotonic()
    data, shapes = Graph(), Graph()
    for graph, folder in ((data, "ontology"), (data, "data"), (shapes, "shapes")):
        for path in sorted((project / folder).rglob("*.ttl")):
            graph.parse(path)
    print(f"parse {time.monotonic() - began:.1f}", flush=True)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(data)
    print(f"close {time.monotonic() - began:.1f}", flush=True)
    pyshacl.validate(data, shacl_graph=shapes)
    print(f"validate {time.monotonic() - began:.1f}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

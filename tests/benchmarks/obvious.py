"""The build as one would first write it: rdflib reads all, owlrl closes all under OWL 2 RL, pySHACL validates all.

A program of its own, so that its time and memory can be measured. Prints the seconds of each step as it ends.
"""

import sys
import time
from pathlib import Path

import owlrl
import pyshacl
from rdflib import Graph


def run(project, say):
    """Read, close and validate a project folder; tell `say` the name of each step as it ends."""
    data, shapes = Graph(), Graph()
    for folder in ("ontology", "data"):
        for path in sorted((project / folder).rglob("*.ttl")):
            data.parse(path)
    for path in sorted((project / "shapes").rglob("*.ttl")):
        shapes.parse(path)
    say("parse")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(data)
    say("close")
    pyshacl.validate(data, shacl_graph=shapes)
    say("validate")
    return data


if __name__ == "__main__":
    began = time.monotonic()
    run(Path(sys.argv[1]), lambda step: print(f"{step} {time.monotonic() - began:.1f}", flush=True))

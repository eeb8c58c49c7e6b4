"""Use the data of Answerable beside your own: a thing as a tree, and your data validated. See README.md beside this file."""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from urllib.parse import urljoin

import httpx
from pyld import jsonld
from pyshacl import validate
from rdflib import RDF, SH, Graph


class Source:
    """Fetches from one server; with a folder, what was fetched once is read from there."""

    def __init__(self, server, folder=None, client=None):
        self.server, self.folder = server.rstrip("/") + "/", folder
        self.client = client or httpx.Client(follow_redirects=True, timeout=30)

    def fetch(self, address, media_type):
        """Return the bytes at an address, absolute or beneath the server."""
        address = urljoin(self.server, address)
        kept = self.folder and self.folder / hashlib.sha256(f"{media_type} {address}".encode()).hexdigest()
        if kept and kept.exists():
            return kept.read_bytes()
        answer = self.client.get(address, headers={"Accept": media_type})
        answer.raise_for_status()
        if kept:
            self.folder.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(answer.content)
        return answer.content

    def load(self, address, options=None):
        """Fetch a context or a document, as pyld asks for it."""
        document = json.loads(self.fetch(address, "application/ld+json"))
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": address, "document": document}


def tree(source, thing):
    """Return the document about a thing as one tree, by the frame of its class.

    A thing has its own class and those above it; the first that has a frame is taken.
    """
    document = source.load(thing)["document"]
    first = document["@graph"][0]
    kinds = first["@type"] if isinstance(first["@type"], list) else [first["@type"]]
    frame = source.load(f"frame/{next(kind for kind in kinds if ':' not in kind)}")["document"]
    return jsonld.frame(document, frame, {"documentLoader": source.load, "omitGraph": True})


def check(source, path):
    """Validate a file of your own; return whether it conforms, and the report as a graph."""
    graph = lambda address: Graph().parse(data=source.fetch(address, "text/turtle"), format="turtle")
    conforms, report, _ = validate(
        Graph().parse(path), shacl_graph=graph("shapes"), ont_graph=graph("ontology"), allow_warnings=True
    )
    return conforms, report


def explain(report):
    """Yield a line for each result: how grave it is, about what, and the sentence of the shape."""
    for result in sorted(report.subjects(RDF.type, SH.ValidationResult)):
        said = [report.value(result, what) for what in (SH.resultSeverity, SH.focusNode, SH.resultMessage)]
        if (None, SH.result, result) in report:  # not the details of another result
            yield f"{said[0].fragment}: {said[1]}: {said[2]}"


def main():
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="such as https://w3id.org/answerable/")
    parser.add_argument("thing", help="such as id/event/2011-12-16-zhanaozen")
    parser.add_argument("data", type=Path, help="a file of your own, in Turtle or JSON-LD")
    parser.add_argument("--keep", type=Path, help="a folder for what is fetched; then it works without a network")
    parser.add_argument("--format", choices=("text", "turtle"), default="text", help="of the report")
    given = parser.parse_args()
    source = Source(given.server, given.keep)
    print(json.dumps(tree(source, given.thing), ensure_ascii=False, indent=1))
    conforms, report = check(source, given.data)
    print(
        report.serialize(format="turtle") if given.format == "turtle" else "\n".join(explain(report)), file=sys.stderr
    )
    return 0 if conforms else 1


if __name__ == "__main__":
    sys.exit(main())

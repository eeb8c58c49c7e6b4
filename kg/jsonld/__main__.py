"""Writes the context of the ontology's version, for whoever changed the ontology; `python -m kg.jsonld`."""

import json

from kg.config import PROJECT
from kg.jsonld.context import FOLDER, make_context, version_of

if __name__ == "__main__":
    files = sorted((PROJECT / "ontology").rglob("*.ttl"))
    path = FOLDER / f"{version_of(files)}.jsonld"
    path.write_text(json.dumps(make_context(files), indent=1) + "\n", encoding="utf-8")
    print(path)

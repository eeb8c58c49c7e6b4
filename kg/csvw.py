"""What the metadata of every CSV file share (CSV on the Web): what they are called, and how the file is read."""

import json
from collections.abc import Mapping
from typing import Any

from kg.terms import LICENCE

MEDIA_TYPE = "application/csvm+json"
SUFFIX = "csv-metadata.json"


def write(members: Mapping[str, Any]) -> bytes:
    """Write the metadata of a table or of a group of tables, of which `members` say all that differs."""
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:license": {"@id": LICENCE},
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n"]},
        **members,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()

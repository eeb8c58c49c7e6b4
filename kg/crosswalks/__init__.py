"""Crosswalks: how things of the graph correspond to those of other vocabularies, as SSSOM.

One that is a judgement of our own is a file, data/crosswalks/*.sssom.tsv. One that the graph states already is made from it by a query.
A build puts both into the release, and a server reads them there.
"""

from collections.abc import Iterable
from pathlib import Path

from kg.crosswalks.query import make, parse_query
from kg.crosswalks.sssom import (
    COLUMNS,
    FOLDER,
    MEDIA_TYPE,
    PREDICATES,
    STANDARD,
    SUFFIX,
    Crosswalk,
    Line,
    faults,
    parse,
)


def read(release: Path, outputs: Iterable[str]) -> dict[str, Crosswalk]:
    """Read the crosswalks among the files of a release folder, by name. Raises SourceError for one that cannot be read."""
    paths = sorted(path for path in outputs if path.startswith(f"{FOLDER}/") and path.endswith(SUFFIX))
    names = {path.removeprefix(f"{FOLDER}/").removesuffix(SUFFIX): path for path in paths}
    return {name: parse(name, (release / path).read_bytes()) for name, path in names.items()}

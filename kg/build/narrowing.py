"""What a check of a few changed files may take over from the current release, whose other inputs are the same."""

from __future__ import annotations

import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kg import terms
from kg.build.inference import ONTOLOGY_CLOSURE
from kg.build.inputs import CODE, Inputs, versions
from kg.build.sources import Source
from kg.errors import ReleaseCorrupt, UnknownName
from kg.release import Release, current, hash_file
from kg.store import Store

RULE = "queries/rules/narrowed.rq"  # leaves out, before inference, what cannot concern a file of the folders it names
_FOLDERS = re.compile(r"^#\+ folders: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reuse:
    """A release that conforms, and the sources that have changed since; `rule` is the text of RULE."""

    release: Release
    changed: tuple[Source, ...]
    rule: str

    def closure(self) -> bytes:
        """The closed ontology, as N-Triples."""
        target = io.BytesIO()
        with Store.open(self.release.store_path) as store:
            store.dump(target, format="nt", graph=ONTOLOGY_CLOSURE)
        return target.getvalue()

    def about(self, store: Store) -> frozenset[str]:
        """Name the things that a changed source describes, in a store of all sources, or described before."""
        with Store.open(self.release.store_path) as before:
            found = {
                row[0].value
                for one in (store, before)
                for source in self.changed
                for row in one.query(f"SELECT DISTINCT ?s {{ GRAPH <{source.graph}> {{ ?s ?p ?o }} }}")
                if isinstance(row[0], terms.Iri)
            }
        return frozenset(found)


def find(out: Path, inputs: Inputs, names: Collection[str]) -> Reuse | None:
    """Find the current release, if nothing but inputs of these names has changed since it was built and the rule allows it."""
    rule = next((one.text for one in inputs.queries if one.name == RULE), "")
    folders = match[1].split() if (match := _FOLDERS.search(rule)) else []
    try:
        release = current(out)
        manifest = release.manifest
    except (UnknownName, ReleaseCorrupt):
        return None
    before, now = manifest["inputs"], inputs.written
    recorded = {name: sha256 for name, sha256 in before.items() if name not in now}
    changed = {name for name in now if before.get(name) != now[name]}
    same = all((CODE / name).is_file() and hash_file(CODE / name) == sha256 for name, sha256 in recorded.items())
    if not same or manifest.get("plain") or manifest.get("versions") != versions() or not changed <= set(names):
        return None
    if not all(name.startswith(tuple(f"{folder}/" for folder in folders)) for name in names):
        return None
    wanted = tuple(source for source in inputs.sources if source.name in names)
    return Reuse(release, wanted, rule)

"""Which addresses of the site a release holds something at (Memento, RFC 7089)."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from kg import terms
from kg.errors import BadParameter
from kg.release import Release
from kg.store import Store
from kg.terms import Iri

# The spaces of the IRIs of things, by the sections of the site that show them.
SPACES = {"id": terms.ID, "doc": terms.ID, "scheme": terms.SCHEME}
_HOLDS = f"ASK {{ ?thing ?property ?value FILTER NOT EXISTS {{ ?thing a <{terms.term('Tombstone')}> }} }}"


def holds(release: Release, section: str, names: Iterable[str]) -> bool:
    """Whether a release has something of one of these names in a section of its site, such as `doc`; a tombstone is nothing."""
    return any(_holds(release, release.sha256, section, name) for name in names)


@lru_cache(4096)
def _holds(release: Release, sha256: str, section: str, name: str) -> bool:
    if section in SPACES:
        with Store.open(release.store_path) as store:
            try:
                return store.ask(_HOLDS, bindings={"thing": Iri(SPACES[section] + unquote(name))})
            except BadParameter:  # no IRI
                return False
    if section in ("questions", "embed"):
        return (release.questions_path / f"{name.rpartition('/')[2]}.rq").is_file()
    if section == "graph":
        return terms.GRAPH + name in release.manifest["triples"]["graphs"]
    return section != "dumps" or f"dumps/{name.removesuffix('.sha256')}" in release.manifest["outputs"]

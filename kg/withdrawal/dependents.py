"""The things that cannot stay without what is withdrawn: judged by the shapes, on what the current release states of them."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from kg import release, terms
from kg.build import inputs, shapes
from kg.build.places import Places
from kg.store import Store, Triple

_LINKS = """SELECT DISTINCT ?thing WHERE {{
  VALUES ?gone {{ {things} }}
  GRAPH ?graph {{ ?thing ?link ?gone }}
  FILTER (STRSTARTS(STR(?graph), "{stated}"))
}}"""
_STATED = """SELECT ?thing ?link ?value WHERE {{
  VALUES ?thing {{ {things} }}
  GRAPH ?graph {{ ?thing ?link ?value }}
  FILTER (STRSTARTS(STR(?graph), "{stated}"))
}}"""
_DATA = f"{terms.GRAPH}data/"


def find(out: Path, root: Path, data: Sequence[Path], things: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each thing that has to go or to be edited too, and why; then those that hang on it in turn.

    Nothing is found where no release is current.
    """
    current = release.find_current(out)
    if current is None or not things:
        return
    sources = inputs.read(root, data).sources
    judges = [source for source in sources if source.kind != "data"]
    gone, new = set(things), set(things)
    with Store.open(current.store_path) as stated:
        while new:
            rows = stated.select(_LINKS.format(things=_listed(new), stated=_DATA))
            linked = {thing.value for (thing,) in rows} - gone
            said = stated.select(_STATED.format(things=_listed(linked), stated=_DATA))
            triples = [(thing, link, value) for thing, link, value in said]
            left = [triple for triple in triples if triple[2].value not in gone]
            lacks = _judge(judges, left) - _judge(judges, triples)
            reasons = {focus: message for focus, message in sorted(lacks) if focus in linked}
            yield from sorted(reasons.items())
            new = {*reasons}
            gone |= new


def _judge(judges: Sequence[inputs.Source], triples: Sequence[Triple]) -> set[tuple[str, str]]:
    """List which things lack what, by the shapes among the sources."""
    with Store.memory() as store:
        inputs.load(store, [source for source in judges if source.kind == "ontology"])
        store.add((*triple, _DATA) for triple in triples)
        return {(result.focus, result.message) for result in shapes.validate(store, judges, Places(()))}


def _listed(things: Collection[str]) -> str:
    return " ".join(f"<{thing}>" for thing in sorted(things))

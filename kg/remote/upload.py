"""What a SPARQL server holds: the releases put into it by a build, and how it is told and asked which.

    the graph HELD                    which releases are whole, whose the named graphs are, what a build is still making
    release/<id>/merged               the merge of all graphs of a release, each triple once: the default graph of queries
    release/<id>/staged/<n>           what a build has not finished: what the rules derive, and graphs with blank nodes
    every other graph of the release  under its own name, since that name is data

Promises that a release is noted as whole only if the server derived what the embedded engine derives, triple for triple, and
holds as many triples as were sent, and that the note about the
named graphs goes before the first of them changes and comes after the last. Until then the release before answers all queries;
from then on, its merge still answers those without GRAPH, until the next build. A build that fails or is killed leaves
graphs of its own behind at most, which the next one removes. Never touches a graph that is not of a release of ours.
Two builds into one server at the same time are not kept apart.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from kg import sparql, store, terms
from kg.errors import BuildError, EngineFailed, ReleaseCorrupt
from kg.remote.server import Engine
from kg.sparql import rewrite
from kg.store import Store
from kg.terms import Blank, Iri, Literal, Term

PATIENCE = 3600.0  # seconds that one request of a build may take
AT_ONCE_STORED = 20_000  # triples in one request of the Graph Store Protocol
AT_ONCE = 300  # triples in one INSERT DATA: Virtuoso makes SQL of each, of 10,000 lines at most
_PROV = terms.PREFIXES["prov"]
_PART = f"<{terms.PREFIXES['dcterms']}hasPart>"
_VALUE, _FROM = f"<{_PROV}value>", f"<{_PROV}wasDerivedFrom>"
_HELD = f"<{terms.HELD}>"
_BLANK = re.compile(rb"(?:^|(?<=> ))_:\S+")  # as a subject or an object, not in a text


@dataclass(frozen=True, slots=True)
class Holding:
    """What a server must hold to answer for a release: its id, its manifest's SHA-256, its graphs and their triples."""

    release: str
    sha256: str
    total: int
    graphs: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from a release folder. Raises ReleaseCorrupt."""
        where = folder / "manifest.json"
        try:
            data = where.read_bytes()
            manifest = json.loads(data)
            triples = manifest["triples"]
            return cls(
                manifest["id"],
                hashlib.sha256(data).hexdigest(),
                int(triples["total"]),
                tuple(sorted(triples["graphs"])),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseCorrupt(f"The manifest cannot be read ({error})", where=str(where)) from None

    @property
    def merged(self) -> str:
        """The graph with the merge of all graphs, each triple once."""
        return terms.part_of_release(self.release, "merged")

    @property
    def whole(self) -> str:
        """The ASK whether the server holds the merge of this release."""
        return f'ASK {{ <{terms.RELEASE}{self.release}> {_VALUE} "{self.sha256}" }}'

    @property
    def named(self) -> str:
        """The ASK whether the server's named graphs are those of this release, too."""
        return (
            f'ASK {{ <{terms.RELEASE}{self.release}> {_VALUE} "{self.sha256}" . '
            f"{_HELD} {_FROM} <{terms.RELEASE}{self.release}> }}"
        )

    def confirm(self, engine: Engine, *, seconds: float, named: bool = True) -> None:
        """Raise EngineFailed unless the server holds this very release."""
        if not engine.holds(self.named if named else self.whole, seconds=seconds):
            raise EngineFailed(
                f"The engine does not hold the release {self.release}",
                where=engine.url,
                hint="Put it there with `kg build --engine URL`",
            )


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a SELECT in terms of ours, with the interface of kg.store.Rows."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read it from SPARQL JSON."""
        answer = json.loads(body)
        names = answer["head"]["vars"]
        return cls(
            tuple(names),
            tuple(tuple(_term(row.get(name)) for name in names) for row in answer["results"]["bindings"]),
        )

    def __iter__(self) -> Iterator[tuple[Term | None, ...]]:
        return iter(self.rows)


class Depot:
    """A server that a build puts its releases into."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def server(self) -> str:
        """What the server calls itself, with its version as a rule."""
        if not self.engine.server:
            self.engine.holds("ASK {}", seconds=60)
        return self.engine.server or "unknown"

    def holds(self, folder: Path) -> bool:
        """Say whether the server holds the release in a folder, and that one's named graphs."""
        return self.engine.holds(Holding.read(folder).named, seconds=60)

    def stage(self, release: str) -> Staging:
        """Begin to put a release into the server, after what unfinished builds left there is removed."""
        known = _records(self.engine)
        for subject, part in sorted(known.parts):
            if subject not in known.whole:
                self.engine.update(f"DROP SILENT GRAPH <{part}>", seconds=PATIENCE)
                self.engine.update(f"DELETE WHERE {{ GRAPH {_HELD} {{ <{subject}> ?p ?o }} }}", seconds=PATIENCE)
        return Staging(self.engine, release)


class Staging:
    """A release on its way into a server, with the interface of Store: what is stated is read here, what follows there.

    Up to `copy_named_into_default` everything is in memory; that call sends the merge of all graphs, and from then on updates
    and queries are the server's. `settle` derives here as well, compares the two, and from then on the memory
    answers again, whole; `finish` makes the release the one that the server holds.
    """

    def __init__(self, engine: Engine, release: str) -> None:
        self.local = Store.memory()
        self._engine, self._release = engine, release
        self._merged = terms.part_of_release(release, "merged")
        self._staged: dict[str, str] = {}
        self._is_sent = self._asks_there = False
        self._subject = terms.RELEASE + release

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.discard()
        self.local.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.local, name)  # load, graphs, dump, dump_all, save, answer: about what is here

    def copy_named_into_default(self) -> None:
        """Send the merge of all named graphs, and beside it the graphs that are kept apart until the end."""
        tangled = {graph for graph in self.local.graphs() if self._has_blanks(graph)}
        apart = [terms.INFERRED, terms.LINKS, *sorted(tangled)]
        self._staged = {
            graph: terms.part_of_release(self._release, f"staged/{n}") for n, graph in enumerate(dict.fromkeys(apart))
        }
        parts = [self._merged, *self._staged.values()]
        listed = " , ".join(f"<{part}>" for part in parts)
        self._update(f"INSERT DATA {{ GRAPH {_HELD} {{ <{self._subject}> {_PART} {listed} }} }}")
        self._is_sent = self._asks_there = True
        for part in parts:
            self._update(f"DROP SILENT GRAPH <{part}>")
        seen: set[bytes] = set()
        pieces: list[tuple[Sequence[str], list[bytes]]] = []
        for graph in self.local.graphs():
            lines = _lines(self.local, graph)
            if graph in self._staged:  # a blank node must be one and the same in both graphs
                pieces += [((self._staged[graph], self._merged), piece) for piece in _whole_pieces(lines)]
            else:
                fresh = [line for line in lines if line not in seen]
                seen.update(fresh)
                pieces += [((self._merged,), fresh)] if fresh else []
        self._send(pieces)

    def update(self, text: str) -> None:
        """Run a rule in the server: it reads the merge, and what it adds goes there and into the staged graph it names."""
        sparql.refuse_fetching(text)
        self._update(rewrite.with_graph(rewrite.rename_graphs(text, self._staged), self._merged))

    def count(self, graph: str | None = None) -> int:
        """Count the triples of a graph, of the merge when None: there while the server is at work, else here."""
        if not self._asks_there or graph not in (None, *self._staged):
            return self.local.count(graph)
        return self._engine.count(self._merged if graph is None else self._staged[graph], seconds=PATIENCE)

    def query(self, text: str, *, union: bool = False) -> Any:
        """Ask a SELECT for the build: of the server, unless it is asked of the named graphs, which are only here yet."""
        if union or not self._asks_there or rewrite.names_graphs(text):
            return self.local.query(text, union=union)
        store.parse(text)
        sent = rewrite.with_dataset(text, [self._merged], [])
        return Table.read(self._engine.rows(sent, seconds=PATIENCE))

    def settle(self, derive: Callable[[Store], object] = lambda store: None) -> None:
        """Make this whole by `derive`, and raise BuildError unless the server derived the very same and holds just that.

        An engine may leave out what follows, or make up what does not, and say nothing (one was seen to do both); about
        the duties of States that must not pass.
        """
        self.local.copy_named_into_default()
        derive(self.local)
        for graph in (terms.INFERRED, terms.LINKS):
            query = f"CONSTRUCT {{ ?s ?p ?o }} FROM <{self._staged[graph]}> WHERE {{ ?s ?p ?o }}"
            with Store.memory() as derived:
                body = self._engine.triples(query, seconds=PATIENCE)
                derived.load(body, format="nt", graph=graph, source="what the engine derived")
                theirs, ours = set(_lines(derived, graph)), set(_lines(self.local, graph))
            if theirs != ours:
                example = min(theirs ^ ours).decode().strip()
                raise BuildError(
                    f"The engine derived {len(theirs - ours)} triples too many and {len(ours - theirs)} too few, such as {example}",
                    hint="Use another engine, or build without one",
                )
        self.local.copy_named_into_default()
        there = {graph: self._engine.count(name, seconds=PATIENCE) for graph, name in self._staged.items()} | {
            None: self._engine.count(self._merged, seconds=PATIENCE)
        }
        for graph, counted in there.items():
            if counted != self.local.count(graph):
                raise BuildError(
                    f"The engine holds {counted} triples of {graph or 'the merge of all graphs'}, "
                    f"and {self.local.count(graph)} were sent to it or came from it",
                    hint="It drops or changes some: use another engine, or build without one",
                )
        self._asks_there = False

    def finish(self, folder: Path) -> None:
        """Make the release in a folder, of which this is the content, the one that the server holds."""
        held, known = Holding.read(folder), _records(self._engine)
        self._update(f"DELETE WHERE {{ GRAPH {_HELD} {{ {_HELD} {_FROM} ?release }} }}")
        for graph in sorted(known.named | set(held.graphs)):
            self._update(f"DROP SILENT GRAPH <{graph}>")
        listed = " , ".join(f"<{graph}>" for graph in held.graphs)
        self._update(f"DELETE WHERE {{ GRAPH {_HELD} {{ {_HELD} {_PART} ?graph }} }}")
        if listed:
            self._update(f"INSERT DATA {{ GRAPH {_HELD} {{ {_HELD} {_PART} {listed} }} }}")
        self._send([((graph,), _lines(self.local, graph)) for graph in held.graphs if graph not in self._staged])
        for graph, name in self._staged.items():
            if graph in held.graphs:
                self._update(f"MOVE SILENT GRAPH <{name}> TO GRAPH <{graph}>")
        there = sum(self._engine.count(graph, seconds=PATIENCE) for graph in held.graphs)
        here = sum(self.local.count(graph) for graph in held.graphs)
        if there != here:
            raise BuildError(f"The engine holds {there} triples in the named graphs, and {here} were sent to it")
        self._update(
            f"DELETE WHERE {{ GRAPH {_HELD} {{ <{self._subject}> {_PART} ?part }} }} ; "
            f'INSERT DATA {{ GRAPH {_HELD} {{ <{self._subject}> {_PART} <{held.merged}> ; {_VALUE} "{held.sha256}" . '
            f"{_HELD} {_FROM} <{self._subject}> }} }}"
        )
        for subject, part in known.parts:  # the release before keeps its merge, for those who still answer from it
            if subject not in (self._subject, known.current):
                self._update(f"DROP SILENT GRAPH <{part}>")
                self._update(f"DELETE WHERE {{ GRAPH {_HELD} {{ <{subject}> ?p ?o }} }}")

    def discard(self) -> None:
        """Take out of the server what this put there, if it still listens."""
        if not self._is_sent:
            return
        try:
            for part in [self._merged, *self._staged.values()]:
                self._update(f"DROP SILENT GRAPH <{part}>")
            self._update(f"DELETE WHERE {{ GRAPH {_HELD} {{ <{self._subject}> ?p ?o }} }}")
        except EngineFailed:  # the next build removes it
            return

    def _has_blanks(self, graph: str) -> bool:
        return any(_BLANK.search(line) for line in _lines(self.local, graph))

    def _update(self, text: str) -> None:
        self._engine.update(text, seconds=PATIENCE)

    def _send(self, pieces: Sequence[tuple[Sequence[str], Sequence[bytes]]]) -> None:
        """Add pieces to the graphs named with each, by the Graph Store Protocol where there is one, else by updates."""
        together: dict[Sequence[str], list[bytes]] = {}
        for graphs, lines in pieces:
            together.setdefault(graphs, []).extend(lines)
        if not self._engine.add(self._merged, b"", seconds=PATIENCE):
            self._insert(pieces)
            return
        for (graph, *others), lines in together.items():
            step = len(lines) if others else AT_ONCE_STORED  # blank nodes, which only one request can tell are the same
            for start in range(0, len(lines), step):
                self._engine.add(graph, b"".join(lines[start : start + step]), seconds=PATIENCE)
            for other in others:
                self._update(f"ADD GRAPH <{graph}> TO GRAPH <{other}>")

    def _insert(self, pieces: Sequence[tuple[Sequence[str], Sequence[bytes]]]) -> None:
        """Add pieces by INSERT DATA, many small ones in one request and a large one in several."""
        waiting: list[str] = []
        number = 0
        for graphs, lines in pieces:
            has_blanks = any(_BLANK.search(line) for line in lines)
            step = len(lines) if has_blanks else AT_ONCE // len(graphs)
            for start in range(0, len(lines), step or 1):
                some = lines[start : start + step]
                if waiting and number + len(some) * len(graphs) > AT_ONCE:
                    self._update("INSERT DATA {\n" + "\n".join(waiting) + "}")
                    waiting, number = [], 0
                text = b"".join(some).decode()
                waiting += [f"GRAPH <{graph}> {{\n{text}}}" for graph in graphs]
                number += len(some) * len(graphs)
        if waiting:
            self._update("INSERT DATA {\n" + "\n".join(waiting) + "}")


@dataclass(frozen=True, slots=True)
class _Records:
    """What the graph HELD says."""

    whole: frozenset[str]  # the releases whose merge is there
    parts: frozenset[tuple[str, str]]  # (release, a graph kept for it)
    named: frozenset[str]  # the named graphs of a release that are there, or were to be
    current: str | None  # the release whose they are


def _lines(store: Store, graph: str) -> list[bytes]:
    """Write a graph as lines of N-Triples."""
    buffer = io.BytesIO()
    store.dump(buffer, format="nt", graph=graph)
    return buffer.getvalue().splitlines(keepends=True)


def _records(engine: Engine) -> _Records:
    body = engine.rows(f"SELECT ?s ?p ?o FROM {_HELD} WHERE {{ ?s ?p ?o }}", seconds=60)
    rows = [tuple(row[name]["value"] for name in "spo") for row in json.loads(body)["results"]["bindings"]]
    parts = [(s, o) for s, p, o in rows if f"<{p}>" == _PART]
    current = [o for s, p, o in rows if f"<{p}>" == _FROM]
    return _Records(
        frozenset(s for s, p, o in rows if f"<{p}>" == _VALUE),
        frozenset((s, o) for s, o in parts if s != terms.HELD),
        frozenset(o for s, o in parts if s == terms.HELD),
        current[0] if current else None,
    )


def _term(cell: dict[str, str] | None) -> Term | None:
    if cell is None:
        return None
    if cell["type"] == "uri":
        return Iri(cell["value"])
    if cell["type"] == "bnode":
        return Blank(cell["value"])
    return Literal(cell["value"], cell.get("datatype"), cell.get("xml:lang"))


def _whole_pieces(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Divide the lines of a graph into pieces that share no blank node, those without any in one."""
    plain = [line for line in lines if not _BLANK.search(line)]
    if plain:
        yield plain
    pieces: dict[bytes, list[bytes]] = {}  # a blank node's label -> the piece it is in
    for line in lines:
        labels = _BLANK.findall(line)
        if not labels:
            continue
        joined = {id(pieces[label]): pieces[label] for label in labels if label in pieces}
        piece = [*(line for part in joined.values() for line in part), line]
        for label in {label for line in piece for label in _BLANK.findall(line)}:
            pieces[label] = piece
    yield from {id(piece): piece for piece in pieces.values()}.values()

"""A prefilter for pySHACL: shapes as questions to the engine, which name everything that may break one.

Whatever breaks a shape is among the suspects; where a shape cannot be put as a question, everything is one. Whether a
suspect conforms, pySHACL says.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg import terms
from kg.store import Store

_AT_ONCE = 500  # things asked after in one query
_DEEPEST = 20  # shapes within shapes; deeper means that they run in a circle
_FEW = 5  # values that are told apart pair by pair
_NOWHERE = "<urn:x-answerable:no-such-property>"

# What says nothing about the data, or is read together with the part that it belongs to.
_SILENT = {
    *(SH.path, SH.message, SH.severity, SH.name, SH.description, SH.targetClass, SH.targetSubjectsOf),
    *(SH.ignoredProperties, SH.qualifiedMinCount),
}
# Texts that are certainly values of their datatype. pySHACL judges the others, and every value of a datatype not named here.
_SURE = {
    XSD.string: "",
    XSD.anyURI: "",
    RDF.langString: "",
    XSD.boolean: "^(true|false)$",
    XSD.integer: "^[+-]?[0-9]{1,18}$",
    XSD.decimal: r"^[+-]?[0-9]{1,18}(\\.[0-9]{1,18})?$",
    XSD.date: "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$",
    XSD.gYearMonth: "^[12][0-9]{3}-(0[1-9]|1[0-2])$",
    XSD.gYear: "^[12][0-9]{3}$",
}
_KINDS = {SH.IRI: "isIRI", SH.BlankNode: "isBlank", SH.Literal: "isLiteral"}
_BOUNDS = {SH.minInclusive: ">=", SH.minExclusive: ">", SH.maxInclusive: "<=", SH.maxExclusive: "<"}


class _Unclear(Exception):
    """A part of a shape that cannot be put as a question."""


@dataclass(frozen=True, slots=True)
class Suspects:
    """The things that may break a shape, and the triples that decide whether they do.

    `about` is None when the triples are all there are: then pySHACL judges everything. What is only lacking a value needs no
    judge: `lacking` names such things, each with the property shape that wants one.
    """

    about: frozenset[str] | None
    triples: list[tuple[Node, Node, Node]]
    lacking: list[tuple[str, Node]] = field(default_factory=list)


def suspects(store: Store, shapes: Graph, about: frozenset[str] | None = None) -> Suspects:
    """Find what may break one of the shapes in any graph of a store, the shapes' own graphs included.

    With `about`, only those things are judged and the things that a shape may follow to one of them.
    """
    try:
        writer, targets, patterns = _written(shapes)
    except _Unclear:
        return _all(store)
    endless = "|".join(sorted(f"<{link}>" for link in {*writer.endless, str(RDFS.subClassOf)}))
    way = "/".join([f"({endless})*", *[f"(!{_NOWHERE})?/({endless})*"] * writer.reach])
    near = [""]
    if about is not None:
        near = list(_values("?this", sorted(_reaching(store, about, writer))))
    queries = (f"SELECT DISTINCT ?this WHERE {{ {these} {pattern} }}" for pattern in patterns for these in near)
    found = {row[0] for query in queries for row in store.select(query, union=True)}
    lacking = [one for shape, target in targets for one in _lacking(store, shapes, shape, target, near)]
    named = _iris(found)
    if len(named) < len(found) or not all(isinstance(thing, terms.Iri) for thing, _ in lacking):
        return _all(store)
    triples = []
    for these in _values("?this", named):
        query = f"CONSTRUCT {{ ?x ?p ?o }} WHERE {{ {these} ?this {way} ?x . ?x ?p ?o }}"
        triples += [tuple(map(_to_rdflib, triple)) for triple in store.construct(query, union=True)]
    return Suspects(frozenset(named), triples, [(thing.value, part) for thing, part in lacking])


@lru_cache(maxsize=1)
def _written(shapes: Graph) -> tuple[_Writer, list[tuple[Node, str]], list[str]]:
    """Write shapes, which must not change any more, as questions: each with its targets, and the pattern of what may break it."""
    writer, targets = _Writer(shapes), list(_targets(shapes))
    return writer, targets, [f"{target} FILTER({writer.fails(shape, '?this', 0, 0)[0]})" for shape, target in targets]


def _lacking(
    store: Store, shapes: Graph, shape: Node, target: str, near: list[str]
) -> Iterator[tuple[terms.Term, Node]]:
    """Yield each thing without a value that a part of a shape wants at least one of, and that part."""
    wanted: dict[Node, list[Node]] = {}
    for part in sorted(set(shapes.objects(shape, SH.property))):
        if _wants_one(shapes, part):
            wanted.setdefault(shapes.value(part, SH.path), []).append(part)
    links = " ".join(link.n3() for link in wanted)
    for these in near if wanted else ():
        things = f"{these} {{ SELECT DISTINCT ?this WHERE {{ {target} }} }}"
        query = (
            f"SELECT ?this ?link WHERE {{ {things} VALUES ?link {{ {links} }} FILTER NOT EXISTS {{ ?this ?link ?v }} }}"
        )
        for thing, link in store.select(query, union=True):
            yield from ((thing, part) for part in wanted[URIRef(link.value)])


def _wants_one(shapes: Graph, part: Node) -> bool:
    """Whether a part of a shape wants at least one value of a single property and says so in one message."""
    wants = shapes.value(part, SH.minCount)
    path, messages = shapes.value(part, SH.path), set(shapes.objects(part, SH.message))
    return wants is not None and int(wants) == 1 and isinstance(path, URIRef) and len(messages) == 1


def extent(shapes: Graph) -> tuple[int, set[str]] | None:
    """Tell how many links from a thing its shapes look, and which links, beside, they follow without end; None if everywhere."""
    try:
        writer, _, _ = _written(shapes)
    except _Unclear:
        return None
    return writer.reach, {*writer.endless, str(RDFS.subClassOf)}


def _reaching(store: Store, about: frozenset[str], writer: _Writer) -> set[str]:
    """Name the things from which a shape may come to some others, these included, link by link against their direction."""
    endless = {*writer.endless, str(RDFS.subClassOf)}
    found: set[str] = set()
    edge = set(about)
    for _ in range(writer.reach + 1):
        found |= edge
        following: set[str] = set()
        while edge:
            queries = (f"SELECT ?s ?p WHERE {{ {these} ?s ?p ?x }}" for these in _values("?x", sorted(edge)))
            rows = [row for query in queries for row in store.select(query, union=True)]
            following |= {thing.value for thing, _ in rows if isinstance(thing, terms.Iri)}
            edge = {
                thing.value for thing, link in rows if link.value in endless and isinstance(thing, terms.Iri)
            } - found
            found |= edge
        edge = following - found
    return found


def _values(variable: str, iris: list[str]) -> Iterator[str]:
    """Write VALUES clauses that bind a variable to some IRIs, so many in each."""
    for start in range(0, len(iris), _AT_ONCE):
        yield f"VALUES {variable} {{ {' '.join(f'<{iri}>' for iri in iris[start : start + _AT_ONCE])} }}"


def _iris(found: Iterable[terms.Term]) -> list[str]:
    return sorted(node.value for node in found if isinstance(node, terms.Iri))


def _all(store: Store) -> Suspects:
    everything = store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", union=True)
    return Suspects(None, [tuple(map(_to_rdflib, triple)) for triple in everything])


def _targets(shapes: Graph) -> Iterator[tuple[Node, str]]:
    """Yield each shape that has targets with the pattern that finds them as ?this."""
    classes = {OWL.Class, RDFS.Class} & set(
        shapes.objects(None, RDF.type)
    )  # a shape that is one is about its instances
    if classes or {SH.targetNode, SH.targetObjectsOf} & set(shapes.predicates()):
        raise _Unclear
    for shape in sorted(set(shapes.subjects())):
        classes = shapes.objects(shape, SH.targetClass)
        found = [f"{{ ?sub <{RDFS.subClassOf}>* {kind.n3()} . ?this a ?sub }}" for kind in classes]
        found += [f"{{ ?this {link.n3()} ?any }}" for link in shapes.objects(shape, SH.targetSubjectsOf)]
        if found:
            yield shape, " UNION ".join(found)


@dataclass(slots=True)
class _Writer:
    """Writes shapes as questions and notes how far from a thing their answers lie."""

    shapes: Graph
    reach: int = 1  # links from a thing to the farthest value that a shape looks at; its classes are one away
    endless: set[str] = field(default_factory=set)  # links that a shape follows without end
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def fails(self, shape: Node, this: str, far: int, deep: int, apart: bool = False) -> tuple[str, bool]:
        """Write the condition under which a node may break a shape; the flag tells whether it certainly does then.

        With `apart`, what `_lacking` finds is left out.
        """
        if deep > _DEEPEST:
            raise _Unclear
        path = self.shapes.value(shape, SH.path)
        if path is None:
            return self._value_fails(shape, this, far, deep)
        value, link = f"?v{next(self._numbers)}", f"{this} {self._path(path)} "
        far += self._length(path)
        self.reach = max(self.reach, far)
        each, exact = self._value_fails(shape, value, far, deep)
        wrong = [] if each == "false" else [f"EXISTS {{ {link}{value} FILTER({each}) }}"]
        for name, what in self._parts(shape):
            if name == SH.minCount and apart and _wants_one(self.shapes, shape):
                continue
            if name == SH.minCount:
                wrong.append("!" + self._at_least(link, int(what), "true"))
            elif name == SH.maxCount:
                wrong.append(self._at_least(link, int(what) + 1, "true"))
            elif name == SH.hasValue:
                wrong.append(f"NOT EXISTS {{ {link}{_n3(what)} }}")
            elif name == SH.uniqueLang and what.toPython():
                one, other = f"{value}a", f"{value}b"
                same = f'LANG({one}) != "" && LCASE(LANG({one})) = LCASE(LANG({other})) && !sameTerm({one}, {other})'
                wrong.append(f"EXISTS {{ {link}{one} , {other} FILTER(COALESCE({same}, false)) }}")
            elif name == SH.disjoint:
                wrong.append(f"EXISTS {{ {link}{value} . {this} {_n3(what)} {value} }}")
            elif name in (SH.lessThan, SH.lessThanOrEquals):
                less, other = "<" if name == SH.lessThan else "<=", f"{value}a"
                sure = f"isNumeric({value}) && isNumeric({other}) && {value} {less} {other}"
                wrong.append(
                    f"EXISTS {{ {link}{value} . {this} {_n3(what)} {other} FILTER(!COALESCE({sure}, false)) }}"
                )
                exact = False
            elif name == SH.qualifiedValueShape:
                fails, sure = self.fails(what, "{v}", far, deep + 1)
                least = int(self.shapes.value(shape, SH.qualifiedMinCount, default=0))
                wrong.append("!" + self._at_least(link, least, f"!({fails})"))
                exact = exact and sure
        return " || ".join(wrong) or "false", exact

    def _parts(self, shape: Node) -> Iterator[tuple[Node, Node]]:
        """Yield what a shape asks for; several values of one parameter are several demands."""
        for name, what in sorted(self.shapes.predicate_objects(shape)):
            if str(name).startswith(str(SH)) and name not in _SILENT:
                yield name, what

    def _value_fails(self, shape: Node, value: str, far: int, deep: int) -> tuple[str, bool]:
        """Write the condition under which one value may break what a shape asks of each of its values."""
        wrong, exact = [], True
        counted = self.shapes.value(shape, SH.path) is not None
        for name, what in self._parts(shape):
            if counted and name in _COUNTING:
                continue
            fails, sure = self._demand(shape, name, what, value, far, deep)
            wrong.append(fails)
            exact = exact and sure
        return " || ".join(wrong) or "false", exact

    def _demand(self, shape: Node, name: Node, what: Node, v: str, far: int, deep: int) -> tuple[str, bool]:
        """Write the condition under which one value may not meet one demand."""
        inner: Callable[[Node], tuple[str, bool]] = lambda other: self.fails(other, v, far, deep + 1)
        if name == SH.property and self.shapes.value(shape, SH.path) is not None:
            raise _Unclear  # pySHACL tells such a mistake of the value
        if name in (SH.property, SH.node):
            fails, sure = self.fails(what, v, far, deep + 1, name == SH.property and deep == 0)
            return f"({fails})", sure
        if name == SH["or"]:
            each = [inner(other) for other in Collection(self.shapes, what)]
            return f"({' && '.join(f'({fails})' for fails, _ in each)})", all(sure for _, sure in each)
        if name == SH["not"]:
            fails, sure = inner(what)
            if not sure:  # what may fail may also hold, and then the negation fails
                raise _Unclear
            return f"!({fails})", True
        if name == SH.nodeKind and what in _KINDS:
            return f"!{_KINDS[what]}({v})", True
        if name == SH.datatype:
            met = [f"isLiteral({v})", f"sameTerm(DATATYPE({v}), {_n3(what)})"]
            if what not in _SURE:
                met.append("false")
            elif _SURE[what]:
                met.append(f'REGEX(STR({v}), "{_SURE[what]}")')
            if what == XSD.date:  # an error where there is no such day
                met.append(f"isLiteral({_n3(what)}(STR({v})))")
            return f"!COALESCE({' && '.join(met)}, false)", False
        if name == SH.pattern:
            return f"!COALESCE(REGEX(STR({v}), {_n3(Literal(str(what)))}), false)", False
        if name == SH.languageIn:
            known = " || ".join(f"LANGMATCHES(LANG({v}), {_n3(one)})" for one in Collection(self.shapes, what))
            return f"!COALESCE({known}, false)", True
        if name == SH["in"]:
            return f"!({' || '.join(f'sameTerm({v}, {_n3(one)})' for one in Collection(self.shapes, what))})", True
        if name == SH.hasValue:
            return f"!sameTerm({v}, {_n3(what)})", True
        if name in _BOUNDS:
            return f"!COALESCE(isNumeric({v}) && {v} {_BOUNDS[name]} {_n3(what)}, false)", False
        if name == SH["class"]:
            self.reach = max(self.reach, far + 1)
            self.endless.add(str(RDFS.subClassOf))
            return f"NOT EXISTS {{ {v} a/<{RDFS.subClassOf}>* {_n3(what)} }}", True
        if name == SH.closed:
            named = {self.shapes.value(part, SH.path) for part in self.shapes.objects(shape, SH.property)}
            ignored = self.shapes.value(shape, SH.ignoredProperties)
            named |= set(Collection(self.shapes, ignored)) if ignored is not None else set()
            allowed = ", ".join(_n3(link) for link in sorted(named) if isinstance(link, URIRef))
            other, any_ = f"?p{next(self._numbers)}", f"?o{next(self._numbers)}"
            return f"EXISTS {{ {v} {other} {any_} FILTER({other} NOT IN ({allowed})) }}", True
        raise _Unclear

    def _at_least(self, link: str, least: int, holds: str) -> str:
        """Write the condition that a path leads to at least so many values of which each meets a condition on {v}."""
        if least == 0:
            return "(true)"
        if least > _FEW:
            raise _Unclear
        names = [f"?v{next(self._numbers)}" for _ in range(least)]
        apart = [f"!sameTerm({one}, {other})" for one, other in itertools.combinations(names, 2)]
        met = [holds.replace("{v}", name) for name in names]
        return f"EXISTS {{ {link}{' , '.join(names)} FILTER({' && '.join([*apart, *met])}) }}"

    def _path(self, path: Node) -> str:
        """Write a path as SPARQL does."""
        if isinstance(path, URIRef):
            return path.n3()
        if (path, RDF.first, None) in self.shapes:
            return "(" + "/".join(self._path(step) for step in Collection(self.shapes, path)) + ")"
        kind, what = next(iter(self.shapes.predicate_objects(path)))
        if kind == SH.alternativePath:
            return "(" + "|".join(self._path(one) for one in Collection(self.shapes, what)) + ")"
        if kind == SH.zeroOrMorePath and isinstance(what, URIRef):
            self.endless.add(str(what))
            return f"({what.n3()})*"
        raise _Unclear  # against the direction of a link, or a circle of several: everything may decide

    def _length(self, path: Node) -> int:
        """Count the links of a path at its longest; a link that is followed without end counts once."""
        if (path, RDF.first, None) in self.shapes:
            return sum(self._length(step) for step in Collection(self.shapes, path))
        alternatives = self.shapes.value(path, SH.alternativePath)
        return 1 if alternatives is None else max(map(self._length, Collection(self.shapes, alternatives)))


_COUNTING = {
    *(SH.minCount, SH.maxCount, SH.hasValue, SH.uniqueLang, SH.disjoint, SH.lessThan, SH.lessThanOrEquals),
    SH.qualifiedValueShape,
}


def _n3(node: Node) -> str:
    if isinstance(node, BNode):
        raise _Unclear
    return node.n3()


def _to_rdflib(term: terms.Term) -> Node:
    if isinstance(term, terms.Iri):
        return URIRef(term.value)
    if isinstance(term, terms.Blank):
        return BNode(term.value)
    datatype = None if term.language else term.datatype and URIRef(term.datatype)
    return Literal(term.value, lang=term.language, datatype=datatype)

"""Reads the text of a query or an update into its triple patterns. What is not read raises Unclear: nothing is known of the query."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.sparql.patterns import Binding, Body, Conjunction, Pattern, Reading, Unclear
from kg.sparql.tokens import PAIRS, Token, read_prologue, resolve, scan

_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_ENDS = {"}", ".", "{"}
_CLAUSES = {"OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES", "SERVICE"}

# The links of a path one after the other: the text of each, behind ^ if turned round, and the IRI that it repeats without end.
Steps = list[tuple[str, str]]


def read(text: str) -> Reading:
    """Read a SELECT or an `INSERT … WHERE`. Raises Unclear."""
    return _Reader(text).read()


@dataclass(slots=True)
class _Reader:
    """Reads the tokens of one text."""

    source: str
    tokens: list[Token] = field(init=False)
    prefixes: dict[str, str] = field(init=False)
    base: str = field(init=False)
    at: int = field(init=False)
    made: Iterator[int] = field(default_factory=itertools.count)
    graphs: list[tuple[int, str]] = field(default_factory=list)
    inner: list[tuple[int, frozenset[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = list(scan(self.source))
        self.at, self.base, self.prefixes = read_prologue(self.tokens, "")

    def read(self) -> Reading:
        """Read the whole text."""
        template: list[Pattern] = []
        keys: tuple[str, ...] = ()
        form = self._next().keyword
        if form == "INSERT":
            self._expect("{")
            self._template(template)
        elif form == "SELECT":
            keys = self._projection()
        else:
            raise Unclear
        if self._peek().keyword == "WHERE":
            self._next()
        start = self._peek().end
        body = self._braced("")
        end = self.tokens[self.at - 1].start
        grouped = self._tail()
        if template and self.at < len(self.tokens):
            raise Unclear
        return Reading(body, start, end, tuple(template), grouped or keys, tuple(self.graphs), tuple(self.inner))

    def _tail(self) -> tuple[str, ...]:
        """Read what follows a pattern; return the variables that its rows are grouped by. LIMIT would make rows depend on each other."""
        grouped: list[str] = []
        while (token := self._peek()).text not in ("", "}"):
            word = self._next().keyword
            if word == "GROUP":
                self._next()
                while self._peek().kind == "variable":
                    grouped.append(_variable(self._next()))
            elif word in ("LIMIT", "OFFSET", "VALUES") or token.text == ";":
                raise Unclear
        return tuple(grouped)

    def _template(self, found: list[Pattern]) -> None:
        """Read triples, and GRAPH clauses, whose brace has been read, to its end."""
        while (token := self._peek()).text != "}":
            if token.keyword == "GRAPH":
                self._next()
                self._term()
                self._expect("{")
                self._template(found)
            elif token.text == ".":
                self._next()
            else:
                self._paths("", found, [])
        self._next()

    def _projection(self) -> tuple[str, ...]:
        names = []
        while (token := self._peek()).text != "{" and token.keyword != "WHERE":
            if token.kind == "variable":
                names.append(_variable(token))
                self._next()
            elif token.text == "(":
                self._balanced()
            elif token.keyword in ("DISTINCT", "REDUCED"):
                self._next()
            else:
                raise Unclear
        return tuple(names)

    def _group(self, graph: str) -> Body:
        """Read a pattern whose brace has been read, to its end."""
        patterns: list[Pattern] = []
        values: list[tuple[str, frozenset[str]]] = []
        bindings: list[Binding] = []
        filters: list[tuple[str, frozenset[str]]] = []
        unions: list[tuple[Body, ...]] = []
        parts: list[Body] = []
        while (token := self._peek()).text != "}" or token.kind != "mark":
            word = token.keyword
            if token.text == "{":
                unions.append(self._union(graph))
            elif word in ("OPTIONAL", "MINUS"):
                self._next()
                start = self._peek().end
                parts.append(self._braced(graph))
                if word == "MINUS" and self.tokens[self._index(start)].keyword != "SELECT":
                    self.inner.append((start, frozenset(parts[-1].bound)))
            elif word == "GRAPH":
                self._next()
                name = self._term()
                unions.append((self._braced(name),))
                if name.startswith("?"):
                    self.graphs.append((self.tokens[self.at - 1].end, name))
            elif word == "FILTER":
                self._next()
                inside, asked = self._expression(graph)
                parts += asked
                if not asked:
                    names = frozenset(_variable(one) for one in inside if one.kind == "variable")
                    filters.append((self._said(inside), names))
            elif word == "BIND":
                self._next()
                inside, denied = self._expression(graph)
                parts += denied
                names = [_variable(one) for one in inside if one.kind == "variable"]
                if not denied:
                    bindings.append(Binding(names[-1], self._said(inside), frozenset(names[:-1])))
            elif word == "VALUES":
                values.append(self._values())
            elif word in ("SERVICE", "SELECT"):
                raise Unclear
            elif token.text == ".":
                self._next()
            else:
                self._paths(graph, patterns, unions)
        self._next()
        holds = Conjunction(tuple(patterns), tuple(values), tuple(bindings), tuple(filters))
        return Body(holds, tuple(unions), tuple(parts))

    def _union(self, graph: str) -> tuple[Body, ...]:
        found = []
        while True:
            found.append(self._braced(graph))
            if self._peek().keyword != "UNION":
                return tuple(found)
            self._next()

    def _braced(self, graph: str) -> Body:
        """Read a pattern in braces; a subquery becomes a pattern whose variables, but those it projects, have names of their own."""
        self._expect("{")
        if self._peek().keyword != "SELECT":
            return self._group(graph)
        self._next()
        shown = set(self._projection())
        if self._peek().keyword == "WHERE":
            self._next()
        start = self._peek().end
        body = self._braced(graph)
        self.inner.append((start, frozenset(shown & body.bound)))
        self._tail()
        self._expect("}")
        return _rename(body, shown, f"_{next(self.made)}")

    def _expression(self, graph: str) -> tuple[list[Token], list[Body]]:
        """Read what follows FILTER or BIND: its tokens and the groups that it asks for."""
        found: list[Token] = []
        groups: list[Body] = []
        depth = 0
        while True:
            token = self._next()
            if token.text == "{" and token.kind == "mark":
                if not found or found[-1].keyword != "EXISTS":
                    raise Unclear
                self.at -= 1
                groups.append(self._braced(graph))
                if depth == 0:
                    return found, groups
                continue
            found.append(token)
            depth += (token.text in PAIRS) - (token.text in (")", "]")) if token.kind == "mark" else 0
            if depth == 0 and token.text == ")":
                return found, groups

    def _values(self) -> tuple[str, frozenset[str]]:
        start = self.at
        self._next()
        names = set()
        while (token := self._next()).text != "{":
            if token.kind == "variable":
                names.add(_variable(token))
        while self._next().text != "}":
            pass
        return self._said(self.tokens[start : self.at]), frozenset(names)

    def _paths(self, graph: str, patterns: list[Pattern], unions: list[tuple[Body, ...]]) -> None:
        """Read one subject with its links and objects; a path becomes patterns, one with alternatives a union of them."""
        subject = self._term()
        while True:
            ways = self._path()
            while True:
                object_ = self._term()
                each = [self._chain(subject, way, object_, graph) for way in ways]
                if len(each) == 1:
                    patterns += each[0].patterns
                else:
                    unions.append(tuple(Body(one) for one in each))
                if self._peek().text != ",":
                    break
                self._next()
            while self._peek().text == ";":
                self._next()
            if self._peek().text in _ENDS or self._peek().keyword in _CLAUSES:
                return

    def _chain(self, subject: str, way: Steps, object_: str, graph: str) -> Conjunction:
        if not way:  # no step at all: the two are one
            if subject[:1] != "?" or object_[:1] != "?":
                raise Unclear
            return Conjunction(bindings=(Binding(object_, f"({subject} AS {object_})", frozenset({subject})),))
        nodes = [subject, *(f"?answerable_{next(self.made)}" for _ in way[1:]), object_]
        triples = zip(nodes, way, nodes[1:], strict=False)
        turned = ((o, link[1:], s, end) if link[:1] == "^" else (s, link, o, end) for s, (link, end), o in triples)
        return Conjunction(tuple(Pattern(s, link, o, graph, endless) for s, link, o, endless in turned))

    def _path(self) -> list[Steps]:
        """Read a variable, an IRI or a path; return the ways it may go."""
        if self._peek().kind == "variable":
            return [[(_variable(self._next()), "")]]
        ways = self._sequence()
        while self._peek().text == "|":
            self._next()
            ways += self._sequence()
        return ways

    def _sequence(self) -> list[Steps]:
        ways = self._step()
        while self._peek().text == "/":
            self._next()
            ways = [[*one, *other] for one, other in itertools.product(ways, self._step())]
        return ways

    def _step(self) -> list[Steps]:
        if self._peek().text == "^":
            self._next()
            return [[_turn(step) for step in reversed(way)] for way in self._step()]
        if self._peek().text == "(":
            self._next()
            ways = self._path()
            self._expect(")")
        else:
            ways = [[(self._link(), "")]]
        if self._peek().text in ("*", "+"):
            mark = self._next().text
            if len(ways) > 1 or len(ways[0]) > 1 or ways[0][0][0].startswith("^"):
                raise Unclear
            ((link, _),) = ways[0]
            return [[(link + mark, link[1:-1])]]
        if self._peek().text == "?":
            self._next()
            return [[], *ways]
        return ways

    def _link(self) -> str:
        token = self._next()
        if token.kind == "word" and token.text == "a":
            return _TYPE
        iri = resolve(token, self.base, self.prefixes) if token.kind in ("iri", "name") else None
        if iri is None:
            raise Unclear
        return f"<{iri}>"

    def _term(self) -> str:
        token = self._next()
        if token.kind == "variable":
            return _variable(token)
        if token.kind in ("iri", "name"):
            return self._write(token)
        if token.kind == "number" or token.keyword in ("TRUE", "FALSE"):
            return token.text
        if token.kind != "string":
            raise Unclear
        said = token.text
        if self._peek().kind == "language":
            return said + self._next().text
        if self._peek().text == "^":
            self._next()
            self._expect("^")
            return f"{said}^^{self._write(self._next())}"
        return said

    def _write(self, token: Token) -> str:
        """Write a token with its IRI in full."""
        if token.kind == "variable":
            return _variable(token)
        iri = resolve(token, self.base, self.prefixes) if token.kind in ("iri", "name") else None
        if iri is None and token.kind == "name":
            raise Unclear
        return token.text if iri is None else f"<{iri}>"

    def _said(self, tokens: Sequence[Token]) -> str:
        """Write tokens as they stand, their IRIs in full."""
        parts = [self._write(tokens[0])]
        for before, token in itertools.pairwise(tokens):
            parts += [" " * (token.start > before.end), self._write(token)]
        return "".join(parts)

    def _index(self, offset: int) -> int:
        return next(index for index, token in enumerate(self.tokens) if token.start >= offset)

    def _balanced(self) -> None:
        depth = 0
        while True:
            token = self._next()
            depth += (token.text == "(") - (token.text == ")") if token.kind == "mark" else 0
            if depth == 0:
                return

    def _peek(self) -> Token:
        if self.at >= len(self.tokens):
            return Token("mark", "", len(self.source))
        return self.tokens[self.at]

    def _next(self) -> Token:
        if self.at >= len(self.tokens):
            raise Unclear
        self.at += 1
        return self.tokens[self.at - 1]

    def _expect(self, mark: str) -> None:
        if self._next().text != mark:
            raise Unclear


def _variable(token: Token) -> str:
    return "?" + token.text[1:]


def _rename(body: Body, shown: set[str], tail: str) -> Body:
    """Give the variables of a pattern that are not shown other names; what BIND makes there, and filters that ask of them, are left open."""
    own = body.own
    patterns = tuple(
        Pattern(*(t + tail if t[:1] == "?" and t not in shown else t for t in one)) for one in own.patterns
    )
    values = tuple(value for value in own.values if value[1] <= shown)
    filters = tuple(one for one in own.filters if one[1] <= shown)
    unions = tuple(tuple(_rename(one, shown, tail) for one in union) for union in body.unions)
    parts = tuple(_rename(one, shown, tail) for one in body.parts)
    return Body(Conjunction(patterns, values, filters=filters), unions, parts)


def _turn(step: tuple[str, str]) -> tuple[str, str]:
    """Turn a step of a path round. Raises Unclear for one that repeats."""
    link, endless = step
    if endless:
        raise Unclear
    return (link[1:] if link.startswith("^") else f"^{link}"), ""

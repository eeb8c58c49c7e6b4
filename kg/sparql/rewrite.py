"""A query's text made ready for another engine: its variables bound, its dataset named, its graphs found where they are held.

What is put into a text is a term, whatever characters it holds; a bound query means what it means in kg.store when the same
terms are substituted there. The text has been parsed before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg import terms
from kg.errors import BadParameter, QueryRefused
from kg.sparql.tokens import Outline, Token, locate, read_outline, read_prologue, resolve, scan, undo_escapes
from kg.terms import Blank, Term

_VENDOR = ("bif", "sql")  # Virtuoso's own functions: some of them read files and run SQL


@dataclass(frozen=True, slots=True)
class Naming:
    """How a server tells which graph it holds where: triples of a graph, from the graph that holds to the one that is held."""

    graph: str
    predicate: str
    nothing: str  # a graph that is empty
    variable: str  # how the names of variables begin that no query uses


def write(name: str, term: Term) -> str:
    """Write a term in SPARQL's syntax. Raises BadParameter, naming the variable, for what is no term or a blank node."""
    if isinstance(term, Blank):
        raise BadParameter("A blank node cannot be asked for", where=name, hint="Give an IRI or a literal")
    try:
        return terms.write(term)
    except ValueError as error:
        raise BadParameter(
            str(error), where=name, hint="Write an IRI in full, from https:// on, and text in UTF-8"
        ) from None


def insert_values(text: str, bindings: Mapping[str, Term], outline: Outline | None = None) -> str:
    """Bind variables by a VALUES clause at the head of a query's pattern. Raises BadParameter as `write` does.

    A pattern that is itself a subquery is wrapped in braces, as the grammar requires. A query without a pattern stays as it is.
    """
    outline = read_outline(text) if outline is None or outline.body is None else outline
    if outline.body is None:
        return text
    start, end = outline.body
    names = " ".join(f"?{name}" for name in bindings)
    values = " ".join(write(name, term) for name, term in bindings.items())
    inside = text[start + 1 : end]
    first = next(scan(inside), None)
    if first is not None and first.keyword == "SELECT":
        inside = "{" + inside + "\n}"
    return f"{text[: start + 1]} VALUES ({names}) {{ ({values}) }} {inside}{text[end:]}"


def bind(text: str, bindings: Mapping[str, Term]) -> str:
    """Bind variables of a query to terms.

    A bound variable is replaced inside the patterns and joined in again at their head by VALUES, so that projection,
    grouping, ordering and templates stay as they are. A subquery sees the terms of those variables that it projects, and of
    no others (SPARQL 1.1, 12). Raises BadParameter for a term that cannot be written.
    """
    if not bindings:
        return text
    written = {name: write(name, term) for name, term in bindings.items()}
    tokens = list(scan(text))
    outline = read_outline(text, tokens)
    if outline.body is None:  # DESCRIBE of a list
        spots = [(t.start, t.end, f" {written[t.text[1:]]} ") for t in tokens if _names(t, written)]
        return _splice(text, spots)
    binder = _Binder(tokens, written)
    binder.read(outline.body[0])
    return _splice(text, binder.spots)


def with_base(text: str, base: str) -> str:
    """Give a query a base, as every service must (SPARQL 1.1 Protocol, 2.3), unless it begins with one of its own."""
    first, second = [*itertools.islice(scan(text), 2), *2 * [Token("mark", "", 0)]][:2]
    has_own = first.keyword == "BASE" and ":" in second.text.partition("/")[0]
    return text if has_own else f"BASE <{base}>\n{text}"


def with_dataset(text: str, default: Iterable[str], named: Iterable[str]) -> str:
    """Name the graphs that a query is asked of in FROM clauses, in the place of those it has."""
    tokens = list(scan(text))
    outline = read_outline(text, tokens)
    clauses = [f"FROM <{graph}>" for graph in default] + [f"FROM NAMED <{graph}>" for graph in named]
    spots = [(start, end, " ") for start, end in _from_clauses(tokens, outline)]
    place = _place_of_from(tokens, outline)
    return _splice(text, [*spots, (place, place, f" {' '.join(clauses)} ")])


def look_into(text: str, held: Mapping[str, str], naming: Naming) -> tuple[str, bool]:
    """Let the GRAPH clauses of a query look into the graphs that hold those they name; say whether it has any.

    `held` maps a graph to the one that holds it. A variable takes the names of the graphs that are held, by `naming`.
    """
    tokens = list(scan(text))
    _, base, prefixes = read_prologue(tokens, "")
    spots = []
    for number, (clause, name, brace) in enumerate(_graph_clauses(tokens)):
        if name.kind == "variable":
            own = f"?{naming.variable}_{number}"
            join = f" GRAPH <{naming.graph}> {{ {own} <{naming.predicate}> {name.text} }} "
            # Within the clause, so that its filters see the variable; beside it where a subquery must stand alone.
            place = clause if tokens[brace + 1].keyword == "SELECT" else tokens[brace].start + 1
            spots += [(name.start, name.end, f" {own} "), (place, place, join)]
        else:
            iri = resolve(name, base, prefixes)
            spots.append((name.start, name.end, f" <{held.get(iri or '', naming.nothing)}> "))
    return _splice(text, spots), bool(spots)


def refuse_vendor_functions(text: str) -> None:
    """Raise QueryRefused where a query calls what only one engine has, by a prefix or a scheme that it keeps for itself."""
    for token in scan(text):
        if token.kind not in ("iri", "name"):
            continue
        written = undo_escapes(token.text).lstrip("<").lower()
        if written.partition(":")[0] in _VENDOR:
            line, column = locate(text, token.start)
            raise QueryRefused(
                f"{token.text[:40]} belongs to one engine",
                reason="function",
                hint="Use the functions of SPARQL 1.1",
                line=line,
                column=column,
            )


@dataclass
class _Group:
    """A pair of braces: where it begins, the variables bound in it, and those to join in at its head."""

    start: int
    active: frozenset[str]
    joined: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    is_query: bool = False  # holds a subquery, beside which VALUES may not stand
    is_minus: bool = False


class _Binder:
    """Reads the tokens of a query once, and notes what to replace and to insert."""

    def __init__(self, tokens: Sequence[Token], written: Mapping[str, str]) -> None:
        self.tokens, self.written = tokens, written
        self.spots: list[tuple[int, int, str]] = []
        self.fresh = 0

    def read(self, body: int) -> None:
        """Read from the outermost pattern, which begins at the offset `body`, to the end of the text."""
        stack: list[_Group] = []
        parens = [0]
        index = next(i for i, token in enumerate(self.tokens) if token.start == body)
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.text == "{" and token.kind == "mark":
                stack.append(self._open(stack, index, parens[-1]))
                parens.append(0)
            elif token.text == "}" and token.kind == "mark":
                group = stack.pop()
                parens.pop()
                self._close(group, stack[-1] if stack else None, index)
                if not stack:  # the modifiers need nothing: the variables are bound
                    return
            elif token.kind == "mark" and token.text in "()":
                parens[-1] += 1 if token.text == "(" else -1
            elif token.keyword == "VALUES":
                index = self._skip_values(index)
                continue
            elif _names(token, self.written):
                index = self._replace(stack[-1], index)
                continue
            index += 1

    def _open(self, stack: list[_Group], index: int, parens: int) -> _Group:
        start = self.tokens[index].start
        if not stack:
            group = _Group(start, frozenset(self.written), set(self.written))
        elif stack[-1].is_query and parens:  # EXISTS in a projection or in HAVING, where the variables are bound
            group = _Group(start, frozenset())
        elif stack[-1].is_query:
            group = _Group(start, stack[-1].active, set(stack[-1].active))
        else:
            group = _Group(start, stack[-1].active, is_minus=self.tokens[index - 1].keyword == "MINUS")
        if self.tokens[index + 1].keyword == "SELECT":
            group.is_query = True
            group.active &= self._projected(index + 2, group.active)
        return group

    def _projected(self, index: int, active: frozenset[str]) -> set[str]:
        """List the variables that a SELECT clause projects as they are."""
        found: set[str] = set()
        depth = 0
        for token in self.tokens[index:]:
            if token.kind == "mark" and token.text in "()":
                depth += 1 if token.text == "(" else -1
            elif token.text == "{" or token.keyword in ("WHERE", "FROM"):
                break
            elif depth == 0 and token.text == "*":
                return set(active)
            elif depth == 0 and token.kind == "variable":
                found.add(token.text[1:])
        return found

    def _close(self, group: _Group, parent: _Group | None, index: int) -> None:
        if parent is not None:
            parent.mentioned |= group.mentioned
            if (
                group.is_minus
            ):  # it takes away only what shares a variable with it (SPARQL 1.1, 8.3): both sides keep theirs
                group.joined |= group.mentioned
                parent.joined |= group.mentioned
        if not group.joined:
            return
        names = sorted(group.joined)
        values = " ".join(self.written[name] for name in names)
        head = f" VALUES ({' '.join('?' + name for name in names)}) {{ ({values}) }} "
        place = group.start + 1
        self.spots.append((place, place, head + "{" * group.is_query))
        if group.is_query:
            end = self.tokens[index].start
            self.spots.append((end, end, "\n}"))

    def _skip_values(self, index: int) -> int:
        """Leave a block of data as it is; a variable it assigns is joined with its value at the head."""
        while self.tokens[index].text != "{":
            index += 1
        while self.tokens[index].text != "}":
            index += 1
        return index + 1

    def _replace(self, group: _Group, index: int) -> int:
        token = self.tokens[index]
        name, end = token.text[1:], token.end
        if name not in group.active or group.is_query:
            return index + 1
        group.mentioned.add(name)
        if self.tokens[index - 1].keyword == "AS":  # BIND (… AS ?x): what is computed must be what is asked for
            self.fresh += 1
            other, after = f"?{name}_bound_{self.fresh}", self.tokens[index + 1]
            self.spots.append((token.start, end, other))
            test = f" FILTER (!BOUND({other}) || sameTerm({other}, {self.written[name]})) "
            self.spots.append((after.start + 1, after.start + 1, test))
        elif self.tokens[index - 2].keyword == "BOUND":
            start, after = self.tokens[index - 2].start, self.tokens[index + 1]
            self.spots.append((start, after.start + 1, "(1 = 1)"))
            return index + 1
        else:
            self.spots.append((token.start, end, f" {self.written[name]} "))
        return index + 1


def _names(token: Token, written: Mapping[str, str]) -> bool:
    return token.kind == "variable" and token.text[1:] in written


def _graph_clauses(tokens: Sequence[Token]) -> Iterator[tuple[int, Token, int]]:
    """Yield for each GRAPH clause where it begins, the name of its graph and the index of its brace."""
    for brace in range(1, len(tokens)):
        before, name = tokens[brace - 2], tokens[brace - 1]
        if tokens[brace].text != "{" or tokens[brace].kind != "mark":
            continue
        if before.keyword == "GRAPH":
            yield before.start, name, brace
        elif name.kind == "name" and name.text[:5].upper() == "GRAPH":  # the embedded engine needs no space in between
            yield name.start, Token("name", name.text[5:], name.start + 5), brace


def _from_clauses(tokens: Sequence[Token], outline: Outline) -> Iterable[tuple[int, int]]:
    end = outline.body[0] if outline.body else float("inf")
    for index, token in enumerate(tokens[:-1]):
        if token.start < end and token.keyword in ("FROM", "FROMNAMED"):
            last = tokens[index + 1]
            last = tokens[index + 2] if last.keyword == "NAMED" else last
            yield token.start, last.end


def _place_of_from(tokens: Sequence[Token], outline: Outline) -> int:
    if outline.body is not None:
        index = next(i for i, token in enumerate(tokens) if token.start == outline.body[0])
        return tokens[index - 1].start if tokens[index - 1].keyword == "WHERE" else tokens[index].start
    start, _, _ = read_prologue(tokens, "")
    index = start + 1  # DESCRIBE and its list
    while index < len(tokens) and (tokens[index].kind in ("iri", "name", "variable") or tokens[index].text == "*"):
        index += 1
    return tokens[index - 1].end


def _splice(text: str, spots: Iterable[tuple[int, int, str]]) -> str:
    """Replace stretches of a text, given as (start, end, new); what is only inserted comes before what is replaced there."""
    parts, at = [], 0
    for start, end, new in sorted(spots, key=lambda spot: (spot[0], spot[1])):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])

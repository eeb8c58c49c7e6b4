"""A query's text made ready for another engine: its variables bound, its dataset named, its graphs found where they are held.

What is put into a text is a term, whatever characters it holds; a bound query means what it means in kg.store when the same
terms are substituted there. The text has been parsed before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg import terms
from kg.errors import BadParameter, QueryRefused
from kg.sparql.tokens import Outline, Token, locate, read_outline, read_prologue, resolve, scan, undo_escapes
from kg.terms import Blank, Term
from kg.wording import say

Spot = tuple[int, int, str]  # a stretch of a text, from offset to offset, and what to write in its place
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
        raise BadParameter(say("A blank node cannot be asked for"), where=name, hint=say("Give an IRI or a literal"))
    try:
        return terms.write(term)
    except ValueError as error:
        hint = say("Write an IRI in full, from https:// on, and text in UTF-8")
        raise BadParameter(str(error), where=name, hint=hint) from None


def insert_values(text: str, bindings: Mapping[str, Term], outline: Outline | None = None) -> str:
    """Bind variables by a VALUES clause at the head of a query's pattern. Raises BadParameter as `write` does.

    A pattern that is itself a subquery is wrapped in braces, as the grammar requires. A query without a pattern stays as it is.
    """
    outline = read_outline(text) if outline is None or outline.body is None else outline
    if outline.body is None or not bindings:
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
        return _splice(text, [(t.start, t.end, f" {written[t.text[1:]]} ") for t in tokens if _names(t, written)])
    spots: list[Spot] = []
    whole = _bind_group(tokens, _index_of(tokens, outline.body[0]), written, spots)
    spots += _join(whole, whole.joined | set(written), written)
    return _splice(text, spots)


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
        prefix = undo_escapes(token.text).lstrip("<").lower().partition(":")[0]
        if token.kind in ("iri", "name") and prefix in _VENDOR:
            line, column = locate(text, token.start)
            said = say(
                "%(token)s belongs to one engine; this endpoint has the functions of SPARQL 1.1 and no others",
                token=token.text[:40],
            )
            hint = say("Leave it out, or compute it from the rows at home")
            raise QueryRefused(said, reason="function", hint=hint, line=line, column=column)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group whose variables were bound: its brackets, the index behind it, and the variables that it mentions or must join in."""

    opening: Token
    closing: Token
    behind: int
    mentioned: set[str]
    joined: set[str]
    is_query: bool


def _bind_group(tokens: Sequence[Token], index: int, written: Mapping[str, str], spots: list[Spot]) -> _Group:
    """Bind in the group whose brace is at `index` the variables that are seen there; adds to `spots`. The caller joins them in."""
    is_minus, at = tokens[index - 1].keyword == "MINUS", index + 1
    mentioned: set[str] = set()
    joined: set[str] = set()
    if tokens[at].keyword == "SELECT":
        at, mentioned = _bind_subquery(tokens, at, written, spots)
    else:
        while tokens[at].text != "}":
            token = tokens[at]
            if token.text == "{":
                at, inside, needed = _bind_branches(tokens, at, written, spots)
                mentioned, joined = mentioned | inside, joined | needed
            elif token.keyword == "VALUES":  # a variable that it assigns is joined with its value at the head
                at = next(i for i in range(at, len(tokens)) if tokens[i].text == "}") + 1
            else:
                if _names(token, written):
                    mentioned.add(token.text[1:])
                    spots += _replace(tokens, at, written[token.text[1:]])
                at += 1
    if is_minus:  # it takes away only what shares a variable with it (SPARQL 1.1, 8.3): both sides keep theirs
        joined |= mentioned
    return _Group(tokens[index], tokens[at], at + 1, mentioned, joined, tokens[index + 1].keyword == "SELECT")


def _bind_branches(
    tokens: Sequence[Token], index: int, written: Mapping[str, str], spots: list[Spot]
) -> tuple[int, set[str], set[str]]:
    """Bind in the group at `index` and in those that UNION adds to it, and join the same variables in at the head of each.

    Some engines lose rows of a UNION whose branches do not bind the same variables. Returns the index behind the last, the
    variables mentioned, and those that the group around must join in.
    """
    branches = [_bind_group(tokens, index, written, spots)]
    while tokens[branches[-1].behind].keyword == "UNION":
        branches.append(_bind_group(tokens, branches[-1].behind + 1, written, spots))
    joined = set[str]().union(*(branch.joined for branch in branches))
    for branch in branches:
        spots += _join(branch, joined, written)
    mentioned = set[str]().union(*(branch.mentioned for branch in branches))
    return branches[-1].behind, mentioned, mentioned if tokens[index - 1].keyword == "MINUS" else set()


def _bind_subquery(
    tokens: Sequence[Token], index: int, written: Mapping[str, str], spots: list[Spot]
) -> tuple[int, set[str]]:
    """Bind in the subquery whose SELECT is at `index` what it projects; return the index of the brace behind it and what it mentions."""
    depth, projected, at = 0, set(), index
    while depth or tokens[at].text != "{":
        depth += (tokens[at].text == "(") - (tokens[at].text == ")")
        projected |= set() if depth else {tokens[at].text}
        at += 1
    seen = {name: term for name, term in written.items() if projected & {"*", f"?{name}", f"${name}"}}
    pattern = _bind_group(tokens, at, seen, spots)
    spots += _join(pattern, pattern.joined | set(seen), written)
    at, depth = pattern.behind, 0
    while depth or tokens[at].text != "}":  # the modifiers need nothing: the variables are bound
        depth += (tokens[at].text == "{") - (tokens[at].text == "}")
        at += 1
    return at, pattern.mentioned


def _join(group: _Group, names: Iterable[str], written: Mapping[str, str]) -> list[Spot]:
    """Join variables with their values at the head of a group."""
    if not names:
        return []
    listed, place, end = sorted(names), group.opening.end, group.closing.start
    values = " ".join(written[name] for name in listed)
    head = f" VALUES ({' '.join('?' + name for name in listed)}) {{ ({values}) }} "
    # Beside a subquery no VALUES may stand.
    return [(place, place, head + "{"), (end, end, "\n}")] if group.is_query else [(place, place, head)]


def _replace(tokens: Sequence[Token], index: int, term: str) -> list[Spot]:
    """Replace a variable by its term."""
    variable, after = tokens[index], tokens[index + 1]
    if tokens[index - 1].keyword == "AS":  # BIND (… AS ?x): what is computed must be what is asked for
        other = f"?{variable.text[1:]}_bound_{variable.start}"
        test = f" FILTER (!BOUND({other}) || sameTerm({other}, {term})) "
        return [(variable.start, variable.end, other), (after.end, after.end, test)]
    if tokens[index - 2].keyword == "BOUND":
        return [(tokens[index - 2].start, after.end, "(1 = 1)")]
    return [(variable.start, variable.end, f" {term} ")]


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
        index = _index_of(tokens, outline.body[0])
        return tokens[index - 1].start if tokens[index - 1].keyword == "WHERE" else tokens[index].start
    start, _, _ = read_prologue(tokens, "")
    index = start + 1  # DESCRIBE and its list
    while index < len(tokens) and (tokens[index].kind in ("iri", "name", "variable") or tokens[index].text == "*"):
        index += 1
    return tokens[index - 1].end


def _index_of(tokens: Sequence[Token], offset: int) -> int:
    return next(index for index, token in enumerate(tokens) if token.start == offset)


def _splice(text: str, spots: Iterable[Spot]) -> str:
    """Replace stretches of a text; what is only inserted comes before what is replaced there."""
    parts, at = [], 0
    for start, end, new in sorted(spots, key=lambda spot: (spot[0], spot[1])):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])

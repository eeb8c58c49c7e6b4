"""A query's text with terms in the place of variables, and made ready for another engine. The text has been parsed before."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from kg import terms
from kg.errors import BadParameter, QueryRefused, QuerySyntaxError
from kg.sparql.tokens import BASE, Outline, Token, locate, read_outline, read_prologue, resolve, scan, undo_escapes
from kg.terms import Blank, Term
from kg.wording import say

_VENDOR = ("bif", "sql")  # Virtuoso's own functions: some of them read files and run SQL
ORIGINAL = terms.PREFIXES["dcterms"] + "isVersionOf"  # links a copy of a graph to the graph
_MARK = "\0"  # stands around the name of a variable where a term is to be put
COPY = "answerableCopy"  # begins the names of the variables that `over_copies` adds


def write(name: str, term: Term) -> str:
    """Write a term in SPARQL's syntax. Raises BadParameter, naming the variable, for what is no term or a blank node."""
    if isinstance(term, Blank):
        raise BadParameter(say("A blank node cannot be asked for"), where=name, hint=say("Give an IRI or a literal"))
    try:
        return terms.write(term)
    except ValueError as error:
        hint = say("Write an IRI in full, from https:// on, and text in UTF-8")
        raise BadParameter(str(error), where=name, hint=hint) from None


def insert_values(text: str, bindings: Mapping[str, Term]) -> str:
    """Bind variables by a VALUES clause at the head of a query's pattern. Raises BadParameter as `write` does.

    A pattern that is itself a subquery is wrapped in braces, as the grammar requires. A query without a pattern stays as it is.
    """
    return _fill(_with_values, text, bindings)


def bind(text: str, bindings: Mapping[str, Term]) -> str:
    """Put terms in the place of variables within the patterns of a query. Raises BadParameter as `write` does.

    VALUES clauses bind the variables where they are projected, and on both sides of a MINUS, which takes away only what shares a
    variable (SPARQL 1.1, 8.3). A subquery sees the variables that it projects, and no others (12).
    """
    return _fill(_with_terms, text, bindings)


def _fill(mark: Callable[[str, Sequence[str]], str], text: str, bindings: Mapping[str, Term]) -> str:
    """Put terms where `mark` puts marks into a text."""
    if not bindings:
        return text
    written = {name: write(name, term) for name, term in bindings.items()}
    pieces = _pieces(mark, text, tuple(written))
    return "".join(written[piece] if number % 2 else piece for number, piece in enumerate(pieces))


@lru_cache(1024)  # the queries of pages and questions are asked again and again
def _pieces(mark: Callable[[str, Sequence[str]], str], text: str, names: tuple[str, ...]) -> Sequence[str]:
    """Split a text at its marks: of the pieces, every other is the name of the variable whose term stands there."""
    return mark(text, names).split(_MARK)


def _with_terms(text: str, names: Sequence[str]) -> str:
    body = read_outline(text).body
    if body is None:
        return text
    spots: list[tuple[int, int, str]] = []  # stretches of the text and what takes their place
    open_groups, groups = [_Group(body[0], {*names})], list[_Group]()
    before = ["", "", ""]  # the last tokens
    projected: set[str] | None = None  # by the SELECT that was read last, until its pattern begins
    in_values = False  # between the word VALUES and its block
    for token in scan(text[: body[1]]):
        group, name = open_groups[-1], token.text.lstrip("?$")
        if token.start <= body[0]:
            continue
        if token.keyword == "SELECT":
            projected, group.is_query = set(), True
        elif token.text == "{":
            inner = _Group(token.end, group.visible, is_minus=before[-1] == "MINUS")
            if projected is not None:
                inner.visible = group.visible if "*" in projected else group.visible & projected
                inner.joined = {*inner.visible}
            if before[-1] == "UNION":  # some engines lose rows of branches that do not bind the same variables
                inner.joined = groups[-1].joined
            open_groups.append(inner)
            projected, in_values = None, False
        elif token.text == "}":
            group.end = token.start
            groups.append(open_groups.pop())
            open_groups[-1].mentioned |= group.mentioned
            if group.is_minus:
                group.joined |= group.mentioned
                open_groups[-1].joined |= group.mentioned
        elif projected is not None:
            projected.add(name)
        elif token.kind == "variable" and name in group.visible and not group.is_query:
            group.mentioned.add(name)
            if not in_values and before[-1] != "AS" and before[-2] != "BOUND":
                spots.append((token.start, token.end, f" {_MARK}{name}{_MARK} "))
        in_values = in_values or token.keyword == "VALUES"
        before = [*before[-1:], token.keyword or token.text]
    for group in groups:
        if group.joined:
            head = f" {_values(sorted(group.joined))} "
            spots.append((group.start, group.start, head + "{" if group.is_query else head))
            spots.append((group.end, group.end, "\n}" if group.is_query else ""))
    return _with_values(_put(text, spots), names)


def _with_values(text: str, names: Sequence[str]) -> str:
    body = read_outline(text).body
    if body is None:
        return text
    start, end = body
    inside = text[start + 1 : end]
    first = next(scan(inside), None)
    if first is not None and first.keyword == "SELECT":
        inside = "{" + inside + "\n}"
    return f"{text[: start + 1]} {_values(names)} {inside}{text[end:]}"


@dataclass(slots=True)
class _Group:
    """A group of a pattern: the offsets within its braces, and variables: those seen there, mentioned, and joined in by VALUES."""

    start: int
    visible: set[str]
    is_minus: bool = False
    is_query: bool = False
    end: int = 0
    mentioned: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)


def _values(names: Sequence[str]) -> str:
    variables, marks = " ".join(f"?{name}" for name in names), " ".join(f"{_MARK}{name}{_MARK}" for name in names)
    return f"VALUES ({variables}) {{ ({marks}) }}"


def with_base(text: str, base: str) -> str:
    """Give a query a base, as every service must (SPARQL 1.1 Protocol, 2.3), unless it begins with one of its own."""
    words = [token.text for token in itertools.islice(scan(text), 2)]
    has_own = words[:1] != [] and words[0].upper() == "BASE" and ":" in words[1].partition("/")[0]
    return text if has_own else f"BASE <{base}>\n{text}"


@lru_cache(256)  # a build runs each rule in several rounds
def as_insert(text: str, graph: str) -> str:
    """Make the update that adds what a CONSTRUCT query gives to the default graph and to another. Raises QueryRefused."""
    outline = read_outline(text)
    if outline.template is None:
        hint = "Write CONSTRUCT { … } WHERE { … }"
        raise QueryRefused("The query is no CONSTRUCT with a template of its own", reason="form", hint=hint)
    start, end = outline.template
    triples = text[start + 1 : end]
    head = text[:start].rstrip()[: -len("CONSTRUCT")]
    return f"{head}INSERT {{ {triples} GRAPH <{graph}> {{ {triples} }} }}{text[end + 1 :]}"


class Copies(NamedTuple):
    """The graphs in which a server holds a release: the merge of all, each graph's copy, and the links of copies to graphs by ORIGINAL.

    Nothing is ever in `nowhere`.
    """

    merge: str
    links: str
    nowhere: str
    copies: Mapping[str, str]  # by the IRI of the graph


def over_copies(text: str, default: Sequence[str], named: Sequence[str], held: Copies) -> str:
    """Write a query for a server so that it asks of the copies there what it asks of the graphs, and sees nothing else.

    `default` and `named`, if any, take the place of the FROM clauses. Columns that begin with COPY do not belong to the answer.
    Raises QuerySyntaxError where a name stands without a space behind a keyword, which only the embedded engine can read.
    """
    tokens = list(scan(text))
    first, base, prefixes = read_prologue(tokens, BASE)
    outline = read_outline(text, tokens, BASE)
    if not (default or named):
        default, named = outline.default_graphs, outline.named_graphs
    is_whole = not (default or named)
    defaults = [held.merge] if is_whole else [held.copies.get(iri, held.nowhere) for iri in default] or [held.nowhere]
    visible = {iri: held.copies[iri] for iri in (held.copies if is_whole else named) if iri in held.copies}
    spots: list[tuple[int, int, str]] = []
    needed: dict[str, None] = {}  # copies that the query may look into
    for number, token in enumerate(tokens[first:], first):
        if token.kind == "name" and (prefix := token.text.partition(":")[0]) not in {*prefixes, "_"}:
            line, column = locate(text, token.start)
            message = say("%(token)s has no prefix that is declared", token=token.text)
            hint = say("Write a space behind the keyword, or declare PREFIX %(prefix)s:", prefix=prefix)
            raise QuerySyntaxError(message, hint=hint, line=line, column=column)
        if token.keyword in ("FROM", "FROMNAMED"):
            graph = tokens[number + 1 + (tokens[number + 1].keyword == "NAMED")]
            spots.append((token.start, graph.end, " "))
        elif token.keyword == "GRAPH":
            graph = tokens[number + 1]
            iri, variable = resolve(graph, base, prefixes), f"?{COPY}{number}"
            copies = [*visible.values(), held.links] if iri is None else [visible.get(iri, held.nowhere)]
            needed |= dict.fromkeys(copies)
            there = f"GRAPH <{copies[0]}> "
            if iri is None:
                there = f"GRAPH <{held.links}> {{ {variable} <{ORIGINAL}> {graph.text} }} GRAPH {variable} "
            spots.append((token.start, graph.end, there))
    dataset = "".join([*(f" FROM <{iri}>" for iri in defaults), *(f" FROM NAMED <{iri}>" for iri in needed)])
    spots.append((place := _place_of_dataset(tokens[first:], outline), place, f"{dataset} "))
    return _put(text, spots)


def _place_of_dataset(tokens: Sequence[Token], outline: Outline) -> int:
    """Find the offset behind the head of a query: before WHERE or the pattern, in a DESCRIBE without one behind what it describes."""
    if outline.body is None:
        described = itertools.takewhile(lambda token: token.kind in ("iri", "name", "variable", "mark"), tokens[1:])
        return [tokens[0], *described][-1].end
    before = [token for token in tokens if token.start < outline.body[0]]
    return before[-1].start if before[-1].keyword == "WHERE" else outline.body[0]


def _put(text: str, spots: Iterable[tuple[int, int, str]]) -> str:
    """Put texts in the place of stretches of a text."""
    for start, end, new in sorted(spots, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def refuse_vendor_functions(text: str) -> None:
    """Raise QueryRefused where a query calls what only one engine has, by a prefix or a scheme that it keeps for itself."""
    for token in scan(text):
        prefix = undo_escapes(token.text).lstrip("<").lower().partition(":")[0]
        if token.kind in ("iri", "name") and prefix in _VENDOR:
            line, column = locate(text, token.start)
            message = say(
                "%(token)s belongs to one engine; this endpoint has the functions of SPARQL 1.1 and no others",
                token=token.text,
            )
            hint = say("Leave it out, or compute it from the rows at home")
            raise QueryRefused(message, reason="function", hint=hint, line=line, column=column)

"""A query's text with terms in the place of variables, and made ready for another engine. The text has been parsed before."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from kg import terms
from kg.errors import BadParameter, QueryRefused
from kg.sparql.tokens import Outline, locate, read_outline, scan, undo_escapes
from kg.terms import Blank, Term
from kg.wording import say

_VENDOR = ("bif", "sql")  # Virtuoso's own functions: some of them read files and run SQL


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
    inside = text[start + 1 : end]
    first = next(scan(inside), None)
    if first is not None and first.keyword == "SELECT":
        inside = "{" + inside + "\n}"
    return f"{text[: start + 1]} {_values(bindings)} {inside}{text[end:]}"


def bind(text: str, bindings: Mapping[str, Term]) -> str:
    """Bind variables to terms, as the embedded engine substitutes them.

    Within the patterns a term takes the place of its variable. VALUES clauses bind the variables where they are projected, and
    on both sides of a MINUS, which takes away only what shares a variable (SPARQL 1.1, 8.3). A subquery sees the variables that it
    projects, and no others (12). Raises BadParameter as `write` does.
    """
    body = read_outline(text).body
    if body is None or not bindings:
        return text
    spots: list[tuple[int, int, str]] = []  # stretches of the text and what takes their place
    open_groups, groups = [_Group(body[0], {*bindings})], list[_Group]()
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
                spots.append((token.start, token.end, f" {write(name, bindings[name])} "))
        in_values = in_values or token.keyword == "VALUES"
        before = [*before[-1:], token.keyword or token.text]
    for group in groups:
        if group.joined:
            head = f" {_values({name: bindings[name] for name in sorted(group.joined)})} "
            spots.append((group.start, group.start, head + "{" if group.is_query else head))
            spots.append((group.end, group.end, "\n}" if group.is_query else ""))
    for start, end, new in sorted(spots, reverse=True):
        text = text[:start] + new + text[end:]
    return insert_values(text, bindings)


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


def _values(bindings: Mapping[str, Term]) -> str:
    names = " ".join(f"?{name}" for name in bindings)
    return f"VALUES ({names}) {{ ({' '.join(write(name, term) for name, term in bindings.items())}) }}"


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


def names_graphs(text: str) -> bool:
    """Whether a query may name graphs: by GRAPH, of which the embedded engine wants no space behind it, or by FROM."""
    return any(token.text[:5].upper() == "GRAPH" or token.keyword in ("FROM", "FROMNAMED") for token in scan(text))


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

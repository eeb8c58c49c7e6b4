"""A query's text with terms in the place of variables, and made ready for another engine. The text has been parsed before."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """Bind variables by VALUES clauses at the head of each group that mentions them, so that its filters and MINUS see them.

    A subquery sees the variables that it projects, and no others (SPARQL 1.1, 12). Raises BadParameter as `write` does.
    """
    body = read_outline(text).body
    if body is None or not bindings:
        return text
    heads: dict[int, str] = {}  # by offset
    groups = [_Group(body[0], {*bindings})]
    projected: set[str] | None = None  # by the SELECT that was read last, until its pattern begins
    for token in scan(text[: body[1]]):
        group, name = groups[-1], token.text.lstrip("?$")
        if token.start <= body[0]:
            continue
        if token.keyword == "SELECT":
            projected, group.is_query = set(), True
        elif token.text == "{":
            visible = group.visible if projected is None or "*" in projected else group.visible & projected
            groups.append(_Group(token.end, visible))
            projected = None
        elif token.text == "}":
            groups.pop()
            groups[-1].mentioned |= group.mentioned
            if group.mentioned and not group.is_query:
                heads[group.start] = _values({name: bindings[name] for name in sorted(group.mentioned)})
        elif projected is not None:
            projected.add(name)
        elif token.kind == "variable" and name in group.visible:
            group.mentioned.add(name)
    for offset in sorted(heads, reverse=True):
        text = f"{text[:offset]} {heads[offset]} {text[offset:]}"
    return insert_values(text, bindings)


@dataclass(slots=True)
class _Group:
    """A group of a pattern: the offset behind its brace, the bound variables that it sees and those that it mentions."""

    start: int
    visible: set[str]
    mentioned: set[str] = field(default_factory=set)
    is_query: bool = False


def _values(bindings: Mapping[str, Term]) -> str:
    names = " ".join(f"?{name}" for name in bindings)
    return f"VALUES ({names}) {{ ({' '.join(write(name, term) for name, term in bindings.items())}) }}"


def with_base(text: str, base: str) -> str:
    """Give a query a base, as every service must (SPARQL 1.1 Protocol, 2.3), unless it begins with one of its own."""
    words = [token.text for token in itertools.islice(scan(text), 2)]
    has_own = words[:1] != [] and words[0].upper() == "BASE" and ":" in words[1].partition("/")[0]
    return text if has_own else f"BASE <{base}>\n{text}"


def names_graphs(text: str) -> bool:
    """Whether a query may name graphs: by GRAPH, of which the embedded engine wants no space behind it, or by FROM."""
    return any(token.text[:5].upper() == "GRAPH" or token.keyword in ("FROM", "FROMNAMED") for token in scan(text))


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

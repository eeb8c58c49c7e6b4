"""What the pattern of a query looks for, read from its tokens: properties, their values, things of ours, and BIND clauses.

It is read to tell why an answer is empty, so that what is too intricate to be read is left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from kg import terms
from kg.sparql.tokens import BASE, Token, read_prologue, resolve, scan, unquote
from kg.terms import Iri, Literal

_XSD, _TYPE = terms.PREFIXES["xsd"], Iri(terms.PREFIXES["rdf"] + "type")
_OPENED = {"(": ")", "{": "}"}
_AFTER = {"GROUP", "ORDER", "LIMIT", "OFFSET", "HAVING"}  # begin what stands behind a pattern
_ORDERS = ("<", ">")
_POSTFIX = ("*", "+", "?")
_COPES = {"BOUND", "COALESCE"}  # functions for what may have no value

Item = Iri | Literal | str  # a variable, a keyword in capitals, or a sign is a text


class Wanted(NamedTuple):
    """A value that a query wants a property to have; `is_bound`: as what comes before or after it."""

    property: str
    value: Literal
    is_bound: bool = False


class Bind(NamedTuple):
    """A BIND clause that stands too early: its variable, and the one in its expression that has no value there; "" in a constant one."""

    variable: str
    missing: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a pattern looks for: `properties`, `wanted` values of them, and `things`, the IRIs of ours that name things and graphs.

    `early` are the BIND clauses before the pattern that binds what stands in their expressions, and those of a constant before
    the pattern that uses it.
    """

    properties: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    things: tuple[str, ...]
    early: tuple[Bind, ...]


def read_pattern(text: str) -> Pattern:
    """Read what a query looks for."""
    items = _read_items(list(scan(text)))
    begin = _next(items, 0, "{")
    if items[:2] == ["CONSTRUCT", "{"]:
        begin = _next(items, _closing(items, begin), "{")
    properties: list[str] = []
    objects = [pair for pair in _read_triples(items[begin:], properties) if pair[0]]
    by_variable = defaultdict(list)
    for name, value in objects:
        if isinstance(value, str):
            by_variable[value].append(name)
    wanted = [Wanted(name, value) for name, value in objects if isinstance(value, Literal)]
    for variable, value, is_bound in _read_comparisons(items):
        wanted += [Wanted(name, value, is_bound) for name in by_variable[variable]]
    named = (item.value for item in items if isinstance(item, Iri))
    things = [iri for iri in named if iri.startswith((terms.ID, terms.GRAPH)) and not iri.endswith("/")]
    unique = tuple(dict.fromkeys(properties)), tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(things))
    return Pattern(*unique, tuple(_read_binds(items)))


def _read_items(tokens: Sequence[Token]) -> list[Item]:
    """Read the terms, variables, keywords and signs behind the prologue of a query."""
    start, base, prefixes = read_prologue(tokens, BASE)
    items: list[Item] = []
    for token in tokens[start:]:
        before = items[-1] if items else ""
        iri = resolve(token, base, prefixes)
        iri = iri if iri and terms.is_iri(iri) else None
        if token.kind == "string":
            items.append(Literal(unquote(token.text)))
        elif token.kind == "number":
            kind = "double" if "e" in token.text.lower() else "decimal" if "." in token.text else "integer"
            items.append(Literal(token.text, _XSD + kind))
        elif token.kind == "language" and isinstance(before, Literal):
            items[-1] = Literal(before.value, language=token.text[1:].lower())
        elif iri is not None and before == "^^" and len(items) > 1 and isinstance(of := items[-2], Literal):
            items[-2:] = [Literal(of.value, None if iri == terms.XSD_STRING else iri)]
        elif iri is not None:
            items.append(Iri(iri))
        elif token.kind == "word":
            items.append(_TYPE if token.text == "a" else token.keyword)
        else:
            items.append("?" + token.text[1:] if token.kind == "variable" else token.text)
    return items


def _is_variable(item: Item) -> bool:
    return isinstance(item, str) and item[:1] == "?" and len(item) > 1


def _closing(items: Sequence[Item], index: int) -> int:
    """Find the bracket that closes the one at an index, or the end."""
    depth = 0
    for number in range(index, len(items)):
        depth += (items[number] == items[index]) - (items[number] == _OPENED.get(str(items[index])))
        if not depth:
            return number
    return len(items)


def _next(items: Sequence[Item], index: int, *texts: str) -> int:
    """Find the next of some signs, or the end."""
    return next((number for number in range(index, len(items)) if items[number] in texts), len(items))


def _read_triples(items: Sequence[Item], properties: list[str]) -> Iterator[tuple[str, Item]]:
    """Yield the objects of the triple patterns with their properties, "" where a path or a variable stands for it; list all properties."""
    place, outside, name, index = "subject", [], "", 0
    follow = {"subject": "property", "property": "object", "object": "end", "end": "end"}
    while index < len(items):
        item = items[index]
        if item in ("BIND", "FILTER") and _next(items, index, "(") < _next(items, index, "{"):
            index, place = _closing(items, _next(items, index, "(")), "subject"
        elif item == "VALUES":
            index, place = _closing(items, _next(items, index, "{")), "subject"
        elif item == "GRAPH":
            index, place = index + 1, "subject"
        elif item == "SELECT":
            index = _next(items, index, "{") - 1
        elif item in _AFTER:
            index = _next(items, index, "}") - 1
        elif item in ("{", "}", "."):
            place = "subject"
        elif item in (";", ","):
            place = "property" if item == ";" else "object"
        elif item == "[":
            outside.append((place, name))
            place = "property"
        elif item == "]" and outside:
            place, name = outside.pop()
            place = follow[place]
        elif place == "property":
            index, name = _read_path(items, index, properties)
            place = "object"
        elif item == "(" or isinstance(item, Iri | Literal) or _is_variable(item):
            if place == "object" and item != "(":
                yield name, item
            index = _closing(items, index) if item == "(" else index
            place = follow[place]
        index += 1


def _read_path(items: Sequence[Item], index: int, properties: list[str]) -> tuple[int, str]:
    """Read a path: the index of its last item, and the property that its end is the object of, if it is one."""
    is_choice = False
    while True:
        first = index
        while items[index] in ("^", "!") and index + 1 < len(items):
            index += 1
        end = _closing(items, index) if items[index] == "(" else index
        steps = [item.value for item in items[index : end + 1] if isinstance(item, Iri)]
        properties += steps
        behind = next((at for at in range(end + 1, len(items)) if items[at] not in _POSTFIX), len(items))
        if behind + 1 >= len(items) or items[behind] not in ("/", "|"):
            return behind - 1, "".join(steps) if first == end and not is_choice else ""
        is_choice = is_choice or items[behind] == "|"
        index = behind + 1


def _read_comparisons(items: Sequence[Item]) -> Iterator[tuple[str, Literal, bool]]:
    """Yield the variables that have to be a value, or to come before or after it."""
    for index, item in enumerate(items):
        before, left, far = (items[index - back] if index >= back else "" for back in (1, 2, 3))
        if item in ("IN", "VALUES"):
            variable = str(before if item == "IN" else items[index + 1] if index + 1 < len(items) else "")
            opened = index + 1 if item == "IN" else index + 2
            if _is_variable(variable) and opened < len(items) and items[opened] in _OPENED:
                listed = items[opened : _closing(items, opened)]
                yield from ((variable, each, False) for each in listed if isinstance(each, Literal))
        elif isinstance(item, Literal):
            after = items[index + 1 : index + 3]
            if before == "=" and _is_variable(left):
                yield str(left), item, False
            elif before in _ORDERS and _is_variable(left) or before == "=" and left in _ORDERS and _is_variable(far):
                yield str(left if before in _ORDERS else far), item, True
            elif before == "(" and left == "BIND" and after[:1] == ["AS"]:
                yield str(after[-1]), item, False


def _read_binds(items: Sequence[Item]) -> Iterator[Bind]:
    """Yield the BIND clauses that stand too early."""
    opened: list[int] = []
    begin = _next(items, 0, "{")
    depths = accumulate((item == "(") - (item == ")") for item in items[begin:])
    bound = {item for item, depth in zip(items[begin:], depths, strict=True) if depth == 0}  # not in an expression
    for index, item in enumerate(items):
        if item == "{":
            # What is looked for in EXISTS knows the values around it.
            inherits = opened and index and items[index - 1] in ("EXISTS", "LATERAL")
            opened.append(opened[-1] if inherits else index)
        elif item == "}" and opened:
            opened.pop()
        elif item == "BIND" and opened and items[index + 1 : index + 2] == ["("]:
            end = _closing(items, index + 1)
            *expression, _, variable = items[index + 2 : end] if end - index > 4 else ("", "", "")
            variables = [each for each in expression if _is_variable(each)]
            before = {*items[opened[-1] : index]}
            missing = [str(each) for each in variables if each in bound and each not in before]
            if missing and not _COPES.intersection(expression):
                yield Bind(str(variable), missing[0])
            is_constant = not variables and any(isinstance(each, Iri | Literal) for each in expression)
            if is_constant and variable in items[end : _closing(items, opened[-1])]:
                yield Bind(str(variable), "")

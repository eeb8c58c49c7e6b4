"""Checks: queries that must return no row. Each row of an answer is a mistake, told by the check's message.

A check is a SELECT with a header:

    #+ title: …
    #+ message: … {variable} …
    #+ severity: Warning                 only where it does not stop a build
    #+ suggest: variable                 add the nearest names that exist to the message
    #+ scope: file                       what one file says decides whether it breaks the check

Its first variable is what the mistake is about. `?graph` names the graph, and so the file, in which it stands; `?value`
what in its description is wrong; `?elsewhere` a graph that says the same, whose place the message tells.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache

from kg import terms
from kg.build.asking import ask_each
from kg.build.inputs import QueryFile, definitions, described
from kg.build.places import UNKNOWN, Place, Places
from kg.build.report import VIOLATION, Result, brief
from kg.errors import QuerySyntaxError, named_after
from kg.sparql import vocabulary
from kg.sparql.header import Grammar, read_header
from kg.sparql.turtle import BLANK
from kg.store import Store

_GRAMMAR = Grammar(required=("message",), optional=("title", "severity", "suggest", "scope"))
_SLOT = re.compile(r"\{(\w+)\}")
SECONDS = 600.0  # that a check may take

Row = Mapping[str, terms.Term | None]


def ask(
    store: Store,
    checks: Iterable[QueryFile],
    places: Places,
    *,
    jobs: int | None = None,
    graphs: Collection[str] = (),
    skip: Callable[[str], bool] = lambda thing: False,
) -> list[Result]:
    """Ask every check of a store, so many at a time. Raises SourceError for one whose header is wrong, or which takes too long.

    With `graphs`, a check of the scope `file` is asked of these alone. What another check finds of a thing that `skip` names is
    left out.
    """
    answers = ask_each(
        lambda check: _ask(store, check, graphs), checks, lambda check: check.name, seconds=SECONDS, jobs=jobs
    )
    places.learn(_text(_focus(row)) for _, _, rows in answers for row in rows)
    results = []
    suggests = any(rows and "suggest" in header for _, header, rows in answers)
    names, texts = (described(store), definitions(store)) if suggests else (set[str](), dict[str, str]())
    below = cache(lambda folder: {name for name in names if name.startswith(folder)})  # for each row of many
    for name, header, rows in answers:
        for row in rows:
            if header.get("scope") != "file" and skip(_text(_focus(row))):
                continue
            message = _fill(header["message"], row, places)
            if suggest := header.get("suggest"):
                message = f"{message} {_suggest(_text(row[suggest]), names, below, texts)}".strip()
            severity = header.get("severity", VIOLATION)
            results.append(Result(*_place(row, places), message, severity, _text(_focus(row)), name))
    return results


def _ask(store: Store, check: QueryFile, graphs: Collection[str]) -> tuple[str, Mapping[str, str], list[Row]]:
    header = read_header(check.text, check.name, _GRAMMAR).once
    of_files = [{"graph": terms.Iri(graph)} for graph in graphs] if header.get("scope") == "file" else []
    answer: list[Row] = []
    with named_after(check.name, QuerySyntaxError):
        for bindings in of_files or [{}]:
            rows = store.select(check.text, bindings=bindings)
            answer += [dict(zip(rows.variables, row, strict=True)) for row in rows]
    name = check.name.removeprefix("queries/").removesuffix(".rq")  # as results name the check
    return name, header, answer


def _focus(row: Row) -> terms.Term | None:
    return next(iter(row.values()), None)


def _place(row: Row, places: Places) -> Place:
    focus, graph = _focus(row), _text(row.get("graph")) or None
    value = row.get("value") if graph else None
    word = BLANK if isinstance(value, terms.Blank) else _text(value)
    if isinstance(focus, terms.Blank) or focus == value:
        return places.find_word(word or BLANK, graph)
    place = places.find(_text(focus), graph, None if value is None else word)
    return places.find_word(word or _text(focus), graph) if graph and place == UNKNOWN else place


def _fill(message: str, row: Row, places: Places) -> str:
    def fill(slot: re.Match[str]) -> str:
        value = row.get(slot[1])
        if value is None:
            return "nothing" if slot[1] in row else slot[0]
        name = line = None
        if slot[1] == "elsewhere":
            name, line, _ = places.find(_text(_focus(row)), value.value)
        return f"{name}:{line}" if line else name or _show(value)

    return _SLOT.sub(fill, message)


def _show(value: terms.Term) -> str:
    """Write a value as people do; the letters that only look like those of our IRIs by their code points too."""
    text = brief(vocabulary.short(value.value))
    if not isinstance(value, terms.Iri) or not value.value.startswith(terms.BASE) or text.isascii():
        return text
    codes = " ".join(f"U+{ord(char):04X}" for char in dict.fromkeys(text) if not char.isascii() and char != "…")
    return f"{text} (with {codes})" if codes else text


def _text(value: terms.Term | None) -> str:
    return "" if value is None else value.value


def _suggest(
    iri: str, names: Collection[str], below: Callable[[str], Collection[str]], texts: Mapping[str, str]
) -> str:
    """Name what may have been meant by an IRI that nothing defines: of all names, or of those `below` the same folder."""
    siblings = below(iri.rpartition("/")[0] + "/")
    if iri.startswith(terms.SCHEME):
        return vocabulary.offer(iri, siblings or names, texts)
    return vocabulary.suggest(vocabulary.nearest(iri, siblings if iri.startswith(terms.ID) else names, 1, texts))

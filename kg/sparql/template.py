"""The template of the sentence that answers a question: its small language, and what is wrong with a template.

It is a part of Jinja2's: texts, `{{ … }}`, `{% if %}`, `{% for %}` and `{% set %}`, the filters and the function below, and no attribute
of anything. Filters take columns by name, so that a column which does not exist is found before anybody asks.
"""

import difflib
from collections.abc import Collection, Iterator

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kg.errors import SourceError

# Each filter and how many of its arguments, from the first on, are columns; None: all of them.
FILTERS: dict[str, int | None] = {
    "count": 1,  # how many rows; with a column, how many different values of it
    "names": 1,  # the different values of a column, as they are shown, in the order of the rows
    "tally": 1,  # the different values of a column, the most frequent first, each with its number of rows
    "listed": 0,  # texts one after the other; with a number, so many of them and how many more there are
    "where": 1,  # the rows in which a column has one of the values: a text, or the last part of an IRI
    "unless": 1,  # the rows in which it has none of them
    "having": None,  # the rows in which all these columns are filled
    "lacking": None,  # the rows in which all of them are empty
    "by": 1,  # pairs of a value of a column, as it is shown, and its rows
    "earliest": 1,  # the first date of a column, at its precision
    "latest": 1,  # the last one
    "years": None,  # the years from the first to the last date of some columns
    "total": 1,  # the sum of the numbers of a column
    "figures": 0,  # the lowest and the highest of rival numbers, each as exact as it is given
}
FUNCTIONS = ("plural",)  # plural(number, one, many[, few]): the word that the language wants beside a number
ROWS = "rows"
_FIGURES = ("value", "minimum", "maximum", "inWords", "precision")  # the columns that `figures` reads
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.Name, nodes.Const),
    *(nodes.Filter, nodes.Call, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(nodes.List, nodes.Tuple, nodes.Add, nodes.Sub, nodes.Concat),
)


def make_environment() -> ImmutableSandboxedEnvironment:
    """Make the environment of the templates: sandboxed, without the functions of Jinja2 and without its filters and tests."""
    environment = ImmutableSandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    environment.filters.update(dict.fromkeys(FILTERS, str))
    return environment


_GRAMMAR = make_environment()


def check(text: str, columns: Collection[str], parameters: Collection[str]) -> None:
    """Raise SourceError for a template that does not parse, or that names what does not exist."""
    try:
        tree = _GRAMMAR.parse(text)
    except TemplateSyntaxError as error:
        raise SourceError(f"the answer is no template: {error.message}") from None
    for fault in _faults(tree, columns, parameters):
        raise SourceError(f"the answer {fault}")


def _faults(tree: nodes.Template, columns: Collection[str], parameters: Collection[str]) -> Iterator[str]:
    names = {ROWS, *parameters, *(node.name for node in tree.find_all(nodes.Name) if node.ctx == "store")}
    for node in _walk(tree):
        kind = type(node).__name__.lower()
        if not isinstance(node, _ALLOWED):
            yield f"has {kind}, which a sentence cannot have"
        elif isinstance(node, nodes.For) and (node.else_ or node.recursive):
            yield "has a loop with else or recursive, which a sentence cannot have"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"has the filter {node.name!r}. {_near(node.name, FILTERS)}"
        elif isinstance(node, nodes.Filter):
            for column in set(_columns(node)) - {*columns}:
                yield f"names {column!r}, which is no column. {_near(column, columns)}"
        elif isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS):
            yield f"calls what is no function. Known: {', '.join(FUNCTIONS)}"
        elif isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in {*names, *FUNCTIONS}:
            yield f"names {node.name!r}, which is not known. {_near(node.name, names)}"
    if _depth(tree) > 2:
        yield "has a loop in a loop in a loop, which a sentence cannot have"


def _columns(node: nodes.Filter) -> Iterator[str]:
    if node.name == "figures":
        yield from _FIGURES
    for argument in node.args[: FILTERS.get(node.name)]:  # None: all of them
        yield argument.value if isinstance(argument, nodes.Const) else type(argument).__name__.lower()


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _depth(node: nodes.Node) -> int:
    inner = max((_depth(child) for child in node.iter_child_nodes()), default=0)
    return inner + isinstance(node, nodes.For)


def _near(name: str, names: Collection[str]) -> str:
    close = difflib.get_close_matches(name, list(names), 1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(sorted(names))}"

"""The named questions, and the queries behind the pages: what is wrong with them is results before anybody asks them."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import PurePath

from kg import sparql
from kg.build.inputs import Inputs, QueryFile
from kg.build.report import Result, as_result
from kg.errors import AnswerableError, SourceError
from kg.sparql.header import is_given_values_first
from kg.sparql.lists import parse_list
from kg.sparql.question import Question, parse_question
from kg.sparql.vocabulary import nearest, short, suggest, unknown_terms
from kg.store import Store


def review(read: Inputs, defined: Collection[str]) -> tuple[list[Question], list[Result]]:
    """Review all queries but those of tables; return the questions that can be asked, and what is wrong with the others.

    `defined` are the IRIs of the terms and concepts there are.
    """
    named, lists = read.folder("questions"), read.folder("lists")
    others = [file for name in ("pages", "records", "search") for file in read.folder(name)]
    results, variables = judge([*named, *lists, *others], defined)
    records = {PurePath(file.name).stem: file.text for file in read.folder("records")}
    questions: list[Question] = []
    for file in named:
        try:
            question = parse_question(PurePath(file.name).stem, file.text, file.name, records)
        except SourceError as error:
            results.append(as_result(error))
            continue
        if file.name in variables:
            wrong = [*_projection(file, question, variables[file.name]), *_classes(file, question, defined)]
            results += wrong
            questions += [] if wrong else [question]
    for file in lists:
        try:
            parsed = parse_list(PurePath(file.name).stem, file.text, file.name)
        except SourceError as error:
            results.append(as_result(error))
            continue
        if file.name in variables:
            entries = [f"column {name}" for name in parsed.needs]
            results += lacking(file.name, entries, variables[file.name], parsed.lines)
    rules = [file for file in read.queries if file.name.startswith(("queries/rules/", "queries/checks/"))]
    return questions, [*results, *(wrong for file in rules for wrong in _unknown(file, defined))]


def judge(files: Iterable[QueryFile], defined: Collection[str]) -> tuple[list[Result], dict[str, tuple[str, ...]]]:
    """Say what is wrong with queries: their SPARQL, and terms that do not exist; map the others to their variables."""
    results: list[Result] = []
    variables: dict[str, tuple[str, ...]] = {}
    with Store.memory() as empty:
        for file in files:
            try:
                sparql.guard(file.text)
                projected = _variables(file.text, empty)
            except AnswerableError as error:
                results.append(as_result(error, file.name, 1))
                continue
            unknown = [*_unknown(file, defined)]
            results += unknown
            if not unknown:
                variables[file.name] = projected
    return results, variables


def _variables(text: str, empty: Store) -> tuple[str, ...]:
    """Name the variables of a SELECT, as the engine reads it in an empty store; other forms have none."""
    form = sparql.read_form(text)
    if form == "SELECT":
        return empty.select(text).variables
    (empty.ask if form == "ASK" else empty.construct)(text)
    return ()


def lacking(file: str, entries: Iterable[str], variables: Sequence[str], lines: Mapping[str, int]) -> Iterator[Result]:
    """Yield the entries of a header, such as `column event`, that name no variable of the query."""
    listed = ", ".join(f"?{variable}" for variable in variables) or "none"
    for entry in sorted(entries):
        if entry.partition(" ")[2] not in variables:
            message = f"The {entry} is no variable of the SELECT, which has {listed}."
            yield Result(file, lines.get(entry, 1), 1, message)


def examples(store: Store, questions: Iterable[Question], jobs: int | None = None) -> list[Result]:
    """Ask each question its own example; one that has no answer is a mistake."""
    with ThreadPoolExecutor(jobs or os.cpu_count()) as threads:
        return list(chain.from_iterable(threads.map(partial(_example, store), questions)))


def _unknown(file: QueryFile, defined: Collection[str]) -> Iterator[Result]:
    """Yield each use of a term of ours that does not exist in the text of a query, rule or check."""
    for term in unknown_terms(file.text, defined):
        yield Result(file.name, term.line, term.column, f"{term.message}. {term.hint}".strip())


def _projection(file: QueryFile, question: Question, variables: tuple[str, ...]) -> Iterator[Result]:
    """Compare the variables that a query projects with the columns and parameters of its header."""
    if not variables:
        yield Result(file.name, 1, 1, "A question is a SELECT: its answer is a table.")
        return
    entries = [f"parameter {parameter.name}" for parameter in question.parameters]
    entries += [f"column {name}" for name, _ in question.columns]
    yield from lacking(file.name, entries, variables, question.lines)
    for name in sorted({*variables} - {entry.partition(" ")[2] for entry in entries}):
        token = next(token for token in sparql.scan(file.text) if token.text in (f"?{name}", f"${name}"))
        hint = f"Describe it with `#+ column: {name} | …`, or leave it out."
        message = f"?{name} is neither a column nor a parameter. {hint}"
        yield Result(file.name, *sparql.locate(file.text, token.start), message)


def _classes(file: QueryFile, question: Question, defined: Collection[str]) -> Iterator[Result]:
    for parameter in question.parameters:
        iri = parameter.class_iri if parameter.kind == "iri" else None
        if iri and iri not in defined:
            message = f"The parameter {parameter.name} is of {short(iri)}, which does not exist."
            hint = suggest(nearest(iri, defined))
            yield Result(file.name, question.lines[f"parameter {parameter.name}"], 1, f"{message} {hint}".strip())


def _example(store: Store, question: Question) -> list[Result]:
    where = f"queries/questions/{question.name}.rq"
    line = min((number for key, number in question.lines.items() if key.startswith("parameter")), default=1)
    try:
        bindings = question.bind({parameter.name: parameter.example for parameter in question.parameters})
        values_first = is_given_values_first(question.text)
        if list(store.select(_first(question), bindings=bindings, values_first=values_first)):
            return []
    except AnswerableError as error:
        return [as_result(error, where, line)]
    values = ", ".join(f"{parameter.name}={parameter.example}" for parameter in question.parameters) or "no parameter"
    message = f"The example of the question ({values}) has no answer. Give one that the data answer."
    return [Result(where, line, 1, message)]


def _first(question: Question) -> str:
    """Write the query for one solution of a question's pattern; the whole query where HAVING decides as well."""
    text, outline = question.text, sparql.read_outline(question.text)
    tokens = list(sparql.scan(text))
    select = next(token.start for token in tokens if token.keyword == "SELECT")
    if outline.body is None or any(token.keyword == "HAVING" for token in tokens) or not question.parameters:
        return text
    start, end = outline.body
    parameters = " ".join(f"?{parameter.name}" for parameter in question.parameters)
    return f"{text[:select]}SELECT {parameters} WHERE {text[start : end + 1]} LIMIT 1"

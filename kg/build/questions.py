"""The named questions, and the queries behind the pages: what is wrong with them is found before anybody asks them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath

from kg import sparql
from kg.build.inputs import QueryFile
from kg.build.report import Result, collect
from kg.errors import AnswerableError, SourceError
from kg.sparql.header import is_given_values_first
from kg.sparql.lists import parse_list
from kg.sparql.question import TOPICS, Question, missing_record, parse_question
from kg.sparql.rewrite import insert_values
from kg.sparql.vocabulary import nearest, short, suggest, unknown_terms
from kg.store import Store


def review(
    files: Iterable[QueryFile], known: Collection[str], records: Iterable[QueryFile]
) -> tuple[list[Question], list[Result]]:
    """Read question files, as they stand; return the questions that can be asked, and what is wrong with the others.

    `known` are the IRIs of the terms and concepts there are, `records` the queries that say how far a record goes.
    """
    questions, found, names = [], [], [PurePath(one.name).stem for one in records]
    with Store.memory() as empty:
        for file in files:
            try:
                question = parse_question(PurePath(file.name).stem, file.text, file.name)
                if question.record and question.record not in names:
                    raise missing_record(question, file.name, names)
            except SourceError as error:
                found += collect([error]).results
                continue
            wrong, variables = _judge(file, known, empty)
            wrong = wrong or [*_projection(file, question, variables), *_classes(file, question, known)]
            wrong += _lacking(file, question)
            found += wrong
            questions += [] if wrong else [question]
    return questions, found


def read(files: Iterable[QueryFile]) -> list[Question]:
    """Read question files that are known to be good."""
    return [parse_question(PurePath(file.name).stem, file.text, file.name) for file in files]


def lists(files: Iterable[QueryFile], known: Collection[str]) -> Iterator[Result]:
    """Yield what is wrong with the files of lists: their headers, SPARQL and terms, and columns that a query lacks."""
    with Store.memory() as empty:
        for file in files:
            try:
                one = parse_list(PurePath(file.name).stem, file.text, file.name)
            except SourceError as error:
                yield from collect([error]).results
                continue
            wrong, variables = _judge(file, known, empty)
            yield from wrong
            for name in sorted(one.needs - {*(variables or one.needs)}):
                yield Result(file.name, one.lines.get(f"column {name}", 1), 1, f"The query has no variable ?{name}.")


def pages(files: Iterable[QueryFile], known: Collection[str]) -> list[Result]:
    """Say what is wrong with the queries behind the pages: their SPARQL, and terms that do not exist."""
    with Store.memory() as empty:
        return [result for file in files for result in _judge(file, known, empty)[0]]


def variables_of(text: str, empty: Store) -> tuple[str, ...] | None:
    """Name the variables of a SELECT, as the engine reads it in an empty store; None for another form of query."""
    form = sparql.read_form(text)
    if form == "SELECT":
        return empty.select(text).variables
    (empty.ask if form == "ASK" else empty.construct)(text)
    return None


def strangers(files: Iterable[QueryFile], known: Collection[str]) -> Iterator[Result]:
    """Yield each use of a term of ours that does not exist in the text of a query, rule or check."""
    for file in files:
        for one in unknown_terms(file.text, known):
            yield Result(file.name, one.line, one.column, f"{one.message}. {one.hint}".strip())


def examples(store: Store, questions: Iterable[Question], jobs: int = 1, *, narrowed: bool = False) -> list[Result]:
    """Ask each question its own example; one that has no answer is a mistake.

    With `narrowed`, what the default graph of the store lacks is in its named graphs.
    """
    with ThreadPoolExecutor(jobs) as threads:
        return [
            result
            for results in threads.map(lambda one: _example(store, one, narrowed), questions)
            for result in results
        ]


def _judge(file: QueryFile, known: Collection[str], empty: Store) -> tuple[list[Result], tuple[str, ...] | None]:
    """Say what is wrong with the SPARQL and the terms of a query, and name its variables."""
    try:
        sparql.guard(file.text)
        variables = variables_of(file.text, empty)
    except AnswerableError as error:
        error.where, error.line = file.name, error.line or 1
        return list(collect([error]).results), None
    return list(strangers([file], known)), variables


def _lacking(file: QueryFile, question: Question) -> Iterator[Result]:
    """Say what of a header is missing that questions of older releases lack."""
    if not question.topic:
        yield Result(file.name, 1, 1, f"the header lacks topic. Write `#+ topic: …`, one of {', '.join(TOPICS)}.")
    if not question.answer:
        message = "the header lacks answer. Write `#+ answer: …`, the template of the sentence that answers it."
        yield Result(file.name, 1, 1, message)


def _projection(file: QueryFile, question: Question, variables: tuple[str, ...] | None) -> Iterator[Result]:
    """Compare the variables that a query projects with the columns and parameters of its header."""
    if variables is None:
        yield Result(file.name, 1, 1, "A question is a SELECT: its answer is a table.")
        return
    projected = set(variables)
    named = {("parameter", one.name) for one in question.parameters}
    named |= {("column", name) for name, _ in question.columns}
    for kind, name in sorted(named):
        if name not in projected:
            there = ", ".join(f"?{variable}" for variable in variables)
            message = f"The {kind} {name} is no variable of the SELECT, which has {there}."
            yield Result(file.name, question.lines[f"{kind} {name}"], 1, message)
    for name in sorted(projected - {name for _, name in named}):
        token = next(token for token in sparql.scan(file.text) if token.text in (f"?{name}", f"${name}"))
        hint = f"Describe it with `#+ column: {name} | …`, or leave it out."
        message = f"?{name} is neither a column nor a parameter. {hint}"
        yield Result(file.name, *sparql.locate(file.text, token.start), message)


def _classes(file: QueryFile, question: Question, known: Collection[str]) -> Iterator[Result]:
    for parameter in question.parameters:
        iri = parameter.class_iri if parameter.kind == "iri" else None
        if iri and iri not in known:
            message = f"The parameter {parameter.name} is of {short(iri)}, which does not exist."
            hint = suggest(nearest(iri, known))
            yield Result(file.name, question.lines[f"parameter {parameter.name}"], 1, f"{message} {hint}".strip())


def _example(store: Store, question: Question, narrowed: bool) -> list[Result]:
    where = f"queries/questions/{question.name}.rq"
    line = min((number for key, number in question.lines.items() if key.startswith("parameter")), default=1)
    try:
        bindings = question.bind({parameter.name: parameter.example for parameter in question.parameters})
        first = _first(question)
        if is_given_values_first(question.text):
            first, bindings = insert_values(first, bindings), {}
        if any(list(store.select(first, bindings=bindings, union=union)) for union in (False, True)[: 1 + narrowed]):
            return []
    except AnswerableError as error:
        error.where, error.line = where, error.line or line
        return list(collect([error]).results)
    asked = ", ".join(f"{parameter.name}={parameter.example}" for parameter in question.parameters) or "no parameter"
    message = f"The example of the question ({asked}) has no answer. Give one that the data answer."
    return [Result(where, line, 1, message)]


def _first(question: Question) -> str:
    """Write the query for one solution of a question's pattern; the whole query where HAVING decides as well."""
    text, outline = question.text, sparql.read_outline(question.text)
    tokens = list(sparql.scan(text))
    select = next(token.start for token in tokens if token.keyword == "SELECT")
    if outline.body is None or any(token.keyword == "HAVING" for token in tokens) or not question.parameters:
        return text
    start, end = outline.body
    wanted = " ".join(f"?{parameter.name}" for parameter in question.parameters)
    return f"{text[:select]}SELECT {wanted} WHERE {text[start : end + 1]} LIMIT 1"

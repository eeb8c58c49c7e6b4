"""The queries of a project, the named questions among them: what is wrong with one is a result before anybody asks it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import PurePath

from kg import crosswalks, sparql, terms
from kg.build import mapping
from kg.build.asking import ask_each
from kg.build.inputs import Inputs, QueryFile
from kg.build.report import WARNING, Result, as_result
from kg.config import Settings
from kg.errors import AnswerableError, SourceError
from kg.sparql.lists import parse_list
from kg.sparql.question import Question, parse_question
from kg.sparql.vocabulary import explain_unknown, nearest, short, suggest, unknown_terms
from kg.store import Store
from kg.tables import TidyTable, parse_tables

# What does not parse there is found when the build asks it.
_RUN = ("queries/mappings/", "queries/rules/", "queries/checks/")
_OF_LIMITS = ("column what", "column note")  # of a query that says how far the record goes
_OF_CROSSWALKS = ("column subject_id", "column predicate_id", "column object_id")
# That an example may take: other queries are asked beside it, and the engine is cold.
SECONDS = 6 * Settings.page_deadline

Variables = Mapping[str, tuple[str, ...]]  # of the queries that can be asked, by name
Faults = Iterable[tuple[str, str]]  # the entry of a header, such as `column event`, and what is wrong with it


def review(read: Inputs, defined: Collection[str]) -> tuple[list[Question], list[Result]]:
    """Review all queries; return the questions that can be asked, and what is wrong with the others.

    `defined` are the IRIs of the terms and concepts there are.
    """
    results: list[Result] = []
    variables = _judge(read.queries, defined, results)
    records = {PurePath(name).stem: text for name, text in read.texts("records").items()}
    questions = []
    for file in read.folder("questions"):
        with _noting(results):
            question = parse_question(PurePath(file.name).stem, file.text, file.name, records)
            if file.name in variables:
                wrong = [*_projection(file, question, variables[file.name])]
                wrong += _place(file.name, _classes(question, defined), question.lines)
                results += wrong
                questions += [] if wrong else [question]
    for file in read.folder("lists"):
        with _noting(results):
            parsed = parse_list(PurePath(file.name).stem, file.text, file.name)
            entries = [f"column {name}" for name in parsed.needs]
            results += _place(file.name, _lacking(entries, variables.get(file.name)), parsed.lines)
    with _noting(results):
        limits = {PurePath(name).stem for name in read.texts("tables/limits")}
        for table in parse_tables(read.texts("tables")).values():
            name = f"queries/tables/{table.name}.rq"
            results += _place(name, _table(table, variables.get(name), limits, defined), table.lines)
    with _noting(results):
        mapping.read_mappings(read.folder("mappings"))
    for file in read.folder("tables/limits"):
        results += _place(file.name, _lacking(_OF_LIMITS, variables.get(file.name)))
    for file in read.folder(crosswalks.FOLDER):
        with _noting(results):
            crosswalks.parse_query(file.name, file.text)
            results += _place(file.name, _lacking(_OF_CROSSWALKS, variables.get(file.name)))
    return questions, results


def examples(
    store: Store, questions: Iterable[Question], jobs: int | None = None, *, is_whole: bool = True
) -> list[Result]:
    """Ask each question its own example; one that has no answer is a mistake, or a warning where the data are not whole.

    Raises SourceError for one that takes too long.
    """
    answers = ask_each(partial(_example, store), questions, _file, seconds=SECONDS, jobs=jobs)
    results = [*chain.from_iterable(answers)]
    return results if is_whole else [replace(result, severity=WARNING) for result in results]


@contextmanager
def _noting(results: list[Result]) -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        results.append(as_result(error))


def _place(file: str, faults: Faults, lines: Mapping[str, int] | None = None) -> Iterator[Result]:
    """Make results of what is wrong with the entries of a header, by the lines in which they stand."""
    for entry, message in faults:
        yield Result(file, (lines or {}).get(entry, 1), 1, message)


def _judge(files: Iterable[QueryFile], defined: Collection[str], results: list[Result]) -> Variables:
    """Add what is wrong with the SPARQL of queries and with their terms; map the names of the others to their variables."""
    variables: dict[str, tuple[str, ...]] = {}
    with Store.memory() as empty:
        for file in files:
            try:
                projected = () if file.name.startswith(_RUN) else _read_variables(file.text, empty)
            except AnswerableError as error:
                results.append(as_result(error, file.name, 1))
                continue
            variables[file.name] = projected
            for start, iri in unknown_terms(file.text, defined):
                place = sparql.locate(file.text, start)
                results.append(Result(file.name, *place, explain_unknown(iri, defined)))
                variables.pop(file.name, None)
    return variables


def _read_variables(text: str, empty: Store) -> tuple[str, ...]:
    """Name the variables of a SELECT, as the engine reads it in an empty store; other forms have none."""
    sparql.guard(text)
    form = sparql.read_form(text)
    if form == "SELECT":
        return empty.select(text).variables
    (empty.ask if form == "ASK" else empty.construct)(text)
    return ()


def _lacking(entries: Iterable[str], variables: Collection[str] | None) -> Faults:
    """Yield the entries that name no variable of a query; of one that cannot be asked, none."""
    listed = ", ".join(f"?{variable}" for variable in variables or ()) or "none"
    for entry in sorted(entries):
        if variables is not None and entry.partition(" ")[2] not in variables:
            yield entry, f"The {entry} is no variable of the SELECT, which has {listed}."


def _classes(question: Question, defined: Collection[str]) -> Faults:
    for parameter in question.parameters:
        iri = parameter.class_iri if parameter.is_thing else None
        if iri and iri not in defined:
            message = f"The parameter {parameter.name} is of {short(iri)}, which does not exist."
            yield f"parameter {parameter.name}", f"{message} {suggest(nearest(iri, defined))}".strip()


def _projection(file: QueryFile, question: Question, variables: tuple[str, ...]) -> Iterator[Result]:
    """Compare the variables that a question projects with the columns and parameters of its header."""
    if not variables:
        yield Result(file.name, 1, 1, "A question is a SELECT: its answer is a table.")
        return
    entries = [f"column {column.name}" for column in question.columns]
    entries += [f"parameter {parameter.name}" for parameter in question.parameters if parameter.kind != "also"]
    yield from _place(file.name, _lacking(entries, variables), question.lines)
    for name in sorted({*variables} - {entry.partition(" ")[2] for entry in entries}):
        token = next(token for token in sparql.scan(file.text) if token.text in (f"?{name}", f"${name}"))
        hint = f"Describe it with `#+ column: {name} | …`, or leave it out."
        message = f"?{name} is neither a column nor a parameter. {hint}"
        yield Result(file.name, *sparql.locate(file.text, token.start), message)


def _table(
    table: TidyTable, variables: Collection[str] | None, limits: Collection[str], defined: Collection[str]
) -> Faults:
    """Yield what is wrong with a table: columns that its query lacks, and what its header names and does not explain."""
    if variables is None:
        return
    dated = {column.source for column in table.columns if column.kind == "when"}
    has_end = {name for name in dated if not {f"{name}_start", f"{name}_end"}.isdisjoint(variables)}
    yield from _lacking([f"column {name}" for name in table.variables if name not in has_end], variables)
    for name in table.limits:
        if name not in limits:
            yield "limits", f"There is no queries/tables/limits/{name}.rq. There are {', '.join(sorted(limits))}."
    for column in table.columns:
        ours = (term for term in column.terms if term.startswith("ans:"))
        if unknown := [term for term in ours if terms.expand(term) not in defined]:
            yield f"column {column.source}", f"{unknown[0]} does not exist, and the column {column.name} names it."
        if column.kind == "choice" and column.name not in table.values:
            message = f"Say what the values of {column.name} mean with `#+ values: {column.name} | …`."
            yield f"column {column.source}", message


def _example(store: Store, question: Question) -> list[Result]:
    where = _file(question)
    line = min((number for key, number in question.lines.items() if key.startswith("parameter")), default=1)
    try:
        bindings = question.bind({parameter.name: parameter.example for parameter in question.parameters})
        if list(store.select(_first(question), bindings=bindings)):
            return []
    except AnswerableError as error:
        return [as_result(error, where, line)]
    values = ", ".join(f"{parameter.name}={parameter.example}" for parameter in question.parameters) or "no parameter"
    message = f"The example of the question ({values}) has no answer. Give one that the data answer."
    return [Result(where, line, 1, message)]


def _file(question: Question) -> str:
    return f"queries/questions/{question.name}.rq"


def _first(question: Question) -> str:
    """Write the query for one solution of a question's pattern; the whole query where HAVING decides as well."""
    text, outline = question.text, sparql.read_outline(question.text)
    tokens = list(sparql.scan(text))
    select = next(token.start for token in tokens if token.keyword == "SELECT")
    if outline.body is None or any(token.keyword == "HAVING" for token in tokens):
        return text
    start, end = outline.body
    variables = " ".join(f"?{parameter.name}" for parameter in question.parameters) or "*"
    return f"{text[:select]}SELECT {variables} WHERE {text[start : end + 1]} LIMIT 1"

"""The steps of a build between reading and writing: state, derive and check."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from kg import crosswalks, memory
from kg.build import checks, inference, inputs, mapping, queries, shapes, texts
from kg.build.inputs import Inputs
from kg.build.places import Places
from kg.build.report import Result, ValidationReport, as_result
from kg.errors import SourceError
from kg.sparql.question import Question
from kg.store import Store

STEPS = 6  # of a build: reading, these three, writing and switching
Progress = Callable[[float, str], None]  # the part done, from 0 to 1, and a line for people


@dataclass(frozen=True, slots=True)
class Draft:
    """A release that can be written: its inputs, its graph, the questions that can be asked, and the warnings."""

    inputs: Inputs
    store: Store
    questions: Sequence[Question]
    report: ValidationReport


def make(read: Inputs, *, jobs: int | None = None, progress: Progress = lambda done, text: None) -> Draft:
    """State what the sources say, derive what follows and check it all. Raises ValidationFailed.

    The store is in memory: rules add in small steps, each of which would go to the disk.
    """
    store = Store.memory()
    progress(1 / STEPS, f"Validating {len(read.stating)} files against the shapes")
    places, errors = state(read, store)
    report = ValidationReport((), len(read.stating), inputs.count(store)).add(errors)
    questions, results = validate(read, store, places, jobs=jobs)
    report = report.add(results)
    progress(2 / STEPS, "Reasoning and linking")
    closed = inference.close_ontology(read.sources)
    store.load(closed, format="nt", graph=inference.ONTOLOGY_CLOSURE, source="the closed ontology")
    store.copy_named_into_default()
    inference.derive(store, read.folder("rules/owl"), read.folder("rules/links"))
    memory.trim()  # of what the rules took
    progress(3 / STEPS, "Asking the checks")
    results = checks.ask(store, read.folder("checks"), places, jobs=jobs)
    results += queries.examples(store, questions, jobs, is_whole=read.is_whole)
    return Draft(read, store, questions, report.add(results))


def state(
    read: Inputs, store: Store, judged: Collection[str] | None = None
) -> tuple[Places, Sequence[Result | SourceError]]:
    """Load what the sources say and make the statements of the tables; return where all stands, and what cannot be read.

    What refers to an unread file would be called undefined, so of tables nothing is made then. `judged` names the tables that are
    judged, if not all are.
    """
    errors = inputs.load(store, read.sources)
    origins, results = mapping.Origins(), list[Result]()
    if not errors:
        origins, results = mapping.state(store, read, judged)
    return Places(read.sources, store, origins), [*errors, *results]


def validate(
    read: Inputs,
    store: Store,
    places: Places,
    *,
    jobs: int | None = None,
    skip: Callable[[str], bool] = lambda value: False,
) -> tuple[list[Question], list[Result]]:
    """Judge what is stated: its texts, the shapes, the checks of single statements and all queries.

    Returns the questions that can be asked, and what is wrong. Of a value that `skip` names the shapes say nothing, nor do checks
    that another file may decide.
    """
    defined = inputs.described(store)
    questions, wrong = queries.review(read, defined)
    return questions, [
        *wrong,
        *(result for source in read.stating for result in texts.review(source)),
        *texts.withdrawn(read, read.stating),
        *checks.ask(store, read.folder("checks/stated"), places, jobs=jobs, skip=skip),
        *_review_crosswalks(read, defined),
        *shapes.validate(store, read.sources, places, skip),
    ]


def _review_crosswalks(read: Inputs, defined: Collection[str]) -> Iterator[Result]:
    """Yield the mistakes in the files of crosswalks, also subjects that are not among the IRIs that are defined."""
    stated = {PurePath(name).stem for name in read.texts(crosswalks.FOLDER)}
    for file in read.crosswalks:
        yield from texts.review(file)
        try:
            walk = crosswalks.parse(file.path.name.removesuffix(crosswalks.SUFFIX), file.data, is_strict=True)
        except SourceError as error:
            error.where = file.name
            yield as_result(error)
            continue
        mistakes = [Result(file.name, line, 0, message) for line, message in crosswalks.faults(walk, stated)]
        yield from mistakes
        for line, row in enumerate(() if mistakes else walk.rows, walk.begins):
            if (iri := walk.expand(row.subject_id)) not in defined:
                message = f"{row.subject_id} is described nowhere. Correct it, or take the line out."
                yield Result(file.name, line, 0, message, focus=iri)

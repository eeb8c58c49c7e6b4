"""The steps of a build between reading and writing: state, derive and check, each given what the one before returns."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

from kg.build import checks, crosswalks, inference, inputs, questions, shapes, tables, texts
from kg.build.inputs import Inputs
from kg.build.places import Places
from kg.build.report import Result, ValidationReport
from kg.sparql.question import Question
from kg.store import Store


@dataclass(frozen=True, slots=True)
class Stated:
    """What the sources state, each in its graph of the store, and no shape and no check of single statements refuses."""

    inputs: Inputs
    store: Store
    places: Places
    questions: Sequence[Question]
    report: ValidationReport


@dataclass(frozen=True, slots=True)
class Derived:
    """What is stated, with all that follows from it in the same store; its default graph is the merge of all graphs."""

    stated: Stated


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole graph that no check refuses; the report has the warnings of all steps."""

    derived: Derived
    report: ValidationReport


def state(
    read: Inputs, store: Store, *, jobs: int | None = None, cleared: Mapping[str, str] = MappingProxyType({})
) -> Stated:
    """Load the sources into an empty store, and validate what they state. Raises ValidationFailed.

    The store is in memory: rules add in small steps, each of which would go to the disk. `cleared` is that of texts.withdrawn.
    """
    # What refers to an unread file would be called undefined; its author has enough to mend first.
    errors = inputs.load(store, read.sources)
    report = ValidationReport((), len(read.sources), inputs.count(store)).add(errors)
    places = Places(read.sources, store)
    named, results = validate(read, store, places, jobs=jobs, cleared=cleared)
    return Stated(read, store, places, named, report.add(results))


def validate(
    read: Inputs,
    store: Store,
    places: Places,
    *,
    jobs: int | None = None,
    cleared: Mapping[str, str] = MappingProxyType({}),
    skip: Callable[[str], bool] = lambda value: False,
) -> tuple[list[Question], list[Result]]:
    """Judge what is stated: its texts, the shapes, the checks of single statements and all queries.

    Returns the questions that can be asked, and what is wrong. Of a value that `skip` names the shapes say nothing.
    """
    defined = checks.defined(store)
    with ThreadPoolExecutor(1) as thread:
        judging = thread.submit(shapes.validate, store, read.sources, places, skip)
        named, results = questions.review(read, defined)
        return named, [
            *results,
            *(result for source in read.sources for result in texts.review(source)),
            *texts.withdrawn(read, read.sources, cleared),
            *checks.ask(store, read.folder("checks/stated"), places, jobs=jobs),
            *tables.review(read, defined),
            *crosswalks.review(read, store, defined),
            *judging.result(),
        ]


def derive(stated: Stated) -> Derived:
    """Add what the ontology entails and what the rules link."""
    owl, links = (stated.inputs.folder(f"rules/{kind}") for kind in ("owl", "links"))
    inference.infer(stated.store, owl, links, inference.close_ontology(stated.inputs.sources))
    return Derived(stated)


def check(derived: Derived, *, jobs: int | None = None) -> Checked:
    """Ask the checks of the whole, and each question its example. Raises ValidationFailed."""
    stated = derived.stated
    results = checks.ask(stated.store, stated.inputs.folder("checks"), stated.places, jobs=jobs)
    results += questions.examples(stated.store, stated.questions, jobs)
    return Checked(derived, stated.report.add(results))

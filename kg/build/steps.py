"""The steps of a build between reading and writing: state, derive and check, each given what the one before returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from kg.build import checks, crosswalks, inference, inputs, questions, shapes, tables, texts
from kg.build.inputs import Inputs
from kg.build.places import Places
from kg.build.report import Result, ValidationReport
from kg.sparql.question import Question
from kg.store import Store

NOTHING_CLEARED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Draft:
    """A release in the making: its inputs, its graph as far as it is in the store, and the warnings of the steps so far."""

    inputs: Inputs
    store: Store
    places: Places
    questions: Sequence[Question]
    report: ValidationReport


def state(
    read: Inputs, store: Store, *, jobs: int | None = None, cleared: Mapping[str, str] = NOTHING_CLEARED
) -> Draft:
    """Load the sources into an empty store, and validate what they state. Raises ValidationFailed.

    The store is in memory: rules add in small steps, each of which would go to the disk. `cleared` is that of texts.withdrawn.
    """
    # What refers to an unread file would be called undefined; its author has enough to mend first.
    errors = inputs.load(store, read.sources)
    report = ValidationReport((), len(read.sources), inputs.count(store)).add(errors)
    places = Places(read.sources, store)
    named, results = validate(read, store, places, jobs=jobs, cleared=cleared)
    return Draft(read, store, places, named, report.add(results))


def validate(
    read: Inputs,
    store: Store,
    places: Places,
    *,
    jobs: int | None = None,
    cleared: Mapping[str, str] = NOTHING_CLEARED,
    skip: Callable[[str], bool] = lambda value: False,
) -> tuple[list[Question], list[Result]]:
    """Judge what is stated: its texts, the shapes, the checks of single statements and all queries.

    Returns the questions that can be asked, and what is wrong. Of a value that `skip` names the shapes say nothing.
    """
    defined = checks.defined(store)
    named, wrong = questions.review(read, defined)
    return named, [
        *wrong,
        *(result for source in read.sources for result in texts.review(source)),
        *texts.withdrawn(read, read.sources, cleared),
        *checks.ask(store, read.folder("checks/stated"), places, jobs=jobs),
        *tables.review(read, defined),
        *crosswalks.review(read, store, defined),
        *shapes.validate(store, read.sources, places, skip),
    ]


def derive(stated: Draft) -> Draft:
    """Add what the ontology entails and what the rules link; the default graph becomes the merge of all graphs."""
    owl, links = (stated.inputs.folder(f"rules/{kind}") for kind in ("owl", "links"))
    inference.infer(stated.store, owl, links, inference.close_ontology(stated.inputs.sources))
    return stated


def check(derived: Draft, *, jobs: int | None = None) -> Draft:
    """Ask the checks of the whole, and each question its example. Raises ValidationFailed."""
    results = checks.ask(derived.store, derived.inputs.folder("checks"), derived.places, jobs=jobs)
    results += questions.examples(derived.store, derived.questions, jobs)
    return replace(derived, report=derived.report.add(results))

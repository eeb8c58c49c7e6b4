"""The named questions that answer what was typed, with the things in it as values of their parameters."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain

from kg.search.fulltext import is_claim
from kg.search.query import Entity, TypedQuery, months
from kg.search.weights import WEIGHTS
from kg.sparql.question import ONLY

MOST = 4  # questions that are suggested
# Finds the likeliest event by words of its names, and words that may stand in its texts as well.
FindEvent = Callable[[str, str], int | None]
_YEAR = re.compile(r"(?<![\d/.-])(19\d\d|20\d\d)(?![\d/.-])")


@dataclass
class Fit:
    """A question, values for its parameters (things by their numbers), and how well it fits."""

    question: str
    score: float
    things: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    is_plain: bool = False  # it has nearly all the words, and nothing that was named is left over


def suggest(query: TypedQuery, find_event: FindEvent) -> list[Fit]:
    """Suggest questions for what was typed."""
    subjects = _read(query, find_event)
    roles = query.lexicon.roles
    asking = {at for at, word in enumerate(query.words) if word in roles["asking"]}
    # An article, a State and a day alone ask what has to have all three.
    has_names_alone = not (subjects.rest or asking) and query.day is not None
    if not (subjects.rest or (asking and subjects.entities) or has_names_alone):
        return []
    asked_for = _shares(query, asking)
    shares = _shares(query, subjects.rest or asking)
    about = {at for concept in subjects.concepts for at in concept.places}
    beside = _shares(query, subjects.rest - about)
    others = subjects.rest - subjects.event_words
    of_event = _shares(query, others or asking) if subjects.event_words else {}
    fits = []
    for name, parameters in query.lexicon.questions.items():
        takes_event = any(class_name in roles["event"] for _, _, class_name, _ in parameters)
        share = max(shares.get(name, 0.0), of_event.get(name, 0.0) * takes_event)
        # A concept beside another thing is asked about by a question that takes both: torture in Kazakhstan.
        concept_keys = [key for key, _, class_name, _ in parameters if _fitting(class_name, subjects.concepts)[0]]
        if subjects.entities and concept_keys:
            share = max(share, beside.get(name, 0.0) if subjects.rest > about else 1.0)
            # Most words of a claim ask nothing: it is held against an answer on the State, narrowed to the concept.
            if is_claim(query) and any(key.startswith(ONLY) for key in concept_keys):
                share = max(share, WEIGHTS["least"])
        if has_names_alone:
            share = float(any(kind == "date" and not optional for _, kind, _, optional in parameters))
        fit = _fill(name, share, parameters, subjects)
        if has_names_alone and not (fit.is_plain and len(fit.things) > 1):
            continue
        is_elsewhere = bool(subjects.entities) and not fit.things and share < WEIGHTS["plain"]
        if share < WEIGHTS["least"] or is_elsewhere or not (subjects.rest or fit.things):
            continue
        fit.score += WEIGHTS["asking"] * (name in asked_for)
        # One word alone, without a thing, names a subject rather than asks.
        fit.is_plain = fit.is_plain and (len(subjects.rest) + len(asking) > 1 or bool(fit.things))
        fits.append(fit)
    unfilled = {fit.question: len(query.lexicon.questions[fit.question]) - len(fit.things) for fit in fits}
    return sorted(fits, key=lambda fit: (-fit.score, unfilled[fit.question], fit.question))[:MOST]


def _shares(query: TypedQuery, places: Collection[int]) -> dict[str, float]:
    """Weigh the questions by their part in what some words tell; a word that fewer questions have tells more."""
    number, points, whole = len(query.lexicon.questions), defaultdict[str, float](float), 0.0
    for forms in (query.forms[at] for at in sorted(places)):
        spans = [
            (form, form + "{" * (len(form) > 4)) for form in forms
        ]  # a long word stands for those that begin with it
        where = " OR ".join(["word BETWEEN ? AND ?"] * len(spans))
        select = f"SELECT question, max(weight) FROM question_word WHERE {where} GROUP BY question"
        best = dict(query.lexicon.rows(select, [*chain(*spans)]))
        tells = math.log(1 + number / (1 + len(best)))
        whole += tells if best else math.log(1 + number)
        for question, weight in best.items():
            points[question] += weight * tells
    return {question: each / whole for question, each in points.items()}


@dataclass(frozen=True)
class _Subjects:
    query: TypedQuery
    entities: Sequence[Entity]
    concepts: Sequence[Entity]  # whose names are words of the question too
    rest: frozenset[int]  # the words that name none of them, and tell something
    event: int | None  # that has the names, and perhaps some of the other words, in its own name or texts
    event_words: frozenset[int]  # these words


def _read(query: TypedQuery, find_event: FindEvent) -> _Subjects:
    """Read the things in what was typed, the words beside them, and the event that these and some of the words name."""
    roles = query.lexicon.roles

    def spelt(places: Collection[int]) -> str:
        return " ".join(query.spelt[at] for at in sorted(places))

    # A word that also is a name of a concept is a word.
    concepts = [entity for entity in query.entities if roles["word"].issuperset(entity.kinds)]
    entities = [entity for entity in query.entities if entity not in concepts]
    named = {at for entity in entities for at in entity.places}
    rest = {at for at in query.telling if not (query.words[at] in months() or query.words[at].isdigit())}
    rest -= named | query.article.words
    has_others = any(roles["area"].isdisjoint(entity.kinds) for entity in entities)
    names = spelt(named) if has_others else ""
    is_asking = not roles["asking"].isdisjoint(query.words)
    event: int | None = None
    words = set[int]()
    if not any(entity.of(roles["event"]) for entity in entities) and (named or is_asking):
        for at in sorted(rest):
            thing = find_event(spelt({*named, *words, at}), "")
            if thing is None and names and is_asking:
                thing = find_event(names, spelt({*words, at}))
            if thing is not None:
                event, words = thing, {*words, at}
    if event is None and names:
        event = find_event(names, "")
    return _Subjects(query, entities, concepts, frozenset(rest), event, frozenset(words))


def _fill(name: str, share: float, parameters: Sequence[tuple[str, str, str, bool]], subjects: _Subjects) -> Fit:
    query, unused = subjects.query, [*subjects.entities]
    roles, articles = query.lexicon.roles, query.article.provisions
    fit = Fit(name, WEIGHTS["question"] + WEIGHTS["words"] * min(share, 1.0))
    for key, kind, class_name, optional in parameters:
        if kind in ("date", "year"):
            year = _YEAR.search(query.text)
            if text := query.day if kind == "date" else year and year[1]:
                fit.texts[key] = text
            continue
        entity, thing = _fitting(class_name, [*unused, *subjects.concepts])
        if class_name in roles["provision"] and articles:
            thing = articles[0]
            unused = [entity for entity in unused if entity.places.start not in query.article.words]
        elif entity is not None:
            unused = [other for other in unused if other is not entity]
        elif class_name in roles["event"] and subjects.event is not None and len(unused) == len(subjects.entities):
            thing, unused = subjects.event, []
        if thing is not None:
            fit.things[key] = thing
            fit.score += WEIGHTS["fits"]
        elif not optional:
            fit.score -= WEIGHTS["missing"]
    is_left = bool(articles) and not any(class_name in roles["provision"] for _, _, class_name, _ in parameters)
    idle = len(unused) + is_left
    fit.score -= WEIGHTS["idle"] * idle
    fit.is_plain = share >= WEIGHTS["plain"] and not idle
    return fit


def _fitting(class_name: str, entities: Sequence[Entity]) -> tuple[Entity, int] | tuple[None, None]:
    fitting = (
        (entity, thing.number) for entity in entities for thing in entity.things if class_name in thing.fits.split()
    )
    return next(fitting, (None, None))

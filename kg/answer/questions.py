"""Asks a named question of a release: its rows, with the labels and citations that a reader needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from kg import terms
from kg.answer import limits, narrowing, sentence
from kg.answer.cache import SingleFlight
from kg.answer.engine import AT_ONCE, Engine, ask_about, ask_rows
from kg.answer.narrowing import Choice, Narrowing
from kg.answer.places import Place
from kg.errors import BadParameter
from kg.languages import DEFAULT, Language, speak
from kg.names import nearest, sounds
from kg.rows import Cell, natural
from kg.sparql.question import Parameter, Question
from kg.sparql.template import columns_shown
from kg.terms import Iri, Term
from kg.wording import say

MOST_KNOWN = 50_000  # labels, and citations, that are retained for a release
MOST_WITH_SUBJECT = 250  # things of a form that are shown with what each is about


T = TypeVar("T")
Row = Mapping[str, Mapping[str, str]]


class Label(NamedTuple):
    """What a thing is called, in the language asked for, else in English or in none; empty where it has no such name."""

    name: str
    short: str = ""
    language: str = ""  # of the name


class Offer(NamedTuple):
    """A thing that a parameter may name: what it is called, what it is about, and what it belongs to, where it does."""

    iri: str
    name: str
    subject: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage, ready to be quoted: its label, the document it is in, and where in the document."""

    passage: str
    label: str
    document: str
    document_label: str
    section: str
    paragraph: str


@dataclass(frozen=True)
class Answer:
    """The rows of an answer as RDF terms in SPARQL's JSON form, with what a reader needs beside them.

    `rows` are dictionaries from column to `{"type", "value", "datatype"?, "xml:lang"?}`; an unbound column is absent.
    `labels` names each IRI of ours in them. `limits` are sentences on how far the record goes from which the rows are drawn.
    An answer that would be cut is an error instead. `lead` is the sentence that answers the question, of all its rows, also where
    `narrowing` leaves some of them out: of `found` rows `matching` pass the filters, and `rows` are those of the page, or all of
    them. `choices` are what a page can be narrowed to, by column.
    """

    question: Question
    values: Mapping[str, str]
    rows: tuple[Row, ...]
    labels: Mapping[str, str]
    citations: Mapping[str, Citation]
    release: str
    limits: tuple[Cell, ...] = ()
    language: Language = speak(DEFAULT)
    lead: str = ""
    narrowing: Narrowing = field(default_factory=Narrowing)
    found: int = 0
    matching: int = 0
    choices: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    whole: tuple[Row, ...] = ()  # the rows that pass the filters, on all pages
    fetched: str = ""  # the day on which somebody fetched it, YYYY-MM-DD, where a format tells that
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)  # of things, where a format needs them

    @cached_property
    def names(self) -> dict[str, str]:
        """What the values of the parameters are called, days at their precision."""
        return {
            name: self.language.day(value) if _kind(self.question, name) == "date" else self.labels.get(value, value)
            for name, value in self.values.items()
        }

    @cached_property
    def sentence(self) -> str:
        """The question in words, with the labels of the values in it."""
        return self.question.put(self.names)

    @property
    def asked(self) -> dict[str, str]:
        """What an address holds to get the same rows: the values of the parameters, our IRIs by their part behind the base, and the narrowing."""
        short = {name: value.removeprefix(terms.BASE) for name, value in self.values.items()}
        return {**short, **self.narrowing.values()}

    @property
    def things(self) -> set[str]:
        """The IRIs in its rows."""
        return {term["value"] for row in self.rows for term in row.values() if _is_thing(term)}

    def columns_with_values(self, rows: Iterable[Row]) -> list[tuple[str, str]]:
        """List the columns in which some of these rows have a value, each with its meaning."""
        names = {name for row in rows for name, term in row.items() if term["value"]}
        return [column for column in self.question.columns if column[0] in names]

    def name_choice(self, column: str, value: str) -> str:
        """Name the value that a column is narrowed to."""
        names = {choice.value: choice.name for choice in self.choices.get(column, ())}
        return names.get(value) or self.labels.get(terms.BASE + value, value)

    @property
    def about(self) -> str:
        """How to read the answer; of an empty one, what it does and does not say."""
        return self.question.about if self.rows or self.found else self.question.put_empty(self.names)

    @property
    def pages(self) -> int:
        """How many pages the rows that pass the filters fill."""
        return max(1, -(-self.matching // narrowing.page_size(self.question, self.whole)))


async def ask(
    engine: Engine,
    question: Question,
    values: Mapping[str, str],
    release: str,
    known: Known | None = None,
    language: Language = speak(DEFAULT),
) -> Answer:
    """Ask a question of a release and gather the labels and citations its answer needs.

    `values` are those of the parameters, things by their IRI or by a name, and what narrows the answer (kg.answer.narrowing).
    `known` holds what was fetched before. Raises BadParameter for a wrong value, also for a thing that the release does not know.
    """
    known = known or Known(engine)
    unanswered = await put(question, values, release, known, language)
    bindings = question.bind(unanswered.values)
    rows = await known.rows_of(engine, question, bindings)
    names = [name for name, _ in question.columns]
    found = tuple({name: row[name] for name in names if name in row} for row in rows)
    ends: tuple[str, ...] = ()
    if question.record:
        parts = await ask_rows(engine, question.record_text, bindings)
        if not parts and question.otherwise_text:
            parts = await ask_rows(engine, question.otherwise_text, bindings)
        named = await _named(known, limits.things_in(parts), language)
        ends = limits.tell(parts, unanswered.values.get("day"), language, named)
    return await _finish(replace(unanswered, rows=found, limits=ends, found=len(found)), known)


async def put(question: Question, values: Mapping[str, str], release: str, known: Known, language: Language) -> Answer:
    """Put a question in words with the names of its values: the answer without its rows. Raises BadParameter as `ask` does."""
    spoken = translate(question, language)
    parameters, narrowed = narrowing.split(spoken, values)
    bindings = question.bind(await known.resolve(question, parameters, language))
    names = await _named(known, (term.value for term in bindings.values() if isinstance(term, Iri)), language)
    texts = {name: term.value for name, term in bindings.items()}
    return Answer(spoken, texts, (), names, {}, release, language=language, narrowing=narrowed)


async def _finish(whole: Answer, known: Known) -> Answer:
    """Choose the rows that are wanted, and fetch the labels and citations that they, the sentence and the choices need."""
    rows, narrowed, language = whole.rows, whole.narrowing, whole.language
    plain = [name for name, _ in whole.question.columns if name not in whole.question.cites]
    named = {*columns_shown(whole.question.answer), narrowed.sorted_by, *(_few(rows, plain) if narrowed.page else ())}
    first = {row[name]["value"] for row in rows for name in named if name in row and _is_thing(row[name])}
    labels = {**whole.labels, **await _named(known, first, language)}
    shown = sentence.Shown(labels, language)
    is_few = len(passages := _passages(whole.question, rows)) <= AT_ONCE
    is_by_document = narrowing.DOCUMENT in narrowed.only or (bool(narrowed.page) and is_few)
    citations = await known.cite(passages) if is_by_document else {}

    def documents(row: Row) -> list[str]:
        return [citations[iri].document for iri in _passages(whole.question, [row]) if iri in citations]

    fitting = [row for row in rows if narrowing.fits(row, narrowed, documents)]
    sorted_rows = narrowing.in_order(fitting, narrowed, shown.value)
    size = narrowing.page_size(whole.question, fitting)
    paged = sorted_rows[(narrowed.page - 1) * size : narrowed.page * size] if narrowed.page else sorted_rows
    labels |= await _named(
        known, {term["value"] for row in paged for term in row.values() if _is_thing(term)}, language
    )
    offered = narrowing.choices(fitting, plain, shown.value) if narrowed.page else {}
    if narrowed.page and is_by_document:
        offered |= narrowing.documents(
            fitting, documents, {one.document: one.document_label for one in citations.values()}
        )
    done = replace(
        whole,
        rows=tuple(paged),
        whole=tuple(fitting),
        labels=dict(sorted(labels.items())),
        citations=await known.cite(_passages(whole.question, paged)),
        matching=len(fitting),
        choices=offered,
    )
    return replace(done, lead=_lead(done, rows))


def _lead(answer: Answer, rows: Sequence[Row]) -> str:
    """Write the sentence that answers a question, from all its rows; questions of older releases have none."""
    if not rows:
        return answer.question.put_empty(answer.names)
    if not answer.question.answer:
        return ""
    names = {one.name: answer.names.get(one.name, "") for one in answer.question.parameters}
    return sentence.write(answer.question.answer, rows, names, answer.labels, answer.language)


def _kind(question: Question, name: str) -> str:
    return next((one.kind for one in question.parameters if one.name == name), "")


def _is_thing(term: Mapping[str, str]) -> bool:
    return term["type"] == "uri"


def _few(rows: Sequence[Row], columns: Iterable[str]) -> list[str]:
    """List the columns with few different things, by which an answer can be narrowed."""
    values = {name: {row[name]["value"] for row in rows if name in row} for name in columns}
    return [name for name, found in values.items() if len(found) <= narrowing.MOST]


def _passages(question: Question, rows: Iterable[Row]) -> set[str]:
    return {iri for row in rows for name in question.cites if name in row for iri in row[name]["value"].split()}


async def _named(known: Known, things: Iterable[str], language: Language) -> dict[str, str]:
    called = await known.label(things, language.code)
    return {iri: label.name for iri, label in called.items() if label.name}


@lru_cache(1024)
def translate(question: Question, language: Language) -> Question:
    """Make the question with its texts in a language."""
    return question.translate(language.gettext)


class Known:
    """What answers of one release need again and again, each asked once: choices of parameters, labels and citations."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._once = SingleFlight()
        self._labels: dict[str, dict[str, Label | None]] = {}  # by language
        self._citations: dict[str, Citation | None] = {}

    async def rows_of(self, engine: Engine, question: Question, bindings: Mapping[str, Term]) -> list[dict[str, Any]]:
        """Ask a question; what it answers to no parameter at all is asked once, for its pages, filters and orders."""
        if bindings:
            return await ask_rows(engine, question.text, bindings)
        return await self._once.find(("rows", question.text), partial(ask_rows, engine, question.text))

    async def choices_of(self, parameter: Parameter) -> Mapping[str, str]:
        """Map the IRIs that a parameter of kind iri may name to their English labels, as people sort them."""
        if parameter.kind != "iri" or parameter.class_iri is None:
            return {}
        return await self._once.find(("choices", parameter.class_iri), partial(self._choose, parameter.class_iri))

    async def _choose(self, class_iri: str) -> dict[str, str]:
        rows = await ask_rows(self._engine, _QUERIES["choices"], {"class": Iri(class_iri)})
        found = ((row["thing"]["value"], row["label"]["value"]) for row in rows)
        return dict(sorted(found, key=lambda one: (natural(one[1]), one[0])))

    async def offers_of(self, parameter: Parameter, language: Language = speak(DEFAULT)) -> list[Offer]:
        """List what a parameter of kind iri may name in a language, group by group, as people sort names."""
        if parameter.kind != "iri" or parameter.class_iri is None:
            return []
        key = ("offers", parameter.class_iri, language.code)
        return await self._once.find(key, partial(self._offer, parameter, language))

    async def _offer(self, parameter: Parameter, language: Language) -> list[Offer]:
        english = await self.choices_of(parameter)
        rows = await ask_rows(self._engine, _QUERIES["groups"], {"class": Iri(parameter.class_iri or "")})
        told = {row["thing"]["value"]: {name: term["value"] for name, term in row.items()} for row in rows}
        names = english
        if language.code != DEFAULT and len(english) <= AT_ONCE * 4:
            names = {**english, **await _named(self, english, language)}
        groups = await _named(self, {one["group"] for one in told.values() if "group" in one}, language)
        offers = []
        for iri in english:
            one = told.get(iri, {})
            offers.append(Offer(iri, names[iri], one.get("subject", ""), groups.get(one.get("group", ""), "")))
        return sorted(offers, key=lambda one: (one.group == "", one.group, natural(one.name), one.iri))

    async def options_of(
        self, parameter: Parameter, value: str, most: int, language: Language
    ) -> tuple[str, list[tuple[str, list[Offer]]]]:
        """Return the value of a parameter as a form shows it, and the things to choose from in groups, if there are at most so many."""
        offers = await self.offers_of(parameter, language)
        iri = terms.full_iri(value) if value and offers else value
        if len(offers) > most:  # a person types the name
            return next((offer.name for offer in offers if offer.iri == iri), value), []
        named = offers if len(offers) <= MOST_WITH_SUBJECT else [offer._replace(subject="") for offer in offers]
        return iri, [(name, list(group)) for name, group in groupby(named, key=lambda offer: offer.group)]

    async def resolve(
        self, question: Question, values: Mapping[str, str], language: Language = speak(DEFAULT)
    ) -> dict[str, str]:
        """Put the IRI of a thing in the place of its name; raise BadParameter, with what comes close, for what is not known."""
        found = dict(values)
        for parameter in question.parameters:
            text = values.get(parameter.name, "").strip()
            if parameter.kind == "iri" and text:
                found[parameter.name] = await self._resolve(parameter, text, language)
        return found

    async def _resolve(self, parameter: Parameter, text: str, language: Language) -> str:
        choices = await self.choices_of(parameter)
        written = terms.full_iri(text)
        if written in choices:
            return written
        class_iri = parameter.class_iri or ""
        called = await self._once.find(("names", class_iri), partial(self._call, class_iri))
        named = called.get(sounds(text), ())
        if len(named) == 1:
            return named[0]
        shown = text.removeprefix(terms.BASE)
        if named:
            several = ", ".join(iri.removeprefix(terms.BASE) for iri in named[:5])
            said = say("%(parameter)s=%(shown)s is the name of several things", parameter=parameter.name, shown=shown)
            raise BadParameter(said, where=parameter.name, hint=say("Choose one of %(several)s.", several=several))
        close = _closest(shown, choices, called)
        labels = {iri: choices[iri] for iri in close} | await _named(self, close, language)
        offered = say("Try %(labels)s.", labels=", ".join(labels[iri] for iri in close))
        hint = offered if close else say("Choose one from the form.")
        said = say("%(shown)s is not known here as %(label)s", shown=f"{shown!r}", label=say(parameter.label))
        raise BadParameter(said, where=parameter.name, hint=hint)

    async def _call(self, class_iri: str) -> dict[str, tuple[str, ...]]:
        """Map each name, short name and code of the things of a class, folded, to those that have it."""
        found: dict[str, dict[str, None]] = {}
        for row in await ask_rows(self._engine, _QUERIES["names"], {"class": Iri(class_iri)}):
            found.setdefault(sounds(row["name"]["value"]), {})[row["thing"]["value"]] = None
        return {name: tuple(sorted(things)) for name, things in found.items()}

    async def label(self, iris: Iterable[str], language: str = DEFAULT) -> dict[str, Label]:
        """Return what those IRIs are called that have a name or a short name; `language` is a code of kg.languages."""

        translate = speak(language).gettext

        def read(row: Mapping[str, str]) -> Label:
            name, spoken = row.get("label", ""), row.get("language", "")
            if spoken == DEFAULT and (translated := translate(name)) != name:  # our own terms are in the catalogues
                name, spoken = translated, language
            return Label(name, row.get("short", ""), spoken)

        text = _QUERIES["labels"].replace("SPOKEN", f'"{language}"')
        return await self._look_up(text, self._labels.setdefault(language, {}), iris, read)

    async def cite(self, passages: Iterable[str]) -> dict[str, Citation]:
        """Return the citations of passages."""
        names = ("thing", "label", "document", "title", "section", "paragraph")  # in the order of the fields

        def read(row: Mapping[str, str]) -> Citation:
            return Citation(*(row.get(name, "") for name in names))

        return await self._look_up(_QUERIES["citations"], self._citations, passages, read)

    async def _look_up(
        self, text: str, known: dict[str, T | None], iris: Iterable[str], read: Callable[[Mapping[str, str]], T]
    ) -> dict[str, T]:
        """Return what is known of some IRIs, and ask for the rest; of what is not found, that is retained too.

        The IRIs come from the engine, or passed `Parameter.read`.
        """
        wanted = set(iris)
        found = {iri: known[iri] for iri in wanted if iri in known}
        unknown = wanted - found.keys()
        rows = await ask_about(self._engine, text, unknown)
        found |= dict.fromkeys(unknown) | {row["thing"]: read(row) for row in rows}
        if unknown:
            if len(known) + len(unknown) > MOST_KNOWN:
                known.clear()
            known.update(found)
        return {iri: value for iri in sorted(found) if (value := found[iri]) is not None}


def _closest(text: str, choices: Mapping[str, str], called: Mapping[str, Sequence[str]]) -> list[str]:
    """Find up to three things whose names or keys are like a text; where none is, the first ones."""
    by_name = {name: things[0] for name, things in called.items()}
    by_name |= {iri.removeprefix(terms.BASE): iri for iri in choices}
    near = (by_name[name] for name in nearest(text, by_name, 6))
    return [*dict.fromkeys(thing for thing in near if thing in choices)][:3]


_PREFIXES = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in ("ans", "skos"))
_QUERIES = {
    "labels": _PREFIXES
    # Ordered so that a name in the language asked for, or else in English, is read last, and counts.
    + """SELECT ?thing ?label ?short (LANG(?label) AS ?language) {
  VALUES ?thing {}
  OPTIONAL { ?thing skos:prefLabel ?label FILTER (LANG(?label) IN ("en", "", SPOKEN)) }
  OPTIONAL { ?thing ans:shortName ?short }
  FILTER (BOUND(?label) || BOUND(?short))
} ORDER BY (LANG(?label) = SPOKEN) LANG(?label)""",
    "choices": _PREFIXES
    # OPTIONAL, though each has a label, so that the engine begins with the things of the class.
    + "SELECT DISTINCT ?class ?thing ?label { { ?thing a ?class } UNION { ?thing skos:inScheme ?class }"
    + ' OPTIONAL { ?thing skos:prefLabel ?label } FILTER (LANG(?label) = "en") }'
    + " ORDER BY ?label",
    "groups": _PREFIXES
    + "SELECT ?class ?thing ?subject ?group { { ?thing a ?class } UNION { ?thing skos:inScheme ?class }"
    + " ?thing ans:isProvisionOf ?group OPTIONAL { ?thing ans:subject ?subject } } ORDER BY ?thing ?group",
    "names": _PREFIXES
    + "SELECT DISTINCT ?class ?thing ?name { { ?thing a ?class } UNION { ?thing skos:inScheme ?class }"
    + " ?thing skos:prefLabel|skos:altLabel|ans:shortName|ans:isoCode ?name"
    + ' FILTER (LANG(?name) IN ("", "en", "ru", "kk")) }',
    "citations": _PREFIXES
    + """SELECT ?thing ?label ?document ?title ?section ?paragraph {
  VALUES ?thing {} ?thing skos:prefLabel ?label ; ans:isPartOf ?document . ?document skos:prefLabel ?title .
  OPTIONAL { ?thing ans:section ?section } OPTIONAL { ?thing ans:paragraph ?paragraph }
  FILTER (LANG(?label) = "en" && LANG(?title) = "en")
}""",
}

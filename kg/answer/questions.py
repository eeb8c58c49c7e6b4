"""Asks a named question of a release: its rows, with the labels and citations that a reader needs."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from typing import Any

from kg import terms
from kg.answer import limits, narrowing
from kg.answer.engine import AT_ONCE, Engine, ask_rows
from kg.answer.names import CitedPassage, Names, Place
from kg.answer.narrowing import DOCUMENT, Choice, Narrowing
from kg.errors import BadParameter
from kg.languages import DEFAULT, Language, speak
from kg.names import LONGEST
from kg.rows import Cell
from kg.sparql import sentence
from kg.sparql.question import ONLY, Question, QuestionColumn, put_names
from kg.sparql.sentence import Row
from kg.terms import Iri, Literal, Term
from kg.wording import say

# Whether a text is the name of a concept.
_CONCEPT = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?text ?concept WHERE { ?concept a skos:Concept ; skos:prefLabel ?label FILTER (STR(?label) = STR(?text)) } LIMIT 1"""
MANY = 500  # rows that are worked at in a thread, so that no other request waits for them


@dataclass(frozen=True)
class QuestionAnswer:
    """The rows of an answer as RDF terms in SPARQL's JSON form, with what a reader needs beside them.

    `rows` are dictionaries from column to `{"type", "value", "datatype"?, "xml:lang"?}`; an unbound column is absent. Of `total` rows
    `whole` are those that pass the filters of `narrowing`, in its order, and `rows` those of its page, or all of them. An answer that would be cut
    is an error instead. `labels` names each IRI of ours in the rows. `limits` are sentences on how far the record goes from which
    the rows are drawn. `lead` is the sentence that answers the question, from the rows that pass the filters, and names
    these. `choices` are what a page can be narrowed to, by column.
    """

    question: Question
    values: Mapping[str, str]
    rows: tuple[Row, ...]
    labels: Mapping[str, str]
    citations: Mapping[str, CitedPassage]
    release: str
    limits: tuple[Cell, ...] = ()
    language: Language = speak(DEFAULT)
    lead: str = ""
    narrowing: Narrowing = field(default_factory=Narrowing)
    total: int = 0
    choices: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    whole: tuple[Row, ...] = ()
    pages: int = 1  # that the rows which pass the filters fill, where a page was asked for
    fetched: str = ""  # the day on which somebody fetched it, YYYY-MM-DD, where a format tells that
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)  # of things, where a format needs them

    @property
    def is_long(self) -> bool:
        """Whether it has so many rows that other requests would wait for what is done with all of them."""
        return self.total > MANY

    @cached_property
    def names(self) -> dict[str, str]:
        """What the values of the parameters are called, days at their precision."""
        days = {parameter.name for parameter in self.question.parameters if parameter.kind == "date"}
        return {
            name: self.language.day(text) if name in days else self.labels.get(text, text)
            for name, text in self.values.items()
        }

    @cached_property
    def sentence(self) -> str:
        """The question in words, with the labels of the values in it, and what its answer is narrowed to."""
        words = put_names(self.question.question, self.names)
        return f"{words} ({self.filters})" if self.filters else words

    @cached_property
    def headings(self) -> dict[str, str]:
        """The heading of each column, and of the documents, by which an answer can be narrowed too."""
        headings = {column.name: column.heading for column in self.question.columns}
        return {**headings, DOCUMENT: self.language.gettext("Document")}

    @cached_property
    def filters(self) -> str:
        """What the answer is narrowed to, in words; empty if it is not."""
        only = self.narrowing.only.items()
        return "; ".join(f"{self.headings[column]}: {self.name_choice(value)}" for column, value in only)

    @property
    def query(self) -> dict[str, str]:
        """What an address holds to get the same rows: the values of the parameters, our IRIs by their part behind the base, and the narrowing."""
        short = {name: terms.short_iri(value) for name, value in self.values.items()}
        return {**short, **self.narrowing.values()}

    @property
    def things(self) -> set[str]:
        """The IRIs in its rows."""
        return things_in(self.rows)

    @cached_property
    def constants(self) -> Row:
        """What the rows that pass the filters have in common, by column; nothing where there is one row."""
        first = self.whole[0] if len(self.whole) > 1 else {}
        return {name: term for name, term in first.items() if all(row.get(name) == term for row in self.whole)}

    def columns_with_values(self, rows: Iterable[Row]) -> list[QuestionColumn]:
        """List the columns in which some of these rows have a value, each with its meaning."""
        names = {name for row in rows for name, term in row.items() if term["value"]}
        return [column for column in self.question.columns if column.name in names]

    def name_choice(self, value: str) -> str:
        """Name a value that an answer is narrowed to: a thing, a date or a text."""
        shown = sentence.Shown(self.labels, self.language).value({"type": "literal", "value": value})
        return self.labels.get(terms.BASE + value) or shown

    @property
    def about(self) -> str:
        """How to read the answer; of an empty one, what it does and does not say."""
        return self.question.about if self.rows or self.total else put_names(self.question.empty, self.names)


async def ask(
    engine: Engine,
    question: Question,
    values: Mapping[str, str],
    release: str,
    names: Names | None = None,
    language: Language = speak(DEFAULT),
) -> QuestionAnswer:
    """Ask a question of a release and gather the labels and citations its answer needs.

    `values` are those of the parameters, things by their IRI or by a name, and what narrows the answer (kg.answer.narrowing).
    `names` has what was fetched before. Raises BadParameter for a wrong value, also for a thing that the release does not know.
    """
    names = names or Names(engine)
    bindings, answer = await _begin(question, values, release, names, language)
    question, narrowed = answer.question, answer.narrowing
    rows = await _ask_rows(engine, question, bindings, names)
    await _refuse_invented(engine, await _texts_in(narrowed, names), rows)
    record = [row for each in bindings for row in await _ask_record(engine, question, each)]
    needed = things_in(rows) | _things_asked(bindings, narrowed) | limits.things_in(record)
    labels = dict(sorted((await names.name(needed, language)).items()))
    answer = replace(answer, labels=labels, total=len(rows))
    shown = sentence.Shown(labels, language)
    # Their documents count for the filters, and for the choices of a page where they are few.
    cited = _passages(question, rows)
    is_judged = DOCUMENT in narrowed.only or (narrowed.page and len(cited) <= AT_ONCE)
    passages = await names.cite(cited if is_judged else (), language)
    every_name = dict.fromkeys((parameter.name for parameter in question.parameters), "") | answer.names
    arrange = partial(_arrange, answer, rows, passages, shown, every_name)
    answer = await asyncio.to_thread(arrange) if answer.is_long else arrange()
    return replace(
        answer,
        citations=await names.cite(_passages(question, answer.rows), language),
        limits=limits.write(_concerning(record, answer, rows), answer.values.get("day"), language, labels)
        if question.record
        else (),
    )


def _concerning(record: Sequence[Row], answer: QuestionAnswer, rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out how far the record goes of what the filters of an answer left out, such as another treaty or body."""
    chosen = {terms.BASE + value for value in answer.narrowing.only.values() if "/" in value}
    kinds = tuple(f"{thing.rpartition('/')[0]}/" for thing in chosen)
    lost = things_in(rows) - things_in(answer.whole or rows) - chosen

    def is_lost(text: str) -> bool:
        return text in lost or (text.startswith(kinds) and text not in chosen)

    def concerns(row: Row) -> bool:
        texts = [texts for term in row.values() if (texts := term["value"].split())]
        return not any(all(map(is_lost, each)) for each in texts)

    return [*filter(concerns, record)] or record


async def unfold(answer: QuestionAnswer, names: Names) -> QuestionAnswer:
    """Give an answer of which a page shows a part all rows that pass its filters, and what these cite."""
    cited = await names.cite(_passages(answer.question, answer.whole), answer.language)
    narrowed = replace(answer.narrowing, page=0)
    return replace(answer, rows=answer.whole, citations=cited, narrowing=narrowed, pages=1)


def _arrange(
    answer: QuestionAnswer,
    rows: Sequence[Row],
    passages: Mapping[str, CitedPassage],
    shown: sentence.Shown,
    names: Mapping[str, str],
) -> QuestionAnswer:
    """Narrow and order the rows of an answer, find by what they can be narrowed further, and write its sentence."""
    question, narrowed = answer.question, answer.narrowing

    def documents(row: Row) -> list[str]:
        return [terms.short_iri(passages[iri].document) for iri in _passages(question, [row]) if iri in passages]

    def values_of(row: Row, column: str) -> list[str]:
        is_document = column == DOCUMENT and DOCUMENT not in row
        return documents(row) if is_document else narrowing.values_in(row, column)

    fitting = [row for row in rows if narrowed.fits(partial(values_of, row))]
    whole = page = narrowing.in_order(fitting, narrowed, shown.value)
    pages = 1
    choices: dict[str, list[Choice]] = {}
    if narrowed.page:
        size = narrowing.page_size(question, fitting)
        page = page[(narrowed.page - 1) * size : narrowed.page * size]
        pages = max(1, -(-len(fitting) // size))
        titles = {terms.short_iri(passage.document): passage.document_label for passage in passages.values()}
        columns = [column.name for column in question.columns if column.name not in question.cites]
        choices = narrowing.choices(fitting, columns, shown.value)
        choices |= narrowing.documents(fitting, documents, titles)
    return replace(
        answer,
        rows=tuple(page),
        lead=_lead(answer, fitting, names, shown),
        choices=choices,
        whole=tuple(whole),
        pages=pages,
    )


def _lead(answer: QuestionAnswer, fitting: Sequence[Row], names: Mapping[str, str], shown: sentence.Shown) -> str:
    """Write the sentence that answers a question, from the rows that its filters leave."""
    if not answer.total:
        return answer.about
    template, gettext = answer.question.answer, answer.language.gettext
    if not answer.filters:
        return sentence.write(template, fitting, names, shown)
    filters = gettext("Filtered by %(filters)s.") % {"filters": answer.filters}
    lead = (
        sentence.write(template, fitting, names, shown, is_filtered=True) if fitting else gettext("No result is left.")
    )
    return f"{filters} {lead}"


async def put(
    engine: Engine, question: Question, values: Mapping[str, str], release: str, names: Names, language: Language
) -> QuestionAnswer:
    """Put a question in words with the names of its values: the answer without its rows. Raises BadParameter as `ask` does."""
    bindings, answer = await _begin(question, values, release, names, language)
    if texts := await _texts_in(answer.narrowing, names):
        await _refuse_invented(engine, texts, await _ask_rows(engine, question, bindings, names))
    return replace(answer, labels=await names.name(_things_asked(bindings, answer.narrowing), language))


async def _begin(
    question: Question, values: Mapping[str, str], release: str, names: Names, language: Language
) -> tuple[list[dict[str, Term]], QuestionAnswer]:
    """Read what an address holds: the values of the parameters, and the narrowing. Raises BadParameter, whose words are in English.

    The values are bound once for each of a parameter that has several.
    """
    parameters, narrowed = narrowing.split(question, values)
    resolved = await names.resolve(question, parameters, language)
    bindings = question.bind_each(resolved)
    read = {each.name: each.read for each in question.parameters}
    texts = {name: read[name](text).value for name, text in resolved.items() if text.strip()}
    question = translate(question, language)
    return bindings, QuestionAnswer(question, texts, (), {}, {}, release, language=language, narrowing=narrowed)


async def _texts_in(narrowed: Narrowing, names: Names) -> dict[str, str]:
    """Choose the filters, by column, by what is neither a thing with a name nor a year."""
    texts = {column: value for column, value in narrowed.only.items() if not narrowing.is_year(value)}
    iris = {terms.BASE + value for value in texts.values() if len(value) <= LONGEST}
    things = await names.name(filter(terms.is_iri, iris), speak(DEFAULT))
    return {column: value for column, value in texts.items() if terms.BASE + value not in things}


async def _refuse_invented(engine: Engine, texts: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Raise BadParameter for a filter by a text that is in no row, nor the name of a concept: the title of the answer repeats it."""
    for column, value in texts.items():
        is_there = any(value in narrowing.values_in(row, column) for row in rows)
        if not is_there and not await ask_rows(engine, _CONCEPT, {"text": Literal(value)}):
            message = say("%(text)s is no value of %(filter)s here", text=f"{value!r}", filter=column)
            raise BadParameter(message, where=ONLY + column)


@lru_cache(1024)
def translate(question: Question, language: Language) -> Question:
    """Make the question with its texts in a language; the template of its sentence is translated where it is filled."""
    gettext = language.gettext
    changes: dict[str, Any] = {key: gettext(getattr(question, key)) for key in ("title", "question", "about", "empty")}
    changes["parameters"] = tuple(replace(each, label=gettext(each.label)) for each in question.parameters)
    changes["columns"] = tuple(QuestionColumn(name, *map(gettext, texts)) for name, *texts in question.columns)
    return replace(question, **changes)


def things_in(rows: Iterable[Row]) -> set[str]:
    """List the IRIs in some rows."""
    return {term["value"] for row in rows for term in row.values() if term["type"] == "uri"}


async def _ask_rows(
    engine: Engine, question: Question, bindings: Sequence[Mapping[str, Term]], names: Names
) -> list[Row]:
    """Ask a question for its columns; the rows of one without parameters are asked once, for its pages, filters and orders."""

    async def fetch() -> list[Row]:
        asked = [row for each in bindings for row in await ask_rows(engine, question.text, each)]
        rows = map(question.fill, asked)
        return [{name: row[name] for name, _, _ in question.columns if name in row} for row in rows]

    return await fetch() if any(bindings) else await names.once.find(("rows", question.text), fetch)


async def _ask_record(engine: Engine, question: Question, bindings: Mapping[str, Term]) -> Sequence[Row]:
    """Ask how far the record goes that a question is answered from; what gives no row, the next query may."""
    for text in question.record_texts:
        if rows := await ask_rows(engine, text, bindings):
            return rows
    return []


def _things_asked(bindings: Sequence[Mapping[str, Term]], narrowed: Narrowing) -> set[str]:
    """List the IRIs that an address names: values of parameters, and what filters ask for."""
    filters = (terms.BASE + value for value in narrowed.only.values() if len(value) <= LONGEST)
    asked = {term.value for each in bindings for term in each.values() if isinstance(term, Iri)}
    return asked | {*filter(terms.is_iri, filters)}


def _passages(question: Question, rows: Iterable[Row]) -> set[str]:
    return {iri for row in rows for name in question.cites if name in row for iri in row[name]["value"].split()}

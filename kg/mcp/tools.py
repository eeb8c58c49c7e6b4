"""The tools of the protocol: each is a function whose docstring tells what it does; its parameters are what it takes."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial
from inspect import signature
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from kg import rows, terms
from kg.answer import citation, formats, narrowing, questions
from kg.answer.cache import CachedBody
from kg.answer.engine import LONG, Charge
from kg.answer.opened import OpenRelease
from kg.answer.permalink import Permalink
from kg.errors import AnswerableError, BadParameter, UnknownName
from kg.languages import DEFAULT, speak
from kg.mcp.answers import (
    Citation,
    Fact,
    FittingQuestion,
    ListedParameter,
    ListedQuestion,
    ListedThing,
    NamedId,
    QueryAnswered,
    QuestionAnswered,
    QuestionsListed,
    TermsFound,
    ThingDescribed,
    ThingsFound,
    ToolAnswer,
    page_of,
)
from kg.mcp.vocabulary import choose, having, list_terms, stems
from kg.names import sounds
from kg.search.results import Hit
from kg.search.search import LONGEST, PAGE
from kg.sparql import read_form
from kg.sparql.question import ONLY, TOPICS, Parameter, Question
from kg.sparql.vocabulary import nearest, short, suggest
from kg.store import Query
from kg.terms import Iri

AT_ONCE = 40  # rows of a query, facts and terms on a page
QUESTIONS = 15  # on a page
MOST_ROWS = 10_000  # of a query, on all pages
LONGEST_ADDRESS = 2000  # characters of a permanent address that holds a query
OTHERS = 4  # things that a name may mean as well
NONE_FOUND = "Not finding something does not mean that it did not happen. Try other words, or a page of one kind."
EN = speak(DEFAULT)
TYPE = terms.PREFIXES["rdf"] + "type"
OURS = (terms.VOCABULARY, terms.PREFIXES["skos"])  # other vocabularies repeat what is said in these
_POINTING = "SELECT ?this ?property (COUNT(*) AS ?count) { ?thing ?property ?this } GROUP BY ?this ?property"
Page = Annotated[int, Field(ge=1, le=999)]
Thing = Annotated[str, Field(min_length=1, max_length=2048)]
Topic = Literal["", "happened", "bound", "found", "promised", "became", "record"]


@dataclass(frozen=True)
class ToolContext:
    """Who asks: the release that answers, what is charged with the time of a query, and how errors are told."""

    release: OpenRelease
    charge: Callable[[], Charge | None] = lambda: None
    explain: Callable[[AnswerableError], str] = str


async def search(
    context: ToolContext,
    *,
    words: Annotated[str, Field(min_length=1, max_length=LONGEST)],
    kind: Annotated[str, Field(description="one of the kinds that an answer counts, such as events")] = "",
    page: Page = 1,
) -> ThingsFound:
    """Find events, States, treaties, articles, bodies, people, places, decisions, documents by words in any script, and the questions that fit."""
    opened, index = context.release, await context.release.read_index()
    found = await asyncio.to_thread(index.find, words, kind=kind, page=page)
    kinds = {group.kind: group.count for group in found.groups}
    if kind and kind not in (known := await asyncio.to_thread(index.weightiest)):
        raise BadParameter(f"There is no kind {kind[:40]!r}", where="kind", hint=f"Kinds: {', '.join(known)}")
    total = kinds.get(kind, 0) if kind else found.count
    asked = {"q": words, **({"type": kind} if kind else {}), "page": page}
    return ThingsFound(
        things=[
            ListedThing(id=terms.short_iri(hit.iri), date=hit.date or "", **_texts(hit, "name", "kind", "also", "text"))
            for hit in found.best
        ],
        questions=[
            FittingQuestion(
                name=fit.question,
                words=opened.questions[fit.question].in_words(fit.names),
                parameters={name: terms.short_iri(value) for name, value in fit.values.items()},
            )
            for fit in found.questions
            if fit.question in opened.questions
        ],
        kinds=kinds,
        hint=f"Searched for {found.spelt}." if found.spelt else "" if total else NONE_FOUND,
        total=total,
        next_page=page + 1 if page * PAGE < total else None,
        **_stamp(opened, "search?" + urlencode(asked)),
    )


async def describe(
    context: ToolContext,
    *,
    thing: Annotated[Thing, Field(description="its id, such as id/state/kaz or ans:Torture, or its name")],
    page: Page = 1,
) -> ThingDescribed:
    """Tell what is recorded of one thing, property by property, and what points at it."""
    opened, others = context.release, list[NamedId]()
    iri = _expand(opened, thing)
    if not (facts := await _read_facts(opened, iri)):
        iri, others = await _find(opened, thing)
        facts = await _read_facts(opened, iri)
    shown, more = page_of(facts, page, AT_ONCE)
    values = [fact["value"] for fact in shown if fact["value"].is_iri]
    names = await opened.names.name({iri, *values}, EN)
    return ThingDescribed(
        id=short(iri),
        name=names.get(iri, ""),
        facts=[
            Fact(
                property=terms.shorten(fact["property"]),
                value=_plain(fact["value"]),
                name=names.get(fact["value"], "") if fact["value"].is_iri else "",
                derived=fact["derived"].is_true,
            )
            for fact in shown
        ],
        pointing={
            terms.shorten(row["property"]): int(row["count"])
            for row in await opened.ask_rows(_POINTING, {"this": Iri(iri)})
        },
        others=others,
        hint="Say which of the others is meant, if it is not this." if others else "",
        **more,
        **_stamp(opened, iri),
    )


async def list_questions(
    context: ToolContext,
    *,
    words: Annotated[str, Field(max_length=LONGEST, description="what you want to know")] = "",
    topic: Annotated[Topic, Field(description="; ".join(f"{key}: {name}" for key, name in TOPICS.items()))] = "",
    page: Page = 1,
) -> QuestionsListed:
    """List the named questions, which give the best answers, by topic or words, with their parameters."""
    opened, index = context.release, await context.release.read_index()
    listed = [each for each in opened.questions.values() if topic in ("", each.topic)]
    if words:
        fits = (await asyncio.to_thread(index.find, words)).questions
        sharing = having(stems(words, index.lexicon.is_empty), listed, _sounds)
        names = dict.fromkeys([*(fit.question for fit in fits), *(each.name for each in sharing)])
        by_name = {each.name: each for each in listed}
        listed = [by_name[name] for name in names if name in by_name]
    shown, more = page_of(listed, page, QUESTIONS)
    return QuestionsListed(
        questions=[
            ListedQuestion(
                parameters=[_describe(each) for each in question.parameters],
                about=question.about.partition(". ")[0],
                **_texts(question, "name", "title", "topic"),
            )
            for question in shown
        ],
        hint="" if listed else "None has these words: leave the words out, search, or use sparql.",
        **more,
        **_stamp(opened, "questions"),
    )


async def ask_question(
    context: ToolContext,
    *,
    name: Annotated[str, Field(max_length=100, description="from list_questions or search")],
    parameters: Annotated[
        Mapping[str, str | int],
        Field(description="things by id or any usual name: KAZ, Human Rights Committee, Torture Convention, ICCPR 9"),
    ] = {},
    only: Annotated[
        Mapping[str, str], Field(description="narrows the rows: a column and a value that `only` of an answer lists")
    ] = {},
    sort: Annotated[str, Field(max_length=60, description="a column, -column from the end")] = "",
    page: Page = 1,
) -> QuestionAnswered:
    """Ask a named question: a sentence to quote, the limits of the record, rows, and the passages that they rest on."""
    opened = context.release
    texts = {name: str(value) for name, value in parameters.items()}
    texts |= {ONLY + column: value for column, value in only.items()}
    texts |= {narrowing.SORT: sort, narrowing.PAGE: str(page)}
    answer = await opened.ask(opened.find_question(name), texts)
    if page > answer.pages:
        raise BadParameter(f"There are {answer.pages} pages", where="page", hint="Take an earlier one")
    data = json.loads(await asyncio.to_thread(formats.write_answer, answer, "json"))
    columns = answer.columns_with_values(answer.rows)
    rows = [
        {column.name: _shorten(row[column.name]) for column in columns if row[column.name] is not None}
        for row in data["rows"]
    ]
    shown = {iri for row in rows for name in answer.question.cites for iri in row.get(name, ())}
    cited = {id: each for each in answer.citations.values() if (id := terms.short_iri(each.passage)) in shown}
    return QuestionAnswered(
        question=answer.sentence,
        parameters={name: terms.short_iri(value) for name, value in answer.values.items()},
        answer=answer.lead,
        about=answer.about,
        limits=data["limits"],
        columns={column.name: column.meaning for column in columns},
        rows=rows,
        citations={id: each.label for id, each in cited.items()},
        quotes={id: each.words for id, each in cited.items() if each.words},
        only={column: [each.value for each in choices[:OTHERS]] for column, choices in answer.choices.items()}
        if answer.pages > 1
        else {},
        total=len(answer.whole),
        next_page=page + 1 if page < answer.pages else None,
        release=opened.id,
        address=data["permanent"],
    )


async def sparql(
    context: ToolContext,
    *,
    query: Annotated[
        str,
        Field(
            min_length=1,
            max_length=65_536,
            description=f"SELECT, ASK, CONSTRUCT or DESCRIBE, no SERVICE. PREFIX ans: <{terms.VOCABULARY}> BASE <{terms.BASE}>",
        ),
    ],
    page: Page = 1,
) -> QueryAnswered:
    """Answer a SPARQL 1.1 query to read the whole graph, for what no question asks. Look up terms with vocabulary."""
    opened, is_graph = context.release, read_form(query) in ("CONSTRUCT", "DESCRIBE")
    asked = Query(query, "nt" if is_graph else "json", max_rows=MOST_ROWS)

    async def make() -> CachedBody:
        engine = opened.hinting()
        answer = await engine.answer(asked, charge=context.charge())
        return CachedBody(answer.body, engine.hint, lasts=not answer.volatile)

    body, hint, _ = await opened.cache.find(f"rows {query}", make)
    read = partial(_read_triples if is_graph else _read_rows, body)
    columns, rows = await asyncio.to_thread(read) if len(body) > LONG else read()
    shown, more = page_of(rows, page, AT_ONCE)
    if len(rows) > AT_ONCE and not is_graph and "order by" not in query.lower():
        hint = f"{hint} Without ORDER BY the rows come in any order.".strip()
    path = f"sparql?query={quote(query)}"
    return QueryAnswered(
        columns=columns,
        rows=[*shown],
        hint=hint,
        **more,
        **_stamp(opened, path if len(path) <= LONGEST_ADDRESS else "sparql"),
    )


async def vocabulary(
    context: ToolContext,
    *,
    words: Annotated[
        str,
        Field(
            max_length=LONGEST, description="a name, such as ans:Act or scheme/right, or words; empty for all classes"
        ),
    ],
    page: Page = 1,
) -> TermsFound:
    """Look up classes, properties and concepts for a query. A class comes with its properties, a scheme with its concepts."""
    opened, dictionary = context.release, await context.release.read_dictionary()
    listed = await opened.once.find("vocabulary", partial(list_terms, opened, dictionary))
    found, path = choose(dictionary, listed, words, (await opened.read_index()).lexicon.is_empty)
    shown, more = page_of(found, page, AT_ONCE)
    close = () if found else nearest(terms.expand(words), dictionary.terms, OTHERS)
    return TermsFound(
        terms=[*shown],
        hint="" if found else suggest(close) or "None has these words: try fewer, or leave them out.",
        **more,
        **_stamp(opened, path),
    )


async def cite(
    context: ToolContext,
    *,
    of: Annotated[Thing, Field(description="an id or an address that a tool answered")],
    format: Literal["text", "bibtex", "csl", "ris"] = "text",
) -> Citation:
    """Write the citation of a passage, a document, any other thing, or an answer by its permanent address."""
    opened, form = context.release, citation.form_of(format)
    iri, place = _expand(opened, of), dict[str, str]()
    word = iri.removeprefix(terms.BASE + "answer/")
    if word != iri:
        title = await _name_answer(opened, Permalink.read(word))
        work = citation.Work(title, iri, opened.id, accessed=citation.today())
    else:
        work, place = await _cite_thing(opened, iri)
    return Citation(citation=form.write(work).strip(), release=opened.id, address=work.address, **place)


class Tool(NamedTuple):
    """What a model can call: the function that answers, and a model of what it takes."""

    answer: Callable[..., Awaitable[ToolAnswer]]
    takes: type[BaseModel]


def _tool(answer: Callable[..., Awaitable[ToolAnswer]]) -> Tool:
    named = {each.name: each for each in signature(answer).parameters.values() if each.kind is each.KEYWORD_ONLY}
    fields: dict[str, Any] = {
        name: (each.annotation, ... if each.default is each.empty else each.default) for name, each in named.items()
    }
    return Tool(answer, create_model(answer.__name__, __config__=ConfigDict(extra="forbid"), **fields))


_ANSWERING = (search, describe, list_questions, ask_question, sparql, vocabulary, cite)
TOOLS = {answer.__name__: _tool(answer) for answer in _ANSWERING}


async def call(context: ToolContext, name: str, values: dict[str, Any]) -> ToolAnswer:
    """Call a tool. Raises UnknownName where there is none of that name, BadParameter for a wrong value, and what an engine raises."""
    if name not in TOOLS:
        raise UnknownName(f"There is no tool {name[:60]!r}", hint=f"Tools: {', '.join(TOOLS)}")
    try:
        taken = TOOLS[name].takes.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))[:60] or name
        hint = f"{name} takes {', '.join(TOOLS[name].takes.model_fields)}"
        raise BadParameter(first["msg"], where=where, hint=hint) from None
    return await TOOLS[name].answer(context, **dict(taken))


def _stamp(opened: OpenRelease, path: str) -> dict[str, Any]:
    """Name the release and the permanent address of an answer, by its path or IRI."""
    return {"release": opened.id, "address": citation.pin(terms.full_iri(path), opened.id)}


def _expand(opened: OpenRelease, text: str) -> str:
    """Write the IRI that a text names: an id, a term such as ans:Act, or an address in this release."""
    iri = terms.expand(text) if ":" in text else terms.full_iri(text)
    return iri.replace(f"{terms.RELEASE}{opened.id}/", terms.BASE)


def _texts(source: object, *names: str) -> dict[str, str]:
    return {name: getattr(source, name) for name in names}


async def _read_facts(opened: OpenRelease, iri: str) -> list[rows.Row]:
    """Read what is said of a thing, in English or in no language, without what repeats it in other vocabularies."""
    facts = await opened.ask_page("facts", this=Iri(iri)) if terms.is_iri(iri) else []
    facts = [fact for fact in facts if fact["value"].language in ("", DEFAULT)]
    names = ((fact, fact["value" if fact["property"] == TYPE else "property"]) for fact in facts)
    return [fact for fact, name in names if name.startswith(OURS) or not fact["derived"].is_true]


async def _find(opened: OpenRelease, text: str) -> tuple[str, list[NamedId]]:
    """Find the thing that a name means, and what it may mean as well; raises UnknownName with what comes near."""
    index, name = await opened.read_index(), sounds(text)

    def look() -> tuple[str | None, Sequence[Hit]]:
        hits = index.find(text).best
        same = [hit.iri for hit in hits if name in (sounds(hit.name), sounds(hit.also))]
        return same[0] if same else index.identify(text, {hit.iri for hit in hits}), hits

    state = f"{terms.ID}state/{text.strip().lower()}"
    iri, hits = await asyncio.to_thread(look)
    iri = state if await _read_facts(opened, state) else iri
    others = [NamedId(id=terms.short_iri(hit.iri), name=hit.name) for hit in hits if hit.iri != iri][:OTHERS]
    if iri is None:
        close = ", ".join(f"{each.id} ({each.name})" for each in others)
        hint = f"Look for it with search, or take {close}" if close else "Look for it with search"
        raise UnknownName(f"Nothing is recorded as {text[:120]!r}", hint=hint)
    return iri, others


@cache
def _sounds(question: Question) -> AbstractSet[str]:
    columns = " ".join(column.meaning for column in question.columns)
    return stems(f"{question.title} {question.question} {question.about} {columns}")


def _describe(parameter: Parameter) -> ListedParameter:
    return ListedParameter(
        name=parameter.name,
        type=parameter.class_name or {"date": "day, YYYY-MM-DD"}.get(parameter.kind, parameter.kind),
        about=parameter.label,
        example=parameter.example,
        required=not parameter.optional,
    )


def _shorten(value: Any) -> Any:
    """Write a value of a row: a thing by id and name, the first of its passages by their ids."""
    if isinstance(value, dict):
        return {"id": terms.short_iri(value["id"]), "name": value["label"] or ""}
    if isinstance(value, list):
        more = len(value) - narrowing.CITED
        return [*map(terms.short_iri, value[: narrowing.CITED]), *([f"and {more} more"] if more > 0 else [])]
    return value


def _plain(cell: rows.Cell) -> str:
    return terms.shorten(short(cell)) if cell.is_iri else str(cell)


def _read_rows(body: bytes) -> tuple[list[str], list[dict[str, str]]]:
    columns, table, truth = rows.read_table(body)
    if truth is not None:
        return ["answer"], [{"answer": str(truth).lower()}]
    return columns, [{name: _plain(cell) for name, cell in row.items() if cell is not None} for row in table]


def _read_triples(body: bytes) -> tuple[list[str], list[dict[str, str]]]:
    return ["triple"], [{"triple": line} for line in body.decode().splitlines()]


async def _cite_thing(opened: OpenRelease, iri: str) -> tuple[citation.Work, dict[str, str]]:
    """Cite a thing, a document or passage as the source that it is, with its place and words; raises UnknownName."""
    names = await opened.names.name([iri], EN) if terms.is_iri(iri) else {}
    if iri not in names:
        raise UnknownName(f"Nothing here has the id {terms.short_iri(iri)[:120]}", hint="Look for it with search")
    work = citation.Work(names[iri], citation.pin(iri, opened.id), opened.id, accessed=citation.today())
    for row in await opened.ask_page("cited-as", this=Iri(iri)):
        work = citation.Work.of_source(work, citation.CitedSource.of(row))
    passages = await opened.names.cite([iri])
    return work, {"passage": passages[iri].label, "words": passages[iri].words} if iri in passages else {}


async def _name_answer(opened: OpenRelease, link: Permalink) -> str:
    """Put into words what a permanent address answers."""
    if not link.is_tagged or link.release != opened.id:
        hint = "Open the address itself, or ask the question again"
        raise UnknownName(f"This release {opened.id} gave no such answer", hint=hint)
    question = opened.find_question(link.question)
    return (await questions.put(opened.pages, question, link.values, opened.id, opened.names, EN)).sentence

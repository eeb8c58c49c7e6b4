"""Hints at what is amiss in a query from outside that was answered with nothing, or was ended at a limit.

The answer stays what SPARQL says; the hint tells why: a term or a thing that does not exist, a value of another type or
language than those of its property, a property that nothing has, a BIND clause that stands too early. An answer with rows has
a hint only at terms of ours that do not exist.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from kg import terms
from kg.answer.cache import SingleFlight
from kg.answer.engine import Charge, Engine, Streamed, ask_about, ask_rows
from kg.errors import AnswerableError, EngineTimeout, QueryOutOfMemory, QueryTimeout
from kg.search.search import Search
from kg.sparql.patterns import Pattern, Wanted, read_pattern
from kg.sparql.vocabulary import explain_unknown, suggest, unknown_terms
from kg.store import Query, Serialized
from kg.terms import Iri, Literal
from kg.wording import LONGEST, say

MOST = 3  # sentences of a hint
LOOKED_AT = 6  # things, properties and values of a query that are looked up
SAMPLE = 20_000  # values of a property from which their types are told
SHORT = 2_000  # characters of a query that is read at once; a longer one is read in a thread; and bytes of a row that may count
_TERMS = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?term {
  { ?term rdfs:isDefinedBy ?module } UNION { ?term skos:inScheme ?scheme } UNION { ?term a skos:ConceptScheme }
}"""
_PRESENT = """SELECT ?thing {
  VALUES ?thing {}
  FILTER (EXISTS { ?thing ?p ?o } || EXISTS { ?s ?q ?thing } || EXISTS { GRAPH ?thing { ?a ?b ?c } })
}"""
_KINDS = f"""SELECT DISTINCT ?property (DATATYPE(?value) AS ?datatype) (LANG(?value) AS ?language) {{
  {{ SELECT ?property ?value {{ ?thing ?property ?value }} LIMIT {SAMPLE} }}
}}"""
_SPELT = "SELECT DISTINCT ?property ?value { VALUES ?value { %s } ?thing ?property ?value }"
_XSD = terms.PREFIXES["xsd"]
_DATES = tuple(_XSD + name for name in ("date", "gYearMonth", "gYear", "dateTime"))
_NUMBERS = tuple(_XSD + name for name in ("integer", "decimal", "double", "float"))
_TEXT = terms.PREFIXES["rdf"] + "langString"
_THING = "thing"  # the kind of an IRI and of a blank node
_NAUGHT = re.compile(rb'[>"\n\t,]0[<"\r\n\t,]')  # a count of nothing, in each format for rows

Kind = tuple[str, str]  # the datatype of a literal and its language, or _THING


class HintingEngine(Engine):
    """Answers queries from outside with another engine; `hint` speaks of the last one."""

    def __init__(self, engine: Engine, lookups: Engine, once: SingleFlight, index: Callable[[], Search]) -> None:
        """Answer with `engine`; find out with `lookups` and the index of the search. `once` caches what stays as long as the release."""
        self._engine, self._lookups, self._once, self._index = engine, lookups, once, index
        self.hint = ""

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Any:
        """Answer a query; the error for one that was ended tells what made it slow, if that can be seen."""
        try:
            answer = await self._engine.answer(query, streamed=streamed, charge=charge)
        except (QueryTimeout, QueryOutOfMemory, EngineTimeout) as error:
            if bind := next((each for each in (await self._read(query.text)).early if not each.missing), None):
                error.hint = say(
                    "Give %(variable)s its value by VALUES and not by BIND, whose value the patterns behind it may be matched without",
                    variable=bind.variable,
                )
            raise
        self.hint = await self._find(query.text, is_empty=_is_empty(answer))
        return answer

    async def _find(self, text: str, *, is_empty: bool) -> str:
        """Say in a line what is amiss in a query; nothing where all is well, or cannot be found out."""
        if not is_empty and terms.VOCABULARY not in text and terms.SCHEME not in text:
            return ""
        try:
            existing = await self._once.find("terms", partial(_read_terms, self._lookups))
            look = partial(unknown_terms, text, existing)
            unknown = look() if len(text) < SHORT else await asyncio.to_thread(look)
            if existing and unknown:
                return await asyncio.to_thread(_explain_terms, [iri for _, iri in unknown[:MOST]], existing)
            sentences = await self._explain(await self._read(text), existing) if is_empty else []
        # The query itself was answered; what is in it may be no term that can be written.
        except (AnswerableError, ValueError):
            return ""
        return " ".join(list(dict.fromkeys(sentences))[:MOST])

    async def _read(self, text: str) -> Pattern:
        return read_pattern(text) if len(text) < SHORT else await asyncio.to_thread(read_pattern, text)

    async def _explain(self, pattern: Pattern, existing: Collection[str]) -> list[str]:
        sentences = [
            f"BIND (... AS {bind.variable}) stands before the pattern that binds {bind.missing}, and has no value there: put it behind."
            for bind in pattern.early
            if bind.missing
        ]
        things = pattern.things[:LOOKED_AT]
        present = {row["thing"] for row in await ask_about(self._lookups, _PRESENT, things)}
        for iri in [iri for iri in things if iri not in present][:MOST]:
            near = await asyncio.to_thread(self._nearest, iri) if len(iri) < LONGEST else []
            sentences.append(f"{_cut(terms.short_iri(iri))} is not in this release. {suggest(near)}".strip())
        properties = [name for name in pattern.properties if name in existing or not name.startswith(terms.VOCABULARY)]
        kinds = {name: await self._kinds(name) for name in properties[:LOOKED_AT]}
        sentences += [
            f"Nothing here has the property {_cut(terms.shorten(name))}." for name in kinds if not kinds[name]
        ]
        for wanted in pattern.wanted[:LOOKED_AT]:
            if kinds.get(wanted.property):
                sentences.append(await self._explain_value(wanted, kinds[wanted.property]))
        return [sentence for sentence in sentences if sentence]

    def _nearest(self, iri: str) -> list[str]:
        """List the things that an IRI of nothing may mean: the one whose name or key it ends in, else those most like it."""
        index, key = self._index(), terms.local_name(iri)
        around = index.beneath(iri.removesuffix(key))
        same = [other for other in around if other.lower() == iri.lower()]
        named = same or [each for each in [index.identify(key.replace("-", " "), around)] if each]
        return named or index.nearest(iri)[:MOST]

    async def _kinds(self, name: str) -> frozenset[Kind]:
        """Say of which kinds the values of a property are."""
        rows = await ask_rows(self._lookups, _KINDS, {"property": Iri(name)})
        cells = ([row[part]["value"] if part in row else "" for part in ("datatype", "language")] for row in rows)
        # An engine may know no datatype of a text with a language.
        return frozenset((datatype or (_TEXT if language else _THING), language) for datatype, language in cells)

    async def _explain_value(self, wanted: Wanted, kinds: Collection[Kind]) -> str:
        name, value = _cut(terms.shorten(wanted.property)), wanted.value
        literals = {kind for kind in kinds if kind[0] != _THING}
        if not literals:
            return f"{name} leads to things, and not to texts: write the IRI of one, or ask for its name by {name}/skos:prefLabel."
        if not wanted.is_bound and (spelt := await self._spell(wanted, literals)):
            return "" if spelt == value else f"{name} has the value {_show(spelt)} here, and not {_show(value)}."
        if any(_is_like(value, *kind) for kind in literals):
            return ""
        datatypes = sorted({datatype for datatype, _ in literals})
        if all(language for _, language in literals):
            languages = sorted({language for _, language in literals})
            tagged = Literal(value.value, language="en" if "en" in languages else languages[0])
            return f"Each text of {name} has a language ({', '.join(languages)}): write {_show(tagged)}."
        listed = ", ".join(map(terms.shorten, datatypes))
        if set(datatypes) <= {*_DATES}:
            return f'The values of {name} are dates ({listed}), which are no text and no number: FILTER (STR(?date) >= "2011") compares them whatever their precision.'
        return f"The values of {name} are {listed}, and {_show(value)} is none of them."

    async def _spell(self, wanted: Wanted, kinds: Iterable[Kind]) -> Literal | None:
        """Find a value that the property has, spelt as the wanted one but for its kind and its capitals; the wanted one itself first."""
        value = wanted.value.value
        spellings = dict.fromkeys((value, value.upper(), value.lower(), value.capitalize(), value.title()))
        choices = [wanted.value, *(_literal(spelling, *kind) for spelling in spellings for kind in sorted(kinds))]
        written = {terms.write(choice): choice for choice in choices}
        rows = await ask_rows(self._lookups, _SPELT % " ".join(written), {"property": Iri(wanted.property)})
        existing = {terms.write(terms.from_json(row["value"])) for row in rows}
        return next((written[text] for text in written if text in existing), None)


def _is_empty(answer: Serialized | Streamed) -> bool:
    """Say whether an answer has no rows, is no, or is a count of nothing."""
    if isinstance(answer, Streamed):
        return False
    if answer.rows is None:
        return b"false" in answer.body
    return answer.rows == 0 or answer.rows == 1 and len(answer.body) < SHORT and bool(_NAUGHT.search(answer.body))


async def _read_terms(engine: Engine) -> frozenset[str]:
    return frozenset(row["term"]["value"] for row in await ask_rows(engine, _TERMS))


def _explain_terms(unknown: Iterable[str], existing: Collection[str]) -> str:
    return " ".join(explain_unknown(iri, existing) for iri in dict.fromkeys(unknown))


def _literal(text: str, datatype: str, language: str) -> Literal:
    return (
        Literal(text, language=language)
        if language
        else Literal(text, None if datatype == terms.XSD_STRING else datatype)
    )


def _is_like(value: Literal, datatype: str, language: str) -> bool:
    """Say whether a literal can be equal to one of a kind, or come before it."""
    own = value.datatype or terms.XSD_STRING
    return (value.language or "") == language and (bool(language) or own == datatype or {own, datatype} <= {*_NUMBERS})


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _show(value: Literal) -> str:
    """Write a literal as people do in a query."""
    text = _cut(value.value)
    if value.datatype == _NUMBERS[0]:
        return text
    written = terms.write(Literal(text, language=value.language))
    return f"{written}^^{terms.shorten(value.datatype)}" if value.datatype else written

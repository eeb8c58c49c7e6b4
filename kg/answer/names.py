"""The names of the things of one release: labels, choices of parameters and citations of passages, each asked once; and their places."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple, TypeVar

from kg import terms
from kg.answer.cache import SingleFlight
from kg.answer.engine import AT_ONCE, Engine, ask_about, ask_rows
from kg.answer.wordings import MACHINE, Retelling
from kg.errors import BadParameter
from kg.languages import DEFAULT, LANGUAGES, Language, speak
from kg.names import LONGEST, nearest, sounds
from kg.quotations import Quotations
from kg.rows import Cell, make_cell, natural
from kg.search.search import Search
from kg.sparql.question import Parameter, Question
from kg.terms import Iri
from kg.wording import say

MOST_CACHED = 50_000  # labels of one language, and citations
MOST_TRANSLATED = 4 * AT_ONCE  # things of a parameter that a form names in another language
MOST_WITH_SUBJECT = 250  # things of a form that are shown with what each is about

T = TypeVar("T")


class Label(NamedTuple):
    """The name of a thing, in the language asked for, else in English or in none; empty where it has no such name."""

    name: str
    short: str = ""
    language: str = ""  # of the name

    def spell(self, language: Language) -> str:
        """Write the name for a page in a language: one in that language has its days in words."""
        return language.spell_days(self.name) if self.language == language.code else self.name


class Offer(NamedTuple):
    """A thing that a parameter may name: its name, what it is about, and what it belongs to."""

    iri: str
    name: str
    subject: str = ""
    group: str = ""


class CitedPassage(NamedTuple):
    """A passage, ready to be quoted: its label, the document it is in, and where in the document."""

    passage: str
    label: str
    document: str
    document_label: str
    section: str
    paragraph: str
    words: str = ""  # where an operator has given the text


class Place(NamedTuple):
    """A place with coordinates: the digits are those of the record, and `precision` says how narrowly they fix it."""

    iri: str
    label: str
    latitude: str
    longitude: str
    precision: str


class Names:
    """The names in one release, fetched from its engine when they are first needed."""

    def __init__(
        self, engine: Engine, quotations: Quotations | None = None, index: Callable[[], Search] | None = None
    ) -> None:
        self._engine, self._quotations, self._index = engine, quotations, index
        self.once = SingleFlight()  # values by key, also of those who ask questions
        self._labels: dict[str, dict[str, Label | None]] = {}  # by language
        self._passages: dict[str, CitedPassage | None] = {}

    async def choices_of(self, parameter: Parameter) -> Mapping[str, Offer]:
        """Map the IRIs that a parameter of kind iri may name to what they are called in English, as people sort names."""
        if not parameter.class_iri:
            return {}
        return await self.once.find(("choices", parameter.class_iri), partial(self._choose, parameter.class_iri))

    async def options_of(
        self, parameter: Parameter, value: str, most: int, language: Language
    ) -> tuple[str, list[tuple[str, list[Offer]]]]:
        """Return the value of a parameter as a form shows it, and the things to choose from in groups, if there are at most so many."""
        key = ("offers", parameter.class_iri, language.code)
        offers: dict[str, Offer] = await self.once.find(key, partial(self._offer, parameter, language))
        iri = terms.full_iri(value) if value and offers else value
        if len(offers) > most:  # a person types the name
            return offers[iri].name if iri in offers else value, []
        listed: Iterable[Offer] = offers.values()
        if len(offers) > MOST_WITH_SUBJECT:
            codes = await self.choices_of(parameter)  # such as ICCPR 21, which are short in every language
            listed = [offer._replace(subject="", name=codes[offer.iri].name) for offer in listed]
        chosen = iri if iri in offers or not offers else ""  # what is no choice leaves the first, empty one chosen
        return chosen, [(name, list(group)) for name, group in groupby(listed, key=lambda offer: offer.group)]

    async def resolve(
        self, question: Question, values: Mapping[str, str], language: Language = speak(DEFAULT)
    ) -> dict[str, str]:
        """Put the IRI of a thing in the place of its name; raise BadParameter, with what comes close, for an unknown one."""
        named = {each: values.get(each.name, "").strip() for each in question.parameters if each.is_thing}
        iris = {each.name: await self._resolve(each, text, language) for each, text in named.items() if text}
        return {**values, **iris}

    async def label(self, iris: Iterable[str], language: str = DEFAULT) -> dict[str, Label]:
        """Return the labels of those IRIs that have a name or a short name; `language` is a code of kg.languages."""

        spoken_here = speak(language)
        retell = await self.retelling(spoken_here)

        def read(row: Mapping[str, str]) -> Label:
            name, short, spoken = row.get("label", ""), row.get("short", ""), row.get("language", "")
            if spoken == DEFAULT and (translated := retell(name)):
                name, spoken = translated, translated.language
            return Label(name, retell(short) or spoken_here.abbreviate(short), spoken)

        return await self._look_up(_labels_in(language), self._labels.setdefault(language, {}), iris, read)

    async def retelling(self, language: Language) -> Callable[[str], Cell | None]:
        """Return a function that writes an English text of the record in a language; None where it cannot, and in English."""
        if language.code == DEFAULT:
            return lambda text: None

        async def read() -> Retelling:
            rows = await ask_rows(self._engine, _TRANSLATIONS % {"language": language.code})
            return Retelling(language, {row["english"]["value"]: make_cell(row["text"]) for row in rows})

        return (await self.once.find(("retelling", language.code), read)).find

    async def name(self, iris: Iterable[str], language: Language) -> dict[str, str]:
        """Return the names of those IRIs that have one."""
        labels = await self.label(iris, language.code)
        return {iri: label.name for iri, label in labels.items() if label.name}

    async def cite(self, passages: Iterable[str], language: Language = speak(DEFAULT)) -> dict[str, CitedPassage]:
        """Return what is needed to cite passages, with the names of passages and documents in a language where it has them."""
        columns = ("thing", "label", "document", "title", "section", "paragraph")  # in the order of the fields

        def read(row: Mapping[str, str]) -> CitedPassage:
            words = self._quotations.find(row["thing"], row.get("sha", "")) if self._quotations else ""
            return CitedPassage(*(row.get(column, "") for column in columns))._replace(words=words)

        retell, cited = await self.retelling(language), await self._look_up(_PASSAGES, self._passages, passages, read)
        return {
            iri: each._replace(
                label=retell(each.label) or each.label,
                document_label=retell(each.document_label) or each.document_label,
                section=retell(each.section) or each.section,
            )
            for iri, each in cited.items()
        }

    async def _choose(self, class_iri: str) -> dict[str, Offer]:
        columns = ("thing", "label", "subject", "group")  # in the order of the fields
        rows = await ask_rows(self._engine, _CHOICES, {"class": Iri(class_iri)})

        def sort() -> dict[str, Offer]:
            offers = [Offer(*(row[name]["value"] if name in row else "" for name in columns)) for row in rows]
            return {offer.iri: offer for offer in sorted(offers, key=lambda offer: (natural(offer.name), *offer))}

        return await asyncio.to_thread(sort)  # of ten thousand passages too

    async def _is_choice(self, class_iri: str, iri: str) -> bool:
        """Look one thing up alone: of a class with thousands not all need be fetched."""
        asked = {"class": Iri(class_iri), "thing": Iri(iri)}
        return terms.is_iri(iri) and bool(await ask_rows(self._engine, _CHOICE, asked))

    async def _offer(self, parameter: Parameter, language: Language) -> dict[str, Offer]:
        """Map the IRIs that a parameter of kind iri may name to what they are called in a language, group by group, as people sort."""
        choices = await self.choices_of(parameter)
        names = {}
        if language.code != DEFAULT and len(choices) <= MOST_TRANSLATED:
            names = await self.name(choices, language)
        groups = await self.name({offer.group for offer in choices.values()}, language)
        offers = [
            offer._replace(name=names.get(iri, offer.name), group=groups.get(offer.group, ""))
            for iri, offer in choices.items()
        ]
        in_order = lambda offer: (offer.group == "", offer.group, natural(offer.name), offer.iri)
        return {offer.iri: offer for offer in await asyncio.to_thread(sorted, offers, key=in_order)}

    async def _resolve(self, parameter: Parameter, text: str, language: Language) -> str:
        class_iri, iri = parameter.class_iri or "", terms.full_iri(text)
        if class_iri and len(text) <= LONGEST and await self._is_choice(class_iri, iri):
            return iri
        choices = await self.choices_of(parameter)
        things = await self.once.find(("names", class_iri), partial(self._things_by_name, class_iri))
        namesakes: Sequence[str] = things.get(sounds(text), ()) if len(text) <= LONGEST else ()
        if not namesakes and self._index and len(text) <= LONGEST:
            index = self._index
            if named := await asyncio.to_thread(lambda: index().identify(text, choices)):
                return named
        if len(namesakes) == 1:
            return namesakes[0]
        shown = text.removeprefix(terms.BASE)
        if namesakes:
            several = [iri.removeprefix(terms.BASE) for iri in namesakes[:5]]
            message = say(
                "%(parameter)s=%(shown)s is the name of several things", parameter=parameter.name, shown=shown
            )
            raise BadParameter(message, where=parameter.name, hint=say("Choose one of %(several)s.", several=several))
        message = say("%(shown)s is not known here as %(label)s", shown=f"{shown!r}", label=say(parameter.label))
        hint = say("Choose one from the form, or look for it in the search.")
        if close := await self._closest(shown, choices, things):
            labels = {iri: choices[iri].name for iri in close} | await self.name(close, language)
            hint = say("Try %(labels)s.", labels=[labels[iri] for iri in close])
        raise BadParameter(message, where=parameter.name, hint=hint)

    async def _things_by_name(self, class_iri: str) -> dict[str, tuple[str, ...]]:
        rows = await ask_rows(self._engine, _NAMES, {"class": Iri(class_iri)})

        def gather() -> dict[str, tuple[str, ...]]:
            things: dict[str, set[str]] = {}
            for row in rows:  # a name that pages show in any language is one that a form takes
                for spoken in map(speak, LANGUAGES):
                    name = spoken.abbreviate(row["name"]["value"])
                    things.setdefault(sounds(name), set()).add(row["thing"]["value"])
            return {name: tuple(sorted(namesakes)) for name, namesakes in things.items()}

        return await asyncio.to_thread(gather)

    async def _closest(self, text: str, choices: Collection[str], things: Mapping[str, Sequence[str]]) -> list[str]:
        def compare() -> list[str]:
            by_name = {name: namesakes[0] for name, namesakes in things.items()}
            by_name |= {terms.short_iri(iri): iri for iri in choices}
            return [by_name[name] for name in nearest(text, by_name, 6)]

        close = await asyncio.to_thread(compare)
        return [iri for iri in dict.fromkeys(close) if iri in choices][:3]

    async def _look_up(
        self, text: str, cached: dict[str, T | None], iris: Iterable[str], read: Callable[[Mapping[str, str]], T]
    ) -> dict[str, T]:
        """Return the values of some IRIs, and ask for those that are not cached; misses are cached too.

        The IRIs come from the engine, or passed `Parameter.read`.
        """
        needed = set(iris)
        values = {iri: cached[iri] for iri in needed if iri in cached}
        if missing := needed - values.keys():
            rows = await ask_about(self._engine, text, missing)
            values |= dict.fromkeys(missing) | {row["thing"]: read(row) for row in rows}
            if len(cached) + len(missing) > MOST_CACHED:
                cached.clear()
            cached |= values
        return {iri: value for iri in sorted(values) if (value := values[iri]) is not None}


async def find_places(engine: Engine, things: Iterable[str]) -> dict[str, tuple[Place, ...]]:
    """Find the places of those things that have any: their own coordinates if they are places, else those of where they happened.

    A place without coordinates is where the place around it is.
    """
    places: dict[str, dict[str, Place]] = {}
    for row in await ask_about(engine, _PLACES, (iri for iri in things if iri.startswith(terms.BASE))):
        place = Place(*(row.get(name, "") for name in ("place", "label", "latitude", "longitude", "precision")))
        places.setdefault(row["thing"], {}).setdefault(place.iri, place)
    return {thing: tuple(by_iri.values()) for thing, by_iri in places.items()}


_PREFIXES = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in ("ans", "skos"))


def _labels_in(language: str) -> str:
    # Ordered so that a name in the language asked for, or else in English, is read last, and counts.
    return f"""{_PREFIXES}SELECT ?thing ?label ?short (LANG(?label) AS ?language) {{
  VALUES ?thing {{}}
  OPTIONAL {{ ?thing skos:prefLabel ?label FILTER (LANG(?label) IN ("en", "", "{language}")) }}
  OPTIONAL {{ ?thing ans:shortName ?short }}
  FILTER (BOUND(?label) || BOUND(?short))
}} ORDER BY (LANG(?label) = "{language}") LANG(?label)"""


_TRANSLATIONS = f"""{_PREFIXES}SELECT DISTINCT ?english ?text {{
  {{
  {{ VALUES ?property {{ ans:paraphrase ans:description ans:recordNote ans:subject ans:nonAttributionNote ans:accuracyNote ans:rationale ans:conductNamed }} BIND ("%(language)s{MACHINE}" AS ?tongue) }} UNION
  {{ VALUES (?class ?how) {{
    (ans:State "") (ans:HistoricalParticipant "") (ans:Act "") (ans:Provision "")
    (ans:Document "{MACHINE}") (ans:Instrument "{MACHINE}") (ans:Organisation "{MACHINE}")
    (ans:Passage "{MACHINE}") (ans:EngagementBasis "{MACHINE}") (ans:NoBasis "{MACHINE}")
  }} ?thing a ?class BIND (skos:prefLabel AS ?property) BIND (CONCAT("%(language)s", ?how) AS ?tongue) }}
  ?thing ?property ?text , ?english .
  FILTER (LANG(?text) = ?tongue && LANG(?english) = "en")
  }} UNION {{
    # A law and its provisions have a short name in English alone; that of a provision stands in the names of duties, too.
    {{ ?thing a ans:NationalLaw }} UNION {{ ?law a ans:LawVersion . ?thing ans:isProvisionOf ?law }}
    ?thing ans:shortName ?english ; skos:prefLabel ?text
    FILTER (LANG(?text) = "%(language)s")
  }}
}}"""
# OPTIONAL, though each has a label, so that the engine begins with the things of the class.
_OF_CLASS = """{ ?thing a ?class } UNION { ?thing skos:inScheme ?class }
  OPTIONAL { ?thing skos:prefLabel ?label } FILTER (LANG(?label) = "en")"""
_CHOICE = f"{_PREFIXES}SELECT ?class ?thing {{ {_OF_CLASS} }}"
_CHOICES = f"""{_PREFIXES}SELECT DISTINCT ?class ?thing ?label ?subject ?group {{
  {_OF_CLASS}
  OPTIONAL {{ ?thing ans:isProvisionOf ?group OPTIONAL {{ ?thing ans:subject ?subject FILTER (LANG(?subject) = "en") }} }}
}}"""
_NAMES = f"""{_PREFIXES}SELECT DISTINCT ?class ?thing ?name {{
  {{ ?thing a ?class }} UNION {{ ?thing skos:inScheme ?class }}
  ?thing skos:prefLabel|skos:altLabel|ans:shortName|ans:isoCode ?name FILTER (LANG(?name) IN ("", "en", "ru", "kk"))
}}"""
_PASSAGES = f"""{_PREFIXES}SELECT ?thing ?label ?document ?title ?section ?paragraph ?sha {{
  VALUES ?thing {{}} ?thing skos:prefLabel ?label ; ans:isPartOf ?document . ?document skos:prefLabel ?title .
  OPTIONAL {{ ?thing ans:section ?section }} OPTIONAL {{ ?thing ans:paragraph ?paragraph }}
  OPTIONAL {{ ?thing ans:textSha256 ?sha }}
  FILTER (LANG(?label) = "en" && LANG(?title) = "en")
}}"""
# A place that has coordinates of its own is not put where the place around it is.
_PLACES = f"""{_PREFIXES}SELECT ?thing ?place ?label ?latitude ?longitude ?precision {{
  VALUES ?thing {{}}
  ?thing ans:happensIn? ?within . ?within ans:liesWithin? ?place .
  ?place ans:latitude ?latitude ; ans:longitude ?longitude ; skos:prefLabel ?label FILTER (LANG(?label) = "en")
  FILTER (?within = ?place || NOT EXISTS {{ ?within ans:latitude ?own }})
  OPTIONAL {{ ?place ans:hasPlacePrecision ?fixed . ?fixed skos:prefLabel ?precision FILTER (LANG(?precision) = "en") }}
}} ORDER BY ?thing ?place"""

"""What a search answers: things as they are shown, by which name, beside which other name, with which text and date."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.languages import DEFAULT
from kg.names import sound, sounds
from kg.search import fulltext, passages
from kg.search.index import FOR_FINDING, LABEL, TRANSLATED
from kg.search.passages import FoundText
from kg.search.query import TypedQuery, listed

_Name = tuple[int, str, str, str]  # rank, language, text, and as it sounds
# The order in which names are shown: the label in the language, else in English; else another name.
_LIKING = """rank = ?, CASE language WHEN ? THEN 0 WHEN ? THEN 1 WHEN '' THEN 2 ELSE 3 END, rank NOT IN (?, ?),
    rank, language, text"""


@dataclass(frozen=True)
class Hit:
    """A thing as a search shows it; `also` is the other name by which it was found.

    `text` is its first; `passage` is where words stand that no name of it has.
    """

    iri: str
    kind: str
    name: str
    language: str  # of the name
    also: str
    also_language: str
    text: str
    text_language: str
    date: str | None
    until: str | None
    passage: FoundText | None = None


@dataclass(frozen=True)
class HitGroup:
    """The things of one kind: how many, and some of them."""

    kind: str
    count: int
    things: tuple[Hit, ...]


@dataclass(frozen=True)
class Suggestion:
    """A question that answers what was typed, with the IRIs, days or years to put into it, and the names of these things."""

    question: str
    values: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Results:
    """Groups by kind, the likeliest first; the questions that fit; and how the search was understood."""

    groups: tuple[HitGroup, ...] = ()
    best: tuple[Hit, ...] = ()  # a page of all kinds, or of the kind that was chosen, in one list
    questions: tuple[Suggestion, ...] = ()
    spelt: str = ""  # what was looked for in the place of words that stand nowhere
    is_partial: bool = False  # nothing has all the words; these have some
    is_question: bool = False  # a question fits better than any thing
    is_case: bool = False  # a case was looked for by the name of a party

    @property
    def count(self) -> int:
        """How many things there are."""
        return sum(group.count for group in self.groups)


def describe(things: Iterable[int], typed: TypedQuery, language: str) -> dict[int, Hit]:
    """Describe things by their numbers, in a language as far as they have a name in it."""
    marks, names, texts = listed(things), defaultdict(list), defaultdict(list)
    query = f"SELECT * FROM name WHERE thing IN ({marks}) ORDER BY thing, {_LIKING}"
    for thing, *name in typed.lexicon.rows(query, (FOR_FINDING, language, DEFAULT, LABEL, TRANSLATED)):
        names[thing].append(tuple(name))
    query = f"SELECT thing, language, text FROM text WHERE thing IN ({marks}) ORDER BY thing, place"
    for thing, *text in typed.lexicon.rows(query):
        texts[thing].append(tuple(text))
    wholes, words = {" ".join(typed.words), " ".join(typed.spelt)}, [*fulltext.terms(typed).values()]
    hits = {}
    query = f"SELECT id, iri, kind, date, until FROM thing WHERE id IN ({marks})"
    for thing, iri, kind, date, until in typed.lexicon.rows(query):
        _, spoken, shown, _ = names[thing][0]
        text_language, text = texts[thing][0] if texts[thing] else ("", "")
        other = _other(names[thing], shown, wholes)
        passage = passages.choose(texts[thing], words, (sounding for *_, sounding in names[thing]))
        hits[thing] = Hit(iri, kind, shown, spoken, *other, text, text_language, date, until, passage)
    return hits


def respell(query: TypedQuery) -> str:
    """Write the words that were looked for in the place of others, as names write them."""
    rows = """SELECT name.text FROM words JOIN name ON name.thing = words.rowid
        WHERE words MATCH ? ORDER BY words.rowid, name.rank LIMIT 60"""
    respelt = []
    for form in (form for word, form in zip(query.words, query.spelt, strict=True) if word != form):
        names = query.lexicon.rows(rows, (f'names : "{form}"',))
        parts = [part for (name,) in names for part in name.split() if sound(part) == [form]]
        parts.sort(key=lambda part: part.isascii() is not query.text.isascii())
        respelt += [part.strip("()[],.;:“”\"'") for part in parts[:1]]
    return " ".join(respelt)


def _other(names: Sequence[_Name], shown: str, typed: Collection[str]) -> tuple[str, str]:
    """Choose another name that has the words that were typed, where the one that is shown does not have them."""
    if not any(words in sounds(shown) for words in typed):
        for rank, language, text, spoken in sorted(names):
            if rank != FOR_FINDING and text != shown and any(words in spoken for words in typed):
                return text, language
    return "", ""

"""The terms in which a query is written: classes, properties, schemes and concepts, found by name or by words."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from kg import terms
from kg.answer.opened import OpenRelease
from kg.dictionary import CLASS, DataDictionary
from kg.mcp.answers import VocabularyTerm
from kg.names import sound
from kg.sparql.vocabulary import short

STEM = 6  # letters of a word that are compared
T = TypeVar("T")
_CONCEPTS = f"""PREFIX skos: <{terms.PREFIXES["skos"]}>
SELECT ?concept ?scheme ?label ?definition {{
  ?concept skos:inScheme ?scheme . FILTER (STRSTARTS(STR(?concept), "{terms.SCHEME}"))
  OPTIONAL {{ ?concept skos:prefLabel ?label FILTER (LANG(?label) = "en") }}
  OPTIONAL {{ ?concept skos:definition ?definition FILTER (LANG(?definition) = "en") }}
}} ORDER BY ?concept"""


async def list_terms(opened: OpenRelease, dictionary: DataDictionary) -> list[VocabularyTerm]:
    """List the terms of the ontology, the schemes and their concepts, those that are used most first."""
    listed = [
        VocabularyTerm(
            name=short(row["term"]),
            kind="class" if row["kind"] == CLASS else "property",
            below=[*map(_name_term, row["parents"])],
            applies_to=[*map(_name_term, row["domains"])],
            takes=[*map(_name_term, [*row["ranges"], *row["schemes"]])],
            uses=dictionary.uses[row["term"]],
            **_filled(row, "label", "definition"),
        )
        for row in dictionary.terms.values()
        if not row["instead"]
    ]
    schemes = [
        VocabularyTerm(name=short(row["scheme"]), kind="scheme", **_filled(row, "definition"))
        for row in await opened.ask_page("schemes")
    ]
    concepts = [
        VocabularyTerm(
            name=short(row["concept"]),
            kind="concept",
            below=[short(row["scheme"])],
            **_filled(row, "label", "definition"),
        )
        for row in await opened.ask_rows(_CONCEPTS)
    ]
    return [*sorted(listed, key=lambda term: -term.uses), *schemes, *concepts]


def _name_term(iri: str) -> str:
    return terms.shorten(short(iri))


def _filled(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: str(row[name]) for name in names if row[name]}


def choose(
    dictionary: DataDictionary, listed: Sequence[VocabularyTerm], words: str, empty: Callable[[str], bool]
) -> tuple[Sequence[VocabularyTerm], str]:
    """Choose the terms that words ask for, and the path of the page about them."""
    text, by_name = words.strip(), {term.name: term for term in listed}
    if not text:
        return [term for term in listed if term.kind in ("class", "scheme")], "dictionary"
    names = (short(terms.expand(text)), f"ans:{text}", short(terms.full_iri(text)))
    exact = next((by_name[name] for name in names if name in by_name), None)
    if exact and exact.kind == "class":
        needs = dictionary.needs(dictionary.line(terms.expand(exact.name)))
        properties = dict.fromkeys(short(each["row"]["term"]) for need in needs for each in need["properties"])
        return [exact, *(by_name[name] for name in properties if name in by_name)], f"dictionary/{exact.name[4:]}"
    if exact:
        below = [term for term in listed if exact.name in term.below]
        return [exact, *below], "ontology" if ":" in exact.name else exact.name
    if ":" in text:  # a name that there is not
        return [], "dictionary"
    return having(stems(text, empty), listed, lambda term: stems(f"{term.label} {term.definition}")), "dictionary"


def having(words: AbstractSet[str], items: Iterable[T], sounds_of: Callable[[T], AbstractSet[str]]) -> list[T]:
    """List the items that have at least a third of some words, those first that have most of them; a rare word tells more."""
    shared = [(words & sounds_of(item), item) for item in items]
    numbers = Counter(word for some, _ in shared for word in some)
    weighed = [(sum(1 / numbers[word] for word in some), item) for some, item in shared if 3 * len(some) >= len(words)]
    return [item for weight, item in sorted(weighed, key=lambda pair: -pair[0]) if weight]


def stems(text: str, is_empty: Callable[[str], bool] = lambda word: False) -> AbstractSet[str]:
    """List how the words of a text begin, as they sound, without empty ones."""
    return {word[:STEM] for word in sound(text) if not is_empty(word)}

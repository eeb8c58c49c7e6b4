"""Hints at terms that a query uses and the release does not have."""

import asyncio

import pytest

from kg import terms
from kg.answer.cache import SingleFlight
from kg.answer.engine import InProcess
from kg.answer.hints import find_hint
from kg.errors import Busy
from kg.store import Store
from tests.turtle import HEAD

DATA = f"""{HEAD}
ans:Act rdfs:isDefinedBy <{terms.ONTOLOGY}/events> . ans:hasPerpetrator rdfs:isDefinedBy <{terms.ONTOLOGY}/events> .
<{terms.SCHEME}right> a skos:ConceptScheme . <{terms.SCHEME}right/life> skos:inScheme <{terms.SCHEME}right> .
""".encode()
PREFIX = f"PREFIX ans: <{terms.VOCABULARY}> "


class Counting(InProcess):
    """Counts what it is asked."""

    asked = 0
    is_busy = False

    async def answer(self, query, **options):
        self.asked += 1
        if self.is_busy:
            raise Busy("Full", retry_after=1)
        return await super().answer(query, **options)


@pytest.fixture
def engine():
    with Store.memory() as store:
        store.load(DATA, format="ttl", graph=None, source="terms")
        yield Counting(store)


def find(engine, *texts):
    """Ask for the hints at some queries, one after the other."""
    once = SingleFlight()

    async def ask():
        return [await find_hint(engine, once, text) for text in texts]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (
            "?x ans:perpetrator ?y ; a ans:Act . ?z ans:perpetrator ?x",
            "ans:perpetrator does not exist: the ontology has no such term. Did you mean ans:hasPerpetrator?",
        ),
        (
            f"?x ?y <{terms.SCHEME}right/lief>",
            "scheme/right/lief does not exist: no scheme has such a concept. Did you mean scheme/right/life?",
        ),
        (f"?x a ans:Act ; ans:hasPerpetrator <{terms.SCHEME}right/life> , <{terms.SCHEME}right>", ""),
    ],
)
def test_an_unknown_term_is_told_once_with_the_nearest_one(engine, body, hint):
    assert [hint] == find(engine, f"{PREFIX}SELECT * {{ {body} }}")


def test_the_terms_are_fetched_once_and_only_for_a_query_that_names_one(engine):
    assert ["", ""] == find(engine, "SELECT * { ?s ?p ?o }", f"ASK {{ <{terms.ID}act/x> ?p ?o }}") and engine.asked == 0
    find(engine, *[PREFIX + f"ASK {{ ?x ans:none{number} ?y }}" for number in range(3)])
    assert 1 == engine.asked


def test_a_release_without_terms_of_ours_draws_no_hint():
    with Store.memory() as store:
        assert [""] == find(InProcess(store), PREFIX + "ASK { ?x ans:perpetrator ?y }")


def test_a_hint_that_cannot_be_had_fails_no_query(engine):
    engine.is_busy = True
    assert [""] == find(engine, PREFIX + "ASK { ?x ans:perpetrator ?y }")


def test_a_hint_speaks_of_a_few_terms_only(engine):
    (said,) = find(engine, PREFIX + "ASK { " + " ".join(f"?x ans:none{number} ?y ." for number in range(500)) + " }")
    assert 3 == said.count("does not exist")

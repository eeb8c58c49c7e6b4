"""Hints at what is amiss in a query: terms and things that are not there, values of other types, BIND clauses that stand too early."""

import asyncio

import pytest

from kg import terms
from kg.answer.cache import SingleFlight
from kg.answer.engine import InProcess
from kg.answer.hints import HintingEngine
from kg.errors import Busy, QueryOutOfMemory, QueryTimeout
from kg.store import Query, Serialized, Store
from tests.turtle import HEAD

DATA = f"""{HEAD}
ans:Act rdfs:isDefinedBy <{terms.ONTOLOGY}/events> . ans:hasPerpetrator rdfs:isDefinedBy <{terms.ONTOLOGY}/events> .
<{terms.SCHEME}right> a skos:ConceptScheme . <{terms.SCHEME}right/life> skos:inScheme <{terms.SCHEME}right> .
ans:name rdfs:isDefinedBy ans:x . ans:day rdfs:isDefinedBy ans:x . ans:code rdfs:isDefinedBy ans:x . ans:many rdfs:isDefinedBy ans:x .
ans:within rdfs:isDefinedBy ans:x . ans:unused rdfs:isDefinedBy ans:x . ans:begins rdfs:isDefinedBy ans:x .
<id/state/xar> a ans:Act ; ans:name "Arland"@en , "Арландия"@ru ; ans:code "XAR" , "705" ; ans:many 14 , 2.5 ; ans:within <id/state/xbo> ;
  ans:hasPerpetrator <{terms.SCHEME}right/life> , <{terms.SCHEME}right> ;
  ans:day "2011-12-16"^^xsd:date , "2012"^^xsd:gYear ; ans:begins "2011-12-16"^^xsd:date .
""".encode()
PREFIX = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}> " for name in ("ans", "skos", "xsd"))


class Counting(InProcess):
    """Counts what it is asked, beside the queries themselves."""

    asked = 0
    is_busy = False

    async def answer(self, query, **options):
        self.asked += 1
        if self.is_busy:
            raise Busy("Full", retry_after=1)
        return await super().answer(query, **options)


class Index:
    """A search that knows two States by their keys and names."""

    def beneath(self, stem):
        return [iri for iri in (f"{terms.ID}state/xar", f"{terms.ID}state/xbo") if iri.startswith(stem)]

    def identify(self, text, among):
        return f"{terms.ID}state/xar" if text == "new arland" and among else None

    def nearest(self, iri):
        return self.beneath(iri[:-1])


@pytest.fixture
def store():
    with Store.memory() as store:
        store.load(DATA, format="ttl", graph=f"{terms.GRAPH}data/terms", source="terms")
        store.copy_named_into_default()
        yield store


@pytest.fixture
def engine(store):
    return Counting(store)


class Nothing(InProcess):
    """Answers nothing to queries that it would take long to answer."""

    async def answer(self, query, **options):
        return Serialized("select", "application/sparql-results+json", b"", 0)


def find(engine, *texts, asked=InProcess):
    """Ask some queries, one after the other, for their hints; the queries themselves are not counted."""
    once = SingleFlight()

    async def ask(text):
        hinting = HintingEngine(asked(engine._store), engine, once, Index)
        await hinting.answer(Query(text, {"SELECT": "json", "ASK": "xml", "CONSTRUCT": "ttl"}))
        return hinting.hint

    async def ask_all():
        return [await ask(text) for text in texts]

    return asyncio.run(ask_all())


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
    assert ["", ""] == find(
        engine, "SELECT * { ?s ?p ?o }", f"ASK {{ <{terms.ID}state/xar> ?p ?o }}"
    ) and engine.asked == 0
    find(engine, *[PREFIX + f"ASK {{ ?x ans:none{number} ?y }}" for number in range(3)])
    assert 1 == engine.asked


def test_a_release_without_terms_of_ours_draws_no_hint():
    with Store.memory() as store:
        assert [""] == find(InProcess(store), PREFIX + "ASK { ?x ans:perpetrator ?y }")


def test_a_hint_that_cannot_be_had_fails_no_query(engine):
    engine.is_busy = True
    assert [""] == find(engine, PREFIX + "ASK { ?x ans:perpetrator ?y }")


def test_a_hint_speaks_of_a_few_terms_only(engine):
    (said,) = find(
        engine, PREFIX + "ASK { " + " ".join(f"?x ans:none{number} ?y ." for number in range(500)) + " }", asked=Nothing
    )
    assert 3 == said.count("does not exist")


LEADS = "ans:within leads to things, and not to texts: write the IRI of one, or ask for its name by ans:within/skos:prefLabel."
DATES = (
    "The values of ans:day are dates (xsd:date, xsd:gYear), which are no text and no number: "
    'FILTER (STR(?date) >= "2011") compares them whatever their precision.'
)
EARLY = "BIND (... AS ?y) stands before the pattern that binds ?d, and has no value there: put it behind."


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        # A language, capitals, a type: what the property has.
        ('SELECT * { ?s ans:name "Arland" }', 'ans:name has the value "Arland"@en here, and not "Arland".'),
        ('ASK { ?s ans:name "arland"@en }', 'ans:name has the value "Arland"@en here, and not "arland"@en.'),
        ('SELECT * { ?s ans:name ?n FILTER (?n = "Арландия") }', 'ans:name has the value "Арландия"@ru here, and not "Арландия".'),
        ('SELECT * { VALUES ?n { "Arland" } ?s ans:name ?n }', 'ans:name has the value "Arland"@en here, and not "Arland".'),
        ('SELECT * { BIND("Arland" AS ?n) ?s ans:name ?n }', 'ans:name has the value "Arland"@en here, and not "Arland".'),
        ('SELECT * { ?s ans:name ?n FILTER (?n IN ("Arland", "Else")) }', 'ans:name has the value "Arland"@en here, and not "Arland". Each text of ans:name has a language (en, ru): write "Else"@en.'),
        ('SELECT * { ?s a ans:Act ; ans:name "Nowhere" }', 'Each text of ans:name has a language (en, ru): write "Nowhere"@en.'),
        ('SELECT * { ?s ans:name "Nulle part"@fr }', 'Each text of ans:name has a language (en, ru): write "Nulle part"@en.'),
        ('SELECT * { ?s ans:code "xar" }', 'ans:code has the value "XAR" here, and not "xar".'),
        ('SELECT * { ?s ans:code "XAR"@en }', 'ans:code has the value "XAR" here, and not "XAR"@en.'),
        ("SELECT * { ?s ans:code 705 }", 'ans:code has the value "705" here, and not 705.'),
        ("SELECT * { ?s ans:code 398 }", "The values of ans:code are xsd:string, and 398 is none of them."),
        ('SELECT * { ?s ans:many "14" }', 'ans:many has the value 14 here, and not "14".'),
        ('SELECT * { ?s ans:within "XBO" }', LEADS),
        # Dates.
        ('SELECT (COUNT(*) AS ?n) { ?s ans:day ?d FILTER (?d > "2011-01-01") }', DATES),
        ('SELECT * { ?s ans:day ?d FILTER (?d >= "2011-01-01" && ?d <= "2011-12-31") }', DATES),
        ("SELECT * { ?s ans:day ?d FILTER (?d < 2013) }", DATES),
        ('SELECT * { ?s ans:day "2011-12-16" }', 'ans:day has the value "2011-12-16"^^xsd:date here, and not "2011-12-16".'),
        ("SELECT * { ?s ans:day 2012 }", 'ans:day has the value "2012"^^xsd:gYear here, and not 2012.'),
        ('SELECT * { ?s ans:begins ?d FILTER (?d > "2011"^^xsd:gYear) }', DATES.replace("ans:day", "ans:begins").replace(", xsd:gYear", "")),
        # Things and graphs.
        ("SELECT * { <id/state/XAR> ?p ?o }", "id/state/XAR is not in this release. Did you mean id/state/xar?"),
        ("SELECT * { ?s ans:within <id/state/new-arland> }", "id/state/new-arland is not in this release. Did you mean id/state/xar?"),
        ("ASK { <id/state/xan> ?p ?o }", "id/state/xan is not in this release. Did you mean id/state/xar?"),
        ("SELECT * { GRAPH <graph/data/none> { ?s ?p ?o } }", "graph/data/none is not in this release."),
        ("CONSTRUCT { <id/x/y> <x:z> ?o } WHERE { <id/x/y> ans:name ?o }", "id/x/y is not in this release."),
        # Properties that nothing has.
        ('PREFIX text: <http://jena.apache.org/text#> SELECT * { ?s text:query "a" }', "Nothing here has the property http://jena.apache.org/text#query."),
        ("SELECT * { ?s ans:within/skos:altLabel ?n }", "Nothing here has the property skos:altLabel."),
        # BIND clauses.
        ("SELECT * { BIND (YEAR(?d) AS ?y) ?s ans:day ?d FILTER (?y > 2000) }", EARLY),
        ("SELECT * { ?s ans:day ?d { BIND (YEAR(?d) AS ?y) FILTER (?y > 2000) } }", EARLY),
        ("SELECT * { BIND (STR(?d) AS ?y) { ?s ans:day ?d } UNION { ?s ans:begins ?d } FILTER (STRLEN(?y) = 10) }", EARLY),
    ],
)  # fmt: skip
def test_an_answer_of_nothing_tells_what_is_amiss(engine, query, hint):
    assert [hint] == find(engine, PREFIX + query)


@pytest.mark.parametrize(
    "query",
    [
        # With rows.
        'SELECT * { ?s ans:name "Arland"@en ; ans:day ?d FILTER (STR(?d) > "2011") }',
        'SELECT * { { ?s ans:name "Arland" } UNION { ?s ans:code "XAR" } }',
        "SELECT * { ?s ans:day ?d BIND (STR(?d) AS ?y) }",
        'ASK { ?s ans:begins ?d FILTER (?d > "2011-01-01"^^xsd:date) }',
        # Without, and right.
        'SELECT * { ?s ans:name "Nowhere"@en }',
        'SELECT * { ?s ans:name ?n FILTER (STR(?n) = "Nowhere" && LANG(?n) = "en") }',
        'SELECT * { ?s ans:name ?n FILTER (?n != "Arland" && CONTAINS(?n, "x")) }',
        'SELECT * { ?s ans:code "XXX" , "xxy" }',
        'SELECT * { ?s ans:day ?d FILTER (?d > "2030-01-01"^^xsd:date) }',
        'SELECT * { ?s ans:day ?d FILTER (YEAR(?d) = 1999 || STR(?d) = "1999") }',
        "SELECT * { ?s ans:many 15 }",
        "SELECT * { ?s ans:many ?n FILTER (?n > 99) }",
        "SELECT * { <id/state/xar> ans:within <id/state/xar> }",
        "SELECT * { ?s ans:day ?d BIND (YEAR(?d) AS ?y) FILTER (?y = 1999) }",
        "SELECT * { VALUES ?d { 1 } BIND (?d + 1 AS ?y) ?s ans:many ?y }",
        "SELECT * { ?s ans:day ?d FILTER EXISTS { BIND (YEAR(?d) AS ?y) ?s ans:many ?y } }",
        'CONSTRUCT { ?s <x:none> "a" } WHERE { ?s ans:code "XXX" }',
        'SELECT * { ?s ^ans:within|ans:code "XXX" ; ans:within+ ?t . GRAPH <graph/data/terms> { ?t ans:name "x"@en } }',
    ],
)
def test_a_query_that_is_right_draws_no_hint(engine, query):
    assert [""] == find(engine, PREFIX + query)


def test_a_query_with_rows_is_looked_at_no_further(engine):
    find(engine, "SELECT * { ?s <x:p> ?o } ORDER BY ?s", 'SELECT * { ?s ?p "XAR" }')
    asked = engine.asked
    assert ["", ""] == find(
        engine, 'SELECT * { { ?s ?p "XAR" } UNION { ?s <x:none> "a" } }', 'SELECT (COUNT(*) AS ?n) { ?s ?p "XAR" }'
    )
    assert asked == engine.asked
    long = f'SELECT (COUNT(?s) AS ?n) ("{"x" * 2000}" AS ?t) {{ ?s <x:none> "a" }}'
    assert [""] == find(engine, long) and asked == engine.asked
    assert ["Nothing here has the property x:none."] == find(engine, long.replace("x" * 2000, "x"))


def test_a_query_of_many_parts_is_looked_up_in_a_few(engine):
    parts = " ".join(f'?x <x:p{number}> "{number}" , <id/state/{number}> .' for number in range(300))
    (hint,) = find(engine, f"SELECT * {{ {parts} }}", asked=Nothing)
    assert (3, True) == (hint.count(" is not in this release."), engine.asked < 15)


@pytest.mark.parametrize(
    "body",
    [
        r"<id/x\u003E\u007D> ?p ?o . ?s <x:\u003E> 'a'",
        r"?s ans:code '\uD800' , '\\' , 'a\"}' , 'x'@abcdefghijkl",
        f"<id/state/{'x' * 5000}> <x:{'y' * 5000}> '{'z' * 5000}' ; ans:code '{'z' * 5000}'",
    ],
)
def test_odd_terms_and_long_ones_are_no_harm_to_a_hint(engine, body):
    (hint,) = find(engine, f"{PREFIX}SELECT * {{ {body} }}", asked=Nothing)
    assert len(hint) < 1000 and "\ud800" not in hint


ENDED = [QueryTimeout("Too long", hint="Ask for less"), QueryOutOfMemory("Too much", hint="Ask for less")]
VALUES = "Give ?x its value by VALUES and not by BIND, whose value the patterns behind it may be matched without"


@pytest.mark.parametrize("error", ENDED)
@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ('BIND (IRI("https://w3id.org/answerable/id/state/xar") AS ?x) { ?x ?p ?o } UNION { ?s ?p ?x }', VALUES),
        ("BIND (<id/state/xar> AS ?x) ?s ?p ?x . ?x ?q ?o", VALUES),
        ("VALUES ?x { <id/state/xar> } { ?x ?p ?o } UNION { ?s ?p ?x }", "Ask for less"),
        ("?x ?p ?o BIND (1 AS ?y)", "Ask for less"),
        ("BIND (NOW() AS ?x) ?s ?p ?x", "Ask for less"),
    ],
)
def test_a_query_that_was_ended_is_told_of_a_constant_that_stands_in_bind(engine, body, hint, error):
    class Ending(InProcess):
        async def answer(self, query, **options):
            raise type(error)(error.message, hint=error.hint)

    hinting = HintingEngine(Ending(engine._store), engine, SingleFlight(), Index)
    with pytest.raises(type(error)) as caught:
        asyncio.run(hinting.answer(Query(f"SELECT * {{ {body} }}")))
    assert (hint, 0) == (caught.value.hint, engine.asked)

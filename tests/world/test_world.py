"""The frozen graph is whole: it conforms, has something of every class, and its questions have examples of their own."""

from kg import cite, release, terms
from kg.config import PROJECT
from kg.sparql.question import load_questions
from tests import comparing, frozen

CASES = comparing.cases(frozen.ANSWERS)


def test_it_conforms_without_a_warning_and_its_release_verifies(world):
    assert [] == world.manifest["warnings"] == release.verify(world)


def test_it_has_something_of_every_class(store):
    counted = store.select(
        f"""SELECT ?class (COUNT(?thing) AS ?things) {{ ?class a <{terms.PREFIXES["owl"]}Class>
        FILTER (STRSTARTS(STR(?class), "{terms.VOCABULARY}")) FILTER NOT EXISTS {{ ?class <{terms.PREFIXES["owl"]}deprecated> true }} OPTIONAL {{ ?thing a ?class }} }} GROUP BY ?class"""
    )
    things = {name.value.removeprefix(terms.VOCABULARY): int(number.value) for name, number in counted}
    assert {"Act", "Tombstone", "Engagement"} < set(things)
    assert [] == [name for name, number in things.items() if not number]


def test_its_passages_stand_in_the_text_they_cite(store):
    text = cite.normalise((PROJECT / "tests/world/rights-watch-2012.txt").read_text(encoding="utf-8"))
    fixed = store.select(
        f"""PREFIX ans: <{terms.VOCABULARY}> SELECT ?start ?end ?hash {{
        ?passage ans:isPartOf <{terms.ID}document/rights-watch-2012> ; ans:startOffset ?start ; ans:endOffset ?end ; ans:textSha256 ?hash }}"""
    )
    hashes = [(cite.sha256(text[int(start.value) : int(end.value)]), told.value) for start, end, told in fixed]
    assert 14 == len(hashes)
    assert [] == [pair for pair in hashes if pair[0] != pair[1]]


def test_its_answers_are_of_questions_and_the_first_is_never_empty():
    first = {name: case for name, case in reversed([one.values for one in CASES])}
    assert set() == set(first) - set(comparing.QUESTIONS)
    assert [] == [name for name, case in first.items() if not case["rows"]]


def test_the_examples_of_its_questions_are_its_own(world):
    here, there = frozen.questions(), load_questions(world.path / "questions")
    assert {name: vars(one) for name, one in here.items()} == {name: vars(one) for name, one in there.items()}
    asked = frozen.asked()
    assert asked == {  # a parameter that may be left out need not be asked with
        name: {one.name: one.example for one in question.parameters if not one.optional or one.name in asked[name]}
        for name, question in frozen.questions().items()
    }

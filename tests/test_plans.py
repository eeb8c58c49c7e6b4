"""A query answers alike whether the values of its parameters stand in their place or in front; each file says which is used.

On the frozen graph, with every question and every query behind a page that binds something, over many values.
"""

import json
import random
import re
from collections import Counter

import pytest

from kg import terms
from kg.config import PROJECT
from kg.sparql.header import is_given_values_first
from kg.store import Query
from kg.terms import Iri
from tests import frozen
from tests.comparing import JOINED, in_order

VALUES = 12  # sets of values for each question, and things for each page, beside those that the frozen graph pins
FIRST = "#+ values: first\n"
FOLDER = PROJECT / "queries/pages"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.rq"))}
# What stands behind a thing's page binds ?this; the others that bind something are asked with what they are made for.
OTHERS = {"service": [{"endpoint": Iri("http://localhost/sparql"), "listed": Iri("http://localhost/graph")}]}
BOUND = [name for name, text in PAGES.items() if "# Bound: ?" in text]
QUESTIONS = {name: question for name, question in frozen.questions().items() if question.parameters}


def rows(store, text, bindings, cites=(), *, values_first=False):
    """Count the rows of an answer, or its triples; a cell that cites is a set, since GROUP_CONCAT keeps no order."""
    text = (FIRST if values_first else "") + text.replace(FIRST, "")
    if "CONSTRUCT" in text:
        return Counter(store.answer(Query(text, "nt", bindings)).body.splitlines())
    body = json.loads(store.answer(Query(text, bindings=bindings)).body)
    found = body["results"]["bindings"]
    for row in found:
        for column in set(cites) & row.keys():
            row[column]["value"] = sorted(row[column]["value"].split())
        for column in set(JOINED) & row.keys():
            row[column]["value"] = in_order(row[column]["value"])
    return Counter(json.dumps(row, sort_keys=True) for row in found)


def members(store, kind):
    """List the things of a class, or the concepts of a scheme."""
    asked = f"SELECT DISTINCT ?t {{ {{ ?t a <{kind}> }} UNION {{ ?t <{terms.PREFIXES['skos']}inScheme> <{kind}> }} }} ORDER BY ?t"
    return [row[0].value for row in store.select(asked)]


# A MINUS does not see the values that stand before it: in these questions they stand in the place of the parameters.
WITHOUT_VALUES = ("obligation-in-force",)


@pytest.mark.parametrize("name", WITHOUT_VALUES)
def test_a_question_that_tests_a_parameter_in_a_minus_is_not_given_its_values_first(name):
    text = QUESTIONS[name].text
    assert not is_given_values_first(text)
    assert any("?day" in part.partition("}\n    }")[0] for part in text.split("MINUS {")[1:])


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name not in WITHOUT_VALUES])
def test_a_question_has_the_same_rows_with_its_values_in_place_and_in_front(store, name):
    question, draw = QUESTIONS[name], random.Random(name)
    examples = {one.name: one.example for one in question.parameters}
    there = {one.name: members(store, one.class_iri) for one in question.parameters if one.kind == "iri"}
    asked = {repr(examples): examples}  # what is drawn twice is asked once
    for number in range(VALUES):
        values = {key: draw.choice(some) for key, some in there.items()}
        if number % 2:  # the day or year of the example is one on which something holds
            values |= {
                one.name: f"{draw.randint(1990, 2016)}-07-01"[: 4 if one.kind == "year" else 10]
                for one in question.parameters
                if one.kind in ("date", "year")
            }
        asked[repr(examples | values)] = examples | values
    found = 0
    for values in asked.values():
        bindings = question.bind(values)
        expected = rows(store, question.text, bindings, question.cites)
        assert expected == rows(store, question.text, bindings, question.cites, values_first=True), values
        found += expected.total()
    assert found


@pytest.mark.parametrize("name", BOUND)
def test_the_query_of_a_page_has_the_same_rows_with_its_values_in_place_and_in_front(store, name):
    draw = random.Random(name)
    if name in OTHERS:
        asked = OTHERS[name]
    elif name.startswith("graph"):
        asked = [{"this": Iri(graph)} for graph in store.graphs()[:VALUES]]
    elif name == "concepts":
        asked = [{"this": Iri(one)} for one in members(store, terms.PREFIXES["skos"] + "ConceptScheme")]
    else:  # any thing, since a page asks of all that is its subject; first some of which the query finds something
        text, free = PAGES[name], []
        if "SELECT" in text:
            body = json.loads(store.answer(Query(text.replace("LIMIT", "#"))).body)
            free = [row["this"] for row in body["results"]["bindings"]]
        things = sorted({term["value"] for term in free if term["type"] == "uri"})
        typed = store.select("SELECT DISTINCT ?t { ?t a ?class FILTER(isIRI(?t)) } ORDER BY ?t")
        every = [row[0].value for row in typed]
        asked = [{"this": Iri(one)} for some in (things, every) for one in draw.sample(some, min(VALUES, len(some)))]
    found = 0
    for bindings in asked:
        expected = rows(store, PAGES[name], bindings)
        assert expected == rows(store, PAGES[name], bindings, values_first=True), bindings
        found += expected.total()
    assert found or name in ("repeated", "uncovered", "undecided")  # of which the world has none


def test_a_header_of_a_page_says_nothing_but_where_its_values_stand():
    said = {line for text in PAGES.values() for line in re.findall(r"^#\+.*\n", text, re.MULTILINE)}
    assert {FIRST} == said
    assert all(is_given_values_first(text) == (FIRST in text) for text in PAGES.values())
    assert set(OTHERS) < set(BOUND)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#+ values: first\nSELECT", True),
        ("# What it is.\n#+ title: x\n#+ values :first\n", True),
        ("#+ title: x\r\n#+ values: first\r\nSELECT", True),
        ("#+ values: first", True),
        ("#+ about: values: first\nSELECT", False),
        ("#+ values: firstly\nSELECT", False),
        ("# values: first\nSELECT", False),
        ("SELECT * { ?s ?p ?o }\n#+ values: first\n", False),
        ("", False),
    ],
)
def test_the_line_is_read_among_the_comments_at_the_head_alone(text, expected):
    assert expected == is_given_values_first(text)

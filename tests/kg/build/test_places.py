"""Places: an IRI, a value and a blank node are found in whatever spelling, and never in a comment."""

from pathlib import Path

import pytest

from kg import terms
from kg.build.inputs import Source
from kg.build.places import UNKNOWN, Places

TEXT = """@prefix ans: <https://w3id.org/answerable/ontology#> .
@base <https://w3id.org/answerable/> .
PREFIX own: <ontology#>

# <id/event/trial> is described below.
<id/event/strike> a ans:Event ;
    ans:leadsTo <id/event/trial> ;
    ans:date "2011-12-16" .

<id/event/trial> a own:Trial ; ans:date "2011-12-16" , "2012"
    ; ans:isPartOf [ a ans:Event ] .
"""
STRIKE, TRIAL = terms.ID + "event/strike", terms.ID + "event/trial"


@pytest.fixture
def places():
    """Places in one file."""
    return Places([Source(Path("e.ttl"), "data/e.ttl", terms.GRAPH + "data/e", "ttl", TEXT.encode())])


@pytest.mark.parametrize(
    ("iri", "value", "line", "column"),
    [
        (STRIKE, None, 6, 1),
        (TRIAL, None, 10, 1),
        (STRIKE, TRIAL, 7, 17),
        (STRIKE, terms.term("date"), 8, 5),
        (TRIAL, "2011-12-16", 10, 41),
        (TRIAL, "2012", 10, 56),
        (TRIAL, terms.term("Trial"), 10, 20),
        (TRIAL, "[", 11, 20),
        (STRIKE, "2012", 6, 1),  # said of something else: the description itself
    ],
)
def test_a_description_and_a_value_in_it_are_found(places, iri, value, line, column):
    assert ("data/e.ttl", line, column) == places.find(iri, terms.GRAPH + "data/e", value)


def test_what_stands_nowhere_has_no_place(places):
    assert UNKNOWN == places.find(terms.ID + "event/none")
    assert ("data/e.ttl", 0, 0) == places.find_word(terms.ID + "event/none", terms.GRAPH + "data/e")


def test_the_first_use_of_a_word_is_found(places):
    assert ("data/e.ttl", 7, 17) == places.find_word(TRIAL)

"""Terms of ours that a query uses and the ontology does not have."""

import pytest

from kg import terms
from kg.sparql.tokens import locate
from kg.sparql.vocabulary import nearest, unknown_terms

ANS = terms.VOCABULARY
RIGHT = terms.SCHEME + "right/"
KNOWN = {ANS + name for name in ("hasPerpetrator", "hasVictim", "Act")} | {
    terms.SCHEME + name for name in ("right", "right/life", "right/liberty", "standing/own-voice")
}


def found(text):
    """List the unknown terms of a text as (line, column, term, nearest)."""
    return [(*locate(text, start), iri, nearest(iri, KNOWN)) for start, iri in unknown_terms(text, KNOWN)]


@pytest.mark.parametrize(
    ("column", "term", "near", "body"),
    [
        (15, ANS + "perpetrator", (ANS + "hasPerpetrator",), "SELECT * { ?x ans:perpetrator ?y }"),
        (17, ANS + "Atc", (ANS + "Act",), "SELECT * { ?x a ans:Atc }"),
        (18, RIGHT + "lief", (RIGHT + "life",), f"SELECT * {{ ?x ?y <{RIGHT}lief> }}"),
        (15, ANS + "zzzzzzzz", (), "SELECT * { ?x <" + ANS + "zzzzzzzz> ?y }"),
        (23 + len(ANS), ANS + "hasVictm", (ANS + "hasVictim",), f"PREFIX o: <{ANS}> ASK {{ ?x o:hasVictm ?y }}"),
    ],
)
def test_an_unknown_term_is_told_with_its_place_and_the_nearest(column, term, near, body):
    assert [(2, column, term, near)] == found(f"PREFIX ans: <{ANS}>\n{body}")


@pytest.mark.parametrize(
    "body",
    [
        "SELECT * { ?x ans:hasVictim ?y ; a ans:Act }",
        f'SELECT * {{ ?x ?p ?y FILTER(STRSTARTS(STR(?p), "{ANS}no")) }} # ans:nothing',
        "SELECT * { ?x other:thing ?y }",
        f"PREFIX right: <{RIGHT}> SELECT * {{ ?x ?p right:life }}",
        f"SELECT * {{ <{terms.ID}state/none> ?p ?o }}",
    ],
)
def test_what_is_known_or_not_ours_is_no_unknown_term(body):
    assert [] == found(f"PREFIX ans: <{ANS}>\n{body}")


def test_the_nearest_concept_is_sought_in_its_own_scheme_first():
    assert (RIGHT + "liberty",) == nearest(RIGHT + "libertie", KNOWN)
    assert (terms.SCHEME + "standing/own-voice",) == nearest(RIGHT + "own-voice", KNOWN)


DEFINITIONS = {
    ANS + "hasPerpetrator": "Links an act to an actor that did it.",
    ANS + "hasVictim": "Links an act to an actor that was harmed.",
    RIGHT + "liberty": "Nobody is held in custody at will.",
}


@pytest.mark.parametrize(
    ("iri", "near"),
    [
        (ANS + "harmed", (ANS + "hasVictim",)),
        (RIGHT + "no-custody", (RIGHT + "liberty",)),
        # A word of all definitions tells nothing, nor does one of another scheme.
        (ANS + "actor", (ANS + "Act",)),
        (terms.SCHEME + "standing/custody", ()),
    ],
)
def test_a_term_is_told_by_a_word_of_its_name_that_few_definitions_have(iri, near):
    many = {ANS + f"term{n}": "Links an actor." for n in range(5)}
    assert near == nearest(iri, {*KNOWN, *many}, definitions=DEFINITIONS | many)

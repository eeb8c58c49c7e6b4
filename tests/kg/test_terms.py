"""Minting, naming graphs and shortening IRIs."""

import pytest

from kg import terms
from kg.terms import Blank, Iri, Literal


def test_a_thing_is_named_by_its_kind_and_key():
    assert terms.BASE + "id/act/2011-06-extradition" == terms.mint("act", "2011-06-extradition")
    assert terms.BASE + "id/basis/torture--cat-2-1" == terms.mint("basis", "torture--cat-2-1")
    assert terms.BASE + "id/passage/a-hrc-14-10-para-95.42" == terms.mint("passage", "a-hrc-14-10-para-95.42")


@pytest.mark.parametrize("key", ["", "Act", "a b", "-a", "a-", "a---b", "a/b", "é", "a..b", "a\n"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match="is not a key"):
        terms.mint("act", key)


TERMS = {
    "<http://example.org/a>": Iri("http://example.org/a"),
    '"x"': Literal("x"),
    '"x"@zh-hans': Literal("x", language="zh-hans"),
    '"1"^^<http://example.org/t>': Literal("1", "http://example.org/t"),
    '"a \\"b\\"\\\\ \\n\\u0001"': Literal('a "b"\\ \n\x01'),
    '"\\\\\\u0075003E"': Literal("\\u003E"),
    "_:b": Blank("b"),
}


@pytest.mark.parametrize(("text", "term"), TERMS.items())
def test_a_term_has_one_text_and_comes_through_json_unchanged(text, term):
    assert text == terms.write(term)
    assert term == terms.from_json(terms.to_json(term))


def test_the_json_of_a_term_is_that_of_sparql_results():
    cells = [
        {"type": "uri", "value": "http://example.org/a"},
        {"type": "literal", "value": "x"},
        {"type": "literal", "value": "x", "xml:lang": "en"},
        {"type": "literal", "value": "1", "datatype": "http://example.org/t"},
        {"type": "bnode", "value": "b"},
    ]
    assert cells == [terms.to_json(terms.from_json(cell)) for cell in cells]
    assert Literal("x") == terms.from_json({"type": "typed-literal", "value": "x", "datatype": terms.XSD_STRING})


@pytest.mark.parametrize(
    "term",
    [Iri("relative"), Iri("http://e/> ."), Literal("x", "no iri"), Literal("x", language='en"'), Literal("\ud800")],
)
def test_what_is_no_term_has_no_text(term):
    with pytest.raises(ValueError, match="is not"):
        terms.write(term)


def test_a_graph_is_named_after_its_file():
    assert terms.BASE + "graph/data/events/kaz/x" == terms.graph_of("data/events/kaz/x.ttl")


def test_an_iri_of_ours_has_a_path_on_the_site_and_no_other_has():
    assert "/id/act/x" == terms.path_of(terms.BASE + "id/act/x")
    assert terms.path_of("https://example.org/id/act/x") is None


def test_the_part_behind_the_base_names_an_iri_of_ours():
    for text in ("id/act/x", " /id/act/x", terms.BASE + "id/act/x"):
        assert terms.BASE + "id/act/x" == terms.full_iri(text)
    assert "https://example.org/x" == terms.full_iri("https://example.org/x")


def test_a_known_iri_is_shortened_and_an_unknown_one_left():
    assert "ans:Act" == terms.shorten(terms.term("Act"))
    assert "https://example.org/x" == terms.shorten("https://example.org/x")
    assert terms.VOCABULARY + "a/b" == terms.shorten(terms.VOCABULARY + "a/b")

"""Negotiation: what a client asks for and what it gets."""

import pytest

from api.http.negotiate import GRAPHS, HTML, JSON, RESULTS, TURTLE, choose, named, split_suffix
from kg.errors import NotAcceptable

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
PAGE = (HTML, *GRAPHS, JSON)


@pytest.mark.parametrize(
    ("accept", "offers", "expected"),
    [
        (None, PAGE, "html"),
        ("", RESULTS, "json"),
        ("*/*", RESULTS, "json"),
        (BROWSER, PAGE, "html"),
        ("text/turtle", PAGE, "ttl"),
        ("TEXT/Turtle", PAGE, "ttl"),
        ("application/*", GRAPHS, "nt"),
        ("text/*;q=0.5, application/ld+json", PAGE, "jsonld"),
        ("text/turtle;q=0.2, application/rdf+xml;q=0.9", GRAPHS, "rdf"),
        ("*/*;q=0.1, text/csv", RESULTS, "csv"),
        ("application/json", RESULTS, "json"),
        ("application/xml", RESULTS, "xml"),
        ("application/sparql-results+xml, application/json", RESULTS, "xml"),
        ("text/csv;q=0, */*", (RESULTS[2], RESULTS[3]), "tsv"),
        ("text/turtle;charset=utf-8;q=0.7, text/html;q=0.8", PAGE, "html"),
        ("garbage, text/turtle", PAGE, "ttl"),
        ("text/html; q=.2, text/turtle; q = 0.3, */*;q=1.1", PAGE, "ttl"),
    ],
)
def test_the_client_gets_what_it_likes_best(accept, offers, expected):
    assert expected == choose(accept, offers).name


@pytest.mark.parametrize("accept", ["image/png", "text/turtle;q=0", "text/turtle;q=2", "text/turtle;q=nan", "garbage"])
def test_what_cannot_be_made_is_refused_with_what_can(accept):
    with pytest.raises(NotAcceptable) as refused:
        choose(accept, (TURTLE,))
    assert ["text/turtle"] == refused.value.offered
    with pytest.raises(NotAcceptable):
        named("docx", RESULTS)


def test_an_override_beats_the_header():
    assert "csv" == choose("application/sparql-results+json", RESULTS, override="csv").name
    assert "csv" == choose("image/png", RESULTS, override="text/csv").name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.ttl", ("x", "ttl")),
        ("a.b", ("a.b", None)),
        ("a.b.json", ("a.b", "json")),
        (".ttl", (".ttl", None)),
        ("x", ("x", None)),
    ],
)
def test_a_suffix_is_one_only_when_it_is_on_offer(name, expected):
    assert expected == split_suffix(name, PAGE)

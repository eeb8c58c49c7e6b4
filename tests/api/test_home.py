"""The front page, on the frozen graph: what one can ask, with an answer, and what is recorded most of."""

import html
import re

import pytest

from api.render.rows import Cell
from api.routers.home import given
from kg import terms


@pytest.fixture(scope="module")
def page(client):
    """Read the page once."""
    return client.get("/", headers={"Accept": "text/html"}).text


def text_of(page):
    """Leave the tags out."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_it_leads_to_the_events_of_which_most_is_said(page):
    assert 'href="/doc/event/2012-03-16-port-ansel"' in page
    assert 'href="/doc/event/2011-06-handover"' in page


def test_figures_stand_with_the_number_of_their_speakers_and_are_not_added_up(page):
    assert "Killed: the lowest number 14, the highest 20, by 2 speakers" in text_of(page)


def test_it_has_one_search_and_no_word_for_developers_before_its_foot(page):
    assert 1 == page.count('role="search"')
    assert [] == re.findall(
        r"SPARQL|ontology|triple|\bIRI\b", text_of(page[: page.index('<footer class="page-foot">')])
    )


def test_each_question_that_it_offers_has_an_answer(client, page):
    asked = page[page.index('<ul class="asked">') : page.index("</ul>", page.index('<ul class="asked">'))]
    addresses = re.findall(r'href="([^"]+)"', asked)
    assert addresses
    for address in addresses:
        assert 200 == client.get(address.replace("&amp;", "&"), headers={"Accept": "text/html"}).status_code


def test_what_it_says_of_a_release_is_asked_once(client, asked):
    for number in (1, 2):
        assert 200 == client.get(f"/?n={number}", headers={"Accept": "text/html"}).status_code
    for mark in ("#+ title: Events\n", "for the front page; without", "How many things the lists hold"):
        assert 1 == sum(mark in text for text in asked)


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_the_example_is_answered_by_the_sentence_of_its_question(client, language):
    shown = text_of(client.get("/", params={"lang": language}, headers={"Accept": "text/html"}).text)
    address = "/questions/findings-against-state.json"
    told = client.get(address, params={"state": "id/state/xar", "lang": language}).json()
    assert html.escape(told["lead"], quote=False) in shown and html.escape(told["sentence"], quote=False) in shown


def figure(name, number, speaker, precision="exact", counts="killed"):
    scheme = terms.SCHEME
    return {
        "figure": name,
        "least": Cell(number),
        "most": Cell(number),
        "speaker": speaker,
        "counts": f"{scheme}counted/{counts}",
        "precision": f"{scheme}precision/{precision}",
    }


def test_the_highest_number_is_open_where_it_is_a_lower_bound():
    rows = [figure("f1", "11", "s1"), figure("f2", "17", "s1", "at-least"), figure("f3", "2", "s2", counts="sentenced")]
    (one,) = given(rows)  # what is not counted of people who were harmed is left to the page of the event
    assert (2, 1, "11", "17", True) == one[1:]
    assert not given(rows[:1])[0].is_open

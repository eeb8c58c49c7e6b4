"""The front page, on the frozen graph: what one can ask, with an answer, and what is recorded most of."""

import html
import re

import pytest

from tests.api.client import words
from tests.turtle import ask_page


@pytest.fixture(scope="module")
def page(client):
    return client.page("/")


def test_it_leads_to_the_events_of_which_most_is_said(page):
    assert 'href="/doc/event/2012-03-16-port-ansel"' in page
    assert 'href="/doc/event/2011-06-handover"' in page


def test_figures_stand_with_the_number_of_their_speakers_and_are_not_added_up(page):
    assert "Killed: the lowest number 14, the highest 20, by 2 sources" in words(page)


def test_it_has_one_search_and_no_word_for_developers_before_its_foot(page):
    assert 1 == page.count('role="search"')
    assert [] == re.findall(r"SPARQL|ontology|triple|\bIRI\b", words(page[: page.index('<footer class="page-foot">')]))


def test_each_question_that_it_offers_has_an_answer(client, page):
    asked = page[page.index('<ul class="asked">') : page.index("</ul>", page.index('<ul class="asked">'))]
    addresses = re.findall(r'href="([^"]+)"', asked)
    assert addresses
    for address in addresses:
        assert 200 == client.browse(address.replace("&amp;", "&")).status_code


def test_what_it_says_of_a_release_is_asked_once(client, asked):
    for number in (1, 2):
        assert 200 == client.browse(f"/?n={number}").status_code
    for mark in (
        "The three events of which most is said",
        "for the front page; without",
        "How many things the lists hold",
    ):
        assert 1 == sum(mark in text for text in asked)


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_the_example_is_answered_by_the_sentence_of_its_question(client, language):
    shown = client.words("/", params={"lang": language})
    address = "/questions/findings-against-state.json"
    told = client.get(address, params={"state": "id/state/xar", "lang": language}).json()
    assert html.escape(told["lead"], quote=False) in shown and html.escape(told["sentence"], quote=False) in shown


def figure(name, number, speaker, precision="exact", counts="killed"):
    return f"""id:{name} a ans:Figure ; ans:isAbout id:event ; ans:counts <scheme/counted/{counts}> ; ans:hasSpeaker id:{speaker} ;
        ans:value {number} ; ans:hasUnit <scheme/unit/person> ; ans:hasPrecision <scheme/precision/{precision}> ."""


def counted(*figures):
    """Ask the query of figures about one event that has these."""
    rows = ask_page("counted", "@prefix id: <id/x/> . id:event a ans:Event . " + " ".join(figures))
    return [tuple(row[name] for name in ("figures", "speakers", "least", "most", "open")) for row in rows]


def test_the_highest_number_is_open_where_it_is_a_lower_bound():
    figures = figure("f1", 11, "s1"), figure("f2", 17, "s1", "at-least"), figure("f3", 2, "s2", counts="sentenced")
    # What is not counted of people who were harmed is left to the page of the event.
    assert [("2", "1", "11", "17", "true")] == counted(*figures)
    assert [("1", "1", "11", "11", "false")] == counted(figures[0])


def test_the_number_of_a_part_of_the_people_is_none_of_the_whole():
    part = (
        figure("f2", 3, "s2")
        + " id:f2 ans:isAbout id:part . id:part ans:isSubgroupOf id:all . id:f1 ans:isAbout id:all ."
    )
    assert [("1", "1", "11", "11", "false")] == counted(figure("f1", 11, "s1"), part)


def test_figures_stand_in_the_order_of_harm():
    assert ["1", "2"] == [
        row[2] for row in counted(figure("f1", 2, "s1", counts="returned"), figure("f2", 1, "s1", counts="wounded"))
    ]


def test_a_comparison_that_it_offers_is_of_several_states(page):
    (address,) = re.findall(r'href="(/questions/states-compared[^"]*)"', page)
    assert "state=" in address and "second=" in address

"""The pages of things: what each tells, in which order, how long they are, and how a fact leads to its document."""

import re
from dataclasses import replace

import pytest

from api.render.page import brief, environment
from kg import rows
from kg.answer.cache import Cache
from kg.rows import Cell
from kg.symbols import opens_at
from tests.api.client import words

EVENT = "event/2012-03-16-port-ansel"


def part(text, section, end="<h2"):
    """Cut the section with an id out of a page."""
    return text.partition(f'id="{section}"')[2].partition(end)[0]


def test_an_event_is_told_in_the_order_in_which_it_happened(client):
    told = part(client.page(f"/doc/{EVENT}"), "happened")
    assert told.count("<li>") > 1
    assert "By:" in told and 'class="cite"' in told


def test_a_statement_about_several_acts_names_each_of_them_on_the_page_of_the_event(client):
    said = part(client.page("/doc/event/2012-custody?show=said"), "said")
    (about,) = [item for item in said.split("<li>") if "Strikers were tortured" in item]
    for act in ("torture", "no-investigation"):
        assert f'href="/doc/act/2012-custody-{act}"' in about


def test_acts_are_sorted_by_the_first_day_their_dates_may_mean_and_the_undated_come_last():
    days = [("2011-12-16", None), (None, None), ("2011-12", None), (None, "2010"), ("2012", None)]
    acts = [{"first": None, "date": date, "start": start, "end": None} for date, start in days]
    told = [row["date"] or row["start"] for row in rows.in_time(acts)]
    assert ["2010", "2011-12", "2011-12-16", "2012", None] == told


def test_figures_are_sorted_by_their_numbers_and_words_come_last():
    figures = [("64", None), (None, None), ("9", None), (None, "12")]
    made = [{"value": value, "minimum": least, "maximum": None} for value, least in figures]
    assert ["9", "12", "64", None] == [row["value"] or row["minimum"] for row in rows.by_amount(made)]


def test_the_dead_and_the_wounded_stand_before_other_figures(client):
    figures = part(client.page(f"/doc/{EVENT}"), "figures")
    assert re.findall(r"<strong>([^<]*)</strong>:", figures)[:1] == ["Killed"]


@pytest.mark.parametrize("thing", [EVENT, "act/2011-06-handover", "state/xar", "provision/cc-3", "treaty/cc"])
def test_a_page_explains_the_words_that_it_uses(client, thing):
    page = client.page(f"/doc/{thing}")
    meant = words(part(page, "words", "</section>"))
    assert (
        "duty applied An obligation in force covers such an act; nothing is said on whether it was breached." in meant
    )


def test_a_contents_list_leads_to_sections_that_are_there(client):
    for thing in (EVENT, "state/xar", "provision/cc-3", "act/2011-06-handover", "body/custody-committee"):
        page = client.page(f"/doc/{thing}")
        led_to = re.findall(r'href="#([a-z-]+)"', page.partition('<nav class="contents"')[2].partition("</nav>")[0])
        assert len(led_to) > 1
        assert [] == [name for name in led_to if f'id="{name}"' not in page]


def test_a_section_is_shown_alone_with_the_way_back(client):
    alone = client.page("/doc/state/xar?show=rights")
    assert 'href="/doc/state/xar#rights"' in alone
    assert "CC 3" in part(alone, "rights") and 'id="decisions"' not in alone
    assert len(part(alone, "rights", "<section")) > len(part(client.page("/doc/state/xar"), "rights"))


def test_the_findings_and_the_passages_of_a_decision_are_shown_alone(client):
    found, passages = (client.page(f"/doc/decision/cc-1-2010?show={name}") for name in ("found", "passages"))
    assert "/doc/finding/" in part(found, "found") and 'id="passages"' not in found and 'id="told"' not in found
    assert "/doc/passage/" in part(passages, "passages") and 'id="found"' not in passages


def test_a_section_shown_alone_asks_for_nothing_else(client, asked):
    client.page("/doc/state/xar?show=recommended")
    assert any("isAddressedTo ?this" in text for text in asked)
    assert not any("ans:isAttributableTo ?this" in text for text in asked)


def test_a_section_that_is_not_there_is_refused_with_those_that_are(client):
    problem = client.browse("/doc/state/xar?show=nothing")
    assert 400 == problem.status_code
    assert "rights" in problem.text and "treaties" in problem.text
    assert 200 == client.get("/doc/state/xar.ttl?show=nothing").status_code  # data have no sections


def test_a_passage_names_its_document_how_to_open_it_and_why_its_words_are_not_shown(client):
    page = words(client.page("/doc/passage/decision-1-2010-para-14"))
    assert "Custody Committee: decision on communication 1/2010" in page
    assert "Paragraph 14" in page
    assert "The words themselves are not shown" in page


@pytest.mark.parametrize(
    "part", ["decision/cc-1-2010", "passage/decision-1-2010-para-14", "document/review-1", "document/atlas"]
)
def test_the_footnotes_of_a_decision_on_a_complaint_alone_say_that_complainants_are_not_named(client, part):
    words = client.words(f"/doc/{part}")
    assert "Footnotes of the source" in words
    assert ("decision" in part) is ("Complainants are not named here" in words)


def test_a_document_opens_at_its_recorded_address_or_else_by_its_symbol():
    made = opens_at({"symbol": [Cell("CAT/C/GC/3")]})
    assert "https://example.org/" == opens_at({"link": [Cell("https://example.org/")], "symbol": [Cell("CAT/C/GC/3")]})
    sources = environment().get_template("macros/sources.html").module
    assert "made from the symbol" in sources.opening(made, recorded=None)
    assert "made from the symbol" not in sources.opening(made, recorded=made)
    assert "No address of it is recorded" in sources.opening(None, recorded=None)


def test_a_picture_stands_where_the_server_draws_the_question_and_nowhere_else(client, monkeypatch):
    opened = client.app.state.releases.current
    questions = opened.questions
    undrawn = replace(questions["place-events"], pictures=())
    for drawn, question in ((True, questions["place-events"]), (False, undrawn)):
        monkeypatch.setitem(questions, "place-events", question)
        monkeypatch.setattr(opened, "cache", Cache(opened.cache.limit))
        page = client.page("/doc/place/port-ansel")
        picture = 'src="/questions/place-events.svg?place=id/place/port-ansel"'
        assert drawn == (picture in page) == ('class="picture"' in page)


def test_a_place_and_a_speaker_have_timelines(client):
    assert '<ol class="time">' in part(client.page("/doc/place/port-ansel"), "happened")
    assert '<ol class="time">' in part(client.page("/doc/organ/xar-prosecutor"), "said")


def test_a_concept_tells_what_it_means_and_where_it_is_used(client):
    page = client.page("/scheme/right/non-refoulement")
    assert 'class="lead"' in page
    assert "How often it is used" in page and 'href="/doc/provision/cc-3"' in part(page, "used")


def test_a_right_of_which_more_is_recorded_stands_first(client):
    names = re.findall(r"<td[^>]*><strong>(?:<a[^>]*>)?([^<]+)", part(client.page("/doc/state/xar"), "rights"))
    assert ["freedom from torture", "non-refoulement", "peaceful assembly"] == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The right to life: nobody is to be deprived of it.", "the right to life"),
        ("Peaceful assembly; restrictions only by law.", "peaceful assembly"),
        ("UN inquiries.", "UN inquiries"),
    ],
)
def test_what_a_provision_is_about_is_cut_to_what_can_follow_its_name(text, said):
    assert said == brief(Cell(text))


def test_a_thing_that_is_not_there_is_answered_with_the_nearest_of_its_kind(client):
    hint = client.get("/doc/state/xaar.json").json()["hint"]
    assert hint.startswith("Did you mean https://w3id.org/answerable/id/state/xar")
    assert "/event/" not in hint
    assert "/search finds things by their names" == client.get("/doc/state/quite-another.json").json()["hint"]
    assert "/search finds things by their names" == client.get("/doc/nothing/xar.json").json()["hint"]

"""The pages in a real browser, at a laptop's and a phone's width: they fit, nobody is shut out, and the ways through lead."""

import pytest

from tests.browser import driving

KINDS = driving.PAGES["kinds"]
# The title of a page and what its first paragraph says, each with the language that the page gives it.
SPOKEN = """() => [...document.querySelectorAll('h1, p.lead, p.lead > span')].filter(one => one.textContent.trim())
  .map(one => [one.innerText, one.closest('[lang]').lang])"""


@pytest.mark.parametrize("name", KINDS)
def test_a_page_fits_its_window_and_shuts_nobody_out_in_any_language(window, name):
    for width, code in (("wide", "en"), ("narrow", "ru"), ("narrow", "kk")):
        assert (404 if name.startswith("no ") else 200) == driving.show(window, KINDS[name], width, code).status
        assert (code, 1) == (window.evaluate("document.documentElement.lang"), window.locator("h1").count())
        assert 0 == driving.overflow(window)
        assert [] == driving.barriers(window)
        if width == "wide":
            driving.resize(window, driving.WIDTHS["narrow"])
            assert 0 == driving.overflow(window)
            assert [] == driving.barriers(window)
        driving.resize(window, driving.SMALLEST)
        assert 0 == driving.overflow(window)


@pytest.mark.parametrize("name", ["event", "act", "decision", "document", "concept", "place"])
def test_what_is_said_in_english_alone_is_marked_as_english(window, name):
    driving.show(window, KINDS[name], code="ru")
    told = window.evaluate(SPOKEN)
    assert told
    for text, spoken in told:
        is_russian = any("а" <= letter <= "я" for letter in text.lower())
        assert is_russian or not text.isascii() or spoken == "en", text
    if name == "concept":  # a name in the language of the page is its title
        assert "невысылка" in window.locator("h1").inner_text() and window.locator("h1[lang]").count() == 0


@pytest.mark.parametrize("address", ["/events", "/articles", "/actors"])
def test_a_page_of_a_list_is_no_longer_than_twelve_screens_of_a_phone(window, address):
    driving.show(window, address, "narrow")
    assert driving.screens(window) <= 12


def test_a_question_is_asked_without_script_and_its_answer_leads_to_the_paragraph(plain_page):
    page = plain_page
    page.goto("/questions/findings")
    page.locator("select[name=event]").select_option(label="Handover to Boria, June 2011")
    page.locator("main form button").click()
    page.wait_for_url("**event=**")
    answer = page.locator("main").inner_text()
    assert "CC 3" in answer and "Custody Committee" in answer
    page.locator("main a", has_text="communication 1/2010, paragraph 14").first.click()
    page.wait_for_url("**/doc/passage/decision-1-2010-para-14")
    assert "communication 1/2010, paragraph 14" in page.locator("h1").inner_text()


def test_a_list_is_narrowed_without_script_and_the_filter_taken_away(plain_page):
    page = plain_page
    page.goto("/")
    page.locator("header nav a", has_text="Events").click()
    page.wait_for_url("**/events")
    page.locator("select[name=year]").select_option("2012")
    page.locator("form.filters button").click()
    page.wait_for_url("**year=2012**")
    assert page.locator("a.chip").count() == 1
    page.locator("a.chip").click()
    page.wait_for_url("**/events#shown")
    assert page.locator("a.chip").count() == 0

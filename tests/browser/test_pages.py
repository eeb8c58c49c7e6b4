"""The pages in a real browser, at a laptop's and a phone's width: they fit, nobody is shut out, and the ways through lead."""

import pytest

from kg import terms
from tests.browser import driving

PAGES = {
    "home": "/",
    "events": "/events",
    "narrowed list": "/decisions?country=xar&year=2012&lang=ru",
    "about": "/about",
    "method": "/method",
    "protection": "/protection",
    "corrections": "/corrections",
    "contact": "/contact",
    "event": "/doc/event/2012-03-16-port-ansel",
    "act": "/doc/act/2011-06-handover",
    "engagement": "/doc/engagement/2011-06-handover--xar-cc-3-1998-09-25",
    "obligation": "/doc/obligation/xar-cc-3-1998-09-25",
    "provision": "/doc/provision/cc-3",
    "treaty": "/doc/treaty/cc",
    "recommendation": "/doc/recommendation/xar-1-2",
    "document": "/doc/document/rights-watch-2012",
    "decision": "/doc/decision/cc-1-2010",
    "passage": "/doc/passage/rights-watch-2012-para-5",
    "State": "/doc/state/xar",
    "organ": "/doc/organ/xar-prosecutor",
    "place": "/doc/place/port-ansel",
    "body": "/doc/body/custody-committee",
    "concept": "/scheme/right/non-refoulement",
    "section": "/doc/state/xar?show=rights",
    "questions": "/questions",
    "question": "/questions/rival-figures",
    "answer": "/questions/rival-figures?event=id/event/2012-03-16-port-ansel",
    "wide answer": "/questions/recommendations?document=id/document/review-1",
    "empty answer": "/questions/findings?event=id/event/2012-03-16-port-ansel",
    "sparql": "/sparql",
    "ontology": "/ontology",
    "dictionary": "/dictionary",
    "class": "/dictionary/Act",
    "shapes": "/shapes",
    "scheme": "/scheme/right",
    "search": "/search?q=torture",
    "dataset": "/dataset",
    "catalogue": "/catalogue",
    "changes": "/changes",
    "api": "/docs",
}


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
def test_a_page_fits_its_window_and_shuts_nobody_out(page, address):
    assert 200 == page.goto(address).status
    assert 1 == page.locator("h1").count()
    assert 0 == driving.overflow(page)
    assert [] == driving.barriers(page)


@pytest.mark.parametrize("address", ["/doc/act/nobody-did-this", "/questions/nobody-asks-this"])
def test_a_page_that_is_not_there_says_so_and_fits(page, address):
    assert 404 == page.goto(address).status
    assert 0 == driving.overflow(page)
    assert [] == driving.barriers(page)


def test_a_question_is_asked_without_script_and_its_answer_leads_to_the_paragraph(plain_page):
    page = plain_page
    page.goto("/questions/findings")
    page.locator("select[name=event]").select_option(label="Handover to Boria, June 2011")
    page.locator("main form button").click()
    answer = page.locator("main").inner_text()
    assert "CC 3" in answer and "Custody Committee" in answer
    page.locator("main a", has_text="communication 1/2010, paragraph 14").first.click()
    assert page.url.endswith("/doc/passage/decision-1-2010-para-14")
    assert "communication 1/2010, paragraph 14" in page.locator("h1").inner_text()


def test_a_query_is_asked_without_script_and_shown_as_a_table(plain_page):
    page = plain_page
    page.goto("/sparql")
    page.locator("textarea[name=query]").fill(f"SELECT ?name {{ ?x <{terms.term('shortName')}> ?name }}")
    page.locator("main form button").first.click()
    assert "RC 33" in page.locator("main table").inner_text()


def test_found_alleged_and_engaged_stand_apart_on_an_act(page):
    page.goto("/doc/act/2011-06-handover")
    for folded in page.locator("section.engaged summary").all():
        folded.click()
    found, alleged, engaged = (page.locator(f"section.{side}").inner_text() for side in ("found", "alleged", "engaged"))
    assert "CC 3" in found and "LC 7" not in found
    assert "Rights Watch" in alleged
    assert "LC 7" in engaged and "This is no verdict" in engaged and "Right at stake: non-refoulement" in engaged


def test_a_page_is_found_by_searching_from_any_page(page):
    page.goto("/doc/provision/cc-3")
    page.locator("header input[name=q]").fill("Ansel")
    page.locator("header input[name=q]").press("Enter")
    page.locator("main a", has_text="Port Ansel, 16 March 2012").first.click()
    assert page.locator("h1").inner_text().startswith("Port Ansel, 16 March 2012")


def test_a_list_is_narrowed_without_script_and_the_filter_taken_away(plain_page):
    page = plain_page
    page.goto("/")
    page.locator("header nav a", has_text="Events").click()
    page.locator("select[name=year]").select_option("2012")
    page.locator("form.filters button").click()
    assert "2012" in page.url and page.locator("a.chip").count() == 1
    page.locator("a.chip").click()
    assert page.url.endswith("/events") and page.locator("a.chip").count() == 0


def test_a_page_of_a_list_is_no_longer_than_twelve_screens_of_a_phone(browser, site):
    with driving.opening(browser, site, size=driving.WIDTHS["narrow"]) as page:
        for address in ("/events", "/articles", "/actors"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollHeight / innerHeight") <= 12

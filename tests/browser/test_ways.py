"""Ways through the pages: by keyboard alone, without script, at twice the size, and asking no other host."""

import pytest

from tests.browser import driving

ANSWER = "/questions/rival-figures?event=id/event/2012-03-16-port-ansel"
ZOOMED = (640, 400)  # what a laptop's window holds at 200 %
LARGE = [
    "/",
    "/events",
    "/doc/state/xar",
    "/doc/event/2012-03-16-port-ansel",
    "/doc/act/2011-06-handover",
    ANSWER,
    "/bases",
]
FOCUSED = """() => { const at = document.activeElement, form = at.closest('form');
  return at.matches('.skip') ? 'skip' : at.closest('header nav') ? 'menu' : at.matches('header input') ? 'search'
    : at.closest('.languages') ? 'languages' : form?.matches('.filters') ? 'filters' : at.matches('details.narrow > summary') ? 'narrow' : '' }"""


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_page_at_twice_the_size_is_not_scrolled_sideways(browser, site, script):
    with driving.opening(browser, site, size=ZOOMED, script=script) as page:
        for address in LARGE:
            assert 200 == page.goto(address).status
            box = page.locator("html").bounding_box()
            assert box["width"] <= ZOOMED[0]
            if script:
                assert 0 == driving.overflow(page), address


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("/events", ["skip", "menu", "search", "languages", "filters"]),
        (ANSWER, ["skip", "menu", "search", "languages", "narrow"]),
    ],
)
def test_the_keyboard_reaches_the_menu_the_search_and_the_filters_in_the_order_of_the_page(page, address, parts):
    page.goto(address)
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        part = page.evaluate(FOCUSED)
        if part and part not in reached:
            reached.append(part)
    assert parts == reached


def test_the_first_key_leads_past_the_menu(page):
    page.goto("/events")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_without_script_one_searches_changes_the_language_filters_and_turns_a_page(plain_page):
    page = plain_page
    page.goto("/")
    page.locator("main form input[name=q]").fill("Port Ansel")
    page.locator("main form button").click()
    assert "Port Ansel, 16 March 2012" in page.locator("main").inner_text()
    page.locator(".languages a[hreflang=ru]").click()
    assert "lang=ru" in page.url and "q=Port" in page.url
    page.goto("/events")
    page.locator("form.filters button").click()
    assert "/events" in page.url
    page.goto(ANSWER)
    page.locator("details.narrow summary").click()
    page.locator("details.narrow select").first.select_option(index=1)
    page.locator("details.narrow button").click()
    assert "only." in page.url

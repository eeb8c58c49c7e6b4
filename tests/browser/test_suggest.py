"""Suggestions as one types, in a real browser: in three scripts, by keyboard, mouse and touch, and nothing of them without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import driving

FORMS = {"the head of a page": ("/events", "header"), "the front page": ("/", "main")}


def typed(page, place, text, number=0):
    """Type into the field of a part of the page, and wait for the list."""
    field = page.locator(f"{place} input[name=q]").nth(number)
    field.click()
    field.press_sequentially(text)
    expect(page.locator(f"{place} [role=listbox]")).to_be_visible()
    return field


@pytest.mark.parametrize(("address", "place"), FORMS.values(), ids=FORMS.keys())
def test_a_list_follows_what_is_typed_in_three_scripts_and_shuts_nobody_out(page, address, place):
    page.goto(address)
    for text, name in (("port ans", "Port Ansel"), ("Порт-Анс", "Port Ansel"), ("Ансел пор", "Port Ansel")):
        field = typed(page, place, text)
        expect(field).to_have_attribute("aria-expanded", "true")
        expect(page.locator("[role=option] > span", has_text=re.compile(f"^{name}$"))).to_be_visible()
        assert [] == driving.barriers(page)
        assert 0 == driving.overflow(page)
        box = page.locator(f"{place} [role=listbox]").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
        field.fill("")
        expect(page.locator(f"{place} [role=listbox]")).to_be_hidden()


def test_the_arrows_mark_enter_follows_and_escape_closes_without_taking_what_was_typed(page):
    page.goto("/events")
    field = typed(page, "header", "port ansel")
    options = page.locator("header [role=option]")
    field.press("ArrowDown")
    assert options.nth(0).get_attribute("id") == field.get_attribute("aria-activedescendant")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None  # the field itself
    field.press("ArrowUp")
    assert options.last.get_attribute("id") == field.get_attribute("aria-activedescendant")
    field.press("Escape")
    expect(page.locator("header [role=listbox]")).to_be_hidden()
    assert ("port ansel", "false", None) == (
        field.input_value(),
        field.get_attribute("aria-expanded"),
        field.get_attribute("aria-activedescendant"),
    )
    field.press("ArrowDown")
    expect(page.locator("header [role=listbox]")).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/doc/**")


def test_enter_without_a_mark_searches_and_the_list_opens_over_the_results_too(page):
    page.goto("/events?lang=ru")
    typed(page, "header", "port ansel").press("Enter")
    page.wait_for_url("**/search?q=port+ansel&lang=ru")
    typed(page, "header", " 16")


def test_a_suggestion_is_followed_by_a_click_and_keeps_the_language_that_the_address_names(page):
    for query, at in (("?lang=kk", "/doc/place/port-ansel?lang=kk"), ("", "/doc/place/port-ansel")):
        page.goto(f"/events{query}")
        typed(page, "header", "Ансел порты")
        name = "Ансел порты" if query else "Port Ansel"
        page.locator("header [role=option] > span", has_text=re.compile(f"^{name}$")).click()
        page.wait_for_url(f"**{at}")


def test_a_tap_follows_a_suggestion(browser, site):
    context = browser.new_context(base_url=site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        page.goto("/")
        typed(page, "main", "port ansel")
        page.locator("main [role=option]").first.tap()
        page.wait_for_url("**/doc/**")
    finally:
        context.close()


def test_only_the_last_text_is_asked_for_and_an_answer_that_comes_late_is_not_shown(browser, site):
    with driving.opening(browser, site, size=driving.WIDTHS["wide"]) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/suggest" in request.url else None)
        page.goto("/events")
        typed(page, "header", "port ansel")
        assert len(asked) < len("port ansel") and asked[-1].endswith("q=port+ansel&lang=en")
        page.route("**/suggest?*", lambda route: page.wait_for_timeout(300) or route.continue_())
        field = page.locator("header input[name=q]")
        field.press_sequentially(" 16", delay=5)
        page.wait_for_timeout(250)
        field.press("Escape")
        page.wait_for_timeout(600)
        expect(page.locator("header [role=listbox]")).to_be_hidden()


def test_a_name_with_markup_is_written_as_text_and_an_address_elsewhere_is_not_followed(browser, site):
    told = [
        {"label": "<img src=x onerror=hacked=1>", "title": "<b>x</b>", "language": "en", "href": "//other.example/"}
    ]
    with driving.opening(browser, site, size=driving.WIDTHS["wide"]) as page:
        page.route("**/suggest?*", lambda route: route.fulfill(json={"q": "x", "suggestions": told}))
        page.goto("/events")
        typed(page, "header", "port")
        assert 0 == page.locator("[role=option] img, [role=option] b").count()
        page.locator("header [role=option]").click()
        assert page.url.endswith("/events") and page.evaluate("typeof hacked") == "undefined"


def test_without_script_a_form_has_no_list_and_searches(plain_page):
    page = plain_page
    page.goto("/events")
    field = page.locator("header input[name=q]")
    assert (None, 0) == (field.get_attribute("role"), page.locator("[role=listbox]").count())
    field.fill("Port Ansel")
    field.press("Enter")
    page.wait_for_url("**/search?q=Port+Ansel")
    assert 0 < page.locator("main mark, main li a").count()

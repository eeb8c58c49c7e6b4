"""Ways through the pages: by keyboard alone, without script, at twice the size, and asking no other host."""

import base64

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

# How light the pixels of a picture are on average, from 0 to 1.
BRIGHTNESS = """async source => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const bytes = canvas.getImageData(0, 0, image.width, image.height).data;
  return bytes.reduce((sum, value, place) => place % 4 < 3 ? sum + value : sum, 0) / (bytes.length / 4 * 3 * 255);
}"""


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
    page.wait_for_url("**q=Port**")
    assert "Port Ansel, 16 March 2012" in page.locator("main").inner_text()
    page.locator(".languages a[hreflang=ru]").click()
    page.wait_for_url(lambda address: "lang=ru" in address and "q=Port" in address)
    page.goto("/events")
    page.locator("form.filters button").click()
    page.wait_for_url("**/events?**")
    page.goto(ANSWER)
    page.locator("details.narrow summary").click()
    page.locator("details.narrow select").first.select_option(index=1)
    page.locator("details.narrow button").click()
    page.wait_for_url("**only.**")


@pytest.mark.parametrize(
    ("address", "form", "result"), [("/articles", "form.filters", "#shown"), (ANSWER, "details.narrow", "#rows")]
)
def test_after_a_filter_the_result_is_in_view_on_a_phone_without_script(browser, site, address, form, result):
    with driving.opening(browser, site, size=driving.WIDTHS["narrow"], script=False) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(address)
        page.locator(form).evaluate("one => one.open = true")
        page.locator(f"{form} select").first.select_option(index=1)
        page.locator(f"{form} button").click()
        page.wait_for_url(f"**{result}")
        assert 0 <= page.locator(result).bounding_box()["y"] < 200
        assert page.locator("table.stack tbody tr").first.bounding_box()["y"] < driving.WIDTHS["narrow"][1]


def test_a_card_of_a_list_on_a_phone_leaves_out_what_its_thing_lacks(page):
    lacking = page.locator("table.listed td:has(> .lacking)")
    driving.show(page, "/countries", "wide")
    assert 0 < lacking.count() == lacking.filter(visible=True).count()
    driving.show(page, "/countries", "narrow")
    assert 0 == lacking.filter(visible=True).count() < page.locator("table.listed td.n").filter(visible=True).count()
    heads = "row => [...row.cells].slice(1).filter(cell => cell.offsetWidth).map(cell => getComputedStyle(cell, '::before').content)"
    for row in page.locator("table.listed tbody tr").all():
        divided = ["·" in head for head in row.evaluate(heads)]
        assert divided == [False, *[True] * len(divided)][: len(divided)]


@pytest.mark.parametrize(("address", "code"), [("/decisions", "en"), ("/events", "kk"), (ANSWER, "en"), (ANSWER, "ru")])
def test_a_row_on_a_phone_is_a_card_of_three_lines_until_the_box_above_shows_all(page, address, code):
    rows, box = page.locator("table.brief tbody tr"), page.locator(".whole input")
    driving.show(page, address, "wide", code)
    assert not box.is_visible()
    driving.show(page, address, "narrow", code)
    lines = "rows => rows.map(row => (row.clientHeight - parseFloat(getComputedStyle(row).paddingTop)) / parseFloat(getComputedStyle(row).lineHeight))"
    cards = rows.evaluate_all(lines)
    assert 0 < min(cards) and max(cards) < 3.5
    box.check()
    assert all(card <= whole for card, whole in zip(cards, rows.evaluate_all(lines), strict=True))
    assert address != ANSWER or min(rows.evaluate_all(lines)) > 4


def test_a_card_of_a_list_does_not_say_of_a_whole_title_that_it_is_cut(page):
    driving.show(page, "/events", "narrow")
    cut = "cells => cells.flatMap(cell => [cell, ...cell.children]).filter(one => getComputedStyle(one).webkitLineClamp !== 'none')"
    cells = page.locator("table.listed td:first-child")
    assert 0 < cells.filter(has=page.locator("p")).count()
    named = {*cells.evaluate_all(f"cells => ({cut})(cells).map(one => one.tagName)")}
    assert "A" in named and "TD" not in named


def test_a_card_shows_all_of_itself_to_a_keyboard(page):
    driving.show(page, ANSWER, "narrow")
    row = page.locator("table.brief tbody tr").first
    height = row.bounding_box()["height"]
    page.locator(".whole input").focus()
    while not row.evaluate("row => row.contains(document.activeElement)"):
        page.keyboard.press("Tab")
    assert row.bounding_box()["height"] > height


def test_a_feed_that_a_browser_opens_is_a_page_that_names_its_address(browser, site):
    with driving.opening(browser, site, size=driving.WIDTHS["narrow"], script=False) as page:
        page.goto(ANSWER)
        page.get_by_role("link", name="Follow what changes here").click()
        page.wait_for_url("**.atom?**")
        assert page.locator("feed > title").is_visible() and not page.locator("feed > id").is_visible()
        assert page.locator("code").first.inner_text().endswith(".atom?event=id/event/2012-03-16-port-ansel")
        assert page.evaluate("document.documentElement.scrollWidth") <= driving.WIDTHS["narrow"][0]
        page.get_by_role("link", name="Back to the page").click()
        page.wait_for_url(site + ANSWER)


def test_a_chart_is_dark_where_its_page_is_and_as_it_is_on_paper(browser, site):
    with driving.opening(browser, site, size=driving.WIDTHS["wide"]) as page:
        for scheme, medium, is_dark in (("light", "screen", False), ("dark", "screen", True), ("dark", "print", False)):
            page.emulate_media(color_scheme=scheme, media=medium)
            page.goto(ANSWER)
            shot = page.locator("figure.picture img").first.screenshot()
            page.goto("about:blank")  # whose policy lets a picture be read
            light = page.evaluate(BRIGHTNESS, f"data:image/png;base64,{base64.b64encode(shot).decode()}")
            assert (light < 0.25, light > 0.75) == (is_dark, not is_dark), (scheme, medium)

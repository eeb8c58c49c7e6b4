"""On paper: nothing is cut, nothing stays folded, the heads of columns are with their values, and what only a screen can use is gone."""

import pytest

from tests.browser import driving

# The widths of A4 and Letter in CSS pixels, upright and lying, within the margins of the sheet.
WIDTHS = {"A4": 688, "A4 lying": 1016, "Letter": 710, "with narrow margins": 756}
PAGES = (
    "/questions/rival-figures?event=id/event/2012-03-16-port-ansel",
    "/questions/findings-against-state?state=id/state/xar",
    "/doc/event/2012-03-16-port-ansel",
    "/doc/state/xar",
    "/bases",
    "/",
)
BEYOND = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walk.nextNode()) {
    if (!walk.currentNode.textContent.trim()) continue;
    range.selectNodeContents(walk.currentNode);
    for (const box of range.getClientRects())
      if (box.width > 1 && (box.right > wide + 1 || box.left < -1)) found.push(walk.currentNode.textContent.trim().slice(0, 60));
  }
  return found;
}"""
HEADLESS = """() => [...document.querySelectorAll('table.stack td[data-head]')].filter(cell => {
  if (!cell.getClientRects().length) return false;
  const heads = getComputedStyle(cell.closest('table').querySelector('thead')).display !== 'none';
  const told = getComputedStyle(cell, '::before').content;
  return heads ? told !== 'none' : told !== JSON.stringify(cell.dataset.head);
}).map(cell => cell.dataset.head)"""
FOLDED = """() => [...document.querySelectorAll('main details:not(:has(> pre))')].filter(one =>
  [...one.children].slice(1).some(child => child.textContent.trim() && !child.checkVisibility({contentVisibilityAuto: true})))
  .filter(one => one.checkVisibility()).map(one => one.textContent.slice(0, 60))"""


@pytest.fixture(scope="module")
def sheet(browser, site):
    """Open an empty page to be printed."""
    with driving.opening(browser, site, size=(WIDTHS["A4"], 1000)) as opened:
        opened.emulate_media(media="print")
        yield opened


def each_width(sheet, path):
    """Open a page, and give it the width of each sheet in turn."""
    sheet.goto(path)
    for width in WIDTHS.values():
        driving.resize(sheet, (width, 1000))
        yield width


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_or_folded_each_value_has_its_head_and_nothing_to_press_is_printed(sheet, path):
    shown = "found => found.filter(one => one.checkVisibility()).length"
    for width in each_width(sheet, path):
        assert ([], 0) == (sheet.evaluate(BEYOND), driving.overflow(sheet)), width
        assert ([], []) == (sheet.evaluate(HEADLESS), sheet.evaluate(FOLDED)), width
        assert 0 == sheet.eval_on_selector_all("form, nav, button, input, select, .skip, .languages", shown)


def test_the_column_of_speakers_and_where_a_link_leads_are_printed(sheet):
    sheet.goto(PAGES[0])
    cells = sheet.locator('td[data-head="Source"]')
    assert 4 == cells.count()
    assert "Prosecutor of Arland" in cells.all_inner_texts()
    assert all(cells.nth(place).bounding_box()["width"] > 30 for place in range(4))

    told = "one => getComputedStyle(one, '::after').content"
    passages = sheet.locator("li > a.cite")
    assert passages.count() and "https://w3id.org/answerable/doc/passage/" in passages.first.evaluate(told)
    assert "http" in sheet.locator('.page-foot a[rel~="external"]').first.evaluate(told)


def test_a_page_is_printed_whole(sheet, tmp_path):
    sheet.goto(PAGES[0])
    written = sheet.pdf(path=tmp_path / "page.pdf", format="A4")
    assert b"%PDF-" == written[:5] and len(written) > 10_000


# A question for each kind of picture: timeline, map of States, map of places, figures, bars and matrix, chain.
PICTURES = (
    "/questions/timeline?actor=id/state/xar",
    "/questions/parties?treaty=id/treaty/lc&day=2000-04-24",
    "/questions/where?state=id/state/xar",
    "/questions/rival-figures?event=id/event/2012-03-16-port-ansel",
    "/questions/findings-against-state?state=id/state/xar",
    "/questions/recommendations-repeated?state=id/state/xar",
)
HIGH = 610  # CSS pixels, so that what stands above a picture leaves room for it on the first sheet


@pytest.mark.parametrize("path", PICTURES)
def test_each_picture_is_there_when_a_page_is_printed_and_fits_its_sheet(sheet, path):
    drawn = sheet.locator("figure.picture img")
    for width in each_width(sheet, path):
        assert drawn.count()
        for place in range(drawn.count()):
            box = drawn.nth(place).bounding_box()
            assert drawn.nth(place).evaluate("one => one.complete && one.naturalHeight > 0")
            assert 200 < box["height"] <= HIGH and 200 < box["width"] <= width
            assert "avoid" == drawn.nth(place).evaluate("one => getComputedStyle(one.closest('figure')).breakInside")


def test_found_alleged_and_engaged_are_printed_beneath_one_another(sheet):
    sheet.goto("/doc/act/2011-06-handover")
    lefts = sheet.eval_on_selector_all(
        ".sides > .side", "found => found.map(one => Math.round(one.getBoundingClientRect().left))"
    )
    assert 1 < len(lefts) and 1 == len({*lefts})


def test_an_answer_in_pages_says_on_paper_which_it_is(sheet):
    sheet.goto("/questions/unexamined-obligations?state=id/state/xar")
    assert "Page 1 of" in sheet.locator("caption").inner_text()


def test_all_rows_of_an_answer_are_printed_from_one_page(sheet):
    sheet.goto("/questions/unexamined-obligations?state=id/state/xar")
    first = sheet.locator("main tbody tr").count()
    whole = sheet.locator("nav.pager a").last.get_attribute("href")
    assert "page=all" in whole
    sheet.goto(whole)
    assert first < sheet.locator("main tbody tr").count()
    assert 0 == sheet.locator("nav.pager").count()

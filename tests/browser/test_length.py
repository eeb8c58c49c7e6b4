"""The longest pages of the shipped data: on a phone they end within twelve screens, and none weighs more than 60 KB.

What is longer waits behind a link to the section alone. The weight is that of the page before its pictures; Russian and
Kazakh pages are measured in letters, since a Cyrillic one takes two bytes before the page is compressed.
"""

import re
import urllib.request

import pytest

from api.app import create_app
from kg.config import Settings
from tests.browser import driving

SCREENS = 12
LONGEST = [
    "/doc/state/kaz",
    "/doc/state/usa",
    "/doc/state/blr",
    "/doc/state/tuv",
    "/doc/treaty/iccpr",
    "/doc/provision/iccpr-14",
    "/doc/body/human-rights-committee",
    "/doc/event/2011-12-16-zhanaozen",
    "/doc/event/2011-12-16-zhanaozen-custody",
    "/doc/act/2011-06-extradition",
    "/doc/document/ai-upr-kaz-2014",
    "/doc/document/untc-2026",
    "/doc/decision/ccpr-c-86-d-915-2000",
    "/doc/passage/ai-upr-kaz-2014-asm-3",
    "/doc/place/kazakhstan",
    "/doc/organisation/amnesty-international",
    "/scheme/right/no-torture",
    "/scheme",
    "/bases",
    "/ontology",
    "/ontology/obligations",
    "/graph",
    "/graph?show=data/states",
    "/shapes",
    "/shapes/house",
    "/dictionary",
    "/dictionary/Act",
    "/dictionary/StateDeclaration",
    "/release/RELEASE?show=inputs",
    "/withdrawn",
    "/laws",
    "/places",
    "/about",
    "/method",
    "/crosswalks/states",
    "/crosswalks/rights-sdg",
    "/tables/recommendations",
    "/embed/questions/where?state=id/state/kaz&show=table",
]
# The answers that are longest: many rows, long ones, many passages, high pictures, much said of how far the record goes.
ANSWERS = [
    "/questions/accepted-then-breached?state=id/state/kaz",
    "/questions/acts-like-this?act=id/act/2007-03-27-kostanay-torture",
    "/questions/beside-its-region?state=id/state/kaz",
    "/questions/decisions-and-remedies?state=id/state/kaz",
    "/questions/obligations?state=id/state/kaz",
    "/questions/promises?state=id/state/kaz",
    "/questions/recommendations-repeated?state=id/state/kaz",
    "/questions/reservations?state=id/state/usa",
    "/questions/rival-figures?event=id/event/2011-12-16-zhanaozen",
    "/questions/timeline?actor=id/state/kaz",
    "/questions/treaties-in-force?state=id/state/kaz&day=2011-06-09",
    "/questions/where?state=id/state/kaz",
]
# Those that come near to the limit, which Russian and Kazakh, whose words are longer, are measured by as well.
WORDIEST = [
    "/doc/state/kaz",
    "/doc/event/2011-12-16-zhanaozen",
    "/doc/event/2011-12-16-zhanaozen-custody",
    "/doc/act/2011-06-extradition",
    "/doc/treaty/iccpr",
    "/tables/recommendations",
]

HEAVIEST = [
    *LONGEST,
    *ANSWERS,
    "/release/RELEASE",
    "/check",
    "/tables",
    "/tables/findings",
    "/crosswalks",
    "/reconcile",
    "/reconcile/preview?id=id/state/kaz",
    "/release/RELEASE?show=outputs",
    "/graph/data/declarations/crc",
    "/graph/inferred",
    "/graph/shapes/obligations",
    "/ontology/events",
    "/dataset",
    "/catalogue",
    "/.well-known/void",
    "/sparql",
    "/protection",
    "/corrections",
    "/contact",
    "/embed/questions/where?state=id/state/kaz",
    "/",
    "/events",
    "/countries",
    "/treaties",
    "/decisions",
    "/recommendations",
    "/articles",
    "/actors",
    "/documents",
    "/questions",
    "/questions/decisions-on-article",
    "/questions/rival-figures?event=id/event/2011-12-16-zhanaozen",
    "/questions/findings-against-state?state=id/state/kaz",
    "/questions/decisions-on-article?provision=id/provision/cat-3",
    "/questions/recommendations?document=id/document/a-hrc-14-10",
    "/search?q=torture",
    "/scheme/right",
    "/bases?show=table",
    "/changes",
    "/docs",
]
MOST = 60 * 1024


@pytest.fixture(scope="module")
def served(shipped):
    """Serve the shipped data; the address of the server."""
    with driving.serving(shipped.path.parent) as site:
        yield site


@pytest.fixture(scope="module")
def phone(browser, served):
    """Open a page of a phone's size on the shipped data."""
    with driving.opening(browser, served, size=driving.WIDTHS["narrow"]) as opened:
        yield opened


def read(address):
    """Fetch a page as a browser does."""
    asked = urllib.request.Request(address, headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.read()


@pytest.mark.parametrize("address", HEAVIEST)
def test_a_page_weighs_no_more_than_sixty_kilobytes(served, shipped, address):
    address = address.replace("RELEASE", shipped.id)
    assert len(read(served + address)) <= MOST
    for code in ("ru", "kk"):
        assert len(read(f"{served}{address}{'&' if '?' in address else '?'}lang={code}").decode()) <= MOST


@pytest.mark.parametrize("address", [*LONGEST, *(f"{one}?lang={code}" for one in WORDIEST for code in ("ru", "kk"))])
def test_a_page_ends_within_twelve_screens_of_a_phone(phone, shipped, address):
    assert 200 == phone.goto(address.replace("RELEASE", shipped.id)).status
    height = phone.evaluate("document.documentElement.scrollHeight")
    assert height <= SCREENS * driving.WIDTHS["narrow"][1]
    assert 0 == driving.overflow(phone)


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
@pytest.mark.parametrize("address", ANSWERS)
def test_an_answer_with_its_picture_ends_within_twelve_screens_of_a_phone(phone, address, code):
    assert 200 == phone.goto(f"{address}&lang={code}").status
    assert phone.evaluate("document.documentElement.scrollHeight") <= SCREENS * driving.WIDTHS["narrow"][1]
    assert 0 == driving.overflow(phone)


# Addresses that name one of many, of which HEAVIEST holds the longest; an answer as given is weighed by a test of its own.
UNWEIGHED = {
    "/doc/{kind}/{key}",
    "/scheme/{scheme}/{key}",
    "/ontology/{module}",
    "/shapes/{part}",
    "/graph/{name}",
    "/answer/{word}",
    "/changes/{old}/{new}",  # weighed where there are two releases: tests/api/test_changes.py
}


def test_every_route_with_a_page_is_weighed():
    paths = {address.partition("?")[0] for address in HEAVIEST}
    described = create_app(Settings.load(env={})).openapi()["paths"]
    pages = [
        path
        for path, methods in described.items()
        if "text/html" in methods["get"]["responses"].get("200", {}).get("content", {})
    ]
    for address in set(pages) - UNWEIGHED:
        pattern = re.compile(re.sub(r"{\w+}", "[^/]+", address))
        assert (address, True) == (address, any(pattern.fullmatch(path) for path in paths))


def test_an_answer_as_it_was_given_is_as_short(phone, served):
    phone.goto(ANSWERS[0])
    word = phone.locator(".page-foot a[href*='/answer/']").first.get_attribute("href")
    assert len(read(served + word)) <= MOST
    phone.goto(word)
    assert phone.evaluate("document.documentElement.scrollHeight") <= SCREENS * driving.WIDTHS["narrow"][1]
    phone.locator("p.more a[href*='show=given'], nav.pager a").first.click()
    phone.locator("table.stack tbody tr").first.wait_for()


def test_a_long_section_is_one_link_away_in_full(phone):
    phone.goto("/doc/state/kaz")
    phone.locator("a[href*='show=acts']").first.click()
    assert phone.locator("ol.time > li").count() > 100
    phone.locator("a", has_text="The whole page").click()
    assert phone.url.endswith("/doc/state/kaz#acts")

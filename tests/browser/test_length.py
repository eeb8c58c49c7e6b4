"""The longest pages of the shipped data: on a phone they end within twelve screens, and none weighs more than 60 KB.

What is longer waits behind a link to the section alone. The weight is that of the page before its pictures; Russian and
Kazakh pages are measured in letters, since a Cyrillic one takes two bytes before the page is compressed.
"""

import urllib.request

import pytest

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
]
# Those that come near to the limit, which Russian and Kazakh, whose words are longer, are measured by as well.
WORDIEST = [
    "/doc/state/kaz",
    "/doc/event/2011-12-16-zhanaozen",
    "/doc/event/2011-12-16-zhanaozen-custody",
    "/doc/act/2011-06-extradition",
    "/doc/treaty/iccpr",
]
HEAVIEST = [
    *LONGEST,
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
    "/bases",
    "/bases?show=table",
    "/ontology",
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
def test_a_page_weighs_no_more_than_sixty_kilobytes(served, address):
    assert len(read(served + address)) <= MOST
    for code in ("ru", "kk"):
        assert len(read(f"{served}{address}{'&' if '?' in address else '?'}lang={code}").decode()) <= MOST


@pytest.mark.parametrize("address", [*LONGEST, *(f"{one}?lang={code}" for one in WORDIEST for code in ("ru", "kk"))])
def test_a_page_ends_within_twelve_screens_of_a_phone(phone, address):
    assert 200 == phone.goto(address).status
    height = phone.evaluate("document.documentElement.scrollHeight")
    assert height <= SCREENS * driving.WIDTHS["narrow"][1]
    assert 0 == driving.overflow(phone)


def test_a_long_section_is_one_link_away_in_full(phone):
    phone.goto("/doc/state/kaz")
    phone.locator("a[href*='show=acts']").first.click()
    assert phone.locator("ol.time > li").count() > 100
    phone.locator("a", has_text="The whole page").click()
    assert phone.url.endswith("/doc/state/kaz#acts")

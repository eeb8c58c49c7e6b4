"""The longest pages of the shipped data, on a phone: they end before a reader has scrolled through twelve screens.

What is longer waits behind a link to the section alone.
"""

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


@pytest.fixture(scope="module")
def phone(browser, shipped):
    """Open a page of a phone's size on the shipped data."""
    with (
        driving.serving(shipped.path.parent) as site,
        driving.opening(browser, site, size=driving.WIDTHS["narrow"]) as opened,
    ):
        yield opened


@pytest.mark.parametrize("address", LONGEST)
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

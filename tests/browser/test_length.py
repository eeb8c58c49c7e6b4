"""The longest pages of the shipped data: on a phone they end within twelve screens, the front page, States and events within six, and none weighs more than 60 KB.

What is longer waits behind a link to the section alone. The weight is that of the page before its pictures; Russian and
Kazakh pages, of which each is weighed in one, are measured in letters, since a Cyrillic one takes two bytes.
"""

import re
import urllib.request

import pytest

from api.app import create_app
from kg.config import Settings
from tests.browser import driving

SCREENS, FEW = 12, 6
SHORT = ("/doc/state/", "/doc/event/")  # and the front page: in FEW screens
LONGEST, ANSWERS, WORDIEST = (driving.PAGES["shipped"][name] for name in ("longest", "answers", "wordiest"))
# Each page is weighed in English and in one other language; those that are shown on a phone are weighed there.
HEAVIEST = [
    (address, code)
    for place, address in enumerate((*LONGEST, *ANSWERS, *driving.PAGES["shipped"]["heavy"]))
    for code in ("en", "ru" if place % 2 else "kk")
]
SHOWN = [
    *((address, "en") for address in LONGEST),
    *((address, code) for address in WORDIEST for code in ("ru", "kk")),
    *((address, code) for address, code in HEAVIEST if address in ANSWERS),
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


def weight(body, code):
    """Measure an English page in bytes, and another in letters."""
    return len(body if code == "en" else body.decode())


@pytest.mark.parametrize(("address", "code"), SHOWN)
def test_a_page_is_light_and_ends_within_twelve_screens_of_a_phone_or_within_six(phone, shipped, address, code):
    answer = driving.show(phone, address.replace("RELEASE", shipped.id), "narrow", code)
    assert 200 == answer.status
    assert driving.screens(phone) <= (FEW if address == "/" or address.startswith(SHORT) else SCREENS)
    assert 0 == driving.overflow(phone)
    driving.resize(phone, driving.SMALLEST)
    assert 0 == driving.overflow(phone)
    assert weight(answer.body(), code) <= MOST


@pytest.mark.parametrize(("address", "code"), [one for one in HEAVIEST if one not in SHOWN])
def test_a_page_weighs_no_more_than_sixty_kilobytes(served, shipped, address, code):
    assert weight(read(served + driving.spoken(address.replace("RELEASE", shipped.id), code)), code) <= MOST


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
    paths = {address.partition("?")[0] for address, _ in HEAVIEST}
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
    assert driving.screens(phone) <= SCREENS
    phone.locator("p.more a[href*='show=given'], nav.pager a").first.click()
    phone.locator("table.stack tbody tr").first.wait_for()


def test_a_long_section_is_one_link_away_in_full(phone):
    phone.goto("/doc/state/kaz")
    phone.locator("a[href='#acts']").click()  # which opens the section
    phone.locator("a[href*='show=acts']").first.click()
    phone.wait_for_url("**show=acts**")
    assert phone.locator("ol.time > li").count() > 100
    phone.locator("a", has_text="The whole page").click()
    phone.wait_for_url("**/doc/state/kaz#acts")

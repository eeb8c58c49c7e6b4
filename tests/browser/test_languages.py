"""One page of each kind in Russian and Kazakh, on a phone: it shuts nobody out, and says in which language its words are."""

import pytest

from tests.browser import driving

PAGES = {
    "home": "/",
    "list": "/decisions",
    "countries": "/countries",
    "about": "/about",
    "method": "/method",
    "contact": "/contact",
    "event": "/doc/event/2012-03-16-port-ansel",
    "act": "/doc/act/2011-06-handover",
    "State": "/doc/state/xar",
    "treaty": "/doc/treaty/cc",
    "provision": "/doc/provision/cc-3",
    "decision": "/doc/decision/cc-1-2010",
    "recommendation": "/doc/recommendation/xar-1-2",
    "document": "/doc/document/rights-watch-2012",
    "passage": "/doc/passage/rights-watch-2012-para-5",
    "body": "/doc/body/custody-committee",
    "place": "/doc/place/port-ansel",
    "concept": "/scheme/right/non-refoulement",
    "scheme": "/scheme/right",
    "questions": "/questions",
    "form": "/questions/rival-figures",
    "answer": "/questions/rival-figures?event=id/event/2012-03-16-port-ansel",
    "answer without rows": "/questions/findings?event=id/event/2012-03-16-port-ansel",
    "bases": "/bases",
    "class": "/dictionary/Act",
    "shapes": "/shapes",
    "search": "/search?q=torture",
    "missing": "/doc/event/nothing",
}
# The title of a page and what its first paragraph says, each with the language that the page gives it.
SPOKEN = """() => [...document.querySelectorAll('h1, p.lead, p.lead > span')].filter(one => one.textContent.trim())
  .map(one => [one.innerText, one.closest('[lang]').lang])"""


@pytest.fixture(scope="module")
def phone(browser, site):
    """Open a page of a phone's size, once for all."""
    with driving.opening(browser, site, size=driving.WIDTHS["narrow"]) as opened:
        yield opened


def in_language(address, code):
    """Write an address with its language."""
    return f"{address}{'&' if '?' in address else '?'}lang={code}"


@pytest.mark.parametrize("code", ["ru", "kk"])
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
def test_a_page_in_another_language_fits_a_phone_and_shuts_nobody_out(phone, address, code):
    assert (404 if address.endswith("nothing") else 200) == phone.goto(in_language(address, code)).status
    assert code == phone.evaluate("document.documentElement.lang")
    assert 0 == driving.overflow(phone)
    assert [] == driving.barriers(phone)


@pytest.mark.parametrize(
    "address", [PAGES[name] for name in ("event", "act", "decision", "document", "concept", "place")]
)
def test_what_is_said_in_english_alone_is_marked_as_english(phone, address):
    assert 200 == phone.goto(in_language(address, "ru")).status
    told = phone.evaluate(SPOKEN)
    assert told
    for text, spoken in told:
        is_russian = any("а" <= letter <= "я" for letter in text.lower())
        assert is_russian or not text.isascii() or spoken == "en", text


def test_a_thing_with_a_name_in_the_language_of_the_page_has_it_as_its_title(phone):
    phone.goto("/scheme/right/non-refoulement?lang=ru")
    assert "невысылка" in phone.locator("h1").inner_text()
    assert phone.locator("h1[lang]").count() == 0

"""Fixtures for the page tests: `site`, the address of a running server, and `page`, a browser's page that is open on it.

Every test that takes `page` runs twice, at a laptop's and at a phone's width. Without a browser the tests are skipped
with the reason, except where CI is true: there they fail, since nobody would look.
"""

import os

import pytest

from tests.browser import driving


@pytest.fixture(scope="session")
def release(world):
    """Let every test of the pages that takes a release take the frozen graph."""
    return world


@pytest.fixture(scope="session")
def site(release):
    """Serve the frozen graph; the address of the server."""
    with driving.serving(release.path.parent) as address:
        yield address


# One browser a file, not one a run: while Playwright runs, its event loop does too, and `asyncio.run` elsewhere would fail.
@pytest.fixture(scope="module")
def browser():
    """Start a browser with a fresh profile."""
    if driving.browser_path() is None:
        missing = f"no browser: install chromium (looked for {', '.join(driving.NAMES)})"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with driving.browsing() as started:
        yield started


@pytest.fixture(scope="module")
def window(browser, site):
    """Open a page for the tests of a module, which give it the width that they want."""
    with driving.opening(browser, site, size=driving.WIDTHS["wide"]) as opened:
        yield opened


@pytest.fixture(params=driving.WIDTHS.values(), ids=driving.WIDTHS.keys())
def page(request, window, site):
    """Give the window each width in turn, and watch it for the time of a test: `page.goto("/questions")`."""
    driving.resize(window, request.param)
    window.mouse.move(0, 0)
    with driving.watching(window, site):
        yield window


@pytest.fixture
def plain_page(browser, site):
    """Open an empty page with JavaScript off."""
    with driving.opening(browser, site, size=driving.WIDTHS["wide"], script=False) as opened:
        yield opened

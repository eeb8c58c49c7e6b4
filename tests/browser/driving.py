"""A real server and a real browser to drive it, for the page tests and for the screenshots.

Promises a server of this tree on the loopback address only, and a browser with a
profile of its own that asks nothing of anybody but that server. Never downloads a browser, never leaves a process.
"""

import shutil
import tomllib
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.api.serving import serve

WIDTHS = {"wide": (1280, 800), "narrow": (390, 844)}  # a laptop and a phone, in CSS pixels
NAMES = ("chromium", "chromium-browser", "google-chrome")  # the Makefile looks for the same
ARGUMENTS = [
    "--no-sandbox",  # chromium refuses to run as root with it, and the only pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))


def browser_path():
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def serving(folder):
    """Serve the current release of a folder of releases; yield the server's address, without a slash at the end."""
    with serve(folder) as server:
        yield server.url


@contextmanager
def browsing():
    """Start the browser with a fresh profile; yield it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opening(browser, site, *, size, script=True):
    """Open an empty page that takes addresses relative to the site; raises AssertionError if it asked anybody else.

    A breach of a page's policy and an uncaught error in its script raise too: what fails silently for a reader fails aloud here.
    """
    width, height = size
    context = browser.new_context(
        base_url=site, viewport={"width": width, "height": height}, java_script_enabled=script, service_workers="block"
    )
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(f"uncaught in script: {error}"))
    page.on("console", lambda message: faults.extend([message.text] * ("Content Security Policy" in message.text)))
    context.on("request", lambda request: faults.extend([f"asked {request.url}"] * foreign(request.url, site)))
    try:
        yield page
    finally:
        context.close()
    if faults:
        raise AssertionError("; ".join(faults))


def foreign(url, site):
    """Tell whether a request left the site; addresses that carry their own content leave nothing."""
    return not url.startswith((site + "/", "data:", "blob:", "about:"))


def barriers(page):
    """List what keeps people out of a page by the WCAG 2.2 A and AA rules of axe, as "rule: selector"."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    # What passes need not be told, and no style sheet comes from elsewhere, so axe loads none again.
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['target'][0]}" for rule in found for node in rule["nodes"]]


def show(page, address, width="wide", code="en"):
    """Open an address in a language, at a width; the status of its answer."""
    resize(page, WIDTHS[width])
    return page.goto(address if code == "en" else f"{address}{'&' if '?' in address else '?'}lang={code}").status


def resize(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})


def screens(page):
    """Measure how many screens of a phone a page is long."""
    return page.evaluate("document.documentElement.scrollHeight") / WIDTHS["narrow"][1]


def overflow(page):
    """Measure by how many CSS pixels a page is wider than its window; 0 on a page that need not be scrolled sideways."""
    return page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)")

"""A real server and a real browser to drive it, for the page tests and for the screenshots.

Promises a server of this tree on the loopback address only, and a browser with a
profile of its own that asks nothing of anybody but that server. Never downloads a browser, never leaves a process.
"""

import shutil
import tomllib
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import sync_playwright

from tests.api.serving import serve

WIDTHS = {"wide": (1280, 800), "narrow": (390, 844)}  # a laptop and a phone, in CSS pixels
SMALLEST = (320, 844)  # where nothing may have to be scrolled sideways (WCAG 1.4.10)
# The Makefile looks for the same. The first has no windows to draw, and spares a quarter of the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
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
    """Open an empty page that takes addresses relative to the site, and watch it."""
    width, height = size
    context = browser.new_context(
        base_url=site, viewport={"width": width, "height": height}, java_script_enabled=script, service_workers="block"
    )
    try:
        page = context.new_page()
        with watching(page, site):
            yield page
    finally:
        context.close()


@contextmanager
def watching(page, site):
    """Raise AssertionError if a page asks anybody but the site, breaches its policy or has an uncaught error in its script.

    What fails silently for a reader fails aloud here.
    """
    faults = []
    heard = {
        (page, "pageerror"): lambda error: faults.append(f"uncaught in script: {error}"),
        (page, "console"): lambda message: faults.extend([message.text] * ("Content Security Policy" in message.text)),
        (page.context, "request"): lambda sent: faults.extend([f"asked {sent.url}"] * foreign(sent.url, site)),
    }
    for (speaker, event), listener in heard.items():
        speaker.on(event, listener)
    try:
        yield
    finally:
        for (speaker, event), listener in heard.items():
            speaker.remove_listener(event, listener)
    if faults:
        raise AssertionError("; ".join(faults))


def foreign(url, site):
    """Tell whether a request left the site; addresses that carry their own content leave nothing."""
    return not url.startswith((site + "/", "data:", "blob:", "about:"))


# The rules of WCAG 2.2 A and AA. What passes need not be told, and no style sheet comes from elsewhere, so axe loads none again.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,
}
JUDGE = """async rules => (await axe.run(rules)).violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target[0]}`))"""
# A page has a handful of colours, each of which axe parses thousands of times: a quarter of its work.
PARSE_ONCE = """() => {
  const Color = axe.commons.color.Color, parse = Color.prototype.parseString, parsed = {};
  Color.prototype.parseString = function (text) {
    const {r, g, b, alpha} = parsed[text] ??= parse.call(new Color(), text);
    return Object.assign(this, {r, g, b, alpha});
  };
}"""


def barriers(page):
    """List what keeps people out of a page by the rules of axe, as "rule: selector"."""
    if page.evaluate("typeof axe === 'undefined'"):
        script = f"{AXE_SCRIPT}\n({PARSE_ONCE})()"
        page.add_init_script(script)  # for what it opens from now on
        page.evaluate(script)
    return page.evaluate(JUDGE, RULES)


def show(page, address, width="wide", code="en"):
    """Open an address in a language, at a width; its answer."""
    resize(page, WIDTHS[width])
    return page.goto(spoken(address, code))


def spoken(address, code):
    """Write the address of a page in a language."""
    return address if code == "en" else f"{address}{'&' if '?' in address else '?'}lang={code}"


def resize(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})


def screens(page):
    """Measure how many screens of a phone a page is long."""
    return page.evaluate("document.documentElement.scrollHeight") / WIDTHS["narrow"][1]


def overflow(page):
    """Measure by how many CSS pixels a page is wider than its window; 0 on a page that need not be scrolled sideways."""
    return page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)")

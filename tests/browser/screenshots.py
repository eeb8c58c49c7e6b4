"""Photographs of one page of each kind, wide and narrow, for people to look at.

Starts from the home page and follows links; two addresses are of one kind when they share their first segment, and for
things (/doc, /id) their second too. Never judges what it sees: that is the page tests' and the reader's work.
Run as `python -m tests.browser.screenshots FOLDER`.
"""

import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tests.browser import driving

LINKS = "links => links.map(link => link.getAttribute('href'))"


def kind(path):
    """Name the kind of page an address leads to, in a form that can name a file."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return "home"
    deep = 2 if parts[0] in {"doc", "id", "scheme"} else 1
    return "-".join(re.sub(r"[^\w]+", "-", part) for part in parts[:deep]) + ("-one" if len(parts) > deep else "")


def kinds(page):
    """Walk the site from its home page; return one address for each kind of page, in the order found."""
    found, waiting = {"home": "/"}, ["/"]
    while waiting:
        here = waiting.pop(0)
        answer = page.goto(here)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in page.eval_on_selector_all("a[href]:not([download])", LINKS):
            target = urlsplit(urljoin(page.url, link))
            inside = target.netloc == urlsplit(page.url).netloc and not re.search(r"\.\w{2,6}$|^/dumps", target.path)
            if inside and kind(target.path) not in found:
                path = target.path + (f"?{target.query}" if target.query else "")
                found[kind(target.path)] = path
                waiting.append(path)
    return found


def photograph(folder):
    """Write <kind>-<width>.png for each kind of page into a folder; say which page is wider than its window."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as releases, driving.browsing() as browser:
        driving.build(releases)
        with driving.serving(releases) as site:
            with driving.opening(browser, site, size=driving.WIDTHS["wide"]) as page:
                addresses = kinds(page)
            for width, size in driving.WIDTHS.items():
                with driving.opening(browser, site, size=size) as page:
                    for name, address in addresses.items():
                        page.goto(address)
                        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
                        beyond = driving.overflow(page)
                        print(f"{name}-{width}.png  {address}" + (f"  {beyond} px too wide" if beyond else ""))


if __name__ == "__main__":
    photograph(Path(sys.argv[1]))

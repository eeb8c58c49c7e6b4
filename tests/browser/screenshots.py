"""Photographs of the pages of pages.toml on the shipped data, wide and narrow, for people to look at.

They are of the current release. Run as `python -m tests.browser.screenshots FOLDER`.
"""

import re
import sys
from pathlib import Path

from kg import release as releases
from kg.config import Settings
from tests.browser import driving

ADDRESSES = [address for name in ("longest", "answers", "heavy") for address in driving.PAGES["shipped"][name]]


def photograph(folder):
    """Write <address>-<width>.png for each page into a folder; say which page is wider than its window."""
    folder.mkdir(parents=True, exist_ok=True)
    release = releases.current(Settings.load().out)
    with driving.serving(release.path.parent) as site, driving.browsing() as browser:
        for width, size in driving.WIDTHS.items():
            with driving.opening(browser, site, size=size) as page:
                for address in ADDRESSES:
                    page.goto(address.replace("RELEASE", release.id))
                    kind = re.sub(r"\W+", "-", address).strip("-") or "home"
                    page.screenshot(path=folder / f"{kind}-{width}.png", full_page=True)
                    beyond = driving.overflow(page)
                    print(f"{kind}-{width}.png  {address}" + (f"  {beyond} px too wide" if beyond else ""))


if __name__ == "__main__":
    photograph(Path(sys.argv[1]))

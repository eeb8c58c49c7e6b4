"""A real server and a real browser to drive it, for the page tests and for the screenshots.

Promises a server of this tree on a release of this tree's data, on the loopback address only, and a browser with a
profile of its own that asks nothing of anybody but that server. Never downloads a browser, never leaves a process.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
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
READY_WITHIN = 30  # seconds from the start of the server to its first answer


def browser_path():
    """Find the installed browser, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def free_port():
    """Ask the system for a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder):
    """Return the environment in which `kg` keeps its releases in a folder."""
    return {**os.environ, "ANSWERABLE_OUT": str(folder)}


def build(folder):
    """Build a release of this tree's data into a folder; raises RuntimeError with what `kg build` said."""
    command = [sys.executable, "-m", "kg", "build"]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment(folder), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"kg build ended with {done.returncode}:\n{done.stdout}{done.stderr}")


@contextmanager
def serving(folder):
    """Serve the current release of a folder of releases; yield the server's address, without a slash at the end."""
    port = str(free_port())
    command = [sys.executable, "-m", "kg", "serve", "--port", port]
    with tempfile.TemporaryFile() as log:
        # In a session of its own, so that its workers can be ended with it.
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            wait_for(server, f"http://127.0.0.1:{port}/health", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            end(server)


def wait_for(server, url, log):
    """Wait until a server answers; raises RuntimeError with the server's own words if it ends or is late."""
    late = time.monotonic() + READY_WITHIN
    while time.monotonic() < late and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    state = "is late" if server.poll() is None else f"ended with {server.returncode}"
    log.seek(0)
    raise RuntimeError(f"the server {state}:\n{log.read().decode(errors='replace')}")


def end(server):
    """Ask a server to stop, and make it and its workers stop if they do not."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:  # all of them had gone
        pass
    server.wait()


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

    An uncaught error in a page's script raises too: a page that fails silently for its reader fails aloud here.
    """
    width, height = size
    context = browser.new_context(
        base_url=site, viewport={"width": width, "height": height}, java_script_enabled=script, service_workers="block"
    )
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(f"uncaught in script: {error}"))
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
    # What passes need not be told.
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['target'][0]}" for rule in found for node in rule["nodes"]]


def overflow(page):
    """Measure by how many CSS pixels a page is wider than its window; 0 on a page that need not be scrolled sideways."""
    return page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)")

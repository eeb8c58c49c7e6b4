"""`kg publish`: a finished release into another SPARQL 1.1 server."""

from __future__ import annotations

import argparse
import asyncio
import sys

from kg import release
from kg.commands import options
from kg.config import Settings
from kg.remote import upload
from kg.remote.server import Server


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("--to", metavar="URL", required=True, help="SPARQL 1.1 server, by the address of its queries")
    parser.add_argument("--release", metavar="ID", help="the release (default: the current one)")


def run(given: argparse.Namespace) -> int:
    """Put a finished release into another SPARQL 1.1 server."""
    out = Settings.load(out=given.out).out
    found = release.find(out, given.release) if given.release else release.current(out)
    asyncio.run(upload.upload(Server(given.to), found, _progress()))
    return 0


def _progress() -> upload.Progress:
    """Show progress: a bar on a terminal, elsewhere a line for each tenth of the work."""
    wide = 24
    shown = -1

    def show(done: float, text: str) -> None:
        nonlocal shown
        if sys.stderr.isatty():
            full = int(wide * done)
            end = "\n" if done >= 1 else ""
            print(f"\r\x1b[K[{'█' * full}{' ' * (wide - full)}] {text}", end=end, file=sys.stderr, flush=True)
        elif int(10 * done) > shown:
            shown = int(10 * done)
            print(text, file=sys.stderr, flush=True)

    return show

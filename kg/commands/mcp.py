"""`kg mcp`: the current release for language models, over the Model Context Protocol."""

import argparse
import asyncio

from kg.commands import options
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """Serve a release to a client of the Model Context Protocol on standard input and output, to read only."""
    from kg.mcp.release import Readable  # slow to load, and needed by this command alone
    from kg.mcp.server import serve

    settings = Settings.load(out=arguments.out)
    asyncio.run(serve(Readable(options.find_release(settings, arguments.release), settings)))
    return 0

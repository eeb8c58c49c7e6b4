"""`kg mcp`: the current release for language models, over the Model Context Protocol."""

import argparse
import asyncio
from dataclasses import replace

from kg.answer.opened import OpenRelease
from kg.commands import options
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """Serve a release to a client of the Model Context Protocol on standard input and output, to read only."""
    from kg.mcp.server import serve  # slow to load, and needed by this command alone
    from kg.mcp.tools import ToolContext

    settings = replace(Settings.load(out=arguments.out), workers=1, page_workers=1)
    asyncio.run(serve(ToolContext(OpenRelease(options.find_release(settings, arguments.release), settings))))
    return 0

"""`kg mcp` in a process of its own, and the protocol's own client to talk with it."""

import os
import sys
from contextlib import asynccontextmanager

from kg.config import PROJECT

DEADLINE = 60  # seconds that a query may take: beside the other tests of a run it may wait long for its turn


@asynccontextmanager
async def over_stdio(release):
    """Talk with a server of this release on its standard input and output."""
    # Here, since each process collects what imports this file, and these take a second.
    from mcp import StdioServerParameters
    from mcp.client import Client
    from mcp.client.stdio import stdio_client

    deadlines = {f"ANSWERABLE_{name}": str(DEADLINE) for name in ("DEADLINE", "PAGE_DEADLINE")}
    environment = {"PYTHONPATH": str(PROJECT), "PATH": os.environ["PATH"], **deadlines}
    command = ["-m", "kg", "mcp", "--out", str(release.path.parent)]
    server = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=str(PROJECT))
    # By itself it writes errors to what standard error was when it was imported, maybe within another test.
    async with Client(stdio_client(server, errlog=sys.__stderr__)) as client:
        yield client

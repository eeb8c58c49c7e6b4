"""`kg query`: any SPARQL query on the current release."""

import argparse
import asyncio
import sys
from dataclasses import replace

from kg.answer import formats
from kg.answer.engine import Capacity
from kg.answer.pool import Pool
from kg.commands import options
from kg.config import Settings
from kg.errors import QuerySyntaxError, named_after


def run(arguments: argparse.Namespace) -> int:
    """Run any SPARQL query on the current release, with the deadline and the limits of the server."""
    settings = Settings.load(out=arguments.out)
    here = options.find_release(settings)
    text = options.read(arguments.file)
    capacity = replace(Capacity.for_queries(settings), size=1)
    with named_after("standard input" if arguments.file == "-" else arguments.file, QuerySyntaxError):
        answer = asyncio.run(_ask(Pool(here.store_path, capacity), text, arguments.format))
    sys.stdout.buffer.write(answer)
    return 0


async def _ask(pool: Pool, text: str, format: str) -> bytes:
    try:
        await pool.start()
        return await formats.write_query(pool, text, format)
    finally:
        pool.close()
        await pool.wait_closed()

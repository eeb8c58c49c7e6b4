"""`kg query`: any SPARQL query on the current release."""

import argparse
import asyncio
import os
import sys
from dataclasses import replace

from kg.answer import formats
from kg.answer.engine import Capacity
from kg.answer.pool import Pool
from kg.commands import options
from kg.config import Settings
from kg.errors import AnswerTooLarge, QueryOutOfMemory, QuerySyntaxError, QueryTimeout, named_after
from kg.store import Limits

YEAR = 365 * 24 * 3600.0  # seconds: no query runs for longer


def run(arguments: argparse.Namespace) -> int:
    """Run any SPARQL query on the current release, with the deadline and the limits of the server, or without."""
    settings = Settings.load(out=arguments.out, deadline=arguments.deadline)
    here = options.find_release(settings)
    text = options.read(arguments.file)
    capacity = replace(Capacity.for_queries(settings), size=1)
    if arguments.no_limits:
        capacity = replace(
            capacity,
            deadline=settings.deadline if arguments.deadline else YEAR,
            memory=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
            limits=Limits(sys.maxsize, sys.maxsize, sys.maxsize, settings.max_depth),
        )
    with named_after("standard input" if arguments.file == "-" else arguments.file, QuerySyntaxError):
        try:
            answer = asyncio.run(_ask(Pool(here.store_path, capacity), text, arguments.format))
        except (AnswerTooLarge, QueryOutOfMemory, QueryTimeout) as error:
            error.hint = "Ask for less, or give --deadline SECONDS or --no-limits"
            raise
    sys.stdout.buffer.write(answer)
    return 0


async def _ask(pool: Pool, text: str, format: str) -> bytes:
    try:
        await pool.start()
        return await formats.write_query(pool, text, format)
    finally:
        pool.close()
        await pool.wait_closed()

"""`kg query`: any SPARQL query on the current release."""

import argparse
import asyncio
import os
import sys
from dataclasses import replace

from kg.answer import formats
from kg.answer.cache import SingleFlight
from kg.answer.engine import Capacity
from kg.answer.hints import HintingEngine
from kg.answer.pool import Pool
from kg.commands import options
from kg.config import Settings
from kg.errors import AnswerTooLarge, QueryOutOfMemory, QuerySyntaxError, QueryTimeout, named_after
from kg.search.search import Search
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
            pool = Pool(here.store_path, capacity)
            engine = HintingEngine(pool, pool, SingleFlight(), lambda: Search(here.path))
            answer = asyncio.run(_ask(pool, engine, text, arguments.format))
        except (AnswerTooLarge, QueryOutOfMemory, QueryTimeout) as error:
            error.hint = f"{error.hint}. More is given by --deadline SECONDS and --no-limits"
            raise
    sys.stdout.buffer.write(answer)
    if engine.hint:
        print(engine.hint, file=sys.stderr)
    return 0


async def _ask(pool: Pool, engine: HintingEngine, text: str, format: str) -> bytes:
    try:
        await pool.start()
        return await formats.write_query(engine, text, format)
    finally:
        pool.close()
        await pool.wait_closed()

"""`kg publish`: a finished release into another SPARQL 1.1 server."""

import argparse
import asyncio
from pathlib import Path

from kg.commands import options
from kg.config import Settings
from kg.errors import ConfigError
from kg.release import Release
from kg.remote import upload
from kg.remote.server import Server


def run(arguments: argparse.Namespace) -> int:
    """Put a finished release into another SPARQL 1.1 server."""
    settings = Settings.load(out=arguments.out, engine=arguments.to)
    if settings.engine is None:
        raise ConfigError("No server is named", where="--to", hint="Write --to URL, or set ANSWERABLE_ENGINE")
    chosen = options.find_release(settings, arguments.release)
    asyncio.run(_upload(Server(settings.engine), chosen, settings.root))
    return 0


async def _upload(server: Server, chosen: Release, root: Path) -> None:
    async with server:
        await upload.upload(server, chosen, options.progress(), root)

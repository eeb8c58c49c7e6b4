"""`kg serve`: the server."""

import argparse
import gc
import logging
import math
import resource
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kg import memory, release
from kg.config import Settings

log = logging.getLogger("answerable.releases")
SWITCH = 0.0005  # seconds that a thread works before the event loop, which has more to do for less, may go on
OBJECTS = 20_000  # not yet let go of, when the collector looks for cycles; the server stops for 10 to 20 ms then
LARGE = 64 << 10  # bytes of a block of memory that would leave holes, were it not given back as soon as it is free
RETAINED = 1 << 20  # bytes of free memory that the server retains


def run(arguments: argparse.Namespace) -> int:
    """Serve the current release until interrupted."""
    # A page makes many small objects and lets go of them at once, and an import makes many that stay: the collector of cycles
    # need not look at them so often.
    gc.set_threshold(OBJECTS)
    import uvicorn  # here, so that no other command waits for the server's libraries

    from api.app import create_app
    from api.http import logs, server
    from api.render import page

    settings = Settings.load(
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        out=_releases_of(arguments.release),
        engine=arguments.engine,
    )
    release.current(settings.out)
    logs.set_up(settings)
    if release.unfinished_removals(settings.out):
        log.warning(release.UNFINISHED)
    # uvicorn lets the requests end, then raises the signal again: exit with 0 instead of dying of it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(ValueError, OSError):  # as many connections as the system allows
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)  # of which connections may take a third
    most = settings.connections if files == resource.RLIM_INFINITY else min(settings.connections, files // 3)
    app = create_app(replace(settings, connections=most))
    sys.setswitchinterval(SWITCH)
    gc.freeze()  # the code and the libraries stay as long as the process
    memory.tune(large=LARGE, retained=RETAINED)
    threading.Thread(target=page.warm, daemon=True).start()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=server.protocol(app),
        loop="uvloop",
        ws="none",
        server_header=False,
        access_log=False,
        timeout_keep_alive=math.ceil(settings.head_seconds),
        log_config=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
    )
    running = server.HttpServer(config)
    with suppress(KeyboardInterrupt):
        running.run()
    return 0 if running.started else uvicorn.config.STARTUP_FAILURE


def _releases_of(folder: str | None) -> str | None:
    """Take `releases/current` for `releases`, so that a server follows the switch to the next release."""
    if folder is None:
        return None
    path = Path(folder)
    return str(path.parent) if path.name == release.CURRENT and path.is_symlink() else folder

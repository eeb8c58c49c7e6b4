"""Options that several commands share, and how they read and write files."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kg import release
from kg.config import Settings
from kg.errors import BadParameter, SourceError
from kg.release import Release


class Option:
    """An option or an argument of a command, as argparse takes it."""

    def __init__(self, *names: str, **settings: Any) -> None:
        self.names, self.settings = names, settings


class Pair(argparse.Action):
    """Takes `name=value`, and again; the values by their names."""

    def __call__(self, parser: object, namespace: object, values: Any, option: str | None = None) -> None:
        """Add the pair. Raises BadParameter."""
        key, sign, value = values.partition("=")
        if not sign:
            raise BadParameter(f"{values!r} gives no value", where=option, hint=f"Write {option} name=value")
        setattr(namespace, self.dest, {**getattr(namespace, self.dest), key: value})


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number of at least 1 is needed")
    return int(text)


OUT = Option("--out", metavar="DIR", help="folder of the releases")
JOBS = Option("--jobs", type=_count, metavar="N", help="checks to ask at the same time (default: one a core)")
DATA = Option(
    "--data", action="append", default=[], type=Path, metavar="DIR", help="folder laid over data/; repeatable"
)
WITHOUT = Option(
    "--without",
    action="append",
    default=[],
    metavar="NAME",
    help="leave the folder or the table NAME of data/ out, such as findings; repeatable",
)
PARAMETERS = Option("-p", dest="parameters", action=Pair, default={}, metavar="KEY=VALUE", help="a parameter")


def find_release(settings: Settings, name: str | None = None) -> Release:
    """Find a release by its id, or the current one. Raises UnknownName."""
    return release.find(settings.out, name) if name else release.current(settings.out)


def read_bytes(name: str) -> bytes:
    """Read a file, or standard input for `-`. Raises SourceError."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=name) from None


def read(name: str) -> str:
    """Read a file, or standard input for `-`, as UTF-8 text. Raises SourceError."""
    try:
        return read_bytes(name).decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError("The file is not UTF-8 text", where=name, hint="Save it as UTF-8") from None


def progress() -> Callable[[float, str], None]:
    """Make what shows how much is done, from 0 to 1: a bar on a terminal, elsewhere a line for each tenth."""
    wide, shown = 24, -1

    def show(done: float, text: str) -> None:
        nonlocal shown
        if sys.stderr.isatty():
            full, end = int(wide * done), "\n" if done >= 1 else ""
            print(f"\r\x1b[K[{'█' * full}{' ' * (wide - full)}] {text}", end=end, file=sys.stderr, flush=True)
        elif int(10 * done) > shown:
            shown = int(10 * done)
            print(text, file=sys.stderr, flush=True)

    return show

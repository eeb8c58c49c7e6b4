"""Options that several commands share, and how they read and write files."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kg.errors import BadParameter, SourceError


class Option:
    """An option or an argument of a command, as argparse takes it."""

    def __init__(self, *names: str, **settings: Any) -> None:
        self.names, self.settings = names, settings

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Add the option to a parser."""
        parser.add_argument(*self.names, **self.settings)


class Kinds:
    """What a command can be about: each kind with a sentence and its own options."""

    def __init__(self, **kinds: tuple[str, Iterable[Option]]) -> None:
        self.kinds = kinds

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Add a parser for each kind; `what` is the kind that was chosen."""
        parsers = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
        for kind, (text, options) in self.kinds.items():
            inner = parsers.add_parser(kind, help=text)
            for option in options:
                option.add_to(inner)


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
PARAMETERS = Option("-p", dest="parameters", action="append", default=[], metavar="KEY=VALUE", help="a parameter")


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


def pair(text: str, option: str = "-p") -> tuple[str, str]:
    """Split `name=value`. Raises BadParameter."""
    key, sign, value = text.partition("=")
    if not sign:
        raise BadParameter(f"{text!r} gives no value", where=option, hint=f"Write {option} name=value")
    return key, value


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

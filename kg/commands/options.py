"""Options that several commands share, and how they read and write files."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kg.errors import BadParameter, SourceError


def out(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the folder of the releases."""
    parser.add_argument("--out", metavar="DIR", help="folder of the releases")


def jobs(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how many checks are asked at the same time."""
    parser.add_argument("--jobs", type=_count, metavar="N", help="checks to ask at the same time (default: one a core)")


def without(parser: argparse.ArgumentParser) -> None:
    """Add the option that leaves a folder of data/ out."""
    text = "leave the folder or the table NAME of data/ out, such as findings; repeatable"
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help=text)


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
    wide, shown, last = 24, -1, 0.0

    def show(done: float, text: str) -> None:
        nonlocal shown, last
        again, last = done < last, done  # the build begins again, and has said why
        if sys.stderr.isatty():
            full, end = int(wide * done), "\n" if done >= 1 or again else ""
            print(f"\r\x1b[K[{'█' * full}{' ' * (wide - full)}] {text}", end=end, file=sys.stderr, flush=True)
        elif int(10 * done) > shown or again:
            shown = int(10 * done)
            print(text, file=sys.stderr, flush=True)

    return show


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number of at least 1 is needed")
    return int(text)

"""The arguments of the commands, as options.toml declares them, and how commands read and write files."""

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kg import release
from kg.config import Settings
from kg.errors import BadParameter, SourceError
from kg.files import decode, read_toml
from kg.release import Release


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


@cache
def create_parser() -> argparse.ArgumentParser:
    """Create the parser of the command line that options.toml declares; `command` is its name, `what` the kind of thing it is about."""
    declared = read_toml(__file__)
    parser = argparse.ArgumentParser(prog="kg", description="Build, check, ask and serve the knowledge graph.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in declared["commands"].items():
        text = command["help"]
        inner = commands.add_parser(name, help=text.rstrip("."), description=text)
        _declare(inner, command, declared["shared"])
        if "kinds" in command:
            kinds = inner.add_subparsers(dest="what", required=True, metavar="WHAT")
            for kind, settings in command["kinds"].items():
                _declare(kinds.add_parser(kind, help=settings["help"]), settings, declared["shared"])
    return parser


def _declare(parser: argparse.ArgumentParser, command: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    for name, read in {"path": Path, "count": _count, "float": float}.items():
        parser.register("type", name, read)
    parser.register("action", "pair", Pair)
    arguments = {name: shared[name] for name in command.get("shared", ())} | command.get("options", {})
    for name, settings in arguments.items():
        parser.add_argument(name, **settings)


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
    return decode(read_bytes(name), name)


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

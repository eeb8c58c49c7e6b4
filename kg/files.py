"""Files of text and of settings: how they are read, replaced at once, and written through to the disk."""

import os
import tomllib
from pathlib import Path
from typing import Any

from kg.errors import SourceError, WriteFailed


def read_text(path: Path) -> str:
    """Read a file as UTF-8 text. Raises SourceError for one that is none."""
    return decode(path.read_bytes(), str(path))


def decode(data: bytes, where: str) -> str:
    """Read the bytes of a file as UTF-8 text. Raises SourceError, which names the file, for what is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError("The file is not UTF-8 text", where=where, hint="Save it as UTF-8") from None


def read_toml(module: str, name: str = "") -> dict[str, Any]:
    """Read the TOML that stands beside a module, under its name or another; `module` is its `__file__`."""
    path = Path(module).with_name(f"{name or Path(module).stem}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def write_file(path: Path, text: str) -> None:
    """Replace a file at once: its name leads to the old text or to the new. Raises WriteFailed."""
    path = path.resolve()  # a link stays one
    aside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, encoding="utf-8")
        sync(aside)
        os.replace(aside, path)
        sync(path.parent)
    except OSError as error:
        raise WriteFailed(f"The file cannot be written ({error.strerror})", where=str(path)) from None


def sync(path: Path) -> None:
    """Write a file or a folder's list of names through to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

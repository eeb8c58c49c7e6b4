"""Files of text: how they are read, replaced at once, and written through to the disk."""

import os
from pathlib import Path

from kg.errors import SourceError, WriteFailed


def read_text(path: Path) -> str:
    """Read a file as UTF-8 text. Raises SourceError for one that is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SourceError("The file is not UTF-8 text", where=str(path), hint="Save it as UTF-8") from None


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

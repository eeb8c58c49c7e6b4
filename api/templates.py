"""The templates of the pages: their environment, and the fingerprint that invalidates cached pages when they change."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import assets, rows
from api.page import amount, other_names, query_string, when
from kg.terms import LICENCE


@cache
def environment() -> Environment:
    """Make the template environment: text is escaped, and an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(assets.PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        gather=rows.gather,
        in_order=rows.in_order,
        other_names=other_names,
        by_number=rows.by_number,
        when=when,
        amount=amount,
        sentence=lambda text: text[:1].upper() + text[1:],
    )
    made.globals.update(when=when, licence=LICENCE, style=assets.path("style.css"), query_string=query_string)
    return made


def fill(template: str, **context: Any) -> bytes:
    """Fill a template."""
    return environment().get_template(template).render(**context).encode()


@cache
def code_tag() -> str:
    """Fingerprint the code and the templates; it is part of every ETag, since new code gives new pages of an old release."""
    digest = hashlib.sha256()
    folders = (assets.PAGES, Path(__file__).parent)
    suffixes = (".html", ".css", ".js", ".py")
    for path in sorted({path for folder in folders for path in folder.rglob("*") if path.suffix in suffixes}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]

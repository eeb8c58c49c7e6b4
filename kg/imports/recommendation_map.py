"""The map of a table of recommendations: which column is what, and what its values stand for. It is a file in TOML.

[table]      key: how the IDs begin; encoding (utf-8) and separator (a comma) of the files
[document]   key, label and date of the table as a source, and description, link, publisher and note
[columns]    state, maker, text, response, session; and number, subjects, date, response_date where there are such
[text]       keep = "hash", the default, or "paraphrase": whether the text stands in the graph as words of its own
[subjects]   separator of several subjects in a cell; [subjects.rights] gives rights by subject
[responses]  the concept of scheme/response by what the table writes
[sessions.N] cycle and date of a session, at the precision known; and its name
[reviews]    key (upr) and name of a review; described = "leave", the default, or "beside": what becomes of rows of reviews
             that the project's data describe
[names]      the code of a State by a name that the graph does not have
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg import terms
from kg.errors import SourceError
from kg.imports.sheet import cells
from kg.imports.sheet.cells import SheetCell, Wrong
from kg.imports.sheet.known import SheetVocabulary
from kg.names import nearest
from kg.terms import Literal

_KEYS: Mapping[str, tuple[str, ...]] = {
    "table": ("key", "encoding", "separator"),
    "document": ("key", "label", "date", "description", "link", "publisher", "note"),
    "columns": ("state", "maker", "text", "response", "session", "number", "subjects", "date", "response_date"),
    "text": ("keep",),
    "subjects": ("separator", "rights"),
    "responses": (),
    "sessions": (),
    "reviews": ("key", "name", "described"),
    "names": (),
}
_NEEDED = (
    ("table", "key"),
    ("document", "label"),
    *(("columns", item) for item in ("state", "maker", "text", "response", "session")),
)
_CHOICES = {("text", "keep"): ("hash", "paraphrase"), ("reviews", "described"): ("leave", "beside")}


@dataclass(frozen=True, slots=True)
class Session:
    """A session: the number of its cycle of reviews, its date, and what it is called."""

    cycle: int
    date: Literal
    name: str


@dataclass(frozen=True, slots=True)
class Map:
    """A map that was read: the sections as they stand, and what they name, looked up in the graph."""

    path: str
    sections: Mapping[str, Mapping[str, Any]]
    sessions: Mapping[str, Session]
    responses: Mapping[str, str]  # value of the table -> key of scheme/response
    rights: Mapping[str, list[str]] = field(default_factory=dict)  # subject -> IRIs

    def get(self, section: str, key: str, otherwise: str = "") -> str:
        """Read a value of a section."""
        return str(self.sections.get(section, {}).get(key, otherwise))

    @property
    def key(self) -> str:
        """How IDs begin."""
        return self.get("table", "key")

    @property
    def document(self) -> str:
        """The key of the table as a document."""
        return self.get("document", "key", self.key)


def read(path: Path, context: SheetVocabulary) -> Map:
    """Read a map. Raises SourceError for what is missing, unknown or not in the graph."""
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"The map cannot be read ({error.strerror})", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"The map is no TOML: {error}", where=str(path)) from None
    where = str(path)
    _judge(sections, where)
    responses = {
        key: _concept(context, "response", value, where) for key, value in sections.get("responses", {}).items()
    }
    rights = {
        subject: [f"{terms.SCHEME}right/{_concept(context, 'right', value, where)}" for value in _listed(values)]
        for subject, values in sections.get("subjects", {}).get("rights", {}).items()
    }
    sessions = {key: _session(key, value, where) for key, value in sections.get("sessions", {}).items()}
    return Map(where, sections, sessions, responses, rights)


def _judge(sections: Mapping[str, Any], where: str) -> None:
    """Raise SourceError for a section or key that is unknown or missing, and a value that cannot be."""
    for name, section in sections.items():
        if name not in _KEYS or not isinstance(section, dict):
            raise SourceError(f"[{name}] is no section of a map", where=where, hint=_offer(name, _KEYS))
        for key in section:
            if _KEYS[name] and key not in _KEYS[name]:
                raise SourceError(f"[{name}] has no key {key!r}", where=where, hint=_offer(key, _KEYS[name]))
    for name, key in _NEEDED:
        if not str(sections.get(name, {}).get(key, "")).strip():
            raise SourceError(f"[{name}] does not say {key}", where=where, hint=f"Write {key} = …")
    for (name, key), values in _CHOICES.items():
        if sections.get(name, {}).get(key, values[0]) not in values:
            raise SourceError(f"[{name}] {key} is not one of {', '.join(values)}", where=where)
    for key in (sections["table"]["key"], sections.get("document", {}).get("key", "x")):
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key):
            raise SourceError(f"{key!r} is no key", where=where, hint="Write small letters, digits and hyphens")
    try:
        b"a".decode(sections["table"].get("encoding", "utf-8"))
    except (LookupError, UnicodeError):  # there is none, or it is of no text
        raise SourceError(
            f"There is no encoding {sections['table']['encoding']!r}",
            where=where,
            hint="Such as utf-8, latin-1, mac-roman, cp1252",
        ) from None


def _offer(word: str, context: Any) -> str:
    near = nearest(word, list(context))
    return f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(context)}"


def _listed(values: Any) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def _concept(context: SheetVocabulary, scheme: str, value: str, where: str) -> str:
    """Find the key of a concept by its key, path or label."""
    labels = context.concepts[scheme]
    keys = {iri.rpartition("/")[2] for iri in labels.values()}
    key = value.rpartition("/")[2]
    if key in keys:
        return key
    if value in labels:
        return labels[value].rpartition("/")[2]
    raise SourceError(f"{value!r} is no concept of scheme/{scheme}", where=where, hint=_offer(key, sorted(keys)))


def _session(key: str, content: Any, where: str) -> Session:
    if not isinstance(content, dict) or not isinstance(content.get("cycle"), int) or "date" not in content:
        hint = f'Write [sessions.{key}] with cycle = 1 and date = "2010-02"'
        raise SourceError(f"Session {key} does not say its cycle and its date", where=where, hint=hint)
    try:
        date = cells.date(SheetCell(str(content["date"])))
    except Wrong as wrong:
        raise SourceError(f"Session {key}: {wrong.content}", where=where, hint=wrong.hint) from None
    return Session(content["cycle"], date, str(content.get("name", f"session {key}")))

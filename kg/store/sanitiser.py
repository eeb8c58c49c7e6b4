"""What a source file may not hold, looked for in its bytes and in the IRIs it states, and told with its line.

Terms nested without end would crash a parser; the character NUL, schemes such as javascript: and relative IRIs in JSON-LD are
let through by parsers.
"""

import re

from kg.errors import SourceError

SCHEMES = ("http", "https", "mailto", "urn", "tel", "geo", "tag", "info", "doi", "ftp")
NO_BASE = "http://relative.invalid/"  # what to resolve against where relative IRIs would otherwise vanish
MAX_NESTING = 200  # levels of brackets; parsers overflow their stack at some thousands

# An IRI in angle brackets with a colon, or an escape that may be one, that does not begin with a scheme of ours; it may also
# be text in a literal that looks like one. An IRI without a colon is relative, and has the scheme of its base.
_SUSPECT = re.compile(rb"<(?!(?:" + "|".join(SCHEMES).encode() + rb"):)[^\s<>\"{}|^`]*[:\\][^\s<>]*>", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_NUL = re.compile(rb"\0|\\u0000|\\U00000000")
# Strings, IRIs and comments: brackets inside them open nothing.
_OPAQUE = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    rb"|<[^\s<>\"]*>|#[^\n]*",
    re.DOTALL,
)
_JSON_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def refuse_bytes(data: bytes, format: str, source: str) -> None:
    """Raise SourceError when a file holds NUL or nests its terms deeper than a parser bears."""
    nul = _NUL.search(data)
    if nul:
        raise blame("A text holds the character NUL", data, nul.start(), source, "Take it out")
    if format == "jsonld":
        _refuse_nesting(data, _JSON_TEXT, rb"[\[{]|[\]}]", MAX_NESTING, source)
        return
    if b"<<" in data:
        _refuse_nesting(data, _OPAQUE, rb"<<|>>", 1, source)
    if data.count(b"[") + data.count(b"(") > MAX_NESTING:
        _refuse_nesting(data, _OPAQUE, rb"[\[(]|[\])]", MAX_NESTING, source)


def is_suspect(data: bytes) -> bool:
    """Say whether a Turtle-like file may state an IRI to be refused, so that its IRIs need to be looked at singly."""
    return bool(_SUSPECT.search(data))


def refuse_iri(iri: str, data: bytes, source: str) -> None:
    """Raise SourceError for an IRI that is relative (resolved against NO_BASE) or whose scheme is not in SCHEMES."""
    if iri.startswith(NO_BASE):
        iri = iri.removeprefix(NO_BASE)
        raise blame(f"{iri!r} is a relative IRI", data, data.find(iri.encode()), source, "Write it in full")
    scheme = _SCHEME.match(iri)
    if scheme is None or scheme[1].lower() not in SCHEMES:
        place = data.find(iri.encode())
        raise blame(f"{iri!r} has a scheme that is not accepted", data, place, source, "Use " + ", ".join(SCHEMES))


def blame(message: str, data: bytes, offset: int, source: str, hint: str) -> SourceError:
    """Make the error for a place in a file, given as an offset in bytes; below 0 the place is not known."""
    if offset < 0:
        return SourceError(message, where=source, hint=hint)
    before = data[:offset].decode("utf-8", "replace")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return SourceError(message, where=source, hint=hint, line=line, column=column)


def _refuse_nesting(data: bytes, opaque: re.Pattern[bytes], brackets: bytes, limit: int, source: str) -> None:
    blanked = opaque.sub(lambda match: b" " * len(match[0]), data)
    depth = 0
    for match in re.finditer(brackets, blanked):
        depth += 1 if match[0] in (b"[", b"{", b"(", b"<<") else -1
        if depth > limit:
            raise blame("Terms are nested too deep", data, match.start(), source, "State them one by one")

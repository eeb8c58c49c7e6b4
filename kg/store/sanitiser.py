"""What a source file may not hold, looked for in its bytes and in the IRIs it states.

Promises to find, before a parser is troubled, what would crash it (terms nested without end) and what parsers wave through
(the character NUL, schemes such as javascript:, relative IRIs that JSON-LD drops in silence), and to say on which line.
Knows no parser and reads no file.
"""

import re

from kg.errors import SourceError

SCHEMES = ("http", "https", "mailto", "urn", "tel", "geo", "tag", "info", "doi", "ftp")
NO_BASE = "http://relative.invalid/"  # what to resolve against where relative IRIs would otherwise vanish
MAX_NESTING = 200  # levels of a JSON-LD document; parsers overflow their stack at some thousands

# An IRI in angle brackets that does not begin with a scheme of ours; it may also be text in a literal that looks like one.
_SUSPECT = re.compile(rb"<(?!(?:" + "|".join(SCHEMES).encode() + rb"):)[^\s<>\"{}|^`]*>", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_NUL = re.compile(rb"\0|\\u0000|\\U00000000")
# Strings, IRIs and comments: brackets inside them open nothing.
_OPAQUE = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    rb"|<[^\s<>\"]*>|#[^\n]*",
    re.DOTALL,
)
_JSON_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PLACE = re.compile(r"^Parser error (?:at|between) .*?: ", re.DOTALL)
_MENDING = (
    ("has not been declared", "Declare it at the top of the file: @prefix name: <IRI> ."),
    ("No scheme found", "Write the IRI in full, from https:// on; relative IRIs are not resolved"),
    ("A dot is expected", "End the statement before this one with a full stop"),
    ("Unexpected end", "Something opened here is never closed: look for a missing quote, bracket or full stop"),
    ("UTF-8", "Save the file as UTF-8"),
    ("IRI code point", "An IRI has no spaces, quotes or braces: percent-encode them"),
    ("LoadDocumentCallback", "Write the @context into the file; contexts are not fetched"),
    ("not a valid RDF object", "A value is missing before this, or there is a comma or semicolon too many"),
)


def refuse_bytes(data: bytes, format: str, source: str) -> None:
    """Raise SourceError when a file holds NUL or nests its terms deeper than a parser bears."""
    nul = _NUL.search(data)
    if nul:
        raise blame("A text holds the character NUL", data, nul.start(), source, "Take it out")
    if format == "jsonld":
        _refuse_nesting(data, _JSON_TEXT, rb"[\[{]|[\]}]", MAX_NESTING, source)
    elif b"<<" in data:
        _refuse_nesting(data, _OPAQUE, rb"<<|>>", 1, source)


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


def explain(error: SyntaxError, source: str) -> SourceError:
    """Turn a parser's complaint into one with a place and a way to mend the file."""
    message = _PLACE.sub("", error.msg)
    hint = next((hint for part, hint in _MENDING if part in message), None)
    return SourceError(message, where=source, line=error.lineno, column=error.offset, hint=hint)


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
        depth += 1 if match[0] in (b"[", b"{", b"<<") else -1
        if depth > limit:
            raise blame("Terms are nested too deep", data, match.start(), source, "State them one by one")

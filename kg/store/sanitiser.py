"""What a source file may not hold, looked for in its text and in the IRIs it states.

Terms nested without end would crash a parser; the character NUL, schemes such as javascript: and relative IRIs in JSON-LD are
let through by parsers.
"""

import re

from kg import sparql
from kg.errors import SourceError

SCHEMES = ("http", "https", "mailto", "urn", "tel", "geo", "tag", "info", "doi", "ftp")
NO_BASE = "http://relative.invalid/"  # what to resolve against where relative IRIs would otherwise vanish
MAX_NESTING = 200  # levels of brackets; parsers overflow their stack at some thousands

# An IRI in angle brackets with a colon, or an escape that may be one, that does not begin with a scheme of ours; it may also
# be text in a literal that looks like one. An IRI without a colon is relative, and has the scheme of its base.
_SUSPECT = re.compile(rf"<(?!(?:{'|'.join(SCHEMES)}):)[^\s<>\"{{}}|^`]*[:\\][^\s<>]*>", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_NUL = re.compile(r"\0|\\u0000|\\U00000000")


def refuse_text(text: str, source: str) -> None:
    """Raise SourceError when a file holds NUL or nests its terms deeper than a parser bears."""
    if nul := _NUL.search(text):
        raise _locate("A text holds the character NUL", text, nul.start(), source, "Take it out")
    if "<<" not in text and not (_may_nest(text) and _may_nest(sparql.strip_quoted(text))):
        return
    depth = triple_terms = 0
    for token in sparql.scan(text):
        depth += token.turn
        triple_terms += (token.text == "<<") - (token.text == ">>")
        if triple_terms > 1 or depth > MAX_NESTING:
            raise _locate("Terms are nested too deep", text, token.start, source, "State them one by one")


def _may_nest(text: str) -> bool:
    return sum(map(text.count, "[({")) > MAX_NESTING


def is_suspect(text: str) -> bool:
    """Say whether a Turtle-like file may state an IRI to be refused, so that its IRIs need to be looked at singly."""
    return bool(_SUSPECT.search(text))


def refuse_iri(iri: str, text: str, source: str) -> None:
    """Raise SourceError for an IRI that is relative (resolved against NO_BASE) or whose scheme is not in SCHEMES."""
    if iri.startswith(NO_BASE):
        iri = iri.removeprefix(NO_BASE)
        raise _locate(f"{iri!r} is a relative IRI", text, text.find(iri), source, "Write it in full")
    scheme = _SCHEME.match(iri)
    if scheme is None or scheme[1].lower() not in SCHEMES:
        hint = "Use " + ", ".join(SCHEMES)
        raise _locate(f"{iri!r} has a scheme that is not accepted", text, text.find(iri), source, hint)


def _locate(message: str, text: str, offset: int, source: str, hint: str) -> SourceError:
    """Make the error for an offset in a text; below 0 the place is not known."""
    line, column = sparql.locate(text, offset) if offset >= 0 else (None, None)
    return SourceError(message, where=source, hint=hint, line=line, column=column)

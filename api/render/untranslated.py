"""A text of a page that waits for its translation stands there in English, and says so: in its words, and by `lang` where it can."""

import re
from collections.abc import Callable

from kg.languages import DEFAULT, Language

_OPEN, _CLOSE = "\ue000", "\ue001"  # around such a text; no source may hold these
_TAGS = {_OPEN: f'<span lang="{DEFAULT}">', _CLOSE: "</span>"}
_PARTS = re.compile(rf"<(title|option|textarea|script)\b.*?</\1>|<[^>]*>|{_OPEN}|{_CLOSE}", re.DOTALL)


def marking(language: Language) -> tuple[Callable[[str], str], Callable[[str, str, int], str]]:
    """Return how templates translate a text, and one that depends on a number, with marks around what waits."""

    def mark(text: str, translated: str) -> str:
        return f"{_OPEN}{translated} [{DEFAULT}]{_CLOSE}" if text in language.waiting else translated

    return (
        lambda text: mark(text, language.gettext(text)),
        lambda singular, plural, number: mark(singular, language.ngettext(singular, plural, number)),
    )


def show(page: str) -> str:
    """Make elements of the marks on a page; within a tag, and where no element may stand, the words alone say it."""
    if _OPEN not in page:
        return page
    return _PARTS.sub(lambda match: _TAGS.get(match[0]) or match[0].replace(_OPEN, "").replace(_CLOSE, ""), page)

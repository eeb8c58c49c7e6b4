"""The catalogues of translations: which texts there are to translate, and what the file of each language has of them.

The texts stand in the templates and the code, where Babel finds them, and in whatever else a caller gathers. A catalogue names
the file of a text, not the line, so that it changes with the texts alone.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from kg.languages import DEFAULT, LANGUAGES

FOLDER = Path(__file__).parent
_SLOT = re.compile(
    r"%\(\w+\)[sd]|%[sd]|(?<!\{)\{\w+\}"
)  # what is filled in: the same in every language; a template may be put otherwise
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "say": None, "ngettext": (1, 2)}
_OPTIONS = {"jinja2": {"trimmed": "true", "silent": "false"}}
# Without dates and names, so that the file changes with its texts alone.
_HEAD = """# What people read, in {name}. `kg messages` brings it up to date with the texts; a person writes the translations.
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class Text(NamedTuple):
    """A text to translate, or one for a single thing and one for several, and the file it stands in."""

    wording: str | tuple[str, ...]
    file: str


class Translated(NamedTuple):
    """How far a language is translated: the texts, those with a translation, and what is wrong with some."""

    code: str
    texts: int
    translated: int
    faults: tuple[str, ...]


def texts_in(folder: Path, pattern: str, method: str) -> Iterator[Text]:
    """Find the texts in the files of a folder, as `method` of Babel reads them: python or jinja2."""
    for path in sorted(folder.glob(pattern)):
        for _, wording, *_ in extract_from_file(method, path, keywords=_KEYWORDS, options=_OPTIONS.get(method, {})):
            yield Text(wording, path.relative_to(folder).as_posix())


def update(texts: Iterable[Text], folder: Path = FOLDER, is_check: bool = False) -> list[Translated]:
    """Bring the catalogue of each language up to date with the texts there are, and say how far each is translated.

    A text that is no longer there goes, and one whose wording changed is new: no old translation is guessed for it. A check
    writes nothing: a text that a catalogue lacks, or has in vain, is a fault.
    """
    template = Catalog(project="Answerable", fuzzy=False)
    for text in texts:
        template.add(text.wording, locations=[(text.file, 1)])
    results = []
    for code in (code for code in LANGUAGES if code != DEFAULT):
        path = folder / f"{code}.po"
        catalogue = read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=code)
        faults = _missing_and_spare(template, catalogue) if is_check else []
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        messages = [message for message in catalogue if message.id]
        done = [message for message in messages if _translations(message)]
        faults = [*(fault for message in done for fault in _faults(message)), *faults]
        results.append(Translated(code, len(messages), len(done), tuple(faults)))
        if not is_check:
            with path.open("wb") as file:
                file.write(_HEAD.format(name=LANGUAGES[code], code=code, plurals=catalogue.plural_forms).encode())
                write_po(file, catalogue, width=0, sort_by_file=True, include_lineno=False, omit_header=True)
    return results


def _missing_and_spare(template: Catalog, catalogue: Catalog) -> list[str]:
    needed, there = ({message.id for message in messages if message.id} for messages in (template, catalogue))
    missing = sorted(f"not in the catalogue: {_first(text)!r}" for text in needed - there)
    return missing + sorted(f"no longer a text: {_first(text)!r}" for text in there - needed)


def _translations(message: Message) -> list[str]:
    if message.fuzzy:  # nobody said that it is right, and it is not shown
        return []
    strings = [message.string] if isinstance(message.string, str) else [*(message.string or ())]
    return strings if strings and all(strings) else []


def _faults(message: Message) -> Iterator[str]:
    ids = [message.id] if isinstance(message.id, str) else [*message.id]
    allowed = {slot for text in ids for slot in _SLOT.findall(text)}
    needed = set(_SLOT.findall(ids[-1])) if len(ids) == 1 else set()
    for translation in _translations(message):
        slots = set(_SLOT.findall(translation))
        if strange := slots - allowed:
            yield f"{_first(message.id)!r}: the translation fills in {', '.join(sorted(strange))}, the text does not"
        if lost := needed - slots:
            yield f"{_first(message.id)!r}: the translation leaves out {', '.join(sorted(lost))}"


def _first(wording: str | Sequence[str]) -> str:
    return (wording if isinstance(wording, str) else wording[0])[:80]

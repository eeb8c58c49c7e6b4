"""Fifty invented names in ten kinds of field, planted in a copy of the frozen graph, and the ways in which they may be printed."""

import functools
import gzip
import hashlib
import tomllib
from urllib.parse import quote

import zstandard

from kg import names, terms
from kg.build import pipeline
from kg.config import PROJECT
from tests import frozen

FIRST = ("Ilvar", "Zoë", "Ann-Mari", "Béla", "D’Arno")
STEMS = ("Tossen", "Núñez", "Brannic", "Drăgu", "Øster", "Wexhol", "Ćwirk", "Yılmaz", "Thrand", "Quelm")
ENDS = ("by", "kova", "wyn", "ğil", "ovar")
CYRILLIC = ("баев", "кина", "нова", "лина", "", "енко", "ский", "", "дзе", "ули")
PERSON = "id/person/0badf151f3"  # Jan Morrow, of the frozen graph
HEAD = (
    "".join(f"@prefix {name}: <{terms.PREFIXES[name]}> .\n" for name in ("ans", "skos", "xsd"))
    + f"""@prefix organisation: <{terms.ID}organisation/> .
@base <{terms.BASE}> .

"""
)
KINDS = tomllib.loads((PROJECT / "tests/planted.toml").read_text(encoding="utf-8"))


def name(number):
    """Make the name with a number from 0 to 49; its second word is its own."""
    kind, variant = divmod(number, len(FIRST))
    if variant == 3 and CYRILLIC[kind]:
        return f"Ильвар Қорған{CYRILLIC[kind]}"
    return f"{FIRST[variant]} {STEMS[kind]}{ENDS[variant]}"


NAMES = [name(number) for number in range(len(KINDS) * len(FIRST))]


# How the second words begin: a text without any of these holds none of the names.
ROOTS = (*STEMS, "Қорған", "Morrow")


@functools.cache
def ways(word):
    """List the ways in which a word may be written, whatever the case."""
    spelt = (word, word.lower(), word.upper(), names.fold(word), quote(word), quote(word.lower()))
    return {way.casefold() for way in (*spelt, word.encode("unicode_escape").decode())}


def printed(data):
    """List the names that some bytes print, compressed ones too. Of bytes that were looked at before, the answer is known."""
    key = hashlib.sha256(data).digest()
    if key not in PRINTED:
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        if data.startswith(b"\x28\xb5\x2f\xfd"):
            data = zstandard.ZstdDecompressor().stream_reader(data).read()
        text = data.decode("utf-8", "replace").casefold()
        roots = tuple(root for root in ROOTS if any(way in text for way in ways(root)))
        likely = [one for one in (*NAMES, "Jan Morrow") if one.split()[1].startswith(roots)]
        PRINTED[key] = [one for one in likely if any(way in text for way in ways(one.split()[1]))]
    return PRINTED[key]


PRINTED = {}


def build(folder):
    """Build the project in an empty folder, with the further data."""
    root, further = project(folder)
    pipeline.build(frozen.settings(root), data=[further])


def project(folder):
    """Lay the frozen project out with the names in it and a folder of further data beside it; (its root, that folder)."""
    root, further = folder / "project", folder / "further"
    root.mkdir()
    frozen.project(root, has_own_data=True)
    for path in [*(root / "data").rglob("*.ttl")]:
        path.chmod(0o644)
    told = {kind: [] for kind in KINDS}
    for number, one in enumerate(NAMES):
        kind = [*KINDS][number // len(FIRST)]
        filled = {"n": number, "name": one, "upper": one.upper(), "encoded": quote(one.replace(" ", "-"))}
        filled |= {"escaped": "".join(f"\\u{ord(char):04X}" if not char.isascii() else char for char in one)}
        filled |= {"slug": "-".join(word for word, _, _ in names.words(one))}
        text = KINDS[kind]
        for key, value in filled.items():
            text = text.replace("{" + key + "}", str(value))
        told[kind].append(text + "\n")
    further.mkdir()
    for number, text in enumerate(told.pop("folder"), 45):
        (further / f"extra-{number}.ttl").write_text(HEAD + text, encoding="utf-8")
    first = "-".join(word for word, _, _ in names.words(NAMES[0]))
    path = root / f"data/events/xar/{first}.ttl"
    path.write_text(HEAD + "\n".join(text for texts in told.values() for text in texts), encoding="utf-8")
    return root, further


assert len({one.split()[1] for one in NAMES}) == 50

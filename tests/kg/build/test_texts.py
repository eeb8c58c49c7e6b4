"""Characters that nobody sees and letters that are not in NFC are told by line, column and code point."""

from pathlib import Path

import pytest

from kg.build import texts
from kg.build.inputs import Source


def told(text):
    """Review a text; (line, column, whether it stops a build, the code points) of each result."""
    source = Source(Path("e.ttl"), "data/e.ttl", "urn:g", "ttl", text.encode())
    return [
        (one.line, one.column, one.severity == "Violation", one.message.partition(" is ")[0].partition(" turns ")[0])
        for one in texts.review(source)
    ]


UNSEEN = {
    "\u200b": "U+200B ZERO WIDTH SPACE",
    "\u200c": "U+200C ZERO WIDTH NON-JOINER",
    "\u200d": "U+200D ZERO WIDTH JOINER",
    "\u200e": "U+200E LEFT-TO-RIGHT MARK",
    "\u200f": "U+200F RIGHT-TO-LEFT MARK",
    "\u202a": "U+202A LEFT-TO-RIGHT EMBEDDING",
    "\u202e": "U+202E RIGHT-TO-LEFT OVERRIDE",
    "\u2060": "U+2060 WORD JOINER",
    "\u2066": "U+2066 LEFT-TO-RIGHT ISOLATE",
    "\u2069": "U+2069 POP DIRECTIONAL ISOLATE",
    "\u00ad": "U+00AD SOFT HYPHEN",
    "\u2028": "U+2028 LINE SEPARATOR",
    "\u061c": "U+061C ARABIC LETTER MARK",
    "\u3164": "U+3164 HANGUL FILLER",
    "\ufeff": "U+FEFF ZERO WIDTH NO-BREAK SPACE",
    "\ue000": "U+E000",
    "\ufdd0": "U+FDD0",
    "\uffff": "U+FFFF",
    "\U0001ffff": "U+1FFFF",
    "\U000e0041": "U+E0041 TAG LATIN CAPITAL LETTER A",
    "\U00100000": "U+100000",
    "\x01": "U+0001",
    "\x7f": "U+007F",
    "\x85": "U+0085",
}


@pytest.mark.parametrize("char", UNSEEN)
@pytest.mark.parametrize("place", ['<e:a> <e:p> "wor{}d"@en .', "# wor{}d", "<e:wor{}d> a <e:T> ."])
def test_what_nobody_sees_stops_a_build(char, place):
    column = place.index("{") + 1
    assert [(3, column, True, UNSEEN[char])] == told(f"\n\n{place.format(char)}\n")


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "ភាសា\u200bខ្មែរ", "ᠠ\u180b"])
def test_a_joiner_that_is_part_of_the_spelling_is_left_alone(text):
    assert [] == told(f'<e:a> <e:p> "{text}" .')


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c"])
def test_a_mark_of_direction_beside_right_to_left_letters_is_a_warning(mark):
    assert [(1, 6, False, UNSEEN[mark])] == told(f'"سلام{mark}."@ar')


def test_the_variant_of_a_picture_is_a_warning():
    assert [(1, 2, False, "U+FE0F VARIATION SELECTOR-16")] == told("❤\ufe0f")


@pytest.mark.parametrize(
    ("text", "column", "codes"),
    [
        ("Ку\u0438\u0306", 3, "U+0438 U+0306"),
        ("e\u0301", 1, "U+0065 U+0301"),
        ("10 \u212b", 4, "U+212B"),
        ("\u1100\u1161", 1, "U+1100"),
        ("Que\u0323\u0302", 3, "U+0065 U+0323 U+0302"),
    ],
)
def test_a_text_that_is_not_in_nfc_stops_a_build(text, column, codes):
    assert [(2, column, True, codes)] == told(f"\n{text}\n")


def test_an_escape_is_read_as_the_character_it_stands_for():
    assert [(1, 3, True, "U+202E RIGHT-TO-LEFT OVERRIDE")] == told("ab\\u202Ec")
    assert [(1, 12, True, "U+200B ZERO WIDTH SPACE")] == told("\\u0041\\u0042".replace("\\u0042", "bcd") + "ef\\u200B")
    assert [(2, 7, True, "U+0065 U+0301")] == told("a\n\\u0041e\\u0301 z")
    assert [(1, 1, True, "U+E0041 TAG LATIN CAPITAL LETTER A")] == told("\\U000E0041")


def test_what_is_no_escape_is_left_alone():
    assert [] == told(r'"C:\\u202E" and \\\\u202E \uD83D\uDE00 \u000A')


def test_a_mark_of_the_encoding_at_the_head_is_left_alone():
    assert [] == told('\ufeff<e:a> <e:p> "Қазақстан, Ґ, é, 北京, \u00a0\t" .\r\n')

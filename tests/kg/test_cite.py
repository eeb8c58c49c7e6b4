"""Citations: the normalisation, fixing a passage, and finding it again, moved or not at all."""

import pytest

from kg import cite

TEXT = "Chapter one.\n\nThe crew went on strike at the\nnon-\nferrous works.   Nobody\fspoke of it.\n"
WHOLE = "Chapter one. The crew went on strike at the non-ferrous works. Nobody spoke of it."


def fixed():
    """Fix one passage of the text."""
    return cite.fix(TEXT, "The crew", "works.", "urn:x:1")


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (TEXT, WHOLE),
        ("a\r\nb\rc", "a b c"),
        ("co-\n  operate", "co-operate"),
        ("co- operate", "co- operate"),
        ("e\u0301", "\u00e9"),
        (" \u00a0a\u2003b ", "a b"),
    ],
)
def test_a_text_is_normalised_as_described(raw, normal):
    assert normal == cite.normalise(raw)


def test_a_normalised_text_stays_as_it_is():
    assert WHOLE == cite.normalise(WHOLE)


def test_a_passage_is_fixed_by_offsets_and_a_hash():
    stretch = "The crew went on strike at the non-ferrous works."
    passage = fixed()
    assert stretch == WHOLE[passage.start : passage.end]
    assert cite.sha256(stretch) == passage.sha256


@pytest.mark.parametrize(("opening", "closing"), [("nowhere", "works."), ("o", "works."), ("Nobody", "works.")])
def test_words_that_fix_no_passage_are_an_error(opening, closing):
    with pytest.raises(ValueError, match="words"):
        cite.fix(TEXT, opening, closing, "urn:x:1")


def test_a_passage_is_found_however_the_lines_are_broken():
    assert fixed().start == cite.locate(cite.normalise(TEXT.replace(" ", "\n")), fixed())


def test_a_passage_that_stands_elsewhere_has_moved():
    assert fixed().start + len("Preface. ") == cite.locate("Preface. " + WHOLE, fixed())


@pytest.mark.parametrize("text", [WHOLE.replace("strike", "Strike"), "Short."])
def test_a_passage_with_one_letter_changed_or_beyond_the_end_of_a_text_is_missing(text):
    assert cite.locate(text, fixed()) is None

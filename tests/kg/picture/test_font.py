"""The font of the pictures: its measures, its letters, and how lines are broken."""

import pytest

from kg.picture import canvas
from kg.picture.canvas import Face

FACE = Face(12)


def test_a_text_is_as_wide_as_the_font_says_and_a_letter_that_it_lacks_wide_and_an_accent_nothing():
    # DejaVu Sans 2.37: a is 1255 of 2048 units wide, i 569; in bold a is 1382.
    assert Face(2048).measure("ai") == pytest.approx(1255 + 569, abs=1)
    assert Face(2048, True).measure("a") == pytest.approx(1382, abs=1)
    assert (0, 12) == (FACE.measure(""), FACE.measure("汉"))
    assert FACE.measure("e\u0323") == FACE.measure("e")


@pytest.mark.parametrize("text", ["ӘәҒғҚқҢңӨөҰұҮүҺһІі", "Жаңаөзен қаласы", "ёЁъЪ№«»—–…", "ÅÉñßœŁıŞğ", "−≤≥→₸€"])
@pytest.mark.parametrize("is_bold", [False, True])
def test_the_font_has_the_letters_of_our_languages(text, is_bold):
    assert [] == [char for char in text if char not in canvas.widths(is_bold)]


def test_lines_are_no_wider_than_they_may_be_and_keep_every_word():
    text = "One two three four five six seven eight nine ten eleven twelve " * 3
    lines = FACE.wrap(text, 110)
    assert text.split() == " ".join(lines).split()
    assert all(FACE.measure(line) <= 110 for line in lines)


def test_a_word_longer_than_a_line_is_divided_and_an_address_behind_one_of_its_signs():
    address = "https://example.org/questions/obligations-engaged?event=id/event/2011"
    lines = FACE.wrap(address, 200)
    assert address == "".join(lines) and all(FACE.measure(line) <= 200 for line in lines)
    assert all(line[-1] in "/?&-" for line in lines[:-1])
    assert "w" * 90 == "".join(FACE.wrap("w" * 90, 100))


def test_what_does_not_fit_ends_with_an_ellipsis():
    lines = FACE.wrap("word " * 50, 100, 2)
    assert 2 == len(lines) and lines[1].endswith("…") and FACE.measure(lines[1]) <= 100
    assert "short" == FACE.clip("short", 100)

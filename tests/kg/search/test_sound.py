"""A name in other scripts and spellings sounds the same, and different names stay apart."""

import pytest

from kg.names import likeness, nearest, sound

ALIKE = [
    ("Zhanaozen", "janaozen", "Žanaozen", "Жанаозен", "Жаңаөзен", "Jañaözen", "ZHANAOZEN"),
    ("Almaty", "Алматы", "ALMATY"),
    ("Mangystau", "Маңғыстау", "Мангыстау"),
    ("Kyzylorda", "Қызылорда", "Qyzylorda", "Кызылорда"),
    ("Kazakhstan", "Казахстан"),
    ("Қазақстан", "Qazaqstan"),
    ("Shymkent", "Шымкент", "Şymkent"),
    ("Sao", "São"),
    ("treaties", "treaty"),
    ("shootings", "shooting"),
    ("Ust'-Kamenogorsk", "Усть-Каменогорск", "Ust’-Kamenogorsk"),
]
APART = [
    "Almaty",
    "Aktau",
    "Aktobe",
    "Astana",
    "Atyrau",
    "Austria",
    "Australia",
    "Niger",
    "Nigeria",
    "Iran",
    "Iraq",
    "Mali",
    "Malawi",
]


@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0])
def test_one_name_in_several_spellings_is_one_word(names):
    assert 1 == len({tuple(sound(name)) for name in names}), {name: sound(name) for name in names}


def test_different_names_stay_apart():
    assert len(APART) == len({tuple(sound(name)) for name in APART})


def test_figures_and_letters_that_stand_together_are_apart():
    assert ["14", "3", "g"] == sound("14(3)(g)") == sound("14 § 3 g")
    assert ["cat", "c", "48", "d", "444", "2010"] == sound("CAT/C/48/D/444/2010")
    assert sound("95.61") == ["95", "61"] and sound("") == sound(" ?! ") == []


def test_roman_numbers_are_not_taken_for_words():
    assert ["iii"] == sound("III") != sound("II")


def test_the_same_name_in_any_order_and_script_is_the_nearest():
    assert 100.0 == likeness("Article 7 CAT", "CAT, article 7") == likeness("Жаңаөзен", "zhanaozen")
    assert (
        likeness("Covenant", "Covenant on Liberties") < 98 < likeness("covenants on liberties", "Covenant on Liberties")
    )
    assert 0.0 == likeness("", "") and [] == nearest("", ["Arland"])
    assert ["hasVictim"] == nearest("hasVictm", ["isPartOf", "hasPerpetrator", "hasVictim"], 2)
    assert [] == nearest("arland", ["Boria", "Fenia"])

"""A name in other scripts and spellings sounds the same, and different names stay apart."""

import asyncio

import pytest

from kg import terms
from kg.answer import questions
from kg.names import likeness, nearest, sound
from kg.search import index as search_index
from kg.search.search import Search
from kg.store import Store
from tests import frozen

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
APART = "Almaty Aktau Aktobe Astana Atyrau Austria Australia Niger Nigeria Iran Iraq Mali Malawi"


@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0])
def test_one_name_in_several_spellings_is_one_word(names):
    assert 1 == len({tuple(sound(name)) for name in names}), {name: sound(name) for name in names}


def test_different_names_stay_apart():
    assert len(APART.split()) == len({*sound(APART)})


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


@pytest.mark.parametrize("spelling", ["Жаңаөзен", "ZHANAOZEN", "Janaozen", "Žanaozen"])
def test_a_name_that_one_place_finds_is_found_in_every_other(spelling, tmp_path):
    from kg.imports.sheet.columns import fold
    from kg.reconcile import NameIndex

    iri = terms.ID + "place/zhanaozen"
    with Store.memory() as store:
        search_index.write(tmp_path / search_index.FILE, store, {}, [])
    row = {"kind": "Place", "title": "", "about": "", "thing": iri, "name": "Zhanaozen", "state": ""}
    names = NameIndex([row], Search(tmp_path))
    assert [(iri, 100.0)] == [(each.thing, each.score) for each in names.candidates(spelling, [])]
    assert fold("Zhanaozen") == fold(spelling)
    assert ["Zhanaozen"] == nearest(spelling, ["Aktau", "Zhanaozen"], 1)


def test_a_parameter_takes_a_name_in_any_spelling_and_script(world):
    from kg.answer.engine import InProcess

    with Store.open(world.store_path) as store:
        for state in ("Arland", "АРЛАНД", "arländ"):
            question = frozen.questions()["treaties-in-force"]
            answer = asyncio.run(questions.ask(InProcess(store), question, {"state": state, "day": "2012-05-01"}, "x"))
            assert "state/xar" in str(answer.values) and answer.rows

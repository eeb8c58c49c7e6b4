"""The stretch of a text that is shown for a search: where the words stand that no name has, marked as they are written there."""

import pytest

from kg.names import sound
from kg.search import index as search_index
from kg.search import results
from kg.search.fulltext import SearchWord
from kg.search.search import Search
from kg.store import Store

LONG = (
    "The first sentence of a long text says nothing of what was asked, and there is a second. "
    "Another one stands behind it, which tells of the weather on that day and of the road. "
    "Men of the harbour guard beat the driver with a plastic bottle until he confessed to a theft. "
    "What came afterwards is told in some more words, so that the end of the text lies far behind the place. "
    "The last sentence is there for no other reason."
)


def choose(text, *words, names=(), language="en"):
    """Choose in one text, by words that stand for those that begin with them."""
    wanted = [SearchWord(tuple(sound(word)), is_beginning=True) for word in words]
    return results.choose_text([(language, text)], wanted, names)


def marked(passage):
    """List the words that are marked."""
    return [text for text, is_asked in passage.pieces if is_asked]


def test_a_long_text_is_cut_around_the_words_between_words_and_says_so():
    found = choose(LONG, "plastic", "confes")
    assert ["plastic", "confessed"] == marked(found)
    assert found.text.startswith("…Men of the harbour") and found.text.endswith("…")
    assert len(found.text) <= results.STRETCH + 2
    assert found.text.strip("…") in LONG
    assert found.text == "".join(text for text, _ in found.pieces)


def test_a_short_text_is_shown_whole():
    found = choose("They were beaten.", "beaten")
    assert ("They were beaten.", ((10, 16),)) == (found.text, found.marks)


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("Расстрел в Жаңаөзене", "janaozen", "Жаңаөзене"),
        ("the camp near Ust'-Kamenogorsk", "kamenogorsk", "Kamenogorsk"),
        ("people of Ust’iurt", "ustiurt", "Ust’iurt"),
        ("Қазақстан Республикасы", "kazakstan", "Қазақстан"),
        ("paragraph 14(3)", "14", "14"),
    ],
)
def test_a_word_is_marked_as_it_is_written_in_its_own_script(text, word, shown):
    assert [shown] == marked(choose(text, word))


def test_what_the_names_have_is_not_looked_for_in_the_texts():
    assert choose("The handover of a man", "handover", names=["handover to boria"]) is None
    found = choose("The handover of a man at night", "handover", "night", names=["handover to boria"])
    assert ["handover", "night"] == marked(found)
    assert choose("Nothing of it", "night") is None
    assert choose("The handover of a man", "handover", "night", names=["handover to boria"]) is None


def test_of_several_texts_the_one_with_most_words_is_shown_in_its_language():
    texts = [("en", "A man was beaten."), ("ru", "Человека избили ночью в порту.")]
    wanted = [SearchWord(("nochiu",), False), SearchWord(("portu",), False), SearchWord(("beaten",), False)]
    found = results.choose_text(texts, wanted, ())
    assert ("ru", ["ночью", "порту"]) == (found.language, marked(found))


def test_a_word_that_was_not_typed_to_its_end_is_marked_whole_and_a_number_only_as_it_is():
    assert ["confessed"] == marked(choose("He confessed.", "conf"))
    assert results.choose_text([("en", "In 2012.")], [SearchWord(("201",), False)], ()) is None


QUERIES = {
    "kinds": 'SELECT ?thing ("places" AS ?kind) (1 AS ?weight) { BIND (<urn:x> AS ?thing) }',
    "names": 'SELECT ?thing (1 AS ?rank) ("Name" AS ?text) ("en" AS ?language) { BIND (<urn:x> AS ?thing) }',
    "texts": """SELECT ?thing ?rank ?text (LANG(?text) AS ?language) { VALUES (?thing ?rank ?text) {
        (<urn:x> 1 "first words"@en) (<urn:x> 2 "behind the lanterns"@en) } }""",
}


def test_each_text_of_a_thing_is_looked_through(tmp_path):
    with Store.memory() as store:
        search_index.write(tmp_path / search_index.FILE, store, QUERIES, [])
    (hit,) = Search(tmp_path).find("lanterns").best
    assert ("first words", "behind the lanterns") == (hit.text, hit.passage.text)

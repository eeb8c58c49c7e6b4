"""The search on the frozen graph: what is found, in what order, how it was understood, and what the index holds."""

import re
import time

import pytest

from kg import terms
from kg.names import sound
from kg.search import index as search_index
from kg.search.query import TypedQuery
from kg.search.search import PAGE, Search
from kg.store import Store
from tests import frozen


@pytest.fixture(scope="module")
def index(world):
    """Open the index of the frozen graph."""
    return Search(world.path)


def ids(found):
    """List the things that were found, by their paths."""
    return [one.iri.removeprefix(terms.ID) for one in found.best]


def asked(found):
    """List the questions that were suggested, each with what stands in it."""
    return {
        one.question: {key: iri.removeprefix(terms.BASE) for key, iri in one.values.items()} for one in found.questions
    }


@pytest.mark.parametrize("text", ["port ansel", "Порт-Ансель", "АНСЕЛ ПОРТЫ", "port-anzel", "Port Ansell"])
def test_a_place_is_found_in_each_script_and_spelling(index, text):
    assert "place/port-ansel" in ids(index.find(text))[:3]


FIRST = {
    "state/xar": ["arland"],
    "treaty/cc": ["cc"],
    "provision/cc-3": ["CC 3", "article 3 cc", "ст. 3 CC", "CC 3-бап", "3 cc", "CC 3(9)(z)"],
    "provision/cc-2-1": ["cc art 2(1)", "cc article 2 paragraph 1", "CC 2.1"],
}


@pytest.mark.parametrize(("text", "first"), [(text, first) for first, texts in FIRST.items() for text in texts])
def test_a_thing_stands_above_what_is_told_of_it_and_an_article_is_understood(index, text, first):
    found = index.find(text)
    assert first == ids(found)[0] and not found.is_partial


def test_an_article_without_a_treaty_is_that_of_each_and_a_number_that_is_no_article_is_none(index):
    named = [one.rpartition("-")[0] for one in ids(index.find("article 1")) if re.fullmatch("provision/.*-1", one)]
    assert len({*named}) > 1
    assert not [one for one in ids(index.find("article 987")) if one.startswith("provision/")]
    assert "provision/cc-3" not in ids(index.find("cc 2012"))[:1]


def test_a_word_that_is_spelt_otherwise_is_found_and_said(index):
    found = index.find("Arlland harbuor")
    assert found.count and "harbour" in found.spelt.lower()
    assert "" == index.find("harbour").spelt


def test_two_words_that_make_one_name_are_that_name(index):
    whole = ids(index.find("harbour"))
    assert whole and whole == ids(index.find("har bour"))


def test_where_nothing_has_all_words_some_are_enough_and_that_is_said(index):
    found = index.find("handover xyzzyx")
    assert found.is_partial and "event/2011-06-handover" in ids(found)
    assert not index.find("handover").is_partial
    assert 0 == index.find("xyzzyx").count


def test_a_question_is_suggested_with_what_was_named(index):
    for text in ("which treaties bind Arland on 2012-05-01", "treaties that bind Arland, 1 May 2012"):
        assert {"state": "id/state/xar", "day": "2012-05-01"} == asked(index.find(text))["treaties-in-force"]
    said = asked(index.find("is Arland bound by CC 3"))
    assert {"state": "id/state/xar", "provision": "id/provision/cc-3"} == said["obligation-in-force"]
    found = index.find("recommendations rejected by Arland")
    assert found.is_question and "recommendations-rejected" == found.questions[0].question
    assert not index.find("recommendations rejected by Arland Boria Port Ansel").is_question
    assert () == index.find("Arland").questions


def test_an_article_a_state_and_a_day_alone_ask_whether_it_was_bound_and_fewer_of_them_ask_nothing(index):
    meant = {"state": "id/state/xar", "provision": "id/provision/cc-3", "day": "2012-05-01"}
    for text in ("CC 3 Arland 1 May 2012", "Arland 2012-05-01 article 3 cc", "ст. 3 CC Arland 1 мая 2012 года"):
        found = index.find(text)
        assert found.is_question and {"obligation-in-force": meant} == asked(found)
    for text in ("CC 3 Arland", "Arland 1 May 2012", "CC 3 1 May 2012", "CC Arland 1 May 2012"):
        assert () == index.find(text).questions


STRIKE = {"event": "id/event/2012-03-16-port-ansel"}


@pytest.mark.parametrize(
    ("text", "question", "values"),
    [
        ("where did it happen in Arland", "where", {"state": "id/state/xar"}),
        ("где произошло в Arland", "where", {"state": "id/state/xar"}),
        ("Arland қайда болды", "where", {"state": "id/state/xar"}),
        ("when did it happen in Port Ansel", "rival-dates", STRIKE),
        ("when was the handover", "rival-dates", {"event": "id/event/2011-06-handover"}),
        ("когда это было в Port Ansel", "rival-dates", STRIKE),
        ("how many died in Port Ansel", "rival-figures", STRIKE),
        ("how many died in Port Ansell", "rival-figures", STRIKE),
        ("сколько погибших в Port Ansel", "rival-figures", STRIKE),
    ],
)
def test_a_question_that_asks_for_a_place_a_day_or_a_number_is_told_by_that_word(index, text, question, values):
    found = index.find(text)
    assert found.is_question
    assert (question, values) == next(iter(asked(found).items()))


def test_a_right_beside_a_state_is_asked_about_together_in_any_order_and_language(index):
    for text in ("refoulement Arland", "Arland deportations", "высылка Arland"):
        found = index.find(text)
        values = {"state": "id/state/xar", "only.rights": "non-refoulement"}
        assert found.is_question and values == asked(found)["findings-against-state"], text
    assert "findings-against-state" not in asked(index.find("refoulement"))


def test_the_rarest_word_is_kept_and_a_short_word_is_no_country_misspelt(index):
    assert ids(index.find("handover xyzzyx Arland"))[0].startswith("event/2011-06-handover")
    assert ("", 0) == (index.find("Dorka").spelt, index.find("Dorka").count)
    assert index.find("Smith v. Arland").is_case and not index.find("Smith Arland").is_case


def test_a_state_alone_names_no_event_and_a_lone_word_for_a_place_asks_nothing(index):
    assert {} == asked(index.find("how many died in Arland"))["rival-figures"]
    assert () == index.find("where").questions == index.find("where xyzzyx").questions


def test_things_of_one_kind_come_in_pages_that_hold_each_once(index):
    whole = index.find("arland")
    kind = max(whole.groups, key=lambda group: group.count)
    pages = [index.find("arland", kind=kind.kind, page=number) for number in range(1, kind.count // PAGE + 2)]
    found = [one for page in pages for one in ids(page)]
    assert kind.count == len(found) == len({*found}) > PAGE
    assert {kind.kind} == {one.kind for page in pages for one in page.best}
    assert () == index.find("arland", kind="nothing").best
    listed = [one for number in range(1, whole.count // PAGE + 2) for one in ids(index.find("arland", page=number))]
    assert whole.count == len(listed) == len({*listed})


def test_a_name_is_shown_in_the_language_asked_and_the_other_beside_it(index):
    for text, language, expected in (
        ("Ансел порты", "en", ("Port Ansel", "en", "Ансел порты", "kk")),
        ("port ansel", "kk", ("Ансел порты", "kk", "Port Ansel", "en")),
    ):
        (one,) = [one for one in index.find(text, language=language).best if one.iri.endswith("/place/port-ansel")]
        assert expected == (one.name, one.language, one.also, one.also_language)


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("harbur", ["harbour"]),  # a letter left out
        ("harbouur", ["harbour"]),  # one too many
        ("habrour", ["harbour"]),  # two changed over
        ("harb", ["harb"]),  # the beginning of a word is no other spelling
        ("201", ["201"]),  # nor is a number
        ("xoz", ["xoz"]),  # nor a word that is too short
        ("xarxbxoxuxr", ["xarxbxoxuxr"]),  # nor one that nothing is like
    ],
)
def test_a_word_that_stands_nowhere_is_looked_for_as_the_nearest_that_does(index, text, spelt):
    assert spelt == TypedQuery(index.lexicon, text).spelt


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on 2012-05-01", "2012-05-01"),
        ("1 May 2012", "2012-05-01"),
        ("1 мая 2012 года", "2012-05-01"),
        ("May 1, 2012", "2012-05-01"),
        ("2012 жылғы 1 мамыр", "2012-05-01"),
        ("2012 жылғы 1 мамырда", "2012-05-01"),
        ("2012 1", None),
        ("41 May 2012", None),
        ("May 2012", None),
    ],
)
def test_a_day_is_read_from_figures_and_from_words(index, text, day):
    assert day == TypedQuery(index.lexicon, text).day


@pytest.mark.parametrize("text", ["CC 3-бап 1 мамыр 2012", "article 3 1 May 2012 CC", "May 1, 2012 article 3 CC"])
def test_the_numbers_of_a_day_are_no_article(index, text):
    assert "provision/cc-3" == ids(index.find(text))[0]


def test_the_words_of_each_language_that_tell_little_are_left_out(index):
    assert index.lexicon.roles["empty"] >= {*sound("the who в және which қандай")}
    assert index.lexicon.roles["empty"].isdisjoint(sound("article killed torture статья бап"))
    assert ids(index.find("the harbour of")) == ids(index.find("harbour"))


LONG = ["a" * 5000, "é" * 300, "的" * 50, "1 " * 300, "a\u0301" * 99, "article 1(" * 20]
ODD = ["", "?", "'", '"', "* OR (", "NEAR(a b)", "names:x", "-", "\0", "\ud800", "^$", "{year}", "0x"]


@pytest.mark.parametrize("text", LONG + ODD)
def test_any_text_may_be_asked(index, text):
    assert index.find(text).count >= 0


def test_a_search_takes_little_of_the_processor(index):
    words, times = [word for (word,) in index.lexicon.rows("SELECT word FROM vocabulary ORDER BY word")][::7], []
    for one, other in zip(words, reversed(words), strict=True):
        start = time.thread_time()
        index.find(f"{one} {other[:-1]}x")
        times.append(time.thread_time() - start)
    assert sorted(times)[int(len(times) * 0.99)] < 0.05


def test_the_same_data_give_the_same_index(world, tmp_path):
    queries = {path.stem: path.read_text(encoding="utf-8") for path in (frozen.PROJECT / "queries/search").glob("*.rq")}
    with Store.open(world.store_path) as store:
        for name in ("one", "two"):
            search_index.write(tmp_path / name, store, queries, [*frozen.questions().values()])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_treaty_is_found_by_its_short_name_in_each_language(tmp_path):
    queries = {path.stem: path.read_text(encoding="utf-8") for path in (frozen.PROJECT / "queries/search").glob("*.rq")}
    treaty = f"""@prefix ans: <{terms.PREFIXES["ans"]}> . @prefix skos: <{terms.PREFIXES["skos"]}> .
      <{terms.ID}treaty/x> a ans:Treaty ; skos:prefLabel "A covenant"@en ; ans:shortName "ICCPR" ."""
    with Store.memory() as store:
        store.load(treaty.encode(), format="ttl", graph=None, source="treaties")
        search_index.write(tmp_path / search_index.FILE, store, queries, [])
    index = Search(tmp_path)
    assert ["treaty/x"] * 3 == [ids(index.find(text))[0] for text in ("ICCPR", "МПГПП", "АСҚХП")]


def test_a_project_without_the_queries_has_an_index_in_which_nothing_is_found(world, tmp_path):
    with Store.open(world.store_path) as store:
        search_index.write(tmp_path / search_index.FILE, store, {}, [])
    index = Search(tmp_path)
    assert 0 == index.find("arland").count and {} == index.weightiest()


def test_what_lies_beneath_an_address_is_listed_and_nothing_else(index):
    states = index.beneath(terms.ID + "state/")
    assert terms.ID + "state/xar" in states and states == sorted(states)
    assert all(iri.startswith(terms.ID + "state/") for iri in states)
    assert [] == index.beneath(terms.ID + "stat/")


def test_the_things_with_the_likeliest_keys_of_the_same_kind_are_offered_for_an_iri_of_nothing(index):
    assert terms.ID + "state/xar" == index.nearest(terms.ID + "state/xat")[0]
    assert all(iri.startswith(terms.ID + "state/") for iri in index.nearest(terms.ID + "state/xat"))
    assert [] == index.nearest(terms.ID + "state/nothing-like-it-at-all")

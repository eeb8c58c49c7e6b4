"""`kg new` begins a file that a check finds incomplete in words, and `kg pin` writes what a person has confirmed."""

import json

import pytest

from kg.build import checking
from kg.config import Settings
from kg.errors import SourceError
from kg.sparql.question import parse_question
from tests import comparing, frozen


@pytest.fixture
def kg(kg, tmp_path, monkeypatch):
    frozen.project(tmp_path, has_own_data=True)
    monkeypatch.setenv("ANSWERABLE_ROOT", str(tmp_path))
    kg.root = tmp_path
    return kg


def test_an_event_and_a_source_are_begun_and_each_gap_is_named(kg):
    (kg.root / "text.txt").write_text("Police ended the meeting.", encoding="utf-8")
    assert 0 == kg("new", "event", "2013-march", "--state", "XAR", "--source", "report")[0]
    assert 0 == kg("new", "source", "report", "--text", str(kg.root / "text.txt"))[0]
    names = ["data/events/xar/2013-march.ttl", "data/sources/report.ttl"]
    report = checking.check(Settings.load(env={}, root=kg.root), paths=[kg.root / name for name in names])
    said = {(one.focus.rpartition("id/")[2], one.message.split(":")[0]) for one in report.results}
    assert {
        ("event/2013-march", "Give it one English name"),
        ("event/2013-march", "Say when it happened at the precision known"),
        ("event/2013-march", "Say where this is written"),
        ("act/2013-march-1", "Say who did it"),
        ("statement/2013-march-1", "Say who says it"),
        ("statement/2013-march-1", "Say in what manner it is said"),
        ("statement/2013-march-1", "Say in your own words what it says"),
        ("document/report", "Give it one English name"),
        ("document/report", "Say who issued the document"),
    } <= said
    assert not [one for one in report.results if "syntax" in one.message.lower()]


def test_a_file_that_is_there_is_not_written_again(kg):
    kg("new", "event", "2013-march", "--state", "xar")
    before = (kg.root / "data/events/xar/2013-march.ttl").read_bytes()
    code, _, err = kg("new", "event", "2013-march", "--state", "xar")
    assert (2, True) == (code, "There is such a file already" in err)
    assert before == (kg.root / "data/events/xar/2013-march.ttl").read_bytes()
    assert "There is no State 'zzz'" in kg("new", "event", "x", "--state", "zzz")[2]
    assert "is not a key" in kg("new", "source", "Not A Key")[2]
    assert "The key is too long" in kg("new", "source", "a" * 300)[2]


def test_a_country_gets_its_territory_and_the_beginning_of_its_organs(kg):
    places = kg.root / "data/places"
    code, out, _ = kg("new", "country", "xfe")  # its territory stands in data/places/neighbours.ttl
    assert (0, True, False) == (code, "data/organs/xfe.ttl" in out, "data/places/xfe.ttl" in out)
    (places / "neighbours.ttl").unlink()
    (kg.root / "data/organs/xfe.ttl").unlink()
    assert "data/places/xfe.ttl" in kg("new", "country", "xfe")[1]
    text = (places / "xfe.ttl").read_text(encoding="utf-8")
    assert 'skos:prefLabel "Fenia"@en ;' in text and "ans:belongsToState <id/state/xfe> ;" in text
    assert "ans:isReportedIn <id/passage/" in text and "#" not in text.partition("# Country.")[2].replace(
        "ontology#", ""
    )


def test_a_question_names_all_that_is_empty_at_once(kg):
    assert 0 == kg("new", "question", "who-was-held")[0]
    text = (kg.root / "queries/questions/who-was-held.rq").read_text(encoding="utf-8")
    with pytest.raises(SourceError, match="'title', 'topic', 'question', 'answer', 'about' and 'empty' are empty"):
        parse_question("who-was-held", text, "x.rq")
    for key in ("title", "question", "about", "empty", "answer"):
        text = text.replace(f"#+ {key}:", f"#+ {key}: Some words")
    assert "Some words" == parse_question("who-was-held", text.replace("#+ topic:", "#+ topic: happened"), "x.rq").title


@pytest.fixture
def pin(kg, world, monkeypatch):
    """Propose pins of the release of the frozen graph, written below a folder of the test's own."""
    return lambda *more: kg("pin", "obligations-engaged", "--out", str(world.path.parent), *more)


def asked():
    return [f"{name}={value}" for name, value in frozen.asked()["obligations-engaged"].items()]


def test_a_pin_is_proposed_confirmed_and_compares_equal(kg, pin, world):
    given = [one for pair in asked() for one in ("-p", pair)]
    path = kg.root / "tests/facts/answers/obligations-engaged.json"
    code, out, _ = pin(*given)
    assert (0, False) == (code, path.exists())
    assert "Nothing was written" in out and "   read: " in out
    code, _, err = pin(*given, "--confirm")
    assert (2, True, False) == (code, "needs its derivation" in err, path.exists())
    assert "Added in" in pin(*given, "--confirm", "--derivation", "Worked out by hand.")[1]
    assert "Replaced in" in pin(*given, "--confirm", "--derivation", "Worked out again.")[1]
    (case,) = json.loads(path.read_text(encoding="utf-8"))
    assert [] == comparing.incomplete("obligations-engaged", case)
    from kg.store import Store

    with Store.open(world.store_path) as store:
        assert "" == comparing.compare(store, "obligations-engaged", case, None)


def test_a_pin_of_some_rows_and_columns_has_numbers_as_numbers(kg, world):
    arguments = [one for name, value in frozen.asked()["rival-figures"].items() for one in ("-p", f"{name}={value}")]
    code, out, _ = kg("pin", "rival-figures", "--out", str(world.path.parent), *arguments, "--columns", "figure,value")
    rows = json.loads(out[out.index("[\n  {") : out.rindex("]") + 1])[0]["rows"]
    assert 0 == code and any(isinstance(value, int) for _, value in rows)
    assert (
        "There are counted, figure, people"
        in kg("pin", "rival-figures", "--out", str(world.path.parent), *arguments, "--columns", "nothing")[2]
    )

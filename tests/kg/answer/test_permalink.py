"""The permanent address of an answer, and how another answer differs from it."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kg import terms
from kg.answer import comparison, permalink
from kg.answer.comparison import Difference
from kg.answer.permalink import Permalink, digest, of_answer
from kg.config import Settings
from kg.errors import UnknownName
from tests.kg.answer.conftest import row, typed_value

SAID = typed_value("2012", "gYear")
EVENT = terms.BASE + "id/event/2011-06-handover"
HANDOVER = Permalink("findings", {"event": EVENT}, "20240101-aaaaaaaa", "0123456789ab")
VALUES = some.dictionaries(
    some.from_regex(r"[a-z]{1,9}", fullmatch=True),
    some.text(some.characters(exclude_characters="\0\x01", exclude_categories=["Cs"]), min_size=1),
    max_size=4,
)


@given(values=VALUES, again=some.sampled_from(["", "-2", "-12"]))
def test_an_address_is_read_as_it_was_written(values, again):
    named = Permalink("rival-figures", values, f"20261126-d7b5f684{again}", "0123456789ab")
    assert named == Permalink.read(named.write())


def test_an_address_is_short_and_of_one_word_and_one_that_was_given_once_stays_readable():
    untagged = Permalink.read("AQAiPqqqqqoBI0VniatLy8xLycxLL8am2FDXwEw3IzEvJb8stQgA")
    assert HANDOVER._replace(is_tagged=False) == untagged
    word = HANDOVER.write()
    assert len(word) < 80 and word.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("word", ["", "x", "AQ", "a b", "é", "A" * 3000, "AQAkJNe19oQBI0VniasrSyzKTNRNy0wvLUosKs"])
def test_what_is_no_address_of_an_answer_is_refused(word):
    with pytest.raises(UnknownName):
        Permalink.read(word)


def test_an_address_that_was_cut_or_changed_is_refused_or_known_as_made_up():
    word = HANDOVER.write()
    for place in range(len(word)):
        for other in (word[:place], word[:place] + ("A" if word[place] != "A" else "B") + word[place + 1 :]):
            try:
                assert not Permalink.read(other).is_tagged or place == len(word) - 1  # its last bits mean nothing
            except UnknownName:
                pass


def test_servers_with_one_secret_know_each_others_addresses_and_those_with_another_do_not(tmp_path, monkeypatch):
    secrets = [Settings.load(env={}, root=tmp_path, answer_secret=tmp_path / name) for name in ("one", "one", "two")]
    one, again, two = (settings.read_answer_secret() for settings in secrets)
    assert one == again != two and (tmp_path / "one").stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(permalink, "_key", lambda: one)
    word = HANDOVER.write()
    assert Permalink.read(word).is_tagged
    monkeypatch.setattr(permalink, "_key", lambda: two)
    assert not Permalink.read(word).is_tagged


def test_without_a_place_for_its_secret_a_server_says_so_and_knows_its_own_addresses(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(Settings, "load", lambda: Settings(out=tmp_path, answer_secret=tmp_path / "none/key"))
    monkeypatch.setattr(permalink, "_key", cache(permalink._key.__wrapped__))
    assert Permalink.read(HANDOVER.write()).is_tagged
    assert "as long as their release is here" in caplog.text


def test_a_word_that_unpacks_to_too_much_is_refused():
    with pytest.raises(UnknownName):
        Permalink.read(Permalink("q", {"text": "a" * 20_000}, "20240101-aaaaaaaa", "0123456789ab").write())


def test_the_digest_is_of_the_values_and_not_of_their_order_or_names(typed):
    passages = typed.rows[0]["passages"]
    turned = {**passages, "value": " ".join(reversed(passages["value"].split()))}
    same = replace(
        typed, rows=(typed.rows[1], {**typed.rows[0], "passages": turned}), labels={}, release="20250101-00000000"
    )
    assert digest(typed) == digest(same)
    other = replace(typed, rows=(typed.rows[0], {**typed.rows[1], "value": typed_value("701", "integer")}))
    assert digest(typed) != digest(other)
    assert Difference([], [], []) == comparison.compare(typed, same)


def test_rows_that_came_went_and_changed_are_told_apart(typed):
    now = ({**typed.rows[0], "value": typed_value("16", "integer")}, row("organisation/else", "3", SAID, note="new"))
    found = comparison.compare(typed, replace(typed, rows=now))
    assert [(typed.rows[0], now[0])] == found.changed
    assert ([now[1]], [typed.rows[1]]) == (found.added, found.removed)


def test_a_row_that_stands_twice_is_counted(typed):
    twice = replace(typed, rows=(*typed.rows, typed.rows[0]))
    found = comparison.compare(typed, twice)
    assert ([typed.rows[0]], [], []) == (found.added, found.removed, found.changed)
    assert digest(typed) != digest(twice)


def test_the_states_of_an_answer_are_its_rows_from_release_to_release(typed):
    fewer = replace(typed, rows=typed.rows[1:])
    rows = {"r5": typed, "r4": fewer, "r3": fewer, "r2": typed}
    answers = [replace(answer, release=name) for name, answer in rows.items()]
    newest, older = comparison.states_of(answers)  # the rows of the first are back, which is told once
    assert ("r5", digest(typed)) == (newest.answer.release, newest.digest)
    assert ("r3", "r3", "r2") == (newest.before.release, older.answer.release, older.before.release)
    assert ([typed.rows[0]], [typed.rows[0]]) == (newest.difference.added, older.difference.removed)
    (only,) = comparison.states_of(answers[1:3])
    assert ("r3", None, None) == (only.answer.release, only.before, only.difference)


def test_where_no_column_tells_rows_apart_the_most_alike_are_one(typed):
    police = [row("organ/police", str(number), SAID, note) for number, note in ((1, "a"), (2, "b"), (3, "c"))]
    now = [row("organ/police", str(number), SAID, note) for number, note in ((1, "a"), (5, "b"), (3, "d"))]
    found = comparison.compare(replace(typed, rows=tuple(police)), replace(typed, rows=tuple(now)))
    assert ([(police[1], now[1]), (police[2], now[2])], [], []) == (found.changed, found.added, found.removed)


def test_an_answer_is_compared_with_todays_as_far_as_the_two_are_there(typed):
    named = of_answer(typed)
    later = replace(typed, rows=typed.rows[:1])
    same = comparison.compare_with_today(named, typed, typed)
    assert ("same", Difference((), (), ())) == (same.state, same.difference)
    changed = comparison.compare_with_today(named, typed, later)
    assert ("changed", ["removed", "given"]) == (changed.state, [*changed.sections])
    gone = comparison.compare_with_today(named, None, later, "absent")
    assert ("changed", None, {}) == (gone.state, gone.difference, gone.sections)
    lost = comparison.compare_with_today(named, None, None, "absent")
    assert ("unknown", None) == (lost.state, lost.answer)
    for then in (later, None):
        with pytest.raises(UnknownName, match="never gave such an answer"):
            comparison.compare_with_today(named, then, typed)

"""The permanent address of an answer: the answer as given, what changed since, and a release that is gone."""

import base64
import re
import shutil
from urllib.parse import quote

import pytest

from api.routers import answers
from kg import release as releases
from kg.answer.permalink import Permalink
from tests.api.client import start, words
from tests.api.serving import serve

EVENT = {"event": "id/event/2012-03-16-port-ansel"}
FIGURE = "https://w3id.org/answerable/id/figure/"


@pytest.fixture(scope="module")
def ids(changed_world):
    """The ids of the two releases, the older first."""
    found = [one.id for one in releases.releases(changed_world)]
    current = releases.current(changed_world).id
    return [next(one for one in found if one != current), current]


@pytest.fixture(scope="module")
def word(later, ids):
    """The word of the answer that the older release gave."""
    told = later.get(f"/release/{ids[0]}/questions/rival-figures.json", params=EVENT).json()
    assert told["permanent"].startswith("https://w3id.org/answerable/answer/")
    return told["permanent"].rpartition("/")[2]


def test_an_answer_of_the_release_that_answers_is_the_same(client):
    told = client.get("/questions/rival-figures.json", params=EVENT).json()
    answer = client.get(told["permanent"].removeprefix("https://w3id.org/answerable") + ".json").json()
    assert ("same", told["rows"]) == (answer["state"], answer["given"]["rows"])
    assert told["sentence"] == answer["sentence"]


def test_rows_that_changed_came_and_went_stand_side_by_side(later, word, ids):
    told = later.get(f"/answer/{word}.json").json()
    assert ("changed", ids[0], ids[1]) == (told["state"], told["given"]["release"], told["today"]["release"])
    difference = told["difference"]
    assert [FIGURE + "daily-post-wounded"] == [row["figure"]["id"] for row in difference["added"]]
    assert [FIGURE + "daily-post-killed"] == [row["figure"]["id"] for row in difference["removed"]]
    (changed,) = difference["changed"]
    assert ("14", "15") == (changed["then"]["value"], changed["now"]["value"])
    assert ("The Prosecutor: 14 killed", "The Prosecutor: 15 killed") == tuple(
        changed[one]["figure"]["label"] for one in ("then", "now")
    )
    page = later.page(f"/answer/{word}")
    assert "1 result changed, 1 result added, 1 result removed" in re.sub(r"\s+", " ", page)
    assert "<del>14</del>" in page and "<ins>15</ins>" in page
    assert f'href="/release/{ids[0]}/doc/figure/daily-post-killed"' in page  # where it still is
    assert "<script>" not in page and " style=" not in page
    alone = later.browse(f"/answer/{word}?show=changed")
    assert 200 == alone.status_code and "<ins>15</ins>" in alone.text and "daily-post-killed" not in alone.text


def test_seen_from_the_older_release_it_is_that_answer(later, word, ids):
    told = later.get(f"/release/{ids[0]}/answer/{word}.json").json()
    assert ("same", ids[0]) == (told["state"], told["today"]["release"])


def test_an_answer_that_no_release_gave_is_not_shown(later, word):
    named = Permalink.read(word)
    for wrong in (
        named._replace(digest="0" * 12),
        named._replace(values={"event": "id/event/nothing"}),
        named._replace(question="findings"),
    ):
        answer = later.get(f"/answer/{wrong.write()}.json")
        assert (404, True) == (answer.status_code, "never gave such an answer" in answer.json()["detail"])


def untagged(word):
    """Write a word as words were written before they had a tag, which anybody can do."""
    data = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    return base64.urlsafe_b64encode(b"\1" + data[9:]).decode().rstrip("=")


def test_a_word_from_before_there_were_tags_is_shown_where_its_release_is_here(later, word):
    old = untagged(word)
    assert (
        later.get(f"/answer/{old}.json").json()["given"]["rows"]
        == later.get(f"/answer/{word}.json").json()["given"]["rows"]
    )
    assert f"answer/{word}" in later.page(f"/answer/{old}")


FORGED = "A watchdog admits that nobody was killed"


@pytest.mark.parametrize(
    "change", [{"question": FORGED}, {"digest": "0" * 12}, {"values": {**EVENT, "only.words": FORGED}}]
)
@pytest.mark.parametrize("release", ["20200101-deadbeef", None], ids=["gone", "here"])
def test_nobody_is_quoted_with_what_was_not_answered(later, word, change, release):
    real = Permalink.read(word)
    made_up = untagged(real._replace(release=release or real.release, **change).write())
    ends = made_up[:-2] + ("AA" if made_up[-2:] != "AA" else "BB")
    for other in (made_up, ends):
        for path in (
            f"/answer/{other}",
            f"/answer/{other}.json",
            f"/card/answer/{other}.png",
            f"/linkset/answer/{other}",
        ):
            answer = later.get(path) if "linkset" in path else later.browse(path)
            assert answer.status_code == 404 and FORGED not in answer.text, path
        for form in ("text", "bibtex", "ris", "csl"):
            assert later.get("/cite", params={"of": f"/answer/{other}", "format": form}).status_code == 404


@pytest.mark.parametrize(
    "value", [FORGED, f"id/figure/{FORGED}", "x> } UNION { ?thing ?p ?label } #", "id/figure/none"]
)
def test_a_filter_by_what_is_in_no_row_is_in_no_title_and_no_citation(client, value):
    asked = f"/questions/rival-figures?event={EVENT['event']}&only.figure={quote(value)}"
    refused = client.browse(asked)
    assert refused.status_code == 400 and "is no value of figure here" in words(refused.text)
    for form in ("text", "bibtex", "ris", "csl"):
        assert (
            FORGED
            not in client.get("/cite", params={"of": asked, "format": form}).text.replace("+", " ").partition("http")[0]
        )
    card = client.page(f"/card/questions/rival-figures.svg?{asked.partition('?')[2]}", None)
    assert value not in words(card)


def test_it_is_worked_out_once_and_forgotten_as_soon_as_its_release_is_removed(
    changed_world, ids, word, tmp_path, monkeypatch
):
    shutil.copytree(changed_world, tmp_path / "releases", symlinks=True)
    asked = []
    ask_again = answers._ask_again
    monkeypatch.setattr(answers, "_ask_again", lambda *given: asked.append(given) or ask_again(*given))
    with start(tmp_path / "releases") as client:
        paths = (f"/answer/{word}", f"/answer/{word}.json", f"/answer/{word}?lang=ru")
        for path in paths:
            first, asked[:] = client.browse(path), []
            assert first.content == client.browse(path).content and "daily-post-killed" in first.text
            assert [] == asked
        releases.mark_removed(releases.Release(tmp_path / "releases" / ids[0]), "2026-01-01", "protection of persons")
        assert not any("daily-post-killed" in client.browse(path).text for path in paths)
        here = client.app.state.releases
        client.portal.call(here.follow)
        held = [value.body for value in here.current.cache._values.values()]
        assert not any(b"daily-post-killed" in body for body in held)


def test_nothing_of_it_is_stored_by_browsers(later, word):
    for accept in ("text/html", "application/json"):
        answer = later.get(f"/answer/{word}", headers={"Accept": accept})
        assert (200, "no-store") == (answer.status_code, answer.headers["cache-control"])
        assert "etag" not in answer.headers


@pytest.mark.parametrize("removed", [False, True], ids=["not kept", "removed"])
def test_a_release_that_is_gone_shows_no_row_and_says_so(changed_world, ids, word, tmp_path, removed):
    shutil.copytree(changed_world / ids[1], tmp_path / ids[1])
    (tmp_path / "current").symlink_to(ids[1])
    if removed:
        shutil.copytree(changed_world / ids[0], tmp_path / ids[0])
        releases.mark_removed(releases.Release(tmp_path / ids[0]), "2026-01-01", "protection of persons")
    with start(tmp_path) as client:
        told = client.get(f"/answer/{word}.json").json()
        page = client.page(f"/answer/{word}")
    assert ("changed", None, None) == (told["state"], told["difference"], told["given"]["rows"])
    assert ("removed" if removed else "absent") == told["given"]["gone"]
    assert "daily-post-killed" not in page and "Daily Post: dozens killed" not in page
    assert ("protection of persons" in page) == removed
    assert "other results" in page


def test_a_release_that_is_gone_still_tells_that_the_rows_are_the_same(changed_world, ids, tmp_path):
    shutil.copytree(changed_world / ids[1], tmp_path / ids[1])
    (tmp_path / "current").symlink_to(ids[1])
    with start(tmp_path) as client:
        word = client.get("/questions/rival-figures.json", params=EVENT).json()["permanent"].rpartition("/")[2]
        older = Permalink.read(word)._replace(release="20200101-00000000").write()
        told = client.get(f"/answer/{older}.json").json()
    assert ("same", "absent") == (told["state"], told["given"]["gone"])


@pytest.mark.slow
def test_an_answer_of_one_server_is_shown_by_others_with_its_secret_and_by_no_other(changed_world, ids, tmp_path):
    shutil.copytree(changed_world / ids[1], tmp_path / ids[1])
    (tmp_path / "current").symlink_to(ids[1])
    path = f"/release/{ids[0]}/questions/rival-figures.json"
    with serve(changed_world, answer_secret=tmp_path / "secret") as one, one.client() as client:
        word = client.get(path, params=EVENT).json()["permanent"].rpartition("/")[2]
    addresses = [f"/answer/{word}{end}" for end in ("", ".json")] + [f"/cite?of=/answer/{word}"]
    for out, secret, statuses, state in (
        (changed_world, "secret", {200}, "changed"),
        (tmp_path, "secret", {200}, "changed"),  # its release is not here any more
        (tmp_path, "another", {404}, None),
    ):
        with serve(out, answer_secret=tmp_path / secret) as other, other.client() as client:
            assert statuses == {client.get(address).status_code for address in addresses}
            assert state == client.get(addresses[1]).json().get("state")


def test_the_address_of_a_narrowed_answer_gives_the_rows_that_pass_the_filters_on_all_pages(client):
    values = {**EVENT, "only.counted": "scheme/counted/killed", "sort": "-said"}
    told = client.get("/questions/rival-figures.json", params=values).json()
    assert 3 == told["rowsMatching"] == len(told["rows"])
    answer = client.get(told["permanent"].removeprefix("https://w3id.org/answerable") + ".json").json()
    assert ("same", told["rows"]) == (answer["state"], answer["given"]["rows"])
    page = client.page("/questions/rival-figures", params={**values, "page": "1"})
    assert told["permanent"].rpartition("/")[2] in page

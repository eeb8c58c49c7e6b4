"""The open releases: a bad question costs itself alone, and what was removed is forgotten."""

import asyncio
import hashlib
import shutil

import pytest

from api.http.metrics import Metrics
from kg import release as releases
from kg.answer import opened
from kg.changes import compare
from kg.config import Settings
from kg.errors import QueryStopped
from kg.store import Query
from tests.api.client import start

HEADER = """#+ title: A question for a test
#+ question: What is there for {thing}?
#+ about: Nothing.
#+ empty: Nothing is recorded.
#+ parameter: thing | integer | - | 7 | a number
#+ column: thing | a thing | Thing
#+ column: passage | where it is written | Passage
#+ cites: passage
#+ picture: table
"""
BODY = "SELECT ?thing ?passage WHERE { ?thing ?passage ?x } LIMIT 1\n"
BAD = {
    "a line of the header is missing": HEADER.replace("#+ empty: Nothing is recorded.\n", "") + BODY,
    "a header key that does not exist": HEADER + "#+ colour: red\n" + BODY,
    "no UTF-8": HEADER.encode() + b"# \xff\n" + BODY.encode(),
    "its SPARQL does not parse": HEADER + "SELECT ?thing WHERE { ?thing \n",
    "another server is asked": HEADER + "SELECT ?thing { SERVICE <http://example.org/> { ?thing ?p ?o } }\n",
    "its example is of the wrong kind": HEADER.replace("| 7 |", "| seven |") + BODY,
}
PAGES = (
    "/",
    "/questions",
    "/questions?format=json",
    "/questions/findings",
    "/editor.json",
    "/docs",
    "/sparql",
    "/health",
)


@pytest.fixture(scope="module")
def damaged(release, tmp_path_factory):
    """Serve a release with every kind of bad question in it, as one of before could have them; a client."""
    folder = tmp_path_factory.mktemp("damaged")
    copy = folder / release.id
    shutil.copytree(release.path, copy)
    manifest = {**release.manifest, "outputs": {**release.manifest["outputs"]}}
    for number, text in enumerate(BAD.values()):
        body = text if isinstance(text, bytes) else text.encode()
        (copy / "questions" / f"bad-{number}.rq").write_bytes(body)
        manifest["outputs"][f"questions/bad-{number}.rq"] = hashlib.sha256(body).hexdigest()
    releases.seal(copy, manifest)
    with start(copy) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_the_site_answers_with_bad_questions_in_its_release(damaged, release, path):
    assert 200 == damaged.get(path, headers={"Accept": "text/html, */*;q=0.5"}).status_code
    assert 200 == damaged.get(path).status_code


@pytest.mark.parametrize("number", range(len(BAD)), ids=list(BAD))
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_a_bad_question_is_a_problem_that_names_it(damaged, number, accept):
    answer = damaged.get(f"/questions/bad-{number}?thing=7", headers={"Accept": accept})
    assert (500, True) == (answer.status_code, f"bad-{number}" in answer.text)
    assert "its file in the release" in answer.text and "/tmp" not in answer.text


def test_each_bad_question_is_named_in_the_log(damaged, caplog):
    del damaged.app.state.releases.current.questions  # which are read again then
    for number in range(len(BAD)):
        damaged.get(f"/questions/bad-{number}?thing=7")
    told = [record.getMessage() for record in caplog.records if record.name == "answerable.releases"]
    for number in range(len(BAD)):
        assert [line for line in told if f"bad-{number} is bad" in line], number


def test_a_release_that_was_removed_keeps_no_answer_in_memory(release):
    with start(release.path) as client:
        address = "/questions/coverage"
        assert 200 == client.get(address).status_code
        opened = client.app.state.releases.current
        held = [opened.cache, opened.once, opened.names, opened.pages.rows]
        opened.withdraw()
        now = [opened.cache, opened.once, opened.names, opened.pages.rows]
        assert not any(one is other for one, other in zip(held, now, strict=True))
        assert 410 == client.get(address).status_code


async def test_a_pair_is_compared_once_until_one_of_the_two_is_removed(changed_world, tmp_path, monkeypatch):
    shutil.copytree(changed_world, tmp_path / "releases", symlinks=True)
    old, new = releases.releases(tmp_path / "releases")
    asked, run = [], opened.run_apart
    monkeypatch.setattr(opened, "run_apart", lambda work, *pair: asked.append(work) or run(work, *pair))
    here = opened.OpenReleases(Settings.load(env={}, out=tmp_path / "releases", workers=1, page_workers=1), Metrics())
    await here.start()
    found = await asyncio.gather(*(here.compare(old, new) for _ in range(3)))
    assert found[0] is found[1] is found[2] and 3 == found[0].total
    assert len(await here.pages_of_versions(None, new)) > len(await here.pages_of_versions(old, new)) == 1
    await here.follow()
    assert found[0] is await here.compare(old, new) and 1 == asked.count(compare)
    releases.mark_removed(old, "2026-01-31", "The safety of people.")
    await here.follow()
    assert found[0] is not await here.compare(old, new) and 2 == asked.count(compare)
    await here.close()


async def test_an_older_release_ends_when_another_takes_its_place_and_its_last_request_is_answered(
    three_releases, three_ids, monkeypatch
):
    monkeypatch.setattr(opened, "OLD_OPEN", 1)
    oldest, older, _ = three_ids
    here = opened.OpenReleases(Settings.load(env={}, out=three_releases, workers=1, page_workers=1), Metrics())
    await here.start()
    first, second = await asyncio.gather(here.acquire_old(oldest), here.acquire_old(oldest))
    assert first is second and [1, 1] == [pool.capacity.size for pool in first.pools]
    (await here.acquire_old(older)).leave()
    first.leave()
    assert (await first.pages.answer(Query("ASK {}"))).kind == "ask"  # one request is being answered
    first.leave()
    with pytest.raises(QueryStopped, match="closing"):
        await first.pages.answer(Query("ASK {}"))
    again = await here.acquire_old(oldest)
    assert again is not first
    again.leave()
    await here.close()

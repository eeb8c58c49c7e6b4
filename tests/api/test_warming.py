"""The pages that a server prepares by itself: which, how often, and that nothing of it is in anybody's way."""

import logging
import time

import pytest
from starlette.testclient import TestClient

from api import warming
from api.app import create_app
from kg.config import Settings
from kg.languages import DEFAULT, LANGUAGES
from tests.api.serving import serve


def wait_for(done):
    """Wait until something is so."""
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def warmed(release, monkeypatch, pages, **settings):
    """Make an application that prepares some pages beside its requests; a client of it."""
    monkeypatch.setattr(warming, "pages_of", lambda opened: iter(pages))
    app = create_app(Settings.load(env={}, out=release.path.parent, workers=1, page_workers=1, **settings))
    app.state.background_tasks.append(warming.keep_warm)
    return TestClient(app)


@pytest.mark.parametrize("base", [None, "https://mirror.example/kg/"])
def test_the_first_visitor_finds_what_was_prepared(release, monkeypatch, base):
    pages = [("/", "en"), ("/events", "ru")]
    with warmed(release, monkeypatch, pages, base=base) as client:
        current, metrics = client.app.state.releases.current, client.app.state.metrics
        wait_for(lambda: len(current.cache) == len(pages))
        before = metrics.lookups["misses"]
        for path, language in pages:
            answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
            assert (200, language) == (answer.status_code, answer.text.partition('lang="')[2][:2])
        assert (before, len(pages)) == (metrics.lookups["misses"], len(current.cache))


def test_what_cannot_be_prepared_is_logged_in_one_line_and_the_next_page_is_prepared(release, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "answerable.warming")
    with warmed(release, monkeypatch, [("/nothing", "en"), ("/events?country=none", "en"), ("/about", "en")]) as client:
        wait_for(lambda: "1 pages prepared" in caplog.text)
        assert 1 == len(client.app.state.releases.current.cache)
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert 2 == len(told) and all("could not be prepared" in one.message and one.exc_info is None for one in told)


def test_a_server_stops_while_it_prepares_pages(release, monkeypatch):
    with warmed(release, monkeypatch, [("/about", "en")] * 100_000) as client:
        wait_for(lambda: len(client.app.state.releases.current.cache))
        began = time.monotonic()
    assert time.monotonic() - began < 10


def test_the_pages_of_a_release_are_those_of_all_lists_and_questions(client):
    pages = [*warming.pages_of(client.app.state.releases.current)]
    assert len(pages) == len({*pages}) and set(LANGUAGES) == {language for _, language in pages}
    paths = {path for path, language in pages if language == DEFAULT}
    assert {"/", "/events", "/questions", "/questions/coverage", "/doc/state/xar"} <= paths
    for path in sorted(paths):
        assert 200 == client.get(path, headers={"Accept": "text/html"}).status_code, path


def test_nothing_is_prepared_unless_the_server_is_told_to(client):
    assert [] == client.app.state.background_tasks


@pytest.mark.slow
def test_kg_serve_prepares_pages_unless_a_setting_forbids_it(release):
    for is_on in ("yes", "no"):
        with serve(release.path.parent, workers=1, page_workers=1, warm=is_on, access_log="yes") as server:
            if is_on == "yes":
                wait_for(lambda log=server.log: any("pages prepared" in line["message"] for line in log))
            assert 200 == server.client().get("/").status_code
            assert is_on == ("yes" if any(line["logger"] == "answerable.warming" for line in server.log) else "no")

"""The application: what every answer has in common, and the switch from one release to the next."""

import json
import logging
import os
import re
import threading
import time

import pytest
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from api.app import create_app
from api.http import logs
from kg.config import Settings
from kg.errors import QueryTimeout, ReleaseCorrupt, UnknownName

PATHS = ["/", "/sparql", "/doc/state/xar", "/ontology", "/scheme", "/questions", "/dataset", "/docs", "/search?q=CC"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_shared_headers(client, release, path):
    answer = client.get(path, headers={"Accept": "text/html"})
    assert 200 == answer.status_code
    assert release.id == answer.headers["x-release"]
    assert "*" == answer.headers["access-control-allow-origin"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert "no-referrer" == answer.headers["referrer-policy"]
    assert "Accept" in answer.headers["vary"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_the_script_that_suggests_by_address_and_no_script_and_no_style_of_its_own(client, path):
    page = client.get(path, headers={"Accept": "text/html"}).text
    page, number = re.subn(r'<script type="module" src="/static/suggest\.js\?v=\w+"></script>', "", page)
    assert 1 == number == page.count('data-suggest="/suggest"')
    if path == "/sparql":  # the editor's two, by address
        page = re.sub(r'<script defer src="/static/(?:yasgui|editor)\.js\?v=\w+"></script>', "", page)
    if path == "/dataset":  # a block of data, which no browser runs and no policy needs to allow
        page = re.sub(r'<script type="application/ld\+json">[^<>]*</script>', "", page)
    assert [] == re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:", page)
    assert [] == re.findall(r'(?:src|href)="(?:https?:)?//[^"]+\.(?:js|css|woff2?|png|svg)"', page)


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_a_body(client, path):
    got = client.get(path, headers={"Accept": "text/html"})
    head = client.head(path, headers={"Accept": "text/html"})
    assert (got.status_code, got.headers["content-length"]) == (head.status_code, head.headers["content-length"])
    assert b"" == head.content


@pytest.mark.parametrize("path", ["/", "/doc/state/xar", "/dumps/answerable.nq.gz", "/health", "/questions/findings"])
def test_options_names_the_methods(client, path):
    answer = client.options(path)
    assert (204, "GET, HEAD, OPTIONS") == (answer.status_code, answer.headers["allow"])


def test_options_of_the_query_service_names_post(client):
    answer = client.options("/sparql", headers={"Origin": "https://example.org"})
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_options_of_an_unknown_address_is_404(client):
    assert 404 == client.options("/no/such/place").status_code


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_a_method_nobody_offers_is_405_with_those_on_offer(client, method):
    answer = client.request(method, "/doc/state/xar")
    assert 405 == answer.status_code
    assert "GET, HEAD, OPTIONS" == answer.headers["allow"]
    assert "application/problem+json" == answer.headers["content-type"]


@pytest.mark.parametrize("path", PATHS)
def test_what_the_client_has_is_not_sent_again(client, path):
    first = client.get(path, headers={"Accept": "text/html"})
    if "etag" not in first.headers:  # the form keeps what a person typed
        assert "no-store" == first.headers["cache-control"]
        return
    again = client.get(path, headers={"Accept": "text/html", "If-None-Match": first.headers["etag"]})
    assert (304, b"") == (again.status_code, again.content)
    assert first.headers["etag"] == again.headers["etag"]


def test_each_format_has_its_own_etag(client):
    tags = {client.get(f"/doc/state/xar.{name}").headers["etag"] for name in ("html", "ttl", "nt", "jsonld", "rdf")}
    assert 5 == len(tags)


def test_a_long_answer_is_compressed_for_those_who_can_read_it(client):
    answer = client.get("/doc/state/xar.ttl", headers={"Accept-Encoding": "gzip"})
    assert "gzip" == answer.headers["content-encoding"]
    assert {"Accept", "Accept-Encoding"} <= {part.strip() for part in answer.headers["vary"].split(",")}


def test_an_unknown_address_is_a_problem_for_a_program_and_a_page_for_a_person(client):
    problem = client.get("/no/such/place").json()
    assert (404, "/no/such/place") == (problem["status"], problem["instance"])
    page = client.get("/no/such/place", headers={"Accept": "text/html"})
    assert (404, True) == (page.status_code, "<h1>" in page.text)


@pytest.mark.parametrize("path", ["//example.org", "//example.org/", "/\\example.org", "/%2F%2Fexample.org/%2e%2e"])
def test_no_address_redirects_to_another_server(client, path):
    answer = client.get("http://testserver" + path)  # in full, else the client itself would go to the other server
    assert 404 == answer.status_code
    assert "location" not in answer.headers


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_hostile_text_in_an_address_comes_back_as_text(client, accept):
    attack = "<script>alert(1)</script>"
    for path in (
        f"/search?q={attack}",
        f"/doc/act/{attack}",
        f"/{attack}",
        f"/questions/{attack}",
        f"/scheme/{attack}",
    ):
        answer = client.get(path, headers={"Accept": accept})
        assert attack not in answer.text or "html" not in answer.headers["content-type"]


def test_there_is_no_server_without_a_release(tmp_path):
    app = create_app(Settings.load(env={}, out=tmp_path))
    with pytest.raises(UnknownName), TestClient(app):
        pass


def test_a_switch_of_releases_fails_no_request(two_releases):
    out, (first, second) = two_releases
    app = create_app(Settings.load(env={}, out=out, deadline=5.0, workers=1, page_workers=1))
    with TestClient(app, raise_server_exceptions=False) as client:
        seen, stop = [], threading.Event()

        def ask():
            while not stop.is_set():
                answer = client.get("/sparql", params={"query": "ASK {}", "n": str(len(seen))})
                seen.append((answer.status_code, answer.headers["x-release"]))

        asking = threading.Thread(target=ask)
        asking.start()
        os.symlink(second, out / "next")
        os.replace(out / "next", out / "current")
        late = time.monotonic() + 10
        while client.get("/health").json()["release"] != second and time.monotonic() < late:
            time.sleep(0.05)
        stop.set()
        asking.join()
        assert {200} == {status for status, _ in seen}
        assert first == seen[0][1]
        assert second == client.get("/health").json()["release"]


def test_a_release_that_does_not_verify_is_not_served(two_releases):
    out, (first, second) = two_releases
    with (out / second / "catalogue.ttl").open("a") as catalogue:
        catalogue.write("# changed\n")
    with TestClient(create_app(Settings.load(env={}, out=out, workers=1, page_workers=1))) as client:
        os.symlink(second, out / "next")
        os.replace(out / "next", out / "current")
        client.app.state.releases.follow()
        health = client.get("/health").json()
        assert (first, "degraded") == (health["release"], health["status"])
        assert str(out) not in str(health)


def test_an_older_release_answers_under_its_own_address(two_releases):
    out, (first, second) = two_releases
    with TestClient(
        create_app(Settings.load(env={}, out=out, workers=1, page_workers=1)), follow_redirects=False
    ) as client:
        for path in ("/doc/state/xar", "/sparql?query=ASK%20%7B%7D", "/questions", "/", "/dumps/answerable.nq.gz"):
            answer = client.get(f"/release/{second}{path}")
            assert (200, second) == (answer.status_code, answer.headers["x-release"])
            assert first == client.get(path).headers["x-release"]
        moved = client.get(f"/release/{second}/id/state/xar")
        assert (303, f"/release/{second}/doc/state/xar") == (moved.status_code, moved.headers["location"])
        page = client.get(f"/release/{second}/doc/state/xar", headers={"Accept": "text/html"}).text
        assert f'href="/release/{second}/doc/organ/' in page or f'href="/release/{second}/doc/act/' in page
        assert 404 == client.get("/release/20200101-00000000/doc/state/xar").status_code
        assert second == client.get(f"/release/{second}?format=json").json()["id"]


def test_the_log_says_neither_who_asked_nor_what(client, caplog):
    with caplog.at_level(logging.INFO, logger="answerable.access"):
        client.get("/search", params={"q": "secretword"})
    assert "/search" in caplog.text
    assert "secretword" not in caplog.text
    assert "testclient" not in caplog.text


class Fault(Exception):
    """An error that no handler expects."""


@pytest.mark.parametrize("error", [Fault("secretword"), ReleaseCorrupt("secretword", where="secretword")])
def test_a_fault_is_logged_with_its_route_and_told_in_no_detail(release, caplog, error):
    app = create_app(Settings.load(env={}, out=release.path.parent, workers=1, page_workers=1))

    @app.get("/fail/{name}")
    async def fail(name: str):
        raise error

    with TestClient(app) as client:
        answer = client.get("/fail/secretword", params={"q": "secretword"})
        assert 'route="/fail/{name}",status="500"' in client.get("/metrics").text
    assert (500, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert release.id == answer.headers["x-release"]
    told = {name: text for name, text in answer.json().items() if name != "instance"}
    assert "secretword" not in str(told) and "logged" in told["detail"]
    (line,) = [logs.Lines().format(record) for record in caplog.records if record.name == logs.ERRORS]
    assert "/fail/{name}" in line and getattr(error, "slug", "Fault") in line
    assert "secretword" not in line


def test_an_answer_that_breaks_off_is_counted_and_left_without_its_end(release):
    async def pieces():
        yield b"half"
        raise QueryTimeout("late")

    app = create_app(Settings.load(env={}, out=release.path.parent, workers=1, page_workers=1))

    @app.get("/begin")
    async def begin():
        return StreamingResponse(pieces())

    with TestClient(app) as client:
        answer = client.get("/begin")
        begun, _, line = answer.content.partition(b"\n!!! answer cut: ")
        assert (200, b"half", 503, "late") == (
            answer.status_code,
            begun,
            *map(json.loads(line).get, ("status", "detail")),
        )
        assert "answerable_answers_cut_total 1.0" in client.get("/metrics").text

"""The application: what every answer has in common, and the switch from one release to the next."""

import json

import pytest
from starlette.responses import StreamingResponse

from api.http import logs
from kg.errors import QueryTimeout, ReleaseCorrupt, UnknownName
from tests.api.client import start


def test_an_unknown_address_is_a_problem_for_a_program_and_a_page_for_a_person(client):
    problem = client.get("/no/such/place").json()
    assert (404, "/no/such/place") == (problem["status"], problem["instance"])
    page = client.browse("/no/such/place")
    assert (404, True) == (page.status_code, "<h1>" in page.text)


@pytest.mark.parametrize("path", ["//example.org", "//example.org/", "/\\example.org", "/%2F%2Fexample.org/%2e%2e"])
def test_no_address_redirects_to_another_server(client, path):
    answer = client.get("http://testserver" + path)  # in full, else the client itself would go to the other server
    assert (404, False) == (answer.status_code, "location" in answer.headers)


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
    with pytest.raises(UnknownName), start(tmp_path):
        pass


def test_an_older_release_answers_under_its_own_address(two_releases):
    out, (first, second) = two_releases
    with start(out) as client:
        for path in ("/doc/state/xar", "/sparql?query=ASK%20%7B%7D", "/questions", "/", "/dumps/answerable.nq.gz"):
            answer = client.get(f"/release/{second}{path}")
            assert (200, second) == (answer.status_code, answer.headers["x-release"])
            assert first == client.get(path).headers["x-release"]
        moved = client.get(f"/release/{second}/id/state/xar")
        assert (303, f"/release/{second}/doc/state/xar") == (moved.status_code, moved.headers["location"])
        page = client.page(f"/release/{second}/doc/state/xar")
        assert f'href="/release/{second}/doc/organ/' in page or f'href="/release/{second}/doc/act/' in page
        assert second == client.get(f"/release/{second}?format=json").json()["id"]


class Fault(Exception):
    """An error that no handler expects."""


@pytest.mark.parametrize("error", [Fault("secretword"), ReleaseCorrupt("secretword", where="secretword")])
def test_a_fault_is_logged_with_its_route_and_told_in_no_detail(routed, release, caplog, error):
    @routed.app.get("/fail/{name}")
    async def fail(name: str):
        raise error

    answer = routed.get("/fail/secretword", params={"q": "secretword"})
    assert 'route="/fail/{name}",status="500"' in routed.get("/metrics").text
    assert (500, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert release.id == answer.headers["x-release"]
    told = {name: text for name, text in answer.json().items() if name != "instance"}
    assert "secretword" not in str(told) and "logged" in told["detail"]
    (line,) = [logs.Lines().format(record) for record in caplog.records if record.name == logs.ERRORS]
    assert "/fail/{name}" in line and getattr(error, "slug", "Fault") in line
    assert "secretword" not in line


def test_an_answer_that_breaks_off_is_counted_and_left_without_its_end(routed):
    async def pieces():
        yield b"half"
        raise QueryTimeout("late")

    @routed.app.get("/begin")
    async def begin():
        return StreamingResponse(pieces())

    cut = routed.app.state.metrics.cut._value.get()
    answer = routed.get("/begin")
    begun, _, line = answer.content.partition(b"\n!!! answer cut: ")
    problem = json.loads(line)
    assert (200, b"half", 503, "late") == (answer.status_code, begun, problem["status"], problem["detail"])
    assert f"answerable_answers_cut_total {cut + 1}" in routed.get("/metrics").text

"""For operators and programmers: health, metrics, the description of the interface."""

import pytest


def test_health_names_the_release_that_answers(client, release):
    health = client.get("/health").json()
    assert ("ok", release.id, True) == (health["status"], health["release"], health["verified"])


def test_metrics_count_without_saying_what_was_asked(client):
    client.get("/sparql", params={"query": "ASK { ?s ?p 'secretword' }"})
    text = client.get("/metrics").text
    assert 'answerable_requests_total{route="/sparql",status="200"}' in text
    assert 'pool="queries"' in text
    assert "secretword" not in text


def test_the_description_of_the_interface_covers_the_routes(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/sparql", "/id/{kind}/{key}", "/questions/{name}", "/dumps/{file}", "/search"} <= paths.keys()
    assert {"get", "post"} == paths["/sparql"].keys()


def test_the_documentation_needs_no_other_server(client):
    page = client.get("/docs", headers={"Accept": "text/html"}).text
    assert "/questions/{name}" in page
    assert "<script" not in page


@pytest.mark.parametrize("slug", ["query-syntax", "busy", "unknown-name", "withdrawn"])
def test_each_problem_type_leads_to_its_meaning(client, slug):
    answer = client.get(f"/problem/{slug}")
    assert (303, f"/docs#{slug}") == (answer.status_code, answer.headers["location"])
    assert f'id="{slug}"' in client.get("/docs").text


def test_an_unknown_problem_is_404(client):
    assert 404 == client.get("/problem/nothing").status_code

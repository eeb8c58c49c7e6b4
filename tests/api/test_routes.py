"""The table of routes: what is made from it is complete, and a page is added by a row, a handler and a template."""

import re

import jinja2
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.description import write_table
from api.http import negotiate
from api.http.negotiate import HTML
from api.http.responses import About, reader_of, serve
from api.render.page import environment
from api.routes import ROUTES
from api.routing import Row
from kg.config import PROJECT, Settings
from kg.languages import speak


def test_the_readme_has_the_table_of_routes():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    rows = [line for line in write_table(ROUTES).splitlines() if line.startswith("| `/")]
    assert len([row for row in ROUTES if not row.path.endswith(".{suffix}")]) + 1 == len(rows)
    assert [] == [row for row in rows if row not in readme.splitlines()]


def test_the_description_and_the_documentation_list_every_route(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert [row.address for row in ROUTES] == list(paths)
    listed = re.findall(r'<td data-head="Address"><code>([^<]*)</code>', client.get("/docs").text)
    assert [row.address for row in ROUTES] == listed[: len(ROUTES)]


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: row.path)
def test_options_tells_the_methods_of_each_row(client, row):
    answer = client.options(re.sub(r"{[^}]*}", "x", row.path))
    assert {*row.methods, "HEAD", "OPTIONS"} == set(answer.headers["allow"].split(", "))
    assert bool(row.bodies) == ("accept-post" in answer.headers)


async def greet(request):
    """Answer /greeting/<name>."""
    offer = negotiate.choose(request.headers.get("accept"), (HTML,))

    async def make():
        about = About("Greeting", "https://w3id.org/answerable/greeting")
        return await reader_of(request).fill("greeting.html", about=about, name=request.path_params["name"])

    return await serve(request, offer, make)


def test_a_page_is_one_row_one_handler_and_one_template(release, monkeypatch):
    own = jinja2.DictLoader(
        {"greeting.html": '{% extends "base.html" %}{% block content %}Hello {{ name }}{% endblock %}'}
    )
    templates = environment(speak("en"))
    monkeypatch.setattr(templates, "loader", jinja2.ChoiceLoader([own, templates.loader]))
    row = Row("/greeting/{name}", greet, "A greeting", (HTML,), (304, 406))
    app = create_app(Settings.load(env={}, out=release.path.parent, workers=1, page_workers=1), (*ROUTES, row))
    with TestClient(app) as client:
        page = client.get("/greeting/<you>")
        assert (200, True) == (page.status_code, "Hello &lt;you&gt;" in page.text)
        assert 304 == client.get("/greeting/<you>", headers={"If-None-Match": page.headers["etag"]}).status_code
        assert 406 == client.get("/greeting/you", headers={"Accept": "text/turtle"}).status_code
        assert "A greeting" in client.get("/docs").text
        assert ["200", "304", "406", "408", "414", "431"] == list(
            client.get("/openapi.json").json()["paths"]["/greeting/{name}"]["get"]["responses"]
        )
        assert 'route="/greeting/{name}",status="200"' in client.get("/metrics").text
    assert "| `/greeting/<name>` | GET | A greeting |" in write_table((row,))

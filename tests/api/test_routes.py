"""The routes: what is made from them is complete, and a page is added as FastAPI's users know it."""

import re
from typing import Annotated

import jinja2
from fastapi import APIRouter, Depends

from api import openapi
from api.app import create_app
from api.dependencies import About, Exchange, Offers
from api.http.negotiate import HTML
from api.render.page import environment
from kg.config import PROJECT, Settings
from kg.languages import speak

APP = create_app(Settings.load(env={}))
OPERATIONS = list(openapi.operations(APP.routes))


def test_the_readme_has_the_table_of_routes():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    rows = [line for line in openapi.write_table(APP).splitlines() if line.startswith("| `/")]
    assert len(OPERATIONS) + 1 == len(rows)
    assert [] == [row for row in rows if row not in readme.splitlines()]


def test_the_description_and_the_documentation_list_every_route(client):
    addresses = [address for address, _, _ in OPERATIONS]
    paths = client.get("/openapi.json").json()["paths"]
    assert set(addresses) == {path for path in paths if not re.fullmatch("/questions/[a-z-]+", path)}
    listed = re.findall(r'<td data-head="Address" role="cell"><code>([^<]*)</code>', client.get("/docs").text)
    assert addresses == listed[: len(addresses)]


def test_an_operation_as_the_tutorial_adds_it_answers(routed, release):
    @routed.app.get("/hello")
    async def hello(a: int = 1):
        return {"a": a}

    assert {"a": 1} == routed.get("/hello").json()
    answer = routed.get("/hello", params={"a": 2})
    assert ({"a": 2}, release.id) == (answer.json(), answer.headers["x-release"])
    wrong = routed.get("/hello", params={"a": "x"})
    assert (400, "application/problem+json") == (wrong.status_code, wrong.headers["content-type"])
    assert "parameter a is wrong" in wrong.json()["detail"]
    assert "GET, HEAD, OPTIONS" == routed.options("/hello").headers["allow"]
    head = routed.head("/hello")
    assert (200, b"") == (head.status_code, head.content)


greeting = Offers(HTML, about=About("Greeting", "https://w3id.org/answerable/greeting"))
router = APIRouter()


@router.get("/greeting/{name}", **greeting.documented)
async def greet(exchange: Annotated[Exchange, Depends(greeting)], name: str):
    """A greeting."""

    async def write():
        return await exchange.fill("greeting.html", name=name)

    return await exchange.serve(write)


def test_a_page_is_one_operation_and_one_template(routed, monkeypatch):
    own = jinja2.DictLoader(
        {"greeting.html": '{% extends "base.html" %}{% block content %}Hello {{ name }}{% endblock %}'}
    )
    templates = environment(speak("en"))
    monkeypatch.setattr(templates, "loader", jinja2.ChoiceLoader([own, templates.loader]))
    routed.app.include_router(router)
    page = routed.get("/greeting/<you>")
    assert (200, True) == (page.status_code, "Hello &lt;you&gt;" in page.text)
    assert 304 == routed.get("/greeting/<you>", headers={"If-None-Match": page.headers["etag"]}).status_code
    assert 406 == routed.get("/greeting/you", headers={"Accept": "text/turtle"}).status_code
    responses = openapi.document(routed.app)["paths"]["/greeting/{name}"]["get"]["responses"]
    assert ["200", "304", "400", "406", "408", "414", "431", "503"] == sorted(responses)
    assert 'route="/greeting/{name}",status="200"' in routed.get("/metrics").text

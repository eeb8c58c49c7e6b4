"""Whatever a stranger writes, however long: heads stay small, messages short, and no request holds up the others."""

import asyncio
import gc
import time
from collections import Counter

import pytest

from api.render import page

LONG = "х" * 3000  # of two bytes each, which an address writes with six
HEAD = 4096  # bytes of the largest head that every proxy takes
HELD = 0.05  # seconds of processor for which one step of one request may keep the event loop


def example(parameter):
    examples = parameter.get("examples") or parameter.get("schema", {}).get("examples") or ["x"]
    return str(examples[0] if isinstance(examples, list) else next(iter(examples.values()))["value"])


@pytest.fixture(scope="module")
def requests(client):
    """List a request for each parameter of each address that is too long, and one with a long parameter that is none.

    Of the questions, which share a route, those alone whose parameters are not all in another.
    """
    listed, seen, number = [], set(), Counter()
    for pattern, operations in client.data("/openapi.json")["paths"].items():
        parameters = {each["name"]: each for each in operations.get("get", {}).get("parameters", ())}
        if "get" not in operations or pattern.startswith("/questions/") and parameters.keys() <= seen:
            continue
        seen |= parameters.keys() if pattern.startswith("/questions/") else set()
        of_path = {name: example(each) for name, each in parameters.items() if each["in"] == "path"}
        of_query = {name: each for name, each in parameters.items() if each["in"] == "query"}
        needed = {name: example(each) for name, each in of_query.items() if each.get("required")}
        listed += [(pattern.format(**of_path | {name: LONG}), needed) for name in of_path]
        number.update([*of_query])  # what many routes have in common, such as `lang`, is tried on a few
        names = ("x", *(name for name in of_query if number[name] <= 5))
        listed += [(pattern.format(**of_path), {**needed, name: LONG}) for name in names]
    return listed


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_long_address_has_a_small_head_and_short_messages_and_holds_nobody_up(client, requests, accept, monkeypatch):
    page.warm()  # as the server does when it starts
    held, here, run = [], [""], asyncio.Handle._run

    def timed(handle):
        began = time.thread_time()
        run(handle)
        held.extend([(here[0], handle)] * (time.thread_time() - began > HELD))

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    # The addresses of data are asked as of their release, whose links are longer.
    prefix = f"/release/{client.app.state.releases.current.id}" if accept == "application/json" else ""
    gc.disable()  # in this process it goes through the tests as well
    try:
        for path in {path for path, query in requests if "x" in query}:  # compiles the templates
            client.get(path, headers={"Accept": accept})
        held.clear()
        for path, query in requests:
            here[0] = f"{path[:60]} {[*query]}"
            answer = client.get(prefix + path, params=query, headers={"Accept": accept})
            assert sum(len(name) + len(value) + 4 for name, value in answer.headers.raw) <= HEAD, here
            assert answer.status_code != 500, here
            if answer.headers.get("content-type") == "application/problem+json":
                problem = answer.json()
                assert len(problem["detail"]) <= 300 and LONG[:101] not in problem["detail"] + problem.get("hint", "")
    finally:
        gc.enable()
    assert not held


def test_a_link_that_has_no_room_in_a_head_is_in_the_link_set(client):
    query = {"q": "х" * 190}
    short, long = client.browse("/search?q=x"), client.browse("/search", params=query)
    assert short.status_code == long.status_code == 200
    assert 'rel="cite-as"' in short.headers["link"] and 'rel="cite-as"' not in long.headers["link"]
    assert 'rel="canonical"' in long.headers["link"] and 'rel="author"' in long.headers["link"]
    assert len(long.headers["link"]) <= 2200
    assert (
        'rel="cite-as"' in client.get("/linkset/search", params=query, headers={"Accept": "application/linkset"}).text
    )


def test_a_value_longer_than_any_name_is_refused_without_being_compared(client, monkeypatch):
    def compare(*_):
        raise AssertionError("compared")

    monkeypatch.setattr("kg.names.likeness", compare)
    answer = client.get("/questions/rests-on-passage", params={"passage": "of the committee " * 3500})
    assert answer.status_code == 400 and len(answer.json()["detail"]) < 300

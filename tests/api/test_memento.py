"""Earlier states by time (RFC 7089): TimeGate, TimeMap and the headers of pinned and of current addresses."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from kg import release as releases

HERE = "http://testserver/"
EVENT = "doc/event/2012-03-16-port-ansel"
QUESTION = "questions/rival-figures?event=id/event/2012-03-16-port-ansel"


@pytest.fixture(scope="module")
def made(three_releases):
    """When each release was made, to the second, by its id, the oldest first."""
    found = releases.releases(three_releases)
    return {one.id: datetime.fromisoformat(one.manifest["created"]).replace(microsecond=0) for one in found}


def links(text):
    """Read links (RFC 8288): by each relation, the targets with their parameters."""
    found = {}
    for target, told in re.findall(r"<([^>]*)>((?:\s*;\s*[\w-]+=\"[^\"]*\")*)", text):
        values = dict(re.findall(r'([\w-]+)="([^"]*)"', told))
        for relation in values["rel"].split():
            found.setdefault(relation, []).append((target, values))
    return found


def at(when):
    """Write a time as HTTP does."""
    return {"Accept-Datetime": format_datetime(when, usegmt=True)}


@pytest.mark.parametrize(
    "path", [EVENT, "id/event/2012-03-16-port-ansel", QUESTION, "events?country=xar", "ontology", "scheme/right/life"]
)
def test_one_walks_from_a_current_address_to_each_earlier_state(third, made, path):
    current = third.get("/" + path)
    gate = links(current.headers["link"])["timegate"][0][0]
    assert f"{HERE}timegate/{HERE}{path}" == gate
    for name, when in made.items():
        answer = third.get(gate, headers=at(when))
        assert (302, f"{HERE}release/{name}/{path}") == (answer.status_code, answer.headers["location"])
        assert "accept-datetime" in answer.headers["vary"].lower()
        told = links(answer.headers["link"])
        assert [HERE + path] == [target for target, _ in told["original"]]
        assert "memento-datetime" not in answer.headers
        memento = third.get(answer.headers["location"])
        assert memento.status_code in (200, 303)
        assert when == parsedate_to_datetime(memento.headers["memento-datetime"])
        told = links(memento.headers["link"])
        assert HERE + path == told["original"][0][0] and gate == told["timegate"][0][0]
        listed = links(third.get(told["timemap"][0][0]).text)
        assert [f"{HERE}release/{one}/{path}" for one in made] == [target for target, _ in listed["memento"]]
        assert list(made.values()) == [parsedate_to_datetime(told["datetime"]) for _, told in listed["memento"]]


def test_between_and_beyond_the_releases_the_nearest_one_before_is_taken(third, made):
    first, _, last = made
    times = list(made.values())
    waited = times[2] - times[1] > timedelta(seconds=1)
    for when, expected in (
        (times[0] - timedelta(days=400), first),
        (times[2] + timedelta(days=400), last),
        (times[2] - timedelta(seconds=1), list(made)[1] if waited else None),
    ):
        if expected:
            answer = third.get(f"/timegate/{EVENT}", headers=at(when))
            assert f"{HERE}release/{expected}/{EVENT}" == answer.headers["location"]
    assert f"{HERE}release/{last}/{EVENT}" == third.get(f"/timegate/{EVENT}").headers["location"]


def test_a_thing_that_is_not_in_a_release_has_no_state_there(third, made):
    first, second, _ = made
    gone = [target for target, _ in links(third.get("/timemap/id/figure/daily-post-killed").text)["memento"]]
    assert [f"{HERE}release/{first}/id/figure/daily-post-killed"] == gone
    withdrawn = third.get("/timemap/doc/figure/daily-post-wounded.ttl", headers={"Accept": "application/json"}).json()
    assert [f"{HERE}release/{second}/doc/figure/daily-post-wounded.ttl"] == [
        m["uri"] for m in withdrawn["mementos"]["list"]
    ]
    for path in (
        "doc/event/nothing",
        "questions/nothing",
        "sparql?query=ASK%7B%7D",
        "https://example.org/x",
        "doc/group/withdrawn",
    ):
        assert 404 == third.get(f"/timegate/{path}").status_code, path
        assert 404 == third.get(f"/timemap/{path}").status_code, path
    assert "memento-datetime" not in third.get(f"/release/{first}/doc/event/nothing").headers
    assert "timegate" not in third.get("/sparql?query=ASK%7B%7D").headers.get("link", "")


def test_a_time_that_is_none_is_refused(third):
    for text in ("2026-01-01", "now", "Tue, 99 Apr 2026 09:00:00 GMT"):
        answer = third.get(f"/timegate/{EVENT}", headers={"Accept-Datetime": text})
        assert (400, True) == (answer.status_code, "Accept-Datetime" in answer.text)


def test_the_map_says_its_format_and_span(third, made):
    answer = third.get(f"/timemap/{HERE}{EVENT}")
    assert "application/link-format" in answer.headers["content-type"]
    told = links(answer.text)
    times = [format_datetime(when.astimezone(UTC), usegmt=True) for when in made.values()]
    ((target, values),) = told["self"]
    assert (f"{HERE}timemap/{HERE}{EVENT}", times[0], times[-1]) == (target, values["from"], values["until"])
    assert (1, 1) == (len(told["first"]), len(told["last"]))
    assert f"https://w3id.org/answerable/{EVENT}" not in answer.text
    assert 200 == third.get(f"/timemap/https://w3id.org/answerable/{EVENT}").status_code

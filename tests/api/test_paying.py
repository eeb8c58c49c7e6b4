"""Each client pays for what its requests take, and addresses that differ in nothing are answered from one entry of the cache."""

import pytest

from kg import release as releases
from tests.api.client import start

ONE, OTHER = "203.0.113.1", "203.0.113.2"
EVENT = "id/event/2012-03-16-port-ansel"
COSTLY = [
    "/doc/state/xar",
    f"/questions/rival-figures?event={EVENT}",
    f"/questions/rival-figures.png?event={EVENT}",
    f"/questions/rival-figures.atom?event={EVENT}",
    "/events",
    "/search?q=torture",
    "/card/home.png",
    "/doc/state/xar.jsonld",
    "/ontology",
    "/bases",
]


@pytest.fixture
def paying(release):
    """Serve the frozen graph to a client with an address, who has nothing left after a twentieth of a second."""
    with start(release, client=(ONE, 1), client_page_seconds=0.05) as client:
        yield client


@pytest.fixture(scope="module")
def known(release):
    """Serve the frozen graph to a client with an address; what it pays for, as pairs of its name and seconds."""
    with start(release, client=(ONE, 1)) as client:
        spent = []
        client.app.state.page_budget._take = lambda name, seconds: spent.append((name, seconds))
        yield client, spent


@pytest.mark.parametrize("path", COSTLY)
def test_the_workers_and_threads_of_each_route_are_paid_for(known, path):
    client, spent = known
    spent.clear()
    assert client.browse(path).status_code == 200
    client.get("/health")  # what threads report has come by then
    assert 1 == len({name for name, _ in spent}) and sum(seconds for _, seconds in spent) > 0


def test_a_client_that_has_nothing_left_is_told_when_to_come_back_and_others_are_answered(paying):
    refused = None
    for number in range(200):
        answer = paying.browse(f"/search?q=torture{number}")
        if answer.status_code == 429:
            refused = answer
            break
    assert refused is not None and int(refused.headers["retry-after"]) >= 1
    assert "more than 0.05 s" in refused.text
    assert paying.get("/health").status_code == 200 == paying.get("/metrics").status_code
    paying._transport.client = (OTHER, 1)
    assert paying.browse("/search?q=torture").status_code == 200


def test_a_cached_answer_costs_nothing(paying):
    spent = []
    assert paying.browse("/about").status_code == 200
    paying.app.state.page_budget._take = lambda name, seconds: spent.append(seconds)
    assert paying.browse("/about").status_code == 200
    assert sum(spent) == 0


@pytest.mark.parametrize(
    "path", ["/about", "/doc/state/xar", "/ontology", "/catalogue", "/dataset", "/tables", "/bases"]
)
def test_a_parameter_that_no_route_has_makes_no_other_answer(client, path):
    plain = client.browse(path)
    tracked = client.browse(f"{path}?utm_source=x&lang=en&zz=%3Cb%3E")
    assert (tracked.status_code, tracked.headers["etag"]) == (200, client.browse(f"{path}?lang=en").headers["etag"])
    assert plain.status_code == 200
    assert "utm_source" not in tracked.text + str(tracked.headers) and "zz=" not in tracked.text


def test_who_has_an_older_release_opened_pays_for_it(changed_world):
    (oldest, *_) = releases.releases(changed_world)
    with start(changed_world, client=(ONE, 1)) as client:
        spent = []
        client.app.state.page_budget._take = lambda name, seconds: spent.append(seconds)
        assert client.get(f"/release/{oldest.id}/about").status_code == 200
        opened, others = sum(spent), []
        for page in ("method", "method?lang=ru", "method?lang=kk"):
            spent.clear()
            assert client.get(f"/release/{oldest.id}/{page}").status_code == 200
            others.append(sum(spent))
        assert opened > 2 * min(others) > 0

"""Budgets: who has used up the seconds of a minute waits, the others do not notice, and nobody's address is kept."""

import asyncio
import time

import httpx
import pytest

from api.http import budget as budgets
from api.http.budget import Budget, Clients
from kg.config import Settings
from kg.errors import BudgetSpent, ConfigError
from tests.api.client import Client, start
from tests.api.serving import wait_until

ONE, OTHER = "192.0.2.1", "192.0.2.2"
KILLER = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


class Till:
    """A budget that takes the addresses of clients."""

    def __init__(self, seconds, clock=time.monotonic, **options):
        self.budget = Budget(seconds, clock=clock)
        self.clients = Clients(self.budget, clock=clock, **options)

    def charge(self, address):
        return self.budget.charge(self.clients.name(address))


def spend(till, address, seconds):
    """Take seconds from the bucket of a client, also of one that has nothing left."""
    till.budget._take(till.clients.name(address), seconds)


class Clock:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    """Thirty seconds a minute."""
    return Till(30.0, clock=clock)


def is_refused(budget, client):
    try:
        budget.charge(client)
    except BudgetSpent:
        return True
    return False


def test_a_client_may_use_its_seconds_and_not_more(budget):
    spend(budget, ONE, 29.5)
    assert not is_refused(budget, ONE)
    spend(budget, ONE, 0.5)
    assert is_refused(budget, ONE)
    assert not is_refused(budget, OTHER)
    assert 1 == budget.budget.refusals


def test_a_bucket_fills_evenly_and_never_over_its_brim(budget, clock):
    spend(budget, ONE, 30.0)
    clock.now += 1.0
    assert not is_refused(budget, ONE)
    spend(budget, ONE, 0.5)
    assert is_refused(budget, ONE)
    clock.now += 3600.0
    spend(budget, ONE, 30.0)
    assert is_refused(budget, ONE)


def test_a_query_that_cost_more_than_there_was_is_paid_off_before_the_next(budget, clock):
    spend(budget, ONE, 40.0)  # ten more than there were, which take twenty seconds to come in
    clock.now += 19.9
    assert is_refused(budget, ONE)
    clock.now += 0.2
    assert not is_refused(budget, ONE)


def test_who_waits_as_long_as_it_was_told_is_let_in_with_something_to_spend(budget, clock):
    spend(budget, ONE, 40.0)
    with pytest.raises(BudgetSpent, match="30 s") as caught:
        budget.charge(ONE)
    assert 26 == caught.value.retry_after  # until a tenth of the budget is there again
    clock.now += caught.value.retry_after
    budget.charge(ONE)
    spend(budget, ONE, 2.9)
    budget.charge(ONE)


@pytest.mark.parametrize("client", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_has_a_budget_only_if_that_is_wanted(client, clock):
    for wanted in (False, True):
        budget = Till(30.0, loopback=wanted, clock=clock)
        spend(budget, client, 31.0)
        assert wanted == is_refused(budget, client)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002::0001", True),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("testclient", "other", False),
        (None, "", True),
    ],
)
def test_a_customer_is_an_address_or_the_network_of_one(budget, first, second, same):
    spend(budget, first, 31.0)
    assert same == is_refused(budget, second)


def test_no_budget_is_no_limit_and_no_memory():
    budget = Till(0.0)
    spend(budget, ONE, 1000.0)
    budget.charge(ONE)
    assert 0 == len(budget.budget)


def test_neither_an_address_nor_what_could_be_turned_back_into_one_is_kept(clock):
    budget, twin = Till(30.0, clock=clock), Till(30.0, clock=clock)
    for one in (budget, twin):
        spend(one, ONE, 1.0)
    (name,), (other,) = budget.budget._buckets, twin.budget._buckets
    assert name != other  # another start, another key
    assert (
        32 == len(name)
        and ONE not in repr([vars(part) for part in (budget.budget, budget.clients)])
        and bytes((192, 0, 2, 1)) not in name
    )


def test_the_key_is_changed_every_day_and_all_is_forgotten_with_it(budget, clock):
    spend(budget, ONE, 1e9)
    key = budget.clients._key
    clock.now += budgets.DAY - 1
    assert is_refused(budget, ONE)
    clock.now += 2
    assert not is_refused(budget, ONE)
    assert key != budget.clients._key and 0 == len(budget.budget)


def test_clients_with_a_full_bucket_are_forgotten(budget, clock):
    for number in range(50):
        spend(budget, f"192.0.2.{number}", 1.0)
    clock.now += 10.0
    for number in range(50):
        spend(budget, f"198.51.100.{number}", 1.0)
    assert 50 == len(budget.budget)


def test_more_clients_than_can_be_remembered_do_not_fill_the_memory(budget, monkeypatch):
    monkeypatch.setattr(budgets, "MOST", 10)
    for number in range(50):
        spend(budget, f"192.0.2.{number}", 31.0)
    assert 10 == len(budget.budget)
    assert is_refused(budget, "192.0.2.49") and not is_refused(budget, "192.0.2.0")


def test_a_client_without_seconds_gets_429_and_is_told_when_to_come_back(release):
    ask = {"query": "SELECT * { ?s ?p ?o } LIMIT 1"}
    with start(release, client=(ONE, 1), client_seconds="0.5", deadline=1.0) as client:
        other = Client(client.app, client=(OTHER, 1))
        other.portal = client.portal  # so that both ask on one event loop
        kept = client.get("/sparql", params=ask)
        assert (200, 503) == (kept.status_code, client.get("/sparql", params={"query": KILLER}).status_code)
        refused = client.get("/sparql", params={"query": "ASK {}"})
        problem = refused.json()
        assert (429, "application/problem+json") == (refused.status_code, refused.headers["content-type"])
        assert problem["type"].endswith("/problem/budget-spent")
        assert 60 < int(refused.headers["retry-after"]) < 120  # it used a second and more, at half a second a minute
        # What needs no worker is free, the page tells the same, and the others do not notice.
        assert kept.text == client.get("/sparql", params=ask).text
        assert 200 == client.get("/doc/state/xar").status_code
        page = client.browse("/sparql", params={"query": "ASK {}"})
        assert (429, True) == (page.status_code, "retry-after" in page.headers)
        wait_until(lambda: other.get("/health").json()["workers"]["queries"]["idle"])  # the killer's worker was ended
        assert 200 == other.get("/sparql", params={"query": "ASK {}"}).status_code
        assert "answerable_budget_refusals_total 2.0" in other.get("/metrics").text
        assert ONE not in other.get("/metrics").text


async def test_clients_who_ask_the_same_at_once_do_not_share_a_refusal(release):
    app = start(release, client_seconds="1").app

    async def ask(address):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return (await client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"})).status_code

    async with app.router.lifespan_context(app):
        (clients,) = (layer.kwargs["clients"] for layer in app.user_middleware if "clients" in layer.kwargs)
        app.state.budget._take(clients.name(ONE), 5.0)
        assert [429, 200, 429] == await asyncio.gather(ask(ONE), ask(OTHER), ask(ONE))


@pytest.mark.parametrize("text", ["*", "proxy.example.org", "10.0.0.5/8", "10.0.0"])
def test_a_proxy_that_is_no_address_is_an_error(text):
    with pytest.raises(ConfigError, match="addresses or networks"):
        Settings.load({"ANSWERABLE_TRUSTED_PROXIES": text})

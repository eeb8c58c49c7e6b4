"""The lists, on the frozen graph: filters in the address, counts, order, pages, and the same as data."""

import csv
import io
import re

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.routers import lists
from kg import terms
from kg.config import Settings
from tests.api.test_home import text_of

PAGE = {"Accept": "text/html"}
LISTS = lists.LISTS.values()


def ask(client, address, status=200):
    answer = client.get(address, headers=PAGE)
    assert status == answer.status_code, answer.text[-2000:]
    return answer.text


def things(page):
    """List the addresses in the first column of a list."""
    return re.findall(r'<tr role="row"><td data-head="[^"]*" role="cell"><a href="([^"?]+)', page)


def data(client, address):
    return client.get(address, headers={"Accept": "application/json"}).json()


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_each_list_is_a_page_and_the_same_things_as_csv_and_json(client, one):
    page, told = ask(client, one.path), data(client, f"{one.path}.json")
    assert told["rows"] and told["total"] == len(told["rows"])
    shown = {terms.path_of(row["thing"]["id"]).replace("/id/", "/doc/") for row in told["rows"]}
    assert set(things(page)) == shown if len(shown) <= lists.AT_ONCE else set(things(page)) < shown
    table = [*csv.DictReader(io.StringIO(client.get(f"{one.path}.csv").text))]
    assert [row["thing"]["id"] for row in told["rows"]] == [row["thing"] for row in table]
    assert {*one.data} <= table[0].keys()


def test_a_list_holds_more_things_than_an_answer_may_have_rows(release):
    settings = Settings.load(env={}, out=release.path.parent, max_rows=3, workers=1, page_workers=1)
    with TestClient(create_app(settings)) as narrow:
        for one in LISTS:
            table = [*csv.DictReader(io.StringIO(narrow.get(f"{one.path}.csv").text))]
            assert table and (one.name != "events" or len(table) > 3)
        assert 422 == narrow.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 40"}).status_code


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_each_choice_of_a_filter_leaves_as_many_things_as_it_says(client, one):
    page = ask(client, one.path)
    for name, inside in re.findall(r'<select name="(\w+)">(.*?)</select>', page):
        if name != "sort":
            for value, number in re.findall(r'<option value="([^"]+)">[^<]*\((\d+)\)</option>', inside)[:4]:
                found = client.get(f"{one.path}.json", params={name: value}).json()
                assert (one.name, name, value, int(number)) == (one.name, name, value, found["total"])


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_each_order_has_the_same_things(client, one):
    usual = {row["thing"]["id"] for row in data(client, f"{one.path}.json")["rows"]}
    for sort in one.orders:
        assert usual == {row["thing"]["id"] for row in data(client, f"{one.path}.json?sort={sort.name}")["rows"]}


@pytest.mark.parametrize("name", ["laws", "decisions", "documents"])
def test_the_order_by_days_is_that_of_the_days(client, name):
    for sort, is_downwards in (("newest", True), ("oldest", False)):
        days = [row["date"] for row in data(client, f"/{name}.json?sort={sort}")["rows"]]
        known = sorted(filter(None, days), reverse=is_downwards)
        assert known and days == [*known, *[None] * (len(days) - len(known))]


def test_a_value_is_an_iri_a_part_of_it_or_its_last_part(client):
    wanted = data(client, "/events.json?country=id/state/xar")
    assert 0 < wanted["total"] < data(client, "/events.json")["total"] + 1
    for value in (f"{terms.BASE}id/state/xar", "xar"):
        assert wanted["rows"] == data(client, f"/events.json?country={value}")["rows"]


def test_filters_are_joined_and_each_can_be_taken_away_alone(client):
    page = ask(client, "/events?country=xar&year=2012")
    assert "of" in re.search(r'role="status">([^<.]*)', page)[1]
    chips = re.findall(r'<a class="chip" href="([^"]+)">([^<]+)', page)
    assert ["/events?year=2012", "/events?country=id/state/xar"] == [address for address, _ in chips]
    assert ["Country: ", "Year: "] == [text[: text.index(":") + 2] for _, text in chips]


def test_an_event_is_in_every_year_that_it_touches(client):
    rows = data(client, "/events.json")["rows"]
    spans = [row for row in rows if row["start"] and row["end"] and row["start"][:4] < row["end"][:4]]
    assert spans
    for row in spans:
        for year in (row["start"][:4], row["end"][:4]):
            found = data(client, f"/events.json?year={year}")["rows"]
            assert row["thing"]["id"] in [one["thing"]["id"] for one in found]


def test_a_kind_of_act_takes_the_kinds_below_it(client):
    narrow, wide = (
        {row["thing"]["id"] for row in data(client, f"/events.json?type={name}")["rows"]}
        for name in ("Torture", "IllTreatment")
    )
    assert narrow and narrow <= wide


def test_what_is_empty_is_no_filter_as_a_form_sends_it(client):
    assert things(ask(client, "/events")) == things(ask(client, "/events?country=&year=&type=&right=&sort="))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/events?country=nowhere", "is no value of country here"),
        ("/events?year=12", "is no value of year here"),
        ("/events?treaty=id/treaty/cc", "has no parameter treaty"),
        ("/events?contry=xar", "It has country, year, type, right, sort, page"),
        ("/events?sort=size", "It can be sorted by newest, oldest, statements"),
        ("/events?page=0", "A page has a number from 1 on"),
        ("/events?page=99", "Take an earlier one"),
        ("/events?year=2012&year=2013", "stands twice"),
    ],
)
def test_what_a_list_does_not_have_is_refused_with_what_it_has(client, address, told):
    assert told in text_of(ask(client, address, 400))


def test_what_trackers_add_to_an_address_is_ignored(client):
    assert things(ask(client, "/events")) == things(ask(client, "/events?fbclid=abc&utm_source=mail"))


def test_a_year_without_anything_is_an_empty_list_that_says_what_that_means(client):
    page = ask(client, "/events?year=1848")
    assert "Nothing in this record fits all of these filters" in page and "may still have happened" in page
    assert 0 == data(client, "/events.json?year=1848")["total"]


def test_counts_of_decisions_leave_repeats_and_what_must_be_read_out_and_the_list_holds_them(client):
    country = next(row for row in data(client, "/countries.json")["rows"] if row["thing"]["id"].endswith("/xar"))
    listed = data(client, "/decisions.json?country=xar")["rows"]
    assert country["decisions"] < len(listed)
    assert country["breaches"] <= country["decisions"]
    assert "Repeats the text of" in ask(client, "/decisions?country=xar")


def test_a_long_list_is_in_pages_that_hold_each_thing_once(client, monkeypatch):
    monkeypatch.setattr(lists, "AT_ONCE", 7)
    first = ask(client, "/actors?sort=name&fbclid=1")
    last = int(re.findall(r">(\d+)</a></li>\n<li><a [^>]*rel=\"next\"", first)[0])
    seen = things(first)
    for number in range(2, last + 1):
        seen += things(ask(client, f"/actors?page={number}&fbclid=1"))
    assert data(client, "/actors.json")["total"] == len(seen) == len(set(seen))
    assert 'rel="prev"' not in first and 'aria-current="page">1<' in first


def test_the_rows_of_a_list_are_asked_once(client, asked):
    for query in ("", "?year=2012", "?country=xar", "?sort=oldest"):
        ask(client, f"/events{query}")
    assert 1 == asked.count(lists.LISTS["events"].query)


def test_names_are_in_the_language_of_the_address_and_data_in_english_whatever_the_browser_says(client):
    russian = client.get("/countries", headers={**PAGE, "Accept-Language": "ru"}).text
    assert '<html lang="ru">' in russian
    plain, with_header = (client.get("/countries.csv", headers=more) for more in ({}, {"Accept-Language": "ru"}))
    assert plain.content == with_header.content

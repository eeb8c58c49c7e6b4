"""The lists, on the frozen graph: filters in the address, counts, order, pages, and the same as data."""

import re

import pytest

from api.routers import lists
from kg import terms
from kg.sparql.lists import OF_THINGS
from tests.api.client import words

PAGE = {"Accept": "text/html"}
LISTS = lists.LISTS.values()


def things(page):
    """List the addresses in the first column of a list."""
    return re.findall(r'<tr role="row"><td data-head="[^"]*" role="cell"><a href="([^"?]+)', page)


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_each_list_is_a_page_and_the_same_things_as_csv_and_json(client, one):
    page, told = client.page(one.path), client.data(f"{one.path}.json")
    assert told["rows"] and told["total"] == len(told["rows"])
    shown = {terms.path_of(row["thing"]["id"]).replace("/id/", "/doc/") for row in told["rows"]}
    assert set(things(page)) == shown if len(shown) <= lists.AT_ONCE else set(things(page)) < shown
    table = client.table(f"{one.path}.csv")
    assert [row["thing"]["id"] for row in told["rows"]] == [row["thing"] for row in table]
    assert {*one.data} <= table[0].keys()


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_each_choice_of_a_filter_leaves_as_many_things_as_it_says(client, one):
    page = client.page(one.path)
    selects = dict(re.findall(r'(?s)<select name="(\w+)">(.*?)</select>', page))
    assert [*selects] == [*(key.name for key in one.filters), "sort"]
    for name, inside in selects.items():
        if name != "sort":
            for value, number in re.findall(r'<option value="([^"]+)">[^<]*\(([\d,]+)\)</option>', inside)[:4]:
                found = client.get(f"{one.path}.json", params={name: value}).json()
                assert (one.name, name, value, int(number)) == (one.name, name, value, found["total"])


@pytest.mark.parametrize("name", ["laws", "decisions", "documents"])
def test_the_order_by_days_is_that_of_the_days(client, name):
    for sort, is_downwards in (("newest", True), ("oldest", False)):
        days = [row["date"] for row in client.data(f"/{name}.json?sort={sort}")["rows"]]
        known = sorted(filter(None, days), reverse=is_downwards)
        assert known and days == [*known, *[None] * (len(days) - len(known))]


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_what_a_filter_makes_the_same_in_all_rows_stands_above_them_and_in_no_column(client, one):
    whole = client.page(one.path)
    for key in one.filters:
        column = next((column for column in one.columns[1:] if column.name == key.column), None)
        inside = re.search(rf'(?s)<select name="{key.name}">(.*?)</select>', whole)[1]
        for value in re.findall(r'<option value="([^"]+)">', inside)[:4] if column and column.kind in OF_THINGS else ():
            page = client.browse(one.path, params={key.name: value}).text
            rows = client.get(f"{one.path}.json", params={key.name: value}).json()["rows"]
            cells = [row[column.name] if isinstance(row[column.name], list) else [row[column.name]] for row in rows]
            is_same = all(len(cell) <= 1 and cell == cells[0] for cell in cells)
            heads = re.findall('<th scope="col"[^>]*>([^<]*)</th>', page)
            assert (key.name, value, is_same) == (key.name, value, column.title not in heads)
            assert f"{key.title}: " in page.partition('id="shown"')[2].partition("</p>")[0]


def test_a_value_is_an_iri_a_part_of_it_or_its_last_part(client):
    wanted = client.data("/events.json?country=id/state/xar")
    assert 0 < wanted["total"] < client.data("/events.json")["total"] + 1
    for value in (f"{terms.BASE}id/state/xar", "xar"):
        assert wanted["rows"] == client.data(f"/events.json?country={value}")["rows"]


def test_filters_are_joined_and_each_can_be_taken_away_alone(client):
    assert '<a href="/questions/where">On a map</a>' in client.page("/events")
    page = client.page("/events?country=xar&year=2012")
    assert '<a href="/questions/where?state=id/state/xar">On a map</a>' in page
    assert "of" in re.search(r'role="status">([^<.]*)', page)[1]
    chips = re.findall(r'<a class="chip" href="([^"]+)">([^<]+)', page)
    assert ["/events?year=2012#shown", "/events?country=id/state/xar#shown"] == [address for address, _ in chips]
    assert ["Country: ", "Year: "] == [text[: text.index(":") + 2] for _, text in chips]


def test_an_event_is_in_every_year_that_it_touches_and_a_kind_of_act_takes_the_kinds_below_it(client):
    def things(query):
        return {row["thing"]["id"] for row in client.data(f"/events.json?{query}")["rows"]}

    spans = [row for row in client.data("/events.json")["rows"] if row["end"] and row["start"][:4] < row["end"][:4]]
    assert spans
    for row in spans:
        assert row["thing"]["id"] in things(f"year={row['start'][:4]}") & things(f"year={row['end'][:4]}")
    assert set() < things("type=Torture") <= things("type=IllTreatment")


def test_who_asks_for_what_was_supported_gets_what_is_supported_as_implemented_or_in_process(client):
    rows = client.data("/recommendations.json?response=scheme/response/supported")["rows"]
    answers = {answer["id"].rpartition("/")[2] for row in rows for answer in row["response"]}
    assert {"supported", "supported-implemented", "supported-in-process"} <= answers
    narrow = client.data("/recommendations.json?response=scheme/response/supported-implemented")["rows"]
    assert narrow and {row["thing"]["id"] for row in narrow} < {row["thing"]["id"] for row in rows}


def test_what_is_empty_or_added_by_trackers_is_no_filter_and_an_empty_list_says_what_it_means(client):
    everything = things(client.page("/events"))
    for ignored in ("country=&year=&type=&right=&sort=", "fbclid=abc&utm_source=mail"):
        assert everything == things(client.page(f"/events?{ignored}"))
    page = client.page("/events?year=1848")
    assert "Nothing in this record fits all of these filters" in page and "may still have happened" in page


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
    assert told in words(client.page(address, 400))


def test_counts_of_decisions_leave_repeats_and_what_must_be_read_out_and_the_list_holds_them(client):
    country = next(row for row in client.data("/countries.json")["rows"] if row["thing"]["id"].endswith("/xar"))
    listed = client.data("/decisions.json?country=xar")["rows"]
    assert country["decisions"] < len(listed)
    assert country["breaches"] <= country["decisions"]
    assert "Repeats the text of" in client.page("/decisions?country=xar")


def test_a_long_list_is_in_pages_that_hold_each_thing_once(client, monkeypatch):
    monkeypatch.setattr(lists, "AT_ONCE", 7)
    first = client.page("/actors?sort=name&fbclid=1")
    last = int(re.findall(r">(\d+)</a></li>\n<li><a [^>]*rel=\"next\"", first)[0])
    seen = things(first)
    for number in range(2, last + 1):
        seen += things(client.page(f"/actors?page={number}&fbclid=1"))
    assert client.data("/actors.json")["total"] == len(seen) == len(set(seen))
    assert "page=all#shown" in first
    assert set(seen) == {*things(client.page("/actors?page=all"))}
    assert 'rel="prev"' not in first and 'aria-current="page">1<' in first


def test_the_rows_of_a_list_are_asked_once(client, asked):
    for query in ("", "?year=2012", "?country=xar", "?sort=oldest"):
        client.page(f"/events{query}")
    assert 1 == asked.count(lists.LISTS["events"].query)


def test_names_are_in_the_language_of_the_address_and_data_in_english_whatever_the_browser_says(client):
    russian = client.get("/countries", headers={**PAGE, "Accept-Language": "ru"}).text
    assert '<html lang="ru">' in russian
    plain, with_header = (client.get("/countries.csv", headers=more) for more in ({}, {"Accept-Language": "ru"}))
    assert plain.content == with_header.content

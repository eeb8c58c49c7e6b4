"""The things of a list, apart from any release: their rows put together, filters, orders and addresses."""

import pytest

from kg import terms
from kg.answer.lists import LONGEST_SPAN, Entries, csv_of, json_of
from kg.answer.narrowing import Narrowing
from kg.errors import BadParameter
from kg.sparql.lists import parse_list

LIST = parse_list(
    "events",
    "#+ title: Events\n#+ summary: s\n#+ lead: l\n#+ column: thing | Event\n#+ column: date | When | span\n"
    "#+ column: country | Where\n#+ column: acts | Acts | count\n#+ several: country acts\n"
    "#+ filter: country | Where | country\n#+ filter: year | Year | date\n"
    "#+ order: newest | newest first | -first\n#+ order: oldest | oldest first | first\n#+ order: name | by name | thing\n"
    "#+ order: acts | most acts first | -acts\nSELECT",
    "events.rq",
)
COLUMNS = ("thing", "date", "start", "end", "first", "last", "country", "acts")
KAZ, XAR = terms.BASE + "id/state/kaz", terms.BASE + "id/state/xar"


def row(thing, **cells):
    """Make a row of the query; what is not named is not bound."""
    return {**dict.fromkeys(COLUMNS), "thing": thing, **cells}


def entries(*rows):
    """Make the things of the list."""
    return Entries(LIST, rows)


def things(made, **values):
    """Name the things that an address asks for, in order."""
    return "".join(one.thing for one in made.in_order(made.narrow(values, LIST.keys), str))


def test_the_rows_of_a_thing_are_put_together_whatever_their_order():
    made = entries(
        row("a", acts="2"), row("b", first="2010"), row("a", first="2011"), row("a", acts="1"), row("c", acts="9")
    )
    assert [("a", "2011", ["1", "2"]), ("b", "2010", [])] == [
        (one.thing, one.first("first"), one.cells["acts"]) for one in made
    ]


def test_things_without_a_value_come_last_in_either_direction_and_in_the_usual_order():
    made = entries(row("a"), row("b", first="2010"), row("c", first="2012"), row("b", acts="1"))
    assert ("cba", "bca", "bca") == tuple(things(made, sort=name) for name in ("newest", "oldest", "acts"))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"first": "2010-12-01", "last": "2011-01-02"}, {"2010", "2011"}),
        ({"first": "2010-12-01"}, {"2010"}),
        ({"date": "2010-12"}, {"2010"}),
        ({}, {"none"}),
        ({"first": "0001-01-01", "last": "9999-01-01"}, {str(year) for year in range(1, LONGEST_SPAN + 2)}),
    ],
)
def test_a_span_of_years_is_bounded_and_what_is_open_has_the_year_it_began(cells, expected):
    assert expected == entries(row("a", **cells))[0].values["year"]


def test_an_address_is_read_and_what_is_usual_is_empty():
    made = entries(row("a"), row("a", country=XAR))
    assert Narrowing(page=1) == made.narrow({"sort": "newest"}, ())
    values = {"country": "xar", "sort": "oldest", "page": "2"}
    assert Narrowing({"country": XAR}, "oldest", 2) == made.narrow(values, ())


@pytest.mark.parametrize("wrong", [{"country": "x"}, {"cuntry": "xar"}, {"sort": "x"}, {"page": "0"}, {"page": "²"}])
def test_what_the_list_does_not_have_is_refused(wrong):
    with pytest.raises(BadParameter):
        entries(row("a"), row("a", country=XAR)).narrow(wrong, LIST.keys)


def test_a_filter_counts_what_each_value_leaves_beside_the_other_filters():
    days = [row(name, first=day) for name, day in (("a", "2010"), ("b", "2011"), ("c", "2011"))]
    made = entries(*days, *(row(name, country=state) for name, state in (("a", KAZ), ("b", KAZ), ("c", XAR))))
    narrowed = made.narrow({"year": "2011", "country": "kaz"}, ())
    country, year = (made.choices(narrowed, lambda value, short: value, key) for key in LIST.filters)
    assert [("id/state/kaz", 1), ("id/state/xar", 1)] == [(one.value, one.rows) for one in country]
    assert [("2011", 1), ("2010", 1)] == [(one.value, one.rows) for one in year]


def test_data_have_the_names_of_things_beside_them_and_the_numbers_of_what_is_counted():
    made = entries(row("a", date="2010"), row("a", country=XAR), row("a", country=KAZ), row("a", acts="1"))
    names = {"a": "A", XAR: "Xar", KAZ: "Kaz"}.get
    country = [{"id": KAZ, "label": "Kaz"}, {"id": XAR, "label": "Xar"}]
    line = {"date": "2010", "start": None, "end": None, "country": country, "acts": 1}
    assert [{"thing": {"id": "a", "label": "A"}, **line}] == json_of(LIST, made, names)
    head, line, _ = csv_of(LIST, made, names).decode().split("\r\n")
    assert "thing,thingLabel,date,start,end,country,countryLabel,acts" == head
    assert f"a,A,2010,,,{KAZ} {XAR},Kaz; Xar,1" == line
    assert b"thing,thingLabel,date,start,end,country,acts\r\n" == csv_of(LIST, [], names)

"""What pages count, on a few rows: rights with what binds a State and what was found, and decisions by outcome."""

from api.render.counts import by_right, found_breach, tally
from api.render.rows import Cell

TRUE, FALSE = (Cell(text, datatype="http://www.w3.org/2001/XMLSchema#boolean") for text in ("true", "false"))
NO_PERIOD = {"told": None, "toldUntil": None}


def protected(provision, right, article=None):
    return {"provision": provision, "instrument": "treaty", "article": article, "right": right}


def duty(provision, since="2000-01-01", until=None):
    return {"provision": provision, "since": since, "until": until, **NO_PERIOD}


def decisions(number, outcome, *, year="2001", reading="mechanical-checked", repeat=FALSE):
    named = {"outcome": f"x/{outcome}", "reading": f"x/{reading}"}
    return {"body": "body", "year": year, "repeat": repeat, "number": str(number), **named}


def test_a_part_stands_where_its_article_does_not():
    some = [protected("a-14", "trial"), protected("a-14-1", "trial", "a-14"), protected("a-14-5", "appeal", "a-14")]
    tables = {"duties": [duty("a-14"), duty("a-14-1"), duty("a-14-5")], "taken": [], "breached": [], "raised": []}
    told = {one.iri: [row["provision"] for row in one.bound[0].duties] for one in by_right(some, tables)}
    assert {"trial": ["a-14"], "appeal": ["a-14-5"]} == told


def test_provisions_of_one_period_stand_together_and_in_the_order_of_their_numbers():
    some = [protected(f"a-{number}", "life") for number in (2, 3, 11)]
    tables = {"duties": [duty("a-11"), duty("a-2"), duty("a-3", until="2005-01-01")]}
    [life] = by_right(some, {**tables, "taken": [], "breached": [], "raised": []})
    assert [["a-2", "a-11"], ["a-3"]] == [[row["provision"] for row in one.duties] for one in life.bound]
    assert not life.is_raised


def test_what_protects_no_right_stands_last_and_what_is_raised_alone_stands_too():
    raised = [{"right": "work", "kind": "alleged", "number": "2"}]
    tables = {"duties": [], "taken": [], "breached": [{"provision": "a-1"}], "raised": raised}
    rights = by_right([protected("a-1", None)], tables)
    assert ["work", None] == [one.iri for one in rights]
    assert all(one.is_raised for one in rights) and rights[0].alleged == raised[0] and rights[0].recommended is None


def test_repeats_and_what_a_person_has_to_read_are_left_out_and_told():
    counted = tally(
        [
            decisions(3, "violation"),
            decisions(2, "no-violation", year="2010", reading="by-person"),
            decisions(5, "violation", reading="needs-reading"),
            decisions(7, "violation", repeat=TRUE),
        ],
        "body",
    )
    assert (["violation", "no-violation"], [3, 2]) == (counted.outcomes, counted.totals)
    assert [("body", "2001", "2010")] == [(line.key, line.first, line.last) for line in counted.lines]
    assert (2, 3, 5, 7) == (counted.by_person, counted.by_program, counted.to_read, counted.repeats)


def test_a_decision_that_found_a_breach_of_some_articles_counts_as_one_that_found_a_breach():
    found = [
        decisions(3, "violation"),
        decisions(2, "mixed"),
        decisions(4, "no-violation"),
        decisions(7, "violation", repeat=TRUE),
    ]
    assert 5 == found_breach(found)


def test_decisions_without_a_year_count_and_give_none():
    counted = tally([decisions(1, "violation", year="")], "year")
    assert [("", [1], "", "")] == [tuple(line) for line in counted.lines]

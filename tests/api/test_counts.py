"""What pages count: decisions by outcome, by their queries on a few decisions, and rights with the whole of an article alone."""

import pytest

from kg import rows
from kg.config import PROJECT
from tests.turtle import ask_page

SCHEME = (PROJECT / "ontology/schemes/decision-outcome.ttl").read_text(encoding="utf-8")


def decision(number, outcome, *, year="2001", reading="mechanical-checked", more=""):
    date = f'ans:date "{year}"^^xsd:gYear ; ' if year else ""
    return f"""<id/decision/d{number}> a ans:Decision ; ans:concernsState <id/state/xar> ; ans:isPublishedBy <id/body/committee> ;
        {date}{more} ans:hasDecisionOutcome <scheme/decision-outcome/{outcome}> ; ans:hasFindingReading <scheme/reading/{reading}> .
    """


def repeats(number):
    return f"ans:repeatsTextOf <id/decision/d{number}> ;"


def ask(name, this, *decisions):
    """Ask a page query about a few decisions, with the scheme of their outcomes."""
    return ask_page(name, SCHEME + "".join(decisions), this=this)


def test_repeats_and_what_a_person_has_to_read_are_left_out_and_counted_apart():
    found = ask(
        "tallied",
        "state/xar",
        decision(1, "violation"),
        decision(2, "violation", year="2010", reading="by-person"),
        decision(3, "violation", reading="needs-reading"),
        decision(4, "violation", more=repeats(1), reading="by-person"),
    )
    assert {"program": "1", "by-person": "1", "needs-reading": "1", "repeats": "1"} == {
        row["read"]: row["number"] for row in found
    }
    counted = [row for row in found if row["counts"] == "true"]
    assert {"program", "by-person"} == {row["read"] for row in counted}
    assert [("2010", "2010"), ("2001", "2001")] == [(row["from"], row["until"]) for row in counted]


def test_outcomes_have_the_order_of_their_scheme():
    several = [decision(number, name) for number, name in enumerate(("not-read", "mixed", "violation"))]
    found = sorted(ask("tallied", "state/xar", *several), key=lambda row: int(row["place"]))
    assert ["violation", "mixed", "not-read"] == [row["outcome"].rpartition("/")[2] for row in found]


def test_a_decision_that_found_a_breach_of_some_articles_counts_as_one_that_found_a_breach():
    several = [decision(n, name) for n, name in enumerate(("violation", "mixed", "mixed", "no-violation"))]
    found = ask("tallied", "state/xar", *several, decision(9, "violation", more=repeats(0)))
    assert 3 == sum(int(row["number"]) for row in found if row["breach"] == "true")


@pytest.mark.parametrize(("name", "this"), [("tallied", "state/xar"), ("tallied-yearly", "body/committee")])
def test_decisions_without_a_year_count_and_give_none(name, this):
    (row,) = ask(name, this, decision(1, "violation", year=""))
    assert ("true", "1") == (row["counts"], row["number"]) and "" == row.get("until", row.get("line"))


def test_a_part_stands_where_its_article_does_not():
    parts = [{"part": "a-14-1", "whole": "a-14"}, {"part": "a-14-5", "whole": "a-14"}]
    protected = [{"provision": "a-14", "right": "trial"}, {"provision": "a-14-1", "right": "trial"}]
    protected.append({"provision": "a-14-5", "right": "appeal"})
    duties = [{"provision": name, "since": "2000"} for name in ("a-14", "a-14-1", "a-14-5")]
    by_right = rows.by(rows.natural_join(duties, protected, "provision"), "right")
    shown = {right: rows.without_parts(some, parts, "provision") for right, some in by_right.items()}
    assert {"trial": ["a-14"], "appeal": ["a-14-5"]} == {
        right: [row["provision"] for row in some] for right, some in shown.items()
    }

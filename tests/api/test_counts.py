"""What pages count: decisions by outcome, by their queries on a few decisions, and rights with the whole of an article alone."""

import pytest

from kg import rows
from kg.config import PROJECT
from kg.store import Query, Store
from kg.terms import Iri

PREFIXES = """@prefix ans: <https://w3id.org/answerable/ontology#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix outcome: <https://w3id.org/answerable/scheme/decision-outcome/> . @prefix reading: <https://w3id.org/answerable/scheme/reading/> .
@prefix : <https://w3id.org/answerable/id/decision/> . @prefix id: <https://w3id.org/answerable/id/> .
"""
SCHEME = PROJECT / "ontology/schemes/decision-outcome.ttl"


def decision(number, outcome, *, year="2001", reading="mechanical-checked", more=""):
    date = f'ans:date "{year}"^^xsd:gYear ; ' if year else ""
    return f""":d{number} a ans:Decision ; ans:concernsState <https://w3id.org/answerable/id/state/xar> ;
        ans:isPublishedBy <https://w3id.org/answerable/id/body/committee> ; {date}{more}
        ans:hasDecisionOutcome outcome:{outcome} ; ans:hasFindingReading reading:{reading} .
    """


def ask(name, this, *decisions):
    """Ask a page query about a few decisions, with the scheme of their outcomes."""
    with Store.memory() as store:
        store.load(SCHEME.read_bytes(), format="ttl", graph=None, source="scheme")
        store.load((PREFIXES + "".join(decisions)).encode(), format="ttl", graph=None, source="decisions")
        text = (PROJECT / f"queries/pages/{name}.rq").read_text(encoding="utf-8")
        return rows.read(
            store.answer(Query(text, "json", {"this": Iri(f"https://w3id.org/answerable/id/{this}")})).body
        )


def test_repeats_and_what_a_person_has_to_read_are_left_out_and_counted_apart():
    found = ask(
        "tallied",
        "state/xar",
        decision(1, "violation"),
        decision(2, "violation", year="2010", reading="by-person"),
        decision(3, "violation", reading="needs-reading"),
        decision(4, "violation", more="ans:repeatsTextOf :d1 ;", reading="by-person"),
    )
    assert {"program": "1", "by-person": "1", "needs-reading": "1", "repeats": "1"} == {
        row["read"]: row["number"] for row in found
    }
    counted = [row for row in found if row["counts"].is_true]
    assert {"program", "by-person"} == {row["read"] for row in counted}
    assert [("2010", "2010"), ("2001", "2001")] == [(row["from"], row["until"]) for row in counted]


def test_outcomes_have_the_order_of_their_scheme():
    found = ask(
        "tallied", "state/xar", *(decision(n, name) for n, name in enumerate(("not-read", "mixed", "violation")))
    )
    assert ["violation", "mixed", "not-read"] == [
        row["outcome"].rpartition("/")[2] for row in rows.by_number(found, "place")
    ]


def test_a_decision_that_found_a_breach_of_some_articles_counts_as_one_that_found_a_breach():
    several = [decision(n, name) for n, name in enumerate(("violation", "mixed", "mixed", "no-violation"))]
    found = ask("tallied", "state/xar", *several, decision(9, "violation", more="ans:repeatsTextOf :d0 ;"))
    assert 3 == rows.total([row for row in found if row["breach"].is_true], "number")


@pytest.mark.parametrize(("name", "this"), [("tallied", "state/xar"), ("tallied-yearly", "body/committee")])
def test_decisions_without_a_year_count_and_give_none(name, this):
    (row,) = ask(name, this, decision(1, "violation", year=""))
    assert row["counts"].is_true and "1" == row["number"] and "" == row.get("until", row["line"])


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

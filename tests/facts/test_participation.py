"""The shipped records of participation say since when States are bound, as the clauses of the treaties give it."""

from collections import Counter

import pytest

from kg import terms
from kg.config import PROJECT
from kg.store import Store
from tests.comparing import KNOWN
from tests.turtle import HEAD


@pytest.fixture(scope="module")
def tables(store):
    """Take what the tables of participation say, and nothing else."""
    with Store.memory() as opened:
        for path in (PROJECT / "data/tables").glob("*/participation.csv"):
            graph = terms.graph_of(path.relative_to(PROJECT).as_posix())
            opened.load(store.dump(graph), format="nt", graph=None, source=path.name)
        yield opened


def ask(store, query):
    """List the rows of a query, with things named by their last part and "" for nothing."""
    return [
        tuple(cell.value.rpartition("/")[2] if cell else "" for cell in row)
        for row in store.select(f"{HEAD} SELECT {query}")
    ]


def bound(store, state):
    """Ask since when a State is bound by each treaty, and how many duties it bears under it."""
    rows = ask(
        store,
        f"""?treaty ?from (COUNT(?duty) AS ?duties) {{ ?p ans:isParticipationOf <id/state/{state}> ;
        ans:isParticipationIn ?treaty ; ans:inForceFrom ?from .
        OPTIONAL {{ ?duty ans:isGroundedIn ?p ; a ans:Obligation ; ans:beginsOn ?from }} }} GROUP BY ?treaty ?from""",
    )
    return {treaty: (since, int(duties)) for treaty, since, duties in rows}


def test_kazakhstan_is_bound_since_the_days_that_the_clauses_give(store):
    treaties = bound(store, "kaz")
    assert {
        "cat": "1998-09-25",
        "cedaw": "1998-09-25",
        "crc": "1994-09-11",
        "crpd": "2015-05-21",
        "iccpr": "2006-04-24",
        "iccpr-op1": "2009-09-30",
        "iccpr-op2": "2022-06-24",
        "icerd": "1998-09-25",
        "icescr": "2006-04-24",
        "icpped": "2010-12-23",
        "opcat": "2008-11-21",
        "refugee-convention": "1999-04-15",
        "refugee-protocol": "1999-01-15",
    } == {treaty: since for treaty, (since, _) in treaties.items() if f"id/treaty/{treaty}" in KNOWN}
    assert all(duties > 0 for _, duties in treaties.values())


@pytest.mark.parametrize(
    ("state", "treaties"),
    [("uzb", {"refugee-convention", "refugee-protocol", "opcat"}), ("chn", {"iccpr", "icpped"}), ("usa", {"crc"})],
)
def test_a_state_that_did_not_join_bears_no_duty(state, treaties, store):
    joined = bound(store, state)
    assert len(joined) > 2 and set() == treaties & joined.keys()


# What the heads of the pages of 3 February 2026 count: signatories and parties; and the participants of the past. Of the
# Optional Protocol the page counts 35 signatories, for Jamaica's signature stands in brackets.
HEADS = {
    "icerd": (88, 182, 5),
    "icescr": (72, 173, 4),
    "icescr-op": (46, 31, 0),
    "iccpr": (74, 175, 4),
    "iccpr-op1": (36, 116, 3),
    "iccpr-op2": (40, 92, 1),
    "cedaw": (99, 189, 3),
    "cedaw-op": (80, 116, 0),
    "cat": (83, 175, 3),
    "opcat": (76, 96, 0),
    "crc": (140, 196, 3),
    "crc-op-ac": (130, 173, 0),
    "crc-op-sc": (122, 178, 0),
    "crc-op-ic": (54, 53, 0),
    "cmw": (40, 60, 0),
    "crpd": (164, 193, 0),
    "crpd-op": (95, 108, 0),
    "icpped": (98, 78, 0),
}


def test_signatories_and_parties_are_those_at_the_head_of_the_page(tables):
    patterns = (
        "?p a ans:Participation ; ans:signedOn ?day",
        "?p a ans:Participation ; ans:depositedOn ?day FILTER NOT EXISTS { ?p ans:inForceUntil ?end }",
        "?p a ans:HistoricalParticipation",
    )
    counts = [Counter(ask(tables, f"?t {{ {one} . ?p ans:isParticipationIn ?t }}")) for one in patterns]
    assert HEADS == {treaty: tuple(count[(treaty,)] for count in counts) for treaty in HEADS}


def test_the_periods_that_ended_are_the_five_of_the_optional_protocol(tables):
    assert {
        ("blr-iccpr-op1", "2022-11-08", "2023-02-07"),
        ("guy-iccpr-op1", "1999-01-05", "1999-04-04"),
        ("jam-iccpr-op1", "1997-10-23", "1998-01-22"),
        ("tto-iccpr-op1", "1998-05-26", "1998-08-25"),
        ("tto-iccpr-op1-1998", "2000-03-27", "2000-06-26"),
    } == set(ask(tables, "?p ?d ?u { ?p a ans:Participation ; ans:inForceUntil ?u ; ans:denouncedOn ?d }"))


def test_the_record_of_eighteen_treaties_ends_in_2026_and_that_of_two_in_2015(tables):
    days = Counter(ask(tables, "?t ?day { ?p ans:isParticipationIn ?t ; ans:statusAsOf ?day }"))
    told = dict.fromkeys(HEADS, "2026-02-03") | dict.fromkeys(["refugee-convention", "refugee-protocol"], "2015-03-14")
    assert told.items() == {(treaty, day) for treaty, day in days if treaty in told}
    assert 2592 == sum(count for (_, day), count in days.items() if day == "2026-02-03")


@pytest.mark.parametrize(
    ("participation", "days"),
    [
        ("hrv-iccpr", ("1991-10-08", "", "")),  # as the depositary's record has it
        ("srb-cat", ("1992-04-27", "", "")),
        ("mkd-iccpr", ("1991-09-17", "1994-01-18", "")),  # depositaries differ
        ("cze-iccpr", ("1993-01-01", "1993-02-22", "")),  # told to other depositaries
        ("bhs-icerd", ("1973-07-10", "1975-08-05", "")),  # not checked
        ("blr-iccpr-op1", ("1992-12-30", "", "2023-02-07")),
        ("guy-iccpr-op1-1999", ("1999-04-05", "", "")),
        ("ssd-iccpr", ("2024-05-05", "", "")),
        ("ago-cat", ("2019-11-01", "", "")),
    ],
)
def test_duties_begin_and_end_with_the_participation(participation, days, store):
    assert {days} == set(
        ask(
            store,
            f"""?from ?surely ?until {{ ?duty ans:isGroundedIn <id/participation/{participation}> ;
            a ans:Obligation ; ans:beginsOn ?from . OPTIONAL {{ ?duty ans:certainFrom ?surely }}
            OPTIONAL {{ ?duty ans:endsOn ?until }} MINUS {{ ?duty ans:arisesFrom/ans:isOptional true }} }}""",
        )
    )


def test_no_duty_binds_an_organisation_or_a_participant_of_the_past(store):
    others = (
        "VALUES ?kind { ans:HistoricalParticipant ans:InternationalBody } ?p ans:isParticipationOf ?who . ?who a ?kind"
    )
    assert [] == ask(store, f"?p {{ ?duty a ans:Obligation ; ans:isGroundedIn ?p . {others} }}")
    assert 6 == len(ask(store, f"DISTINCT ?who {{ {others} }}"))

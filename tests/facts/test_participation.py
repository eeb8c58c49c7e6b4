"""The shipped records of participation say since when States are bound, as the clauses of the treaties give it."""

import pytest

from kg.store import Store
from tests.comparing import KNOWN


@pytest.fixture(scope="module")
def bound(release):
    """Ask the release since when a State is bound by each treaty, and how many duties it bears under it."""

    def since(state):
        with Store.open(release.store_path) as store:
            rows = store.query(
                f"""PREFIX ans: <https://w3id.org/answerable/ontology#> BASE <https://w3id.org/answerable/>
                SELECT ?treaty ?from (COUNT(?duty) AS ?duties) {{ ?p ans:isParticipationOf <id/state/{state}> ;
                ans:isParticipationIn ?treaty ; ans:inForceFrom ?from .
                OPTIONAL {{ ?duty ans:isGroundedIn ?p ; a ans:Obligation ; ans:beginsOn ?from }} }} GROUP BY ?treaty ?from"""
            )
            return {row[0].value.rpartition("/")[2]: (row[1].value, int(row[2].value)) for row in rows}

    return since


def test_kazakhstan_is_bound_since_the_days_that_the_clauses_give(bound):
    treaties = bound("kaz")
    assert {
        "cat": "1998-09-25",
        "cedaw": "1998-09-25",
        "crc": "1994-09-11",
        "crpd": "2015-05-21",
        "iccpr": "2006-04-24",
        "iccpr-op1": "2009-09-30",
        "icerd": "1998-09-25",
        "icescr": "2006-04-24",
        "icpped": "2010-12-23",
        "opcat": "2008-11-21",
        "refugee-convention": "1999-04-15",
        "refugee-protocol": "1999-01-15",
    } == {treaty: since for treaty, (since, _) in treaties.items() if f"id/treaty/{treaty}" in KNOWN}
    assert all(duties > 0 for _, duties in treaties.values())


@pytest.mark.parametrize(
    ("state", "treaty"),
    [
        ("uzb", "refugee-convention"),
        ("uzb", "refugee-protocol"),
        ("uzb", "opcat"),
        ("chn", "iccpr"),
        ("chn", "icpped"),
        ("usa", "crc"),
    ],
)
def test_a_state_that_did_not_join_bears_no_duty(state, treaty, bound):
    assert treaty not in bound(state)
    assert len(bound(state)) > 2


def test_every_participation_says_of_which_day_its_record_is(release):
    with Store.open(release.store_path) as store:
        rows = store.query(
            """PREFIX ans: <https://w3id.org/answerable/ontology#>
            SELECT ?day (COUNT(*) AS ?n) { ?p a ans:Participation ; ans:statusAsOf ?day } GROUP BY ?day"""
        )
        counts = {row[0].value: int(row[1].value) for row in rows}
    assert counts["2015-03-14"] > 1900
    assert {"2015-03-14", "2016-07-11", "2022"} <= set(counts)

"""How a finding meets the duty: in force on the days of its facts, on some, on none, or not known; and why."""

import pytest

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store
from tests.turtle import HEAD

RULES = [one for one in inputs.read_queries(PROJECT, "rules/links") if "-findings-" in one.name]
FINDING = """<id/finding/f> a ans:Finding ; ans:invokes <id/provision/p-1> ; ans:isReportedIn <id/passage/x> .
    <id/passage/x> ans:isPartOf <id/decision/d> . <id/decision/d> a ans:Decision ; ans:endsOn "2015-12-31"^^xsd:date .
    <id/provision/p-1> ans:isPartOf <id/provision/p> ; ans:isProvisionOf <id/treaty/t> ; ans:bearsDuty true . <id/treaty/t> a ans:Treaty . """
STATE = "<id/finding/f> ans:concernsState <id/state/s> . "
ALONE = "<id/finding/f> ans:isArticleLevel true . "
ACT = "<id/finding/f> ans:characterises <id/act/a> . "
PARTY = '<id/participation/s> ans:isParticipationOf <id/state/s> ; ans:isParticipationIn <id/treaty/t> ; ans:inForceFrom "2006-04-24"^^xsd:date . '


def facts(first, last):
    """Write the dates that were read in the facts of the decision."""
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}
    from_, until = (f'"{day}"^^xsd:{kind[len(day)]}' for day in (first, last))
    return ALONE + f"<id/decision/d> ans:factsFrom {from_} ; ans:factsUntil {until} . "


def duty(first, last="", key="o", of="p", more=""):
    end = f'; ans:endsOn "{last}"^^xsd:date' if last else ""
    return f"""<id/obligation/{key}> a ans:Obligation ; ans:binds <id/state/s> ; ans:arisesFrom <id/provision/{of}> ;
        ans:beginsOn "{first}"^^xsd:date {end} {more} . """


def fit(text, finding=FINDING):
    """Return the fit, the reasons and the obligations that the rules give the finding."""
    with Store.memory() as store:
        store.load((HEAD + finding + text).encode(), format="ttl", graph="https://example.org/x", source="x")
        store.copy_named_into_default()
        inference.run(store, RULES, terms.LINKS)
        found = []
        for name in ("hasObligationFit", "hasFitReason", "isSetAgainst"):
            rows = store.select(f"SELECT ?x {{ <{terms.mint('finding', 'f')}> <{terms.term(name)}> ?x }}")
            found.append(",".join(sorted(row[0].value.rpartition("/")[2] for row in rows)))
        return tuple(found)


DUTY = duty("2006-04-24")
VAGUE = 'ans:certainFrom "2006-12-31"^^xsd:date'
CASES = [
    (facts("2007", "2009-05"), DUTY, ("in-force", "", "o")),
    (facts("2006-04-24", "2006-04-24"), DUTY, ("in-force", "", "o")),
    (facts("2005", "2009-05"), DUTY, ("in-part", "began-before-entry-into-force", "o")),
    (facts("2006", "2009-05"), DUTY, ("in-part", "vague-day", "o")),
    (facts("2006-05-01", "2009"), duty("2006-01-01", more=";" + VAGUE), ("in-part", "vague-day", "o")),
    (facts("2001", "2006-04-23"), DUTY, ("not-in-force", "before-entry-into-force", "")),
    (facts("2007", "2012"), duty("2006-04-24", "2010-12-31"), ("in-part", "ended-after-the-end", "o")),
    (facts("2011", "2012"), duty("2006-04-24", "2010-12-31"), ("not-in-force", "after-the-end", "")),
    # One of two periods holds throughout.
    (
        facts("2013", "2014"),
        duty("2000-01-01", "2010-12-31") + duty("2012-01-01", key="again"),
        ("in-force", "", "again"),
    ),
    # The part itself and the article around it; no other provision, and no other State.
    (facts("2013", "2014"), duty("2000-01-01", of="p-1"), ("in-force", "", "o")),
    (facts("2013", "2014"), PARTY + duty("2000-01-01", of="q"), ("not-in-force", "not-a-party", "")),
    (facts("2013", "2014"), DUTY.replace("state/s", "state/z"), ("not-in-force", "not-a-party", "")),
    # No dates: the decision is the last day that the facts may have.
    (ALONE, DUTY, ("not-known", "no-dates", "")),
    (ALONE, duty("2016-01-01"), ("not-in-force", "before-entry-into-force", "")),
    (ALONE, "", ("not-in-force", "not-a-party", "")),
    # The act, where the finding names one.
    (ACT + '<id/act/a> ans:beginsOn "2007-01-01"^^xsd:date . ', DUTY, ("in-force", "", "o")),
    (ACT + '<id/act/a> ans:endsOn "2007-01-01"^^xsd:date . ', DUTY, ("in-part", "vague-day", "o")),
    (ACT + '<id/act/a> ans:endsOn "2001-01-01"^^xsd:date . ', DUTY, ("not-in-force", "before-entry-into-force", "")),
    (
        ACT + '<id/act/a> ans:beginsOn "2007-01-01"^^xsd:date . ',
        duty("2006-04-24", "2010-12-31"),
        ("in-part", "ended-after-the-end", "o"),
    ),
    (ACT, DUTY, ("not-known", "no-dates", "")),
    # Why there is no duty.
    (facts("2013", "2014"), "<id/provision/p-1> ans:isOptional true . " + PARTY, ("not-in-force", "not-accepted", "")),
    (
        facts("2013", "2014"),
        PARTY
        + "<id/participation/s> ans:hasStateDeclaration <id/declaration/r> . <id/declaration/r> ans:excludes <id/provision/p> . ",
        ("not-in-force", "reservation", ""),
    ),
    (facts("2013", "2014"), PARTY.replace("inForceFrom", "depositedOn"), ("not-known", "day-unknown", "")),
    (
        facts("2013", "2014"),
        '<id/treaty/t> ans:isReportedIn <id/passage/t> . <id/passage/t> ans:isPartOf <id/document/t> . <id/document/t> ans:recordEndsOn "2015-03-14"^^xsd:date . ',
        ("not-in-force", "record-older", ""),
    ),
]


@pytest.mark.parametrize(("facts", "law", "expected"), CASES)
def test_a_finding_is_set_against_the_duty_on_the_days_of_its_facts(facts, law, expected):
    assert expected == fit(STATE + facts + law)


def test_without_a_state_or_a_duty_of_its_own_the_fit_is_not_known():
    assert ("not-known", "no-state", "") == fit(facts("2013", "2014") + DUTY)
    bare = FINDING.replace("bearsDuty true", "bearsDuty false")
    assert ("not-known", "no-duty", "") == fit(STATE + facts("2013", "2014") + PARTY, bare)

"""Where people can complain of a State, as its page tells it: by the provision that opens the procedure, and by no other."""

import pytest

from tests.turtle import ask_page

DATA = """@base <id/> .
<t> a ans:Treaty .
<opens> ans:isProvisionOf <t> ; ans:bearsDuty true ; ans:protects <../scheme/right/petition> ; ans:opensProcedure <../scheme/procedure/individual-complaints> .
<protects> ans:isProvisionOf <t> ; ans:bearsDuty true ; ans:protects <../scheme/right/petition> .
<inquires> ans:isProvisionOf <t> ; ans:bearsDuty true ; ans:opensProcedure <../scheme/procedure/inquiry> .
<duty-1> ans:arisesFrom <opens> ; ans:binds <s> ; ans:beginsOn "2001-05-31"^^xsd:date .
<duty-2> ans:arisesFrom <protects> , <inquires> ; ans:binds <s> ; ans:beginsOn "2001-05-31"^^xsd:date .
<party> ans:isParticipationIn <t> ; ans:isParticipationOf <s> ; ans:beginsOn "2001-05-01"^^xsd:date ; ans:certainFrom "2001-05-31"^^xsd:date ;
    ans:inForceFrom "2001-05"^^xsd:gYearMonth .
"""


def opened(data, state="s"):
    """Ask for a State; give provision, first day and the day as told."""
    rows = ask_page("opened", data, this=state)
    return [(row["provision"].removeprefix("id/"), row["since"], row.get("told", "")) for row in rows]


def test_a_duty_to_let_people_complain_opens_the_procedure_and_no_other_duty_does():
    assert [("opens", "2001-05-31", "")] == opened(DATA)
    assert [] == opened(DATA, "other")


BARE = DATA.replace(
    "<opens> ans:isProvisionOf <t> ; ans:bearsDuty true", "<opens> ans:isProvisionOf <t> ; ans:bearsDuty false"
)
BARE = BARE.replace("<duty-1> ans:arisesFrom <opens>", "<duty-1> ans:arisesFrom <protects>")


def test_where_the_provision_that_opens_it_bears_no_duty_the_procedure_is_open_to_parties():
    assert [("opens", "2001-05-01", "2001-05")] == opened(BARE)
    assert [] == opened(BARE, "other")


@pytest.mark.parametrize("optional", [True, False])
def test_an_optional_provision_is_not_opened_by_joining_the_treaty(optional):
    assert optional != bool(opened(BARE + ("<opens> ans:isOptional true ." if optional else "")))

"""The import of declarations: what each row does to which provision, what is left alone, and nothing written in part."""

import pytest

from kg.imports import declaration_tables, declarations
from tests.kg.imports.conftest import line

STATEMENTS, CLAUSES = (
    declaration_tables._HEADS[f"{name}.csv"].split() for name in ("statements", "optional-procedures")
)
NOT_BOUND = "not bound, not recognised or not applied"


def statement(state="kaz", kind="reservation", articles="20", excludes="", basis="", **more):
    """Write a row of statements.csv about the CAT, made on 26 August 1998."""
    row = {
        "treaty": "cat",
        "collection_number": "IV-9",
        "participant": state.title(),
        "iso3": state.upper(),
        "kind": kind,
        "made_on": "1998-08-26",
        "stage": "consent",
        "articles": articles,
        "excludes": excludes,
        "excludes_basis": basis,
        "general": "no",
        "withdrawn": "no",
        "current": "yes",
        "page_anchor": "IV-9 Dec 02",
        "read_by": "person",
        **more,
    }
    return line(STATEMENTS, row)


def clause(article="22", direction="accepts", made="2008-02-21", state="kaz", **more):
    """Write a row of optional-procedures.csv about the CAT."""
    row = {
        "treaty": "cat",
        "article": article,
        "procedure": "individual communications",
        "direction": direction,
        "participant": state.title(),
        "iso3": state.upper(),
        "accepted_on": made,
        "effective": made,
        "settled_by": "read",
        **more,
    }
    return line(CLAUSES, row)


def party(key):
    """Write a State, and its participation in the CAT since 26 August 1998."""
    return f"""<id/state/{key}> a ans:State ; ans:isoCode "{key.upper()}" ; skos:prefLabel "{key.title()}"@en .
        <id/participation/{key}-cat> a ans:Participation ; ans:isParticipationOf <id/state/{key}> ;
            ans:isParticipationIn <id/treaty/cat> ; ans:depositedOn "1998-08-26"^^xsd:date .
    """


OPT_OUT = {"procedure": "opt-out from the inquiry of article 20", "article": "28", "direction": "opts out"}
DATA = {
    "data/states/all.ttl": party("kaz")
    + party("afg")
    + """<id/participation/kaz-cat-2003> a ans:Participation ; ans:isParticipationOf <id/state/kaz> ;
            ans:isParticipationIn <id/treaty/cat> ; ans:depositedOn "2003-03-03"^^xsd:date .
        <id/state/ind> a ans:State ; ans:isoCode "IND" ; skos:prefLabel "India"@en .""",
    "data/treaties/cat.ttl": '<id/treaty/cat> a ans:Treaty ; ans:shortName "CAT" ; ans:collectionNumber "IV-9" .'
    + "".join(
        f'<id/provision/cat-{key}> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:article "{article}" .'
        for key, article in [("20", "20"), ("22", "22"), ("28", "28"), ("30", "30"), ("30-1", "30(1)"), ("3", "3")]
    ),
    "data/sources/untc.ttl": '<id/document/untc> a ans:Document ; ans:date "2026-02-03"^^xsd:date .',
}


@pytest.fixture
def kg(importing):
    """Give the import of two small tables."""
    return importing("declarations", "untc", DATA)


def take(kg, statements="", clauses=""):
    """Write the two tables and import them; the exit code, the output and the errors."""
    for name, head, rows in (("statements", STATEMENTS, statements), ("optional-procedures", CLAUSES, clauses)):
        kg.project.write(f"tables/{name}.csv", ",".join(head) + "\n" + rows)
    return kg()


def told(kg, *tables):
    """Import tables and return what was written: (subject, property, value), in short."""
    code, _, err = take(kg, *tables)
    assert (0, "") == (code, err)
    return set(kg.ask())


def does(facts):
    return {(link, value) for _, link, value in facts if link in declarations.LINKS}


CASES = [
    ({"excludes": "20", "basis": NOT_BOUND}, {("excludes", "cat-20")}),
    ({"kind": "declaration", "excludes": "20", "basis": NOT_BOUND}, {("excludes", "cat-20")}),
    ({"excludes": "20", "basis": "bare reservation"}, {("mayExclude", "cat-20")}),
    ({"excludes": "20", "basis": "not able, for the time being"}, {("mayExclude", "cat-20")}),
    ({"excludes": "20", "basis": "consent of all parties in each case"}, {("mayExclude", "cat-20")}),
    ({"excludes": "20", "basis": NOT_BOUND, "note": "second sentence"}, {("modifies", "cat-20")}),
    ({"excludes": "20", "basis": NOT_BOUND, "territorial": "yes"}, {("modifies", "cat-20")}),
    (
        {"articles": "20;3", "excludes": "20", "basis": NOT_BOUND, "note": "3 only as to aliens"},
        {("excludes", "cat-20"), ("modifies", "cat-3")},
    ),
    ({"articles": "30(1)", "excludes": "30(1)", "basis": NOT_BOUND}, {("excludes", "cat-30-1")}),
    ({"articles": "30(2)", "excludes": "30(2)", "basis": NOT_BOUND}, {("modifies", "cat-30")}),
    ({}, {("modifies", "cat-20")}),
    ({"subject_to_law": "yes"}, {("subjectsToLaw", "cat-20")}),
    ({"kind": "declaration", "effect": "interprets"}, {("interprets", "cat-20")}),
    ({"kind": "declaration"}, {("namesProvision", "cat-20")}),
    ({"stage": "signature only", "excludes": "20", "basis": NOT_BOUND}, {("namesProvision", "cat-20")}),
    ({"withdrawn": "not accepted by the depositary", "current": "no"}, {("namesProvision", "cat-20")}),
    ({"withdrawn": "full", "withdrawn_on": "2001-01-01", "current": "no"}, {("mayExclude", "cat-20")}),
    ({"kind": "objection", "about": "AFG"}, set()),
    ({"articles": "", "general": "yes"}, set()),
]


def test_a_statement_does_to_a_provision_what_its_row_says_and_no_more(kg):
    states = [f"s{number:02}" for number in range(len(CASES))]
    kg.project.write("data/states/many.ttl", "".join(party(state) for state in states))
    facts = told(kg, "".join(statement(state, **row) for state, (row, _) in zip(states, CASES, strict=True)))
    for state, (row, expected) in zip(states, CASES, strict=True):
        found = {(link, value) for s, link, value in facts if s.startswith(state) and link in declarations.LINKS}
        assert expected == found, row


def test_a_withdrawn_statement_has_effect_to_the_day_before_or_to_that_which_its_note_gives(kg):
    facts = told(
        kg,
        statement(excludes="20", basis=NOT_BOUND, withdrawn="full", withdrawn_on="2001-01-01", current="no")
        + statement("afg", withdrawn="full", withdrawn_on="1980-01-18", current="no", note="effective 25 January 1980"),
    )
    key = "-cat-reservation-1998-08-26-20"
    assert {("kaz" + key, "2000-12-31"), ("afg" + key, "1980-01-24")} == {
        (s, o) for s, p, o in facts if p == "inForceUntil"
    }
    assert {("kaz" + key, "2001-01-01"), ("afg" + key, "1980-01-18")} == {
        (s, o) for s, p, o in facts if p == "withdrawnOn"
    }


def test_an_objection_has_its_target_and_none_of_its_articles(kg):
    facts = told(kg, statement("afg", "objection", "2;3", about="KAZ", stage="later", made_on="2004-05-06", general=""))
    key = "afg-cat-objection-2004-05-06-kaz"
    assert (key, "objectsTo", "kaz") in facts
    assert ("afg-cat", "hasStateDeclaration", key) in facts
    assert not {value for _, name, value in facts if name == "article"}


def test_a_statement_belongs_to_the_period_of_participation_in_which_it_was_made(kg):
    facts = told(kg, statement() + statement(made_on="2003-03-03"))
    linked = {(s, o) for s, p, o in facts if p == "hasReservation"}
    assert {
        ("kaz-cat", "kaz-cat-reservation-1998-08-26-20"),
        ("kaz-cat-2003", "kaz-cat-reservation-2003-03-03-20"),
    } == linked


def test_an_acceptance_has_the_days_from_and_to_which_it_has_effect(kg):
    facts = told(kg, "", clause(effective="2008-03-01", expires_on="2013-03-01"))
    mine = {(p, o) for s, p, o in facts if s == "kaz-cat-22"}
    assert {
        ("accepts", "cat-22"),
        ("date", "2008-02-21"),
        ("inForceFrom", "2008-03-01"),
        ("inForceUntil", "2013-03-01"),
    } <= mine
    assert ("isCurrent", "false") in mine
    assert ("kaz-cat-2003", "hasOptionalDeclaration", "kaz-cat-22") in facts


def test_an_acceptance_of_a_clause_that_is_not_in_force_is_not_current(kg):
    assert ("kaz-cat-22", "isCurrent", "false") in told(kg, "", clause(effective=""))
    assert ("kaz-cat-22", "isCurrent", "true") in told(kg, "", clause())


def test_an_opt_out_is_told_once_with_the_facts_of_both_tables(kg):
    row = statement(excludes="20", basis=NOT_BOUND, withdrawn="full", withdrawn_on="2001-01-01", current="no")
    facts = told(kg, row, clause(made="1998-08-26", withdrawn_on="2001-01-01", **OPT_OUT))
    assert {("optsOutOf", "cat-20")} == does(facts)
    assert {"kaz-cat-reservation-1998-08-26-20"} == {s for s, p, _ in facts if p == "optsOutOf"}
    assert {"20", "28"} == {o for _, p, o in facts if p == "article"}


def test_a_withdrawal_that_the_tables_date_differently_is_named(kg):
    row = statement(excludes="20", basis=NOT_BOUND, withdrawn="full", withdrawn_on="2001-01-01", current="no")
    _, out, _ = take(kg, row, clause(made="1998-08-26", withdrawn_on="2001-02-02", **OPT_OUT))
    assert (
        "optional-procedures.csv:2: the day of withdrawal is 2001-02-02, and in statements.csv:2 it is 2001-01-01"
        in out
    )


def test_a_postponement_tells_to_when_it_may_have_been_extended(kg):
    row = statement(
        kind="declaration",
        effect="postpones",
        articles="28",
        excludes="20",
        basis="declared opt-out",
        current="limited in time: see optional-procedures.csv",
    )
    facts = told(
        kg,
        row,
        clause(
            "28",
            "postpones",
            "1998-08-26",
            procedure="postpones part II",
            effective="1998-09-25",
            expires_on="2001-09-25",
        ),
    )
    mine = {(p, o) for _, p, o in facts}
    assert {
        ("optsOutOf", "cat-20"),
        ("inForceUntil", "2001-09-25"),
        ("mayLastUntil", "2003-09-25"),
        ("isCurrent", "false"),
    } <= mine


def test_what_is_written_by_hand_stays_and_what_contradicts_it_is_listed(kg):
    kg.project.write(
        "data/states/kaz-by-hand.ttl",
        """<id/participation/kaz-cat> ans:hasOptionalDeclaration <id/declaration/mine> .
        <id/declaration/mine> a ans:OptionalDeclaration ; ans:accepts <id/provision/cat-22> ; ans:date "2008"^^xsd:gYear .
        <id/participation/afg-cat> ans:hasReservation <id/reservation/his> .
        <id/reservation/his> a ans:Reservation ; ans:modifies <id/provision/cat-20> .""",
    )
    # The declaration by hand stands in the period in which the row's day falls or in another: the State and provision count.
    code, out, err = take(kg, statement("afg", excludes="20", basis=NOT_BOUND), clause() + clause(state="afg"))
    assert (0, "") == (code, err)
    assert (
        "optional-procedures.csv:2: Kaz, CAT: left as it is written by hand, mine; contradiction: the day is 2008-02-21, and by hand 2008"
        in out
    )
    assert (
        "statements.csv:2: Afg, CAT: left as it is written by hand, his; contradiction: it excludes cat-20, and by hand it does not"
        in out
    )
    text = (kg.folder / "cat.ttl").read_text(encoding="utf-8")
    assert "kaz-cat-22" not in text
    assert "afg-cat-22" in text
    assert "excludes" not in text


WRONG = [
    (statement("xxx"), "'Xxx' with the code 'XXX' is no participant of the graph"),
    (statement("ind"), "Ind has no participation in the CAT"),
    (statement(treaty="tat"), "'tat' is no treaty of the graph"),
    (statement(articles="99"), "The CAT has no article '99'"),
    (statement(articles="9bis"), "articles names '9bis', which is no article such as 16(1)(c)"),
    (statement(effect="weakens"), "effect is 'weakens'; it is one of: nothing, interprets"),
    (statement(excludes="20", basis="who knows"), "excludes_basis is 'who knows'"),
    (statement(made_on="1998-02-30"), "made_on is '1998-02-30', which is no day"),
    (statement(made_on="2026-02-04"), "made_on is 2026-02-04, which is later than the record, which is of 2026-02-03"),
    (statement(withdrawn_on="2026-02-04"), "withdrawn_on is 2026-02-04, which is later than the record"),
    (statement("afg"), "The row says the same as line 2; keep one of the two"),
    (
        statement(kind="declaration", effect="accepts a procedure", articles="22"),
        "Kaz accepts 22, of which optional-procedures.csv has no row of that day",
    ),
]


def test_a_row_that_cannot_be_placed_is_named_and_nothing_is_written_in_part(kg):
    first = statement("afg")
    take(kg, first)
    before = kg.files()
    code, _, err = take(kg, first + "".join(row for row, _ in WRONG), clause("97"))
    assert 1 == code
    lines = err.splitlines()
    for number, (_, why) in enumerate(WRONG, 3):
        mine = [line for line in lines if line.startswith(f"kg: statements.csv:{number}: ")]
        assert len(mine) == 1, why
        assert why in mine[0]
    assert any(line.startswith("kg: optional-procedures.csv:2: The CAT has no article '97'") for line in lines)
    assert f"kg: {len(WRONG) + 1} rows cannot be placed; nothing was written" == lines[-1]
    assert before == kg.files()


def test_tables_without_rows_or_with_another_head_are_refused(kg):
    assert 2 == take(kg)[0]
    kg.project.write("tables/statements.csv", "State,Text\n")
    assert 2 == kg()[0]


def test_importing_again_changes_nothing(kg):
    tables = statement() + statement(articles="3"), clause()
    first, second = told(kg, *tables), told(kg, *tables)
    assert first == second
    assert first


def test_the_file_says_whence_it_comes_and_how_sure_it_is(kg):
    take(kg, statement())
    text = (kg.folder / "cat.ttl").read_text(encoding="utf-8")
    for said in ("as of 3 February 2026", "United Nations Treaty Collection", "Licence", "Accuracy as measured"):
        assert said in text

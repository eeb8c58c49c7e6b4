"""The import of a table of the status of all treaties: periods, successions, participants of the past, and bad rows."""

import csv
import io

import pytest

from tests.kg.imports.conftest import line

HEAD = (
    "treaty,collection_number,participant,iso3,period,signed,signature_inherited,deposited,mode,in_force_from,in_force_note,"
    "succession_effective,succession_confidence,succession_evidence,denounced_on,denunciation_effective,in_force_until,"
    "reservation_on_reaccession,historical,organisation,end_notes"
)
# The cells that these rows have; the others are empty.
CELLS = """participant,iso3,period,signed,deposited,mode,in_force_from,denounced_on,denunciation_effective,in_force_until
Kazakhstan,KAZ,,,1998-08-26,accession,1998-09-25
Croatia,HRV,,,1992-10-12,succession,1992-10-12
North Macedonia,MKD,,,1994-12-12,succession,1994-12-12
Guyana,GUY,1,,1993-05-10,accession,1993-06-09,1999-01-05,1999-04-05,1999-04-04
Guyana,GUY,2,,1999-03-06,accession,1999-04-05
European Union,,,2007-03-30,2010-12-23,formal-confirmation,2011-01-22
Czechoslovakia,CSK,,,1988-07-07,ratification,1988-08-06,,,1992-12-31
Old Realm,,,,1988-07-07,ratification
India,IND,,1997-10-14
"""
ROWS = list(csv.DictReader(io.StringIO(CELLS), restval=""))
KAZ, HRV, MKD, GUY, _, UNION, PAST, VOID, IND = ROWS
HRV |= {"succession_effective": "1991-10-10", "succession_confidence": "depositary"}
MKD |= {"succession_effective": "1991-10-10", "succession_confidence": "depositary, other depositary differs"}
UNION |= {"organisation": "yes"}
PAST |= {"historical": "yes"}
VOID |= {"historical": "yes"}
STATES = {"kaz": "Kazakhstan", "hrv": "Croatia", "mkd": "North Macedonia", "guy": "Guyana", "ind": "India"}
DATA = {
    "data/states/all.ttl": "\n".join(
        f'<id/state/{key}> a ans:State ; skos:prefLabel "{name}"@en .' for key, name in STATES.items()
    ),
    "data/states/past.ttl": """<id/historical-participant/csk> a ans:HistoricalParticipant ;
    skos:prefLabel "Czechoslovakia (historical)"@en ; skos:altLabel "Czechoslovakia"@en .
<id/historical-participant/realm> a ans:HistoricalParticipant ; skos:prefLabel "Old Realm"@en .
<id/body/european-union> a ans:InternationalBody ; skos:prefLabel "European Union"@en .""",
    "data/treaties/cat.ttl": """<id/treaty/cat> a ans:Treaty ; ans:shortName "CAT" ; ans:collectionNumber "IV-9" ;
    ans:inForceFrom "1987-06-26"^^xsd:date .
<id/provision/cat-27> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:entryIntoForceDelay "P30D"^^xsd:duration .""",
    "data/sources/untc.ttl": '<id/document/untc-2026> a ans:Document ; ans:date "2026-02-03"^^xsd:date .',
}


def table(*rows):
    """Write a table of rows that are given by their columns."""
    names = HEAD.split(",")
    return HEAD + "\n" + "".join(line(names, {"treaty": "cat", "collection_number": "IV-9"} | row) for row in rows)


@pytest.fixture
def kg(importing):
    """Give the import of a table into the small project."""
    return importing("participation", "untc-2026", DATA)


def take(kg, text):
    """Write the table and import it; the exit code, the output and the errors."""
    kg.project.write("tables/participation.csv", "").write_text(text, encoding="utf-8")
    return kg()


def written(kg, wanted, pattern):
    """Ask the Turtle that was written; the rows in no order."""
    return set(kg.ask(wanted, pattern))


def test_each_row_becomes_a_participation_in_the_treaty_that_it_names(kg):
    code, out, err = take(kg, table(*ROWS))
    assert (0, "") == (code, err)
    assert out.startswith("9 participations from 1 table, as of 2026-02-03, in ")
    assert {
        ("kaz-cat", "1998-09-25"),
        ("hrv-cat", "1991-10-10"),
        ("mkd-cat", "1994-12-12"),
        ("guy-cat", "1993-06-09"),
        ("guy-cat-1999", "1999-04-05"),
        ("european-union-cat", "2011-01-22"),
        ("ind-cat", ""),
    } == written(kg, "?p ?f", "?p a ans:Participation OPTIONAL { ?p ans:inForceFrom ?f }")


def test_a_succession_keeps_its_day_its_notice_and_how_sure_it_is(kg):
    take(kg, table(*ROWS))
    assert {
        ("hrv-cat", "1991-10-10", "1992-10-12", "depositary", "succession-days-hrv"),
        ("mkd-cat", "1991-10-10", "1994-12-12", "depositaries-differ", "succession-days-mkd"),
    } == written(
        kg,
        "?p ?s ?d ?c ?r",
        """?p ans:succeededOn ?s ; ans:depositedOn ?d ; ans:hasSuccessionConfidence ?c ; ans:isReportedIn ?r
        FILTER(CONTAINS(STR(?r), "succession")) FILTER NOT EXISTS { ?p ans:followsClause ?clause }""",
    )


def test_who_left_and_came_back_has_a_participation_for_each_period(kg):
    take(kg, table(*ROWS))
    assert {("guy-cat", "1999-01-05", "1999-04-04")} == written(
        kg, "?p ?d ?u", "?p ans:denouncedOn ?d ; ans:inForceUntil ?u"
    )


def test_participants_of_the_past_and_organisations_stand_apart(kg):
    take(kg, table(*ROWS))
    assert {("csk-cat", "csk", "1988-08-06", "1992-12-31"), ("realm-cat", "realm", "", "")} == written(
        kg,
        "?p ?a ?f ?u",
        """?p a ans:HistoricalParticipation ; ans:isParticipationOf ?a
        OPTIONAL { ?p ans:inForceFrom ?f } OPTIONAL { ?p ans:inForceUntil ?u }""",
    )
    assert {("european-union-cat", "formal-confirmation")} == written(
        kg,
        "?p ?m",
        "?p ans:isParticipationOf <https://w3id.org/answerable/id/body/european-union> ; ans:hasBindingMode ?m",
    )


def test_what_is_written_by_hand_stays_and_a_contradiction_is_named(kg):
    kg.project.write(
        "data/states/hand.ttl",
        """<id/participation/kaz-cat> ans:depositedOn "1998-08-27"^^xsd:date ; ans:hasReservation <id/reservation/x> .
        <id/participation/ind-cat> a ans:Participation ; ans:isParticipationOf <id/state/ind> ;
        ans:isParticipationIn <id/treaty/cat> ; ans:signedOn "1997-10-14"^^xsd:date .""",
    )
    code, out, _ = take(kg, table(*ROWS))
    assert 0 == code
    assert [
        "participation.csv:10: India is left as it is written by hand",
        "participation.csv:2: Kazakhstan: the table has depositedOn 1998-08-26, and by hand it is 1998-08-27, which stays",
    ] == sorted(out.splitlines()[:-1])
    kaz = "<https://w3id.org/answerable/id/participation/kaz-cat>"
    assert {("accession", "")} == written(
        kg, "?m ?d", f"{kaz} ans:hasBindingMode ?m OPTIONAL {{ {kaz} ans:depositedOn ?d }}"
    )
    assert ("ind-cat",) not in written(kg, "?p", "?p a ans:Participation")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (KAZ | {"deposited": "1998-02-30"}, "deposited '1998-02-30' is no day such as 1985-02-04"),
        (KAZ | {"deposited": "26 Aug 1998"}, "deposited '26 Aug 1998' is no day such as 1985-02-04"),
        (KAZ | {"deposited": "2026-02-04"}, "deposited 2026-02-04 is later than the record, which is of 2026-02-03"),
        (KAZ | {"in_force_from": "1998-09-26"}, "by the clause of the CAT a deposit of 1998-08-26 gives 1998-09-25"),
        (KAZ | {"mode": "purchase"}, "'purchase' is no way to consent to be bound"),
        (KAZ | {"mode": ""}, "Kazakhstan has a deposit without its mode"),
        (KAZ | {"participant": "Ruritania"}, "'Ruritania' is no State of the graph"),
        (KAZ | {"iso3": "KGZ"}, "Kazakhstan has the code KAZ, and the row 'KGZ'"),
        (KAZ | {"historical": "yes"}, "'Kazakhstan' is no historical participant of the graph"),
        (UNION | {"organisation": ""}, "'European Union' is no State of the graph"),
        (KAZ | {"treaty": "xyz"}, "'xyz' is no treaty of the graph"),
        (KAZ | {"collection_number": "IV-8"}, "CAT has the number IV-9, and the row 'IV-8'"),
        (KAZ | {"participant": "KAZAKHSTAN 7"}, "Kazakhstan has a row for this period of the CAT already, in line 2"),
        (GUY | {"in_force_until": "1999-04-05"}, "takes effect on 1999-04-05, and the last day in force is 1999-04-05"),
        (GUY | {"denounced_on": "1993-01-05"}, "denounced_on 1993-01-05 is before deposited 1993-05-10"),
        (
            HRV | {"succession_effective": "1993-01-01"},
            "takes effect on 1993-01-01, later than its notice of 1992-10-12",
        ),
        (HRV | {"succession_effective": "1987-06-25"}, "succeeded on 1987-06-25, before the CAT was in force"),
        (HRV | {"succession_confidence": "rumour"}, "'rumour' does not say how sure the day of the succession is"),
        (KAZ | {"succession_effective": "1991-12-16"}, "and the mode succession belong together"),
        (IND | {"signed": ""}, "India neither signed nor joined"),
        (IND | {"historical": "perhaps"}, "historical is 'perhaps', and not yes or empty"),
    ],
)
def test_a_row_that_cannot_be_placed_is_named_and_nothing_is_written_in_part(row, why, kg):
    take(kg, table(*ROWS))
    before = (kg.folder / "cat.ttl").read_bytes()
    first = KAZ | {"deposited": "1998-08-25", "in_force_from": "1998-09-24"}
    code, _, err = take(kg, table(first, row, {"participant": "Nowhere"}))
    assert 1 == code
    named, other, last = err.splitlines()
    assert named.startswith("kg: participation.csv:3: ")
    assert why in named
    assert other.startswith("kg: participation.csv:4: Nowhere neither signed nor joined")
    assert "kg: 2 rows cannot be placed; nothing was written" == last
    assert before == (kg.folder / "cat.ttl").read_bytes()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("treaty,participant\ncat,India\n", "There is no column collection_number, iso3"),
        (table(KAZ).replace('"KAZ"', '"KAZ","x"'), "The row has more or fewer cells than the head"),
    ],
)
def test_a_table_of_another_form_is_refused(text, why, kg):
    code, _, err = take(kg, text)
    assert 0 != code
    assert why in err
    assert not kg.folder.exists()

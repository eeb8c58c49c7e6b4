"""What the mappings of queries/mappings/ make of rows, each tried on a small table."""

import csv
import io

import pytest

from kg import terms
from kg.build import mapping
from kg.build.inputs import Inputs, Source, read_queries
from kg.config import PROJECT
from kg.store import Store
from tests.turtle import HEAD

MAPPINGS = read_queries(PROJECT, "mappings")
COLUMNS = {kind: [*each.columns] for kind, each in mapping.read_mappings(MAPPINGS).items()}
STATES = {
    "kaz": "Kazakhstan",
    "hrv": "Croatia",
    "mkd": "North Macedonia",
    "guy": "Guyana",
    "ind": "India",
    "mco": "Monaco",
}
GIVEN = "\n".join(f'<id/state/{key}> a ans:State ; skos:prefLabel "{name}"@en .' for key, name in STATES.items())
GIVEN += """
<id/historical-participant/csk> a ans:HistoricalParticipant ; skos:prefLabel "Czechoslovakia (historical)"@en .
<id/historical-participant/realm> a ans:HistoricalParticipant ; skos:prefLabel "Old Realm"@en .
<id/body/union> a ans:InternationalBody ; skos:prefLabel "European Union"@en .
<id/document/record> a ans:Document ; ans:date "2026-02-03"^^xsd:date .
"""
for key, name, number in (("cat", "CAT", "IV-9"), ("iccpr", "ICCPR", "IV-4")):
    GIVEN += f"""<id/treaty/{key}> a ans:Treaty ; ans:shortName "{name}" ; ans:collectionNumber "{number}" ;
        ans:inForceFrom "1987-06-26"^^xsd:date . <id/provision/{key}-27> a ans:Provision ; ans:isProvisionOf <id/treaty/{key}> ;
        ans:entryIntoForceDelay "P30D"^^xsd:duration .
    """
ACCEDED = {"deposited": "1998-08-26", "mode": "accession", "in_force_from": "1998-09-25"}
SUCCEEDED = {
    "deposited": "1992-10-12",
    "mode": "succession",
    "in_force_from": "1992-10-12",
    "succeeded_on": "1991-10-08",
    "succession_confidence": "depositary",
}


def make(kind, *rows, **more):
    """Make the statements of the rows of a table, in the default graph of a store; more rows by their kinds."""
    store = Store.memory()
    for path in (PROJECT / "ontology/schemes").glob("*.ttl"):
        graph = terms.graph_of(path.relative_to(PROJECT).as_posix())
        store.load(path.read_bytes(), format="ttl", graph=graph, source=path.name)
    store.load((HEAD + GIVEN).encode(), format="ttl", graph=terms.GRAPH + "data/given", source="given")
    tables = []
    for name, lines in ({kind: rows} | more).items():
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS[name], restval="")
        writer.writeheader()
        writer.writerows(lines)
        path = f"data/tables/record/{name}.csv"
        tables.append(Source(PROJECT / path, path, terms.graph_of(path), "csv", text.getvalue().encode()))
    _, wrong = mapping.state(store, Inputs((), MAPPINGS, None, tables=tables))
    assert [] == [str(each) for each in wrong]
    made = Store.memory()
    for table in tables:
        made.load(store.dump(table.graph), format="nt", graph=None, source=table.name)
    return made


def ask(store, query):
    """List the rows of a query, with things by the last part of their IRIs."""
    head = f"PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{terms.PREFIXES['skos']}> BASE <{terms.BASE}> SELECT"
    rows = store.select(f"{head} {query}")
    return sorted(tuple(cell.value.rpartition("/")[2] if cell else "" for cell in row) for row in rows)


def participate(participant, treaty="cat", **cells):
    """Write a row of participation."""
    return {"treaty": treaty, "participant": participant} | cells


def description(*rows):
    """Make the description of the only participation of some rows."""
    ((text,),) = ask(make("participation", *rows), "?d { ?p ans:isParticipationOf ?who ; ans:description ?d }")
    return text


def test_a_participation_says_how_and_since_when_a_state_is_bound_and_where_that_stands():
    store = make("participation", participate("state/kaz", **ACCEDED))
    assert [
        (
            "kaz-cat",
            "Participation",
            "kaz",
            "1998-08-26",
            "accession",
            "1998-09-25",
            "cat-27",
            "2026-02-03",
            "record-cat-kaz",
        )
    ] == [
        (key, kind.partition("#")[2], *rest)
        for key, kind, *rest in ask(
            store,
            """?p ?class ?who ?d ?m ?f ?c ?s ?r { ?p a ?class ; ans:isParticipationOf ?who ; ans:isParticipationIn <id/treaty/cat> ;
            ans:depositedOn ?d ; ans:hasBindingMode ?m ; ans:inForceFrom ?f ; ans:followsClause ?c ; ans:statusAsOf ?s ; ans:isReportedIn ?r }""",
        )
    ]
    assert [("Treaty Collection 2026, CAT: Kazakhstan", "Chapter IV, treaty 9", "record", "whole")] == ask(
        store,
        """?l ?s ?d ?r { <id/passage/record-cat-kaz> a ans:Passage ; skos:prefLabel ?l ; ans:section ?s ; ans:isPartOf ?d ;
        ans:hasReading ?r }""",
    )


def test_a_signature_alone_binds_nobody_and_one_that_is_definitive_does():
    store = make(
        "participation",
        participate("state/ind", signed="1997-10-14"),
        participate("state/mco", signed="1991-12-06", mode="definitive-signature", in_force_from="1992-01-05"),
    )
    query = "?p ?s ?m ?f ?c { ?p ans:signedOn ?s OPTIONAL { ?p ans:hasBindingMode ?m } OPTIONAL { ?p ans:inForceFrom ?f ; ans:followsClause ?c } }"
    assert [
        ("ind-cat", "1997-10-14", "", "", ""),
        ("mco-cat", "1991-12-06", "definitive-signature", "1992-01-05", "cat-27"),
    ] == ask(store, query)


def test_a_successor_is_bound_from_the_day_that_the_depositary_has_else_from_its_notice():
    store = make(
        "participation",
        participate("state/hrv", **SUCCEEDED),
        participate("state/mkd", **SUCCEEDED | {"succession_confidence": "depositaries-differ"}),
        participate("state/hrv", "iccpr", **SUCCEEDED),
    )
    query = """?p ?s ?d ?c ?f ?r { ?p ans:succeededOn ?s ; ans:depositedOn ?d ; ans:hasSuccessionConfidence ?c ; ans:inForceFrom ?f ;
        ans:isReportedIn ?r FILTER (!CONTAINS(STR(?r), "record")) FILTER NOT EXISTS { ?p ans:followsClause ?clause } }"""
    assert [
        ("hrv-cat", "1991-10-08", "1992-10-12", "depositary", "1991-10-08", "succession-days-hrv"),
        ("hrv-iccpr", "1991-10-08", "1992-10-12", "depositary", "1991-10-08", "ccpr-c-21-rev-1-add-8-rev-1-para-4"),
        ("hrv-iccpr", "1991-10-08", "1992-10-12", "depositary", "1991-10-08", "succession-days-hrv"),
        ("mkd-cat", "1991-10-08", "1992-10-12", "depositaries-differ", "1992-10-12", "succession-days-mkd"),
    ] == ask(store, query)


def test_who_left_and_came_back_has_a_participation_for_each_period():
    left = {"deposited": "1993-05-10", "mode": "accession", "in_force_from": "1993-06-09"}
    left |= {"period": "1", "denounced_on": "1999-01-05", "in_force_until": "1999-04-04"}
    back = {"deposited": "1999-03-06", "mode": "accession", "in_force_from": "1999-04-05", "period": "2"}
    store = make("participation", participate("state/guy", **left), participate("state/guy", **back))
    assert [
        ("guy-cat", "Participation of Guyana in the CAT, 1993 to 1999", "1999-01-05", "1999-04-04"),
        ("guy-cat-1999", "Participation of Guyana in the CAT, since 1999", "", ""),
    ] == ask(
        store,
        "?p ?l ?d ?u { ?p ans:isParticipationIn ?t ; skos:prefLabel ?l OPTIONAL { ?p ans:denouncedOn ?d ; ans:inForceUntil ?u } }",
    )


def test_participants_of_the_past_and_organisations_stand_apart():
    past = {
        "deposited": "1988-07-07",
        "mode": "ratification",
        "in_force_from": "1988-08-06",
        "in_force_until": "1992-12-31",
    }
    store = make(
        "participation",
        participate("historical-participant/csk", **past),
        participate("body/union", deposited="2010-12-23", mode="formal-confirmation", in_force_from="2011-01-22"),
    )
    query = "?p ?who { ?p a ans:%s ; ans:isParticipationOf ?who }"
    assert [("csk-cat", "csk")] == ask(store, query % "HistoricalParticipation")
    assert [("union-cat", "union")] == ask(store, query % "Participation")
    assert [("Chapter IV, treaty 9, end notes",)] == ask(store, "?s { <id/passage/record-cat-csk> ans:section ?s }")


EARLY = {"deposited": "1987-04-01", "mode": "ratification", "in_force_from": "1987-06-26"}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (participate("state/kaz", **ACCEDED), "Acceded."),
        (participate("state/kaz", **ACCEDED, dates_only="true"), "Acceded. The table shows no reservations, declarations or withdrawals."),
        (participate("state/kaz", **ACCEDED, note="a note"), "Acceded. Note: a note."),
        (
            participate("state/kaz", **ACCEDED, correction="the source has 1998-08-27, its certified copy this day"),
            "Acceded. Corrected here: the source has 1998-08-27, its certified copy this day.",
        ),
        (
            participate("state/kaz", signed="1985-02-04", **EARLY),
            "Signed, then ratified before the treaty was in force, so that it is bound from the treaty's own first day.",
        ),
        (
            participate("state/ind", signed="1997-10-14"),
            "Signed, and not bound on the day of the record: a signature alone does not bind.",
        ),
        (
            participate("state/ind", signed="1997-10-14", signature_inherited="true", deposited="1998-08-26", mode="ratification"),
            "Took over its predecessor's signature, then ratified.",
        ),
        (participate("historical-participant/realm", signed="1985-02-04", note="x"), "Signed only."),
        (
            participate("state/mco", signed="1991-12-06", mode="definitive-signature", in_force_from="1992-01-05"),
            "Bound by its signature alone.",
        ),
        (
            participate("state/hrv", deposited="1992-10-12", mode="succession", in_force_from="1992-10-12"),
            "Succeeded a predecessor; the table gives the day of its notice only, so it may have been bound before that day.",
        ),
        (
            participate("state/hrv", **SUCCEEDED),
            "Succeeded a predecessor with effect from 8 October 1991, as the depositary's record has it; its notice is of 12 October 1992.",
        ),
        (
            participate("state/hrv", **SUCCEEDED | {"succession_confidence": "unchecked"}),
            "Succeeded a predecessor, possibly with effect from 8 October 1991, the day of its independence as generally known, for which no source was read; bound for certain from its notice of 12 October 1992.",
        ),
        (
            participate("state/guy", **ACCEDED, denounced_on="1999-01-05", in_force_until="1999-04-04"),
            "Acceded. It denounced the treaty on 5 January 1999. The last day in force was 4 April 1999.",
        ),
        (
            participate("historical-participant/csk", **ACCEDED),
            "Acceded. It is no party of today, and no State of today bears a duty by this.",
        ),
    ],
)  # fmt: skip
def test_a_participation_is_described_in_words(row, text):
    assert text == description(row)


def test_a_row_of_an_unknown_participant_is_refused():
    with pytest.raises(AssertionError, match=r"participation\.csv:2:2: participant: id/state/kza is not described\."):
        make("participation", participate("state/kza", **ACCEDED))

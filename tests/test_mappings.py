"""What the mappings of queries/mappings/ make of rows, each tried on a small table."""

import csv
import io
import re

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
    for path in [*(PROJECT / "ontology").glob("*.ttl"), *(PROJECT / "ontology/schemes").glob("*.ttl")]:
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
    rows = store.select(f"{HEAD} SELECT {query}")
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


def test_a_state_of_the_past_may_have_ended_on_a_day_of_a_year_that_nobody_tells():
    past = {"deposited": "1988-07-07", "mode": "ratification", "in_force_from": "1988-08-06", "in_force_until": "1992"}
    store = make("participation", participate("historical-participant/csk", **past))
    told = "?label ?text ?until { <id/participation/csk-cat> skos:prefLabel ?label ; ans:description ?text ; ans:inForceUntil ?until }"
    [(label, text, until)] = ask(store, told)
    assert (
        label.endswith("in the CAT, 1988 to 1992") and "The last day in force was in 1992." in text and "1992" == until
    )


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


DECLARED = {
    "declaration": "kaz-cat-reservation",
    "participation": "kaz-cat",
    "name": "Reservation of Kazakhstan to CAT 20",
    "class": "Reservation",
    "kind": "reservation",
    "made_on": "1998-08-26",
    "passages": "record-cat-dec-02",
    "reading": "by-person",
}


def declare(*rows, **more):
    """Make the statements of rows of declarations, each of which has the cells of DECLARED that it does not change."""
    passages = [
        {"passage": "record-cat-dec-02", "treaty": "cat", "section": "IV-9, declarations and reservations, block 02"}
    ]
    passages.append(
        {"passage": "record-cat-kaz-clauses", "treaty": "cat", "section": "declarations under its clauses: Kazakhstan"}
    )
    parties = [participate("state/kaz", **ACCEDED)]
    return make("declarations", *(DECLARED | row for row in rows), passages=passages, participation=parties, **more)


def test_a_declaration_says_what_its_row_says():
    row = {
        "articles": "20;30(1)",
        "excludes": "cat-27",
        "basis": "not-bound",
        "stage": "consent",
        "in_force_until": "2000-12-31",
        "withdrawn": "full",
        "withdrawn_on": "2001-01-01",
        "current": "false",
        "what": "Takes away article 20.",
    }
    store = declare(row)
    told = {
        (link.partition("#")[2] or link, value)
        for link, value in ask(store, "?p ?o { <id/declaration/kaz-cat-reservation> ?p ?o }")
        if "description" not in link and "link" not in link
    }
    assert {
        ("type", "ontology#Reservation"),
        ("prefLabel", "Reservation of Kazakhstan to CAT 20 (26 August 1998)"),
        ("date", "1998-08-26"),
        ("article", "20"),
        ("article", "30(1)"),
        ("excludes", "cat-27"),
        ("hasExclusionBasis", "not-bound"),
        ("hasDeclarationKind", "reservation"),
        ("hasDeclarationStage", "consent"),
        ("hasReading", "by-person"),
        ("inForceUntil", "2000-12-31"),
        ("withdrawnOn", "2001-01-01"),
        ("isCurrent", "false"),
        ("isReportedIn", "record-cat-dec-02"),
    } == {(link.replace("22-rdf-syntax-ns#", "").replace("core#", ""), value) for link, value in told}
    assert [("kaz-cat", "kaz-cat-reservation")] == ask(store, "?p ?d { ?p ans:hasReservation ?d }")
    page = "ViewDetails.aspx?src=TREATY&mtdsg_no=IV-9&chapter=4&clang=_en#EndDec"
    assert [(page,)] == ask(store, "?l { ?d ans:link ?l }")


@pytest.mark.parametrize(
    ("column", "link"),
    [
        ("accepts", "accepts"),
        ("opts_out_of", "optsOutOf"),
        ("excludes", "excludes"),
        ("may_exclude", "mayExclude"),
        ("subjects_to_law", "subjectsToLaw"),
        ("modifies", "modifies"),
        ("interprets", "interprets"),
        ("names", "namesProvision"),
    ],
)
def test_a_declaration_does_to_provisions_what_the_column_says(column, link):
    store = declare({column: "cat-27;iccpr-27"})
    assert [(link, "cat-27"), (link, "iccpr-27")] == [
        (one.partition("#")[2], value)
        for one, value in ask(
            store, "?p ?o { <id/declaration/kaz-cat-reservation> ?p ?o . FILTER (CONTAINS(STR(?o), '/provision/')) }"
        )
    ]


def test_a_participation_is_linked_to_a_declaration_by_what_it_is():
    names = (
        "Reservation;OptionalDeclaration",
        "OptionalDeclaration",
        "InterpretativeDeclaration",
        "StateDeclaration",
        "Objection",
    )
    store = declare(*({"declaration": f"d{number}", "class": name} for number, name in enumerate(names)))
    query = "DISTINCT ?p ?d { <id/participation/kaz-cat> ?p ?d . ?d ans:hasDeclarationKind ?kind }"
    assert [
        ("hasOptionalDeclaration", "d0"),
        ("hasOptionalDeclaration", "d1"),
        ("hasReservation", "d0"),
        ("hasStateDeclaration", "d2"),
        ("hasStateDeclaration", "d3"),
        ("hasStateDeclaration", "d4"),
    ] == [(link.partition("#")[2], key) for link, key in ask(store, query)]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({}, "It names no article."),
        ({"stage": "signature", "what": "Names article 20."}, "Made on signature; it has no effect unless confirmed on consent. Names article 20."),
        ({"stage": "later", "territorial": "true"}, "Made after consent to be bound. It is about some territory alone."),
        ({"political": "true"}, "It speaks of policy, such as recognition, and not of what binds the State."),
        ({"general": "true"}, "It subjects the treaty as a whole to something else, or may do so; what it takes away is for readers to judge."),
        ({"kind": "required"}, "The treaty asks such a declaration of every party; it limits nothing."),
        ({"kind": "objection", "objects_to": "ind"}, "Listed as made, not interpreted: an objection ends no reservation here."),
        ({"withdrawn": "full", "withdrawn_on": "2001-01-01", "in_force_until": "2000-12-31"}, "Withdrawn on 1 January 2001."),
        ({"withdrawn": "full"}, "Withdrawn on a day that is not known."),
        ({"withdrawn": "partial", "withdrawn_on": "2001-01-01"}, "Withdrawn in part on 1 January 2001."),
        ({"withdrawn": "partial"}, "Whether it still stands is not known."),
        ({"withdrawn": "unknown"}, "Whether it still stands is not known."),
        ({"withdrawn": "not accepted"}, "The depositary did not accept it."),
        ({"in_force_until": "2030-01-01", "current": "true"}, "It lasts to 1 January 2030."),
        (
            {"in_force_until": "2001-09-25", "may_last_until": "2003-09-25", "current": "false"},
            "It lasted to 25 September 2001. Whether it was extended, to 25 September 2003 at most, is not recorded.",
        ),
        ({"note": "a note"}, "Note of the readers: a note."),
        ({"note": "a note", "correction": "a reason"}, "Note of the readers: a note. Corrected here: a reason."),
    ],
)  # fmt: skip
def test_a_declaration_is_described_in_words(row, text):
    assert [(text,)] == ask(declare(row), "?t { <id/declaration/kaz-cat-reservation> ans:description ?t }")


def test_a_partial_withdrawal_and_a_second_declaration_of_a_day_are_told_apart():
    second = {"declaration": "second", "ordinal": "2", "withdrawn": "partial", "withdrawn_on": "2001-01-01"}
    store = declare(second, {"declaration": "undated", "made_on": ""})
    assert [("second", "2001-01-01")] == ask(
        store, "?d ?w { ?d ans:withdrawnInPartOn ?w FILTER NOT EXISTS { ?d ans:withdrawnOn ?w } }"
    )
    assert [
        ("second", "Reservation of Kazakhstan to CAT 20 (26 August 1998), 2"),
        ("undated", "Reservation of Kazakhstan to CAT 20 (day not known)"),
    ] == ask(store, "?d ?l { ?d skos:prefLabel ?l ; ans:hasDeclarationKind ?kind }")


def test_a_passage_is_called_by_its_treaty_and_its_section():
    assert [
        ("record-cat-dec-02", "Treaty Collection 2026, CAT: declarations and reservations, block 02", "Chapter IV-9, declarations and reservations, block 02"),
        ("record-cat-kaz-clauses", "Treaty Collection 2026, CAT: declarations under its clauses: Kazakhstan", "Chapter declarations under its clauses: Kazakhstan"),
    ] == ask(declare({}), "?p ?l ?s { ?p ans:section ?s ; skos:prefLabel ?l ; ans:hasReading <scheme/reading/excerpt> }")  # fmt: skip


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"participation": "kaz-crc"}, "participation: id/participation/kaz-crc is not described"),
        ({"excludes": "cat-99"}, "excludes: id/provision/cat-99 is not described"),
        ({"objects_to": "xxx"}, "objects_to: id/state/xxx is not described"),
        ({"basis": "who-knows"}, "basis: scheme/exclusion-basis/who-knows is not described"),
        ({"passages": "record-cat-dec-99"}, "passages: id/passage/record-cat-dec-99 is not described"),
        ({"class": "Letter"}, "class: 'Letter' is none of: Reservation, OptionalDeclaration"),
        ({"made_on": "1998-02-30"}, "made_on: '1998-02-30' is no day"),
        ({"withdrawn": "perhaps"}, "withdrawn: 'perhaps' is none of: full, partial, unknown, not accepted"),
    ],
)
def test_a_declaration_with_a_wrong_cell_is_refused(row, why):
    with pytest.raises(AssertionError) as caught:
        declare(row)
    assert f"{COLUMNS['declarations'].index(next(iter(row))) + 1}: {why}" in str(caught.value)


GIVEN_TO_BODIES = """
<id/body/cat> a ans:TreatyBody ; skos:prefLabel "United Nations Committee against Torture"@en .
<id/treaty/cat> ans:isMonitoredBy <id/body/cat> .
<id/provision/cat-22> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:opensProcedure <scheme/procedure/individual-complaints> .
<id/provision/cat-3> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:shortName "CAT 3" .
<id/provision/cat-3-1> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:shortName "CAT 3(1)" .
<id/provision/cat-12> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:shortName "CAT 12" .
"""
GIVEN += GIVEN_TO_BODIES
DECISION = {
    "decision": "cat-c-12-d-13-1993",
    "symbol": "CAT/C/12/D/13/1993",
    "body": "cat",
    "communications": "cat-13-1993",
    "state": "kaz",
    "state_basis": "header",
    "date": "1994-04",
    "date_basis": "session",
    "outcome": "violation",
    "paragraphs": "9.7",
    "facts_from": "1982",
    "facts_until": "1993-10-17",
    "note": "two versions",
    "reading": "by-person",
}
COMPLAINT = {
    "communication": "cat-13-1993",
    "number": "13/1993",
    "decision": "cat-c-12-d-13-1993",
    "state": "kaz",
    "submitted_on": "1993-10-18",
    "paragraph": "9.7",
}
FOUND = {
    "decision": "cat-c-12-d-13-1993",
    "provision": "cat-3",
    "outcome": "breach",
    "paragraphs": "9.7",
    "reading": "by-person",
}


def decide(*findings, complaint=None, **cells):
    """Make the statements of a decision, its complaint and findings."""
    return make("decisions", DECISION | cells, communications=[COMPLAINT | (complaint or {})], findings=findings)


def test_a_decision_says_what_was_decided_when_and_how_that_is_known():
    store = decide()
    assert [
        ("1982", "1993-10-17", "1994-04", "session", "header", "violation", "two versions", "by-person", "record")
    ] == ask(
        store,
        """?f ?u ?d ?b ?s ?o ?n ?r ?t { ?x a ans:Decision ; ans:symbol "CAT/C/12/D/13/1993" ; ans:isPublishedBy <id/body/cat> ;
        ans:concernsState <id/state/kaz> ; ans:isDecisionOn <id/communication/cat-13-1993> ; ans:factsFrom ?f ; ans:factsUntil ?u ;
        ans:date ?d ; ans:dateBasis ?b ; ans:stateBasis ?s ; ans:hasDecisionOutcome ?o ; ans:readingNote ?n ;
        ans:hasFindingReading ?r ; ans:isReadFrom ?t }""",
    )
    assert [("Decision CAT/C/12/D/13/1993 (Kazakhstan)".rpartition("/")[2],)] == ask(
        store, "?l { ?x a ans:Decision ; skos:prefLabel ?l }"
    )


def test_nothing_stands_at_the_address_of_a_symbol_that_nobody_saw():
    link = "(STR(?a) AS ?address) { ?x ans:link ?a }"
    assert [("1993",)] == ask(decide(), link)
    assert [] == ask(decide(symbol_composed="true"), link)


def test_a_complaint_is_brought_under_the_provision_that_opens_the_procedure_of_its_body():
    (found,) = ask(
        decide(),
        """?l ?s ?p ?d ?r { ?c a ans:Communication ; skos:prefLabel ?l ; ans:concernsState ?s ; ans:isBroughtUnder ?p ; ans:date ?d ;
        ans:isReportedIn ?r }""",
    )
    assert (
        "1993 (Committee against Torture, Kazakhstan)",
        "kaz",
        "cat-22",
        "1993-10-18",
        "cat-c-12-d-13-1993-para-9.7",
    ) == found


def test_complaints_without_a_number_are_called_after_their_decision():
    store = decide(complaint={"number": "", "state": ""})
    called = "(STRBEFORE(?l, '/') AS ?first) ?s { ?c a ans:Communication ; skos:prefLabel ?l OPTIONAL { ?c ans:concernsState ?s } }"
    assert [("Communications of CAT", "")] == ask(store, called)


def test_a_finding_says_which_way_the_body_decided_on_which_article_and_where():
    store = decide(
        FOUND | {"parts": "cat-3-1", "part_reading": "mechanical"}, FOUND | {"ordinal": "2", "outcome": "no-breach"}
    )
    assert [
        ("breach", "cat-c-12-d-13-1993-cat-3", "cat-3-1", "mechanical", "cat-c-12-d-13-1993-para-9.7"),
        ("no-breach", "cat-c-12-d-13-1993-cat-3-2", "", "", "cat-c-12-d-13-1993-para-9.7"),
    ] == ask(
        store,
        """?o ?f ?p ?how ?r { ?f a ans:Finding ; ans:isArticleLevel true ; ans:hasSpeaker <id/body/cat> ; ans:concernsState <id/state/kaz> ;
        ans:invokes <id/provision/cat-3> ; ans:hasFindingOutcome ?o ; ans:hasFindingReading <scheme/reading/by-person> ; ans:isReportedIn ?r
        OPTIONAL { ?f ans:namesPart ?p ; ans:hasPartReading ?how } }""",
    )
    assert [("Breach of CAT 3 (CAT",), ("No breach of CAT 3 (CAT",)] == ask(
        store, "(STRBEFORE(?l, '/') AS ?first) { ?f a ans:Finding ; skos:prefLabel ?l }"
    )


def test_a_finding_names_the_articles_that_the_body_read_with_its_own():
    store = decide(FOUND, FOUND | {"ordinal": "2", "read_with": "cat-12; cat-22"})
    assert [("cat-c-12-d-13-1993-cat-3-2", "cat-12"), ("cat-c-12-d-13-1993-cat-3-2", "cat-22")] == ask(
        store, "?f ?with { ?f ans:isReadWith ?with }"
    )


def test_a_decision_is_called_by_its_subject_where_a_reader_gave_one():
    store = decide(subject="Soldier to be returned to Zaire", complaints="1", persons="2")
    assert [("Soldier to be returned to Zaire (CAT", "Soldier to be returned to Zaire", "1", "2")] == ask(
        store,
        """(STRBEFORE(?l, '/') AS ?first) ?s ?c ?p { ?x a ans:Decision ; skos:prefLabel ?l ; ans:subject ?s ; ans:complaintsDecided ?c ;
        ans:peopleConcerned ?p }""",
    )


def test_a_claim_that_was_not_examined_is_a_finding_in_words_of_its_outcome():
    store = decide(
        FOUND | {"outcome": "inadmissible-time", "paragraphs": "admissibility"}, paragraphs="9.7; admissibility"
    )
    assert [("CAT 3, inadmissible: time (CAT", "cat-c-12-d-13-1993-admissibility", "the admissibility")] == ask(
        store,
        "(STRBEFORE(?l, '/') AS ?first) ?p ?s { ?f a ans:Finding ; skos:prefLabel ?l ; ans:isReportedIn ?p . ?p ans:section ?s }",
    )


def test_several_paragraphs_are_cited_as_a_span():
    store = decide(FOUND | {"paragraphs": "9.4-9.6; 9.7"}, paragraphs="9.4-9.6; 9.7")
    assert [
        ("CAT/C/12/D/13/1993, paragraph 9.7", "9.7", ""),
        ("CAT/C/12/D/13/1993, paragraphs 9.4 to 9.6", "", "paragraphs 9.4 to 9.6"),
    ] == sorted(
        tuple(cell.value if cell else "" for cell in row)
        for row in store.select(
            f"""{HEAD} SELECT ?l ?n ?s {{ ?f a ans:Finding ; ans:isReportedIn ?p . ?p skos:prefLabel ?l
            OPTIONAL {{ ?p ans:paragraph ?n }} OPTIONAL {{ ?p ans:section ?s }} }}"""
        )
    )


def test_where_no_paragraph_is_known_the_outcome_is_cited_and_a_state_that_is_not_settled_is_said():
    store = decide(
        FOUND | {"paragraphs": "outcome"}, complaint={"paragraph": "outcome"}, paragraphs="outcome", state=""
    )
    assert [("cat-c-12-d-13-1993-outcome", "the outcome", "The State of the decision is not settled.")] == ask(
        store, "?p ?s ?n { ?f a ans:Finding ; ans:isReportedIn ?p ; ans:recordNote ?n . ?p ans:section ?s }"
    )


def test_each_column_of_a_sheet_becomes_something_but_for_the_state_of_an_event():
    unread = [
        (each.kind, column)
        for each in mapping.read_mappings(MAPPINGS).values()
        for column in each.columns
        if each.sheet and not any(re.search(rf"row:{column}\b", query.text) for query in each.queries)
    ]
    assert [("sheet-events", "State")] == unread


@pytest.mark.parametrize(
    ("source", "passage", "label"),
    [
        ({"symbol": "B.2;A.1"}, {"paragraph": "4"}, "A.1, para 4"),
        ({}, {"paragraph": "4", "section": "Part A"}, "Report of 2013, para 4"),
        ({}, {"section": "paragraphs 4 to 6"}, "Report of 2013, paragraphs 4 to 6"),
    ],
)
def test_a_passage_of_a_sheet_is_called_by_its_document_and_its_place(source, passage, label):
    document = {"ID": "report", "name": "Report of 2013"} | source
    row = {"ID": "report-4", "source": "document/report", "how_read": "whole"} | passage
    made = make("sheet-sources", document, **{"sheet-passages": [row]})
    assert [(label,)] == ask(made, "?l { ?p a ans:Passage ; skos:prefLabel ?l }")
    assert [("whole", "report")] == ask(made, "?r ?d { ?p ans:hasReading ?r ; ans:isPartOf ?d }")


REPORT = {
    "sheet-sources": [{"ID": "report", "name": "Report"}],
    "sheet-passages": [{"ID": "report-4", "source": "document/report", "paragraph": "4", "how_read": "whole"}],
}


def test_unnamed_people_of_a_sheet_are_marked_and_a_finding_says_how_it_was_read():
    actors = [
        {"ID": key, "kind": kind, "name": "Who", "State": "kaz", "passages": "report-4"}
        for key, kind in (("group/people", "group of persons"), ("organ/police", "organ of a State"))
    ]
    made = make("sheet-actors", *actors, **REPORT)
    assert [("people",)] == ask(made, "?x { ?x ans:hasSensitivity <scheme/sensitivity/pseudonymous> }")
    assert [("police", "kaz")] == ask(made, "?x ?s { ?x a ans:StateOrgan ; ans:isOrganOf ?s }")
    told = {
        "name": "Who says",
        "what_is_said": "It.",
        "said_by": "state/kaz",
        "how_told": "official",
        "passages": "report-4",
    }
    judged = {"act_judged": "raid", "provision": "cat-27", "State_judged": "kaz", "decided": "not-reached"}
    event = {"ID": "evening", "State": "kaz", "name": "Evening", "date": "2013", "passages": "report-4"}
    act = {
        "ID": "raid",
        "event": "evening",
        "kind_of_act": "Arrest",
        "name": "Raid",
        "officials_of": "kaz",
        "passages": "report-4",
    }
    rows = [
        {"ID": "finding/one", "kind": "finding"} | told | judged,
        {"ID": "statement/two", "kind": "statement", "about": "act/raid"} | told,
    ]
    made = make("sheet-statements", *rows, **REPORT, **{"sheet-events": [event], "sheet-acts": [act]})
    assert [("one",)] == ask(made, "?x { ?x ans:hasFindingReading <scheme/reading/by-person> }")
    assert [("ontology#Arrest",)] == ask(made, "?c { <id/act/raid> a ?c }")


def test_an_id_that_is_not_of_the_kind_of_its_row_makes_nothing():
    row = {"ID": "court/police", "kind": "organ of a State", "name": "Who", "State": "kaz", "passages": "report-4"}
    with pytest.raises(AssertionError, match="Nothing is made of the row"):
        make("sheet-actors", row, **REPORT)


GIVEN += """
ans:Torture a <http://www.w3.org/2002/07/owl#Class> . ans:InquiryNotGiven a <http://www.w3.org/2002/07/owl#Class> .
ans:Expulsion a <http://www.w3.org/2002/07/owl#Class> . ans:PetitionHindered a <http://www.w3.org/2002/07/owl#Class> .
"""
DONE = {
    "decision": "cat-c-12-d-13-1993",
    "number": "1",
    "class": "Torture",
    "what": "beaten in custody",
    "date": "1993-05",
    "place": "Port Ansel",
    "performer": "police",
    "state": "kaz",
    "circumstances": "victim-held",
    "paragraphs": "9.7",
    "standing": "established",
}


def act(*rows, findings=(), **cells):
    """Make the statements of acts of a decision."""
    decision = DECISION | {"subject": "Soldier beaten in custody"} | cells
    return make("decisions", decision, communications=[COMPLAINT], findings=findings, acts=[DONE | row for row in rows])


def test_an_act_says_what_was_done_when_where_by_whom_and_whether_that_is_a_fact():
    assert [
        (
            "Beaten in custody.",
            "1993-05",
            "Port Ansel",
            "kaz-police",
            "established",
            "victim-held",
            "cat-c-12-d-13-1993",
        )
    ] == ask(
        act({}),
        """?what ?date ?place ?who ?standing ?circumstance ?event { <id/act/cat-c-12-d-13-1993-1> a ans:Torture ; ans:description ?what ;
        ans:date ?date ; ans:placeName ?place ; ans:hasPerpetrator ?who ; ans:hasFactStanding ?standing ; ans:isPartOf ?event ;
        ans:hasCircumstance ?circumstance ; ans:hasCircumstancePassage ?passage ; ans:isReportedIn ?passage }""",
    )


def test_an_organ_is_made_for_each_state_and_kind_and_courts_are_courts():
    store = act({}, {"number": "2", "performer": "court", "state": "guy"})
    assert [
        ("guy-courts", "Court", "Courts (Guyana)", "guy"),
        ("kaz-police", "StateOrgan", "Police (Kazakhstan)", "kaz"),
    ] == [
        (key, kind.partition("#")[2], *rest)
        for key, kind, *rest in ask(store, "?o ?c ?l ?s { ?o a ?c ; ans:isOrganOf ?s ; skos:prefLabel ?l }")
    ]


def test_an_act_of_an_organ_that_nobody_names_is_the_states_and_one_of_private_people_is_nobodys():
    store = act(
        {"performer": "mixed"},
        {"number": "2", "performer": "private", "state": ""},
        {"number": "3", "performer": "armed-group", "state": ""},
        {"number": "4", "performer": "foreign-state", "state": ""},
        {"number": "5", "performer": "court", "state": ""},
    )
    assert [("cat-c-12-d-13-1993-1", "kaz")] == ask(store, "?a ?s { ?a ans:isActOfUnnamedOrganOf ?s }")
    assert ["private-person", "not-a-state", "other-state", "not-classified"] == [
        reason for _, reason in ask(store, "?a ?r { ?a ans:hasNonAttributionReason ?r }")
    ]
    assert [] == ask(store, "?o { ?a ans:hasPerpetrator ?o }")


def test_the_case_of_a_decision_is_an_event_of_the_time_and_the_places_of_its_acts():
    store = act({}, {"number": "2", "place": ""})
    assert [("1982", "1993-10-17", "Port Ansel")] == ask(
        store,
        "?from ?to ?place { <id/event/cat-c-12-d-13-1993> a ans:Event ; ans:startDate ?from ; ans:endDate ?to ; ans:placeName ?place }",
    )
    assert [("Soldier beaten in custody, Kazakhstan, 1982 (CAT", "Kazakhstan")] == ask(
        act({"place": ""}),
        "(STRBEFORE(?l, '/') AS ?called) ?place { ?e a ans:Event ; skos:prefLabel ?l ; ans:placeName ?place }",
    )


def test_a_case_without_a_dated_act_ended_before_the_decision_or_else_before_the_complaint():
    undated = {"facts_from": "", "facts_until": ""}
    ended = "?to { ?e a ans:Event ; ans:endDate ?to }"
    assert [("1994-04",)] == ask(act({"date": ""}, **undated), ended)
    assert [("1993",)] == ask(act({"date": ""}, **undated, date=""), ended)


def test_an_act_that_goes_on_has_a_first_and_a_last_day():
    assert [("1993-05", "1993-06-02")] == ask(
        act({"end": "1993-06-02"}), "?from ?to { ?a a ans:Torture ; ans:startDate ?from ; ans:endDate ?to }"
    )


def test_the_body_tells_of_facts_and_those_who_complained_of_what_it_did_not_establish():
    store = act({}, {"number": "2", "standing": "not-established"}, {"number": "3", "standing": "prospective"})
    assert [
        ("cat", "treaty-body", "cat-c-12-d-13-1993-1"),
        ("cat", "treaty-body", "cat-c-12-d-13-1993-3"),
        ("cat-c-12-d-13-1993-complainants", "complainant", "cat-c-12-d-13-1993-2"),
    ] == ask(
        store,
        "?who ?how ?act { ?s a ans:Statement ; ans:hasSpeaker ?who ; ans:hasStanding ?how ; ans:isAbout ?act . ?act ans:description ?d ; ans:hasFactStanding ?f }",
    )


def test_an_omission_names_the_act_that_it_leaves_without_an_answer_and_a_removal_its_destination():
    store = act(
        {},
        {"number": "2", "class": "InquiryNotGiven", "answers": "1"},
        {"number": "3", "class": "Expulsion", "destination": "guy"},
        {"number": "4", "class": "PetitionHindered"},
    )
    assert [("cat-c-12-d-13-1993-2", "cat-c-12-d-13-1993-1")] == ask(store, "?a ?b { ?a ans:failsToAnswer ?b }")
    assert [("cat-c-12-d-13-1993-3", "guy")] == ask(store, "?a ?b { ?a ans:hasReturnDestination ?b }")
    assert [("cat-c-12-d-13-1993-4", "cat-13-1993")] == ask(store, "?a ?b { ?a ans:affectsCommunication ?b }")


def test_a_finding_that_is_about_acts_is_no_finding_about_the_article_alone():
    store = act({}, {"number": "2"}, findings=[FOUND | {"acts": "1; 2"}, FOUND | {"provision": "cat-12"}])
    assert [
        ("cat-c-12-d-13-1993-cat-3", "cat-c-12-d-13-1993-1"),
        ("cat-c-12-d-13-1993-cat-3", "cat-c-12-d-13-1993-2"),
    ] == ask(store, "?f ?a { ?f ans:characterises ?a MINUS { ?f ans:isArticleLevel true } }")
    assert [("cat-c-12-d-13-1993-cat-12",)] == ask(store, "?f { ?f ans:isArticleLevel true }")


def translate(english):
    """Make a decision, its case and an act, with the translation of a text of theirs."""
    decision, act = DECISION | {"subject": "Prisoner beaten"}, DONE | {"what": "beaten in custody"}
    row = {"english": english, "ru": "Избит", "kk": "Соққыға жығылды"}
    return make("decisions", decision, communications=[COMPLAINT], acts=[act], translations=[row])


def test_a_translated_subject_stands_with_the_decision_its_case_and_what_the_body_takes_as_the_facts():
    store = translate("Prisoner beaten")
    spoken = 'FILTER (LANG(?text) = "ru-t-en-t0-und")'
    assert [("Избит",)] == ask(store, f"?text {{ ?x a ans:Decision ; ans:subject ?text {spoken} }}")
    assert [("Избит.",)] == ask(store, f"?text {{ ?x a ans:Event ; ans:description ?text {spoken} }}")
    ((says,),) = ask(store, f"?text {{ ?x a ans:Statement ; ans:paraphrase ?text {spoken} }}")
    assert says.endswith(": Избит.")
    assert [] == ask(store, f"?text {{ ?x a ans:Torture ; ans:description ?text {spoken} }}")


def test_the_translated_words_of_an_act_stand_with_it():
    store = translate("beaten in custody")
    assert [("Соққыға жығылды.",)] == ask(
        store, '?text { ?x ans:description ?text FILTER (LANG(?text) = "kk-t-en-t0-und") }'
    )


def test_a_translated_note_of_readers_stands_with_the_declaration():
    row = {
        "english": "Note of the readers: a note",
        "ru": "Примечание читавших: заметка",
        "kk": "Оқығандардың ескертуі: ескерту",
    }
    store = declare({"note": "a note"}, translations=[row])
    assert [("Примечание читавших: заметка.",)] == ask(
        store, '?text { ?x a ans:Reservation ; ans:description ?text FILTER (LANG(?text) = "ru-t-en-t0-und") }'
    )


def test_a_translation_of_what_no_table_says_is_refused():
    with pytest.raises(AssertionError, match=r"translations\.csv:2: Nothing is made of the row"):
        translate("Prisoner fed")


@pytest.mark.parametrize(
    ("cells", "mistake"),
    [
        ({"class": "id/act"}, r"acts\.csv:3:3: class: 'id/act' is no key\."),
        ({"date": "May 1993"}, r"acts\.csv:3:5: date: 'May 1993' is no date\."),
        ({"performer": "nobody"}, r"acts\.csv:3:8: performer: 'nobody' is none of: police, "),
        ({"standing": ""}, r"acts\.csv:3:14: standing: "),
        ({"state": "kza"}, r"acts\.csv:3:9: state: id/state/kza is not described\."),
        (
            {"circumstances": "victim-hled"},
            r"acts\.csv:3:12: circumstances: scheme/circumstance/victim-hled is not described\.",
        ),
    ],
)
def test_a_wrong_cell_of_an_act_is_named_by_row_and_column(cells, mistake):
    with pytest.raises(AssertionError, match=mistake):
        act({}, {"number": "2"} | cells)

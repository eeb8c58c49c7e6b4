"""The decisions, findings and acts of the release are those that readers found, field by field, and the cases once told wrongly are right."""

import csv

import pytest

from kg.config import PROJECT
from tests.turtle import HEAD

LISTS = ("read_with", "parts", "acts", "answers", "circumstances", "paragraphs")
FOLDER = PROJECT / "data/tables/decision-readings"


def rows(name, *columns):
    """List the cells of some columns of a table, with the values of a list in order."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return sorted(
            tuple("; ".join(sorted(row[column].split("; "))) if column in LISTS else row[column] for column in columns)
            for row in csv.DictReader(lines)
        )


def ask(store, query, *lists):
    """List the rows of a query, with things by the last part of their IRIs; values of the columns in `lists` are gathered."""
    gathered = {}
    for row in store.select(f"{HEAD} SELECT DISTINCT {query}"):
        cells = [
            (cell.value.rpartition("#")[2].rpartition("/")[2] if cell.value.startswith("http") else cell.value)
            if cell
            else ""
            for cell in row
        ]
        key = tuple(cell for place, cell in enumerate(cells) if place not in lists)
        for place in lists or (0,):
            gathered.setdefault(key, {}).setdefault(place, set()).add(cells[place])
    if not lists:
        return sorted(gathered)
    made = []
    for key, values in gathered.items():
        cells = list(key)
        for place in lists:
            cells.insert(place, "; ".join(sorted(values[place])))
        made.append(tuple(cells))
    return sorted(made)


READ = "?d a ans:Decision ; ans:isReadFrom <id/document/decision-readings>"


def test_decisions_are_as_they_were_read(store):
    assert rows(
        "decisions", "decision", "outcome", "reading", "state", "subject", "complaints", "persons", "date", "repeats"
    ) == ask(
        store,
        f"""?d ?outcome ?reading ?state (STR(?words) AS ?subject) ?complaints ?persons ?date ?same {{
        {READ} ; ans:hasDecisionOutcome ?outcome ; ans:hasFindingReading ?reading ; ans:complaintsDecided ?complaints
        OPTIONAL {{ ?d ans:concernsState ?state }} OPTIONAL {{ ?d ans:subject ?words FILTER (LANG(?words) = "en") }} OPTIONAL {{ ?d ans:peopleConcerned ?persons }}
        OPTIONAL {{ ?d ans:date ?date }} OPTIONAL {{ ?d ans:repeatsTextOf ?same }} }}""",
    )


def test_findings_are_as_they_were_read(store):
    found = ask(
        store,
        f"""?finding ?d ?provision ?outcome ?reading ?with ?part ?act {{
        ?finding a ans:Finding ; ans:invokes ?provision ; ans:hasFindingOutcome ?outcome ; ans:hasFindingReading ?reading ; ans:isReportedIn/ans:isPartOf ?d .
        {READ} . OPTIONAL {{ ?finding ans:isReadWith ?with }} OPTIONAL {{ ?finding ans:namesPart ?part }}
        OPTIONAL {{ ?finding ans:characterises ?act }} }}""",
        5,
        6,
        7,
    )
    numbers = [(*row[1:7], "; ".join(sorted(act.rpartition("-")[2] for act in row[7].split("; ")))) for row in found]
    assert rows("findings", "decision", "provision", "outcome", "reading", "read_with", "parts", "acts") == sorted(
        numbers
    )


def test_acts_are_as_they_were_read(store):
    columns = ("decision", "number", "class", "what", "date", "end", "place", "state", "standing", "destination")
    read = [
        (f"{decision}-{number}", kind, f"{what[:1].upper()}{what[1:]}.", *rest)
        for decision, number, kind, what, *rest in rows("acts", *columns, "answers", "note", "circumstances")
    ]
    stated = ask(
        store,
        """?act ?class ?what ?began ?end ?place ?state ?standing ?destination ?answered ?note ?circumstance {
        ?act ans:hasFactStanding ?standing ; ans:description ?words FILTER (LANG(?words) = "en") BIND (STR(?words) AS ?what)
        GRAPH <graph/data/tables/decision-readings/acts> { ?act a ?class }
        OPTIONAL { ?act ans:date|ans:startDate ?began } OPTIONAL { ?act ans:endDate ?end }
        OPTIONAL { ?act ans:placeName ?town BIND (STR(?town) AS ?place) } OPTIONAL { ?act ans:isActOfUnnamedOrganOf|(ans:hasPerpetrator/ans:isOrganOf) ?state }
        OPTIONAL { ?act ans:hasReturnDestination ?destination } OPTIONAL { ?act ans:failsToAnswer ?answered }
        OPTIONAL { ?act ans:recordNote ?noted FILTER (LANG(?noted) = "en") BIND (STR(?noted) AS ?note) } OPTIONAL { ?act ans:hasCircumstance ?circumstance } }""",
        9,
        11,
    )
    numbers = [
        (*act[:9], "; ".join(sorted(key.rpartition("-")[2] for key in act[9].split("; "))), *act[10:]) for act in stated
    ]
    assert sorted(read) == sorted(numbers)


def test_what_went_on_and_of_which_no_end_is_told_has_a_beginning_and_no_day(store):
    lasting = {
        f"{decision}-{number}"
        for decision, number, date, end, circumstances in rows(
            "acts", "decision", "number", "date", "end", "circumstances"
        )
        if "continuing" in circumstances.split("; ") and date and not end
    }
    without = "FILTER NOT EXISTS { ?act ans:date ?day } FILTER NOT EXISTS { ?act ans:endsOn ?last }"
    assert lasting and lasting == {
        act for (act,) in ask(store, f"?act {{ ?act ans:hasFactStanding ?s ; ans:startDate ?began {without} }}")
    }


def test_acts_are_of_the_organ_and_in_the_passages_that_were_read(store):
    organs = ask(
        store,
        "?act ?organ ?state { ?act ans:hasFactStanding ?s ; ans:hasPerpetrator ?organ . ?organ ans:isOrganOf ?state }",
    )
    kinds = {act: organ.removeprefix(f"{state}-") for act, organ, state in organs}
    pairs = {
        (performer, kinds.get(f"{decision}-{number}", ""))
        for decision, number, performer in rows("acts", "decision", "number", "performer")
    }
    named = [(performer, kind) for performer, kind in pairs if kind]
    assert 15 == len(named) == len({performer for performer, _ in named}) == len({kind for _, kind in named})
    assert {"mixed", "state-unspecified", "foreign-state", "private", "armed-group"} <= {
        performer for performer, kind in pairs if not kind
    }
    assert {performer for performer, kind in pairs if not kind} & {performer for performer, _ in named} == {
        "court",
        "immigration",
    }
    cited = [
        (f"{decision}-{number}", paragraphs)
        for decision, number, paragraphs in rows("acts", "decision", "number", "paragraphs")
    ]
    assert sorted(cited) == [
        (
            act,
            "; ".join(
                sorted(
                    passage.removeprefix(act.rpartition("-")[0] + "-").removeprefix("paras-").removeprefix("para-")
                    for passage in passages.split("; ")
                )
            ),
        )
        for act, passages in ask(store, "?act ?passage { ?act ans:hasFactStanding ?s ; ans:isReportedIn ?passage }", 1)
    ]


def test_a_finding_that_is_read_with_another_article_says_so(store):
    read = "?f { ?f a ans:Finding ; %s ; ans:hasFindingReading ?how FILTER (?how != <scheme/reading/by-person>) }"
    assert 1000 < len(ask(store, read % "ans:isReadWith ?other"))
    assert ask(store, read % "ans:isReadWith ?other") == ask(store, read % "ans:isReadWithAnother true")


@pytest.mark.parametrize(
    ("decision", "state", "outcome"),
    [
        ("crpd-c-28-d-67-2019", "pse", "violation"),
        ("ccpr-c-52-d-539-1993", "can", "no-violation"),
        ("ccpr-c-119-d-2668-2015", "fin", "interlocutory"),
        ("ccpr-c-39-d-295-1988", "fin", "no-violation"),
        ("cat-c-65-d-811-2017", "che", "violation"),
        ("cat-c-75-d-893-2018", "mex", "violation"),
    ],
)
def test_what_a_program_once_told_wrongly_is_right(decision, state, outcome, store):
    assert [(state, outcome)] == ask(
        store, f"?s ?o {{ <id/decision/{decision}> ans:concernsState ?s ; ans:hasDecisionOutcome ?o }}"
    )
    # No article is both breached and not.
    both = "?p { ?f ans:invokes ?p ; ans:hasFindingOutcome <scheme/finding-outcome/%s> ; ans:isReportedIn/ans:isPartOf <id/decision/%s> }"
    found, cleared = ({*ask(store, both % (way, decision))} for way in ("breach", "no-breach"))
    assert not found & cleared and (outcome in ("violation", "mixed")) == bool(found)


@pytest.mark.parametrize(
    "decision", ["ccpr-c-117-d-2745-2016", "crc-c-86-d-113-2020", "ccpr-c-131-d-3781-2020", "ccpr-c-121-d-2502-2014"]
)
def test_a_decision_out_of_reach_against_another_state_or_on_a_complaint_decided_before_does_not_count(decision, store):
    kept_out = "{ ?d ans:hasFindingReading <scheme/reading/needs-reading> } UNION { ?d ans:repeatsTextOf ?other }"
    assert [(decision,)] == ask(store, f"?d {{ VALUES ?d {{ <id/decision/{decision}> }} {kept_out} }}")


def test_a_hundred_complaints_that_one_decision_decides_count_a_hundred(store):
    assert [("100",)] == ask(store, "?n { <id/decision/ccpr-c-101-d-1642-1741-2007> ans:complaintsDecided ?n }")


def test_no_view_against_canada_on_an_extradition_is_a_breach_of_what_nobody_found(store):
    breaches = "?p { ?f ans:invokes ?p ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ; ans:isReportedIn/ans:isPartOf <id/decision/ccpr-c-52-d-539-1993> }"
    assert [] == ask(store, breaches)


def test_the_list_of_events_has_the_places_of_a_case_by_their_names(store):
    listed = store.select((PROJECT / "queries/lists/events.rq").read_text(encoding="utf-8"))
    thing, name = map(listed.variables.index, ("thing", "placeName"))
    places = {(row[thing].value.rpartition("/")[2], row[name].value) for row in listed if row[name]}
    assert {place for place in rows("acts", "decision", "place") if place[1]} <= places

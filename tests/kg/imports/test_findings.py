"""The import of findings: what each row says, what is left to the hand, and nothing written in part."""

import re

import pytest

from kg.config import PROJECT
from kg.imports import treaty_bodies
from kg.imports.finding_turtle import SIGN
from tests.kg.imports.conftest import line

HEADS = {file: columns.split() for file, columns in treaty_bodies._COLUMNS.items()}
DATA = {
    "data/states/all.ttl": """<id/state/kaz> a ans:State ; ans:isoCode "KAZ" ; skos:prefLabel "Kazakhstan"@en .
        <id/state/uzb> a ans:State ; ans:isoCode "UZB" ; skos:prefLabel "Uzbekistan"@en .""",
    "data/treaties/cat.ttl": """<id/treaty/cat> a ans:Treaty ; ans:isMonitoredBy <id/body/b> . <id/body/b> skos:prefLabel "United Nations Committee"@en ."""
    + "".join(
        f'<id/provision/cat-{key}> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:shortName "CAT {key}" .'
        for key in ("1", "2", "2-1", "3", "3-1", "3-1-a", "3-1-b", "3-2", "12", "16", "22")
    ),
    "data/sources/set.ttl": '<id/document/set> a ans:Document ; ans:date "2026-11-25"^^xsd:date .',
    "data/sources/by-hand.ttl": """<id/decision/cat-c-1-d-9-1990> a ans:Decision ; ans:symbol "CAT/C/1/D/9/1990" ; ans:date "1991-05"^^xsd:gYearMonth ;
        ans:isDecisionOn <id/communication/cat-9-1990> . <id/communication/cat-9-1990> a ans:Communication ; ans:concernsState <id/state/kaz> .
        <id/finding/f> a ans:Finding ; ans:invokes <id/provision/cat-2-1> ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ;
            ans:isReportedIn <id/passage/p> . <id/passage/p> a ans:Passage ; ans:isPartOf <id/decision/cat-c-1-d-9-1990> .""",
    "data/bodies/set-aside.csv": "symbol,instrument,article,reason\nCAT/C/5/D/1/2000,CAT,99,misread\n",
}
DECIDED = {
    "symbol": "CAT/C/5/D/1/2000",
    "body": "CAT",
    "communication": "1/2000",
    "state": "KAZ",
    "state_witnesses": "1",
    "state_basis": "claim; mentions",
    "adopted_on": "2001-05",
    "adopted_precision": "month",
    "adopted_basis": "session, printed",
    "outcome": "violation",
    "operative_paragraphs": "9",
    "instrument": "CAT",
    "reliability": "mechanical-checked",
}
FOUND = {
    "symbol": "CAT/C/5/D/1/2000",
    "instrument": "CAT",
    "article": "3",
    "outcome": "violation",
    "paragraph": "9",
    "reliability": "mechanical-checked",
}


@pytest.fixture
def kg(importing):
    """Give the import of small tables."""
    return importing("findings", "set", DATA)


def take(kg, decisions, found=(), facts=()):
    """Write the three tables and import them; the exit code, the output and the errors."""
    for file, rows in (("decisions.csv", decisions), ("findings.csv", found), ("facts-dates.csv", facts)):
        lines = [",".join(HEADS[file]) + "\n", *(line(HEADS[file], row) for row in rows)]
        kg.project.write(f"tables/{file}", "".join(lines))
    return kg()


def told(kg, *tables):
    """Import tables and return what was written of each thing: key -> {(property, value)}, in short."""
    code, _, err = take(kg, *tables)
    assert (0, "") == (code, err)
    things = {}
    for thing, link, value in kg.ask():
        things.setdefault(thing, set()).add((link, value))
    return things


def test_a_decision_says_what_its_row_says_and_how_it_is_known(kg):
    things = told(kg, [{**DECIDED, "submitted_on": "1999-12-31", "note": "named as Zaire"}], [FOUND])
    assert {
        ("type", "Decision"),
        ("symbol", "CAT/C/5/D/1/2000"),
        ("isPublishedBy", "b"),
        ("concernsState", "kaz"),
        ("date", "2001-05"),
        ("dateBasis", "session, printed"),
        ("stateBasis", "claim; mentions; kinds of outright witnesses: 1"),
        ("isDecisionOn", "cat-1-2000"),
        ("hasDecisionOutcome", "violation"),
        ("hasFindingReading", "mechanical-checked"),
        ("readingNote", "named as Zaire"),
        ("link", "https://undocs.org/en/CAT/C/5/D/1/2000"),
        ("isReadFrom", "set"),
    } <= things["cat-c-5-d-1-2000"]
    assert {("date", "1999-12-31"), ("isBroughtUnder", "cat-22"), ("concernsState", "kaz")} <= things["cat-1-2000"]
    assert ("paragraph", "9") in things["cat-c-5-d-1-2000-para-9"]
    finding = things["cat-c-5-d-1-2000-cat-3"]
    assert {("invokes", "cat-3"), ("isArticleLevel", "true"), ("hasFindingOutcome", "breach")} <= finding
    assert ("isReportedIn", "cat-c-5-d-1-2000-para-9") in finding
    assert {"characterises", "namesPart", "isReadWithAnother", "date"}.isdisjoint({link for link, _ in finding})
    (file,) = kg.folder.glob("*.ttl")
    assert "cat-2000s.ttl" == file.name and "Szoszkiewicz" in file.read_text() and "CC BY 4.0" in file.read_text()


@pytest.mark.parametrize(
    ("sub", "named"),
    [
        ("1", {"cat-3-1"}),
        ("(1)(b)", {"cat-3-1-b"}),
        ("1,2", {"cat-3-1", "cat-3-2"}),
        ("(1–2)", {"cat-3-1", "cat-3-2"}),
        ("1(a)(b),2", {"cat-3-1-a", "cat-3-1-b", "cat-3-2"}),
        ("(b)", {"cat-3-1-b"}),  # the only paragraph with letters
        ("(1)(c)", set()),
        ("1,14,3(c),5", set()),
        ("(13)", set()),
        ("1(ba)", set()),
    ],
)
def test_the_parts_that_a_finding_names_stand_beside_the_article(kg, sub, named):
    finding = told(kg, [DECIDED], [{**FOUND, "sub": sub, "sub_reliability": "mechanical (40 of 48)"}])[
        "cat-c-5-d-1-2000-cat-3"
    ]
    assert ("invokes", "cat-3") in finding
    assert named == {value for link, value in finding if link == "namesPart"}
    assert ({"mechanical"} if named else set()) == {value for link, value in finding if link == "hasPartReading"}


def test_an_article_that_is_read_with_another_says_so_and_with_which_where_that_is_plain(kg):
    rows = [{**FOUND, "article": "2", "accessory": "yes"}, FOUND]
    assert {("isReadWithAnother", "true"), ("isReadWith", "cat-3"), ("invokes", "cat-2")} <= told(kg, [DECIDED], rows)[
        "cat-c-5-d-1-2000-cat-2-read-with"
    ]
    more = told(kg, [DECIDED], [*rows, {**FOUND, "article": "12"}])["cat-c-5-d-1-2000-cat-2-read-with"]
    assert ("isReadWithAnother", "true") in more and "isReadWith" not in {link for link, _ in more}


def test_a_repeat_is_joined_and_carries_no_finding(kg):
    again = {**DECIDED, "symbol": "CAT/C/5/D/1/2000/Rev.1", "same_text_as": DECIDED["symbol"]}
    things = told(kg, [DECIDED, again], [FOUND, {**FOUND, "symbol": again["symbol"]}])
    assert ("repeatsTextOf", "cat-c-5-d-1-2000") in things["cat-c-5-d-1-2000-rev-1"]
    assert ["cat-c-5-d-1-2000-cat-3"] == [key for key, facts in things.items() if ("type", "Finding") in facts]
    assert 1 == sum(("type", "Communication") in facts for facts in things.values())


def test_a_state_is_written_only_where_the_table_gives_one(kg):
    other = {**DECIDED, "symbol": "CAT/C/6/D/1/2000", "state": "UZB"}
    bare = {**DECIDED, "symbol": "CAT/C/7/D/2/2000", "communication": "2/2000", "state": ""}
    things = told(kg, [DECIDED, other, bare], [{**FOUND, "symbol": bare["symbol"]}])
    for key in ("cat-1-2000", "cat-c-7-d-2-2000", "cat-2-2000", "cat-c-7-d-2-2000-cat-3"):
        assert "concernsState" not in {link for link, _ in things[key]}, key
    assert "recordNote" in {link for link, _ in things["cat-c-7-d-2-2000-cat-3"]}


def test_the_facts_span_what_the_third_table_gives(kg):
    span = {"symbol": DECIDED["symbol"], "earliest": "1982", "latest": "1993-10", "dates_found": "2"}
    assert {("factsFrom", "1982"), ("factsUntil", "1993-10")} <= told(kg, [DECIDED], [FOUND], [span])[
        "cat-c-5-d-1-2000"
    ]


def test_a_decision_described_by_hand_is_left_out_and_each_contradiction_is_listed(kg):
    by_hand = {**DECIDED, "symbol": "CAT/C/1/D/9/1990", "communication": "9/1990", "state": "UZB"}
    by_hand |= {"adopted_on": "1992-05-05", "adopted_precision": "day"}
    code, out, err = take(kg, [DECIDED, by_hand], [FOUND, {**FOUND, "symbol": by_hand["symbol"]}])
    assert (0, "") == (code, err)
    lines = [line.partition("; ")[2] for line in out.splitlines() if "decisions.csv:3" in line]
    assert [
        "",
        "the table has the State uzb, by hand it is kaz",
        "the table has the date 1992-05-05, by hand it is 1991-05",
        "breach of CAT 2 stands by hand alone",
        "breach of CAT 3 stands in the table alone",
    ] == lines
    written = "".join(path.read_text() for path in kg.folder.glob("*.ttl"))
    assert "9-1990" not in written and "cat-1-2000" in written


BAD = [
    ([{**DECIDED, "adopted_on": "2001-13"}], [], "decisions.csv:2", "'2001-13' is no date"),
    ([{**DECIDED, "adopted_on": "2027-01", "adopted_precision": "month"}], [], "decisions.csv:2", "lies after"),
    ([{**DECIDED, "adopted_precision": "day"}], [], "decisions.csv:2", "is no date to the day"),
    ([{**DECIDED, "state": "XXX"}], [], "decisions.csv:2", "'XXX' is no State of the graph"),
    ([{**DECIDED, "symbol": "CAT/5/1"}], [], "decisions.csv:2", "is no symbol"),
    ([{**DECIDED, "body": "CCPR"}], [], "decisions.csv:2", "is not a symbol of the body 'CCPR'"),
    ([{**DECIDED, "outcome": "guilty"}], [], "decisions.csv:2", "'guilty' is no outcome"),
    ([{**DECIDED, "reliability": "sure"}], [], "decisions.csv:2", "'sure' is no reliability"),
    ([DECIDED, DECIDED], [], "decisions.csv:3", "has a row already, in line 2"),
    ([{**DECIDED, "same_text_as": "CAT/C/5/D/2/2000"}], [], "decisions.csv:2", "is no decision here"),
    ([{**DECIDED, "instrument": "ABC"}], [], "decisions.csv:2", "No body of the graph monitors 'ABC'"),
    ([DECIDED], [{**FOUND, "article": "77"}], "findings.csv:2", "CAT 77 is no article of the graph"),
    ([DECIDED], [{**FOUND, "article": "3a"}], "findings.csv:2", "'3a' is no number of an article"),
    ([DECIDED], [{**FOUND, "outcome": "maybe"}], "findings.csv:2", "'maybe' is no outcome"),
    ([DECIDED], [{**FOUND, "symbol": "CAT/C/5/D/3/2000"}], "findings.csv:2", "is no decision of decisions.csv"),
    ([DECIDED], [FOUND, FOUND], "findings.csv:3", "The row repeats line 2"),
]


@pytest.mark.parametrize(("decisions", "found", "where", "said"), BAD)
def test_a_bad_row_is_named_with_its_file_and_line_and_nothing_is_written(kg, decisions, found, where, said):
    good = {**DECIDED, "symbol": "CAT/C/8/D/8/2000", "communication": "8/2000"}
    code, _, err = take(kg, [*decisions, good], found)
    assert 1 == code and f"kg: {where}: " in err and said in err and "nothing was written" in err
    assert not kg.folder.exists()


def test_a_file_of_an_earlier_import_for_which_there_is_no_row_any_more_is_taken_away(kg):
    folder = kg.folder
    other = {**DECIDED, "symbol": "CAT/C/5/D/2/2000", "communication": "2/2000", "adopted_on": "1999-05"}
    assert 0 == take(kg, [DECIDED, other], [FOUND])[0]
    own = "# Written by hand; `kg import findings` has files beside it.\n"
    (folder / "own.ttl").write_text(own, encoding="utf-8")
    (folder / "quoting.ttl").write_text(f'<x:a> <x:b> "{SIGN}" .\n# {SIGN}\n', encoding="utf-8")
    assert {"cat-1990s.ttl", "cat-2000s.ttl", "own.ttl", "quoting.ttl"} == {path.name for path in folder.iterdir()}
    code, _, err = take(kg, [DECIDED, {**other, "outcome": "maybe"}], [FOUND])
    assert 1 == code and (folder / "cat-1990s.ttl").exists(), err  # nothing in part
    code, out, _ = take(kg, [DECIDED], [FOUND])
    assert 0 == code and "cat-1990s.ttl is taken away: no row of the tables is for it any more" in out
    assert {"cat-2000s.ttl", "own.ttl", "quoting.ttl"} == {path.name for path in folder.iterdir()}
    assert own == (folder / "own.ttl").read_text(encoding="utf-8")


def test_a_finding_that_names_no_article_can_be_set_aside_with_its_reason(kg):
    code, out, _ = take(kg, [DECIDED], [FOUND, {**FOUND, "article": "99"}])
    assert 0 == code and "findings.csv:3: CAT 99 of CAT/C/5/D/1/2000 is set aside: misread" in out


def test_an_instrument_that_the_graph_lacks_is_left_out_and_listed(kg):
    code, out, _ = take(kg, [DECIDED], [FOUND, {**FOUND, "instrument": "CRPD-OP"}])
    assert 0 == code and "CRPD-OP 3 of CAT/C/5/D/1/2000 is left out: no treaty of the graph" in out


# The files that were made from the tables of 25 November 2026: as many as those tables hold, with what is described by hand.

BY_BODY = {
    "ccpr": "1282 5 241 863 350 2 103",
    "cat": "177 6 270 130 204 2 32",
    "cedaw": "56 0 9 74 22 0 9",
    "crpd": "46 0 5 21 18 0 0",
    "crc": "40 0 4 36 58 1 7",
    "cescr": "25 0 3 30 91 1 4",
    "cerd": "15 0 13 15 4 3 8",
    "ced": "3 0 0 0 1 0 0",
}
OUTCOMES = ("violation", "mixed", "no-violation", "inadmissible", "discontinued", "interlocutory", "not-read")


@pytest.fixture(scope="module")
def decisions():
    """Every decision of the project's data: (body, State, outcome, whether it repeats another), by its symbol."""
    found = {}
    for path in (PROJECT / "data").rglob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"^<id/decision/\S+> a ans:Decision .*?\.$", text, re.MULTILINE | re.DOTALL):
            symbol = re.search(r'ans:symbol "([^"]+)"', block)[1]
            state = re.search(r"ans:concernsState <id/state/(\w+)>", block)
            outcome = re.search(r"scheme/decision-outcome/([\w-]+)>", block)
            assert symbol not in found, symbol
            body = "cescr" if symbol.startswith("E/") else symbol.partition("/")[0].lower()
            found[symbol] = (body, state and state[1], outcome and outcome[1], "ans:repeatsTextOf" in block)
    return found


def test_the_decisions_of_each_body_are_as_many_as_the_tables_hold(decisions):
    assert 4289 == len(decisions)
    counted = {
        body: " ".join(str(sum(one[0] == body and one[2] == kind for one in decisions.values())) for kind in OUTCOMES)
        for body in BY_BODY
    }
    assert BY_BODY == counted


@pytest.mark.parametrize(("state", "number"), [("kaz", 67), ("uzb", 43), ("blr", 187), ("jam", 86), ("dza", 63)])
def test_the_violations_of_a_state_are_as_many_as_the_tables_hold(decisions, state, number):
    ended = {"violation", "mixed"}
    assert number == sum(one[1] == state and one[2] in ended and not one[3] for one in decisions.values())

"""The graph says what its first source says: coverage.csv lists every item of the text and what carries it.

The items are numbered: claims 1-134, recommendations 135-149, events 150-190, figures 191-224, laws and decisions
225-255, bodies and other actors 256-286, persons and groups 287-306, places 307-315, media 316-321, quotations 322-334,
endnote markers 335-354 (the notes themselves are lost: what each supports), expressions of time 355-360 and traps of
the text 361-374. An item has one or more rows; each names a resource of the graph, the paragraph to which it is cited
(itself, or by a statement about it) and a triple of it: `property` is a SPARQL path, `value` an IRI without the base
or, where it does not look like one, a literal's text. An item that no resource carries has one row, with the reason.

That a thing has a class, a name, a source and a place among the rest is judged when a release is built, a source for the kinds
of thing of which it can be asked (queries/checks; test_checks.py shows that they bite). Here it is asked of all that a file in
data/ describes; a document is its own source, and a basis may rest on a provision.
"""

import csv
import re
from collections import Counter
from itertools import groupby

import pytest

from kg import terms
from kg.config import PROJECT
from kg.store import Store
from kg.terms import Iri, Literal
from tests.comparing import KNOWN
from tests.turtle import HEAD

SOURCE = "document/ai-upr-kaz-2014"
COLUMNS = ["number", "what", "resource", "property", "value", "passage", "reason"]
TOTAL = 374
LEAST_CARRIED = 300
FIRST_TRAP = 361
PATH = re.compile(r"\^?(ans|rdf|skos):\w+(/\^?(ans|rdf|skos):\w+)*")
ABOUT = "ans:isAbout|ans:characterises|ans:denies|ans:acknowledges|ans:respondsTo|ans:assesses"


def read(path):
    """Read the rows of a coverage file, each with the number of its line."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return [dict(row, line=reader.line_num) for row in reader]


ROWS = read(PROJECT / "tests/facts/coverage.csv")
ITEMS = [(number, list(rows)) for number, rows in groupby(ROWS, key=lambda row: row["number"])]
CARRIED = [(number, rows) for number, rows in ITEMS if any(row["resource"] for row in rows)]


def iri(name):
    """Write out `ans:Trial`, `scheme/unit/year` and `act/x`; None for what does not look like a name of ours."""
    if re.fullmatch(r"ans:\w+", name):
        return terms.VOCABULARY + name.removeprefix("ans:")
    if re.fullmatch(r"scheme/[a-z-]+/[a-z0-9-]+", name):
        return terms.BASE + name
    if re.fullmatch(r"[a-z][a-z-]*/[a-z0-9][a-z0-9.-]*", name):
        return terms.ID + name
    return None


def term(value):
    """Read a value of the file, as (is it an IRI, its text)."""
    return (iri(value) is not None, iri(value) or value)


def ask(store, pattern):
    """Tell whether a pattern is in the graph."""
    return store.ask(f"{HEAD} ASK {{ {pattern} }}")


def select(store, query):
    """List the rows of an answer; IRIs of things without the base."""
    return [tuple(str(cell).removeprefix(terms.ID) for cell in row) for row in store.select(f"{HEAD} {query}")]


def judge(store, row):
    """Say what is wrong with a row that names a resource; empty when the graph bears it out."""
    line = f"line {row['line']}: {row['resource']}"
    resource, passage = f"<{iri(row['resource'])}>", f"<{iri('passage/' + row['passage'])}>"
    if iri(row["resource"]) is None or not PATH.fullmatch(row["property"]):
        return f"{line} or {row['property']} cannot be looked up"
    if not ask(store, f"{resource} a ?class"):
        return f"{line} is not in the graph"
    if not ask(store, f"{passage} a ans:Passage ; ans:isPartOf <{iri(SOURCE)}>"):
        return f"{line}: {row['passage']!r} is no paragraph of the first source"
    about = f"?statement a ans:Statement ; {ABOUT} {resource} ; ans:isReportedIn {passage}"
    if not ask(store, f"{{ {resource} ans:isReportedIn {passage} }} UNION {{ {about} }}"):
        return f"{line} is not cited to {row['passage']}"
    answer = store.select(f"{HEAD} SELECT DISTINCT ?value WHERE {{ {resource} {row['property']} ?value }}")
    said = {(isinstance(value, Iri), str(value)) for (value,) in answer if isinstance(value, Iri | Literal)}
    if term(row["value"]) not in said:
        return f"{line} does not say {row['property']} {row['value']!r} but {sorted(text for _, text in said)}"
    return ""


def test_every_item_of_the_source_is_accounted_for_once_and_in_order_by_whole_rows_of_which_none_is_there_twice():
    assert COLUMNS == [column for column in ROWS[0] if column != "line"]
    assert [str(number) for number in range(1, TOTAL + 1)] == [number for number, _ in ITEMS]
    counts = Counter(tuple(row[column] for column in COLUMNS) for row in ROWS)
    assert [] == [row for row, times in counts.items() if times > 1]
    triple = ("resource", "property", "value", "passage")
    assert [] == [
        row["line"] for row in ROWS if not row["what"] or {bool(row[name]) for name in triple} != {not row["reason"]}
    ]


def test_most_items_are_carried_and_only_a_trap_of_the_text_is_excepted_with_its_reason_in_words():
    # Every quotation, too, is carried by the statement that holds its matter; the wording stays with the reader.
    excepted = [(int(number), rows) for number, rows in ITEMS if any(row["reason"] for row in rows)]
    assert len(CARRIED) >= LEAST_CARRIED and TOTAL == len(CARRIED) + len(excepted)
    assert [] == [number for number, rows in excepted if len(rows) > 1 or number < FIRST_TRAP]
    assert [] == [number for number, rows in excepted if len(rows[0]["reason"].split()) <= 5]


def test_every_claim_is_carried_with_the_manner_in_which_it_is_made_and_no_item_by_the_class_of_a_thing_alone():
    manners = {row["number"] for row in ROWS if row["property"] == "ans:hasStanding"}
    assert [] == [number for number in range(1, 135) if str(number) not in manners]
    assert [] == [number for number, rows in CARRIED if {"rdf:type"} == {row["property"] for row in rows}]


def test_each_item_is_carried_as_its_rows_say(store):
    assert [] == [wrong for _, rows in CARRIED for row in rows if (wrong := judge(store, row))]


def test_every_paragraph_of_the_source_carries_something(store):
    # The lead of the recommendations says only whom they are addressed to, which the rows of 257 hold.
    passages = select(store, f"SELECT ?passage WHERE {{ ?passage ans:isPartOf <{iri(SOURCE)}> }}")
    assert {passage for (passage,) in passages} == {f"passage/{row['passage']}" for row in ROWS if row["passage"]}


def test_the_five_headings_hold_the_fifteen_recommendations(store):
    rows = select(
        store,
        f"""SELECT ?section (COUNT(DISTINCT ?recommendation) AS ?count) WHERE {{
          ?recommendation a ans:Recommendation ; ans:isMadeBy <{iri("organisation/amnesty-international")}> .
          ?recommendation ans:isReportedIn ?passage .
          ?passage ans:isPartOf <{iri(SOURCE)}> ; ans:section ?section ; ans:startOffset ?start .
          FILTER (?section != "Recommendations"@en)
        }} GROUP BY ?section ORDER BY MIN(?start)""",
    )
    assert ["2", "5", "5", "1", "2"] == [count for _, count in rows]
    assert {"Recommendations"} == {section.split(":")[0] for section, _ in rows}


def figures(store, counted):
    """List the figures on Zhanaozen that count something, as (number as given, who gives it)."""
    query = f"""SELECT DISTINCT ?number ?speaker ?figure WHERE {{
      ?figure a ans:Figure ; ans:counts <{terms.SCHEME}counted/{counted}> ; ans:hasSpeaker ?speaker .
      ?figure ans:isAbout ?matter ; ans:isReportedIn/ans:isPartOf ?document .
      ?matter ans:isPartOf*/ans:isAftermathOf? <{iri("event/2011-12-16-zhanaozen")}> .
      ?figure ans:value|ans:maximum|ans:minimum|ans:valueAsPrinted ?number
    }}"""
    return [(number, speaker) for number, speaker, _ in select(store, query)]


def test_the_rival_counts_of_killed_detained_and_arrested_have_their_speakers(store):
    office, eyewitnesses = "organ/kaz-general-prosecutors-office", "group/zhanaozen-eyewitnesses"
    killed = figures(store, "killed")
    assert len(killed) >= 8 and len({speaker for _, speaker in killed}) >= 4
    assert {"11", "13", "15"} <= {number for number, _ in killed}
    assert ("15", "organisation/amnesty-international") in killed
    assert {("130", office), ("700", eyewitnesses)} <= set(figures(store, "detained"))
    assert ("16", office) in figures(store, "arrested")
    rivals = "SELECT ?a ?b WHERE { ?a ans:value 130 ; ans:contradicts ?b . ?b ans:maximum 700 }"
    assert ("figure/zhanaozen-detained-gpo", "figure/zhanaozen-detained-eyewitnesses") in select(store, rivals)


def test_what_has_no_end_in_the_source_has_none_in_the_graph(store):
    endless = [iri(row["resource"]) for row in ROWS if row["number"] == "360"]
    assert endless and not any(ask(store, f"<{one}> ans:endDate ?end") for one in endless)


# That a wrong row is found

INVENTED = f"""{HEAD}
<id/passage/p-1> a ans:Passage ; ans:isPartOf <id/{SOURCE}> .
<id/passage/p-2> a ans:Passage ; ans:isPartOf <id/{SOURCE}> .
<id/passage/other-1> a ans:Passage ; ans:isPartOf <id/document/other> .
<id/figure/killed> a ans:Figure , ans:Statement ; ans:value 15 ; ans:isAbout <id/act/killing> ;
    ans:isReportedIn <id/passage/p-1> , <id/passage/other-1> .
<id/act/killing> a ans:Killing ; ans:isPartOf <id/event/x> ; ans:description "act/killing" .
<id/event/x> a ans:Event ; ans:happensIn <id/place/y> .
"""


@pytest.fixture(scope="module")
def invented():
    """Hold a few triples of no country."""
    with Store.memory() as opened:
        opened.load(INVENTED.encode(), format="ttl", graph=None, source="invented")
        yield opened


def row(resource="figure/killed", property="ans:value", value="15", passage="p-1"):
    """Write a row as the file has it."""
    return {"line": 2, "resource": resource, "property": property, "value": value, "passage": passage}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (row(), ""),
        (row(property="rdf:type", value="ans:Figure"), ""),
        (row(property="ans:isAbout", value="act/killing"), ""),
        (row(property="ans:isAbout/ans:isPartOf/ans:happensIn", value="place/y"), ""),
        (row("act/killing", "ans:isPartOf", "event/x"), ""),
        (row("act/killing", "^ans:isAbout", "figure/killed"), ""),
        (row(value="16"), "figure/killed does not say ans:value '16' but ['15']"),
        (row(value=""), "figure/killed does not say ans:value '' but ['15']"),
        (row(property="ans:maximum"), "figure/killed does not say ans:maximum '15' but []"),
        (row(resource="figure/wounded"), "figure/wounded is not in the graph"),
        (row(resource=""), " or ans:value cannot be looked up"),
        (row(property="ans:value } # "), "figure/killed or ans:value } #  cannot be looked up"),
        (row(passage="p-2"), "figure/killed is not cited to p-2"),
        (row(passage="p-3"), "figure/killed: 'p-3' is no paragraph of the first source"),
        (row(passage="other-1"), "figure/killed: 'other-1' is no paragraph of the first source"),
        (row("event/x", "ans:happensIn", "place/y"), "event/x is not cited to p-1"),
        # a text that looks like a thing is not that thing
        (
            row("act/killing", "ans:description", "act/killing"),
            "act/killing does not say ans:description 'act/killing' but ['act/killing']",
        ),
    ],
)
def test_a_row_that_the_graph_does_not_bear_out_is_named_with_what_is_wrong(row, message, invented):
    assert (f"line 2: {message}" if message else "") == judge(invented, row)


# Every thing that a file describes


def unsourced(store):
    """List the things that a file in data/ describes without a source."""
    # A reason for no basis is read off the treaty or provision that it leaves out.
    links = "ans:isReportedIn|(ans:restsOn/ans:isReportedIn?)|(ans:leavesOut/ans:isReportedIn)"
    passages = f"?thing {links} ?passage . ?passage a ans:Passage"
    whole = "?thing a ans:Passage ; ans:isPartOf ?document . ?document a ans:Document"
    sources = (
        f"{{ {passages} }} UNION {{ {whole} }} UNION {{ ?thing a ans:Document }} UNION {{ ?thing a ans:Tombstone }}"
    )
    files = f'FILTER (STRSTARTS(STR(?file), "{terms.GRAPH}data/"))'
    described = select(store, f"SELECT DISTINCT ?thing WHERE {{ GRAPH ?file {{ ?thing ?property ?object }} {files} }}")
    return sorted({*described} - {*select(store, f"SELECT DISTINCT ?thing WHERE {{ {sources} }}")})


def test_every_thing_has_a_source(store):
    assert [] == unsourced(store)


def test_no_thing_stands_alone(release):
    message = ": nothing links to it"
    assert message in (PROJECT / "queries/checks/orphan.rq").read_text(encoding="utf-8")
    warnings = [warning.partition(message) for warning in release.manifest["warnings"]]
    assert set() == {before.rpartition(" ")[2] for before, found, _ in warnings if found} & KNOWN


def test_a_thing_without_a_source_is_found():
    text = f"""{HEAD}
    <id/act/whole> a ans:Act ; ans:isReportedIn <id/passage/p> .
    <id/passage/p> a ans:Passage ; ans:isPartOf <id/document/d> .
    <id/document/d> a ans:Document .
    <id/basis/b> a ans:EngagementBasis ; ans:restsOn <id/passage/p> .
    <id/no-basis/n> a ans:NoBasis ; ans:leavesOut <id/act/whole> .
    <id/act/gone> a ans:Tombstone .
    <id/act/sourceless> a ans:Act .
    <id/act/misled> a ans:Act ; ans:isReportedIn <id/document/d> .
    <id/passage/astray> a ans:Passage .
    """
    with Store.memory() as opened:
        opened.load(text.encode(), format="ttl", graph=terms.graph_of("data/test.ttl"), source="invented")
        opened.copy_named_into_default()
        assert [("act/misled",), ("act/sourceless",), ("passage/astray",)] == unsourced(opened)

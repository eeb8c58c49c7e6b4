"""Formats: the table, and the writers for people."""

import asyncio
import csv
import io
import json
from dataclasses import replace

import pytest

from kg import store
from kg.answer import formats, pictures
from kg.answer.engine import InProcess
from kg.answer.names import CitedPassage, Place
from kg.answer.narrowing import Narrowing
from kg.answer.questions import QuestionAnswer
from kg.errors import NotAcceptable, UnknownName
from kg.sparql.drawing import Drawing
from kg.sparql.question import Question, QuestionColumn
from kg.store import Query, Store
from kg.terms import Iri, Literal

ROWS = [
    {
        "who": {"type": "uri", "value": "http://example.org/a"},
        "what": {"type": "literal", "value": 'one, "two"\nthree'},
    },
    {"who": {"type": "bnode", "value": "b0"}},
]


@pytest.fixture(scope="module")
def engine():
    with Store.memory() as engine:
        engine.load(b"<http://e/s> <http://e/p> 5, 'x' .", format="ttl", graph=None, source="x")
        yield engine


def write(engine, query, format):
    """Write the answer of a store to a query."""
    return asyncio.run(formats.write_query(InProcess(engine), query, format))


@pytest.fixture
def answer():
    """The answer to a question with one row, cited twice; built by hand."""
    question = Question(
        name="acts",
        title="Acts",
        question="Which acts did {state} do?",
        about="Acts as the documents tell them.",
        empty="No act is known.",
        parameters=(),
        columns=(QuestionColumn("act", "the act", "Act"), QuestionColumn("passages", "where it stands", "Passages")),
        cites=("passages",),
        text="SELECT * {}",
    )
    passages = ["https://example.org/p1", "https://example.org/p2"]
    row = {
        "act": {"type": "uri", "value": "https://example.org/act"},
        "passages": {"type": "literal", "value": " ".join(passages)},
    }
    citations = {
        iri: CitedPassage(iri, f"Passage {number}", "https://example.org/d", "Report", "3.2", f"para {number}")
        for number, iri in enumerate(passages, 1)
    }
    labels = {"https://example.org/act": "Extradition", "https://example.org/kaz": "Kazakhstan"}
    return QuestionAnswer(
        question, {"state": "https://example.org/kaz"}, (row,), labels, citations, "20240101-abcdef01"
    )


def table(text):
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))


# The table of formats.


def test_the_table_has_every_format_the_engine_writes_and_it_writes_them(engine):
    queries = {"bindings": "SELECT * { ?s ?p ?o }", "graph": "CONSTRUCT WHERE { ?s ?p ?o }"}
    for kind, known in (("bindings", store.ROW_MEDIA_TYPES), ("graph", store.GRAPH_MEDIA_TYPES)):
        offered = [one for one in formats.formats_of(kind) if one.write_rows is None]
        assert sorted(known) == sorted(one.name for one in offered)
        for one in offered:
            written = engine.answer(Query(queries[kind], one.name))
            assert one.media_type == written.media_type.partition(";")[0]
            assert written.body == write(engine, queries[kind], one.name)


def test_an_answer_has_no_two_formats_of_one_name_and_each_has_a_writer():
    offered = formats.formats_of("answer")
    assert len({one.name for one in offered}) == len(offered) > 10
    assert all(one.write_rows or one.write_answer for one in offered)


def test_a_name_is_found_or_the_known_ones_are_listed():
    assert "application/rdf+xml" == formats.by_name("rdf", "graph").media_type
    with pytest.raises(UnknownName, match="Known: .*ttl"):
        formats.by_name("docx", "graph")
    with pytest.raises(NotAcceptable) as caught:
        formats.by_name("ttl", "bindings")
    assert "json" in caught.value.offered
    assert "text/turtle; charset=utf-8" == formats.by_name("ttl", "graph").content_type
    assert "application/ld+json" == formats.by_name("jsonld", "graph").content_type


# Queries.


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("SELECT ?o ?s { ?s ?p ?o FILTER(isNumeric(?o)) }", "o  s\n─  ──────────\n5  http://e/s\n(1 row)\n"),
        ("SELECT ?a ?b { ?a ?b 7 }", "a  b\n─  ─\n(0 rows)\n"),
        ("ASK {}", "answer\n──────\ntrue\n(1 row)\n"),
        (
            "CONSTRUCT { ?s ?p <e> } WHERE { ?s ?p 'x' }",
            "<http://e/s> <http://e/p> <https://w3id.org/answerable/e> .\n",
        ),  # a graph comes as Turtle
    ],
)
def test_a_query_is_written_as_a_table(engine, query, written):
    assert written == write(engine, query, "table").decode()


# Rows.


def test_csv_reads_back_as_it_was_and_is_empty_where_a_row_lacks_a_value():
    assert [["who", "what"], ["http://example.org/a", 'one, "two"\nthree'], ["_:b0", ""]] == table(
        formats.write_csv(["who", "what"], ROWS)
    )
    assert [["who", "what"], ["a", ""], ["", "2"]] == table(
        formats.write_values(["who", "what"], [{"who": "a"}, {"what": 2, "else": "b"}])
    )


@pytest.mark.parametrize("attack", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_no_formula_reaches_a_spreadsheet(attack):
    rows = [{"x": {"type": "literal", "value": attack}}]
    assert [["x"], ["'" + attack]] == table(formats.write_sheet(["x"], rows))
    assert [["x"], [attack]] == table(formats.write_csv(["x"], rows))


@pytest.mark.parametrize("value", ["-5", "+1.5", "-1.5e10", "12", "a=b", "10:00", "қала"])
def test_numbers_and_words_stay_as_they_are_in_a_spreadsheet(value):
    rows = [{"x": {"type": "literal", "value": value}}]
    assert [["x"], [value]] == table(formats.write_sheet(["x"], rows))
    assert formats.write_sheet(["x"], rows).startswith(b"\xef\xbb\xbf")


def test_columns_of_a_table_stand_under_each_other():
    rows = [
        {"a": {"type": "literal", "value": text}, "b": {"type": "literal", "value": "|"}}
        for text in ("x", "東京", "é", "long")
    ]
    lines = formats.write_table(["a", "b"], rows).decode().splitlines()
    assert ["x     |", "東京  |", "é     |", "long  |"] == lines[2:6]


def test_a_table_cannot_command_the_terminal():
    rows = [{"a": {"type": "literal", "value": "x\x1b[2Jy\u202ez\nw"}}]
    written = formats.write_table(["a"], rows).decode()
    assert "x[2Jyz w" in written and "\x1b" not in written and "\u202e" not in written


def test_a_long_cell_is_clipped_and_says_so():
    written = formats.write_table(["a"], [{"a": {"type": "literal", "value": "y" * 500}}]).decode()
    assert "y" * 59 + "…" in written and "y" * 60 not in written


# Answers.


def test_an_answer_at_the_terminal_shows_who_says_it(answer):
    written = formats.write_answer(answer, "table").decode()
    assert written.startswith("Which acts did Kazakhstan do?\n")
    for part in ("Extradition  [1] [2]", "[1] Passage 1 (Report, 3.2, para 1)", "Release 20240101-abcdef01"):
        assert part in written


def test_an_answer_in_json_has_rows_citations_and_release(answer):
    written = json.loads(formats.write_answer(answer, "json"))
    assert {"id": "https://example.org/act", "label": "Extradition"} == written["rows"][0]["act"]
    assert [one["passage"] for one in written["citations"]] == written["rows"][0]["passages"]
    assert ("20240101-abcdef01", 1) == (written["release"], written["rowCount"])
    assert [] == written["limits"] and "complete" not in written


def test_an_answer_in_csv_has_the_columns_of_the_question(answer):
    heads, row = table(formats.write_answer(answer, "csv"))
    assert ["act", "actLabel", "passages", "passagesLabel"] == heads
    assert ["https://example.org/act", "Extradition"] == row[:2]
    assert ["https://example.org/p1 https://example.org/p2", "Passage 1; Passage 2"] == row[2:]
    assert 2 == len(table(formats.write_answer(answer, "sheet")))


def test_a_column_that_holds_things_has_labels_also_without_rows(answer):
    assert ["act", "passages", "passagesLabel"] == table(formats.write_answer(replace(answer, rows=()), "csv"))[0]
    told = replace(answer, rows=(), question=replace(answer.question, things=("act",)))
    assert ["act", "actLabel", "passages", "passagesLabel"] == table(formats.write_answer(told, "csv"))[0]


def test_an_answer_in_markdown_has_its_sentence_its_table_and_its_passages_as_footnotes(answer):
    attack = {"act": {"type": "literal", "value": "a | b <script> [x](y) *z*"}}
    written = formats.write_answer(replace(answer, rows=(*answer.rows, attack), limits=("Until 2012.",)), "md").decode()
    assert "**Which acts did Kazakhstan do?**" in written and "> Until 2012." in written
    assert "| Extradition | [^1][^2] |" in written
    assert r"a \| b \<script\> \[x\](y) \*z\*" in written
    assert "[^2]: Passage 2 (Report, 3.2, para 2) <https://example.org/p2>" in written
    assert "release/20240101-abcdef01/questions/acts" in written
    empty = formats.write_answer(replace(answer, rows=()), "md").decode()
    assert "None recorded." in empty and "No act is known." in empty


PLACE = Place("https://example.org/q", "Square", "43.5", "52.25", "settlement")


def test_an_answer_as_geojson_has_each_row_at_its_place_and_counts_those_without(answer):
    rows = (*answer.rows, {"act": {"type": "uri", "value": "https://example.org/elsewhere"}})
    placed = replace(answer, rows=rows, places={"https://example.org/act": (PLACE,)})
    written = json.loads(formats.write_answer(placed, "geojson"))
    assert ("FeatureCollection", 1, 1) == (written["type"], len(written["features"]), written["rowsWithoutPlace"])
    assert "1 of 2 rows" in written["note"]
    feature = written["features"][0]
    assert {"type": "Point", "coordinates": [52.25, 43.5]} == feature["geometry"]
    assert ("settlement", "Square") == (feature["properties"]["placePrecision"], feature["properties"]["place"])


def test_an_answer_without_a_place_is_no_geojson(answer):
    with pytest.raises(NotAcceptable, match="Nothing in this answer has a place"):
        formats.write_answer(answer, "geojson")
    empty = json.loads(formats.write_answer(replace(answer, rows=()), "geojson"))
    assert ([], "No act is known.") == (empty["features"], empty["note"])


def test_an_answer_in_turtle_is_a_result_set_of_its_rows(answer):
    rows = (*answer.rows, {"act": {"type": "literal", "value": 'a "b"\n\\ü', "xml:lang": "de"}}, {})
    with Store.memory() as engine:
        turtle = formats.write_answer(replace(answer, rows=rows), "ttl")
        engine.load(turtle, format="ttl", graph=None, source="answer")
        prefix = "PREFIX rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> "
        solutions = list(engine.select(prefix + "SELECT ?s { ?set rs:solution ?s }"))
        values = {row[0] for row in engine.select(prefix + "SELECT ?v { ?b rs:variable 'act' ; rs:value ?v }")}
    assert len(rows) == len(solutions)
    assert {Iri("https://example.org/act"), Literal('a "b"\n\\ü', language="de")} == values


@pytest.mark.parametrize("name", ["svg", "png"])
def test_an_answer_whose_question_has_no_picture_is_not_drawn(answer, name):
    with pytest.raises(NotAcceptable, match="the answer to acts is not drawn"):
        formats.write_answer(answer, name)


def test_a_picture_tells_the_question_its_documents_and_its_release(answer):
    drawn = replace(answer.question, pictures=(Drawing("bars", {"by": ("act",)}),))
    text = formats.write_answer(replace(answer, question=drawn), "svg").decode()
    for wanted in (
        "Which acts did",
        "Extradition",
        "Sources: Report.",
        "20240101-abcdef01",
        "The most: Extradition: 1.",
    ):
        assert wanted in text
    assert formats.write_answer(replace(answer, question=drawn), "png").startswith(b"\x89PNG")
    with pytest.raises(UnknownName, match="None recorded"):
        formats.write_answer(replace(answer, question=drawn, rows=()), "svg")


def test_a_picture_names_the_filters_of_its_rows_in_its_addresses(answer):
    drawn = replace(answer.question, pictures=(Drawing("bars", {"by": ("act",)}),))
    narrowed = replace(answer, question=drawn, narrowing=Narrowing({"act": "id/act/x"}, "-act", 2), pages=3)
    query = {"state": "https://example.org/kaz", "only.act": "id/act/x", "sort": "-act"}
    assert {**query, "page": 2, "picture": "", "lang": ""} == pictures.show(narrowed).query
    assert {**query, "page": "", "picture": "", "lang": ""} == pictures.show(replace(narrowed, pages=1)).query
    assert pictures.frame_of(narrowed, drawn.pictures[0]).address.endswith("only.act=id/act/x&sort=-act")

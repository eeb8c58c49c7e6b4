"""The metadata of the CSV of an answer (CSV on the Web), and that the CSV is as they say."""

import csv
import io
import json
import re
from dataclasses import replace

from kg.answer import formats

OURS = "https://w3id.org/answerable/"


def written(answer):
    """Write the metadata of an answer and read them."""
    return json.loads(formats.write_answer(answer, "csv-metadata.json"))


def test_the_metadata_name_question_values_release_address_licence_and_limits(typed):
    told = written(typed)
    assert "http://www.w3.org/ns/csvw" == told["@context"][0]
    assert "numbers.csv?event=id/event/a&day=2012-01-01" == told["url"]
    assert "What numbers are given for Meeting & 100% {of} it_all on 1 January 2012?" == told["dc:title"]
    assert f"{OURS}release/20240102-abcdef01/questions/numbers?event=id/event/a&day=2012-01-01" == told["dc:identifier"]
    assert f"{OURS}release/20240102-abcdef01" == told["dc:source"]["@id"]
    assert "https://creativecommons.org/licenses/by/4.0/" == told["dc:license"]["@id"]
    assert list(typed.limits) == told["rdfs:comment"]
    assert [f"event = {OURS}id/event/a", "day = 2012-01-01"] == told["schema:variableMeasured"]


def test_each_column_has_its_meaning_and_its_datatype(typed):
    columns = {one["name"]: one for one in written(typed)["tableSchema"]["columns"]}
    kinds = {name: one["datatype"] for name, one in columns.items()}
    vague = kinds.pop("said")
    assert {
        "speaker": "anyURI",
        "speakerLabel": "string",
        "value": "integer",
        "share": "decimal",
        "since": "date",
        "denied": "boolean",
        "note": "string",
        "passages": "anyURI",
        "passagesLabel": "string",
        "limits": "string",
    } == kinds
    assert [True, True, True, False] == [
        bool(re.fullmatch(vague["format"], text)) for text in ("2013", "2012-06", "2012-06-01", "June 2012")
    ]
    assert (" ", "; ") == (columns["passages"]["separator"], columns["passagesLabel"]["separator"])
    assert "what value means" == columns["value"]["dc:description"]


def test_the_columns_are_those_of_the_csv_with_and_without_rows(typed):
    for answer in (typed, replace(typed, rows=()), replace(typed, question=replace(typed.question, record=""))):
        head = next(csv.reader(io.StringIO(formats.write_answer(answer, "csv").decode())))
        assert head == [one["titles"] for one in written(answer)["tableSchema"]["columns"]]

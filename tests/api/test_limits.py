"""An answer claims no more than the record holds: asked for a day within it, on its last and after it, in each format.

On the frozen graph: its table of treaties ends on 31 January 2020, its first review on 31 March 2010, and the last decision that
was read is of 1 June 2012.
"""

import csv
import io
import json
import re
import zipfile
from datetime import date
from html import unescape

import pytest

from kg.answer import limits
from kg.config import PROJECT
from kg.languages import speak
from kg.store import Query, Store
from kg.terms import BASE, PREFIXES, Iri
from tests.comparing import QUESTIONS

STATE, TREATY = "id/state/xar", "id/treaty/cc"
TREATIES = ("2012-06-09", "2020-01-31", "2020-02-01")
REVIEW = ("2010-03-01", "2010-03-31", "2010-04-01")
DECISIONS = ("2012-05-31", "2012-06-01", "2012-06-02")
# What is asked beside the day, what the record is of, and a day within it, its last and the next.
ASKED = {
    "obligation-in-force": ({"state": STATE, "provision": "id/provision/cc-3"}, "the CC", TREATIES),
    "treaties-in-force": ({"state": STATE}, "treaties", TREATIES),
    "parties": ({"treaty": TREATY}, "the CC", TREATIES),
    "states-not-party": ({"treaty": TREATY}, "the CC", TREATIES),
    "obligations": ({"state": STATE}, "treaties", TREATIES),
    "complaints-accepted": ({"state": STATE}, "treaties", TREATIES),
    "bound-though-disputed": ({"state": STATE}, "treaties", TREATIES),
    "acts-outside-instrument": ({"state": STATE, "treaty": TREATY}, "treaties", TREATIES),
    "recommendations-rejected": ({"state": STATE}, "the First review of Arland", REVIEW),
    "decisions-and-remedies": ({"state": STATE}, "decisions of the Custody Committee", DECISIONS),
}
COMPARED = {"state": STATE, "right": "scheme/right/no-torture"}
CASES = [(name, place) for name in ASKED for place in range(3)]


def in_words(day):
    return f"{date.fromisoformat(day):%-d %B %Y}"


def limit(name, place):
    """Write the sentence that the answer must begin with."""
    _, what, days = ASKED[name]
    if days == DECISIONS:  # nobody knows of decisions that were not read
        before = f", before {in_words(days[2])}" if place == 2 else ""
        return f"The latest of the {what} that were read is of {in_words(days[1])}{before}; later ones may be missing."
    ends = f"The record of {what} ends on {in_words(days[1])}"
    if place < 2:
        return f"{ends}; later changes are not in it."
    told = f"what is said here of {in_words(days[2])} is by that record"
    return f"{ends} and cannot tell for later days; later changes are not in it, and {told}."


def fetch(client, name, place, form):
    """Ask a question for a day within its record, on its last or after it."""
    values, _, days = ASKED[name]
    headers = {"Accept": "text/html"} if form == "html" else {}
    suffix = "" if form == "html" else f".{form}"
    answer = client.get(f"/questions/{name}{suffix}", params={**values, "day": days[place]}, headers=headers)
    assert 200 == answer.status_code, answer.text
    return answer


@pytest.mark.parametrize(("name", "place"), CASES)
def test_each_format_says_before_its_rows_how_far_the_record_goes(client, name, place):
    page = unescape(fetch(client, name, place, "html").text)
    before = re.split(r'<h2 id="rows">|<h2>None recorded</h2>', page)[0]
    assert before != page and limit(name, place) in before
    head, *rows = csv.reader(io.StringIO(fetch(client, name, place, "csv").text))
    named = [column for column in head[:-1] if column.removesuffix("Label") not in head[: head.index(column)]]
    assert [
        column for column, _, _ in QUESTIONS[name].columns
    ] == named  # the names of things stand beside their addresses
    assert all(limit(name, place) in one for one in ([row[-1] for row in rows] if rows else [head[-1]]))
    assert head[-1].startswith("limits") and ("limits" == head[-1]) == bool(rows)
    answer = fetch(client, name, place, "json")
    assert limit(name, place) in answer.json()["limits"]
    assert answer.text.index('"limits"') < answer.text.index('"rows"') and "complete" not in answer.json()


def test_a_workbook_has_the_limits_among_its_notes_and_turtle_a_note(client):
    book = zipfile.ZipFile(io.BytesIO(fetch(client, "parties", 2, "xlsx").content))
    assert 'name="Notes"' in book.read("xl/workbook.xml").decode()
    assert limit("parties", 2) in book.read("xl/sharedStrings.xml").decode()
    with Store.memory() as store:
        store.load(fetch(client, "parties", 2, "ttl").content, format="ttl", graph=None, source="answer")
        asked = f"PREFIX ans: <{PREFIXES['ans']}> SELECT ?said {{ ?set ans:recordNote ?said }}"
        said = store.answer(Query(asked, "json")).body.decode()
    assert limit("parties", 2) in said


def test_rows_of_a_day_after_the_record_are_by_that_record(client):
    for name in ("obligation-in-force", "treaties-in-force", "parties", "obligations", "complaints-accepted"):
        told = [{row["inForce"] for row in fetch(client, name, place, "json").json()["rows"]} for place in range(3)]
        # Of the procedures those are listed as well that were not open.
        closed = {"none recorded", "not yet", "no longer"} if name == "complaints-accepted" else set()
        assert told[0] | told[1] <= {"yes", "possibly"} | closed, name
        assert "by the record of 2020-01-31" in told[2] and "yes" in told[1], name
    shown = fetch(client, "states-not-party", 2, "json").json()["rows"]
    assert shown and all(row["recorded"].endswith(", by the record of 2020-01-31") for row in shown)


def test_a_review_says_how_many_of_its_recommendations_are_carried(client):
    said = fetch(client, "recommendations-rejected", 1, "json").json()["limits"]
    assert "4 of 20 recommendations of States in the First review of Arland are carried." in said
    assert "Those on custody are carried." in said


def test_the_page_of_a_state_names_the_reviews_that_the_record_holds_in_part(client):
    words = re.sub("<[^>]*>", "", client.page("/doc/state/xar").partition('id="limits"')[2])
    assert "First review of Arland: 4 of 20 recommendations of States are in the record." in words
    assert "recommendations of States are in the record" not in client.page("/doc/state/xes")


def test_a_body_says_which_of_its_decisions_were_read(client):
    said = fetch(client, "decisions-and-remedies", 1, "json").json()["limits"]
    assert any(one.startswith("Of the decisions of the Custody Committee, ") and "read for what" in one for one in said)


def test_a_question_may_be_asked_without_its_optional_day(client):
    for name in ("obligations", "decisions-and-remedies"):
        values = ASKED[name][0]
        page = client.browse(f"/questions/{name}", params={**values, "day": ""})
        assert 200 == page.status_code and "{day}" not in page.text.partition("The query behind it")[0]
        assert limit(name, 0) in unescape(page.text)
    assert 400 == client.get("/questions/parties.json", params={"treaty": TREATY}).status_code


def test_a_state_page_does_not_say_that_a_state_is_not_bound(client):
    page = unescape(client.page("/doc/state/xes"))
    assert "not bound" not in page and "no consent recorded" in page
    assert "The record ends: 31 January 2020" in page


@pytest.mark.parametrize("name", ["findings-against-state", "known-of-state", "decisions-and-remedies"])
def test_a_state_without_a_finding_is_told_what_was_read(client, name):
    said = client.get(f"/questions/{name}.json", params={"state": "id/state/xes"}).json()["limits"]
    assert [
        "The latest of the decisions of treaty bodies that were read is of 20 July 2015; later ones may be missing.",
        "Of the decisions of treaty bodies, 3 were read; no finding on what is asked here is known from them.",
        "No State could be read for 1 of the decisions of treaty bodies.",
    ] == said


def test_who_asks_for_one_body_is_told_what_was_read_of_that_body(client):
    values = {"state": "id/state/xes", "body": "id/body/liberties-committee"}
    said = client.get("/questions/findings-against-state.json", params=values).json()["limits"]
    what = "decisions of the Liberties Committee"
    assert f"Of the {what}, 1 was read; no finding on what is asked here is known from it." in said
    assert f"No State could be read for 1 of the {what}." in said
    of_other = client.get("/questions/findings-against-state.json", params={"state": STATE}).json()["limits"]
    assert not any("no finding on what is asked" in one for one in of_other)


@pytest.mark.parametrize(("body", "is_told"), [("liberties-committee", True), ("custody-committee", False)])
def test_the_page_of_a_body_says_of_how_many_decisions_no_state_could_be_read(client, body, is_told):
    page = unescape(client.page(f"/doc/body/{body}"))
    assert is_told == ("No State could be read for 1 of its decisions" in page)


def test_treaties_of_an_older_table_are_named_after_what_holds_of_the_others():
    told = f"@prefix ans: <{PREFIXES['ans']}> . @base <{BASE}> . <x> a ans:State ."
    for table, ends, treaties in (("new", "2026-02-03", "A B"), ("old", "2015-03-14", "C D")):
        told += f' <{table}> ans:recordEndsOn "{ends}" ; ans:recordNote "As {table} tells." . <of-{table}> ans:isPartOf <{table}> .'
        for name in treaties.split():
            told += f' <{name}> a ans:Treaty ; ans:shortName "{name}" ; ans:isReportedIn <of-{table}> .'
    with Store.memory() as store:
        store.load(told.encode(), format="ttl", graph=None, source="tables")
        bindings = {"state": Iri(BASE + "x")}
        asked = (PROJECT / "queries/records/state.rq").read_text(encoding="utf-8")
        rows = json.loads(store.answer(Query(asked, "json", bindings)).body)["results"]["bindings"]
    said = limits.write(rows, None, speak("en"), {})
    assert [
        "The record of treaties ends on 3 February 2026; later changes are not in it.",
        "As new tells.",
        "The record of the C and the D ends on 14 March 2015; later changes are not in it.",
        "As old tells.",
    ] == [*said]
    assert ["", BASE + "C", BASE + "D"] == [row["about"]["value"] for row in rows]


@pytest.mark.parametrize(
    ("name", "parameter", "first"), [("pages/reach", "this", "from"), ("questions/known-of-state", "state", "first")]
)
def test_a_recommendation_without_a_day_is_as_old_as_its_review(name, parameter, first):
    told = f"""@prefix ans: <{PREFIXES["ans"]}> . @base <{BASE}> . <x> a ans:State ; ans:isReportedIn <p> .
      <cycle> ans:date "2010-02-12" .
      <one> a ans:Recommendation ; ans:isAddressedTo <x> ; ans:belongsToCycle <cycle> ; ans:isReportedIn <p> .
      <two> a ans:Recommendation ; ans:isAddressedTo <x> ; ans:beginsOn "2014-03-01" ; ans:isReportedIn <p> ."""
    with Store.memory() as store:
        store.load(told.encode(), format="ttl", graph=None, source="tables")
        asked = (PROJECT / f"queries/{name}.rq").read_text(encoding="utf-8")
        rows = json.loads(store.answer(Query(asked, "json", {parameter: Iri(BASE + "x")})).body)["results"]["bindings"]
    days = [row[first]["value"] for row in rows if row["kind"]["value"].startswith("recommendations") and first in row]
    assert ["2010"] == [day[:4] for day in days if day]


def test_the_symbols_of_the_decisions_that_were_read_stand_in_one_order_whatever_the_engine_gives():
    def row(symbols):
        values = {"what": "decisions", "judged": "2", "byPerson": "2", "symbols": symbols}
        return {name: {"type": "literal", "value": value} for name, value in values.items()}

    texts = {limits.write([row(symbols)], None, speak("en"), {}) for symbols in ("A/1, B/2", "B/2, A/1")}
    assert len(texts) == 1 and texts.pop()[0].endswith(": A/1, B/2.")


@pytest.mark.parametrize(
    ("name", "values", "lacks"),
    [
        ("findings-against-state", {"state": STATE, "only.body": "id/body/liberties-committee"}, "Custody Committee"),
        ("findings-against-state", {"state": STATE, "only.article": "id/provision/lc-14"}, "Custody Committee"),
        ("states-compared", {**COMPARED, "only.article": "id/provision/lc-7"}, "Custody Committee"),
        ("states-that-left", {"only.treaty": "id/treaty/lp"}, "of the CC"),
    ],
)
def test_what_a_filter_leaves_out_is_not_among_the_limits(client, name, values, lacks):
    whole = {key: value for key, value in values.items() if not key.startswith("only.")}
    said, of_all = (client.get(f"/questions/{name}.json", params=asked).json() for asked in (values, whole))
    assert said["rows"] and any(lacks in one for one in of_all["limits"])
    assert said["limits"] and not any(lacks in one for one in said["limits"])

"""What changed from release to release: the list, the difference of two by thing and by file, as page and as data."""

import json

import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from kg import terms
from tests.api.client import words
from tests.api.test_words import english

CS = Namespace("http://purl.org/vocab/changeset/schema#")
PROV = Namespace("http://www.w3.org/ns/prov#")
AS = Namespace("https://www.w3.org/ns/activitystreams#")
HTML = {"Accept": "text/html"}
WITHDRAWN = terms.ID + "figure/daily-post-wounded"
GONE = terms.ID + "figure/daily-post-killed"
FIGURE = terms.ID + "figure/prosecutor-killed"


@pytest.fixture(scope="module")
def ways(three_ids):
    """The paths of the two differences."""
    return [f"/changes/{three_ids[0]}/{three_ids[1]}", f"/changes/{three_ids[1]}/{three_ids[2]}"]


def test_the_list_counts_what_changed_in_each_release(third, three_ids):
    page = third.page("/changes")
    assert page.index(three_ids[2]) < page.index(three_ids[1])
    said = words(page)
    assert "1 thing added 1 thing changed 1 thing gone" in said
    assert "1 thing withdrawn" in said
    rows = third.get("/changes.json").json()["releases"]
    assert [(three_ids[2], three_ids[1]), (three_ids[1], three_ids[0])] == [
        (row["release"], row["before"]) for row in rows
    ]
    assert [(0, 1), (1, 0)] == [(row["created"], row["withdrawn"]) for row in rows]
    table = third.table("/changes.csv")
    assert [str(row["derived_triples"]) for row in rows] == [row["derived_triples"] for row in table]


def test_the_list_of_an_older_release_ends_with_it(third, three_ids):
    rows = third.get(f"/release/{three_ids[1]}/changes.json").json()["releases"]
    assert [three_ids[1]] == [row["release"] for row in rows]
    assert [] == third.get(f"/release/{three_ids[0]}/changes.json").json()["releases"]
    assert "nothing to compare it with" in third.page(f"/release/{three_ids[0]}/changes")


def test_the_page_of_a_difference_tells_before_and_now(third, ways):
    answer = third.browse(ways[0])
    said = words(answer.text)
    assert "before 14, now 15" in said
    assert "dozens" not in said and "id/figure/daily-post-killed" in said
    assert "no-cache" in answer.headers["cache-control"]
    alone = third.words(f"{ways[0]}?what=updated")
    assert "The Prosecutor: 15 killed" in alone and "dozens wounded" not in alone


def test_a_withdrawn_thing_is_a_withdrawal_in_every_format(third, ways):
    for suffix in ("", ".json", ".csv", ".ttl", ".nt", ".jsonld", ".rdf", ".md"):
        answer = third.get(ways[1] + suffix, headers={} if suffix else HTML)
        assert 200 == answer.status_code
        assert "figure/daily-post-wounded" in answer.text and "dozens" not in answer.text, suffix
    assert "Withdrawn. What it said is not shown." in third.page(ways[1])
    (one,) = [each for each in third.get(f"{ways[1]}.json").json()["things"] if each["thing"] == WITHDRAWN]
    assert {"thing": WITHDRAWN, "what": "withdrawn"} == one


def test_what_is_withdrawn_today_is_not_told_where_it_came(third, ways, three_ids):
    for suffix in ("", ".json", ".csv", ".ttl", ".md"):
        answer = third.get(ways[0] + suffix, headers={} if suffix else HTML)
        assert "figure/daily-post-wounded" in answer.text and "dozens" not in answer.text, suffix
    then = third.page(f"/release/{three_ids[1]}{ways[0]}")  # as that release tells it
    assert "Daily Post: dozens wounded" in then and "New · figure" in words(then)


def test_a_vague_date_is_shown_as_vague(third, ways, monkeypatch):
    from api.routers import changes as page
    from kg.changes import Change, Changes
    from kg.changes.change import pack
    from kg.changes.dump import split

    xsd = terms.PREFIXES["xsd"]
    month = f'<{FIGURE}> <{terms.term("date")}> "2011-06"^^<{xsd}gYearMonth> <{terms.graph_of("data/x.ttl")}> .\n'
    first = f'<{FIGURE}> <{terms.term("beginsOn")}> "2011-06-01"^^<{xsd}date> <{terms.INFERRED}> .\n'
    change = Change(FIGURE, "updated", terms.term("Figure"), came=pack([split(month.encode()), split(first.encode())]))
    result = Changes("old", "new", (change,), 1, 0, {"updated": {change.kind: 1}})
    monkeypatch.setattr(page.Changes, "redact", lambda self, gone: result)
    said = third.words(f"{ways[0]}?what=updated&lang=en&page=1")
    assert "June 2011" in said and "1 June 2011" not in said


def test_the_data_hold_each_statement_that_went_and_came(third, ways, three_ids):
    found = third.get(f"{ways[0]}.json").json()
    assert (three_ids[0], three_ids[1], 3) == (found["from"], found["to"], found["total"])
    (one,) = [each for each in found["things"] if each["thing"] == FIGURE]
    value = terms.term("value")
    for side, number in (("before", "14"), ("now", "15")):
        assert [number] == [said["value"]["value"] for said in one[side] if said["property"] == value]
    (file,) = found["files"]
    assert file["came"] and "data/events/xar/2012-03-16-port-ansel.ttl" == file["path"]
    lines = third.table(f"{ways[0]}.csv")
    signs = [(row["sign"], row["value"]) for row in lines if (row["thing"], row["property"]) == (FIGURE, value)]
    assert [("-", "14"), ("+", "15")] == signs
    (gone,) = [row for row in lines if row["thing"] == GONE]
    assert ("removed", "", "") == (gone["what"], gone["sign"], gone["value"])


@pytest.mark.parametrize(("suffix", "format"), [("ttl", "turtle"), ("nt", "nt"), ("jsonld", "json-ld"), ("rdf", "xml")])
def test_as_rdf_it_is_change_sets_from_which_the_difference_can_be_read(third, ways, three_ids, suffix, format):
    graph = Graph().parse(data=third.get(f"{ways[0]}.{suffix}").text, format=format)
    assert (URIRef(terms.RELEASE + three_ids[1]), PROV.wasRevisionOf, URIRef(terms.RELEASE + three_ids[0])) in graph
    kinds = {}
    for one in graph.subjects(RDF.type, CS.ChangeSet):
        kinds[str(graph.value(one, CS.subjectOfChange))] = set(graph.objects(one, RDF.type)) - {CS.ChangeSet}
        statements = [*graph.objects(one, CS.addition), *graph.objects(one, CS.removal)]
        assert all(graph.value(s, RDF.subject) == graph.value(one, CS.subjectOfChange) for s in statements)
    assert {terms.ID + "figure/daily-post-wounded": {AS.Create}, GONE: {AS.Delete}, FIGURE: {AS.Update}} == kinds


def test_data_are_cached_longer_and_not_sent_twice(third, ways):
    answer = third.get(f"{ways[0]}.json")
    assert "max-age" in answer.headers["cache-control"]
    assert 304 == third.get(f"{ways[0]}.json", headers={"If-None-Match": answer.headers["etag"]}).status_code


def test_what_cannot_be_compared_is_said(third, three_ids, ways):
    assert 404 == third.get(f"/changes/{three_ids[1]}/{three_ids[0]}").status_code
    assert f"/changes/{three_ids[0]}/{three_ids[1]}" in third.get(f"/changes/{three_ids[1]}/{three_ids[0]}").text
    assert 404 == third.get(f"/changes/{three_ids[0]}/{three_ids[0]}").status_code
    assert 404 == third.get(f"/changes/20000101-00000000/{three_ids[0]}").status_code
    for query in ("what=x", "page=0", "page=99", "x=1", "page=1&page=2"):
        assert 400 == third.get(f"{ways[0]}?{query}").status_code, query
    assert 400 == third.browse("/changes?page=9").status_code


def test_the_page_of_a_release_leads_to_its_notes(third, three_ids, ways):
    page = third.page(f"/release/{three_ids[1]}")
    assert f'href="{ways[0]}"' in page and f'href="{ways[0]}.md"' in page
    notes = third.get(f"{ways[0]}.md")
    assert notes.text.startswith(f"# Release {three_ids[1]}\n")
    assert "text/markdown" in notes.headers["content-type"]
    assert "/changes/" not in third.page(f"/release/{three_ids[0]}").partition("<h2>")[0].partition("<main")[2]


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
def test_the_pages_are_light_in_each_language(third, ways, code):
    for path in ("/changes", *ways):
        page = third.browse(f"{path}?lang={code}")
        assert (200, True) == (page.status_code, len(page.content) < 60_000)
        assert f'<html lang="{code}">' in page.text
        assert code == "en" or {} == english(page, code)


def test_json_is_whole_or_an_error(third, ways, monkeypatch):
    from dataclasses import replace

    opened, compare = third.app.state.releases, third.app.state.releases.compare

    async def much(old, new):
        return replace(await compare(old, new), total=30_000)

    monkeypatch.setattr(opened, "compare", much)
    answer = third.get(f"{ways[0]}.json?lang=ru", headers={"Accept": "application/json"})
    assert (422, "answer-too-large") == (
        answer.status_code,
        json.loads(answer.text)["type"].rpartition("/")[2].rpartition("#")[2],
    )

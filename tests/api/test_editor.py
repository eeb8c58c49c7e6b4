"""The page at /sparql and what it offers its editor: of this release alone, safe to load, and whole without script."""

import asyncio
import dataclasses
import html
import json
import re
from collections import Counter

import pytest

from api.render import assets
from kg import terms
from kg.answer import questions
from kg.answer.engine import InProcess
from kg.config import PROJECT
from kg.sparql.question import TOPICS, Parameter
from kg.store import Query
from tests import frozen
from tests.comparing import JOINED, in_order

QUESTIONS = frozen.questions()
EXAMPLES = {path.stem: path.read_text(encoding="utf-8") for path in (PROJECT / "queries/examples").glob("*.rq")}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
EVENT = "https://w3id.org/answerable/ontology#Event"


@pytest.fixture
def missing(monkeypatch):
    """Pretend that the editor's package is not installed."""
    monkeypatch.setattr(assets, "editor", lambda: None)


def rows(store, text):
    return json.loads(store.answer(Query(text)).body)["results"]["bindings"]


def test_the_editor_completes_from_the_classes_and_properties_in_use_and_from_no_others(client, store):
    offered = client.get("/editor.json").json()
    used = "SELECT DISTINCT ?x { ?s a ?x FILTER (isIRI(?x)) }", "SELECT DISTINCT ?x { ?s ?x ?o }"
    classes, properties = ({row["x"]["value"] for row in rows(store, text)} for text in used)
    assert (classes, properties) == (set(offered["classes"]), set(offered["properties"]))
    assert (len(classes), len(properties)) == (len(offered["classes"]), len(offered["properties"]))
    assert EVENT in classes
    assert terms.PREFIXES == offered["prefixes"]


def test_the_offer_names_its_release_and_stays_small(client, release):
    answer = client.get("/editor.json")
    assert release.id == answer.json()["release"]
    offered = [(one["name"], one["title"]) for one in answer.json()["questions"]]
    assert [(name, one.title) for name, one in QUESTIONS.items()] == offered
    assert client.get(f"/release/{release.id}/editor.json").json() == answer.json()
    assert len(answer.content) < 200_000


def test_each_example_has_a_title_a_topic_and_a_query_that_runs_and_has_rows(client, store):
    offered = client.get("/editor.json").json()
    assert {one["topic"] for one in offered["questions"]} <= set(TOPICS)
    assert EXAMPLES == {one["name"]: one["query"] for one in offered["examples"]}
    for one in offered["examples"]:
        assert one["query"].startswith(f"# {one['title']}\n") and "?" in one["title"]
        assert rows(store, one["query"])
        assert client.get("/sparql", params={"query": one["query"]}).json()["results"]["bindings"]


def test_the_example_that_counts_breaches_counts_each_decision_in_its_year(store):
    text = """PREFIX ans: <https://w3id.org/answerable/ontology#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?finding ?name ?decision ?day { ?finding ans:hasFindingOutcome <scheme/finding-outcome/breach> ; ans:hasSpeaker ?body .
        ?finding ans:isReportedIn ?passage . ?passage ans:isPartOf ?decision . ?decision a ans:Decision ; ans:date ?day .
        ?body a ans:TreatyBody ; skos:prefLabel ?name FILTER (LANG(?name) = "en") }"""
    stated = {tuple(row[name]["value"] for name in ("day", "name", "decision", "finding")) for row in rows(store, text)}
    counted = [
        tuple(row[name]["value"] for name in ("year", "body", "decisions", "findings"))
        for row in rows(store, EXAMPLES["breaches-by-year"])
    ]
    for year, body, decisions, findings in counted:
        here = [one for one in stated if one[0][:4] == year and one[1] == body]
        assert (int(decisions), int(findings)) == (len({one[2] for one in here}), len({one[3] for one in here}))
    assert {(day[:4], body) for day, body, _, _ in stated} == {(year, body) for year, body, _, _ in counted}


def test_the_panel_has_each_state_treaty_and_year_and_adds_up_to_the_states_bound(store):
    kinds = "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x a <ontology#%s> ; <ontology#%s> ?code }"
    states, treaties = (
        int(rows(store, kinds % kind)[0]["n"]["value"]) for kind in (("State", "isoCode"), ("Treaty", "shortName"))
    )
    panel = rows(store, EXAMPLES["panel"])
    keys = {(row["iso3"]["value"], row["treaty"]["value"], row["year"]["value"]) for row in panel}
    assert len(panel) == len(keys) == states * treaties * 8 > 0
    bound = Counter((row["treaty"]["value"], row["year"]["value"]) for row in panel if row["bound"]["value"] == "true")
    counted = {
        (row["treaty"]["value"], row["year"]["value"]): int(row["states"]["value"])
        for row in rows(store, EXAMPLES["states-bound"])
    }
    years = {row["year"]["value"] for row in panel}
    assert dict(bound) == {key: number for key, number in counted.items() if key[1] in years} != {}


EARLY = ("obligation-in-force", {"day": "1950-01-01"})  # what a person may make of the example: before any duty began


@pytest.mark.parametrize(("name", "changes"), [*((name, {}) for name in QUESTIONS), EARLY])
def test_an_example_answers_as_its_question_does(store, name, changes):
    question = QUESTIONS[name]
    parameters = (dataclasses.replace(one, example=changes.get(one.name, one.example)) for one in question.parameters)
    question = dataclasses.replace(question, parameters=tuple(parameters))
    values = {one.name: one.example for one in question.parameters}
    expected = asyncio.run(questions.ask(InProcess(store), question, values, "test")).rows
    columns = [column.name for column in question.columns]
    cited = set(question.cites)

    def comparable(row):
        # The passages of a cell are a set, and so are texts that it joins: their order is the engine's own affair.
        cells = {column: row[column] for column in columns if column in row}
        for column in set(JOINED) & cells.keys():
            cells[column] = in_order(cells[column]["value"])
        return json.dumps(
            {c: sorted(term["value"].split()) if c in cited else term for c, term in cells.items()}, sort_keys=True
        )

    answered = map(question.fill, rows(store, question.with_example()))
    assert sorted(map(comparable, expected)) == sorted(map(comparable, answered))


@pytest.mark.parametrize("value", ['x" } SELECT', "a\\", 'line\nbreak "', "} #", "'''"])
def test_an_example_binds_its_value_as_a_term_and_not_as_text(store, value):
    template = next(iter(QUESTIONS.values()))
    question = dataclasses.replace(
        template,
        parameters=(Parameter("said", "text", "", value, "the text"),),
        text="#+ title: x\nSELECT ?said WHERE { BIND (1 AS ?one) }\n",
    )
    text = question.with_example()
    assert [value.strip()] == [row["said"]["value"] for row in rows(store, text)]


def test_an_example_keeps_no_header_and_says_the_question_in_words():
    text = QUESTIONS["obligations-engaged"].with_example()
    assert text.startswith("# Which duties applied in the event")
    assert "#+" not in text
    assert "VALUES (?event) { (<https://w3id.org/answerable/id/event/2011-06-handover>) }" in text


def test_the_page_names_what_the_editor_loads_and_holds_no_script_itself(client, installed):
    page = client.page("/sparql")
    assert ["/static/yasgui.js?v=1", "/static/editor.js?v=1"] == re.findall(
        r'<script defer src="([^"]+)"></script>', page
    )
    assert 3 == page.count("<script")  # and the one that suggests
    assert 'data-offer="/editor.json"' in page


def words_of(client, language):
    """Read the words that the page gives its editor."""
    page = client.get("/sparql", params={"lang": language}, headers=BROWSER).text
    return json.loads(html.unescape(re.search('data-words="([^"]*)"', page)[1]))


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_editor_speaks_the_language_of_its_page(client, installed, language):
    english, words = words_of(client, "en"), words_of(client, language)
    assert english.keys() == words.keys() and not [key for key, word in words.items() if word == english[key]]
    assert {} == english["titles"] and {*QUESTIONS, *EXAMPLES} == set(words["titles"])
    assert [[key, label] for key, label in TOPICS.items()] == english["topics"]
    assert [*TOPICS] == [key for key, label in words["topics"] if label != TOPICS[key]]
    script = (assets.STATIC / "editor.js").read_text(encoding="utf-8")
    assert set(words) == set(re.findall(r"\bwords\.(\w+)", script))


def test_the_page_is_a_plain_form_where_the_editor_is_not_installed(client, missing):
    answer = client.browse("/sparql", params={"query": "SELECT ?n { VALUES ?n { 41 } }"})
    assert '<textarea name="query"' in answer.text and "<td>41</td>" in answer.text
    assert 1 == answer.text.count("<script") and 'id="editor"' not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_an_error_keeps_its_status_and_is_not_asked_again_by_the_editor(client, installed):
    answer = client.browse("/sparql", params={"query": "SELECT * WHERE { ?s ?p }"})
    assert (400, False) == (answer.status_code, "data-run" in answer.text)
    assert "Line 1, column 24" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "</textarea><script>alert(1)</script>",
        'SELECT ("</textarea><script>alert(1)</script>" AS ?x) {}',
        'SELECT ("<img src=x onerror=alert(1)>" AS ?x) {}',
        '"><svg onload=alert(1)>',
    ],
)
def test_a_query_in_the_address_is_shown_as_text(client, installed, query):
    page = client.page("/sparql", status=None, params={"query": query})
    assert 3 == page.count("<script") and "<img" not in page and "<svg" not in page


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_an_iri_that_is_no_address_on_the_web_is_no_link_on_the_page(client, missing, iri):
    page = client.page("/sparql", status=None, params={"query": f"SELECT (<{iri}> AS ?x) {{}}"})
    assert f"<td>{iri}</td>" in page


@pytest.mark.parametrize("name", ["style.css", "suggest.js", "editor.css", "editor.js", "editor-licences.txt"])
def test_a_file_is_kept_for_good_under_the_address_that_names_its_content_and_under_no_other(client, name):
    named = client.get(assets.path(name))
    assert (200, "public, max-age=31536000, immutable") == (named.status_code, named.headers["cache-control"])
    for other in (f"/static/{name}", f"/static/{name}?v=000000000000"):
        assert "public, no-cache" == client.get(other).headers["cache-control"]
    again = client.get(assets.path(name), headers={"If-None-Match": named.headers["etag"]})
    assert (304, "public, max-age=31536000, immutable") == (again.status_code, again.headers["cache-control"])


def test_the_lock_of_the_editor_holds_one_package_with_its_hash_and_names_no_registry():
    lock = json.loads((assets.STATIC / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((assets.STATIC / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = {path.removeprefix("node_modules/"): one for path, one in lock["packages"].items() if path}
    assert wanted == {name: one["version"] for name, one in packages.items()}
    assert all(re.fullmatch(r"sha512-[\w+/]{86}==", one["integrity"]) for one in packages.values())
    assert "http" not in json.dumps(lock)

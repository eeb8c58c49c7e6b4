"""The editor at /sparql in a real browser: it asks nobody else, breaks no policy, runs nothing that it shows, and its links,
downloads and code do what they say."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from api.render import assets
from kg import terms
from tests.browser import driving

EVENTS = """PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?event ?label WHERE {
  ?event a ans:Event ; skos:prefLabel ?label
  FILTER (LANG(?label) = "en")
}
ORDER BY ?event"""
# Texts that would run, or break out, wherever one is taken for markup, for code or for an address.
HOSTILE = """SELECT ?a ?b ?c ?d ?e WHERE {
  BIND (IRI("javascript:window.hacked=1") AS ?a)
  BIND (IRI("http://x.example/'onmouseover='window.hacked=1'style='position:fixed") AS ?b)
  BIND ("<img src=x onerror=window.hacked=1></textarea><script>window.hacked=1</script>" AS ?c)
  BIND (STRDT("it's \\"\\"\\" `$(touch x)` \\\\n %0A é", IRI("javascript:window.hacked=2")) AS ?d)
  BIND (IRI("data:text/html;hacked") AS ?e)
}"""


@pytest.fixture(scope="module", autouse=True)
def installed():
    """Leave the file out where the editor is not installed, except where nobody would notice."""
    if assets.editor() is None:
        missing = "the editor is not installed: run make test"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.fixture
def wide(window, site):
    """Give the window a laptop's width, and watch it for the time of a test, in which its console must stay silent."""
    driving.resize(window, driving.WIDTHS["wide"])
    window.mouse.move(0, 0)
    with driving.watching(window, site), silent(window):
        yield window


@contextmanager
def silent(page):
    """Raise AssertionError if the console said anything, a breach of the policy above all."""
    said = []
    listener = lambda message: said.append(message.text)
    page.on("console", listener)
    try:
        yield
    finally:
        page.remove_listener("console", listener)
    assert [] == said


def ask(page, query=None, path="/sparql"):
    """Open the editor, with a query that it asks at once."""
    page.goto(path + (f"?query={quote(query, safe='')}" if query else ""))
    page.wait_for_selector("#editor:not([hidden])")
    if query:
        answered(page)


def answered(page):
    """Wait until an answer stands there."""
    expect(page.locator("#said")).to_have_text(re.compile("Release|No answer"))


def written(page):
    """Read what stands in the editor."""
    return page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")


def write(page, text):
    """Put a text into the editor as a paste would."""
    page.evaluate("text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", text)


def cells(page, column):
    """Read the texts of a column of the result table, the first being the number of the row."""
    page.wait_for_selector(".yasr table tbody td")
    return page.locator(f".yasr table tbody td:nth-child({column + 1})").all_inner_texts()


def test_the_editor_replaces_the_form_and_shows_rows_and_fits_and_shuts_nobody_out(page):
    with silent(page):
        ask(page, EVENTS)
        assert 0 == page.locator("#plain-form, #plain-answer").count()
        assert "id/event/2012-03-16-port-ansel" in cells(page, 1)
        assert re.match(r"\d+ rows\. Release \d{8}-", page.locator("#said").inner_text())
        assert 0 == driving.overflow(page)
        assert [] == driving.barriers(page)


@pytest.mark.parametrize("form", ["ASK { ?s ?p ?o }", "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 3"])
def test_truth_and_graphs_are_shown_too_and_fit(page, form):
    with silent(page):
        ask(page, form)
        page.wait_for_selector(".booleanResult, .yasr table tbody td")
        assert 0 == driving.overflow(page)
        assert [] == driving.barriers(page)


def test_on_a_russian_page_what_is_not_russian_says_so(wide):
    ask(wide, path="/sparql?lang=ru")
    assert "Выполнить" == wide.locator("#run").inner_text()
    write(wide, "SELECT ?n { VALUES ?n { 1 2 } }")
    wide.locator("#run").click()
    expect(wide.locator("#said")).to_have_text(re.compile("^2 строки. Выпуск "))
    assert "lang=ru" in wide.locator("#permalink").get_attribute("href")
    wide.locator("#editor").evaluate(
        "editor => editor.querySelectorAll('[lang=en], pre, summary').forEach(one => one.remove())"
    )
    left = wide.locator("#editor").inner_text().replace("Ctrl", "").replace("Enter", "").replace("Esc", "")
    assert not re.findall(r"\b(?!SPARQL|JSON|XML|CSV|TSV)[A-Za-z]{4,}\b", left)


def test_classes_properties_and_prefixes_are_completed_from_the_release(wide):
    ask(wide)
    hints = wide.locator(".CodeMirror-hints")
    for typed, expected in (
        ("PREFIX ans: <https://w3id.org/answerable/ontology#>\nSELECT * { ?x a ans:Ev", "ans:Event"),
        ("PREFIX ans: <https://w3id.org/answerable/ontology#>\nSELECT * { ?x ans:isRepo", "ans:isReportedIn"),
        ("PREFIX sko", "skos: <http://www.w3.org/2004/02/skos/core#>"),
    ):
        write(wide, "")
        wide.locator(".CodeMirror").click()
        wide.keyboard.insert_text(typed[:-1])
        wide.keyboard.type(typed[-1])
        wide.keyboard.press("Control+Space")
        hints.wait_for()
        assert expected in hints.locator("li").all_inner_texts()
        if expected == "ans:Event":
            assert [] == driving.barriers(wide)
        wide.keyboard.press("Escape")


def test_a_prefix_that_is_used_is_declared_from_the_release(wide):
    ask(wide)
    write(wide, "")
    wide.locator(".CodeMirror").click()
    wide.keyboard.type("SELECT * { ?x a ans:")
    expect(wide.locator(".CodeMirror-line").first).to_have_text("PREFIX ans: <https://w3id.org/answerable/ontology#>")


def test_a_question_is_loaded_as_an_example_and_answered(wide):
    ask(wide)
    wide.locator("#example").select_option(label="Which duties applied in an event, and were they in force?")
    wide.get_by_role("button", name="Load").click()
    assert "VALUES (?event)" in written(wide)
    assert "/questions/obligations-engaged" == wide.locator("#example-more a").get_attribute("href")
    wide.locator("#run").click()
    answered(wide)
    assert "id/provision/cc-3" in cells(wide, 4)


def test_examples_stand_by_topic_and_those_that_count_lead_to_no_question(wide):
    ask(wide)
    groups = wide.locator("#example optgroup")
    labels = groups.evaluate_all("all => all.map(group => group.label)")
    assert ("What happened", "Counts and panels", len(labels)) == (labels[0], labels[-1], len(set(labels)))
    wide.locator("#example").select_option(value="panel")
    wide.get_by_role("button", name="Load").click()
    assert written(wide).startswith("# Which treaties bound each State")
    assert 0 == wide.locator("#example-more a").count()
    wide.locator("#run").click()
    answered(wide)
    assert "XAR" in cells(wide, 1)


def test_a_hint_at_an_answer_of_nothing_keeps_its_letters(wide):
    ask(wide, f'SELECT ?x {{ ?x <{terms.PREFIXES["skos"]}prefLabel> "Арландия" }}')
    expect(wide.locator("#hint")).to_have_text('skos:prefLabel has the value "Арландия"@ru here, and not "Арландия".')


def test_the_link_to_a_query_gives_the_same_query_and_answer_again(wide, site):
    ask(wide, EVENTS)
    rows = cells(wide, 2)
    for link in ("#permalink", "#pinned"):
        address = wide.locator(link).get_attribute("href")
        assert address.startswith(site)
        ask(wide, path=address.removeprefix(site))
        answered(wide)
        assert (EVENTS, rows) == (written(wide), cells(wide, 2))


def test_the_address_follows_what_was_run(wide):
    ask(wide)
    write(wide, "SELECT ?n { VALUES ?n { 41 } }")
    wide.locator(".CodeMirror").click()
    wide.keyboard.press("Control+Enter")
    answered(wide)
    assert wide.url.endswith("/sparql?query=SELECT+%3Fn+%7B+VALUES+%3Fn+%7B+41+%7D+%7D")


def test_a_pinned_editor_asks_its_own_release(wide, release):
    asked = []
    wide.on("request", lambda request: asked.append(request.url))
    here = f"/release/{release.id}"
    ask(wide, EVENTS, path=f"{here}/sparql")
    sent = [url for url in asked if "/sparql" in url or "editor.json" in url]
    assert 3 == len(sent)
    assert all(here in url for url in sent)
    assert f"{here}/doc/event/" in wide.locator(".yasr a.iri").first.get_attribute("href")


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("SELECT ?n { VALUES ?n { 41 } }", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv",
                                            "text/tab-separated-values"]),
        ("ASK {}", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"]),
        ("CONSTRUCT { <x:a> <x:b> 1 } {}", ["text/turtle", "application/n-triples", "application/ld+json",
                                            "application/rdf+xml", "application/n-quads", "application/trig"]),
    ],
)  # fmt: skip
def test_an_answer_is_downloaded_in_each_format(wide, query, types):
    ask(wide, query)
    links = [link.get_attribute("href") for link in wide.locator("#downloads a[download]").all()]
    answers = [wide.request.get(link, headers={"Accept": "text/html"}) for link in links]
    assert [(200, one) for one in types] == [
        (answer.status, answer.headers["content-type"].partition(";")[0]) for answer in answers
    ]


def run(command, folder):
    """Run what a reader would paste; what it printed."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=20, check=True).stdout


def test_the_code_for_a_query_gets_its_answer_however_hostile_the_query(wide, tmp_path):
    ask(wide, HOSTILE)
    code = {name: wide.locator(f"pre[data-language={name}]").text_content() for name in ("curl", "Python")}
    rows = list(csv.DictReader(io.StringIO(run(["bash", "-c", code["curl"]], tmp_path))))
    said = 'it\'s """ `$(touch x)` \\n %0A é'
    assert (1, said) == (len(rows), rows[0]["d"])
    assert repr(said) in run([sys.executable, "-c", code["Python"]], tmp_path)
    assert [] == list(tmp_path.iterdir())  # the shell took none of it for a command


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here: install r-base-core")
def test_the_code_for_r_gets_the_answer_however_hostile_the_query(wide, tmp_path):
    ask(wide, HOSTILE)
    code = wide.locator("pre[data-language=R]").text_content() + "cat(sprintf('<%s>', rows$d))"
    (tmp_path / "asked.R").write_text(code, encoding="utf-8")
    printed = run(["env", "LC_ALL=C.UTF-8", "Rscript", "asked.R"], tmp_path)
    assert '<it\'s """ `$(touch x)` \\n %0A é>' in printed
    assert ["asked.R"] == [path.name for path in tmp_path.iterdir()]


def test_nothing_hostile_in_query_or_answer_runs_or_becomes_a_link(wide):
    ask(wide, HOSTILE)
    assert HOSTILE == written(wide)
    shown = [cells(wide, column)[0] for column in range(1, 6)]
    assert "javascript:window.hacked=1" == shown[0]
    assert "<img src=x onerror=window.hacked=1></textarea><script>window.hacked=1</script>" == shown[2]
    assert shown[3].startswith('it\'s """ `$(touch x)` \\n %0A é')
    links = wide.locator(".yasr_results a.iri")
    assert ["http://x.example/'onmouseover='window.hacked=1'style='position:fixed"] == [
        link.get_attribute("href") for link in links.all()
    ]
    assert {"class", "href", "title", "rel"} >= set(links.first.evaluate("link => link.getAttributeNames()"))
    assert 0 == wide.locator(".yasr_results img, .yasr_results script").count()
    for cell in wide.locator(".yasr_results tbody td").all():
        cell.hover()
    wide.get_by_role("button", name="Shows Response view").click()
    wide.wait_for_selector(".yasr .CodeMirror")
    assert wide.evaluate("window.hacked") is None


def test_a_mistake_is_shown_with_its_line_and_the_next_answer_takes_its_place(page):
    ask(page)
    write(page, "SELECT *\nWHERE { ?s ?p }")
    page.locator("#run").click()
    answered(page)
    problem = page.locator(".yasr .problem")
    problem.wait_for()
    assert "Line 2, column 15" in problem.inner_text()
    assert "The query does not parse" in problem.inner_text()
    assert (0, []) == (driving.overflow(page), driving.barriers(page))
    write(page, "SELECT ?n { VALUES ?n { 41 } }")
    page.locator("#run").click()
    page.wait_for_selector(".yasr table")
    assert (0, ["41xsd:integer"]) == (problem.count(), cells(page, 1))


def test_the_hint_at_a_mistake_breaks_no_policy(wide):
    ask(wide)
    write(wide, "SELECT * WHERE { ?s ?p }")
    wide.locator(".parseErrorIcon").hover()
    underlined = wide.locator(".yasqe_tooltip strong").first
    assert "underline" == underlined.evaluate("one => getComputedStyle(one).textDecorationLine")


def test_a_term_that_does_not_exist_is_told_in_a_line(wide):
    query = "PREFIX ans: <https://w3id.org/answerable/ontology#> SELECT ?x { ?x ans:perpetrator ?y }"
    ask(wide, query)
    expect(wide.locator("#hint")).to_contain_text("Did you mean ans:hasPerpetrator?")
    write(wide, query.replace("perpetrator", "hasPerpetrator"))
    wide.click("#run")
    answered(wide)
    expect(wide.locator("#hint")).to_be_hidden()


def test_the_keyboard_gets_into_the_editor_and_out_again(wide):
    ask(wide)
    wide.locator(".CodeMirror").click()
    wide.keyboard.press("Tab")
    assert "run" == wide.evaluate("document.activeElement.id")
    wide.keyboard.press("Shift+Tab")
    assert "TEXTAREA" == wide.evaluate("document.activeElement.tagName")


def test_nothing_is_kept_on_the_readers_machine(browser, site):
    with driving.opening(browser, site, size=driving.WIDTHS["wide"]) as page, silent(page):
        ask(page, EVENTS)
        assert ([], 0, 0) == (page.context.cookies(), *page.evaluate("[localStorage.length, sessionStorage.length]"))


@pytest.mark.parametrize("gone", ["**/static/yasgui.js*", "**/static/editor.js*", "**/editor.json"])
def test_the_form_stays_and_works_where_the_editor_cannot_be_loaded(browser, site, gone):
    with driving.opening(browser, site, size=driving.WIDTHS["wide"]) as page:
        page.route(gone, lambda route: route.abort())
        page.goto("/sparql")
        page.wait_for_load_state("networkidle")
        page.locator("#plain-form textarea").fill("SELECT ?n { VALUES ?n { 41 } }")
        page.locator("#plain-form button").click()
        assert "41" in page.locator("#plain-answer table").inner_text()


def test_a_query_too_long_for_an_address_is_posted_and_has_no_link(wide):
    ask(wide)
    write(wide, "SELECT ?n { VALUES ?n { 41 } } #" + "x" * 9000)
    expect(wide.locator("#links")).to_contain_text("too long for an address")
    with wide.expect_request("**/sparql") as sent:
        wide.locator("#run").click()
    answered(wide)
    assert ("POST", ["41xsd:integer"], 0) == (sent.value.method, cells(wide, 1), wide.locator("#permalink").count())
    assert wide.url.endswith("/sparql")


def test_a_query_that_runs_is_stopped_by_its_reader(wide):
    ask(wide)
    write(wide, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    wide.locator("#run").click()
    expect(wide.locator("#run")).to_have_text("Stop")
    wide.locator("#run").click()
    expect(wide.locator("#said")).to_have_text("Stopped.")
    expect(wide.locator("#run")).to_have_text("Run")
    assert 0 == wide.locator(".problem").count()

"""The frozen graph published to an Oxigraph server: the named questions answer from there as pinned."""

import asyncio
import re
import shutil
import tomllib

import pytest

from kg import terms
from kg.config import PROJECT
from kg.errors import BadParameter
from kg.release import Release
from kg.remote.server import Server
from kg.remote.upload import Layout, upload
from kg.store import Query, Store
from kg.terms import Iri
from tests import engines, frozen
from tests.api.client import start
from tests.comparing import QUESTIONS, ask, cases, compare, differ, table

CASES = cases(frozen.ANSWERS)
HANDOVER = {"event": "id/event/2011-06-handover"}
PAGES = tomllib.loads((PROJECT / "tests/browser/pages.toml").read_text(encoding="utf-8"))["kinds"]
DATA = [
    *("/doc/state/xar.ttl", "/doc/event/2012-03-16-port-ansel.json", "/events.csv", "/decisions.json", "/ontology.ttl"),
    *(
        "/ontology/core.nt",
        "/shapes.ttl",
        "/scheme/right.ttl",
        "/graph/links.nt",
        "/graph/data/events",
        "/dictionary.json",
    ),
    *(
        "/catalogue.ttl",
        "/sparql?format=ttl",
        "/questions/findings.csv?event=id/event/2011-06-handover",
        "/editor.json",
    ),
]
ADDRESSES = [*PAGES.values(), *DATA]
QUERIES = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "SELECT (COUNT(*) AS ?n) { GRAPH <graph/links> { ?s ?p ?o } }",
    "PREFIX g: <graph/> SELECT (COUNT(*) AS ?n) { GRAPH g:links { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) { GRAPH <graph/no-such> { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/links> { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/links> FROM NAMED <graph/inferred> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/links> { GRAPH ?g { ?s ?p ?o } }",
]


@pytest.fixture(scope="module")
def url(world):
    """Publish the release to an Oxigraph server; its address."""
    with engines.oxigraph() as url:
        asyncio.run(upload(Server(url), world))
        yield url


@pytest.fixture(scope="module")
def oxigraph(url, world):
    """Ask that server."""
    with engines.asked(url, world) as asked:
        yield asked


@pytest.fixture(scope="module")
def sites(url, world, tmp_path_factory):
    """Serve the release from its store, and without a store from that server; a client of each."""
    folder = tmp_path_factory.mktemp("bare") / "releases"
    shutil.copytree(world.path, folder / world.id, ignore=shutil.ignore_patterns("store"))
    (folder / "current").symlink_to(world.id)
    with start(world) as own, start(Release(folder / world.id), engine=url) as elsewhere:
        yield own, elsewhere


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_pinned_from_an_oxigraph_server(oxigraph, name, case):
    assert "" == compare(oxigraph, name, case, known=None)


def test_an_answer_comes_with_its_citations_and_an_unknown_thing_is_refused(oxigraph, world):
    with Store.open(world.store_path) as store:
        expected = ask(store, "findings", HANDOVER)
    answered = ask(oxigraph, "findings", HANDOVER)
    assert (expected.labels, expected.citations) == (answered.labels, answered.citations)
    assert "" == differ(table(expected.rows, QUESTIONS["findings"]), table(answered.rows, QUESTIONS["findings"]))
    with pytest.raises(BadParameter, match="Try Port Ansel, 16 March 2012"):
        ask(oxigraph, "findings", {"event": "id/event/2012-03-16-port-ansell"})


@pytest.mark.parametrize("text", QUERIES)
def test_default_and_named_graphs_hold_what_they_hold_in_the_release(oxigraph, world, text):
    query = Query(f"BASE <{terms.BASE}> {text}", "csv")
    with Store.open(world.store_path) as store:
        assert store.answer(query).body == asyncio.run(oxigraph.answer(query)).body


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_server_without_a_store_answers_as_one_with_it(sites, address):
    accepted = {"Accept": "text/html, text/turtle;q=0.9, */*;q=0.8"}
    own, elsewhere = (site.get(address, headers=accepted) for site in sites)
    assert (own.status_code, words(own.text)) == (elsewhere.status_code, words(elsewhere.text))


def words(text):
    """List the words of an answer; engines join texts in any order, of which the permanent address is made too, and label blank nodes."""
    return sorted(re.findall(r"\w+", re.sub(r"_:\w+|/answer/[\w-]+", "", text)))


@pytest.fixture(scope="module")
def wary(world, url):
    """Serve the release from a server that answers a question and a page otherwise, as the answers that are pinned there tell it."""
    layout = Layout(world.path)

    async def pin(*others):
        async with Server(url) as server:
            pinned = before or await layout.read_pins(server)
            changed = {name: pinned[name]._replace(answer="another") for name in others}
            await server.put(layout.answers, layout.write_pins(pinned | changed))
            return pinned

    before = {}
    before = asyncio.run(pin("questions/findings", "pages/all-bases"))
    with start(world, engine=url) as site:
        yield site
    asyncio.run(pin())


def test_what_the_engine_answers_otherwise_is_refused_by_its_name_and_all_else_answered(wary):
    question = "/questions/findings?event=id/event/2011-06-handover"
    problem = wary.get(question + "&format=json").json()
    assert (503, "engine-differs") == (problem["status"], problem["type"].rpartition("/")[2])
    assert "questions/findings otherwise" in problem["detail"] and "127.0.0.1" not in str(problem)
    assert "questions/findings otherwise" in wary.words(question, 503)
    assert "pages/all-bases otherwise" in wary.words("/bases", 503)
    for address in ("/", "/doc/state/xar", "/questions/rival-figures?event=id/event/2012-03-16-port-ansel", "/sparql"):
        assert 200 == wary.browse(address).status_code


def test_only_a_server_with_a_store_checks_files(sites):
    refusal = sites[1].post("/check", content=b"<a:b> <a:c> 1 .", headers={"Content-Type": "text/turtle"})
    assert (503, True) == (refusal.status_code, "no store of its own" in refusal.json()["detail"])


def test_hints_are_looked_up_in_an_oxigraph_server(oxigraph, world):
    assert engines.HINTS == engines.find_hints(oxigraph, world)


@pytest.mark.parametrize("format", ["ttl", "nt", "rdf", "jsonld"])
def test_a_graph_comes_in_every_format_and_as_the_store_gives_it(oxigraph, world, format):
    query = Query("CONSTRUCT { ?this ?p ?o } WHERE { ?this ?p ?o }", format, {"this": Iri(terms.ID + "state/xar")})
    with Store.open(world.store_path) as store:
        expected = store.answer(query)
    assert expected.body == asyncio.run(oxigraph.answer(query)).body
    assert expected.rows > 5

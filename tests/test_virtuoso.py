"""The frozen graph published to Virtuoso 7, and where its answers differ from ours.

virtuoso.toml lists the named questions that it answers wrongly, and the queries that it answers otherwise than SPARQL 1.1 says or
not at all, each with the reason. An entry that Virtuoso answers rightly fails, and has to go, but for those that are unsteady.
"""

import asyncio
import json
import signal
import subprocess
import sys
import tomllib

import pytest

from kg import terms
from kg.answer.engine import Capacity
from kg.config import PROJECT, Settings
from kg.errors import EngineDiffers, EngineFailed
from kg.remote.server import Server
from kg.remote.upload import upload
from kg.sparql.question import load_questions
from kg.store import Query, Store
from tests import engines, frozen, loaded
from tests.comparing import cases, compare

PREFIXES = """PREFIX ans: <https://w3id.org/answerable/ontology#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
LISTED = tomllib.loads((PROJECT / "tests/virtuoso.toml").read_text(encoding="utf-8"))
ALIKE, WRONG, UNSTEADY = LISTED["alike"], LISTED["wrong"], {*LISTED["unsteady"]}
# One case of each question for each set of parameters that is given: it reads each query anew, which takes it longest.
CASES = {(one.values[0], *sorted(one.values[1].get("parameters", {}))): one for one in reversed(cases(frozen.ANSWERS))}


@pytest.fixture(scope="module")
def url(world, tmp_path_factory):
    """Publish the release to a Virtuoso; its address."""
    with engines.virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        asyncio.run(upload(Server(url), world))
        yield url


@pytest.fixture(scope="module")
def virtuoso(url, world):
    with engines.asked(url, world) as asked:
        yield asked


def rows(engine, text):
    """Ask an engine or a store; the rows in no order, or the truth."""
    query = Query(f"BASE <https://w3id.org/answerable/> {PREFIXES} {text}")
    answer = json.loads((engine.answer(query) if isinstance(engine, Store) else asyncio.run(engine.answer(query))).body)
    if "boolean" in answer:
        return answer["boolean"]
    return sorted(json.dumps(row, sort_keys=True) for row in answer["results"]["bindings"])


@pytest.mark.parametrize(("name", "case"), [one for key, one in CASES.items() if f"questions/{key[0]}" not in UNSTEADY])
def test_a_question_answers_as_pinned_unless_it_is_listed(virtuoso, name, case):
    try:
        difference = compare(virtuoso, name, case, known=None)
    except EngineFailed as error:
        difference = str(error)
    assert bool(difference) is (name in WRONG), difference or WRONG[name]


@pytest.mark.parametrize(("text", "reason"), LISTED["otherwise"].items())
def test_a_query_that_is_listed_is_answered_otherwise(virtuoso, world, text, reason):
    with Store.open(world.store_path) as store:
        expected = rows(store, text)
    assert expected != rows(virtuoso, text), reason


@pytest.mark.parametrize(("text", "reason"), LISTED["refused"].items())
def test_a_query_that_is_listed_is_refused(virtuoso, text, reason):
    with pytest.raises(EngineFailed, match="refused the request"):
        rows(virtuoso, text)


@pytest.mark.parametrize("text", ALIKE)
def test_other_queries_are_answered_alike(virtuoso, world, text):
    with Store.open(world.store_path) as store:
        assert rows(store, text) == rows(virtuoso, text)


def test_hints_are_looked_up_there(virtuoso, world):
    assert engines.HINTS == engines.find_hints(virtuoso, world)


def test_an_upload_that_is_killed_half_way_leaves_the_release_before_and_can_be_completed(virtuoso, url, tmp_path):

    def fill(store):
        for number in range(20):
            lines = [f"<http://example.org/{number}> <http://example.org/p> {value} ." for value in range(200)]
            graph = f"{terms.GRAPH}data/{number}.ttl"
            store.load("\n".join(lines).encode(), format="ttl", graph=graph, source=graph)

    new = loaded.build(Settings.load({}, root=tmp_path), fill)
    before = [rows(virtuoso, text) for text in ALIKE]
    assert 1 < len(before[1])
    relay = engines.Relay(url, 80_000)
    command = [sys.executable, "-m", "kg", "publish", "--out", str(new.path.parent), "--to"]
    process = subprocess.Popen([*command, relay.url], cwd=PROJECT, stderr=subprocess.DEVNULL)
    assert relay.stalled.wait(60)
    process.kill()
    assert -signal.SIGKILL == process.wait(10)
    with pytest.raises(EngineFailed, match="does not hold the release"):
        engines.asked(url, new).__enter__()
    assert before == [rows(virtuoso, text) for text in ALIKE]
    subprocess.run([*command, url], cwd=PROJECT, check=True, stderr=subprocess.DEVNULL, timeout=60)
    with engines.asked(url, new) as asked:
        assert 4000 == len(rows(asked, "SELECT ?s ?o { ?s ?p ?o }"))
    assert before == [rows(virtuoso, text) for text in ALIKE]


@pytest.mark.parametrize("login", ["", "dba:wrong@"])
def test_who_may_not_write_is_not_let_in(url, login):
    server = Server(url.replace("dba:dba@", login).replace("/sparql", "/sparql-auth"))
    with pytest.raises(EngineFailed, match="does not let us in"):
        asyncio.run(server.put("http://example.org/theirs", b"<e:a> <e:b> <e:c> ."))


# The last: Virtuoso goes on with what nobody waits for any more.
def test_a_server_refuses_the_questions_and_pages_that_are_listed_and_no_others(url, world):
    with engines.asked(url, world, Capacity(deadline=15.0)) as virtuoso:
        virtuoso.run(virtuoso.engine.compare(load_questions(world.questions_path), PROJECT))
        refused = set(virtuoso.engine._differing.values())
        wrong = {f"questions/{name}" for name in WRONG} | {f"pages/{name}" for name in LISTED["pages"]}
        assert wrong == refused - UNSTEADY
        for name in WRONG:
            question = load_questions(world.questions_path)[name]
            with pytest.raises(EngineDiffers, match=f"questions/{name} otherwise"):
                asyncio.run(virtuoso.answer(Query(question.text)))

"""A release put into a server: it holds that very release or is not asked, and the one before outlives a build that fails."""

import asyncio
import json

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg import release as releases
from kg import terms
from kg.build import pipeline
from kg.config import Settings
from kg.errors import BuildError, EngineFailed, ReleaseCorrupt, ValidationFailed
from kg.remote.pool import RemotePool
from kg.remote.server import Engine
from kg.remote.upload import Depot, Holding
from kg.store import Query, Store
from tests import engines

EVENTS = "SELECT ?x { ?x a <https://w3id.org/answerable/ontology#Event> } ORDER BY ?x"


@pytest.fixture(scope="module")
def url():
    """Run one Oxigraph server for all of these; each builds something else into it."""
    with engines.oxigraph() as url:
        yield url


def build(project, url, **options):
    """Build a project into a server."""
    return pipeline.build(project.settings, engine=Depot(Engine(url)), **options)


def content(release):
    """Give the N-Quads of a release."""
    with Store.open(release.store_path) as store:
        return dict(store.dump_all(canonical=True))["nq"]


def events(engine, release):
    """List the events that a server answers with for a release."""
    with RemotePool(engine, release.path) as pool:
        return asyncio.run(pool.answer(Query(EVENTS, "csv"))).body.decode().split()[1:]


def graphs(engine):
    """List all graphs a server holds."""
    body = engine.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", seconds=10)
    return {row["g"]["value"] for row in json.loads(body)["results"]["bindings"]}


def test_a_release_built_in_a_server_is_the_one_built_without(project, url, tmp_path):
    here = pipeline.build(project.settings, out=tmp_path / "here")
    there = build(project, url)
    assert content(here) == content(there)
    assert terms.INFERRED in there.manifest["triples"]["graphs"]
    assert "oxigraph" in there.manifest["engine"].lower() and here.manifest["engine"] is None
    assert here.id != there.id
    assert [] == releases.verify(there)


def test_a_build_of_the_same_inputs_uses_the_release_only_while_the_server_holds_it(project, url):
    first = build(project, url)
    assert first.id == build(project, url).id
    Engine(url).update(f"CLEAR GRAPH <{terms.HELD}>", seconds=10)
    assert first.id != build(project, url).id


def test_a_build_that_fails_leaves_the_release_before_answering(project, url):
    before = build(project, url)
    engine = Engine(url)
    kept = graphs(engine)
    project.replace("data/events/strike.ttl", '    ans:date "2011-12"^^xsd:gYearMonth ;\n', "")
    with pytest.raises(ValidationFailed):
        build(project, url)
    assert kept == graphs(engine)
    assert 2 == len(events(engine, before))


def test_what_a_killed_build_left_is_removed_by_the_next(project, url):
    engine = Engine(url)
    staging = Depot(engine).stage("20240101-00000000")
    staging.load(
        b"<http://example.org/a> <http://example.org/p> [] .", format="ttl", graph="http://example.org/g", source="g"
    )
    staging.copy_named_into_default()
    assert any("20240101-00000000" in graph for graph in graphs(engine))
    build(project, url)
    assert not any("20240101-00000000" in graph for graph in graphs(engine))


def test_the_release_before_answers_on_except_about_named_graphs(project, url):
    before = build(project, url)
    engine = Engine(url)
    with RemotePool(engine, before.path) as pool:
        project.replace("data/events/strike.ttl", '"Strike"@en', '"The strike"@en')
        after = build(project, url)
        assert 2 == asyncio.run(pool.answer(Query(EVENTS, "csv"))).rows
        with pytest.raises(EngineFailed, match="does not hold the release"):
            asyncio.run(pool.answer(Query("SELECT ?g { GRAPH ?g { ?s ?p ?o } }", "csv")))
    with RemotePool(engine, after.path) as pool:
        assert 0 < asyncio.run(pool.answer(Query("SELECT ?g { GRAPH ?g { ?s ?p ?o } }", "csv"))).rows
    with pytest.raises(EngineFailed, match="does not hold the release"):
        RemotePool(engine, before.path)


def test_a_graph_that_is_gone_from_the_data_is_gone_from_the_server(project, url):
    project.write(
        "data/events/more.ttl",
        '<id/event/more> a ans:Event ; skos:prefLabel "More"@en ; ans:date "2012"^^xsd:gYear ; ans:isReportedIn <id/passage/report-1> .\n',
    )
    build(project, url)
    gone = terms.graph_of("data/events/more.ttl")
    assert gone in graphs(Engine(url))
    (project.root / "data/events/more.ttl").unlink()
    build(project, url)
    assert gone not in graphs(Engine(url))


def test_what_others_keep_in_the_server_is_neither_seen_nor_touched(project, url):
    engine = Engine(url)
    engine.update("INSERT DATA { GRAPH <http://example.org/theirs> { <e:a> <e:b> <e:c> } }", seconds=10)
    release = build(project, url)
    with RemotePool(engine, release.path) as pool:
        assert 0 == asyncio.run(pool.answer(Query("SELECT ?s { ?s <e:b> ?o }", "csv"))).rows
        assert 0 == asyncio.run(pool.answer(Query("SELECT ?s { GRAPH ?g { ?s <e:b> ?o } }", "csv"))).rows
        assert (
            0
            == asyncio.run(
                pool.answer(Query("SELECT ?s { ?s ?p ?o }", "csv", default_graphs=("http://example.org/theirs",)))
            ).rows
        )
    assert 1 == engine.count("http://example.org/theirs", seconds=10)


def test_a_server_that_drops_a_triple_fails_the_build(project, url):
    class Forgetful(Engine):
        def add(self, graph, triples, **options):
            return super().add(graph, b"".join(triples.splitlines(keepends=True)[1:]), **options)

    with pytest.raises(BuildError, match="engine holds"):
        pipeline.build(project.settings, engine=Depot(Forgetful(url)), force=True)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE { ?x ?p ?o } INSERT { ?x ?p <https://w3id.org/answerable/id/event/other> } WHERE { ?x ?p ?o }",
        "DELETE { ?x ?p ?o } WHERE { ?x ?p ?o }",
        "INSERT DATA { <https://w3id.org/answerable/id/event/other> <http://example.org/p> 1 }",
    ],
)
def test_a_server_that_derives_otherwise_fails_the_build(project, url, change):
    class Wayward(Engine):
        def triples(self, text, **options):
            # Once the rules have come to rest, in the staged graph of what the link rules derived.
            if "/staged/1" in text:
                graph = text.split("FROM <")[1].split(">")[0]
                changed = (
                    f"WITH <{graph}> {change}"
                    if "DATA" not in change
                    else change.replace("DATA {", f"DATA {{ GRAPH <{graph}> {{") + " }"
                )
                self.update(changed, seconds=10)
            return super().triples(text, **options)

    with pytest.raises(BuildError, match="The engine derived"):
        pipeline.build(project.settings, engine=Depot(Wayward(url)), force=True)


def test_blank_nodes_stay_one_in_the_merge_and_in_their_graph(project, url):
    project.write(
        "shapes/more.ttl",
        '<shapes#More> a sh:NodeShape ; sh:targetClass ans:Trial ; sh:property [ sh:path ans:date ; sh:minCount 1 ; sh:message "Date it." ] .\n',
    )
    release = build(project, url)
    query = "SELECT ?b { ?s <http://www.w3.org/ns/shacl#property> ?b GRAPH ?g { ?b <http://www.w3.org/ns/shacl#minCount> ?n } }"
    with Store.open(release.store_path) as store, RemotePool(Engine(url), release.path) as pool:
        assert 0 < store.answer(Query(query)).rows == asyncio.run(pool.answer(Query(query))).rows


def test_a_server_without_the_graph_store_protocol_is_filled_by_updates(project, url):
    class Plain(Engine):
        def add(self, graph, triples, **options):
            return False

    release = pipeline.build(project.settings, engine=Depot(Plain(url)), force=True)
    assert 2 == len(events(Engine(url), release))


def test_an_answer_over_http_names_the_release_it_is_of(project, url):
    release = build(project, url)
    settings = Settings.load({}, root=project.root, engine=url)
    with TestClient(create_app(settings)) as client:
        answer = client.get("/sparql", params={"query": EVENTS}, headers={"Accept": "text/csv"})
        assert (200, release.id, 3) == (answer.status_code, answer.headers["x-release"], len(answer.text.split()))
        asked = client.get("/questions/events.json", params={"whole": "id/event/strike"})
        assert (200, 1) == (asked.status_code, len(asked.json()["rows"]))
        assert 'answerable_workers{pool="questions",state="idle"} 2.0' in client.get("/metrics").text


def test_a_release_that_the_server_does_not_hold_is_not_served(project, url):
    pipeline.build(project.settings)
    process = project.start("serve", "--port", "0", "--engine", url)
    assert "does not hold the release" in process.communicate(timeout=60)[1]
    assert 0 != process.returncode


def test_a_build_from_the_command_line_goes_to_the_server_it_names(project, url):
    process = project.start("build", "--engine", url)
    assert (0, "") == (process.wait(60), process.stdout.read())
    assert 2 == len(events(Engine(url + "/query"), releases.current(project.out)))


def test_a_build_for_a_server_that_is_not_there_says_so_in_one_line(project):
    process = project.start("build", "--engine", f"http://127.0.0.1:{engines.free_port()}")
    _, said = process.communicate(timeout=60)
    assert (1, True) == (process.returncode, "connection refused" in said.splitlines()[-1])
    assert "Traceback" not in said


def test_a_folder_without_a_manifest_is_no_release(tmp_path):
    with pytest.raises(ReleaseCorrupt):
        Holding.read(tmp_path)

"""The shipped data in other engines: their rules derive the same triples, and the questions answer as pinned.

One Oxigraph server and one Virtuoso serve the whole file. The first runs the rules over everything; the second, which takes
much longer for them, over a part, and is given the finished release for the questions.
"""

import gzip

import pytest

from kg import corpus, link, reason, rules, terms, validate
from kg.config import PROJECT
from kg.corpus import Places
from kg.errors import BadParameter
from kg.holding import Depot
from kg.remote import Engine
from kg.remotepool import RemotePool
from kg.store import Iri, Store
from tests import engines
from tests.comparing import CASES, QUESTIONS, ask, compare, differ, example, table

PATIENCE = 60.0  # seconds for a question, on a machine that does other things as well


@pytest.fixture(scope="module")
def sources():
    """List the shipped sources."""
    return corpus.sources(PROJECT)


@pytest.fixture(scope="module")
def closure(sources):
    """Close the ontology once."""
    return reason.close_ontology(sources)


def derive(store, sources, closure):
    """Load and link as a build does, without the shapes, which no engine sees."""
    assert [] == corpus.load(store, sources)
    store.load(closure, format="nt", graph=reason.ONTOLOGY_CLOSURE, source="closure")
    store.copy_named_into_default()
    owl, links = (rules.load(PROJECT / "queries/rules" / kind) for kind in ("owl", "links"))
    link.link(store, links, lambda: reason.reason(store, owl))


@pytest.fixture(scope="module")
def oxigraph(release, sources, closure):
    """Let an Oxigraph server derive the shipped release and hold it; a pool that asks it."""
    with engines.oxigraph() as url:
        engine = Engine(url)
        with Depot(engine).stage(release.id) as staging:
            derive(staging, sources, closure)
            found = validate.check(staging, PROJECT / "queries/checks", Places(sources))
            assert [] == [result for result in found if result.severity == validate.VIOLATION]
            staging.settle()
            body = dict(staging.dump_all(canonical=True))["nq"]
            staging.finish(release.path)
        with RemotePool(engine, release.path, deadline=PATIENCE) as pool:
            yield pool, body


@pytest.fixture(scope="module")
def virtuoso(release, tmp_path_factory):
    """Give a Virtuoso the shipped release; its engine and a pool that asks it."""
    with engines.virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        engine = Engine(url)
        with Depot(engine).stage(release.id) as staging:
            with gzip.open(release.dumps["answerable.nq.gz"]) as dump:
                staging.load(dump.read(), format="nq", graph=None, source="the dump")
            staging.copy_named_into_default()
            staging.settle()
            staging.finish(release.path)
        with RemotePool(engine, release.path, deadline=PATIENCE) as pool:
            yield pool, engine


def test_an_oxigraph_server_derives_the_same_release(release, oxigraph):
    with gzip.open(release.dumps["answerable.nq.gz"]) as dump:
        assert dump.read() == oxigraph[1]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_pinned_from_an_oxigraph_server(oxigraph, name, case):
    assert "" == compare(oxigraph[0], name, case)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_pinned_from_virtuoso(virtuoso, name, case):
    assert "" == compare(virtuoso[0], name, case)


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_an_answer_comes_with_its_citations_and_an_unknown_thing_is_refused(request, release, engine):
    pool = request.getfixturevalue(engine)[0]
    with Store.open(release.store_path) as store:
        expected = ask(store, "findings", example("findings"))
    answered = ask(pool, "findings", example("findings"))
    assert (expected.labels, expected.citations) == (answered.labels, answered.citations)
    assert "" == differ(table(expected.rows, QUESTIONS["findings"]), table(answered.rows, QUESTIONS["findings"]))
    with pytest.raises(BadParameter, match="id/event/2011-12-16-zhanaozen"):
        ask(pool, "findings", {"event": "id/event/2011-12-16-zhanaosen"})


def test_virtuoso_derives_what_the_embedded_engine_derives(virtuoso, sources, closure):
    # Without the shapes, and with few States, whose names and treaties are most of the data.
    kept = ("chn.ttl", "kaz.ttl", "uzb.ttl", "opcat.ttl")
    many = ("data/states/", "data/participation/")
    few = [s for s in sources if s.kind != "shapes" and (not s.name.startswith(many) or s.name.endswith(kept))]
    with Store.memory() as store, Depot(virtuoso[1]).stage("few") as staging:
        derive(store, few, closure)
        derive(staging, few, closure)
        staging.settle()
        assert store.count(terms.LINKS) > 3000
        assert dict(store.dump_all(canonical=True))["nq"] == dict(staging.dump_all(canonical=True))["nq"]
        staging.discard()


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_the_default_graph_is_the_merge_with_each_triple_once(request, release, engine):
    pool = request.getfixturevalue(engine)[0]
    answer = pool.answer("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "csv")
    assert release.manifest["triples"]["total"] == int(answer.body.split()[1])


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_only_the_graphs_of_the_release_are_seen(request, release, engine):
    pool = request.getfixturevalue(engine)[0]
    answer = pool.answer("SELECT DISTINCT ?g { GRAPH ?g { ?s a ?o } }", "csv")
    assert set() < set(answer.body.decode().split()[1:]) <= set(release.manifest["triples"]["graphs"])


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_a_graph_comes_in_every_format_and_as_the_store_gives_it(request, release, engine):
    pool = request.getfixturevalue(engine)[0]
    text = "CONSTRUCT { ?this ?p ?o } WHERE { ?this ?p ?o }"
    bindings = {"this": Iri(terms.ID + "state/kaz")}
    with Store.open(release.store_path) as store:
        for format in ("ttl", "nt", "rdf", "jsonld"):
            expected = store.answer(text, format, bindings=bindings)
            assert expected.body == pool.answer(text, format, bindings=bindings).body
            assert expected.rows > 5

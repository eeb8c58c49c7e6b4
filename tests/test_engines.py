"""The shipped data in other engines: their rules derive the same triples, and the questions answer as pinned.

One Oxigraph server and one Virtuoso serve the whole file. The questions are asked of what each derived itself: Virtuoso plans
its queries by what it saw come in, and was seen to answer otherwise from the same triples loaded ready-made.
"""

import asyncio
import contextlib
import io

import pytest

from kg import terms
from kg.answer.engine import Capacity
from kg.build import corpus, link, reason, rules, validate
from kg.build.corpus import Places
from kg.config import PROJECT
from kg.errors import BadParameter
from kg.remote.pool import RemotePool
from kg.remote.server import Engine
from kg.remote.upload import Depot
from kg.store import Query, Store
from kg.terms import Iri
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


@contextlib.contextmanager
def holding(url, release, sources, closure):
    """Let a server derive the shipped release and hold it, as a build does but for the shapes; a pool that asks it."""
    engine = Engine(url)
    with Depot(engine).stage(release.id) as staging, Store.open(release.store_path) as built:
        assert [] == corpus.load(staging, sources)
        staging.load(closure, format="nt", graph=reason.ONTOLOGY_CLOSURE, source="closure")
        staging.copy_named_into_default()
        owl, links = (rules.load(PROJECT / "queries/rules" / kind) for kind in ("owl", "links"))
        link.link(staging, links, lambda: reason.reason(staging, owl))
        found = validate.check(staging, PROJECT / "queries/checks", Places(sources))
        assert [] == [result for result in found if result.severity == validate.VIOLATION]

        def derive(here):  # what the embedded engine derived is in the release
            for graph in (terms.INFERRED, terms.LINKS):
                lines = io.BytesIO()
                built.dump(lines, format="nt", graph=graph)
                here.load(lines.getvalue(), format="nt", graph=graph, source=graph)

        staging.settle(derive)  # raises BuildError where the server derived anything else
        staging.finish(release.path)
    with RemotePool(engine, release.path, Capacity(deadline=PATIENCE)) as pool:
        yield pool


@pytest.fixture(scope="module")
def oxigraph(release, sources, closure):
    """Ask an Oxigraph server."""
    with engines.oxigraph() as url, holding(url, release, sources, closure) as pool:
        yield pool


@pytest.fixture(scope="module")
def virtuoso(release, sources, closure, tmp_path_factory):
    """Ask a Virtuoso."""
    with engines.virtuoso(tmp_path_factory.mktemp("virtuoso")) as url, holding(url, release, sources, closure) as pool:
        yield pool


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_pinned_from_an_oxigraph_server(oxigraph, name, case):
    assert "" == compare(oxigraph, name, case)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_pinned_from_virtuoso(virtuoso, name, case):
    assert "" == compare(virtuoso, name, case)


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_an_answer_comes_with_its_citations_and_an_unknown_thing_is_refused(request, release, engine):
    pool = request.getfixturevalue(engine)
    with Store.open(release.store_path) as store:
        expected = ask(store, "findings", example("findings"))
    answered = ask(pool, "findings", example("findings"))
    assert (expected.labels, expected.citations) == (answered.labels, answered.citations)
    assert "" == differ(table(expected.rows, QUESTIONS["findings"]), table(answered.rows, QUESTIONS["findings"]))
    with pytest.raises(BadParameter, match="id/event/2011-12-16-zhanaozen"):
        ask(pool, "findings", {"event": "id/event/2011-12-16-zhanaosen"})


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_the_default_graph_is_the_merge_with_each_triple_once(request, release, engine):
    pool = request.getfixturevalue(engine)
    answer = asyncio.run(pool.answer(Query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "csv")))
    assert release.manifest["triples"]["total"] == int(answer.body.split()[1])


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_only_the_graphs_of_the_release_are_seen(request, release, engine):
    pool = request.getfixturevalue(engine)
    answer = asyncio.run(pool.answer(Query("SELECT DISTINCT ?g { GRAPH ?g { ?s a ?o } }", "csv")))
    assert set() < set(answer.body.decode().split()[1:]) <= set(release.manifest["triples"]["graphs"])


@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_a_graph_comes_in_every_format_and_as_the_store_gives_it(request, release, engine):
    pool = request.getfixturevalue(engine)
    text = "CONSTRUCT { ?this ?p ?o } WHERE { ?this ?p ?o }"
    bindings = {"this": Iri(terms.ID + "state/kaz")}
    with Store.open(release.store_path) as store:
        for format in ("ttl", "nt", "rdf", "jsonld"):
            expected = store.answer(Query(text, format, bindings=bindings))
            assert expected.body == asyncio.run(pool.answer(Query(text, format, bindings=bindings))).body
            assert expected.rows > 5

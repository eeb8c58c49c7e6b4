"""Releases: made aside, verified, switched at once; whatever goes wrong, the release before stays."""

import hashlib
import os
import random
import signal
import time
from dataclasses import replace

import pytest
from rdflib import URIRef

from kg import release as releases
from kg import terms
from kg.build import checking, pipeline
from kg.errors import BuildError, QuerySyntaxError, ReleaseCorrupt, UnknownName, ValidationFailed
from kg.store import Store

EVENTS = "data/events/strike.ttl"


def term(name):
    """Return the IRI of a prefixed name."""
    prefix, _, local = name.partition(":")
    return URIRef((terms.PREFIXES | {"spdx": "http://spdx.org/rdf/terms#"})[prefix] + local)


def build(project, **options):
    """Build a project."""
    return pipeline.build(project.settings, **options)


def leftovers(out):
    """List what a build should not leave behind."""
    return sorted(path.name for path in out.iterdir() if path.name.startswith((".tmp", ".current")))


def ask(release, pattern):
    """Ask a release whether a pattern holds."""
    with Store.open(release.store_path) as store:
        return store.ask(f"PREFIX ans: <{terms.VOCABULARY}> PREFIX id: <{terms.ID}> ASK {{ {pattern} }}")


@pytest.fixture
def built(project):
    """Take the small project with its release."""
    return project.build()


def test_a_build_makes_a_whole_release_and_switches_to_it(project, built):
    assert built == releases.current(project.out)
    assert [] == releases.verify(built)
    assert [] == leftovers(project.out)
    assert {"answerable.nq.gz", "answerable.ttl.gz", "answerable.jsonld.gz", "answerable.nt.zst"} == built.dumps.keys()
    assert ["events.rq"] == [path.name for path in built.questions_path.iterdir()]


def test_a_release_is_named_after_its_day_and_its_inputs(built):
    assert f"{time.strftime('%Y%m%d', time.gmtime())}-{built.manifest['digest'][:8]}" == built.id


def test_a_release_holds_what_is_stated_inferred_and_linked(built):
    assert ask(built, "<https://w3id.org/answerable/id/event/trial> a ans:Trial , ans:Event")
    assert ask(built, "GRAPH <https://w3id.org/answerable/graph/inferred> { ?trial a ans:Event }")
    assert ask(
        built,
        "GRAPH <https://w3id.org/answerable/graph/links> { ?trial ans:leadsTo ?strike } ?trial ans:leadsTo ?strike",
    )


def test_the_default_graph_holds_each_triple_of_the_named_graphs_once(built):
    with Store.open(built.store_path) as store:
        (((named,),), ((default,),)) = (
            list(store.select("SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } } }")),
            list(store.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")),
        )
    assert named == default
    assert built.manifest["triples"]["total"] == int(default.value)


def test_the_manifest_names_every_input_and_output_with_its_hash(project, built):
    inputs, outputs = built.manifest["inputs"], built.manifest["outputs"]
    for name in (
        EVENTS,
        "ontology/core.ttl",
        "shapes/core.ttl",
        "queries/rules/owl/types.rq",
        "queries/checks/undated.rq",
    ):
        assert hashlib.sha256((project.root / name).read_bytes()).hexdigest() == inputs[name]
    files = {path.relative_to(built.path).as_posix() for path in built.path.rglob("*") if path.is_file()}
    assert files - {"manifest.json", "manifest.sha256"} == outputs.keys()


def test_reading_a_release_changes_no_file_of_it(built):
    ask(built, "?s ?p ?o")
    assert [] == releases.verify(built)


def test_the_dumps_are_the_same_bytes_each_time(project, built):
    again = build(project, force=True)
    assert built.id + "-2" == again.id
    assert [path.read_bytes() for path in built.dumps.values()] == [path.read_bytes() for path in again.dumps.values()]


def test_nothing_is_built_when_nothing_changed(project, built):
    said = []
    assert built == build(project, progress=lambda step, text: said.append(text))
    assert f"Nothing has changed: {built.id} is the current release" == said[-1]
    assert [built] == releases.releases(project.out)


@pytest.mark.parametrize("name", ["catalogue.ttl", "manifest.sha256"])
def test_a_damaged_release_is_built_anew_although_nothing_changed(project, built, name):
    (built.path / name).unlink()
    assert built.id + "-2" == build(project).id


BROKEN = {
    "bad syntax": ('"Strike"@en ;', '"Strike@en ;'),
    "30 February": ("2012-02-29", "2012-02-30"),
    "a check's row": ('    ans:date "2012-02-29"^^xsd:date ;\n', ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_told_with_its_line_and_leaves_the_current_release(project, built, name):
    project.replace(EVENTS, *BROKEN[name])
    with pytest.raises(ValidationFailed) as caught:
        build(project)
    assert EVENTS == caught.value.where
    assert caught.value.line > 8
    assert built == releases.current(project.out)
    assert ([], [built]) == (leftovers(project.out), releases.releases(project.out))


@pytest.mark.parametrize("rule", ["CONSTRUCT {", "INSERT { GRAPH ?g { ?x a <urn:y> } } WHERE { GRAPH ?g { ?x a ?c } }"])
def test_a_rule_that_does_not_parse_or_changes_what_is_stated_leaves_the_current_release(project, built, rule):
    project.write("queries/rules/links/20-bad.rq", rule)
    with pytest.raises(QuerySyntaxError, match=r"20-bad\.rq:1"):
        build(project)
    assert (built, []) == (releases.current(project.out), leftovers(project.out))


def test_a_warning_is_kept_in_the_manifest(project):
    project.replace(EVENTS, 'skos:prefLabel "Strike"@en ;', "")
    (warning,) = build(project).manifest["warnings"]
    assert warning.startswith(f"{EVENTS}:{project.line(EVENTS, '<id/event/strike> a')}:1: warning: ")


def test_a_second_build_at_the_same_time_fails_cleanly(project, built):
    with pipeline._locked(project.out), pytest.raises(BuildError, match="Another build is at work here"):
        build(project)
    assert built == build(project)


def test_a_folder_that_cannot_be_made_is_named(project):
    project.write("releases", "a file")
    with pytest.raises(BuildError, match="releases: The folder of the releases cannot be made"):
        build(project)


@pytest.mark.slow
def test_killed_builds_leave_the_current_release_and_the_next_build_sweeps_up(project, built):
    started = time.monotonic()
    assert 0 == project.start("build", "--force").wait(60)
    whole = time.monotonic() - started
    last = releases.current(project.out)
    chance = random.Random(6)
    for _ in range(4):
        process = project.start("build", "--force")
        time.sleep(chance.uniform(0.1, 0.95) * whole)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        now = releases.current(project.out)
        assert [] == releases.verify(now)
        assert ask(now, "?trial a ans:Event")
    final = build(project, force=True)
    assert final == releases.current(project.out)
    assert final != last
    assert [] == leftovers(project.out)


def test_a_missing_file_and_a_strange_file_are_found(built):
    (built.path / "catalogue.ttl").rename(built.path / "other.ttl")
    assert ["catalogue.ttl is missing", "other.ttl is not in the manifest"] == releases.verify(built)


def test_a_manifest_that_cannot_be_read_is_an_error(built):
    data = b"{"
    (built.path / "manifest.json").write_bytes(data)
    (built.path / "manifest.sha256").write_text(f"{hashlib.sha256(data).hexdigest()}  manifest.json\n")
    with pytest.raises(ReleaseCorrupt, match=r"manifest\.json: The manifest cannot be read"):
        releases.verify(releases.Release(built.path))


def test_a_rollback_makes_an_earlier_release_current_again(project, built):
    project.replace(EVENTS, '"Strike"@en', '"Walk-out"@en')
    new = build(project)
    assert ([built, new], new) == (releases.releases(project.out), releases.current(project.out))
    assert built == releases.switch(project.out, built.id) == releases.current(project.out)
    assert new == build(project)  # the inputs are those of the newer one still
    assert 2 == len(releases.releases(project.out))


def test_a_build_says_which_release_became_the_current_one_while_it_was_at_work(project, built):
    other, said = build(project, force=True), []
    new = build(
        project,
        force=True,
        ready=lambda: releases.switch(project.out, built.id),
        progress=lambda step, text: said.append(text),
    )
    assert new == releases.current(project.out) != other
    assert said[-1].startswith(f"{new.id} is the current release, instead of {built.id}")
    assert f"kg rollback {built.id}" in said[-1]
    build(project, force=True, progress=lambda step, text: said.append(text))
    assert "instead of" not in said[-1]


def test_releases_are_deleted_when_they_were_last_the_current_one_too_long_ago(project, built):
    keep, said = replace(project.settings, keep_days=30), []

    def age(days, *aged):
        moment = time.time() - days * releases.DAY
        for release in aged:
            os.utime(release.path, (moment, moment))

    second, third = build(project, force=True), build(project, force=True)
    releases.mark_removed(second, "2026-01-01", "protection of persons")
    releases.finish_removals(project.out)
    age(29, built, second, third)
    pipeline.build(keep)
    assert [built, third] == releases.releases(project.out)
    age(31, built, second, third)
    # The oldest was the current one for long, and until a moment ago.
    releases.switch(project.out, built.id)
    age(31, built, third)
    new = pipeline.build(keep, force=True, progress=lambda step, text: said.append(text))
    assert [built, new] == releases.releases(project.out) and second.is_removed
    assert said[-1] == f"{new.id} is the current release; deleted, being older than 30 days: {third.id}"
    assert [] == leftovers(project.out)
    assert [] == releases.prune(project.out, 0)


def test_a_damaged_release_cannot_be_switched_to(project, built):
    new = build(project, force=True)
    (built.path / "catalogue.ttl").write_text("")
    with pytest.raises(ReleaseCorrupt, match=r"catalogue\.ttl differs"):
        releases.switch(project.out, built.id)
    assert new == releases.current(project.out)


@pytest.mark.parametrize("name", ["20200101-00000000", "../x", "current", ""])
def test_an_unknown_release_is_answered_with_those_there_are(project, built, name):
    with pytest.raises(UnknownName, match=f"There are: {built.id}"):
        releases.switch(project.out, name)


def test_check_reports_what_a_build_would_of_everything_or_of_a_path(project):
    project.replace(EVENTS, "2012-02-29", "2012-02-30")
    other = project.write("data/events/other.ttl", "<id/event/other> a ans:Event ; ans:date '2011'^^xsd:gYear .\n")
    assert {EVENTS, "data/events/other.ttl"} == {r.where for r in checking.check(project.settings).results}
    assert {"data/events/other.ttl"} == {r.where for r in checking.check(project.settings, paths=[other]).results}
    assert not project.out.exists()


def test_check_lays_a_file_from_elsewhere_over_the_data(project, tmp_path_factory):
    path = tmp_path_factory.mktemp("elsewhere") / "new.ttl"
    path.write_text("<urn:x:a> <urn:x:p> .\n")
    (result,) = checking.check(project.settings, paths=[path]).results
    assert ("data/new.ttl", 1) == (result.where, result.line)


def test_the_shipped_tree_builds_without_a_mistake(release):
    assert [] == releases.verify(release)
    assert {terms.INFERRED, terms.LINKS} < release.manifest["triples"]["graphs"].keys()

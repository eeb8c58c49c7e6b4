"""A withdrawal withdraws: fifty names in ten kinds of field and a person, found nowhere afterwards, while a server runs over it."""

import io
import itertools
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import httpx
import pytest

from kg import __main__ as command
from kg import names, quotations, release, terms
from kg.build import pipeline
from kg.config import Settings
from kg.errors import ValidationFailed
from kg.names import sounds
from kg.quotations import Quotation
from kg.search import index as search_index
from kg.store import GRAPH_MEDIA_TYPES, ROW_MEDIA_TYPES, Store
from kg.withdrawal import procedure, removal, sources
from kg.withdrawal.removal import Removal
from tests import frozen, loaded, planted
from tests.api.serving import load, serve, wait_until

pytestmark = pytest.mark.usefixtures("unchanged_once")
PAUSE = "4"  # seconds in which the server of the test follows
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
ROWS = "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }"
TYPES = {GRAPH: GRAPH_MEDIA_TYPES.values(), ROWS: ROW_MEDIA_TYPES.values()}
PEOPLE = {*planted.NAMES, "Jan Morrow"}
PREFIXES = f"PREFIX x: <{terms.ID}person/>\nPREFIX ans: <{terms.VOCABULARY}>\nBASE <{terms.BASE}>\n\n"
GONE = Removal(frozenset({terms.ID + "person/gone"}), frozenset())
SAFE = re.compile(r"/(?:queries|\.lock)")


@pytest.fixture(scope="module")
def before(once):
    """Build the planted project once; the folder with it and its further data, to be copied and not to be changed."""
    return once("planted", planted.build)


@pytest.fixture
def copied(before, tmp_path):
    """Copy the planted project with its release; (its root, its further data, its release)."""
    shutil.copytree(before, tmp_path / "copy", symlinks=True)
    root = tmp_path / "copy/project"
    return root, tmp_path / "copy/further", release.current(root / "releases")


def withdraw(root, *arguments, names=()):
    """Run `kg withdraw`, the names on its standard input."""
    given = ["withdraw", *(["--name", "-"] if names else []), *map(str, arguments)]
    said = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said[0]), redirect_stderr(said[1]):
        patch.setenv("ANSWERABLE_ROOT", str(root))
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(names).encode())))
        code = command.main(given)
    return subprocess.CompletedProcess(given, code, *(one.getvalue() for one in said))


def everything(root, further):
    """List the files and folders of the sources and the releases that print names; what is linked into the project is shared."""
    found = {}
    for path in [*root.rglob("*"), *further.rglob("*")]:
        told = str(path.relative_to(root.parent))
        if not (path.is_symlink() or SAFE.search(told)):
            found[told] = planted.printed(path.read_bytes() if path.is_file() else b"") + planted.printed(told.encode())
    return {told: printing for told, printing in found.items() if printing}


def indexed(one):
    """List the names whose second word stands in the index of a release, as the search folds it, or somewhere in its file."""
    with sqlite3.connect(one.path / search_index.FILE) as file:
        words = {row[0] for row in file.execute("SELECT word FROM vocabulary")}
        words |= {row[0].strip("^$") for row in file.execute("SELECT word FROM spelling")}
        words |= {word for (folded,) in file.execute("SELECT folded FROM name") for word in folded.split()}
    held = (one.path / search_index.FILE).read_bytes()
    folded = {name: sounds(name.split()[1]) for name in PEOPLE}
    return [name for name, word in folded.items() if word in words or word.encode() in held]


def answers(client):
    """Ask a server everything that may print a name; yield (what was asked, status, body)."""
    for query, media_type in ((text, media_type) for text in TYPES for media_type in TYPES[text]):
        got = client.get("/sparql", params={"query": query}, headers={"Accept": media_type})
        yield f"{query} as {media_type}", got.status_code, got.content
    paths = [f"/dumps/answerable.{suffix}" for suffix in ("nq.gz", "ttl.gz", "jsonld.gz", "nt.zst")]
    organisations = [f"/doc/organisation/planted-{n}" for n in (0, 5, 10, 45, 49)]
    paths += [path + suffix for path in organisations for suffix in (".html", ".ttl", ".json", ".jsonld")]
    things = ("passage/rights-watch-2012-para-10", "document/planted-30", "document/planted-35")
    things += ("figure/planted-40", "statement/planted-15", "event/2012-06-trial")
    paths += [f"/doc/{thing}.html" for thing in things]
    paths += [f"/questions/proceedings.{form}?state=id/state/xar" for form in ("html", "csv")]
    paths += ["/changes.atom", "/changes.json", "/dataset.ttl", "/editor.json", "/graph", "/", "/dataset"]
    for path in paths:
        got = client.get(path, headers={"Accept": "text/html"} if path in ("/graph", "/", "/dataset") else {})
        yield path, got.status_code, got.content
    for one in PEOPLE:
        got = client.get("/search", params={"q": one.split()[1], "format": "json"})
        yield f"search for {one}", got.status_code, json.dumps(got.json().get("results", [])).encode()


def stream(client):
    """Follow the stream of versions; yield each page, its status and body."""
    waiting = ["/changes/ldes"]
    while waiting:
        page = waiting.pop()
        got = client.get(page, headers={"Accept": "application/n-triples"})
        yield page, got.status_code, got.content
        waiting += sorted(set(re.findall(r"<https://w3id\.org/tree#node> <([^>]*)>", got.text)))


@pytest.mark.slow  # a server with two releases is asked everything, before and after
def test_fifty_planted_names_and_a_person_are_withdrawn_and_found_nowhere(copied):
    root, further, old = copied
    out, arguments = root / "releases", ["--data", further, planted.PERSON, "--redact", "--pause", PAUSE]
    settings = {"access_log": "yes", "access_log_addresses": "yes", "deadline": 60}
    cited = f"{terms.ID}passage/rights-watch-2012-para-"
    texts = {cited + "1": Quotation(f"A word of {planted.NAMES[0]}.", "aa"), cited + "2": Quotation("Of nobody.", "bb")}
    quotations.keep(out, f"{terms.ID}document/rights-watch-2012", texts)
    with serve(out, **settings) as server, server.client() as client:
        versions = [*stream(client)]
        for bodies in (answers(client), versions):  # the test would find them
            assert PEOPLE == {one for _, status, body in bodies if status == 200 for one in planted.printed(body)}
        beneath = ("", "/", "/dumps/answerable.nq.gz", "/search?q=x&format=json", "/sparql?query=ASK{}")
        pinned = [f"/release/{old.id}{path}" for path in beneath]
        assert {200} == {client.get(path).status_code for path in pinned}
        first = next(page for page, _, _ in versions if f"/none/{old.id}/" in page)
        only_in_iris = {*planted.NAMES[20:25]}  # of which the index holds no words
        assert PEOPLE - only_in_iris <= {*indexed(old)} and len(PEOPLE) == 51
        listed = client.get(pinned[0], params={"format": "json"})
        assert (200, old.id) == (listed.status_code, listed.json()["id"])
        statuses = []

        def visit():
            with httpx.Client(base_url=server.url, timeout=30) as visitor:
                statuses.append(visitor.get("/search", params={"q": planted.NAMES[0], "format": "json"}).status_code)
                statuses.append(visitor.get("/sparql", params={"query": ROWS + " LIMIT 5"}).status_code)

        with load(visit, breath=0.3):
            done = withdraw(root, *arguments, names=planted.NAMES)
            assert 0 == done.returncode, done.stderr
            new = release.current(out).id
            wait_until(lambda: server.health()["release"] == new)
        assert {200} == set(statuses) and len(statuses) > 10
        assert old.id in done.stdout and new != old.id
        assert [] == planted.printed(re.sub(r"\S+\.ttl", "", done.stdout + done.stderr).encode())
        assert {} == everything(root, further)
        assert [] == indexed(release.current(out))
        for asked, status, body in answers(client):
            assert (asked, []) == (asked, planted.printed(body))
            assert status == 200, (asked, body[:300])
        for page, status, body in stream(client):
            assert (200, []) == (status, planted.printed(body)), page
        for path in (first, *pinned):
            gone = client.get(path)
            assert (410, "withdrawn") == (gone.status_code, gone.json()["type"].rpartition("/")[2]), path
            assert "The safety of people" in gone.json()["detail"]
        assert 410 == client.get("/doc/person/0badf151f3").status_code
        for path in ("/withdrawn.html", "/withdrawn.json", "/withdrawn.csv", "/dataset"):
            listed = client.get(path, headers={"Accept": "text/html"})
            assert old.id in listed.text and [] == planted.printed(listed.content)
        lines = json.dumps(server.log, ensure_ascii=False) + json.dumps(server.log)
        assert len(server.log) > 100 and [] == planted.printed(lines.encode())
    assert ("", "Of nobody.") == tuple(map(quotations.Quotations(out).find, texts))
    assert [] == release.verify(release.current(out))
    assert [old.id] == [one.id for one in release.removed(out)]
    assert ["removed.json"] == [path.name for path in old.path.iterdir()]


# Where a run may be killed: the object, its function, and whether that has been done.
MOMENTS = {
    "after the sources changed": (procedure._Stage, "carry_over", "after"),
    "before a release is marked": (release, "mark_removed", "before"),
    "after a release is marked": (release, "mark_removed", "after"),
    "after the switch": (pipeline, "point", "after"),
    "in the middle of deleting": (shutil, "rmtree", "after"),
}
NAMED = f"id/organisation/of-{'-'.join(word for word, _, _ in names.words(planted.NAMES[20]))}-20"
EVERYBODY = (planted.PERSON, NAMED, "--redact", "--pause", 0)


@pytest.fixture(scope="module")
def withdrawn(before, tmp_path_factory):
    """Withdraw all names, a person and a thing whose IRI holds a name; the project, and copies of it as it stood at each of MOMENTS.

    A copy is what a run leaves that is killed there.
    """
    folder, goal = (tmp_path_factory.mktemp(name) for name in ("running", "killed"))
    shutil.copytree(before, folder, symlinks=True, dirs_exist_ok=True)
    old = release.current(folder / "project/releases").path

    def watched(place, name):
        real = getattr(place, name)

        def run(*given, **more):
            for when in ("before", "after"):
                is_here = name != "rmtree" or Path(given[0]).parent == old
                for moment, at in MOMENTS.items():
                    if is_here and at == (place, name, when) and not (goal / moment).exists():
                        shutil.copytree(folder, goal / moment, symlinks=True)
                if when == "before":
                    real(*given, **more)

        return run

    # What a run left that was killed before; no process has such a number.
    (folder / "project/releases/.withdrawal-4194305-killed/project").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        for place, name in dict.fromkeys(at[:2] for at in MOMENTS.values()):
            patch.setattr(place, name, watched(place, name))
        done = withdraw(folder / "project", *EVERYBODY, "--data", folder / "further", names=planted.NAMES)
    assert (0, {*MOMENTS}) == (done.returncode, {path.name for path in goal.iterdir()}), done.stderr
    assert [] == [*(folder / "project/releases").glob(".withdrawal-*")]
    return folder, goal


def test_after_a_withdrawal_a_source_that_prints_the_name_again_is_refused_without_saying_it(withdrawn):
    root, further = withdrawn[0] / "project", withdrawn[0] / "further"
    back = root / "data/events/xar/back.ttl"
    lines = planted.KINDS["folder"].replace("{n}", "90").replace("{name}", planted.NAMES[13].upper()) + "\n"
    back.write_text(planted.HEAD + lines, encoding="utf-8")
    with pytest.raises(ValidationFailed) as caught:
        pipeline.build(frozen.settings(root), data=[further])
    (wrong,) = caught.value.report.violations
    back.unlink()
    line = 1 + next(n for n, text in enumerate((planted.HEAD + lines).split("\n")) if "altLabel" in text)
    assert ("data/events/xar/back.ttl", line) == (wrong.where, wrong.line)
    assert "withdrawn" in wrong.message and [] == planted.printed(str(wrong).encode())


def test_a_thing_whose_iri_holds_the_name_gets_a_tombstone_that_does_not(withdrawn):
    root, further = withdrawn[0] / "project", withdrawn[0] / "further"
    with Store.open(release.current(root / "releases").store_path) as store:
        tombstones = [row[0].value for row in store.select(f"SELECT ?x {{ ?x a <{terms.term('Tombstone')}> }}")]
    assert 1 == len([iri for iri in tombstones if re.fullmatch(terms.ID + "withdrawn/[a-z0-9]{10}", iri)])
    assert {} == everything(root, further)


def test_without_redact_nothing_changes_and_the_lines_to_edit_are_listed(copied):
    root, further, old = copied
    done = withdraw(root, "--data", further, names=[planted.NAMES[0]])
    assert 2 == done.returncode and "1 of these places" not in done.stderr and "nothing has changed" in done.stderr
    text = (root / "data/events/xar/ilvar-tossenby.ttl").read_text(encoding="utf-8")
    line = text[: text.index("Friends of Ilvar Tossenby")].count("\n") + 1
    becomes = "becomes [withdrawn], or letters drawn at random in an IRI (yours to edit)"
    assert f"data/events/xar/ilvar-tossenby.ttl:{line}: the name: {becomes}" in done.stdout
    assert "data/events/xar/ilvar-tossenby.ttl: the name in the path" in done.stdout
    assert old == release.current(root / "releases") and not (root / names.NAMES).exists()
    tried = withdraw(root, "--data", further, "--redact", "--dry-run", names=[planted.NAMES[0]])
    assert 0 == tried.returncode and f"release {old.id}: will be removed: it holds what" in tried.stdout
    assert text == (root / "data/events/xar/ilvar-tossenby.ttl").read_text(encoding="utf-8")


def test_a_withdrawal_whose_build_fails_changes_nothing(copied):
    root, further, old = copied
    held = everything(root, further)
    done = withdraw(root, "id/person/witness-a", "--data", further, "--pause", 0)
    assert 1 == done.returncode and "id/statement/witness-shots" in done.stderr  # it has no speaker without the person
    assert "a link to the thing from id/statement/witness-shots: removed" in done.stdout
    assert held == everything(root, further) and [] == release.verify(old)
    assert old == release.current(root / "releases") and [] == release.removed(root / "releases")


def cannot_stay(root, further, *things):
    """Map what a dry run says cannot stay without some things to what it would lack."""
    done = withdraw(root, *things, "--data", further, "--dry-run")
    named = dict(re.findall(r"^(id/\S+) cannot stay as it is: (.*)", done.stdout, re.MULTILINE))
    assert (f"{len(named)} thing" in done.stdout) == bool(named) and done.returncode >= bool(named)
    return named


def test_a_dry_run_names_what_cannot_stay_without_a_thing(copied):
    root, further, old = copied
    event = "id/event/2012-03-16-port-ansel"
    named = cannot_stay(root, further, event)
    assert "Say which event the act belongs to" in named["id/act/2012-03-16-port-ansel-killings"]
    assert "Say what it is about" in named["id/statement/witness-shots"]  # it is about that act alone
    assert "aftermath" in named["id/event/2012-06-trial"] and "id/place/port-ansel" not in named
    assert {} == cannot_stay(root, further, event, *named)
    assert {} == cannot_stay(root, further, event, "--replaced-by", "id/event/2012-06-trial")
    assert old == release.current(root / "releases")


def test_when_all_that_cannot_stay_is_withdrawn_too_the_build_asks_for_no_more(copied):
    root, further, _ = copied
    event = "id/event/2013-daily-post"
    (root / "queries/questions/media-closures.rq").unlink()  # its example has no answer without the event
    named = cannot_stay(root, further, event)
    done = withdraw(root, event, *named, "--data", further, "--pause", 0)
    assert len(named) > 1 and 0 == done.returncode, done.stderr


def test_links_lead_to_what_stands_in_the_place_of_a_thing(copied):
    root, further, _ = copied
    path = root / "data/events/xar/2012-03-16-port-ansel.ttl"
    text = path.read_text(encoding="utf-8")
    (described,) = re.findall(r"<id/person/witness-a> a ans:Person ;.*?\n\n", text, re.DOTALL)
    path.write_text(text + described.replace("witness-a", "k3x9", 1), encoding="utf-8")
    done = withdraw(root, "id/person/witness-a", "--replaced-by", "id/person/k3x9", "--data", further, "--pause", 0)
    assert 0 == done.returncode, done.stderr
    with Store.open(release.current(root / "releases").store_path) as store:
        asked = PREFIXES + "ASK { ?said ans:hasSpeaker "
        assert store.ask(asked + "x:k3x9 . x:witness-a a ans:Tombstone ; ans:isReplacedBy x:k3x9 }")
        assert not store.ask(asked + "x:witness-a }")


def test_what_a_row_of_a_table_makes_is_withdrawn_and_made_no_more(copied):
    root, further, _ = copied
    table = root / "data/tables/depositary-2020/passages.csv"
    table.parent.mkdir(parents=True)
    row = "depositary-2020-refuge-note,rc,a section"
    table.write_text(f"passage,treaty,section\n{row}\n{row.replace('note', 'end')}\n", encoding="utf-8")
    made = pipeline.build(Settings.load({}, root=root), data=[further])
    gone, kept = (f"<{terms.ID}passage/depositary-2020-refuge-{name}>" for name in ("note", "end"))
    exists = f"ASK {{ GRAPH <{terms.graph_of('data/tables/depositary-2020/passages.csv')}> {{ %s ?p ?o }} }}"
    with Store.open(made.store_path) as store:
        assert store.ask(exists % gone) and store.ask(exists % kept)
    done = withdraw(root, "id/passage/depositary-2020-refuge-note", "--data", further, "--pause", 0)
    assert 0 == done.returncode, done.stderr
    with Store.open(release.current(root / "releases").store_path) as store:
        assert store.ask(f"ASK {{ {gone} a <{terms.term('Tombstone')}> }}")
        assert not store.ask(exists % gone) and store.ask(exists % kept)


def loaded_release(folder, text):
    """Make a release that holds no more than this."""
    return loaded.build(Settings.load({}, root=folder), loaded.graph(text.encode(), terms.graph_of("data/a.ttl")))


@pytest.mark.parametrize(
    "inner", ["crosswalks/rights.sssom.tsv", "records/article.rq", "warnings.json", "CITATION.cff"]
)
def test_whatever_file_of_a_release_prints_the_name_the_release_goes(tmp_path, inner):
    held = loaded_release(tmp_path, "<http://example.org/a> <http://example.org/p> 1 .")
    task = procedure.Withdrawal(Settings.load({}, root=tmp_path), spellings=["Quelmwyn"])
    assert {} == task.affected_releases
    (held.path / inner).parent.mkdir(exist_ok=True)
    (held.path / inner).write_text("author_label: quelmwyn\n", encoding="utf-8")
    task = procedure.Withdrawal(Settings.load({}, root=tmp_path), spellings=["Quelmwyn"])
    assert {held: "holds what is withdrawn"} == task.affected_releases


def test_the_releases_that_hold_what_is_withdrawn_go_and_no_others(tmp_path):
    said = '<http://example.org/a> <http://example.org/p> "{} tried after the strike" .'
    first, second = (loaded_release(tmp_path, said.format(who)) for who in ("Quelmwyn", "Jan Morrow's editor"))
    (second.path / "tables").mkdir(exist_ok=True)
    (second.path / "tables/statements.csv").write_text('statement/x,"said by Zorvane Quillet"\r\n', encoding="utf-8")
    (damaged := first.path.with_name("20110101-aaaaaaaa")).mkdir()
    (damaged / release.MANIFEST).write_text("{", encoding="utf-8")
    for name, holding in (
        ("Quelmwyn", {first.id}),
        ("Morrow's editor", {second.id}),
        ("Zorvane Quillet", {second.id}),
        ("tried after the strike", {first.id, second.id}),
    ):
        affected = procedure.Withdrawal(Settings.load({}, root=tmp_path), spellings=[name]).affected_releases
        assert {**dict.fromkeys(holding, "holds what is withdrawn"), damaged.name: "is damaged"} == {
            one.path.name: reason for one, reason in affected.items()
        }


@pytest.mark.parametrize("step", range(6))
def test_wherever_the_change_of_the_sources_breaks_off_the_same_command_completes_it(tmp_path, step):
    settings = Settings.load({}, root=tmp_path)
    texts = {
        "a.ttl": "<id/act/a> ans:p x:gone .\nx:gone a ans:Person .",
        "jan-morrow/jan-morrow.ttl": "<id/act/of-jan-morrow> ans:p x:gone , 1 .",
    }
    for name, text in texts.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text(PREFIXES + text, encoding="utf-8")
    loaded_release(tmp_path, PREFIXES + "x:gone a ans:Person .")
    steps = itertools.count()

    def break_off(real):
        def run(*given, **more):
            if next(steps) == step:
                raise KeyboardInterrupt
            return real(*given, **more)

        return run

    for breaks in (break_off, lambda real: real):
        task = procedure.Withdrawal(settings, ["id/person/gone"], ["Jan Morrow"], redact=True)
        stage = procedure._Stage(tmp_path / breaks.__name__, task, task._all_edits(), names.Guard.read(tmp_path))
        with pytest.MonkeyPatch.context() as patch, suppress(KeyboardInterrupt):
            for place, name in ((procedure, "write_file"), (Path, "rename"), (Path, "unlink")):
                patch.setattr(place, name, breaks(getattr(place, name)))
            stage.carry_over()
    assert not [*(tmp_path / "data").rglob("*morrow*")]
    with Store.memory() as store:
        for path in (tmp_path / "data").rglob("*.ttl"):
            store.load(path, format="ttl", graph=None, source=path.name)
        assert 1 == len([*store.select(PREFIXES + "SELECT ?act { ?act ans:p 1 }")])  # of-jan-morrow has one new name
        kinds = store.select(PREFIXES + "SELECT ?kind { x:gone a ?kind }")
        assert [terms.term("Tombstone")] == [kind.value for (kind,) in kinds]
        assert not store.ask(PREFIXES + "ASK { ?s ?p x:gone }")


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_withdrawal_that_is_killed_is_completed_by_the_same_command(before, withdrawn, moment, monkeypatch):
    killed = withdrawn[1]
    root, further = killed / moment / "project", killed / moment / "further"
    out, old = root / "releases", release.current(before / "project/releases").id
    arguments = [*EVERYBODY, "--data", further]
    (new,) = [one for one in release.releases(out) if one.id != old]

    def build(*_, ready, **__):
        ready()
        release.point(out, new)
        return new

    if "sources" not in moment:  # the release is there, and would be built alike
        monkeypatch.setattr(pipeline, "build", build)
    assert {} != everything(root, further)
    assert [] == release.verify(release.current(out))
    # What is said to be withdrawn is shown by no older release: the mark counts from the switch on.
    assert release.current(out).id == old or old in {one.id for one in release.removed(out)}
    if moment in ("after a release is marked", "after the switch"):
        assert [old] == [one.path.name for one in release.unfinished_removals(out)]
    done = withdraw(root, *arguments, names=planted.NAMES)
    assert (0, {}) == (done.returncode, everything(root, further)), done.stderr
    assert old in {one.id for one in release.removed(root / "releases")}
    again = withdraw(root, *arguments, names=planted.NAMES)  # there is nothing left to do
    assert 0 == again.returncode and "Releases removed: none" in again.stdout


def test_a_server_without_another_release_stops_answering_from_one_that_was_removed(tmp_path):
    old = loaded_release(tmp_path, "<http://example.org/a> <http://example.org/p> 1 .")
    with serve(old.path, access_log="yes") as server, server.client() as client:
        assert 200 == client.get("/health").status_code == client.get("/search?q=x&format=json").status_code
        release.mark_removed(old, "2026-01-01", "The safety of people.")
        wait_until(lambda: client.get("/health").status_code == 410)
        for path in ("/", "/search?q=x&format=json", "/dumps/answerable.nq.gz", "/sparql?query=ASK{}"):
            assert 410 == client.get(path).status_code, path


def test_what_is_not_there_cannot_be_withdrawn(copied):
    root, further, old = copied
    for arguments, said in (
        (["id/person/nobody-at-all"], "Nothing here holds"),
        (["http://example.org/x"], "This is no IRI of a thing"),
        (["--name", "Li"], "too short"),
        ([], "Nothing is named"),
        (["--name", "Jan Morrow", "--reason", "Jan Morrow asked"], "The reason holds a name"),
    ):
        done = withdraw(root, *arguments, "--data", further)
        assert (2, True) == (done.returncode, said in done.stderr), done.stderr
    done = withdraw(root, "--name", "Jan Morrow", "--redact")
    assert 2 == done.returncode and "made of more files" in done.stderr  # those of --data are missing
    assert old == release.current(root / "releases")


EDITS = {
    "<id/act/a> ans:p x:gone .\n\n<id/act/b> ans:q 1 .": "<id/act/b> ans:q 1 .",
    "<id/act/a> ans:p <id/act/b>, x:gone , 'x:gone' ;\n    ans:q x:gone .": "<id/act/a> ans:p <id/act/b> , 'x:gone' .",
    "x:gone ans:p [ ans:q 1.5 ; ans:r ( 1 2 ) ] .\n<id/act/b> ans:p '''a. b''' .": "<id/act/b> ans:p '''a. b''' .",
    "<id/act/b> ans:p [ ans:q x:other ] ; ans:q <id/person/gone> .": "<id/act/b> ans:p [ ans:q x:other ] .",
    "<id/act/b> ans:p x:gone-by , x:gone.by .": "<id/act/b> ans:p x:gone-by , x:gone.by .",
    "# kept\n<id/act/b> ans:p 1 . # kept\n<id/act/a> ans:p x:gone .": "# kept\n<id/act/b> ans:p 1 . # kept",
}


def edit(folder, text, removal, encoding="utf-8"):
    """Take things and names out of a file with a text; the edited file, if any, and the places in it."""
    (folder / "a.ttl").write_text(text, encoding=encoding)
    return sources.edit(sources.SourceFile(folder, "a.ttl", "data/a.ttl"), removal, redact=True)


@pytest.mark.parametrize("text", EDITS)
def test_a_turtle_file_loses_a_thing_and_keeps_the_rest(tmp_path, text):
    file, _ = edit(tmp_path, PREFIXES + text, GONE)
    edited = file.text if file else PREFIXES + text
    with Store.memory() as one, Store.memory() as other:
        one.load((PREFIXES + EDITS[text]).encode(), format="ttl", graph=None, source="a")
        other.load(edited.encode(), format="ttl", graph=None, source="b")
        assert one.count() == other.count()
    assert "person/gone>" not in edited and not re.search(r"x:gone\b(?![-.'\"])", edited)
    assert edited.startswith(PREFIXES.rstrip()) and text.count("kept") == edited.count("kept")


def test_a_file_beyond_the_editor_is_written_anew(tmp_path):
    text = PREFIXES + "@prefix odd: <id/person/gone#> .\n<id/act/a> ans:p [ ans:q x:gone ] ; ans:r odd:x ."
    edited, _ = edit(tmp_path, text, GONE)
    assert "person/gone>" not in edited.text and "gone#x" in edited.text


def test_a_foreign_address_with_the_name_goes_and_one_that_something_is_said_of_is_left_to_an_editor(tmp_path):
    taken = Removal(frozenset(), frozenset({"janmorrow"}))
    foreign, ours = terms.Iri("https://example.org/jan-morrow"), terms.Iri(terms.ID + "act/a")
    assert taken.statement((ours, terms.Iri(terms.term("p")), foreign)) is None
    kept = taken.statement((ours, terms.Iri(terms.term("p")), terms.Literal("Of Jan Morrow.")))
    assert terms.Literal(f"Of {removal.MARK}.") == kept[2]
    for text, encoding in (
        ("<https://example.org/jan-morrow> <https://example.org/p> 1 .", "utf-8"),
        ("# Of José and Jan Morrow.", "latin-1"),  # what is no UTF-8 would be lost
    ):
        edited, (place, *_) = edit(tmp_path, text, taken, encoding)
        assert edited is None and place.by_hand and "edit it by hand" in place.action


def test_the_settings_name_no_key():
    assert not [setting for setting in Settings.__dataclass_fields__ if "key" in setting]

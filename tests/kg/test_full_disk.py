"""A full disk: one message at each step that writes, exit code 1, and everything as it was before."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg import __main__ as command
from kg import release as releases
from kg.config import PROJECT
from tests import engines

MOUNTING = ["unshare", "--user", "--map-root-user", "--mount"]  # a disk that this process alone sees; needs no root
FULL = "No space left on device"


def may_mount():
    """Whether a disk can be mounted here."""
    if not shutil.which("unshare"):
        return False
    mount = [*MOUNTING, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0


needs_mounting = pytest.mark.skipif(not may_mount(), reason="no file system can be mounted here")


@pytest.fixture
def kg(kg, project, monkeypatch):
    """Run a command on the small project, which has a release; its exit code and the last line of its errors."""
    monkeypatch.setenv("ANSWERABLE_ROOT", str(project.root))
    project.build()

    def run(*arguments):
        code, _, said = kg(*arguments)
        return code, said.splitlines()[-1]

    run.project, run.current = project, lambda: releases.current(project.out)
    return run


def fail(monkeypatch, place, name, number=0):
    """Let the disk refuse the call of this number of a function, and those after it; a function that counts the calls."""
    calls, real = [], getattr(place, name)

    def refuse(*arguments, **options):
        calls.append(name)
        if len(calls) > number:
            raise OSError(errno.ENOSPC, FULL, str(arguments[0]))
        return real(*arguments, **options)

    monkeypatch.setattr(place, name, refuse)
    return lambda: len(calls)


@needs_mounting
def test_a_build_tells_of_a_full_disk_in_one_line_wherever_it_meets_it(project):
    project.build()
    environment = {"ANSWERABLE_ROOT": str(project.root), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [*MOUNTING, sys.executable, "-m", "tests.kg.small_disk", str(project.root)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    *failed, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(failed) > 8
    before = {"current", releases.current(project.out).id}
    for attempt in failed:
        assert (1, True) == (attempt["code"], attempt["stays"]), attempt
        message = attempt["said"].splitlines()[-1]
        assert message.startswith(f"kg: {project.out}: ") and message.endswith(f"({FULL})."), attempt
        assert "Traceback" not in attempt["said"] and set(attempt["left"]) - {".lock"} == before, attempt
    assert (0, False) == (last["code"], last["stays"])


WRITING = [(Path, "mkdir"), (Path, "write_bytes"), (os, "fsync"), (os, "replace"), (Path, "symlink_to")]
OFTEN = {"fsync": 7}  # called for every file: one call of seven is tried


@pytest.mark.parametrize(("place", "name"), WRITING, ids=[name for _, name in WRITING])
def test_each_write_of_a_build_may_fail(kg, place, name):
    before, number, done = kg.current(), 0, 1
    while done:
        with pytest.MonkeyPatch.context() as patched:
            count = fail(patched, place, name, number)
            done, said = kg("build", "--force")
        if done:
            assert (1, True) == (done, said.startswith("kg: ") and FULL in said), said
            assert before == kg.current() or "is changed, and a loss of power may undo it" in said
            assert [] == [path.name for path in kg.project.out.iterdir() if path.name.startswith((".tmp", ".current"))]
            assert [] == [one.id for one in releases.releases(kg.project.out) if releases.verify(one)]
            assert count() > number
        number += OFTEN.get(name, 1)
    assert number > 1, "nothing was written"


def test_a_rollback_says_that_the_disk_is_full_and_changes_nothing(kg, monkeypatch):
    old = kg.current()
    assert 0 == kg("build", "--force")[0]
    new = kg.current()
    for place, name in ((Path, "symlink_to"), (os, "replace")):
        with monkeypatch.context() as patched:
            fail(patched, place, name)
            wanted = f"kg: {kg.project.out}: The current release cannot be changed ({FULL})."
            assert (1, wanted) == kg("rollback", old.id)
        assert new == kg.current()
        assert [] == list(kg.project.out.glob(".current*"))


STDOUT = {
    "query": ["query", "all.rq"],
    "ask": ["ask", "events", "-p", "whole=id/event/strike"],
    "check": ["check"],
    "verify": ["verify"],
    "rollback": ["rollback", "ID"],
}


@pytest.mark.parametrize("name", STDOUT)
def test_output_that_the_disk_does_not_take_is_one_line_and_1(kg, name):
    kg.project.write("all.rq", "SELECT * { ?a ?b ?c . ?d ?e ?f }")
    files = {"ID": kg.current().id, "all.rq": str(kg.project.root / "all.rq")}
    arguments = [files.get(word, word) for word in STDOUT[name]]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kg", *arguments],
            cwd=PROJECT,
            env={"ANSWERABLE_ROOT": str(kg.project.root), "PATH": ""},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (1, f"kg: standard output: It cannot be written ({FULL}).\n") == (done.returncode, done.stderr)


@needs_mounting
def test_a_server_whose_disk_is_full_ends_a_publication_in_one_line(world, tmp_path, capfd):
    folder, port = tmp_path / "disk", engines.free_port()
    folder.mkdir()
    serve = f"{Path(sys.executable).with_name('oxigraph')} serve -b 127.0.0.1:{port} -l {folder}/store"
    mount = f"mount -t tmpfs -o size=3m tmpfs {folder} && exec {serve}"
    with engines.running([*MOUNTING, "sh", "-c", mount]) as process:
        engines.wait_for(f"http://127.0.0.1:{port}/", process)
        code = command.main(["publish", "--out", str(world.path.parent), "--to", f"http://127.0.0.1:{port}"])
    *_, before, said = capfd.readouterr().err.splitlines()
    assert (1, False, True) == (code, before.startswith("kg: "), said.startswith(f"kg: http://127.0.0.1:{port}")), said

"""The seal of a release: one changed bit anywhere in its folder is refused by whatever opens it."""

import asyncio
import json
import random
import shutil
import subprocess
import sys

import pytest

from api.http.metrics import Metrics
from kg import __main__ as command
from kg import release as releases
from kg.answer.opened import OpenReleases
from kg.config import Settings
from kg.errors import ReleaseCorrupt
from kg.release import MANIFEST, SEAL, Release
from tests.api.asking import follow
from tests.api.client import start

FLIPS, OF_EACH = 60, 8  # of the manifest and of its seal eight each, of any other file at least one


@pytest.fixture
def copy(world, tmp_path):
    """Copy the release of the frozen graph into a folder of releases, as the current one; the release."""
    shutil.copytree(world.path, tmp_path / world.id)
    (tmp_path / releases.CURRENT).symlink_to(world.id)
    return Release(tmp_path / world.id)


def flip(path, chance):
    """Flip one bit of a file; what undoes it."""
    data = path.read_bytes()
    place, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
    path.write_bytes(data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :])
    return lambda: path.write_bytes(data)


def reseal(release, **changes):
    """Change what a release says of itself, and seal it again."""
    releases.seal(release.path, {**release.manifest, **changes})


def open_releases(out):
    """Open the current release as the server does when it starts, and close it."""

    async def open_and_close():
        opened = OpenReleases(Settings.load(env={}, out=out, workers=1, page_workers=1), Metrics())
        await opened.start()
        await opened.close()

    asyncio.run(open_and_close())


def test_sixty_of_sixty_flipped_bits_are_refused_by_everything_that_opens_a_release(copy, capsys):
    chance, out = random.Random(10), copy.path.parent
    others = [path for path in releases.files(copy.path) if path.stat().st_size and path.name not in (MANIFEST, SEAL)]
    chosen = [copy.path / MANIFEST, copy.path / SEAL] * OF_EACH
    chosen += [others[number % len(others)] for number in range(max(FLIPS - len(chosen), len(others)))]
    passed = []
    for path in chosen:
        undo = flip(path, chance)
        codes = [command.main(["verify", str(out)]), command.main(["rollback", "--out", str(out), copy.path.name])]
        passed += [path.name] * (codes != [1, 1])
        with pytest.raises(ReleaseCorrupt):
            open_releases(out)
        undo()
    assert len(chosen) >= FLIPS and {*others} < {*chosen}
    assert [] == passed
    assert "Traceback" not in capsys.readouterr().err
    assert [] == releases.verify(copy)
    open_releases(out)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (MANIFEST, lambda data: data.replace(b"\n}", b" \n}")),
        (MANIFEST, lambda data: data.replace(b"{\n", b'{\n  "more": 1,\n', 1)),
        (MANIFEST, lambda data: data.rstrip(b"\n")),
        (MANIFEST, lambda data: json.dumps(json.loads(data)).encode()),
        *(
            (SEAL, change)
            for change in (bytes.upper, lambda data: data.replace(b"  ", b" *"), bytes.strip, lambda data: data * 2)
        ),
    ],
)
def test_a_manifest_or_a_seal_that_says_the_same_in_other_bytes_is_refused(copy, name, change):
    path = copy.path / name
    data = path.read_bytes()
    assert data != change(data)
    path.write_bytes(change(data))
    with pytest.raises(ReleaseCorrupt, match=rf"The manifest differs from {SEAL}"):
        releases.verify(copy)


def test_sha256sum_confirms_a_release_without_our_software(copy):
    said = subprocess.run(["sha256sum", "-c", SEAL], cwd=copy.path, capture_output=True, text=True, check=True)
    assert f"{MANIFEST}: OK\n" == said.stdout


def test_a_release_made_before_there_was_a_seal_is_refused_and_says_what_to_do(copy, capsys):
    (copy.path / SEAL).unlink()
    assert 1 == command.main(["verify", str(copy.path.parent)])
    said = capsys.readouterr().err
    assert f"{SEAL} cannot be read (No such file or directory). Build again" in said
    with pytest.raises(ReleaseCorrupt):
        open_releases(copy.path.parent).close()


def test_a_damaged_release_does_not_hide_the_others_in_the_list(copy, capsys):
    out, other = copy.path.parent, "20240101-aaaaaaaa"
    shutil.copytree(copy.path, out / other)
    reseal(Release(out / other), id=other)
    (copy.path / SEAL).unlink()
    rejected = []
    assert [other] == [one.id for one in releases.releases(out, rejected.append)]
    assert [str(copy.path / MANIFEST)] == [error.where for error in rejected]
    assert 0 == command.main(["releases", "--out", str(out)])
    said = capsys.readouterr()
    assert other in said.out and f"{copy.path / MANIFEST}: {SEAL} cannot be read" in said.err


def test_the_hash_of_the_manifest_stands_wherever_a_release_is_pointed_to(copy, capsys):
    sha256 = releases.hash_file(copy.path / MANIFEST)
    assert 0 == command.main(["verify", str(copy.path.parent)])
    assert f"sealed {sha256}" in capsys.readouterr().out
    with start(copy.path.parent) as client:
        assert sha256 == client.get("/health").json()["sha256"]
        assert sha256 == client.get(f"/release/{copy.id}?format=json").json()["sha256"]
        for page in ("/dataset", f"/release/{copy.id}"):
            assert sha256 in client.page(page)


@pytest.mark.parametrize("name", [MANIFEST, SEAL, "catalogue.ttl"])
def test_a_server_that_follows_keeps_the_last_good_release_and_says_so(copy, name):
    out, other = copy.path.parent, "20990101-aaaaaaaa"
    shutil.copytree(copy.path, out / other)
    reseal(Release(out / other), id=other)
    undo = flip(out / other / name, random.Random(3))
    with start(out) as client:
        opened = client.app.state.releases
        releases.point(out, Release(out / other))
        follow(client.app)
        follow(client.app)
        health = client.get("/health").json()
        assert ("degraded", copy.id) == (health["status"], health["release"]) and str(out) not in str(health)
        undo()
        opened.look_now()  # as SIGHUP does
        follow(client.app)
        assert ("ok", other) == (client.get("/health").json()["status"], client.get("/health").json()["release"])


def test_a_server_that_cannot_start_says_why_in_one_line(copy):
    flip(copy.path / MANIFEST, random.Random(1))
    arguments = [sys.executable, "-m", "kg", "serve", "--port", "0", "--release", str(copy.path.parent)]
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert 0 != ended.returncode
    errors = [line for line in map(json.loads, ended.stderr.splitlines()) if line["level"] == "error"]
    assert f"{copy.path / MANIFEST}: The manifest differs from {SEAL}." in errors[0]["message"]
    assert "Traceback" not in ended.stderr and not [line for line in errors if "\n" in line["message"]]

"""Dumps that are written from others by what came and went are those that are written anew."""

import gzip
import random
import shutil

import pytest
import zstandard

from kg import members
from kg.build import dumps
from kg.errors import ReleaseCorrupt
from kg.store import FORMS, cut

E = "http://example.org/"


def line(subject, value, graph="a"):
    """Write a quad."""
    return f'<{E}{subject}> <{E}p> "{value}" <{E}{graph}> .\n'.encode()


def write(folder, lines):
    """Write the dumps of some lines into a new folder."""
    folder.mkdir()
    return {path.name: path.read_bytes() for path in dumps.write(folder, cut(sorted(lines)))}


@pytest.mark.parametrize("seed", range(6))
def test_random_changes_make_the_same_bytes(tmp_path, seed):
    chance = random.Random(seed)
    lines = {line(chance.randrange(2000), chance.randrange(3), chance.choice("ab")) for _ in range(3000)}
    lines |= {f'_:c14n{n} <{E}p> "x" <{E}a> .\n'.encode() for n in range(9)}
    write(tmp_path / "0", lines)
    for number in range(1, 12):
        some = sorted(one for one in lines if one.startswith(b"<"))
        firsts = sorted({part.first for part in cut(sorted(lines))} - {b"_:c14n0"})
        went = set(chance.sample(some, chance.choice([1, 5, 100])))
        gone = {*chance.sample(firsts, 2), firsts[0]}  # at which parts begin
        went |= {one for one in some if one.partition(b" ")[0] in gone and number in (3, 7)}
        came = {line(chance.randrange(2500), chance.randrange(9)) for _ in range(chance.choice([1, 9, 99]))} - lines
        lines = (lines - went) | came
        (tmp_path / "spliced").mkdir()
        paths = dumps.rewrite(tmp_path / str(number - 1), tmp_path / "spliced", came, went)
        spliced = {path.name: path.read_bytes() for path in paths}
        assert write(tmp_path / str(number), lines) == spliced
        shutil.rmtree(tmp_path / "spliced")
    assert b"".join(sorted(lines)) == gzip.decompress(spliced["answerable.nq.gz"])
    assert len(members.GZIP.read(paths[0].parent.parent / "11/answerable.nq.gz")) > 5
    packed = zstandard.ZstdDecompressor().stream_reader(spliced["answerable.nt.zst"], read_across_frames=True)
    triples = sorted({one.rsplit(b" ", 2)[0] + b" .\n" for one in lines})
    assert b"".join(triples) == packed.read()


def test_dumps_that_are_not_what_they_should_be_are_refused(tmp_path):
    lines = [line(number, 1) for number in range(500)]
    write(tmp_path / "old", lines)
    (tmp_path / "new").mkdir()
    with pytest.raises(ReleaseCorrupt, match="do not hold what has been taken away"):
        dumps.rewrite(tmp_path / "old", tmp_path / "new", [], [line(1, 2)])
    for form in FORMS:
        path, packing = tmp_path / "old" / members.name_of(form), members.PACKINGS[form]
        data = path.read_bytes()
        whole = b"".join(packing.unpack(member) for _, member in packing.read(path))
        path.write_bytes(gzip.compress(whole) if packing is members.GZIP else zstandard.compress(whole))
        with pytest.raises(ReleaseCorrupt, match="not divided"):
            dumps.rewrite(tmp_path / "old", tmp_path / "new", [line(1, 2)], [])
        path.write_bytes(data)

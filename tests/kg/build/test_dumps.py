"""The dumps hold the lines that they are made of, whatever the number of their parts."""

import gzip
import random

import zstandard

from kg import members
from kg.build import dumps
from kg.store import cut

E = "http://example.org/"


def test_the_dumps_hold_each_quad_and_each_triple_once(tmp_path):
    chance = random.Random(1)
    quads = {
        f'<{E}{chance.randrange(2000)}> <{E}p> "{chance.randrange(3)}" <{E}{chance.choice("ab")}> .\n'
        for _ in range(9000)
    }
    lines = sorted(line.encode() for line in (*quads, *(f'_:c14n{n} <{E}p> "x" <{E}a> .\n' for n in range(9))))
    paths = {path.name: path for path in dumps.write(tmp_path, cut(lines))}
    assert b"".join(lines) == gzip.decompress(paths["answerable.nq.gz"].read_bytes())
    assert len(members.GZIP.read(paths["answerable.nq.gz"])) > 5
    packed = paths["answerable.nt.zst"].read_bytes()
    triples = sorted({line.rsplit(b" ", 2)[0] + b" .\n" for line in lines})
    assert b"".join(triples) == zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True).read()

"""The script that writes the outlines of the world: how it cuts, thins and packs them."""

import json
import subprocess
import sys

from kg.config import PROJECT
from tools import world


def ring(*points):
    return [*points, points[0]]


def topology(code, *lines):
    """Write lines of longitude and latitude as TopoJSON with whole degrees, each an outline of one land."""
    arcs = []
    for line in lines:
        steps, last = [], (0, 0)
        for x, y in line:
            steps.append([x - last[0], y - last[1]])
            last = x, y
        arcs.append(steps)
    shape = {"type": "MultiPolygon", "arcs": [[[number]] for number in range(len(lines))], "properties": {"a3": code}}
    scale = {"scale": [1, 1], "translate": [0, 0]}
    return {"transform": scale, "arcs": arcs, "objects": {"countries": {"geometries": [shape]}}}


def test_a_ring_over_the_180th_meridian_is_cut_in_two():
    content = world.convert(topology("XXA", ring((170, 0), (-170, 0), (-170, 10), (170, 10))))
    rings = [
        [(x / world.UNIT, y / world.UNIT) for x, y in points] for points in map(unpack, content["lands"]["XXA"][2])
    ]
    assert 2 == len(rings)
    assert {(170, 180), (-180, -170)} == {(min(x for x, _ in one), max(x for x, _ in one)) for one in rings}


def unpack(numbers):
    """Undo the steps in which a ring is written."""
    x = y = 0
    points = []
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x, y))
    return points


def test_a_line_is_thinned_only_where_it_hardly_bends():
    straight = [(one, 0) for one in range(20)]
    content = world.convert(topology("XXA", ring(*straight, (19, 9), (0, 9))))
    assert 5 == len(unpack(content["lands"]["XXA"][2][0]))


def test_land_that_is_no_state_is_listed_apart_what_has_no_area_is_a_point_and_antarctica_is_left_out():
    line = ring((0, 0), (9, 0), (9, 9))
    assert [["XXA"], []] == [world.convert(topology(code, line))["apart"] for code in ("XXA", "KAZ")]
    assert [[12 * world.UNIT, 41 * world.UNIT], 1, []] == world.convert(topology("XXA", [(12, 41)] * 2))["lands"]["XXA"]
    assert {} == world.convert(topology("ATA", ring((0, -80), (10, -80), (10, -70))))["lands"]


def test_the_script_writes_the_file_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(world, "FILE", tmp_path / "world.json")
    source = tmp_path / "atlas.json"
    source.write_text(json.dumps(topology("XXA", ring((0, 0), (9, 0), (9, 9)))), encoding="utf-8")
    world.main(str(source))
    assert '"XXA"' in world.FILE.read_text(encoding="utf-8")


def test_the_script_says_what_it_needs():
    said = subprocess.run(
        [sys.executable, "-m", "tools.world"], check=False, cwd=PROJECT, capture_output=True, text=True
    )
    assert 1 == said.returncode and "Name the file of the package" in said.stderr and "Traceback" not in said.stderr

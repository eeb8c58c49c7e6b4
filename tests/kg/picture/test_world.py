"""The outlines of the world: every State is there, nothing crosses the sheet, and how the file is made."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from kg.picture import countries, projection, world

PROJECT = Path(__file__).resolve().parents[3]
STATES = {path.stem.upper() for path in (PROJECT / "data/states").glob("???.ttl")}


def ring(*points):
    """Close a ring."""
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


def test_every_state_of_the_graph_has_an_outline_or_a_dot():
    assert len(STATES) > 190
    assert set() == STATES - world.lands().keys()
    for code in STATES:
        land = world.lands()[code]
        assert land.rings or land.is_small
        x, y = land.middle
        assert -180 <= x <= 180 and -60 < y < 84


def test_no_state_is_drawn_as_land_apart_and_all_the_rest_is():
    assert set() == STATES & countries.APART
    assert countries.APART == world.lands().keys() - STATES


@pytest.mark.parametrize("code", ["TUV", "NRU", "MHL", "VAT", "MCO", "SMR", "LIE", "MDV", "SGP", "ATG", "COK", "NIU"])
def test_a_small_state_is_a_dot(code):
    assert world.lands()[code].is_small


@pytest.mark.parametrize("code", ["KAZ", "UZB", "FRA", "CUB", "LKA", "RUS"])
def test_a_large_state_is_no_dot(code):
    assert not world.lands()[code].is_small


@pytest.mark.parametrize("code", ["RUS", "FJI"])
def test_what_goes_round_the_180th_meridian_is_on_both_sides_of_the_sheet(code):
    rings = world.lands()[code].rings
    assert any(max(x for x, _ in one) > 179 for one in rings)
    assert any(min(x for x, _ in one) < -179 for one in rings)


def test_no_outline_crosses_the_sheet():
    widest = max(
        max(x for x, _ in one) - min(x for x, _ in one) for land in world.lands().values() for one in land.rings
    )
    assert widest < 155  # Russia without its far end
    assert "ATA" not in world.lands()


@pytest.mark.parametrize(
    ("code", "longitude", "latitude", "reach"),
    [("KAZ", 67, 48, 2), ("USA", -99, 40, 3), ("FJI", 178, -17.8, 1.5), ("VAT", 12.45, 41.9, 0.1), ("TUV", 179, -8, 2)],
)
def test_the_middle_of_a_land_is_where_it_is(code, longitude, latitude, reach):
    assert math.dist((longitude, latitude), world.lands()[code].middle) < reach


def test_a_ring_over_the_180th_meridian_is_cut_in_two():
    made = world.make(topology("XXA", ring((170, 0), (-170, 0), (-170, 10), (170, 10))))
    rings = [[(x / world.UNIT, y / world.UNIT) for x, y in points] for points in map(unpack, made["lands"]["XXA"][2])]
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
    made = world.make(topology("XXA", ring(*straight, (19, 9), (0, 9))))
    assert 5 == len(unpack(made["lands"]["XXA"][2][0]))


def test_what_has_no_area_is_a_point():
    made = world.make(topology("XXA", [(12, 41), (12, 41)]))
    assert [[12 * world.UNIT, 41 * world.UNIT], 1, []] == made["lands"]["XXA"]


def test_antarctica_is_left_out():
    assert {} == world.make(topology("ATA", ring((0, -80), (10, -80), (10, -70))))["lands"]


def test_the_file_is_small_enough_to_be_read_with_the_code():
    assert world.FILE.stat().st_size < 200_000


def test_the_world_lies_within_its_sheet_with_equal_areas():
    project, high = projection.world_map(700)
    for land in world.lands().values():
        for x, y in (project(*point) for one in land.rings for point in one):
            assert -1 <= x <= 701 and -1 <= y <= high + 1

    def area(latitude):
        (x1, y1), (x2, y2) = projection.equal_earth(0, latitude), projection.equal_earth(1, latitude + 1)
        return (x2 - x1) * (y2 - y1) / math.cos(math.radians(latitude + 0.5))

    assert area(0) == pytest.approx(area(45), rel=0.02) == pytest.approx(area(60), rel=0.03)


def test_a_region_is_true_to_scale_in_its_middle():
    project, high, ((west, south), (east, north)) = projection.region_map([(60.0, 40.0), (80.0, 50.0)], 700, 460)
    (x1, y1), (x2, _), (_, y2) = project(70, 45), project(71, 45), project(70, 46)
    assert (x2 - x1) / math.cos(math.radians(45)) == pytest.approx(y1 - y2, rel=0.01)
    assert (0, 0) == pytest.approx(project(west, north)) and (700, high) == pytest.approx(project(east, south))


def test_the_land_of_a_region_is_cut_at_the_edges_of_the_sheet():
    project, high, corners = projection.region_map([(60.0, 40.0), (80.0, 50.0)], 700, 460)
    x = y = 0
    outline = projection.region_outline(world.lands()["RUS"].rings, project, corners)
    assert outline
    for part in filter(None, outline.split("M")):
        start, _, steps = part.rstrip("z").partition("l")
        x, y = map(int, start.split(","))
        for step in steps.replace("-", " -").replace(", -", ",-").split():
            dx, dy = map(int, step.split(","))
            x, y = x + dx, y + dy
            assert -10 <= x <= 7010 and -10 <= y <= 10 * high + 10


def test_the_script_writes_the_file_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(world, "FILE", tmp_path / "world.json")
    source = tmp_path / "atlas.json"
    source.write_text(json.dumps(topology("XXA", ring((0, 0), (9, 0), (9, 9)))), encoding="utf-8")
    world.main(str(source))
    assert '"XXA"' in world.FILE.read_text(encoding="utf-8")


def test_the_script_says_what_it_needs():
    said = subprocess.run(
        [sys.executable, "-m", "kg.picture.world"], check=False, cwd=PROJECT, capture_output=True, text=True
    )
    assert 1 == said.returncode and "Name the file of the package" in said.stderr and "Traceback" not in said.stderr

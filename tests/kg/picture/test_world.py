"""The outlines of the world: every State is there, and nothing crosses the sheet."""

import math
from pathlib import Path

import pytest

from kg.picture import world

PROJECT = Path(__file__).resolve().parents[3]
STATES = {path.stem.upper() for path in (PROJECT / "data/states").glob("???.ttl")}


def test_every_state_of_the_graph_has_an_outline_or_a_dot():
    assert len(STATES) > 190
    assert set() == STATES - world.lands().keys()
    for code in STATES:
        land = world.lands()[code]
        assert land.rings or land.is_small
        x, y = land.middle
        assert -180 <= x <= 180 and -60 < y < 84


def test_only_a_small_state_is_a_dot_and_only_what_is_no_state_is_apart():
    assert {code for code, land in world.lands().items() if land.is_apart} == world.lands().keys() - STATES
    small = {"TUV", "NRU", "MHL", "VAT", "MCO", "SMR", "LIE", "MDV", "SGP", "ATG", "COK", "NIU"}
    others = {"KAZ", "UZB", "FRA", "CUB", "LKA", "RUS"}
    assert small == {code for code in small | others if world.lands()[code].is_small}


@pytest.mark.parametrize("code", ["RUS", "FJI"])
def test_what_goes_round_the_180th_meridian_is_on_both_sides_of_the_sheet(code):
    rings = world.lands()[code].rings
    assert any(max(x for x, _ in one) > 179 for one in rings)
    assert any(min(x for x, _ in one) < -179 for one in rings)


def test_no_outline_crosses_the_sheet():
    rings = [one for land in world.lands().values() for one in land.rings]
    assert max(max(one)[0] - min(one)[0] for one in rings) < 155  # Russia without its far end
    assert "ATA" not in world.lands() and world.FILE.stat().st_size < 200_000


@pytest.mark.parametrize(
    ("code", "longitude", "latitude", "reach"),
    [("KAZ", 67, 48, 2), ("USA", -99, 40, 3), ("FJI", 178, -17.8, 1.5), ("VAT", 12.45, 41.9, 0.1), ("TUV", 179, -8, 2)],
)
def test_the_middle_of_a_land_is_where_it_is(code, longitude, latitude, reach):
    assert math.dist((longitude, latitude), world.lands()[code].middle) < reach


def test_the_world_lies_within_its_sheet_with_equal_areas():
    project, high, _ = world.world_map(700)
    for land in world.lands().values():
        for x, y in (project(*point) for one in land.rings for point in one):
            assert -1 <= x <= 701 and -1 <= y <= high + 1

    def area(latitude):
        (x1, y1), (x2, y2) = world.equal_earth(0, latitude), world.equal_earth(1, latitude + 1)
        return (x2 - x1) * (y2 - y1) / math.cos(math.radians(latitude + 0.5))

    assert area(0) == pytest.approx(area(45), rel=0.02) == pytest.approx(area(60), rel=0.03)


def test_a_region_is_true_to_scale_in_its_middle():
    region = world.Region([(60.0, 40.0), (80.0, 50.0)], 700, 460)
    (x1, y1), (x2, _), (_, y2) = region.project(70, 45), region.project(71, 45), region.project(70, 46)
    assert (x2 - x1) / math.cos(math.radians(45)) == pytest.approx(y1 - y2, rel=0.01)
    assert (0, 0) == pytest.approx(region.project(region.west, region.north))
    assert (700, region.height) == pytest.approx(region.project(region.east, region.south))


def test_the_land_of_a_region_is_cut_at_the_edges_of_the_sheet():
    region = world.Region([(60.0, 40.0), (80.0, 50.0)], 700, 460)
    x = y = 0
    outline = region.outline(world.lands()["RUS"].rings)
    assert outline
    for part in filter(None, outline.split("M")):
        start, _, steps = part.rstrip("z").partition("l")
        x, y = map(int, start.split(","))
        for step in steps.replace("-", " -").replace(", -", ",-").split():
            dx, dy = map(int, step.split(","))
            x, y = x + dx, y + dy
            assert -10 <= x <= 7010 and -10 <= y <= 10 * region.height + 10

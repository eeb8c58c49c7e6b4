"""Facts in the tables of the shipped data that were looked up in their sources."""

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def table(shipped):
    """Return what loads a table of the shipped release."""
    return lambda name: pd.read_parquet(shipped.path / f"tables/{name}.parquet", dtype_backend="numpy_nullable")


def test_states_have_the_codes_of_other_data_sets_and_none_where_sources_disagree(table):
    states = table("states").set_index("iso3")
    assert [398, 705, 705, "Q232"] == [int(states.m49.KAZ), states.cow.KAZ, states.gw.KAZ, states.wikidata.KAZ]
    assert [(255, 260), (345, 340), (679, 678), (816, 816)] == [
        (states.cow[x], states.gw[x]) for x in ("DEU", "SRB", "YEM", "VNM")
    ]
    assert states.wikidata[["DNK", "NLD", "PSE"]].isna().all() and states.cow[["VAT", "NIU", "COK", "PSE"]].isna().all()
    assert (197, 197, 193, 193, 194) == tuple(
        states[one].notna().sum() for one in ("state", "m49", "cow", "gw", "wikidata")
    )
    for code in ("m49", "cow", "gw", "wikidata"):
        assert states[code].dropna().is_unique


def test_kazakhstan_is_bound_by_the_convention_against_torture_since_1998(table):
    years = table("state-treaty-year")
    own = years[(years.state == "state/kaz") & (years.treaty == "treaty/cat")].set_index("year")
    assert ["no", "yes"] == [own.bound[1997], own.bound[1998]]
    assert "2026-02-03" == str(own.as_of.max()) and own.index.max() == 2026
    assert years[years.treaty == "treaty/refugee-convention"].year.max() == 2015


def test_rival_figures_of_the_killed_in_zhanaozen_stand_side_by_side(table):
    figures = table("figures").set_index("figure")
    assert 15 == figures.best["figure/zhanaozen-killed-ai-2014"]
    assert 11 == figures.low["figure/zhanaozen-killed-gpo-11"] == figures.high["figure/zhanaozen-killed-gpo-11"]
    assert figures.best[figures.precision == "wording"].isna().all()
    assert "scores" == figures.in_words["figure/zhanaozen-held-incommunicado"]

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


@pytest.mark.parametrize(
    ("day", "parties"),
    [
        ("1982-09-01", {"iccpr": 71, "iccpr-op1": 28}),  # in a press release of the United Nations
        ("1992-07-31", {"iccpr": 112, "iccpr-op1": 66}),  # in A/47/40, and so on
        ("2013-03-30", {"iccpr": 167, "iccpr-op1": 114, "iccpr-op2": 75}),
        ("2014-03-30", {"iccpr": 167, "iccpr-op1": 115, "iccpr-op2": 78}),
        ("2016-03-31", {"iccpr": 168, "iccpr-op1": 115, "iccpr-op2": 81}),
        ("2015-05-15", {"cat": 158}),
        ("2019-05-17", {"cat": 166}),
        ("2024-05-10", {"cat": 174}),
    ],
)
def test_parties_by_deposit_are_as_many_as_the_united_nations_counted_with_states_that_ended(table, day, parties):
    held, asked = table("participations"), pd.Timestamp(day).date()
    held = held[~(held.historical & held.in_force_begins.isna())]
    held = held[held.deposited_begins.map(lambda one: pd.notna(one) and one <= asked)]
    held = held[held.in_force_until_ends.map(lambda one: pd.isna(one) or one >= asked)]
    assert parties == {one: (held.treaty == f"treaty/{one}").sum() for one in parties}


def test_states_that_had_ratified_by_the_end_of_2015_are_those_of_the_treaty_collection(table):
    years = table("state-treaty-year")
    counted = years[(years.year == 2015) & years.ratified].treaty.value_counts()
    published = (
        "icerd 177 iccpr 168 icescr 164 cat 158 opcat 80 cedaw 189 crc 196 crc-op-sc 171 crc-op-ac 162 cmw 48 icpped 51"
    )
    published += (
        " crpd 159 iccpr-op1 115 icescr-op 21 cedaw-op 106 crc-op-ic 22 crpd-op 88"  # CRPD without the European Union
    )
    assert published == " ".join(f"{one} {counted[f'treaty/{one}']}" for one in published.split()[::2])


def test_decisions_of_some_sessions_are_as_many_as_the_body_reported_and_what_no_report_gives_is_empty(table):
    rows = table("coverage").dropna(subset=["first_session"]).set_index(["body", "first_session", "last_session"])
    human_rights, torture = "body/human-rights-committee", "body/committee-against-torture"
    exact = [
        (human_rights, 111, 113),
        (human_rights, 114, 116),
        (human_rights, 16, 16),
        (torture, 64, 66),
        (torture, 67, 68),
    ]
    assert [80, 68, 2, 25, 15] == [*rows.loc[exact].reported_merits] == [*rows.loc[exact].merits]
    assert (
        (25, 5)
        == tuple(rows.reported_inadmissible[[exact[0], exact[4]]])
        == tuple(rows.inadmissible[[exact[0], exact[4]]])
    )
    years = table("coverage").dropna(subset=["year"]).set_index(["body", "year"])
    # The hundred of one decision are in 2011; of the 1980s few decisions are carried, and no report of a year was read.
    assert (188, 157) == (years.reported_complaints[human_rights, 2011], years.complaints[human_rights, 2011])
    assert [2, 3, 3] == [years.merits[human_rights, year] for year in (1984, 1985, 1986)]
    assert years.filter(like="reported").loc[human_rights].loc[1980:1989].isna().all(axis=None)
    assert years.discontinued[human_rights].loc[2001:2014].sum() == 0 < years.discontinued[human_rights, 2015]


def test_the_years_of_the_covenant_count_states_that_ended_and_begin_with_its_adoption(table):
    years = table("state-treaty-year")
    own = years[years.treaty == "treaty/iccpr"]
    # Viet Nam deposited in September 1982 and is the seventy-second; 80 at the end of 1985 as in the reports of the Committee.
    assert [(0, 0), (72, 72), (81, 80)] == [
        (own[own.year == year].ratified.sum(), (own[own.year == year].bound == "yes").sum())
        for year in (1966, 1982, 1985)
    ]
    old = own[own.state.str.startswith("historical-participant/")].groupby("state").year.max()
    assert {"csk": 1992, "ddr": 1990, "yug": 1992} == {state.split("/")[1]: year for state, year in old.items()}
    assert 1993 == own[own.state == "state/cze"].year.min() and 2006 == own[own.state == "state/mne"].year.min()


def test_reservations_and_procedures_of_a_year_are_those_that_stood_in_it(table):
    years = table("state-treaty-year").set_index(["state", "treaty", "year"])
    assert [1, 0] == [years.reservations["state/afg", "treaty/cat", year] for year in (2010, 2019)]
    assert pd.isna(years.procedures["state/afg", "treaty/cat", 2010])
    assert "inquiry" == years.procedures["state/afg", "treaty/cat", 2019]
    # Complaints by people at the end of 2015: CAT 22, ICERD 14, CED 31, CMW 77.
    own = years[years.index.get_level_values("year") == 2015].procedures.str.contains("individual-complaints")
    counts = own.groupby("treaty").sum()
    assert [67, 57, 19, 0] == [counts[f"treaty/{one}"] for one in ("cat", "icerd", "icpped", "cmw")]


def test_the_wide_table_has_a_column_for_each_treaty_and_says_what_the_long_one_says(table):
    wide, years = table("state-year"), table("state-treaty-year")
    treaties = {name.removeprefix("treaty/").replace("-", "_") for name in table("treaties").treaty}
    told = {"state", "state_label", "state_iso3", "state_cow", "state_gw", "year"}
    assert treaties == {*wide.columns} - told
    melted = wide.astype(object).melt(["state", "year"], sorted(treaties), "column", "told").dropna(subset=["told"])
    melted["treaty"] = "treaty/" + melted.column.str.replace("_", "-")
    both = (
        years[["state", "treaty", "year", "bound"]].astype(object).merge(melted, "outer", ["state", "treaty", "year"])
    )
    assert len(years) == len(both) and (both.bound == both.told).all()


def test_reservations_obligations_and_provisions_are_those_of_the_graph_and_their_keys_meet(table):
    declared, duties, provisions = table("declarations"), table("obligations"), table("provisions")
    own = declared[(declared.participation_party == "state/kaz") & (declared.participation_treaty == "treaty/cat")]
    accepted = own[own.optional_clause & own.accepts.notna()].set_index("accepts").made_stated.to_dict()
    assert {"provision/cat-21": "2008-02-21", "provision/cat-22": "2008-02-21"} == accepted
    held = duties[(duties.state == "state/kaz") & (duties.provision == "provision/iccpr-7")]
    assert ["2006-04-24"] == [str(day) for day in held.begins] and held.ends.isna().all()
    assert {*duties.provision} <= {*provisions[provisions.bears_duty].provision}
    assert (
        "No torture and no cruel, inhuman or degrading treatment or punishment."
        == (provisions.set_index("provision").subject["provision/iccpr-7"])
    )
    monitored = table("bodies").set_index("body").monitors.dropna()
    assert "treaty/iccpr treaty/iccpr-op1 treaty/iccpr-op2" == monitored["body/human-rights-committee"]


def test_the_six_refusals_of_the_report_of_2014_are_the_last_answers_in_the_table(table):
    asked = table("recommendations").set_index("recommendation")
    last = asked[asked.response == "rejected"]
    six = {f"recommendation/upr-kaz-1-97-{number}" for number in (1, 2, 3, 4, 10, 12)}
    assert six == {*last.index} and {"2014-09-16"} == {*last.response_date_stated}


def test_rival_figures_of_the_killed_in_zhanaozen_stand_side_by_side(table):
    figures = table("figures").set_index("figure")
    assert 15 == figures.best["figure/zhanaozen-killed-ai-2014"]
    assert 11 == figures.low["figure/zhanaozen-killed-gpo-11"] == figures.high["figure/zhanaozen-killed-gpo-11"]
    assert figures.best[figures.precision == "wording"].isna().all()
    assert "scores" == figures.in_words["figure/zhanaozen-held-incommunicado"]

"""The table of States, treaties and years: each row says what holds on its day, and nothing of what came later."""

import pytest

from kg import terms
from kg.config import PROJECT
from kg.store import Store
from kg.tables import parse_tables
from kg.tables.frame import TableReader

# What each State did with the treaty: property and day.
HELD = {
    "a": [
        {"beginsOn": "1991-03-01", "certainFrom": "1993-12-31", "endsOn": "2001-12-31", "certainUntil": "1999-05-05"}
    ],
    "b": [{"signedOn": "1990-01-01", "depositedOn": "1995-11-01", "beginsOn": "1996-01-01", "endsOn": "1998-12-30"}],
    "c": [{"depositedOn": "1994-12-31"}, {"signedOn": "2003-06-01"}],
    "d": [
        {"signedOn": "2003-05-31", "depositedOn": "1990-06-01", "inForceFrom": "1991-01-01", "beginsOn": "1991-01-01"}
    ],
    "e": [
        {"depositedOn": "1991-12-01", "beginsOn": "1992-01-01", "endsOn": "1994-06-01"},
        {"depositedOn": "1996-12-01", "beginsOn": "1997-01-01", "endsOn": "2003-05-31"},
    ],
    "f": [{"beginsOn": "2003-06-01", "depositedOn": "2003-05-30", "inForceFrom": "2003-06-01"}],
    "g": [{"beginsOn": "1995-02-01", "endsOn": "1995-03-01"}],
    "h": [],
    "i": [
        {
            "succeededOn": "1993-01-01",
            "beginsOn": "1993-01-01",
            "certainFrom": "1996-05-05",
            "depositedOn": "1996-05-05",
        }
    ],
}
SURE = {"i": "other-depositaries"}
# States that ended: the treaty and a deposit in vain.
ENDED = {
    "x": [
        {"depositedOn": "1989-12-01", "beginsOn": "1990-06-01", "endsOn": "1995-12-31", "certainUntil": "1995-01-01"}
    ],
    "y": [
        {"signedOn": "1990-01-01", "depositedOn": "1990-07-01", "beginsOn": "1991-01-01", "endsOn": "1992-10-02"},
        {"depositedOn": "1990-01-15"},
    ],
    "z": [{"depositedOn": "1990-01-01", "beginsOn": "1990-06-01"}],  # its end is not in the record, so it has no rows
}
FIRST, LAST = 1989, "2003-05-31"
STATEMENTS = """
<id/participation/e1> ans:hasReservation <id/declaration/r1> , <id/declaration/r2> , <id/declaration/r3> , <id/declaration/r4> .
<id/declaration/r1> ans:beginsOn "1996-12-01"^^xsd:date ; ans:inForceUntil "1999-06-30"^^xsd:date ; ans:isCurrent false .
<id/declaration/r2> ans:beginsOn "1998-01-01"^^xsd:date .
<id/declaration/r3> ans:beginsOn "1996-12-01"^^xsd:date ; ans:isCurrent false .
<id/declaration/r4> ans:beginsOn "1996-12-01"^^xsd:date ; ans:hasDeclarationStage <scheme/declaration-stage/signature> .
<id/provision/p> ans:isProvisionOf <id/treaty/t> ; ans:opensProcedure <scheme/procedure/inquiry> .
<id/provision/q> ans:isProvisionOf <id/treaty/t> ; ans:opensProcedure <scheme/procedure/inter-state> ; ans:isOptional true .
<id/participation/e0> ans:hasStateDeclaration <id/declaration/o> .
<id/declaration/o> ans:optsOutOf <id/provision/p> ; ans:withdrawnOn "1993-06-01"^^xsd:date .
<id/participation/d0> ans:hasOptionalDeclaration <id/declaration/v> , <id/declaration/w> ; ans:hasStateDeclaration <id/declaration/s> .
<id/declaration/s> ans:optsOutOf <id/provision/p> .
<id/declaration/v> ans:accepts <id/provision/q> ; ans:beginsOn "1990-06-01"^^xsd:date ; ans:inForceUntil "1992-12-30"^^xsd:date .
<id/declaration/w> ans:accepts <id/provision/q> ; ans:beginsOn "2000-01-01"^^xsd:date ; ans:isCurrent false .
"""


@pytest.fixture(scope="module")
def rows():
    """Make the table of a treaty, the States above and what they did with it, as the build derives it."""
    lines = [
        '<id/treaty/t> a ans:Treaty ; ans:adoptedOn "1989-05-01"^^xsd:date ; ans:inForceFrom "1990-06-01"^^xsd:date .',
        f'<id/treaty/t> ans:isReportedIn <id/passage/p> . <id/passage/p> ans:isPartOf <id/document/d> . <id/document/d> ans:recordEndsOn "{LAST}"^^xsd:date .',
    ]
    for path, kind, held in (
        ("state", ("State", "Participation"), HELD),
        ("historical-participant", ("HistoricalParticipant", "HistoricalParticipation"), ENDED),
    ):
        for state, periods in held.items():
            lines += [f"<id/{path}/{state}> a ans:{kind[0]} ."]
            for number, days in enumerate(periods):
                one = f"<id/participation/{state}{number}>"
                lines += [
                    f"{one} a ans:{kind[1]} ; ans:isParticipationOf <id/{path}/{state}> ; ans:isParticipationIn <id/treaty/t> ."
                ]
                lines += [f'{one} ans:{name} "{day}"^^xsd:date .' for name, day in days.items()]
                if "endsOn" in days and "certainUntil" not in days:
                    lines += [f'{one} ans:certainUntil "{days["endsOn"]}"^^xsd:date .']
                if "succeededOn" in days:
                    lines += [f"{one} ans:hasSuccessionConfidence <scheme/confidence/{SURE[state]}> ."]
    prefixes = "".join(f"@prefix {name}: <{terms.PREFIXES[name]}> .\n" for name in ("ans", "xsd"))
    files = {str(path): path.read_text(encoding="utf-8") for path in (PROJECT / "queries/tables").glob("*.rq")}
    with Store.memory() as store:
        text = f"@base <{terms.BASE}> .\n{prefixes}" + "\n".join(lines) + STATEMENTS
        store.load(text.encode(), format="ttl", graph=terms.graph_of("x"), source="x")
        store.copy_named_into_default()
        tables, reader = parse_tables(files), TableReader(store)
        for name in ("states", "treaties", "state-treaty-year"):
            columns = reader.read(tables[name]).columns
    names = ("exists", "signed", "ratified", "bound", "reservations", "procedures")
    keys = zip(columns["state"], columns["year"], strict=True)
    assert all(
        str(day) == min(f"{year}-12-31", LAST) for year, day in zip(columns["year"], columns["as_of"], strict=True)
    )
    return dict(zip(keys, zip(*(columns[name] for name in names), strict=True), strict=True))


def expected(periods, year, ended):
    """Say from the days above alone what a row has: exists, signed, ratified, bound; None where there is no row."""
    day = min(f"{year}-12-31", LAST)
    acts = [one[name] for one in periods for name in ("signedOn", "depositedOn") if name in one]
    begun = min((one["succeededOn"] for one in periods if "succeededOn" in one), default=None)
    exists = "yes" if any(act <= day for act in acts) or (begun and begun <= day) else "not recorded"
    if begun and str(year) < begun[:4]:
        return None
    if ended:
        last, sure = periods[0].get("endsOn"), periods[0].get("certainUntil", periods[0].get("endsOn"))
        if last is None or str(year) > last[:4]:
            return None
        exists = "no" if day > last else "possibly" if day > sure else exists
    held = [one for one in periods if "endsOn" in one] if ended else periods  # the rest was deposited in vain
    open_ = [one for one in held if day <= one.get("endsOn", day)]
    now = [one for one in open_ if one.get("beginsOn", "9") <= day]
    ratified = any(one.get("depositedOn", one.get("beginsOn", "9")) <= day for one in open_)
    bound = "no"
    if now:
        is_sure = now[0].get("certainFrom", "") <= day <= now[0].get("certainUntil", day)
        bound = "yes" if is_sure else "possibly"
    elif any(one.get("depositedOn", "9") <= day and "inForceFrom" not in one for one in open_):
        bound = "possibly"
    return exists, any(one.get("signedOn", "9") <= day for one in periods), ratified, bound


def test_each_year_of_a_state_and_a_treaty_says_what_holds_on_its_day(rows):
    for path, held in (("state", HELD), ("historical-participant", ENDED)):
        for state, periods in held.items():
            for year in range(FIRST - 1, 2005):
                told = rows.get((f"{path}/{state}", year))
                has_row = FIRST <= year <= 2003 and expected(periods, year, path != "state")
                assert (told[:4] if told else None) == (has_row or None), (state, year)
    assert {"yes", "possibly", "no"} == {told[3] for told in rows.values()}
    assert {"yes", "possibly", "no", "not recorded"} == {told[0] for told in rows.values()}


def test_reservations_are_those_that_stood_on_the_day_and_none_is_counted_of_a_state_that_is_no_party(rows):
    assert [None, 1, 2, 1, 1] == [rows["state/e", year][4] for year in (1995, 1997, 1998, 1999, 2000)]
    assert 0 == rows["state/d", 1995][4] and rows["state/h", 1995][4] is None
    assert rows["historical-participant/x", 1991][4] is None


def test_procedures_are_open_by_joining_or_by_accepting_their_clause_until_that_ends(rows):
    inquiry = "inquiry"
    assert [None, inquiry, None, inquiry] == [rows["state/e", year][5] for year in (1992, 1993, 1995, 1997)]
    assert [None, "inter-state", None, None] == [rows["state/d", year][5] for year in (1990, 1991, 1992, 2001)]
    assert inquiry == rows["state/a", 1991][5] == rows["historical-participant/x", 1994][5]
    assert rows["state/f", 2003][5] is rows["state/h", 2000][5] is None

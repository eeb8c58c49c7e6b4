"""The table of States, treaties and years: each row says what holds on its day."""

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
    "b": [{"signedOn": "1990-01-01", "beginsOn": "1996-01-01", "certainFrom": "1996-01-01", "endsOn": "1998-12-30"}],
    "c": [{"depositedOn": "1994-12-31"}, {"signedOn": "2003-06-01"}],
    "d": [
        {"signedOn": "2003-05-31", "depositedOn": "1980-01-01", "inForceFrom": "1990-06-01", "beginsOn": "1990-06-01"}
    ],
    "e": [{"beginsOn": "1992-01-01", "endsOn": "1994-06-01"}, {"beginsOn": "1997-01-01", "endsOn": "2003-05-31"}],
    "f": [{"beginsOn": "2003-06-01"}],
    "g": [{"beginsOn": "1995-02-01", "endsOn": "1995-03-01"}],
    "h": [],
}
LAST = "2003-05-31"


@pytest.fixture
def store():
    """Hold a treaty, eight States and what they did with it, as the build derives it."""
    lines = ['<id/treaty/t> a ans:Treaty ; ans:inForceFrom "1990-06-01"^^xsd:date ; ans:isReportedIn <id/passage/p> .']
    lines += [f'<id/passage/p> ans:isPartOf <id/document/d> . <id/document/d> ans:recordEndsOn "{LAST}"^^xsd:date .']
    for state, rows in HELD.items():
        lines += [f"<id/state/{state}> a ans:State ."]
        for number, days in enumerate(rows):
            one = f"<id/participation/{state}{number}>"
            lines += [f"{one} ans:isParticipationOf <id/state/{state}> ; ans:isParticipationIn <id/treaty/t> ."]
            lines += [f'{one} ans:{name} "{day}"^^xsd:date .' for name, day in days.items()]
    prefixes = "".join(f"@prefix {name}: <{terms.PREFIXES[name]}> .\n" for name in ("ans", "xsd"))
    with Store.memory() as store:
        text = f"@base <{terms.BASE}> .\n{prefixes}" + "\n".join(lines)
        store.load(text.encode(), format="ttl", graph=terms.graph_of("x"), source="x")
        store.copy_named_into_default()
        yield store


def bound(rows, day):
    """Say whether rows of HELD bind a State on a day."""
    now = [one for one in rows if one.get("beginsOn", "9") <= day <= one.get("endsOn", day)]
    for one in now:
        is_sure = one.get("certainFrom", "") <= day <= one.get("certainUntil", day)
        return "yes" if is_sure else "possibly"
    if any(one.get("depositedOn", "9") <= day and "inForceFrom" not in one for one in rows):
        return "possibly"
    return "no" if any("beginsOn" in one for one in rows) else "none recorded"


def test_each_year_of_a_state_and_a_treaty_says_what_holds_on_its_day(store):
    files = {str(path): path.read_text(encoding="utf-8") for path in (PROJECT / "queries/tables").glob("*.rq")}
    tables, reader = parse_tables(files), TableReader(store)
    for name in ("states", "treaties", "state-treaty-year"):
        columns = reader.read(tables[name]).columns
    made = zip(*(columns[name] for name in ("state", "year", "as_of", "bound", "signed")), strict=True)
    days = {year: min(f"{year}-12-31", LAST) for year in range(1990, 2004)}
    assert [
        (f"state/{state}", year, day, bound(rows, day), any(one.get("signedOn", "9") <= day for one in rows))
        for state, rows in HELD.items()
        for year, day in days.items()
    ] == [(state, year, str(day), *rest) for state, year, day, *rest in made]
    assert {"yes", "possibly", "no", "none recorded"} == {*columns["bound"]}

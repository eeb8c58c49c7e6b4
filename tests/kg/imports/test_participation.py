"""The import of participation: days of entry into force, what is left alone, and nothing written in part."""

import os
import re
from pathlib import Path

import pytest

HEAD = 'Participant,Signature,"Ratification, Accession(a), Succession(d), Definitive signature(s)"\n'
ROWS = """Kazakhstan 4,,26 Aug 1998 a
Afghanistan,4 Feb 1985,1 Apr 1987
India,14 Oct 1997,
Croatia,,12 Oct 1992 d
Czechoslovakia,8 Sep 1986,7 Jul 1988
Monaco,,6 Dec 1991 s
"""
STATES = {"kaz": "Kazakhstan", "afg": "Afghanistan", "ind": "India", "hrv": "Croatia", "mco": "Monaco"}
DATA = {
    "data/states/all.ttl": "\n".join(
        f'<id/state/{key}> a ans:State ; ans:isoCode "{key.upper()}" ; skos:prefLabel "{name}"@en .'
        for key, name in STATES.items()
    ),
    "data/treaties/cat.ttl": """<id/treaty/cat> a ans:Treaty ; ans:shortName "CAT" ; ans:collectionNumber "IV-9" ;
    ans:inForceFrom "1987-06-26"^^xsd:date .
<id/provision/cat-27> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:entryIntoForceDelay "P30D"^^xsd:duration .""",
    "data/sources/untc.ttl": '<id/document/untc-2015> a ans:Document ; ans:date "2015-03-14"^^xsd:date .',
    "data/states/set-aside.csv": "participant,reason\nCzechoslovakia,a State that no longer exists\n",
    "tables/4-9.csv": HEAD + ROWS,
    "tables/4-1.csv": HEAD,
}


@pytest.fixture
def kg(importing):
    """Give the import of the tables of the small project."""
    return importing("participation", "untc-2015", DATA)


def written(kg):
    """Ask what the Turtle that was written says of each participation: (signed, deposited, mode, in force)."""
    links = {"s": "signedOn", "d": "depositedOn", "m": "hasBindingMode", "f": "inForceFrom"}
    optional = " ".join(f"OPTIONAL {{ ?p ans:{link} ?{name} }}" for name, link in links.items())
    return {key: tuple(rest) for key, *rest in kg.ask("?p ?s ?d ?m ?f", f"?p a ans:Participation . {optional}")}


def test_each_row_becomes_a_participation_that_says_what_follows_from_it(kg):
    code, out, err = kg()
    assert (0, "") == (code, err)
    assert out.endswith(f"5 participations from 1 table, as of 2015-03-14, in {kg.folder}\n")
    assert {
        "kaz-cat": ("", "1998-08-26", "accession", "1998-09-25"),
        "afg-cat": ("1985-02-04", "1987-04-01", "ratification", "1987-06-26"),
        "ind-cat": ("1997-10-14", "", "", ""),
        "hrv-cat": ("", "1992-10-12", "succession", "1992-10-12"),
        "mco-cat": ("1991-12-06", "", "definitive-signature", "1992-01-05"),
    } == written(kg)


def test_a_day_that_is_computed_is_told_by_its_clause_and_no_passage_is_made_for_it(kg):
    kg()
    text = (kg.folder / "cat.ttl").read_text(encoding="utf-8")
    assert {"whole"} == set(re.findall(r"hasReading <scheme/reading/([a-z-]+)>", text))
    stated = {
        block.partition(">")[0].rpartition("/")[2]: block
        for block in text.split("\n\n")
        if "a ans:Participation" in block
    }
    assert {"kaz-cat", "afg-cat", "ind-cat", "hrv-cat", "mco-cat"} == set(stated)
    for key, block in stated.items():
        assert [f"untc-2015-cat-{key[:3]}"] == re.findall(r"<id/passage/([^>]+)>", block)
        # A successor is bound from the day that its row gives, and a signature alone from none.
        assert ("ans:followsClause <id/provision/cat-27>" in block) == (key[:3] in ("kaz", "afg", "mco"))


def test_what_is_no_state_of_today_is_named_and_so_are_tables_of_other_treaties(kg):
    _, out, _ = kg()
    assert "4-9.csv:6: Czechoslovakia is set aside: a State that no longer exists\n" in out
    assert "no treaty of the graph has the number of 4-1.csv\n" in out


def test_importing_again_changes_nothing(kg):
    kg()
    before = kg.files()
    assert 0 == kg()[0]
    assert before == kg.files()


def test_what_is_written_by_hand_is_left_alone(kg):
    kg.project.write(
        "data/states/kaz-cat.ttl",
        """<id/participation/kaz-cat> a ans:Participation ; ans:isParticipationOf <id/state/kaz> ;
        ans:isParticipationIn <id/treaty/cat> . <id/passage/untc-2015-cat-ind> ans:isPartOf <id/document/untc-2015> .""",
    )
    code, out, _ = kg()
    assert 0 == code
    assert "4-9.csv:2: Kazakhstan is left as it is written by hand\n" in out
    text = (kg.folder / "cat.ttl").read_text()
    assert "participation/kaz-cat>" not in text
    assert "<id/passage/untc-2015-cat-kaz> a" not in text
    assert "<id/passage/untc-2015-cat-ind> a" not in text
    assert "<id/passage/untc-2015-cat-afg> a ans:Passage" in text


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Ruritania,,26 Aug 1998 a", "'Ruritania' is no State of the graph. Add the name as skos:altLabel"),
        ("KAZAKHSTAN 7,,26 Aug 1998 a", "Kazakhstan has a row already, in line 2. Keep one of the two"),
    ],
)
def test_a_row_that_cannot_be_placed_is_named_and_nothing_is_written_in_part(row, why, kg):
    kg()
    before = kg.files()
    kg.project.write("tables/4-9.csv", HEAD + ROWS.replace("1 Apr 1987", "2 Apr 1987") + f"{row}\nNowhere,,\n")
    code, _, err = kg()
    assert 1 == code
    first, second, last = err.splitlines()
    assert first.startswith("kg: 4-9.csv:8: ")
    assert why in first
    assert second.startswith("kg: 4-9.csv:9: Nowhere neither signed nor joined")
    assert "kg: 2 rows cannot be placed; nothing was written" == last
    assert before == kg.files()


def test_a_table_with_a_bad_head_does_not_hide_the_mistakes_of_the_others(kg):
    kg.project.write("data/treaties/numbers.ttl", '<id/treaty/cat> ans:collectionNumber "IV-9" .')
    kg.project.write("tables/cat.csv", "State,Ratification\n")
    kg.project.write("tables/4-9.csv", HEAD + "Ruritania,,26 Aug 1998 a\n")
    code, _, err = kg("--treaty", "cat=cat")
    assert 1 == code
    assert ["kg: 4-9.csv:2", "kg: cat.csv:1", "kg"] == [
        re.match(r"kg(: \S+?:\d+)?", line)[0] for line in err.splitlines()
    ]


def break_writing(monkeypatch):
    """Let no file be written whole."""
    text = Path.write_text

    def fail(path, *arguments, **options):
        text(path, "half", encoding="utf-8")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", fail)


def break_moving(monkeypatch):
    """Let the second file that is moved not come to its place."""
    replace, moved = os.replace, []

    def fail(source, target):
        moved.append(source)
        if len(moved) == 2:
            raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)


@pytest.mark.parametrize("broken", [break_writing, break_moving])
def test_a_write_that_fails_leaves_all_files_as_they_were(kg, monkeypatch, broken):
    kg()
    before = kg.files()
    kg.project.write("tables/4-9.csv", HEAD + "Kazakhstan,,27 Aug 1998 a\n")
    broken(monkeypatch)
    code, _, err = kg()
    monkeypatch.undo()
    assert 1 == code
    assert "No space left on device" in err
    assert before == kg.files()


def test_a_table_under_another_name_is_read_for_the_treaty_it_is_said_to_be_of(kg):
    (kg.project.root / "tables/4-9.csv").rename(kg.project.root / "tables/torture.csv")
    assert 2 == kg()[0]
    assert 0 == kg("--treaty", "torture=cat")[0]
    assert "1998-09-25" == written(kg)["kaz-cat"][3]


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        (
            "data/treaties/cat.ttl",
            'ans:entryIntoForceDelay "P30D"',
            'ans:entryIntoForceDelay "P1W"',
            "CAT does not say",
        ),
        ("data/treaties/cat.ttl", "ans:inForceFrom", "ans:adoptedOn", "CAT does not say from which day it is in force"),
        ("data/sources/untc.ttl", "2015-03-14", "2015", "no document 'untc-2015' with the day of its record"),
        ("data/states/all.ttl", '"India"', '"Monaco"', "'Monaco' is the name of"),
    ],
)
def test_data_that_leave_open_what_an_import_rests_on_are_refused(name, old, new, why, kg):
    kg.project.replace(name, old, new)
    code, _, err = kg()
    assert 2 == code
    assert why in err

"""The import of a table: checked, then copied to its place; with a mistake nothing is written."""

import shutil

import pytest

from kg.config import PROJECT

NAME = "data/tables/untc-2026/participation.csv"
HEAD = (
    "treaty,participant,name,period,signed,signature_inherited,deposited,mode,in_force_from,succeeded_on,"
    "succession_confidence,denounced_on,in_force_until,dates_only,note,correction\n"
)
KAZ = "cat,state/kaz,Kazakhstan,,,,1998-08-26,accession,1998-09-25,,,,,,,\n"
DATA = {
    "data/states/kaz.ttl": '<id/state/kaz> a ans:State ; skos:prefLabel "Kazakhstan"@en .',
    "data/treaties/cat.ttl": """<id/treaty/cat> a ans:Treaty ; ans:shortName "CAT" ; ans:collectionNumber "IV-9" ;
    ans:inForceFrom "1987-06-26"^^xsd:date .
<id/provision/cat-27> a ans:Provision ; ans:isProvisionOf <id/treaty/cat> ; ans:entryIntoForceDelay "P30D"^^xsd:duration .""",
    "data/sources/untc.ttl": '<id/document/untc-2026> a ans:Document ; ans:date "2026-02-03"^^xsd:date .',
}


@pytest.fixture
def kg(kg, project, monkeypatch):
    """Return a function that imports a text as a table of participation; the exit code, the output and the errors."""
    monkeypatch.setenv("ANSWERABLE_ROOT", str(project.root))
    shutil.copytree(PROJECT / "queries/mappings", project.root / "queries/mappings")
    shutil.copytree(PROJECT / "ontology", project.root / "ontology", dirs_exist_ok=True)
    for name, text in DATA.items():
        project.write(name, text)

    def run(text, kind="participation", document="untc-2026"):
        file = project.write("mine.csv", "")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return kg("import", "table", file, "--as", kind, "--document", document)

    run.project = project
    return run


def test_a_table_is_copied_as_it_is_and_again_without_a_change(kg):
    for _ in range(2):
        assert (0, f"1 row in {NAME}\n", "") == kg(HEAD + KAZ)
        assert HEAD + KAZ == (kg.project.root / NAME).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "place", "why"),
    [
        (KAZ.replace("1998-08-26", "26 Aug 1998"), "3:7", "deposited: '26 Aug 1998' is no day. Write it as 1985-02-04."),
        (KAZ.replace("state/kaz", "state/kza"), "3:2", "participant: id/state/kza is not described. There are: id/state/kaz."),
        (KAZ.replace("cat,", "tac,"), "3:1", "treaty: id/treaty/tac is not described. There are: id/treaty/cat."),
        (KAZ, "3", "Row 2 is of treaty cat, participant state/kaz too. Keep one of the two."),
        (KAZ.replace("accession", "purchase"), "3:8", "mode: scheme/binding-mode/purchase is not described. There are: scheme/binding-mode/acceptance, "),
        (KAZ.replace("1998-08-26", "9998-08-26"), "3:7", "9998-08-26"),
    ],
)  # fmt: skip
def test_with_a_wrong_row_nothing_is_written_and_all_mistakes_are_told(row, place, why, kg):
    first = KAZ if row == KAZ else KAZ.replace("Kazakhstan,,", "Kazakhstan,2,")
    code, out, err = kg(HEAD + first + row)
    assert (1, "") == (code, out)
    assert err.endswith("nothing was written\n")
    told = err.splitlines()[0]
    assert told.startswith(f"kg: {kg.project.root / 'mine.csv'}:{place}: ")
    assert why in told
    assert not (kg.project.root / "data/tables").exists()


def test_a_table_of_other_columns_or_of_no_kind_is_refused_and_what_was_there_stays(kg):
    kg(HEAD + KAZ)
    for text, kind, why in (
        (HEAD.replace("mode", "modus") + KAZ, "participation", "There is no column mode."),
        (HEAD + KAZ, "participations", "There is no mapping for this table. Name it after what it is about: "),
        (b"\xff" + (HEAD + KAZ).encode(), "participation", "The file is not UTF-8 text"),
    ):
        code, _, err = kg(text, kind)
        assert 1 == code
        assert why in err
    assert [NAME] == [
        str(path.relative_to(kg.project.root)) for path in (kg.project.root / "data/tables").rglob("*.csv")
    ]
    assert HEAD + KAZ == (kg.project.root / NAME).read_text(encoding="utf-8")


def test_a_table_of_a_document_that_is_not_described_is_refused(kg):
    code, _, err = kg(HEAD + KAZ, document="untc-2027")
    assert 1 == code
    assert (
        "id/document/untc-2027, after which the folder is named, is not described. Describe it in data/sources/." in err
    )

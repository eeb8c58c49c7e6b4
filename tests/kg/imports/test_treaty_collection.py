"""The tables of participation: every row is read or named, and a sign means what the head of its column says."""

import datetime

import pytest

from kg.errors import SourceError
from kg.imports import treaty_collection

HEAD = 'Participant,Signature,"Ratification, Accession(a), Succession(d)"\n'
TODAY = datetime.date(2015, 3, 14)


@pytest.fixture
def read(tmp_path):
    """Read a table; what it yields, its mistakes as text."""

    def rows(text, aside=()):
        path = tmp_path / "4-9.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return [
            str(row) if isinstance(row, SourceError) else row
            for row in treaty_collection.rows(path, TODAY, dict.fromkeys(aside, ""))
        ]

    return rows


def day(*parts):
    return datetime.date(*parts)


def test_a_row_gives_signature_consent_and_how_it_was_given(read):
    rows = read(
        HEAD + "China,12 Dec 1986,4 Oct 1988\nJapan,,29 Jun 1999 a\nIndia,14 Oct 1997,\nCroatia,,12 Oct 1992 d\n"
    )
    assert [
        (2, "China", day(1986, 12, 12), False, day(1988, 10, 4), "ratification"),
        (3, "Japan", None, False, day(1999, 6, 29), "accession"),
        (4, "India", day(1997, 10, 14), False, None, None),
        (5, "Croatia", None, False, day(1992, 10, 12), "succession"),
    ] == [(row.line, row.name, row.signed, row.inherited, row.bound, row.mode) for row in rows]


@pytest.mark.parametrize(
    ("sign", "head", "mode"),
    [
        ("a", "Accession(a), Succession(d)", "accession"),
        ("A", "Acceptance(A), Succession(d)", "acceptance"),
        ("AA", "Ratification, Approval(AA)", "acceptance"),
        ("s", "Definitive signature(s), Ratification", "definitive-signature"),
        ("", "Accession(a), Ratification", "ratification"),
    ],
)
def test_a_sign_means_what_the_head_says(sign, head, mode, read):
    (row,) = read(f'Participant,Signature,"{head}"\nMongolia,,16 Dec 1987 {sign}\n')
    assert mode == row.mode


def test_a_signature_may_be_the_predecessors(read):
    (row,) = read(
        'Participant,"Signature, Succession to signature(d)","Ratification"\nSerbia,12 Mar 2001 d,6 Sep 2001\n'
    )
    assert (True, day(2001, 3, 12)) == (row.inherited, row.signed)


def test_a_table_without_a_column_of_signatures_is_read(read):
    (row,) = read('Participant,"Accession(a), Succession(d)"\nSweden,4 Oct 1967 a\n')
    assert (None, day(1967, 10, 4)) == (row.signed, row.bound)


@pytest.mark.parametrize("text", ["\ufeff" + HEAD, HEAD.replace("\n", "\r\n"), HEAD + "\n,,\n"])
def test_a_byte_order_mark_ends_of_lines_and_empty_rows_change_nothing(text, read):
    (row,) = read(text + "Côte d'Ivoire,,18 Dec 1995 a")
    assert ("Côte d'Ivoire", day(1995, 12, 18)) == (row.name, row.bound)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("China,,31 Feb 1988", "there is no such day"),
        ("China,,4 Okt 1988", "is no date"),
        ("China,,1988", "is no date"),
        ("China,,15 Mar 2015", "is later than the record, which is of 2015-03-14"),
        ("China,,4 Oct 1988 x", "explains no such sign, only none, a, d"),
        ("China,,4 Oct 1988 A", "explains no such sign"),
        ("China,12 Dec 1986 a,4 Oct 1988", "a signature has no sign but d"),
        ("China,5 Oct 1988,4 Oct 1988", "ratified on 1988-10-04, before it signed on 1988-10-05"),
        ("China,,", "neither signed nor joined"),
        ("China,4 Oct 1988", "2 cells, and the head has 3"),
        ("China,,[4 Oct 1988 a]", "brackets stand for a withdrawal"),
        ('China,,"4 Oct', "This is no CSV"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_file_line_and_reason(row, why, read):
    good, bad = read(f"{HEAD}Japan,,29 Jun 1999 a\n{row}\n")
    assert "Japan" == good.name
    assert bad.startswith("4-9.csv:3: ")
    assert why in bad


def test_a_sign_that_only_another_table_explains_is_refused(read):
    (bad,) = read('Participant,Signature,"Accession(a)"\nChina,,4 Oct 1988\n')
    assert "explains no such sign, only a" in bad


@pytest.mark.parametrize(
    "head", ["State,Ratification\n", "Participant,Signature\n", "Participant,Ratification,Accession(a)\n", ""]
)
def test_a_file_that_is_no_such_table_is_refused(head, read):
    with pytest.raises(SourceError, match=r"^4-9\.csv:1: |Participant"):
        read(head + "China,4 Oct 1988\n")


def test_a_file_in_another_encoding_is_refused_with_the_line(read):
    with pytest.raises(SourceError) as caught:
        read((HEAD + "Côte d'Ivoire,,18 Dec 1995 a\n").encode("latin-1"))
    assert "4-9.csv:2: The file is not UTF-8 text. Save it as UTF-8." == str(caught.value)


def test_of_a_participant_set_aside_only_the_name_is_read(read):
    (row,) = read(HEAD + "European Union,30 Mar 2007,23 Dec 2010 c\n", aside=["european union"])
    assert ("European Union", None) == (row.name, row.mode)


@pytest.mark.parametrize(
    "name", ["Serbia", "Serbia 12", "Serbia12", "Serbia 3, 4", "Serbia³", " serbia ", "Serbia\u00a05"]
)
def test_names_are_compared_without_the_numbers_of_footnotes(name):
    assert "serbia" == treaty_collection.fold(name)


def test_names_are_compared_with_plain_apostrophes():
    assert treaty_collection.fold("Cote d'Ivoire") == treaty_collection.fold("Cote  d’Ivoire 2")


@pytest.mark.parametrize(
    ("number", "file"), [("IV-9", "4-9"), ("IV-9-b", "4-9-b"), ("V-2", "5-2"), ("XVIII-10", "18-10"), ("IX-1", "9-1")]
)
def test_a_table_is_named_by_the_number_of_its_treaty(number, file):
    assert file == treaty_collection.file_of(number)

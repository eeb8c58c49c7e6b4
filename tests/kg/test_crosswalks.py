"""A file in SSSOM is read to the letter, and each thing that is wrong in it has its line."""

import pytest

from kg import crosswalks
from kg.config import PROJECT
from kg.errors import SourceError
from kg.terms import Iri, Literal

SHIPPED = (PROJECT / "data/crosswalks/rights-sdg.sssom.tsv").read_bytes()
ROW = b"right:life\tlife\tskos:closeMatch\tsdg:16.1\tTarget 16.1\tsemapv:ManualMappingCuration\tA house\t0.5\t\n"


def made(*rows):
    """Write a file of these lines under the head of the shipped one."""
    head = [line for line in SHIPPED.splitlines(keepends=True) if line.startswith((b"#", b"subject_id"))]
    return b"".join([*head, *rows])


def faults(data, name="x"):
    """List what is wrong in a file, with the line counted from the first mapping."""
    one = crosswalks.parse(name, data)
    return [(line - one.begins, said) for line, said in crosswalks.faults(one)]


def test_what_is_shipped_has_no_fault_and_is_written_as_it_was_read():
    one = crosswalks.parse("rights-sdg", SHIPPED)
    assert [] == [*crosswalks.faults(one)] and len(one.rows) > 30
    assert one == crosswalks.parse("rights-sdg", one.write())
    assert SHIPPED.splitlines()[one.begins - 1].decode().split("\t") == [*one.rows[0]]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (b"# license:", b"# licence:", 1, "does not say license"),
        (b"# curie_map:", b"#curie_map", 7, "no line of the head"),
        (b"\tconfidence\t", b"\tsure\t", 12, "does not name the columns"),
        (ROW, b"right:life\tskos:exactMatch\n", 13, "has 2 columns, and there are 9"),
        (ROW, ROW + b"\n", 14, "has 1 columns"),
        (ROW, ROW + b"# a remark\n", 14, "has 1 columns"),
        (b"A house", b"A h\xf4use", 13, "not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(old, new, line, said):
    data = made(ROW)
    assert data.count(old) == 1
    with pytest.raises(SourceError, match=said) as caught:
        crosswalks.parse("x", data.replace(old, new))
    assert ("x.sssom.tsv", line) == (caught.value.where, caught.value.line)


@pytest.mark.parametrize("data", [b"", b"\n", b"\0", b"# a: b\n", b"\xff\xfe", made()[:-9], made() + b"\t" * 99])
def test_whatever_is_no_crosswalk_is_refused(data):
    with pytest.raises(SourceError):
        crosswalks.parse("x", data)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"0.5", b"2", "is no confidence"),
        (b"0.5", b"nan", "is no confidence"),
        (b"0.5", b"high", "is no confidence"),
        (b"skos:closeMatch", b"owl:sameAs", "is no predicate"),
        (b"A house", b"", "whose judgement"),
        (b"sdg:16.1", b"nothing:1", "prefix of nothing:1"),
        (b"sdg:16.1", b"sdg:16 1", "no IRI"),
        (b"right:life", b"life", "prefix of life"),
        (ROW, ROW + ROW, "stand twice"),
    ],
)
def test_a_mapping_with_a_fault_is_told_with_its_line(old, new, said):
    found = faults(made(ROW).replace(old, new))
    assert 1 == len(found) and said in found[0][1]
    assert (1 if new.endswith(ROW) else 0) == found[0][0]


def test_a_file_may_not_take_the_name_of_one_that_the_build_makes():
    for name in (*crosswalks.MADE, "A b"):
        assert 1 == len(faults(made(ROW), name))


def test_spaces_of_other_systems_and_a_mark_at_the_beginning_are_read():
    whole = crosswalks.parse("x", made(ROW))
    assert whole == crosswalks.parse("x", b"\xef\xbb\xbf" + made(ROW).replace(b"\n", b"\r\n"))
    assert whole == crosswalks.parse("x", made(ROW).removesuffix(b"\n"))


def test_a_name_with_a_tab_or_a_line_stays_in_its_cell():
    state = Iri("https://w3id.org/answerable/id/state/xar")
    code = Iri("https://w3id.org/answerable/ontology#isoCode")
    one = crosswalks.of_states([(state, Literal("Ar\tland\nof"), code, Literal("XAR"))])
    (row,) = crosswalks.parse("states", one.write()).rows
    assert ("state:xar", "Ar land of", "iso3166:XAR") == (row.subject_id, row.subject_label, row.object_id)

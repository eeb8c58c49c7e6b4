"""A file in SSSOM is read to the letter, and each thing that is wrong in it has its line."""

from dataclasses import replace

import pytest

from kg import crosswalks, terms
from kg.config import PROJECT
from kg.errors import SourceError
from kg.store import Store

SHIPPED = (PROJECT / "data/crosswalks/rights-sdg.sssom.tsv").read_bytes()
ROW = b"right:life\tlife\tskos:closeMatch\tsdg:16.1\tTarget 16.1\tsemapv:ManualMappingCuration\tA house\t0.5\t\n"


def text(*rows):
    """Write a file of these lines under the head of the shipped one."""
    head = [line for line in SHIPPED.splitlines(keepends=True) if line.startswith((b"#", b"subject_id"))]
    return b"".join([*head, *rows])


def faults(data, name="x", stated=()):
    """List what is wrong in a file, with the line counted from the first mapping."""
    one = crosswalks.parse(name, data)
    return [(line - one.begins, said) for line, said in crosswalks.faults(one, stated)]


def test_what_is_shipped_has_no_fault_and_is_written_as_it_was_read():
    one = crosswalks.parse("rights-sdg", SHIPPED)
    assert [] == [*crosswalks.faults(one)] and len(one.rows) > 30
    assert one == crosswalks.parse("rights-sdg", one.write())
    colons = replace(one, head={**one.head, "comment": 'A "quoted" word: #1'}, prefixes={"iso": "urn:x-code:iso:"})
    assert colons == crosswalks.parse("rights-sdg", colons.write())
    plain = b"\n".join(line.replace(b'"', b"") if line.startswith(b"# ") else line for line in one.write().split(b"\n"))
    assert plain != one.write() and one == crosswalks.parse("rights-sdg", plain)  # as releases before had it
    assert SHIPPED.splitlines()[one.begins - 1].decode().split("\t") == [*one.rows[0]]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (b"# license:", b"# licence:", 1, "does not say license"),
        (b"# curie_map:", b"#curie_map", 7, "no line of the head"),
        (b"\tconfidence\t", b"\tsure\t", 14, "does not name the columns"),
        (ROW, b"right:life\tskos:exactMatch\n", 15, "has 2 columns, and there are 9"),
        (ROW, ROW + b"\n", 16, "has 1 columns"),
        (ROW, ROW + b"# a remark\n", 16, "has 1 columns"),
        (b"un: http://metadata.un.org/\n", b"un: urn:code:\n", 13, "YAML does not read"),
        (b"un: http://metadata.un.org/\n", b'un: "urn:code:\n', 13, "YAML does not read"),
        (b"A house", b"A h\xf4use", 15, "not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(old, new, line, said):
    data = text(ROW)
    assert data.count(old) == 1
    with pytest.raises(SourceError, match=said) as caught:
        crosswalks.parse("x", data.replace(old, new), is_strict=True)
    assert ("x.sssom.tsv", line) == (caught.value.where, caught.value.line)


@pytest.mark.parametrize("data", [b"", b"\n", b"\0", b"# a: b\n", b"\xff\xfe", text()[:-9], text() + b"\t" * 99])
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
    ((line, message),) = faults(text(ROW).replace(old, new))
    assert said in message and (1 if new.endswith(ROW) else 0) == line


def test_a_file_may_not_take_the_name_of_one_that_the_build_makes():
    for name in ("states", "A b"):
        assert 1 == len(faults(text(ROW), name, stated=["states"]))
    assert [] == faults(text(ROW), "states")


def test_spaces_of_other_systems_and_a_mark_at_the_beginning_are_read():
    whole = crosswalks.parse("x", text(ROW))
    assert whole == crosswalks.parse("x", b"\xef\xbb\xbf" + text(ROW).replace(b"\n", b"\r\n"))
    assert whole == crosswalks.parse("x", text(ROW).removesuffix(b"\n"))


def query(name):
    """Read a shipped query, by its path."""
    path = f"queries/crosswalks/{name}.rq"
    return {path: (PROJECT / path).read_text(encoding="utf-8")}


def make(name, turtle):
    """Make the crosswalk of a shipped query from a graph."""
    with Store.memory() as store:
        text = "".join(f"@prefix {prefix}: <{space}> . " for prefix, space in terms.PREFIXES.items()) + turtle
        store.load(text.encode(), format="ttl", graph=None, source="a")
        return [crosswalks.parse(each.name, each.write()) for each in crosswalks.make(store, query(name))]


def test_codes_of_states_come_from_the_graph_and_a_name_with_a_tab_stays_in_its_cell():
    (states,) = make(
        "states",
        f"""<{terms.ID}state/xar> a ans:State ; skos:prefLabel "Ar\\tland\\nof"@en , "Ar"@fr ; ans:isoCode "XAR" ;
          skos:exactMatch <http://www.wikidata.org/entity/Q1> , <https://other.example/Q1> .
        <{terms.ID}group/x> a ans:Group ; skos:prefLabel "x"@en ; ans:isoCode "XXX" .""",
    )
    assert [("state:xar", "Ar land of", "wikidata:Q1"), ("state:xar", "Ar land of", "iso3166:XAR")] == [
        (row.subject_id, row.subject_label, row.object_id) for row in states.rows
    ]
    assert {"skos:exactMatch"} == {row.predicate_id for row in states.rows} and [] == [*crosswalks.faults(states)]


def test_notations_of_rights_and_of_kinds_of_acts_are_codes():
    (codes,) = make(
        "rights-acts-huridocs",
        f"""<{terms.SCHEME}right/life> skos:inScheme <{terms.SCHEME}right> ; skos:prefLabel "life"@en ; skos:notation "01" .
        ans:Killing rdfs:subClassOf ans:Act ; skos:prefLabel "killing"@en ; skos:notation "02" .
        ans:Bond rdfs:subClassOf ans:Thing ; skos:prefLabel "bond"@en ; skos:notation "03" .""",
    )
    assert [("ans:Killing", "huridocs4:02"), ("right:life", "huridocs3:01")] == sorted(
        (row.subject_id, row.object_id) for row in codes.rows
    )
    assert [] == [*crosswalks.faults(codes)]


def test_a_graph_that_states_nothing_makes_no_crosswalk():
    assert [] == make("states", "")

"""`kg cite` with many passages at once: printed, or added to a file of sources, all or none."""

import pytest

from kg import cite

TEXT = "1. Police ended the meeting. 2. Nobody was told why. 3. Forty people were held."
LIST = """paragraph,section,opening,closing
1,,Police ended,meeting.
2,,Nobody was,why.
,Figures,Forty people were held.,
"""


@pytest.fixture
def kg(kg, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.html").write_text(
        f"<html><body><p>{TEXT.replace(' 2.', '</p><p>2.')}</p></body></html>", encoding="utf-8"
    )
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")

    def run(*more):
        return kg("cite", "report.html", "--document", "report-2013", "--name", "Report 2013", *more)

    run.folder = tmp_path
    return run


def test_many_passages_are_made_with_key_label_place_and_hash(kg):
    code, out, _ = kg("--list", "list.csv")
    assert 0 == code
    for said in (
        '<id/passage/report-2013-para-1> a ans:Passage ;\n    skos:prefLabel "Report 2013, para 1"@en ;',
        'ans:paragraph "2" ;',
        '<id/passage/report-2013-figures> a ans:Passage ;\n    skos:prefLabel "Report 2013, Figures"@en ;',
        cite.sha256("Forty people were held."),
        "ans:isPartOf <id/document/report-2013> ;",
    ):
        assert said in out, said
    assert "NUMBER" not in out and "SECTION" not in out


def test_they_are_added_to_a_file_once(kg):
    source = kg.folder / "source.ttl"
    assert (
        "3 passages added to source.ttl, 0 stood there already" in kg("--list", "list.csv", "--write", "source.ttl")[1]
    )
    text = source.read_text(encoding="utf-8")
    assert text.startswith("@prefix ans:") and cite.sha256(TEXT) in text and 3 == text.count("a ans:Passage")
    assert (
        "0 passages added to source.ttl, 3 stood there already" in kg("--list", "list.csv", "--write", "source.ttl")[1]
    )
    assert text == source.read_text(encoding="utf-8")
    code, _, err = kg("--fix", "Forty", "held.", "--paragraph", "1", "--write", "source.ttl")
    assert (2, True) == (code, "id/passage/report-2013-para-1 stands there with another hash" in err)


def test_a_list_with_a_mistake_names_each_and_writes_nothing(kg):
    (kg.folder / "list.csv").write_text(LIST + "4,,nowhere,held.\n5,,Police,of it\n1,,Forty,held.\n", encoding="utf-8")
    code, out, err = kg("--list", "list.csv", "--write", "source.ttl")
    assert (2, "", False) == (code, out, (kg.folder / "source.ttl").exists())
    assert "list.csv:5: the opening words 'nowhere' stand 0 times" in err
    assert "list.csv:6: the closing words 'of it' do not follow" in err
    assert "list.csv:7: the place '1' stands in the list twice" in err


def test_what_is_added_has_an_iri_of_its_own(kg):
    code, _, err = kg("--fix", "Forty", "held.", "--write", "source.ttl")
    assert (2, True) == (code, "for each passage its paragraph or section" in err)
    assert "There is no new passage to write" in kg("--write", "source.ttl")[2]
    (kg.folder / "list.csv").write_text("para,from,to\n", encoding="utf-8")
    assert "The head of the list is not paragraph,section,opening,closing" in kg("--list", "list.csv")[2]

"""Citations, as the programs read them that people keep their references in."""

import json
from dataclasses import replace

import bibtexparser
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

from kg.answer import citation
from kg.answer.citation import Work
from kg.errors import UnknownName
from kg.languages import speak

OURS = "https://w3id.org/answerable/"
ADDRESS = "https://w3id.org/answerable/release/20240102-abcdef01/questions/numbers?event=id/event/a&day=2012-01-01"
TITLE = "What numbers are given for Meeting & 100% {of} it_all on 1 January 2012?"


@pytest.fixture
def work(typed):
    """Cite the answer, as on a day."""
    return citation.of_answer(replace(typed, fetched="2024-02-03"))


def write(work, name):
    """Write a citation by the name of its form."""
    return citation.form_of(name).write(work)


def test_a_citation_in_words_names_all_that_is_needed_to_find_it_again(work):
    said = f"“{TITLE}”, Answerable, release 20240102-abcdef01 of 2 January 2024, {ADDRESS}, accessed 3 February 2024, CC BY 4.0.\n"
    assert said == write(work, "text")
    assert "accessed" not in write(replace(work, accessed=""), "text")


def test_bibtex_is_read_by_bibtexparser(work):
    library = bibtexparser.parse_string(write(work, "bibtex"))
    assert ([], 1) == (library.failed_blocks, len(library.entries))
    entry = library.entries[0]
    fields = {field.key: field.value for field in entry.fields}
    assert ("misc", "answerable-20240102-abcdef01-questions-numbers") == (entry.entry_type, entry.key)
    assert (ADDRESS, "2024", "2024-01-02", "2024-02-03") == tuple(
        fields[name] for name in ("url", "year", "date", "urldate")
    )
    assert r"{What numbers are given for Meeting \& 100\% \{of\} it\_all on 1 January 2012?}" == fields["title"]
    assert "CC BY 4.0" in fields["note"] and "20240102-abcdef01" == fields["version"]


def test_csl_json_is_set_by_citeproc(work):
    items = json.loads(write(work, "csl"))
    assert [("dataset", ADDRESS)] == [(one["type"], one["URL"]) for one in items]
    assert {"date-parts": [[2024, 2, 3]]} == items[0]["accessed"]
    # citeproc-py reads the fields that the style asks for.
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    bibliography.register(Citation([CitationItem(items[0]["id"])]))
    said = "".join(str(one) for one in bibliography.bibliography())
    assert "Answerable (2024)" in said and "What numbers are given" in said and ADDRESS in said
    assert "Accessed: February 3, 2024" in said


def test_ris_is_read_by_rispy(work):
    entries = rispy.loads(write(work, "ris"))
    assert 1 == len(entries)
    entry = entries[0]
    assert ("DATA", TITLE) == (entry["type_of_reference"], entry.get("title", entry.get("primary_title")))
    assert ADDRESS in (entry.get("urls") or [entry.get("url")])
    assert ("2024", "2024/02/03") == (entry["year"], entry["access_date"])
    assert any("CC BY 4.0" in note for note in entry["notes"])


def test_a_title_with_the_signs_of_a_form_adds_nothing_to_it(work):
    library = bibtexparser.parse_string(write(replace(work, title="} @misc{x, \\ ~ ^ # $"), "bibtex"))
    assert ([], 1) == (library.failed_blocks, len(library.entries))
    entries = rispy.loads(write(replace(work, title="One\r\nER  - \r\nTY  - BOOK"), "ris"))
    assert ["DATA"] == [one["type_of_reference"] for one in entries]


def test_a_citation_is_written_in_the_language_of_the_work(work):
    cited = f"«{TITLE}», Answerable, выпуск 20240102-abcdef01 от 2 января 2024\u202fг., {ADDRESS}, дата обращения: 3 февраля 2024\u202fг., CC BY 4.0.\n"
    assert cited == write(replace(work, language=speak("ru")), "text")
    note = "Выпуск 20240102-abcdef01. CC BY 4.0: https://creativecommons.org/licenses/by/4.0/"
    assert f"N1  - {note}\n" in write(replace(work, language=speak("ru")), "ris").replace("\r", "")
    assert f"{note}. Дата обращения: 3 февраля 2024" in write(replace(work, language=speak("ru")), "bibtex")
    assert "ru" == json.loads(write(replace(work, language=speak("ru")), "csl"))[0]["language"]


@pytest.mark.parametrize(
    ("address", "pinned"),
    [
        (f"{OURS}id/event/a", f"{OURS}release/R/id/event/a"),
        *((same, same) for same in (f"{OURS}release/Q/id/event/a", f"{OURS}answer/word", "https://example.org/a")),
    ],
)
def test_a_permanent_address_is_pinned_once(address, pinned):
    assert pinned == citation.pin(address, "R")


@pytest.mark.parametrize(("kind", "ris"), [("webpage", "ELEC"), ("graphic", "FIGURE"), ("dataset", "DATA")])
def test_a_page_and_a_picture_are_cited_as_what_they_are(kind, ris):
    made = Work("A title", "https://example.org/a", "20240102-abcdef01", kind)
    assert ris == rispy.loads(citation.write_ris(made))[0]["type_of_reference"]
    assert kind == json.loads(citation.write_csl(made))[0]["type"]


def test_a_form_that_does_not_exist_is_named():
    with pytest.raises(UnknownName, match="'apa'"):
        citation.form_of("apa")

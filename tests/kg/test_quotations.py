"""The words of cited passages: found in texts of three shapes, kept beside a release, refused where they changed."""

import pytest

from kg import cite, quotations, terms
from kg.config import PROJECT
from kg.quotations import Quotation, Quotations
from kg.store import Store

# As the three ways in which documents of the United Nations come as text: from a page, from a PDF, from a word processor.
VIEWS = """United Nations

CCPR/C/120/D/9001/2015

Human Rights Committee

Communication submitted by:Aru Zelin (represented by counsel)

Alleged victim:The author’s brother, Tamar Zelin

State party:Northmark

1.The author is Aru Zelin, a national of Northmark. He writes for his brother.

The facts as presented by the author

2.1On 4 May 2012 Tamar Zelin went to a square with a poster.

2.2A policeman took the poster.
He said why: “The square is closed.”

Consideration of the merits

3.The Committee sees no reason for this.

4.Northmark has to pay for the poster.

[Adopted on 6 July 2017.]
"""
DECISION = """CAT/C/50/D/9002/2013
GE.13-45678 (E)

Submitted by: Lio Marr
State party: Northmark

1. The complainant is Lio Marr.
   1. See the file.
2. He was sent back on
1 June 2011.
CAT/C/50/D/9002/2013
2
3. Nobody asked him, which is
a breach.
Annex
1. A list that is no paragraph.
"""
REPORT = """A/HRC/90/10

1. The Working Group met.
(a) 12 States spoke.
2. It adopted:
2.1. Let the press be free (Eastmark);
2.2. Close the old prison (Westmark).
3. Northmark answered on 4 May.
"""
DOCUMENTS = {
    "views": "CCPR/C/120/D/9001/2015",
    "decision": "CAT/C/50/D/9002/2013",
    "report": "A/HRC/90/10",
    "press": "",
}
PLACES = {"views": ("1", "2.1–2.2", "3", "7"), "decision": ("2", "3 (b)"), "report": ("2.2", "1, 3"), "press": ("1",)}


def passage(key, place):
    """Write the IRI of a passage."""
    return f"{terms.ID}passage/{key}-{cite.key_of('para', cite.NewPassage('', place, '', '', ''))}"


@pytest.fixture(scope="module")
def store():
    """Hold four documents with passages that are fixed by their numbers alone."""
    lines = []
    for key, symbol in DOCUMENTS.items():
        document = f"<{terms.ID}document/{key}>"
        lines += [f'{document} ans:symbol "{symbol}" .'] if symbol else []
        lines += [
            f'<{passage(key, place)}> a ans:Passage ; ans:isPartOf {document} ; ans:paragraph "{place}" .'
            for place in PLACES[key]
        ]
    text = f"@prefix ans: <{terms.VOCABULARY}> .\n" + "\n".join(lines)
    with Store.memory() as store:
        store.load(text.encode(), format="ttl", graph="http://example.org/a", source="a")
        store.copy_named_into_default()
        yield store


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        (
            "views",
            VIEWS,
            {
                "1": "The author is [name], a national of Northmark. He writes for his brother.",
                "2.1–2.2": "On 4 May 2012 [name] went to a square with a poster."
                " A policeman took the poster. He said why: “The square is closed.”",
                "3": "The Committee sees no reason for this.",
                "7": None,
            },
        ),
        (
            "decision",
            DECISION,
            {"2": "He was sent back on 1 June 2011.", "3 (b)": "Nobody asked him, which is a breach."},
        ),
        (
            "report",
            REPORT,
            {
                "2.2": "Close the old prison (Westmark).",
                "1, 3": "The Working Group met. (a) 12 States spoke. Northmark answered on 4 May.",
            },
        ),
        ("press", "1. A newspaper is no public document.", {"1": None}),
    ],
)
def test_a_paragraph_of_a_public_document_is_found_by_its_number_without_the_names_of_complainants(
    store, key, text, words
):
    found = quotations.search(store, f"{terms.ID}document/{key}", text)
    assert {passage(key, place): shown for place, shown in words.items()} == {
        each.passage: each.quotation and each.quotation.words for each in found
    }
    assert {each.state for each in found if not each.quotation} <= {"missing"}


@pytest.fixture(scope="module")
def text():
    """Read the text of a source of the frozen graph."""
    return (PROJECT / "tests/world/rights-watch-2012.txt").read_text(encoding="utf-8")


def test_a_passage_that_is_fixed_is_held_against_its_digest_wherever_it_stands(world, text):
    document = f"{terms.ID}document/rights-watch-2012"
    with Store.open(world.store_path) as store:
        whole = quotations.search(store, document, text)
        moved = quotations.search(store, document, "A cover. " + text)
        other = quotations.search(store, document, text.replace("strike", "Strike", 1))
    assert {"found"} == {each.state for each in whole} and {"moved"} == {each.state for each in moved}
    assert [each.quotation for each in whole] == [each.quotation for each in moved]
    changed = [each for each in other if each.state == "changed"]
    assert changed and len(changed) < len(other) and {None} == {each.quotation for each in changed}
    long = [each.quotation.words for each in whole if each.quotation.words.endswith("…")]
    assert all(len(words) <= quotations.LONGEST + 2 for words in long)


def test_what_is_kept_is_found_until_it_is_removed_and_not_where_a_release_has_fixed_other_words(tmp_path):
    kept = Quotations(tmp_path)
    assert ("", False) == (kept.version, kept.refresh())
    quotations.keep(tmp_path, f"{terms.ID}document/report", {"urn:x:1": Quotation("Some words.", "aa")})
    assert kept.refresh() and "Some words." == kept.find("urn:x:1") == kept.find("urn:x:1", "aa")
    assert "" == kept.find("urn:x:1", "bb") == kept.find("urn:x:2")
    (tmp_path / quotations.FOLDER / "bad.json").write_text("{", encoding="utf-8")
    assert kept.refresh() and "Some words." == kept.find("urn:x:1")  # one bad file takes no other away
    (tmp_path / quotations.FOLDER / "bad.json").unlink()
    quotations.remove(tmp_path, "report")
    assert kept.refresh() and "" == kept.find("urn:x:1")


@pytest.mark.parametrize(
    ("address", "opened"),
    [
        (
            "https://example.org/a",
            "https://example.org/a#:~:text=one%2C%20two%20three%20four,six%20seven%20eight%20nine%2Dten",
        ),
        ("https://example.org/a.pdf", "https://example.org/a.pdf"),
        ("https://example.org/a#part", "https://example.org/a#part"),
        ("https://undocs.org/en/A/1", "https://undocs.org/en/A/1"),
    ],
)
def test_a_page_opens_at_the_words_and_another_file_at_its_beginning(address, opened):
    assert opened == quotations.open_at(address, "one, two three four five six seven eight nine-ten …")

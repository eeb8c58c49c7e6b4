"""Footnotes of sources: of Views, of a decision, of a report under a symbol, of an article, in the styles that editors use."""

import pytest

from kg.answer import citation
from kg.answer.citation import CitedSource

VIEWS = CitedSource(
    "Activist fined (CCPR/C/112/D/2137/2012, Kazakhstan)",
    "United Nations Human Rights Committee",
    "2014-10-21",
    "CCPR/C/112/D/2137/2012",
    state="Kazakhstan",
    kind="Views",
    paragraph="7.4",
)
DECISION = CitedSource(
    "Extradited (CAT/C/48/D/444/2010, Kazakhstan)",
    "United Nations Committee against Torture",
    "2012-06-01",
    "CAT/C/48/D/444/2010",
    "https://undocs.org/en/CAT/C/48/D/444/2010",
    "Kazakhstan",
    "decision",
    "13.2 to 13.4",
)
REPORT = CitedSource("Report of the Working Group", "United Nations", "2014-12-10", "A/HRC/28/10", paragraph="124")
PRESS = CitedSource("Reuters: report from Zhanaozen, 22 December 2011", "Reuters", "2011-12-22", section="Death toll")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            VIEWS,
            (
                "Human Rights Committee, Views adopted on 21 October 2014, communication No. 2137/2012 (Kazakhstan), CCPR/C/112/D/2137/2012, para. 7.4.",
                "Communication No 2137/2012 (Kazakhstan) (Human Rights Committee, 21 October 2014) UN Doc CCPR/C/112/D/2137/2012, para 7.4.",
                "Hum. Rts. Comm., Communication No. 2137/2012 (Kazakhstan), ¶ 7.4, U.N. Doc. CCPR/C/112/D/2137/2012 (Oct. 21, 2014).",
            ),
        ),
        (
            DECISION,
            (
                "Committee against Torture, Decision adopted on 1 June 2012, communication No. 444/2010 (Kazakhstan), CAT/C/48/D/444/2010, paras. 13.2 to 13.4.",
                "Communication No 444/2010 (Kazakhstan) (Committee against Torture, 1 June 2012) UN Doc CAT/C/48/D/444/2010, paras 13.2 to 13.4.",
                "Comm. against Torture, Communication No. 444/2010 (Kazakhstan), ¶¶ 13.2 to 13.4, U.N. Doc. CAT/C/48/D/444/2010 (June 1, 2012).",
            ),
        ),
        (
            REPORT,
            (
                "United Nations, Report of the Working Group, A/HRC/28/10, 10 December 2014, para. 124.",
                "United Nations, ‘Report of the Working Group’ (10 December 2014) UN Doc A/HRC/28/10 para 124.",
                "United Nations, Report of the Working Group, ¶ 124, U.N. Doc. A/HRC/28/10 (Dec. 10, 2014).",
            ),
        ),
        (
            PRESS,
            (
                "Reuters: report from Zhanaozen, 22 December 2011, “Death toll”.",
                "‘Reuters: report from Zhanaozen, 22 December 2011’ “Death toll”.",
                "Reuters, report from Zhanaozen, 22 December 2011, “Death toll”.",
            ),
        ),
    ],
)
def test_a_source_is_cited_in_each_style(source, expected):
    row = {name: getattr(source, name) or None for name in CitedSource.__slots__}
    assert expected == tuple(citation.write_footnotes(row).values())


def test_what_is_not_known_is_left_out():
    bare = CitedSource("A law", date="2014")
    assert "A law, 2014." == citation.write_footnote(
        bare, "United Nations"
    ) and "A law (2014)." == citation.write_footnote(bare, "Bluebook")
    assert "Communication No. 1/2000" == CitedSource("x", symbol="CAT/C/1/D/1/2000/Rev.1", kind="decision").name


def test_a_source_is_cited_for_lists_of_references_by_way_of_its_page():
    page = citation.Work(
        "Passage", "https://w3id.org/answerable/id/passage/x", "20240102-abcdef01", accessed="2024-02-03"
    )
    work = citation.Work.of_source(page, DECISION)
    footnote = citation.write_footnote(DECISION, "United Nations")
    assert citation.write_text(work).startswith(f"{footnote} Paras. 13.2 to 13.4 Via Answerable, ")
    ris = citation.write_ris(work)
    for line in ("TY  - RPRT", "AU  - Committee against Torture,", "DA  - 2012/06/01", "M1  - CAT/C/48/D/444/2010"):
        assert line in ris
    assert "UR  - https://undocs.org/en/CAT/C/48/D/444/2010" in ris and "Via Answerable" in ris
    bibtex = citation.write_bibtex(citation.Work.of_source(page, PRESS))
    assert bibtex.startswith("@report{") and "author = {{Reuters}}" in bibtex and "version" not in bibtex
    assert "month = jun" in citation.write_bibtex(work)
    assert '"issued"' not in citation.write_csl(citation.Work.of_source(page, CitedSource("A law")))

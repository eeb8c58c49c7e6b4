"""Pages: how links, dates and values come out."""

import re

import pytest

from api.render.page import NAMES, Label, Page, environment, narrowest, other_names
from kg import terms
from kg.rows import Cell


class Opened:
    id = "20240101-abcdef01"


@pytest.fixture
def page():
    """Make a page of a pinned release that knows one name."""
    iri = "https://w3id.org/answerable/id/act/x"
    return Page(Opened(), "/release/r", {iri: Label("<b>A & B</b>")})


def test_a_name_is_escaped_and_linked_within_the_release(page):
    link = page.link("https://w3id.org/answerable/id/act/x")
    assert '<a href="/release/r/doc/act/x">&lt;b&gt;A &amp; B&lt;/b&gt;</a>' == link


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", "urn:x", 'x" onclick="y'])
def test_what_is_no_address_on_the_web_is_not_linked(page, iri):
    assert "href" not in page.link(iri)
    assert '"' not in page.link(iri)


def test_another_site_is_linked_as_another_site(page):
    assert 'rel="external"' in page.link("https://example.org/?a=1&b=2")
    assert "&amp;b=2" in page.link("https://example.org/?a=1&b=2")


def test_text_in_another_language_says_so(page):
    assert '<span lang="kk">Жаңаөзен</span>' == page.value(Cell("Жаңаөзен", language="kk"))


def test_a_thing_is_also_called_what_it_is_not_called_already():
    preferred, alternative = NAMES
    said = [
        (preferred, Cell("Kazakhstan", language="en")),
        (preferred, Cell("Kazakhstan", language="fr")),
        (preferred, Cell("Қазақстан", language="kk")),
        (alternative, Cell("Kazakhstan SSR", language="en")),
        ("https://w3id.org/answerable/ontology#description", Cell("A State", language="en")),
    ]
    names = other_names({"property": property, "value": value} for property, value in said)
    assert [("Қазақстан", "kk"), ("Kazakhstan SSR", "en")] == [(str(name), name.language) for name in names]


def test_the_classes_shown_are_those_with_none_below_them_however_long_their_names():
    ours = [terms.term(name) for name in ("Act", "IllTreatment", "Torture", "UseOfForce", "Removal")]
    act, ill_treatment, torture, force, removal = ours
    above = {(torture, ill_treatment), *((one, act) for one in (torture, ill_treatment, force, removal))}
    assert [torture] == narrowest([act, ill_treatment, torture], above)
    assert [torture, force] == narrowest([ill_treatment, torture, force, torture], above)
    assert [act] == narrowest([act], above)
    assert [] == narrowest(["http://www.w3.org/ns/prov#Activity"], above)


@pytest.fixture
def macros(page):
    return lambda name: environment().get_template(f"macros/{name}.html").make_module({"page": page})


SCHEME = "https://w3id.org/answerable/scheme/"


@pytest.mark.parametrize(
    ("key", "said", "unsaid"),
    [
        ("breach", "found a breach", "no breach"),
        ("no-breach", "found no breach", "did not decide"),
        ("inadmissible-time", "did not decide", "found"),
        ("not-reached", "did not decide", "found"),
    ],
)
def test_a_finding_says_which_way_the_body_decided(macros, key, said, unsaid):
    shown = macros("tags").outcome(f"{SCHEME}finding-outcome/{key}")
    assert said in shown and unsaid not in shown


def test_how_often_the_reading_of_decisions_was_right_is_told_under_one_heading(macros):
    rows = [{"document": f"{terms.ID}document/{key}", "accuracy": f"All of {key}."} for key in ("a", "b")]
    shown = macros("decisions").accuracy_note(rows)
    assert 1 == shown.count("<summary>") == shown.count("</details>")
    assert "All of a." in shown and "All of b." in shown and f"{terms.ID}document/b".rpartition("/id")[2] in shown
    assert "" == macros("decisions").accuracy_note([]).strip()


def test_a_finding_without_an_outcome_claims_none(macros):
    assert "The outcome is not recorded." == macros("tags").outcome(None).strip()


def test_the_three_ways_in_which_an_act_fits_the_time_of_a_duty_are_said_in_words(macros):
    shown = [macros("duties").fit(f"{SCHEME}temporal-fit/{key}").strip() for key in ("certain", "in-part", "possible")]
    for said, one in zip(
        ("The whole act falls", "Part of the act falls", "The act possibly falls"), shown, strict=True
    ):
        assert " ".join(one.split()).startswith(said)


def test_a_day_that_the_record_does_not_know_is_not_made_up(macros):
    year = Cell("1995", datatype="http://www.w3.org/2001/XMLSchema#gYear")
    duty = {"since": "1995-01-01", "told": year, "until": None, "toldUntil": None}
    shown = re.sub("<[^>]*>", "", macros("duties").bound(duty))
    assert "since 1995, the day not known to this record" == shown
    known = re.sub("<[^>]*>", "", macros("duties").bound(duty | {"since": "1998-09-25", "told": None}))
    assert "since 25 September 1998" == known


def test_an_act_about_which_nothing_is_recorded_says_that_and_not_no(macros):
    nothing = {name: None for name in ("found", "cleared", "alleged", "engaged")}
    true = Cell("true", datatype="http://www.w3.org/2001/XMLSchema#boolean")
    assert "none recorded" == macros("tags").tags(nothing).strip()
    assert "No finding on this is recorded." == macros("tags").decided(nothing).strip()
    assert "found no breach" in macros("tags").decided(nothing | {"cleared": true})
    assert "no breach found" in macros("tags").tags(nothing | {"cleared": true})


def test_a_table_whose_rows_become_lines_on_a_narrow_screen_stays_a_table_to_hear():
    table = environment().from_string(
        '{% import "macros/tables.html" as Tables %}'
        '{% call(row) Tables.table("Files", ["Name", ("Bytes", "n")]) %}{{ row("<a>", 7, id="a") }}{% endcall %}'
    )
    shown = table.render()
    assert '<table class="stack" role="table">' in shown
    assert '<th scope="col" class="n" role="columnheader">Bytes</th>' in shown
    cells = '<td data-head="Name" role="cell">&lt;a&gt;</td><td data-head="Bytes" class="n" role="cell">7</td>'
    assert f'<tr id="a" role="row">{cells}</tr>' in shown
    assert 2 == shown.count('role="rowgroup"')

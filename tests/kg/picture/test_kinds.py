"""Every kind of picture: whole SVG that nothing can run in, every row shown or counted, and a description of what is there."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from kg import picture, terms
from kg.languages import LANGUAGES, speak
from kg.picture import NARROW, WIDE, Frame
from kg.picture.canvas import Face

EN = speak("en")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"'&<img src=x onerror=y>\u202e\x07 ]]> <!-- "
PRECISION = terms.SCHEME + "precision/"
STATES = ("kaz", "uzb", "rus", "fji", "vat", "tuv", "nru")
ROLES = {
    "timeline": "start=from end=until label=label group=group",
    "vague": "start=from label=label",
    "map": "state=state group=group",
    "counts": "state=state count=number",
    "places": "latitude=latitude longitude=longitude place=label precision=precision",
    "figures": "about=group speaker=label value=number low=low high=high words=words manner=manner precision=precision said=from",
    "years": "year=from group=group",
    "sums": "year=from count=number",
    "bars": "by=label count=number,high",
    "matrix": "row=label column=group count=number",
    "matrix-years": "row=label column=from",
    "chain": "steps=group,label,manner",
}
KINDS = {
    "vague": "timeline",
    "counts": "map",
    "places": "map",
    "years": "bars",
    "sums": "bars",
    "matrix-years": "matrix",
}


def cell(value):
    """Write a value as SPARQL's JSON form has it."""
    kind = "uri" if value.startswith("http") else "literal"
    return {"type": kind, "value": value}


def cells(**values):
    """Make a row of what is given."""
    return {name: cell(value) for name, value in values.items() if value}


def rows(number):
    """Make rows that differ in all that a picture shows."""
    return [
        cells(
            label=f"Thing {one}",
            **{"from": f"20{one % 20:02}-{one % 12 + 1:02}-05"},
            until=one % 4 and f"20{one % 20:02}-{one % 12 + 1:02}-28",
            group=f"group {one % 3}",
            state=terms.ID + "state/" + STATES[one % len(STATES)],
            number=str(one + 1),
            latitude=f"{40 + one % 9}.{one:03}",
            longitude=f"{60 + one % 13}.25",
            manner="official" if one % 2 else "press",
        )
        for one in range(number)
    ]


FRAME = Frame("What happened?", "20261126-0123abcd", ["Report A"], "https://example.org/q")


def draw(what, given, width=WIDE, language=EN, **more):
    """Draw rows as one of ROLES."""
    roles = {role: columns.split(",") for role, _, columns in (each.partition("=") for each in ROLES[what].split())}
    return picture.draw(KINDS.get(what, what), given, roles, replace(FRAME, width=width, **more), language)


def texts(drawn):
    """List the lines of text in a picture, and the names that its marks have."""
    tree = ElementTree.fromstring(drawn.svg)
    return [node.text or "" for node in tree.iter() if node.tag in (SVG + "text", SVG + "title")]


ALL = pytest.mark.parametrize("what", ROLES)


@ALL
@pytest.mark.parametrize("number", [1, 3, 30, 500])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_is_whole_and_holds_nothing_that_runs_or_loads(what, number, width):
    drawn = draw(what, rows(number), width)
    tree = ElementTree.fromstring(drawn.svg)
    assert f"0 0 {width} {drawn.height}" == tree.get("viewBox")
    for node in tree.iter():
        assert node.tag.removeprefix(SVG) not in ("script", "style", "image", "use", "foreignObject", "a", "animate")
        for name, value in node.attrib.items():
            local = name.rpartition("}")[2]
            assert local != "style" and not local.startswith("on") and local != "href"
            assert all(inner.startswith("#") for inner in re.findall(r"url\(([^)]*)\)", value))
    used = set(re.findall(r"url\(#(\w+)\)", drawn.svg))
    assert used <= set(re.findall(r'id="(\w+)"', drawn.svg))


@ALL
def test_a_picture_says_what_it_answers_where_it_comes_from_and_in_a_description_what_it_shows(what):
    drawn = draw(what, rows(3))
    written = " ".join(texts(drawn))
    for part in ("What happened?", "Report A", "20261126-0123abcd", "26 November 2026", "https://example.org/q"):
        assert part in written
    assert drawn.alt.startswith("What happened? ") and len(drawn.alt) > 60
    assert drawn.alt == ElementTree.fromstring(drawn.svg).find(SVG + "desc").text


@pytest.mark.parametrize("what", ["timeline", "vague", "places", "figures", "bars", "matrix", "matrix-years", "chain"])
@pytest.mark.parametrize("number", [1, 5, 20, 60, 500])
def test_every_row_is_in_the_picture_or_counted_as_left_out(what, number):
    given = rows(number)
    drawn = draw(what, given)
    shown = " ".join(texts(drawn))
    if what == "places":  # a name without room leaves its dot
        dots = len(re.findall(r'fill-opacity="0.75"', drawn.svg))
        assert number == dots + drawn.left_out
        return
    missing = [one for one in range(number) if not re.search(rf"Thing {one}\b", shown)]
    assert len(missing) == drawn.left_out
    if missing:
        assert f"{drawn.left_out} more entr" in shown and f"{drawn.left_out} more entr" in drawn.alt


def test_what_is_counted_counts_once_in_a_bar_and_in_a_state_by_its_first_row():
    given = [
        cells(label="A; B", **{"from": "2011"}, group="x", state=terms.ID + "state/kaz", number="true"),
        cells(label="A", **{"from": "2011"}, group="y", state=terms.ID + "state/kaz", number="5"),
        cells(label="A", **{"from": "2012"}, group="y", state=terms.ID + "state/uzb", number="false"),
    ]
    roles = {"year": ["from"], "group": ["group"], "of": ["label"]}
    frame = replace(FRAME, counted="decisions")
    bars = picture.draw("bars", given, roles, frame, EN)
    assert "3 in all, from 2011 to 2012; the most, 2, in 2011. x: 2; y: 1." in bars.alt
    assert "Counted: decisions; each once, in the colour of its first entry in the table." in " ".join(texts(bars))
    filled = picture.draw("map", given, {"state": ["state"], "count": ["number"], "of": ["label"]}, frame, EN)
    assert "The most: id/state/kaz: 2; id/state/uzb: 0." in filled.alt
    assert "Counted: decisions; each once in a State." in " ".join(texts(filled))
    cells_of_matrix = picture.draw("matrix", given, {"row": ["label"], "column": ["state"], "of": ["label"]}, frame, EN)
    assert "Counted: decisions; each once in a field." in " ".join(texts(cells_of_matrix))
    by_name = picture.draw("bars", given, {"by": ["label"], "count": ["number"]}, frame, EN)
    assert "Counted: decisions." in " ".join(texts(by_name))
    assert "Counted: entries of the table." in " ".join(
        texts(picture.draw("bars", given, {"by": ["label"]}, FRAME, EN))
    )


@pytest.mark.parametrize(
    ("what", "missing"), [("years", "Without a year, and so not drawn: 7."), ("timeline", "7 entries have no date.")]
)
def test_undated_rows_are_told_once_and_apart_from_those_without_room(what, missing):
    undated = [cells(label=f"Undated {number}", group="x") for number in range(7)]
    drawn = draw(what, [*rows(12), *undated])
    said = " ".join(texts(drawn))
    assert 7 == drawn.left_out and missing in said and missing in drawn.alt
    assert "not shown" not in said + drawn.alt
    assert what == "timeline" or "12 in all, from 2000 to 2011" in drawn.alt
    drawn = draw(what, [*rows(2000), *undated])
    if room := drawn.left_out - 7:
        assert f"{missing} {room} more entries are not shown" in drawn.alt
        assert f"{room} more entries are not shown" in " ".join(texts(drawn))


def test_a_state_is_filled_and_a_small_one_is_a_dot():
    drawn = draw("map", rows(7))
    tree = ElementTree.fromstring(drawn.svg)
    assert 3 == len([node for node in tree.iter(SVG + "circle") if float(node.get("r")) < 4])  # vat, tuv, nru
    outlines = [node.get("fill") for node in tree.iter(SVG + "path") if node.get("transform")]
    assert 4 == len([fill for fill in outlines if fill not in ("#ffffff", "#d9d9d9")])
    assert "7 States filled" in drawn.alt


def test_what_is_no_state_of_the_map_is_named():
    stranger = terms.ID + "organisation/european-union"
    given = [*rows(1), cells(state=stranger, group="x")]
    drawn = draw("map", given, names={stranger: "European Union"})
    assert "Not on the map: European Union." in " ".join(texts(drawn)) and "European Union" in drawn.alt


@ALL
def test_no_label_can_break_out_of_its_place(what):
    given = [row | cells(label=HOSTILE, group=HOSTILE, manner=HOSTILE) for row in rows(3)]
    drawn = draw(what, given, title=HOSTILE, release=HOSTILE, sources=[HOSTILE], address=HOSTILE)
    tree = ElementTree.fromstring(drawn.svg)
    assert not [node for node in tree.iter() if node.tag.rpartition("}")[2] in ("script", "img")]
    assert "\u202e" not in drawn.svg and "\x07" not in drawn.svg
    assert picture.write_png(drawn).startswith(b"\x89PNG")


# A sheet of A4 within its margins, in the pixels of the wide picture; and a telephone's screen and a half.
@ALL
@pytest.mark.parametrize(("width", "highest"), [(WIDE, 1120), (NARROW, 1266)])
def test_a_picture_is_no_higher_than_a_sheet_or_a_screen_and_a_half(what, width, highest):
    long = cells(label="A name that goes on and on " * 6)
    for given in (rows(18), rows(400), [row | long for row in rows(30)]):
        drawn = draw(what, given, width)
        assert drawn.height <= highest
        assert len(texts(drawn)) > 5


@ALL
def test_no_row_rows_with_nothing_to_show_and_the_ends_of_the_calendar_still_make_a_picture(what):
    extreme = [row | cells(**{"from": "0001-01-01"}, until="9999-12-31", number="9" * 18) for row in rows(2)]
    for given in ([], [{}], [{"label": cell("")}], extreme):
        drawn = draw(what, given)
        assert ElementTree.fromstring(drawn.svg) is not None and drawn.height > 50


@ALL
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_text_is_small_or_leaves_the_sheet(what, width):
    long = "A name that is so long that nobody would ever put it on one line of a picture, not even a wide one"
    given = [row | cells(label=f"{long} {row['label']['value']}") for row in rows(12)]
    keep_on_the_sheet(draw(what, given, width).svg, width, has_inner=what not in ("map", "counts"))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("precision", ["approximate", "at-least"])
def test_the_words_of_the_highest_figure_stay_on_the_sheet(code, precision):
    given = cells(label="A speaker", group="killed", number="20000", precision=PRECISION + precision)
    for width in (WIDE, NARROW):
        keep_on_the_sheet(draw("figures", [given], width, speak(code)).svg, width)


def keep_on_the_sheet(svg, width, has_inner=True):
    """Check that no text is small or leaves the sheet."""
    tree = ElementTree.fromstring(svg)
    inner = [node for group in tree.findall(SVG + "g") for node in group.iter(SVG + "text")]
    assert inner or not has_inner
    for node in tree.iter(SVG + "text"):
        size = float(node.get("font-size"))
        assert size >= 11.5
        if not node.get("transform"):
            wide = Face(size, node.get("font-weight") == "bold").measure(node.text)
            left = float(node.get("x")) - {"middle": wide / 2, "end": wide}.get(node.get("text-anchor"), 0)
            left += 14 if node in inner else 0
            assert left >= 0 and left + wide <= width, node.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_picture_is_written_in_its_language(code):
    drawn = draw("timeline", rows(2), language=speak(code))
    assert code == ElementTree.fromstring(drawn.svg).get("{http://www.w3.org/XML/1998/namespace}lang")
    assert {"en": "January", "ru": "январ", "kk": "қаңтар"}[code] in " ".join(texts(drawn))


@pytest.mark.parametrize(
    ("dates", "until", "bars", "points", "said"),
    [
        (("2011-06", "2011-06"), True, 1, 1, "June 2011"),
        (("2011-06", "2012-06-01"), True, 1, 1, "June 2011 to 1 June 2012"),
        (("2011-06-01", "2011-06-30"), True, 1, 1, "1 June 2011 to 30 June 2011"),
        (("2011-06",), True, 0, 2, "from June 2011, no end recorded"),
        (("2011-06",), False, 1, 1, "June 2011"),
        (("2011",), False, 1, 1, "2011"),
        (("2011-06-09", "2011-06-09"), True, 0, 2, "9 June 2011"),
        (("2011-06-01",), True, 0, 2, "from 1 June 2011, no end recorded"),
    ],
)
def test_a_known_day_is_a_point_a_vague_date_a_span_and_what_has_no_end_runs_on(dates, until, bars, points, said):
    row = cells(label="It", **dict(zip(("from", "until"), dates, strict=False)))
    other = cells(label="Other", until="2011-01-10", **{"from": "2011-01-10"})
    drawn = draw("timeline" if until else "vague", [other, row])
    nodes, written = [*ElementTree.fromstring(drawn.svg).iter()], texts(drawn)
    widths = [float(node.get("width")) for node in nodes if node.get("height") == "8" and node.get("stroke")]
    assert (bars, points) == (len(widths), [node.tag for node in nodes].count(SVG + "circle"))
    assert said in written and any("30 June" in text for text in written) == ("30 June" in said)
    assert all(width > 20 for width in widths)
    assert ("An arrow: no end is recorded." in written) == ("no end" in said)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_is_packed_into_lanes_has_its_name_beside_its_mark_as_long_as_all_names_have_room(width):
    def written(number):
        return {text for text in texts(draw("timeline", rows(number), width)) if re.fullmatch(r"Thing \d+", text)}

    assert {f"Thing {one}" for one in range(33)} == written(33) and not written(300)


@pytest.mark.parametrize("number", [18, 33])  # under one another; packed into lanes
def test_on_a_wide_page_a_timeline_has_names_as_long_as_those_of_declarations_whole(number):
    names = [f"Reservation of a State to ICCPR 14(3)(d), thing {one}" for one in range(number)]
    given = [row | cells(label=name) for row, name in zip(rows(number), names, strict=True)]
    drawn = draw("timeline", given)
    assert {*names} <= {*texts(drawn)} and "An arrow: no end is recorded." in texts(drawn)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_timeline_draws_smaller_marks_before_it_leaves_things_out(width):
    given = [
        {**row, "until": cell("2021-12-31")} for row in rows(80)
    ]  # all of the end of the axis, each in a lane of its own
    drawn = draw("timeline", given, width)
    assert 0 == drawn.left_out and drawn.height <= 1_200


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"number": "16"}, "16"),
        ({"number": "15", "precision": PRECISION + "at-least"}, "at least 15"),
        ({"number": "130", "precision": PRECISION + "more-than"}, "more than 130"),
        ({"high": "700", "precision": PRECISION + "at-most"}, "at most 700"),
        ({"number": "70", "precision": PRECISION + "approximate"}, "about 70"),
        ({"low": "5", "high": "7"}, "5–7"),
        ({"low": "5"}, "at least 5"),
        ({"words": "hundreds"}, "hundreds"),
    ],
)
def test_a_figure_stands_as_it_was_given(given, shown):
    drawn = draw("figures", [cells(label="A speaker", group="killed", **given)])
    assert shown in texts(drawn) and f"{shown} (A speaker)" in drawn.alt


def test_how_a_figure_was_given_is_told_in_words_and_by_its_shape():
    drawn = draw("figures", rows(2))
    assert {"official", "press"} <= set(texts(drawn))
    shapes = {node.tag for node in ElementTree.fromstring(drawn.svg).iter() if node.get("stroke-width") == "0.8"}
    assert {SVG + "circle", SVG + "path"} <= shapes


def test_a_chain_leads_from_nothing_to_what_only_another_led_to():
    ways = [("act A", "a breach"), ("act B", "none recorded")]
    given = [cells(group=act, label="CAT 3", manner=end) for act, end in ways]
    assert 2 == texts(draw("chain", given)).count("CAT 3")


def test_the_cells_of_a_matrix_add_up_to_the_numbers():
    numbers = [int(text) for text in texts(draw("matrix", rows(9))) if text.isdigit()]
    assert sum(range(1, 10)) == sum(numbers)


def test_a_png_shows_letters_of_each_language_with_the_font_of_the_pictures():
    words = ("aaaa", "әғқң", "жшщю")
    pngs = {picture.write_png(draw("bars", rows(1), title=word)) for word in words}
    assert len(words) == len(pngs)

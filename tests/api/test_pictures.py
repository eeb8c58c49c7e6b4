"""Pictures over HTTP: SVG and PNG, wide and narrow, where there is none, within a page, and in the frames of others."""

import html
import re
from xml.etree import ElementTree

import lxml.html
import pytest

HANDOVER = {"event": "id/event/2011-06-handover"}
PORT = {"event": "id/event/2012-03-16-port-ansel"}
XAR = {"state": "id/state/xar"}
PAGE = {"Accept": "text/html"}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn(client):
    """List the questions that have a picture, each with the values of its example."""
    named = client.get("/questions?format=json").json()["questions"]
    known = client.app.state.releases.current.questions
    return [
        (known[one["name"]], {each["name"]: each["example"] for each in one["parameters"]})
        for one in named
        if known[one["name"]].pictures
    ]


def test_most_questions_are_drawn_and_each_picture_of_each_is_whole(client, drawn):
    assert len(drawn) > 30
    kinds = set()
    for question, values in drawn:
        for one in question.pictures:
            answer = client.get(f"/questions/{question.name}.svg", params={**values, "picture": one.kind})
            assert (question.name, 200) == (question.name, answer.status_code), answer.text
            tree = ElementTree.fromstring(answer.content)
            assert tree.find(SVG + "title").text and len(tree.find(SVG + "desc").text) > 40
            kinds.add(one.kind)
    assert {"timeline", "map", "figures", "bars", "matrix", "chain"} == kinds


def test_a_picture_is_sent_with_its_type_sealed_and_tagged(client, release):
    answer = client.get("/questions/findings.svg", params={**HANDOVER, "lang": "kk"})
    assert 'xml:lang="kk"' in answer.text and "image/svg+xml" == answer.headers["content-type"]
    assert "default-src 'none'; sandbox" == answer.headers["content-security-policy"]
    assert release.id == answer.headers["x-release"] and release.id in answer.text
    assert 'rel="alternate"; type="image/png"' in answer.headers["link"]


def test_a_narrow_picture_and_a_png_are_of_the_same_answer(client):
    wide, narrow, png = (
        client.get(f"/questions/findings.{form}", params={**HANDOVER, "width": width})
        for form, width in (("svg", "wide"), ("svg", "narrow"), ("png", "wide"))
    )
    height = re.search(r'viewBox="0 0 760 (\d+)"', wide.text)[1]
    assert "image/png" == png.headers["content-type"]
    assert [1520, 2 * int(height)] == [int.from_bytes(png.content[at : at + 4], "big") for at in (16, 20)]
    assert 'viewBox="0 0 360 ' in narrow.text and wide.headers["etag"] != narrow.headers["etag"]
    first, second = (re.search(r"<desc>(.*?)</desc>", answer.text)[1] for answer in (wide, narrow))
    assert first == second


@pytest.mark.parametrize(
    ("path", "values", "status", "said"),
    [
        ("complaints-accepted.svg", XAR, 406, "not drawn"),
        ("complaints-accepted.png", XAR, 406, "not drawn"),
        ("findings.svg", {**HANDOVER, "picture": "map"}, 406, "Its charts and maps: chain"),
        ("findings.svg", {**HANDOVER, "picture": "../x"}, 406, "Its charts and maps: chain"),
        ("contested.svg", {"state": "id/state/xfe"}, 404, "None recorded"),
        ("findings.svg", {}, 400, "event="),
        ("findings.svg", {**HANDOVER, "width": "9"}, 400, "Use 'wide' or 'narrow'"),
        ("findings.svg", {**HANDOVER, "colour": "red"}, 400, "no parameter colour"),
        ("findings.svg", {**HANDOVER, "format": "csv"}, 406, "On offer: image/svg+xml"),
        ("findings.svg", {"event": "id/event/never"}, 400, "not known"),
        ("nothing.svg", {}, 404, "nothing"),
        ("findings.svg", {**HANDOVER, "lang": "xx"}, 400, "language"),
    ],
)
def test_where_there_is_no_picture_the_answer_says_why(client, path, values, status, said):
    answer = client.get(f"/questions/{path}", params=values)
    assert status == answer.status_code
    assert "application/problem+json" == answer.headers["content-type"] and said in answer.text


def test_a_page_shows_each_picture_with_its_description_its_size_and_its_forms(client):
    page = client.page("/questions/timeline", params={"actor": "id/state/xar"})
    figure = re.search(r'<figure class="picture">.*?</figure>', page, re.DOTALL)[0]
    alt = re.search(r'alt="([^"]+)"', figure)[1]
    assert "A timeline of " in alt and len(alt) > 80
    for address in re.findall(r'(?:src|srcset|href)="([^"]+)"', figure):
        answer = client.get(address.replace("&amp;", "&"))
        assert (address, 200) == (address, answer.status_code)
    assert "width=narrow" in figure and re.search(r'<img [^>]*width="760" height="\d+"', figure)
    assert figure.index("<picture>") < page.index("<table")


def test_a_frame_holds_the_picture_or_the_table_and_a_link_back(client, release):
    values = {"actor": "id/state/xar"}
    shown = client.page("/embed/questions/timeline", params=values)
    table = client.page("/embed/questions/timeline", params={**values, "show": "table"})
    assert "<img" in shown and "<table" not in shown and "<table" in table and "<img" not in table
    for page in (shown, table):
        assert 'href="/questions/timeline?actor=id/state/xar" target="_top"' in page
        assert release.id in page and "<nav" not in page


def test_a_picture_comes_with_the_code_that_embeds_it(client):
    page = client.page("/questions/timeline", params={"actor": "id/state/xar", "lang": "kk"})
    code = html.unescape(re.search(r'<code data-copy="[^"]+">(.*?)</code>', page, re.DOTALL)[1])
    frame = lxml.html.fragment_fromstring(code)
    assert "iframe" == frame.tag and int(frame.get("height")) > 100
    address = frame.get("src").removeprefix("https://w3id.org/answerable")
    shown = client.page(address)
    assert "/embed/questions/timeline?" in address and 'lang="kk"' in shown and "<img" in shown


def test_where_there_is_no_picture_a_page_has_none_and_a_frame_the_table_or_that_nothing_is_recorded(client):
    empty, table = ("contested", {"state": "id/state/xfe"}), ("complaints-accepted", XAR)
    for name, values in (empty, table):
        assert "<figure" not in client.page(f"/questions/{name}", params=values)
    assert "<table" in client.page("/embed/questions/complaints-accepted", params=XAR)
    answer = client.browse("/embed/questions/contested", params=empty[1])
    assert 200 == answer.status_code and 'class="warn"' in answer.text
    assert 400 == client.get("/embed/questions/timeline?actor=id/state/xar&show=film").status_code


def test_a_page_shows_the_picture_of_all_rows_whichever_it_shows_itself(client):
    path, state = "/questions/unexamined-obligations", {"state": "id/state/xar"}
    whole = ElementTree.fromstring(client.get(f"{path}.svg", params=state).text)
    shown = client.page(path, params={**state, "page": "2"})
    assert 'rel="prev"' in shown
    found = re.search(r'<img src="[^"]+" alt="([^"]+)" width="(\d+)" height="(\d+)"', shown)
    assert whole.findtext(f"{SVG}desc") == html.unescape(found[1])
    assert (whole.get("width"), whole.get("height")) == found.groups()[1:]


def test_a_second_picture_is_folded(client):
    shown = client.page("/questions/findings-against-state?state=id/state/xar")
    first, second = (found.start() for found in re.finditer('<figure class="picture">', shown))
    assert first < shown.index('<details class="other-picture">') < second


def test_the_picture_of_a_page_is_of_all_rows_that_pass_its_filters(client):
    narrowed = {**XAR, "only.kind": "engaged"}
    for values, pages in (({**narrowed, "page": "2"}, True), (HANDOVER, False)):
        name = "found-alleged-engaged" if pages else "findings"
        page = client.get(f"/questions/{name}", params=values, headers=PAGE).text
        assert pages is ('class="pager"' in page)
        source = html.unescape(re.search(r'<img src="([^"]+)"', page)[1])
        assert "page=" not in source and pages is ("only.kind=engaged" in source)

"""The card of a page that is shared: a picture of its own, and what the head of the page says of it."""

import re
import struct

import pytest

PAGES = (
    "/",
    "/questions/rival-figures?event=id/event/2012-03-16-port-ansel",
    "/doc/event/2012-03-16-port-ansel",
    "/dataset",
    "/questions",
)


def told(client, path):
    """Read the properties that the head of a page tells those who share it."""
    head = client.page(path).partition("</head>")[0]
    return {
        name: text.replace("&amp;", "&")
        for name, text in re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', head)
    }


@pytest.mark.parametrize("path", PAGES)
def test_each_page_says_what_it_is_and_has_a_picture_of_the_size_it_says(client, path):
    found = told(client, path)
    assert {"og:title", "og:type", "og:url", "og:image", "og:description", "og:site_name"} <= found.keys()
    assert "summary_large_image" == found["twitter:card"]
    assert all(found[name].startswith("https://w3id.org/answerable/") for name in ("og:url", "og:image"))
    picture = client.get(found["og:image"].removeprefix("https://w3id.org/answerable"))
    assert (200, "image/png") == (picture.status_code, picture.headers["content-type"])
    assert b"\x89PNG\r\n\x1a\n" == picture.content[:8]
    assert (int(found["og:image:width"]), int(found["og:image:height"])) == struct.unpack(">II", picture.content[16:24])
    assert (1200, 630) == struct.unpack(">II", picture.content[16:24])
    assert len(picture.content) < 300_000


def test_an_answer_is_described_by_its_question_in_words(client):
    found = told(client, PAGES[1])
    assert "What numbers are given for Port Ansel, 16 March 2012, who gives them, and where?" == found["og:image:alt"]

"""Feeds in Atom, as a feed reader takes them, and by the rules of RFC 4287; from one release, and over a changed one."""

import re
import xml.etree.ElementTree as xml
from datetime import datetime
from html import unescape

import feedparser
import pytest

from api.routers import feeds
from kg import release as releases
from kg.answer.cache import Cache
from tests.api.test_answers import EVENT

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://w3id.org/answerable/"
RELATIONS = ("self", "alternate", "license", "current", "prev-archive", "next-archive")
THING = "/doc/event/2012-03-16-port-ansel"
FEEDS = (
    "/questions/rival-figures.atom?event=id/event/2012-03-16-port-ansel",
    "/questions/coverage.atom",
    f"{THING}.atom",
    "/doc/state/xar.atom",
    "/changes.atom",
)


def one(parent, name):
    """Return the only child of a name."""
    (found,) = parent.findall(ATOM + name)
    return found


def read(client, path):
    """Fetch a feed; its root, and what feedparser makes of it."""
    answer = client.get(path)
    assert (200, "application/atom+xml") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return xml.fromstring(answer.content), parsed


def check(root):
    """Hold a feed to RFC 4287: what must stand in it once, absolute addresses, dates with a zone, ids that differ."""
    assert ATOM + "feed" == root.tag
    for element in (root, *root.findall(ATOM + "entry")):
        assert re.match(r"https?://\S+$", one(element, "id").text)  # 4.2.6
        assert one(element, "title").text.strip()  # 4.2.14
        assert datetime.fromisoformat(one(element, "updated").text).tzinfo is not None  # 3.3
        for link in element.findall(ATOM + "link"):  # 4.2.7
            assert link.get("href").startswith("https://") and link.get("rel") in RELATIONS
        kinds = [(link.get("rel"), link.get("type")) for link in element.findall(ATOM + "link")]
        assert len(kinds) == len(set(kinds))
    assert one(one(root, "author"), "name").text  # 4.1.1
    assert 1 == len([link for link in root.findall(ATOM + "link") if link.get("rel") == "self"])
    ids = [one(entry, "id").text for entry in root.findall(ATOM + "entry")]
    assert ids and len(ids) == len(set(ids))
    for entry in root.findall(ATOM + "entry"):
        assert "xhtml" == one(entry, "content").get("type")
        (body,) = one(entry, "content")
        assert "{http://www.w3.org/1999/xhtml}div" == body.tag  # 4.1.3.3
    newest = max(one(entry, "updated").text for entry in root.findall(ATOM + "entry"))
    assert newest == one(root, "updated").text


@pytest.mark.parametrize("path", FEEDS)
def test_each_feed_obeys_the_rules_and_is_read(client, later, path):
    check(read(later, path)[0])
    root, parsed = read(client, path)
    check(root)
    assert parsed.feed.title.startswith("Answerable: ")
    (self_link,) = [link.href for link in parsed.feed.links if link.rel == "self"]
    assert BASE + path[1:] == self_link


@pytest.mark.parametrize(
    "path", ["/questions/rival-figures?event=id/event/2012-03-16-port-ansel", "/questions/coverage", THING, "/"]
)
def test_a_page_names_its_feed_in_its_head(client, path):
    head = client.page(path).partition("</head>")[0]
    found = re.search(r'<link rel="alternate" type="application/atom\+xml" href="([^"]*)" title="[^"]+">', head)
    assert 200 == client.get(found[1].replace("&amp;", "&")).status_code


@pytest.mark.parametrize("path", FEEDS)
def test_a_browser_shows_a_feed_as_a_page_and_a_feed_reader_gets_it_under_its_name(client, path):
    shown = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"})
    assert "application/xml" == shown.headers["content-type"] and "Accept" in shown.headers["vary"]
    for accept in ("application/atom+xml, application/xml;q=0.8, */*;q=0.4", "*/*", ""):
        named = client.get(path, headers={"Accept": accept})
        assert "application/atom+xml" == named.headers["content-type"] and shown.content == named.content
    style = re.search(r'<\?xml-stylesheet type="text/css" href="([^"]+)"\?>', shown.text)[1]
    assert "feed {" in client.get(style).text
    here = unescape(re.search("<code>(.*)</code>", shown.text)[1])
    assert BASE + path[1:] == here


def test_the_feed_of_an_answer_tells_each_state_of_its_rows(later, changed_world):
    _, parsed = read(later, FEEDS[0])
    newest, oldest = parsed.entries
    assert ("1 result changed, 1 result added, 1 result removed", "4 results") == (newest.title, oldest.title)
    said = newest.content[0].value
    for part in (
        "The Prosecutor: 15 killed",
        "The Prosecutor: 14 killed",
        "Daily Post: dozens wounded",
        "Daily Post: dozens killed",
    ):
        assert part in said
    current = releases.current(changed_world)
    assert current.manifest["created"] == newest.updated
    answer = later.get(newest.link.removeprefix(BASE.rstrip("/")) + ".json").json()
    assert current.id == answer["given"]["release"]
    assert "changed" == later.get(oldest.link.removeprefix(BASE.rstrip("/")) + ".json").json()["state"]


def test_an_answer_that_stayed_the_same_has_one_entry_with_the_date_of_the_older_release(later, client, changed_world):
    path = "/questions/treaties-in-force.atom?state=id/state/xar&day=2012-03-16"
    _, parsed = read(later, path)
    (entry,) = parsed.entries
    assert min(found.manifest["created"] for found in releases.releases(changed_world)) == entry.updated
    assert [entry.id] == [found.id for found in read(client, path)[1].entries]  # with the older release alone


def test_the_feed_of_all_changes_counts_and_names_things(later, changed_world):
    _, parsed = read(later, "/changes.atom")
    newest, first = parsed.entries
    assert BASE + "release/" + releases.current(changed_world).id == newest.id
    assert "1 thing added, 1 thing changed, 1 thing gone" in newest.title
    said = newest.content[0].value
    assert f'<a href="{BASE}doc/figure/prosecutor-killed">The Prosecutor: 15 killed</a>' in said
    assert "Daily Post: dozens wounded" in said and "figure/daily-post-killed" in said
    assert "dozens killed" not in said  # what is gone is told by its address alone
    assert "first release" in first.title


def test_the_feed_of_a_thing_has_what_is_about_it_and_no_more(later):
    _, event = read(later, f"{THING}.atom")
    assert "1 thing added, 1 thing changed, 1 thing gone" in event.entries[0].title
    _, speaker = read(later, "/doc/organ/xar-prosecutor.atom")
    assert "prosecutor-killed" in speaker.entries[0].content[0].value
    assert "daily-post" not in speaker.entries[0].content[0].value
    _, other = read(later, "/doc/event/2011-06-handover.atom")
    assert ["first release" in entry.title for entry in other.entries] == [True]


def test_a_feed_is_another_when_a_release_goes(later, client):
    assert later.get("/changes.atom").headers["etag"] != client.get("/changes.atom").headers["etag"]


def test_a_question_without_its_values_has_no_feed(client):
    assert 400 == client.get("/questions/rival-figures.atom").status_code
    assert EVENT["event"] in FEEDS[0]


HISTORY = "{http://purl.org/syndication/history/1.0}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def test_each_withdrawal_is_a_deleted_entry(third, three_releases):
    root, parsed = read(third, "/changes.atom")
    check(root)
    (gone,) = root.findall(DELETED)  # RFC 6721, 3
    current = releases.current(three_releases)
    assert f"{BASE}id/figure/daily-post-wounded" == gone.get("ref")
    assert current.manifest["created"] == gone.get("when")
    assert "1 thing withdrawn" in parsed.entries[0].title
    assert "dozens" not in third.get("/changes.atom").text


def test_older_parts_of_the_feed_are_archives_that_lead_to_each_other(third, three_ids, monkeypatch):
    """With two releases a part, three of them make one archive; the document that is subscribed to tells the last pair."""
    monkeypatch.setattr(feeds, "AT_ONCE", 2)
    monkeypatch.setattr(feeds, "MOST_COMPARED", 0)
    opened = third.app.state.releases.current
    monkeypatch.setattr(opened, "cache", Cache(opened.cache.limit))
    first, second, last = three_ids

    def linked(root):
        return {link.get("rel"): link.get("href") for link in root.findall(ATOM + "link")}

    root, parsed = read(third, "/changes.atom")
    check(root)
    assert root.find(HISTORY + "archive") is None
    assert [f"{BASE}release/{last}"] == [entry.id for entry in parsed.entries]
    older = linked(root)["prev-archive"]
    assert f"{BASE}changes.atom?until={second}" == older
    root, parsed = read(third, older.removeprefix(BASE.rstrip("/")))
    check(root)
    assert root.find(HISTORY + "archive") is not None  # RFC 5005, 4
    assert [f"{BASE}release/{one}" for one in (second, first)] == [entry.id for entry in parsed.entries]
    links = linked(root)
    assert (f"{BASE}changes.atom", older) == (links["current"], links["self"])
    assert not {"prev-archive", "next-archive"} & links.keys()
    assert 404 == third.get(f"/changes.atom?until={last}").status_code
    assert 400 == third.get("/changes.atom?since=x").status_code

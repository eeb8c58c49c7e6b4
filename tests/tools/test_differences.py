"""The comparison of two servers finds each kind of difference, and takes for equal what means the same."""

import http.server
import io
import json
import threading
from contextlib import contextmanager

import openpyxl
import pytest

from tools.differences import addresses
from tools.differences.__main__ import Comparison, Server
from tools.differences.addresses import Request
from tools.differences.answers import XLSX, Answer, parts
from tools.differences.report import compare

OLD, NEW = "127.0.0.1:8001", "127.0.0.1:8002"
PAGE = '<!doctype html><html lang="en"><body><p id="a" class="x">One <b>two</b></p><a href="/x" title="t">three</a></body></html>'
TURTLE = "@prefix : <http://example.org/> . :a :b [ :c 1 ] , 2 ."
JSON_LD = {"@graph": [{"@id": "_:b0"}, {"@id": "http://example.org/a", "p": {"@list": [1, 2]}}]}


def differing(media_type, old, new, old_headers=(), new_headers=()):
    """List the parts in which two bodies of a media type, or their headers, differ."""
    sides = ((OLD, old, old_headers), (NEW, new, new_headers))
    read = [
        parts(Answer(200, (("content-type", media_type), *headers), as_bytes(body)), host)
        for host, body, headers in sides
    ]
    return [difference.part for difference in compare(*read)]


def as_bytes(body):
    """Encode text, and JSON that is not text yet."""
    return body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()


def workbook(value):
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["B2"] = value
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("media_type", "old", "new", "part"),
    [
        ("text/html", PAGE, PAGE.replace("two", "2"), "text"),
        ("text/html", PAGE, PAGE.replace("One <b>two", "One<b>two"), "text"),
        ("text/html", PAGE, PAGE.replace('"/x"', '"/y"'), "attributes"),
        ("text/html", PAGE, PAGE.replace('id="a"', 'id="b"'), "attributes"),
        ("text/html", PAGE, PAGE.replace('lang="en"', 'lang="ru"'), "attributes"),
        ("text/html", PAGE, PAGE.replace('title="t"', 'title="u"'), "attributes"),
        ("application/json", {"a": [{"b": 1}, {"c": 2}]}, {"a": [{"b": 1, "c": 2}]}, "json"),
        ("application/problem+json", {"detail": "a"}, {"detail": "b"}, "json"),
        ("application/json", "{}", "{", "json"),
        ("application/ld+json", JSON_LD, {"@graph": [{"@id": "http://example.org/a", "p": {"@list": [2, 1]}}]}, "json"),
        ("text/turtle", TURTLE, TURTLE.replace("2", "3"), "graph"),
        ("text/csv", "a,b\r\n", "a,b\n", "body"),
        ("image/svg+xml", "<svg><path d='M0 0'/></svg>", "<svg><path d='M0 1'/></svg>", "body"),
        ("image/png", b"red", b"blue", "body"),
        (XLSX, workbook("a"), workbook("b"), "body"),
        ("application/gzip", b"\x1f\x8b", b"\x1f\x8c", "body"),
    ],
)
def test_a_planted_difference_is_seen_in_its_part(media_type, old, new, part):
    assert part in differing(media_type, old, new)


@pytest.mark.parametrize(
    ("media_type", "old", "new"),
    [
        ("text/html", PAGE, PAGE.replace("<p ", "\n  <p ").replace('class="x"', 'class="y"')),
        (
            "text/html",
            PAGE.replace("/x", f"http://{OLD}/x?v=3be6225eed52"),
            PAGE.replace("/x", f"http://{NEW}/x?v=000000"),
        ),
        ("application/json", '{"a": 1, "b": [2]}', '{"b":[2],"a":1}'),
        ("application/ld+json", JSON_LD, {"@graph": [JSON_LD["@graph"][1], {"@id": "_:x"}]}),
        (
            "text/turtle",
            TURTLE,
            "<http://example.org/a> <http://example.org/b> 2 , _:x . _:x <http://example.org/c> 1 .",
        ),
        ("text/plain", f"http://{OLD}/ http%3A%2F%2F127.0.0.1%3A8001", f"http://{NEW}/ http%3A%2F%2F127.0.0.1%3A8002"),
        (XLSX, workbook("a"), workbook("a")),
    ],
)
def test_what_means_the_same_does_not_differ(media_type, old, new):
    assert [] == differing(media_type, old, new)


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ([("date", "1")], [("date", "2")], False),
        ([("etag", 'W/"a"')], [("etag", 'W/"b"')], False),
        ([("etag", 'W/"a"')], [("etag", '"a"')], True),
        ([("etag", 'W/"a"')], [], True),
        ([("vary", "Accept"), ("vary", "Accept-Language")], [("vary", "Accept-Language, Accept")], False),
        ([("vary", "Accept")], [("vary", "Accept-Encoding")], True),
        ([("link", '</a>; rel="x"; type="y", </b>')], [("link", "</b>"), ("link", '</a>; type="y"; rel="x"')], False),
        ([("link", "</a>")], [("link", "</b>")], True),
        ([("location", f"http://{OLD}/a")], [("location", f"http://{NEW}/a")], False),
        ([("x-rows", "1")], [("x-rows", "2")], True),
    ],
)
def test_headers_are_compared_by_what_they_mean(old, new, differs):
    assert ["headers"] * differs == differing("text/plain", "", "", old, new)


@contextmanager
def serving(pages, release="r"):
    """Serve these pages by their address on a port of this machine; yields the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            page = pages.get(self.path.partition("?")[0].removeprefix("/release/r"))
            body = b"" if page is None or self.command == "OPTIONS" else page.encode()
            self.send_response(404 if page is None else 200)
            for name, value in (
                ("Content-Type", "text/html"),
                ("X-Release", release),
                ("Content-Length", str(len(body))),
            ):
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_same_difference_on_many_addresses_is_one_group_with_three_examples():
    many = {f"/doc/event/{number}": PAGE for number in range(9)}
    with (
        serving(many | {"/gone": PAGE}) as old,
        serving({path: page.replace("two", "2") for path, page in many.items()}) as new,
    ):
        comparison = Comparison(Server(old), Server(new))
        comparison.run([Request("page", path, varied=path.endswith("0")) for path in [*many, "/gone", "/nosuch"]])
    report = "\n".join(comparison.report.lines())
    assert "status 200: 1 of" in report and "+404" in report
    assert "== text : 16 of - One two + One 0" in report  # nine, and one of them in seven other manners
    assert 3 == report.count("+ One 2")
    assert {"/x"} == comparison.linked
    assert 0 == comparison.report.different["OPTIONS"] + comparison.report.different["HEAD"]


def test_two_servers_must_be_on_this_machine_and_serve_one_release():
    with pytest.raises(ValueError, match="not on this machine"):
        Server("http://192.0.2.1:80")
    with serving({}) as old, serving({}, release="other") as new, pytest.raises(ValueError, match="same release"):
        Comparison(Server(old), Server(new))


def test_the_listed_requests_are_read_with_their_names():
    values = {
        "release": "r",
        "thing": "/doc/event/a",
        "question": "q",
        "form": "event=id/event/a",
        "word": "/answer/w",
        "long": "x",
    }
    requests = list(addresses.listed(values))
    assert {"errors", "sparql", "bodies", "routes"} <= {request.kind for request in requests}
    assert [] == [
        request for request in requests if "$" in request.address.replace("$host", "") or " " in request.address
    ]
    assert {"GET", "HEAD", "POST", "QUERY", "DELETE", "OPTIONS"} <= {request.method for request in requests}
    [page] = [request for request in addresses.listed({"list": "/events"}, "each list") if "lang=ru" in request.address]
    assert ("/events?page=2&lang=ru", (("Accept", "text/html"),)) == (page.address, page.headers)

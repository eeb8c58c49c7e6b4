"""Hostile requests as a table: a name, the bytes that are sent, and the statuses that are right; None is a closed connection.

A case lists more than one status where the standard leaves the choice to the server.
"""

from typing import NamedTuple
from urllib.parse import quote

DIRECT = "application/sparql-query"
BAD, GONE, SMALL = {400}, {404}, {200}
NOTHING, METHOD, FORMAT = {400, 404, 406}, {405}, {200, 406}  # 406 for a format of something that there is
ASK = "/sparql?query=ASK%7B%7D"


class Case(NamedTuple):
    """One hostile request; `has_more` where the answer to a second, harmless request on the connection is right too."""

    name: str
    data: bytes
    right: set
    has_more: bool = False


def raw(line, *headers, body=b"", host="Host: x"):
    """Write a request: its first line, its headers and its body."""
    lines = [line, *([host] if host else []), *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1", "surrogateescape") + body


def get(target, *headers):
    return raw(f"GET {target} HTTP/1.1", *headers)


def post(content_type, body, *headers, target="/sparql"):
    return raw(
        f"POST {target} HTTP/1.1", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers, body=body
    )


def chunked(body, *headers):
    """Write a POST whose body is in chunks, as they are given."""
    return raw("POST /sparql HTTP/1.1", f"Content-Type: {DIRECT}", "Transfer-Encoding: chunked", *headers, body=body)


def each(group, right, texts, make):
    """Make a case of each text; those that are long are named by their beginning."""
    return [Case(f"{group} {number}: {str(text)[:40]!r}", make(text), right) for number, text in enumerate(texts)]


LINES = (
    *each(
        "first line",
        BAD,
        (
            "GET", "GET / HTTP", "GET / HTTP/1.", "GET / HTTP/11.1", "GET / HTTP/1.10", "GET / HTTP/3", "GET / HTTP/1.1 x",
            "GET\t/ HTTP/1.1", " GET / HTTP/1.1", "get / HTTP/1.1", "G\0T / HTTP/1.1", "GÉT / HTTP/1.1", "G" * 5000 + " / HTTP/1.1",
            "/ GET HTTP/1.1", "HTTP/1.1 200 OK", "GET  HTTP/1.1", "GET HTTP/1.1", ":", "\0\0\0\0", "GET / HTTP/1.1\0", "GET /\0 HTTP/1.1",
            "GET /\x7f HTTP/1.1", "EHLO x", '{"jsonrpc": "2.0"}', "FOO / HTTP/1.1",
        ),
        raw,
    ),
    # The parser knows these versions too, and answers them as it answers HTTP/1.1.
    *each("version", {200, 400}, ("GET /health", "GET /health HTTP/0.9", "GET /health HTTP/2.0"), raw),
    *each(
        "no HTTP",
        BAD | {None, 408},
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), b"\x05\x01\x00", b"\xff" * 300, b" ",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\r\n\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n",
        ),
        bytes,
    ),
    Case(
        "another protocol with a version of HTTP", raw("GET /health RTSP/1.0"), {200, 400}
    ),  # the parser takes it for HTTP
    Case("empty lines before", b"\r\n\r\n" + get("/health"), SMALL),
    Case("line feeds alone", b"GET /health HTTP/1.1\nHost: x\n\n", {200, 400}),
    Case("carriage returns alone", b"GET /health HTTP/1.1\rHost: x\r\r", BAD),
    Case("a minor version to come", raw("GET /health HTTP/1.2"), {200, 400}),
    Case("an older version", raw("GET /health HTTP/1.0", host=None), SMALL),
    Case("two spaces", raw("GET  /health HTTP/1.1"), {200, 400}),
)  # fmt: skip

METHODS = (
    *each("method", METHOD, ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "MKCOL", "LOCK", "UNLOCK", "PURGE", "SEARCH", "REPORT", "LINK", "UNLINK", "ACL"],
          lambda method: raw(f"{method} /sparql HTTP/1.1")),
    *each("method on a page", METHOD, ["POST", "PUT", "DELETE", "PATCH", "TRACE", "MERGE", "BIND", "NOTIFY", "SUBSCRIBE", "M-SEARCH", "QUERY"],
          lambda method: raw(f"{method} /health HTTP/1.1")),
    *each("CONNECT", BAD | METHOD | GONE, ("/", "x:443", "127.0.0.1:22", "[::1]:80", "http://x/", "*"),
          lambda target: raw(f"CONNECT {target} HTTP/1.1")),
    *each("override", SMALL, ("X-HTTP-Method-Override: DELETE", "X-Method-Override: PUT", "X-HTTP-Method: PATCH"),
          lambda line: get("/health", line)),
    Case("HEAD", raw("HEAD /health HTTP/1.1"), SMALL),
    Case("OPTIONS of all", raw("OPTIONS * HTTP/1.1"), {200, 204, 400, 404}),
    Case("OPTIONS of nothing", raw("OPTIONS /nothing HTTP/1.1"), GONE),
    Case("OPTIONS with a body", raw("OPTIONS /sparql HTTP/1.1", "Content-Length: 5", body=b"hello"), {204}),
    Case("GET with a body", raw("GET /health HTTP/1.1", "Content-Length: 5", body=b"hello"), SMALL),
)  # fmt: skip

TARGETS = (
    *each("absolute", SMALL, ("http://x/health", "http://other.example/health", "https://x:1/health", "HTTP://X/health"), get),
    *each(
        "no path",
        BAD | GONE,
        (
            "*", "?", "#", "x", "x/y", "http:", "http:/", "http://", "http://[::1", "http://:80/", "http://x:99999999/", "//",
            "//other.example/health", "file:///etc/passwd", "javascript:alert(1)", "\\\\x\\y", "..", "../health",
        ),
        get,
    ),
    *each(
        "path",
        NOTHING,
        (
            "/../../etc/passwd", "/..%2f..%2fetc/passwd", "/static/../../api/app.py", "/static/..%2f..%2fapp.py",
            "/static/%2e%2e/%2e%2e/app.py", "/static/..%5c..%5capp.py", "/static/....//app.py", "/static/", "/static/%00",
            "/static/a%00.css", "/static//etc/passwd", "/static/x/" + "x" * 300, "/static/" + "x" * 5000, "/dumps/../manifest.json",
            "/dumps/%2e%2e%2fmanifest.json", "/dumps/..%2f..%2fcurrent", "/dumps/%00", "/dumps/answerable.nq.gz%00.sha256",
            "/dumps/" + "x" * 5000, "/dumps/.sha256", "/dumps/%2fetc%2fpasswd", "/static/yasgui.esm.js", "/tables/../manifest.json", "/tables/..%2fmanifest.json",
            "/tables/%2e%2e/app.py", "/tables/....//x", "/tables//etc/passwd", "/release/..", "/release/%2e%2e/", "/release/%00",
            "/release/%00/", "/release/%2fetc/health", "/release/" + "x" * 5000 + "/", "/release/20240101-aaaaaaaa/health",
            "/release/current/health", "/release/../health", "/ontology/%00", "/ontology/..%2f..%2fREADME.md", "/ontology.%00",
            "/ontology/" + "x/" * 2000, "/shapes.exe", "/shapes.", "/scheme/%00", "/scheme/%00/%00", "/scheme/../ontology.ttl%00",
            "/graph/%00", "/graph/%ff", "/graph/..%2f..", "/graph/" + "y" * 5000, "/doc/%00/x", "/doc/act/%00", "/doc/act/%0d%0aX:%20y",
            "/doc/act/%ff", "/doc/act/%c0%af", "/doc/act/%e0%80%af", "/doc/act/%ed%a0%80", "/doc/act/%f5%80%80%80", "/doc/act/%f8%88",
            "/doc/act/<script>alert(1)</script>", "/doc/act/%3Cb%3E", "/doc/act/x.exe", "/doc/act/.ttl", "/doc/act/'%20OR%201=1",
            "/doc/act/x%3E%20%3Fp%20%3Fo%20%7D%20%23", "/doc/act/" + "%F0%9F%95%8A" * 500, "/id/act/%00", "/id/%2e%2e/%2e%2e",
            "/id/act/\\u0000", "/questions/%00", "/questions/..%2f..%2fmanifest", "/questions/" + "q" * 5000, "/questions/x.php",
            "/questions/.json", "/problem/%00", "/problem/%0d%0aSet-Cookie:%20x", "/problem/" + "p" * 5000, "/SPARQL",
            "/sparql%00", "/sparql;x=y", "/sparql/x", "/./sparql", "/health/", "/health%20", "/health%0a", "/.git/config", "/.env",
            "/wp-login.php", "/cgi-bin/sh", "/%", "/%2", "/%zz", "/%u0041", "/%%32%65", "/é", "/\xff\xfe", "/" + "/" * 3000,
            "/" + "a/" * 5000, "/" + "%41" * 5000, "/" + "x" * 50_000, "/favicon.ico%00", "/.well-known/%00", "/.well-known/security.txt%00",
        ),
        get,
    ),
    *each("fragment", BAD | SMALL | GONE, ("/health#x", "/health?#"), get),
    *each("long target", {414}, ("/" + "x" * 70_000, ASK + "%20" * 30_000, "/health?" + "x&" * 40_000), get),
)  # fmt: skip

HEADERS = (
    *each(
        "header",
        BAD,
        (
            "Host", "X", "X Y: z", "X\0: y", "X\x01: y", "X(: y", "X/y: z", "X\t: y", ": y", "Host : y", "Host\t: y", "Host: y",
            "Content-Length : 5", "Transfer-Encoding : chunked", "X: a\0b", "X: a\rb", "X: \x01", "X: \x7f", "É: y", "\x80: y",
        ),
        lambda line: get("/health", line),
    ),
    *each("value", {200, 400}, ("X: \xff\xfe", "X: ", "X:y", "X:\ty\t", "X: y\r\n z", "X:\r\n y", "X: a\tb"),
          lambda line: get("/health", line)),
    *each("fold before all", BAD, (" Host: x", "\tHost: x"), lambda line: raw("GET /health HTTP/1.1", line, host=None)),
    Case("no Host", raw("GET /health HTTP/1.1", host=None), {200, 400}),
    Case("two of Host", get("/health", "Host: x"), BAD),
    *each("Host", {200, 400}, ("", "x y", "user@x", "x:99999", "[::1", "a,b", "x/y", "<b>", "\xff", "x" * 5000, "127.0.0.1:22"),
          lambda host: raw("GET / HTTP/1.1", host=f"Host: {host}")),
    *each("large head", {431}, (33_000, 60_000, 200_000), lambda size: get("/health", "X: " + "x" * size)),
    *each("many headers", {200, 431}, (101, 1000, 20_000), lambda number: get("/health", *["X: y"] * number)),
    *each(
        "negotiation",
        FORMAT,
        (
            "Accept:", "Accept: ,,,", "Accept: ;", "Accept: /", "Accept: */*;q=nan", "Accept: */*;q=inf", "Accept: */*;q=-1",
            "Accept: */*;q=1e308", "Accept: */*;q=", "Accept: text/html;q=0.00000000001", "Accept: " + "text/x," * 3000,
            "Accept: */*" + ";a=b" * 3000, "Accept: \xff/\xff", "Accept: \"", "Accept: text/html\r\nAccept: text/turtle",
            "Accept-Encoding: ,", "Accept-Encoding: *;q=0", "Accept-Encoding: identity;q=0", "Accept-Encoding: gzip;q=nan",
            "Accept-Encoding: " + "gzip," * 3000, "Accept-Encoding: \xff", "Accept-Language: \xff", "Accept-Charset: utf-7",
            "Cookie: " + "a=b;" * 3000, "Authorization: Basic \xff", "Authorization: Bearer " + "x" * 9000, "Origin: null",
            "Origin: javascript:alert(1)", "X-Forwarded-For: \xff", "X-Forwarded-For: " + "1.1.1.1," * 2000, "X-Forwarded-Proto: x",
            "Forwarded: for=\"", "X-Original-URL: /admin", "X-Rewrite-URL: /metrics", "Referer: \xff", "Via: " + "1.1 x," * 900,
        ),
        lambda line: get(ASK, *line.split("\r\n")),
    ),
    *each(
        "condition",
        {200, 304, 412},
        (
            "If-None-Match: \"", "If-None-Match: W/", "If-None-Match: *", "If-None-Match: *, *", "If-None-Match: " + '"x",' * 5000,
            "If-None-Match: \xff", "If-Match: *", "If-Match: \"x\"", "If-Modified-Since: never", "If-Unmodified-Since: 0",
            "If-Modified-Since: Thu, 99 Foo 9999 99:99:99 GMT", "If-Range: \xff", "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT",
        ),
        lambda line: get("/ontology.ttl", line),
    ),
    *each(
        "range",
        {200, 206, 400, 416},
        (
            "bytes=0-0", "bytes=5-1", "bytes=-", "bytes=-0", "bytes=-99999999999999999999", "bytes=99999999999999999999-", "bytes=abc",
            "bytes=", "lines=1-2", "bytes=0-,0-", "bytes=" + "0-," * 3000, "bytes=" + ",".join(f"{n}-" for n in range(2000)),
            "bytes=0-0," * 500, "bytes=0x0-0xff", "bytes=-1-1", "bytes=1-2-3", "bytes=\xff", "bytes=٣-٤".encode().decode("latin-1"),
        ),
        lambda value: get("/dumps/answerable.nq.gz", f"Range: {value}"),
    ),
    *each("connection", SMALL, ("close, keep-alive", "Host", "", ",", "x" * 5000, "TE, Trailer", "upgrade"),
          lambda value: get("/health", f"Connection: {value}")),
    *each("upgrade", SMALL, ("websocket", "h2c", "TLS/1.0", "x" * 5000, "\xff", "websocket, h2c"),
          lambda value: get("/health", "Connection: Upgrade", f"Upgrade: {value}", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13")),
    *each("expect", {200, 417}, ("100-continue", "200-ok", "\xff", "100-continue, 100-continue"),
          lambda value: post(DIRECT, b"ASK {}", f"Expect: {value}")),
)  # fmt: skip

_CHUNKS = b"6\r\nASK {}\r\n0\r\n\r\n"
_SECOND = get("/health")
LENGTHS = (
    *each(
        "length",
        BAD,
        (
            "-1", "+6", "0x6", "6 6", "6,6", "6, 7", "6;", "1e1", "6.0", "abc", "", "\xb2", "٦".encode().decode("latin-1"), "6\t6",
            str(2**64), str(2**64 + 6), "9" * 400, "6\r\nContent-Length: 6", "6\r\nContent-Length: 7", "6\r\nContent-Length: -1",
        ),
        lambda value: raw("POST /sparql HTTP/1.1", f"Content-Type: {DIRECT}", f"Content-Length: {value}", body=b"ASK {}" + _SECOND),
    ),
    *each("large length", {413}, (10**7, 10**15, 2**63 - 1, 2**63, 2**64 - 1),
          lambda value: raw("POST /sparql HTTP/1.1", f"Content-Length: {value}", body=b"ASK {}")),
    *each(
        "coding",
        BAD,
        (
            "gzip", "identity", "xchunked", "chunked, chunked", "chunked, identity", "gzip, chunked", "chunked;q=1", "\x0bchunked", "\"chunked\"",
            "chunked\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: identity", "gzip\r\nTransfer-Encoding: chunked",
            "chunked\r\nContent-Length: 6", "chunked\r\nContent-Length: 0", "", "chunked,", ",chunked", "chunked\0",
        ),
        lambda value: raw("POST /sparql HTTP/1.1", f"Content-Type: {DIRECT}", f"Transfer-Encoding: {value}", body=_CHUNKS + _SECOND),
    ),
    *each(
        "length and coding",
        BAD,
        ("Content-Length: 6\r\nTransfer-Encoding: chunked", "Content-Length: 6\r\nTransfer-Encoding: identity",
         "Content-Length: 0\r\nTransfer-Encoding: Chunked", "content-length: 6\r\ntransfer-encoding: x"),
        lambda lines: raw("POST /sparql HTTP/1.1", f"Content-Type: {DIRECT}", *lines.split("\r\n"), body=_CHUNKS + _SECOND),
    ),
    Case("chunks in HTTP/1.0", raw("POST /sparql HTTP/1.0", "Transfer-Encoding: chunked", body=_CHUNKS + _SECOND), {400, 415}),
    *each(
        "chunk",
        BAD | {408, 413},
        (
            b"x\r\nASK {}\r\n0\r\n\r\n", b"-6\r\nASK {}\r\n0\r\n\r\n", b"0x6\r\nASK {}\r\n0\r\n\r\n", b"+6\r\nASK {}\r\n0\r\n\r\n",
            b"6 6\r\nASK {}\r\n0\r\n\r\n", b" 6\r\nASK {}\r\n0\r\n\r\n", b"\r\nASK {}\r\n0\r\n\r\n", b"F" * 17 + b"\r\nASK {}\r\n0\r\n\r\n",
            b"F" * 400 + b"\r\n", b"6\nASK {}\n0\n\n", b"6\r\nASK {}0\r\n\r\n", b"5\r\nASK {}\r\n0\r\n\r\n", b"7\r\nASK {}\r\n0\r\n\r\n",
            b"6\r\nASK {}\r\n", b"FFFFFFF\r\nASK {}", b"\0\r\n", b"6\0\r\nASK {}\r\n0\r\n\r\n", b"6;\0\r\nASK {}\r\n",
        ),
        chunked,
    ),
    *each("chunks that may pass", {200, 400}, (b"6;x=y\r\nASK {}\r\n0\r\n\r\n", b'6;x="y;z"\r\nASK {}\r\n0\r\n\r\n', b"006\r\nASK {}\r\n000\r\n\r\n",
          b"6\r\nASK {}\r\n0\r\nHost: y\r\nX: z\r\n\r\n", b"1\r\nA\r\n1\r\nS\r\n1\r\nK\r\n3\r\n {}\r\n0\r\n\r\n", b"6 \r\nASK {}\r\n0\r\n\r\n"), chunked),
    Case("a body too short", raw("POST /sparql HTTP/1.1", f"Content-Type: {DIRECT}", "Content-Length: 60", body=b"ASK {}"), {408}),
    Case("a second request as a body", post(DIRECT, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), BAD),
    Case("a body behind a GET without a length", get(ASK) + b"ASK {}" + _SECOND, SMALL, True),
    Case("two requests at once", get(ASK) + _SECOND, SMALL, True),
    Case("a good and a bad request at once", get(ASK) + b"NONSENSE\r\n\r\n", SMALL, True),
    Case("more behind the last", get(ASK, "Connection: close") + _SECOND, SMALL),
)  # fmt: skip


def query(text, *headers):
    """Write a query as a GET; surrogates in it are sent as bytes."""
    return get("/sparql?query=" + quote(text, safe="", errors="surrogatepass"), *headers)


_NESTED = "SELECT * " + "{" * 60 + "}" * 60
ANSWERED = (
    *each(
        "query that is an answer",
        SMALL,
        (
            "SELECT (1e999999999 AS ?x) {}", "SELECT (" + "9" * 5000 + " AS ?x) {}", "SELECT (1/0 AS ?x) {}", _NESTED,
            "SELECT ('\\u0000' AS ?x) {}", "ASK { FILTER REGEX('a', '(') }", "ASK { FILTER REGEX('a', '\\\\') }",
            "SELECT (REPLACE('aaa', '(a*)*b', '$9') AS ?x) {}", "SELECT (SUBSTR('a', -9223372036854775808, 9223372036854775807) AS ?x) {}",
            "SELECT (STRDT('x', <urn:x>) AS ?y) {}", "SELECT ('<script>' AS ?x) {}", "SELECT ('9999999-99-99T99:99:99Z'^^<http://www.w3.org/2001/XMLSchema#dateTime> AS ?x) {}",
            "SELECT (-9223372036854775808 / -1 AS ?x) {}", "SELECT (-9223372036854775807 - 9 AS ?x) {}", 
            "SELECT ('" + "x" * 20_000 + "' AS ?x) {}", "SELECT * { VALUES ?x { " + "1 " * 2000 + "} } LIMIT 1", "ASK {} #" + "\n" * 5000,
        ),
        query,
    ),
    *each(
        "query that is none",
        BAD | {403},
        (
            "x", "\0", "SELECT", "SELECT * {", "ASK { ?s ?p }", "ASK {} ASK {}", "SELECT * {} LIMIT " + "9" * 40, "SELECT * {} LIMIT -1", "ASK { ?s ?p '\\uD800' }",
            "ASK { ?s ?p '\\uZZZZ' }", "ASK { ?s ?p '\\U00110000' }", "\ud800", "ASK { ?s ?p '\udfff' }", "ASK { ?s ?p 'x' }\0", "{" * 5000, "(" * 5000,
            "SELECT * " + "{" * 3000 + "}" * 3000, "ASK { FILTER(" + "!" * 5000 + "true) }", "ASK { FILTER(" + "-" * 5000 + "1) }", "ASK { " + "[" * 3000,
            "ASK { ?s " + "(" * 3000 + "<urn:x>" + ")" * 3000 + " ?o }", "SELECT * { { SELECT * " * 500, "DELETE WHERE { ?s ?p ?o }", "DROP ALL", "CLEAR SILENT ALL",
            "INSERT DATA { <a> <b> <c> }", "LOAD <file:///etc/passwd>", "SELECT * { SERVICE <http://127.0.0.1:22/> { ?s ?p ?o } }", "BASE <\\u0000> ASK {", "ASK { <a b> ?p ?o }", "ASK { ?s ?p <\\u0000> }", "SELECT (xsd:integer('1') AS ?x) {}",
            "PREFIX : <" + "x" * 20_000 + "> ASK { : }", "SELECT ?x { BIND(1 AS ?x) BIND(2 AS ?x) }", "SELECT (1 AS ?x) (2 AS ?x) {}", "' OR 1=1 --", "<script>alert(1)</script>",
        ),
        query,
    ),
    *each("bytes that are no UTF-8", BAD, ("%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "ASK%7B%7D%80", "%e2%82", "ASK%7B%7D%fe%ff"),
          lambda text: get("/sparql?query=" + text)),
    *each("no parameters", {200, 400, 406}, ("?", "?query", "?query=", "?query=%20", "?&&&&", "?=", "?=&=", "?;", "?QUERY=ASK{}", "?query[]=ASK{}"),
          lambda text: get("/sparql" + text)),
    Case("very many parameters", get(ASK + "&x=y" * 5000), BAD),
    Case("two queries", get(ASK + "&query=SELECT"), BAD),
    Case("an update beside it", get(ASK + "&update=DROP%20ALL"), BAD | {403}),
    *each("graph", {200, 400}, ("", "x", "javascript:alert(1)", "file:///etc/passwd", "http://127.0.0.1:22/", "a b", "<>", "%00", "\\", "x" * 9000, "%3Curn:x%3E%20FROM", "//x"),
          lambda text: get(ASK + "&default-graph-uri=" + text.replace(" ", "%20"))),
    *each("format", {200, 400, 406}, ("", "exe", "../../etc/passwd", "%00", "%0d%0aX:y", "x" * 9000, "json&format=csv", "text/html%3Bq%3D9"),
          lambda text: get(ASK + "&format=" + text)),
    # Last: its workers are ended at the deadline, and the next query may wait for others to start.
    *each(
        "query that takes its time",
        {200, 503},
        (
            "ASK { FILTER REGEX('" + "a" * 5000 + "', '(a+)+$') }", "ASK { FILTER REGEX('" + "a" * 90 + "!', '^(([a-z])+.)+[A-Z]([a-z])+$') }",
            "ASK { FILTER REGEX('aaaa', '" + "(a?){50}" * 50 + "') }", "ASK { FILTER REGEX('a', 'a{1000}{1000}{1000}') }",
            "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>)* ?b . ?c (!<urn:x>)* ?d }",
        ),
        query,
    ),
)  # fmt: skip

CASES = (*LINES, *METHODS, *TARGETS, *HEADERS, *LENGTHS, *ANSWERED)

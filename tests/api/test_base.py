"""A server at a path of its host, behind a proxy: every link works there, and the IRIs of things stay the same."""

import json
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from starlette.responses import PlainTextResponse

from api.app import create_app
from kg.config import Settings
from kg.errors import ConfigError
from tests.api.client import Client, start

BASE = "https://mirror.example/kg/"
IRIS = "https://w3id.org/answerable/"
BROWSER = {"Accept": "text/html, */*;q=0.8"}


def put_behind(app, *, strips):
    """Put a proxy before an application that serves /kg/ from it, with or without that path, and nothing else."""

    async def proxy(scope, receive, send):
        if scope["type"] == "http":
            if not scope["path"].startswith("/kg/"):
                await PlainTextResponse("another site", 404)(scope, receive, send)
                return
            if strips:
                scope = {**scope, "path": scope["path"].removeprefix("/kg"), "raw_path": scope["raw_path"][3:]}
        await app(scope, receive, send)

    return proxy


@pytest.fixture(scope="module", params=[True, False], ids=["path stripped", "path kept"])
def mirror(request, release):
    """A client of the frozen graph, served under /kg/ of another host."""
    settings = Settings.load(env={}, out=release.path.parent, base=BASE, workers=1, page_workers=1)
    served = put_behind(create_app(settings), strips=request.param)
    with Client(served, base_url="https://mirror.example") as client:
        client.strips = request.param
        yield client


def addresses(page):
    """List the addresses on this host that a page links, loads or sends forms to."""
    found = re.findall(r'(?:href|src|action|data-offer|data-questions)="([^"]*)"', page)
    found = [unescape(one).partition("#")[0] for one in found]
    return [one for one in found if one and urlsplit(one).scheme not in ("http", "https", "data")]


def kind_of(address):
    """Tell links apart by the first part of their path and their suffix, those to things by the type of the thing."""
    first, *rest = urlsplit(address).path.removeprefix("/kg/").split("/")
    suffix = rest[-1].rpartition(".")[2] if rest and "." in rest[-1] else ""
    return first, suffix or (rest[0] if first == "doc" else len(rest))


@pytest.mark.slow
def test_every_kind_of_link_answers_within_the_path_of_the_site(mirror):
    if mirror.strips:
        pytest.skip("walked once, with the path kept")
    followed, queue, wrong = set(), ["/kg/"], []
    while queue:
        address = queue.pop(0)
        answer = mirror.get(address, headers=BROWSER)
        if answer.status_code == 303:
            address = answer.headers["location"]
            answer = mirror.get(address, headers=BROWSER)
        if answer.status_code not in (200, 422):  # a graph may be too large for one answer
            wrong.append((answer.status_code, address))
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for one in addresses(answer.text):
            if kind_of(one) not in followed:
                followed.add(kind_of(one))
                queue.append(one)
    assert [] == wrong
    kinds = {kind[0] for kind in followed}
    assert {
        *["doc", "questions", "ontology", "scheme", "sparql", "dataset", "dumps", "release", "static", "search"],
        "",
    } <= kinds


def test_a_thing_redirects_within_the_path_and_keeps_its_iri(mirror):
    answer = mirror.get("/kg/id/state/xar")
    assert (303, "/kg/doc/state/xar") == (answer.status_code, answer.headers["location"])
    page = mirror.browse("/kg/doc/state/xar")
    assert f'<link rel="canonical" href="{IRIS}id/state/xar">' in page.text
    assert '</kg/doc/state/xar.ttl>; rel="alternate"' in page.headers["link"]
    assert f'<{IRIS}id/state/xar>; rel="canonical"' in page.headers["link"]
    data = mirror.get("/kg/doc/state/xar.ttl").text
    assert IRIS in data and "mirror.example" not in data


def test_a_pinned_release_is_within_the_path(mirror, release):
    pinned = f"/kg/release/{release.id}"
    moved = mirror.get(f"{pinned}/id/state/xar")
    assert (303, f"{pinned}/doc/state/xar") == (moved.status_code, moved.headers["location"])
    page = mirror.page(f"{pinned}/questions")
    assert f'href="{pinned}/ontology"' in page and 'href="/kg/">current release' in page
    assert "max-age" in mirror.browse(f"{pinned}/questions").headers["cache-control"]
    assert "max-age" not in mirror.browse("/kg/questions").headers["cache-control"]
    assert 404 == mirror.get(f"{pinned}{pinned.removeprefix('/kg')}/questions").status_code


def test_the_editor_and_its_form_ask_the_endpoint_at_the_path(mirror, installed):
    page = mirror.page("/kg/sparql")
    assert 'id="plain-form" action="/kg/sparql"' in page
    assert 'data-prefix="/kg" data-root="/kg"' in page and f'data-base="{IRIS}"' in page
    assert 200 == mirror.get("/kg/editor.json").status_code
    shown = mirror.browse("/kg/sparql", params={"query": "SELECT ?s { ?s a ?c } LIMIT 1"})
    assert (200, True) == (shown.status_code, "<tbody>" in shown.text)


def test_what_describes_the_server_names_its_public_address(mirror):
    assert BASE + "context/2.0.0" == mirror.get("/kg/doc/state/xar.jsonld").json()["@context"]
    assert [{"url": "https://mirror.example/kg"}] == mirror.get("/kg/openapi.json").json()["servers"]
    service = mirror.get("/kg/sparql", headers={"Accept": "application/n-triples"}).text
    assert f"<{IRIS}sparql> <http://www.w3.org/ns/sparql-service-description#endpoint> <{BASE}sparql> ." in service
    listed = mirror.get("/kg/questions?format=json").json()["questions"]
    assert {BASE + "questions/" + one["name"] for one in listed} == {one["href"] for one in listed}


def links(answer):
    """List the targets of a Link header."""
    return re.findall(r"<([^<>]*)>;", answer.headers["link"])


@pytest.mark.parametrize(
    "path",
    ["doc/state/xar", "dataset", "catalogue", "questions/findings-against-state?state=id/state/xar", "ontology", ""],
)
def test_every_link_of_a_header_and_of_a_link_set_answers_within_the_path(mirror, path):
    header = links(mirror.browse(f"/kg/{path}"))
    own = [
        one
        for one in header
        if not one.startswith(("https://w3id.org/", "https://creativecommons.org/", "https://schema"))
    ]
    times = {one for one in own if one.startswith((f"{BASE}timegate/{BASE}", f"{BASE}timemap/{BASE}"))}
    own = [one for one in own if one not in times]  # what an address was is asked at addresses of its own
    assert (0 if path == "catalogue" else 2) == len(times)
    assert own and all(one.startswith("/kg/") for one in own)
    (linkset,) = (one for one in own if one.startswith("/kg/linkset"))
    contexts = mirror.get(linkset).json()["linkset"]
    assert BASE + path == contexts[0]["anchor"]
    told = {target["href"] for one in contexts for name, found in one.items() if name != "anchor" for target in found}
    whole = {one for one in told if one.startswith("https://mirror.example")}
    assert whole >= {f"https://mirror.example{one}" for one in own if one != linkset}
    for one in sorted({*own, *whole, *(one["anchor"] for one in contexts)}):
        assert 200 == mirror.get(one, headers={"Accept": "*/*"}).status_code, one


def test_what_robots_read_names_the_path(mirror):
    text = mirror.get("/kg/robots.txt").text
    assert f"Sitemap: {BASE}sitemap.xml" in text and "Disallow: /kg/sparql" in text
    (part, *_) = re.findall("<loc>([^<]*)</loc>", mirror.get("/kg/sitemap.xml").text)
    addresses = re.findall(r'(?:<loc>|href=")([^<"]*)', mirror.get(part).text)
    assert len(addresses) > 100 and all(one.startswith(BASE) for one in addresses)
    for one in addresses[:8]:
        assert 200 == mirror.browse(one).status_code, one
    interfaces = mirror.get("/kg/.well-known/api-catalog").json()["linkset"]
    assert {BASE, f"{BASE}sparql", f"{BASE}.well-known/api-catalog"} == {one["anchor"] for one in interfaces}
    block = re.search(r'<script type="application/ld\+json">([^<]*)</script>', mirror.page("/kg/dataset"))
    files = [one["contentUrl"] for one in json.loads(block[1])["distribution"]]
    assert files and all(one.startswith(f"{BASE}release/") for one in files)


@pytest.mark.parametrize("base", [None, BASE])
def test_nobody_else_says_where_the_site_is(release, base):
    path = "/kg/linkset/doc/state/xar" if base else "/linkset/doc/state/xar"
    sent = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "ftp"}
    sent |= {"Forwarded": "host=evil.example;proto=ftp", "X-Original-URL": "/evil", "X-Script-Name": "/evil"}
    with start(release, base_url="http://own.example", base=base) as client:
        for one in (path, path.replace("/linkset/doc", "/id"), path.replace("/linkset/doc/state/xar", "/sitemap.xml")):
            answer = client.get(one, headers=sent)
            assert answer.status_code in (200, 303)
            assert "evil" not in answer.text + str(answer.headers) and "ftp" not in answer.text
        assert (base or "http://own.example/") + "doc/state/xar" in client.get(path, headers=sent).text


@pytest.fixture(scope="module")
def own(release):
    """Serve the frozen graph as a server that knows its own name; a client."""
    with start(release, base_url="http://own.example") as client:
        yield client


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("own.example", "http://own.example"),
        ("OWN.example:8080", "http://own.example:8080"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("evil.example", IRIS[:-1]),
        ("own.example.evil.example", IRIS[:-1]),
        ("127.0.0.1.evil.example", IRIS[:-1]),
        ("127.evil.example", IRIS[:-1]),
        ("[::1", IRIS[:-1]),
        ("::1", IRIS[:-1]),
        ("", IRIS[:-1]),
    ],
)
def test_a_host_is_believed_only_if_it_is_one_of_this_server(own, host, site):
    for path in ("/linkset/doc/state/xar", "/sitemap.xml", "/doc/state/xar.jsonld", "/doc/state/xar", "/reconcile"):
        answer = own.get(path, headers={"Host": host})
        assert 200 == answer.status_code
        assert "evil" not in answer.text + str(answer.headers)
    assert f"{site}/doc/state/xar" in own.get("/linkset/doc/state/xar", headers={"Host": host}).text


@pytest.mark.parametrize("text", ["http://example.org", "example.org/", "example.org:80,x y", "<x>"])
def test_a_list_of_hosts_has_names_alone(text):
    with pytest.raises(ConfigError, match="names of hosts"):
        Settings.load({"ANSWERABLE_HOSTS": text})


def test_a_problem_names_the_address_that_was_asked(mirror):
    assert "/kg/no/such/place" == mirror.get("/kg/no/such/place").json()["instance"]
    assert 404 == mirror.options("/kg/no/such/place").status_code
    assert "POST" in mirror.options("/kg/sparql").headers["allow"]


def test_without_a_base_nothing_but_the_iris_names_a_host(client):
    assert "servers" not in client.get("/openapi.json").json()
    assert f"<{IRIS}sparql>" in client.get("/sparql", headers={"Accept": "application/n-triples"}).text


@pytest.mark.parametrize("path", ["doc", "static", "sparql", "questions/of/ours"])
def test_a_base_at_a_path_that_a_route_has_too_is_refused(path):
    with pytest.raises(ConfigError):
        create_app(Settings.load(env={}, base=f"https://mirror.example/{path}/"))

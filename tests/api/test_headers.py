"""What the answers of all operations have in common: their headers, HEAD, OPTIONS, other methods, what is sent twice, and what a page loads."""

import re

import pytest

from api import openapi
from api.app import create_app
from kg.config import Settings

APART = "/changes/{old}/{new}"  # there is one release here, and so nothing to compare: test_changes.py
OPERATIONS = [one for one in openapi.operations(create_app(Settings.load(env={})).routes) if one[0] != APART]
# An address of each operation whose path names one of many, or that needs to be told something.
EXAMPLES = {
    "/id/{kind}/{key}": "/id/state/xar",
    "/doc/{kind}/{key}": "/doc/state/xar",
    "/scheme/{scheme}/{key}": "/scheme/right/life",
    "/ontology/{module}": "/ontology/core",
    "/shapes/{part}": "/shapes/house",
    "/dictionary/{name}": "/dictionary/Act",
    "/context/{version}": "/context/2.0.0",
    "/frame/{name}": "/frame/Act",
    "/dumps/{file}": "/dumps/answerable.nq.gz",
    "/scheme/{scheme}": "/scheme/right",
    "/graph/{name}": "/graph/data/states/xar",
    "/questions/{name}": "/questions/contested?state=id/state/xar",
    "/embed/questions/{name}": "/embed/questions/contested?state=id/state/xar",
    "/timegate/{address}": "/timegate/doc/state/xar",
    "/timemap/{address}": "/timemap/doc/state/xar",
    "/cite": "/cite?of=/&format=ris",
    "/linkset/{path}": "/linkset/doc/state/xar",
    "/card/{card}": "/card/home.png",
    "/search": "/search?q=arland",
    "/suggest": "/suggest?q=arl",
    "/reconcile/suggest/{suggested}": "/reconcile/suggest/entity?prefix=arl",
    "/reconcile/properties": "/reconcile/properties?type=ans:State",
    "/reconcile/preview": "/reconcile/preview?id=id/state/xar",
    "/tables/{table}": "/tables/acts.csv",
    "/crosswalks/{name}": "/crosswalks/states",
    "/problem/{slug}": "/problem/busy",
    "/sitemap/{part}": "/sitemap/1.xml",
}
NEW = ("/health", "/metrics")  # told anew each time
FRAMED = ("/embed/questions/{name}", "/reconcile/preview")  # anybody may put them into a frame of theirs
# What has one form alone, which is sent whatever the client accepts.
ONE_FORM = {"/.well-known/api-catalog", "/card/{card}", "/changes.atom", "/cite", "/dumps/{file}", "/health"}
ONE_FORM |= {"/mcp", "/openapi.json", "/tables/{table}"}
ONE_FORM |= {"/CITATION.cff", "/datapackage.json", "/ro-crate-metadata.json", "/zenodo.json"}
BROWSER = {"Accept": "text/html, */*;q=0.5"}


@pytest.fixture(scope="module", params=OPERATIONS, ids=lambda one: one[0])
def operation(request, client, release):
    """Ask for an answer of each operation: the path, the methods, the address and the answer."""
    path, methods, _ = request.param
    permanent = "/changes/ldes/none/{release}/1" if path.startswith("/changes/ldes/") else "/release/{release}"
    address = EXAMPLES.get(path, permanent.format(release=release.id) if "{release}" in path else path)
    if path == "/answer/{word}":
        address = client.get("/questions/coverage.json").json()["permanent"].removeprefix("https://w3id.org/answerable")
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code in (200, 302, 303), answer.text
    return path, methods, address, answer


def test_an_answer_carries_the_shared_headers(operation, release):
    _, _, _, answer = operation
    assert release.id == answer.headers["x-release"]
    assert "*" == answer.headers["access-control-allow-origin"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert "no-referrer" == answer.headers["referrer-policy"]
    assert "server" not in answer.headers


def test_head_is_get_without_a_body_and_other_methods_are_named_or_refused(client, operation):
    _, methods, address, answer = operation
    head, options = client.head(address, headers=BROWSER), client.options(address)
    assert (answer.status_code, b"") == (head.status_code, head.content)
    if "text/html" in answer.headers.get("content-type", "") and address not in NEW:
        assert answer.headers["content-length"] == head.headers["content-length"]
    assert {*methods, "HEAD", "OPTIONS"} == set(options.headers["allow"].split(", "))
    assert (204, "POST" in methods) == (options.status_code, "accept-post" in options.headers)
    refused = client.put(address)
    assert (405, options.headers["allow"]) == (refused.status_code, refused.headers["allow"])
    assert "application/problem+json" == refused.headers["content-type"]


def test_what_the_client_has_is_not_sent_again(client, operation):
    _, _, address, answer = operation
    tag = answer.headers.get("etag")
    if tag is None:
        assert answer.status_code != 200 or "no-store" == answer.headers["cache-control"]
        return
    again = client.get(address, headers={**BROWSER, "If-None-Match": tag})
    assert (304, b"", tag) == (again.status_code, again.content, again.headers["etag"])


def test_a_form_that_is_not_offered_is_refused_with_those_that_are(client, operation):
    path, _, address, answer = operation
    refused = client.get(address, headers={"Accept": "application/x-nothing"})
    if path in ONE_FORM or answer.status_code != 200:
        assert answer.status_code == refused.status_code
        return
    if path == "/sparql":  # what it offers is up to the query: test_protocol_answers.py
        return
    offered, media_type = refused.json()["offered"], answer.headers["content-type"].partition(";")[0]
    assert 406 == refused.status_code and media_type in offered
    assert ("text/html" in offered) == ("text/html" == media_type)


def test_a_page_loads_what_its_policy_names_and_has_no_script_or_style_of_its_own(operation):
    path, _, _, answer = operation
    if "text/html" not in answer.headers.get("content-type", ""):
        return
    varied = {one.strip() for one in answer.headers["vary"].split(",")}
    assert "Accept" in varied and ("etag" in answer.headers) == ("Accept-Language" in varied)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert "'none'" == policy["default-src"] and "unsafe-inline" not in str(policy.get("script-src"))
    assert ("*" if path in FRAMED else "'none'") == policy["frame-ancestors"]
    page = re.sub(r'<script type="application/ld\+json">[^<>]*</script>', "", answer.text)  # data, which nobody runs
    if path not in FRAMED:
        assert "'none'" == policy["base-uri"] and "'self'" == policy["form-action"]
        assert "'self'" == policy["script-src"] == policy["connect-src"]
        assert path == "/sparql" or "'self'" == policy["style-src"]
        page, number = re.subn(r'<script type="module" src="/static/suggest\.js\?v=\w+"></script>', "", page)
        assert 1 == number == page.count('data-suggest="/suggest"')
        page = re.sub(r'<script type="module" src="/static/copy\.js\?v=\w+"></script>', "", page, count=1)
    if path == "/sparql":  # the editor's two, by address
        page = re.sub(r'<script defer src="/static/(?:yasgui|editor)\.js\?v=\w+"></script>', "", page)
    assert [] == re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:", page)
    assert [] == re.findall(r'(?:src|href)="(?:https?:)?//[^"]+\.(?:js|css|woff2?|png|svg)"', page)


def test_each_format_has_its_own_etag(client):
    tags = {client.get(f"/doc/state/xar.{name}").headers["etag"] for name in ("html", "ttl", "nt", "jsonld", "rdf")}
    assert 5 == len(tags)


def test_a_long_answer_is_compressed_for_those_who_can_read_it(client):
    answer = client.get("/doc/state/xar.ttl", headers={"Accept-Encoding": "gzip"})
    assert "gzip" == answer.headers["content-encoding"]
    assert {"Accept", "Accept-Encoding"} <= {part.strip() for part in answer.headers["vary"].split(",")}

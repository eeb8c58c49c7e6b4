"""What programs ask that find their own way: the site map, robots.txt, the catalogue of interfaces, schema.org."""

import json
import re
import xml.etree.ElementTree as xml
from urllib import robotparser

import pytest

from api.render.page import environment
from api.routers import service
from kg import terms
from kg.catalogue import File, ReleaseFacts, ServerFacts

HOST = "http://testserver"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"


def listed(client, path):
    """Read a site map, or a part: the addresses with the day of each."""
    answer = client.get(path)
    assert (200, "application/xml") == (answer.status_code, answer.headers["content-type"])
    tree = xml.fromstring(answer.content)
    found = [(one.findtext(f"{{{SITEMAP}}}loc"), one.findtext(f"{{{SITEMAP}}}lastmod"), one) for one in tree]
    return found


@pytest.fixture
def small(client, monkeypatch):
    """Divide the site map into parts of a hundred addresses."""
    monkeypatch.setattr(service, "PART", 100)
    opened = client.app.state.releases.current
    monkeypatch.setattr(opened, "cache", type(opened.cache)(opened.cache.limit))
    return client


def test_the_site_map_lists_each_page_once_in_parts_with_its_languages(small, release):
    parts = [address for address, day, _ in listed(small, "/sitemap.xml")]
    assert [f"{HOST}/sitemap/{number}.xml" for number in range(1, len(parts) + 1)] == parts and len(parts) > 3
    pages = [one for part in parts for one in listed(small, part.removeprefix(HOST))]
    addresses = [address for address, _, _ in pages]
    assert len(set(addresses)) == len(addresses)
    assert {release.manifest["created"][:10]} == {day for _, day, _ in pages}
    for path in ("/", "/events", "/doc/state/xar", "/doc/act/2011-06-handover", "/scheme/right", "/questions/findings"):
        assert HOST + path in addresses
    for path in ("/sparql", "/search", "/.well-known/void"):
        assert HOST + path not in addresses
    for address, _, entry in pages[:3]:
        others = {one.get("hreflang"): one.get("href") for one in entry.findall(f"{{{XHTML}}}link")}
        assert {"en", "ru", "kk", "x-default"} == others.keys()
        assert (address, f"{address}?lang=kk") == (others["x-default"], others["kk"])
    kinds = {re.sub(r"[^/]*$", "", address): address for address in addresses}
    for address in kinds.values():  # one of each kind
        answer = small.browse(address.removeprefix(HOST))
        assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"]), address
    last = len(parts)
    for name in ("0.xml", f"{last + 1}.xml", "01.xml", "x.xml", "-1.xml"):
        assert 404 == small.get(f"/sitemap/{name}").status_code


def test_robots_are_kept_from_what_is_heavy_and_let_to_what_the_site_map_lists(client):
    answer = client.get("/robots.txt")
    assert "text/plain; charset=utf-8" == answer.headers["content-type"]
    rules = robotparser.RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert [f"{HOST}/sitemap.xml"] == rules.site_maps()
    for path in ("/sparql?query=x", "/search?q=x", "/graph/inferred", "/dumps/answerable.nq.gz", "/release/x/doc/a/b"):
        assert not rules.can_fetch("anything", HOST + path), path
    for address, _, _ in listed(client, "/sitemap/1.xml"):
        assert rules.can_fetch("anything", address), address
    assert rules.can_fetch("anything", f"{HOST}/catalogue.jsonld")


def test_the_catalogue_of_interfaces_leads_to_descriptions_that_answer(client):
    answer = client.get("/.well-known/api-catalog")
    kind, _, profile = answer.headers["content-type"].partition("; profile=")
    assert ("application/linkset+json", f'"{service.PROFILE}"') == (kind, profile)
    assert '</.well-known/api-catalog>; rel="api-catalog"' in client.get("/").headers["link"]
    assert 'rel="api-catalog"' in client.head("/.well-known/api-catalog").headers["link"]
    contexts = {one.pop("anchor"): one for one in answer.json()["linkset"]}
    own = contexts[f"{HOST}/.well-known/api-catalog"]
    interfaces = [one["href"] for one in own["item"]]
    assert [f"{HOST}/", f"{HOST}/sparql"] == interfaces
    for address in interfaces:
        assert {"service-desc", "service-doc", "service-meta", "status"} <= contexts[address].keys()
        for relation in ("service-desc", "service-doc", "service-meta", "status"):
            for one in contexts[address][relation]:
                told = client.get(one["href"].removeprefix(HOST), headers={"Accept": one["type"]})
                assert (200, one["type"]) == (told.status_code, told.headers["content-type"].partition(";")[0])


@pytest.mark.parametrize(("path", "kind"), [("/dataset", "Dataset"), ("/catalogue", "DataCatalog")])
def test_a_page_tells_search_engines_of_the_data_set(client, release, path, kind):
    answer = client.browse(path)
    (block,) = re.findall(r'<script type="application/ld\+json">([^<>]*)</script>', answer.text)
    told = json.loads(block)
    assert (kind, terms.BASE + path[1:], terms.LICENCE) == (told["@type"], told["@id"], told["license"])
    assert "unsafe" not in answer.headers["content-security-policy"]
    if kind == "Dataset":
        assert {f"{terms.BASE}release/{release.id}/dumps/{name}" for name in release.dumps} == {
            one["contentUrl"] for one in told["distribution"]
        }
        assert re.fullmatch(r"\d{4}/\d{4}", told["temporalCoverage"])
    else:
        assert terms.RELEASE + release.id in {one["@id"] for one in told["dataset"]}


def test_nothing_in_a_block_of_data_ends_it():
    name = "</script><script>alert(1)</script>&"
    hostile = ReleaseFacts(name, "", "2024", 1, [File("dumps/a.nq.gz", "application/n-quads", 1, "0")])
    block = environment().get_template("schemaorg.html").module.dataset(hostile, name, ServerFacts(), None)
    text = block.strip().removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert "<" not in text and ">" not in text and "&" not in text
    assert hostile.id == json.loads(text)["version"]

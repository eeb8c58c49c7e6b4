"""The rules that https://w3id.org/ is handed: each kind of IRI that the graph coins leads to an address that answers."""

import functools
import gzip
import itertools
import re
from urllib.parse import urlsplit

import pytest

from api.app import create_app
from api.openapi import operations
from kg import terms
from kg.config import PROJECT, Settings
from kg.errors import AnswerableError, UnknownName
from tests.api.client import start

RULE = re.compile(r"^RewriteRule\s+(\S+)\s+(\S+)\s+\[([^\]]+)\]$")
OURS = re.compile(re.escape(terms.BASE).encode() + rb'([^<>"\\\s#?]*)')
SERVER = "https://answerable.example"
MOST = 1  # IRIs of each kind that are followed
STREAM = "changes/ldes"


@functools.cache
def rules():
    """Read the rules: pattern, target, flags. Each line must be a comment, an option or a rule."""
    found, told = [], (PROJECT / "deploy/w3id/.htaccess").read_text(encoding="utf-8").splitlines()
    for line in told:
        match = RULE.match(line)
        assert match or not line or line.startswith(("#", "Options ", "RewriteEngine on")), line
        if match:
            found.append((re.compile(match[1]), match[2], match[3].split(",")))
    return found


def lead(path):
    """Apply the rules to a path beneath the base, as Apache does; the status and the address, or None where no rule fits."""
    environment = {}
    for pattern, target, flags in rules():
        match = pattern.search(path)
        if not match:
            continue
        for flag in flags:
            if flag.startswith("E="):
                name, _, value = flag[2:].partition(":")
                environment[name] = value
        if target != "-":
            target = re.sub(r"%{ENV:(\w+)}", lambda found: environment[found[1]], target)
            address = match.expand(re.sub(r"\$(\d)", r"\\\1", target))
            return int(next(flag[2:] for flag in flags if flag.startswith("R="))), address
    return None


def kind(path):
    """Tell IRIs apart by how many parts they have and by the first, and things by their type."""
    first, *rest = path.split("/")
    return first, len(rest), rest[0] if first in ("id", "ontology") and rest else ""


@pytest.fixture(scope="module")
def server(world):
    """A client of the server on the frozen graph."""
    with start(world, base_url=SERVER) as client:
        client.follow_redirects = True
        yield client


@pytest.fixture(scope="module")
def coined(world, server):
    """The IRIs of ours, without their fragments: in the data of the release, in its catalogue and in an answer; some of each kind."""
    with gzip.open(world.path / "dumps/answerable.nq.gz") as lines:
        paths = {path for line in lines for path in OURS.findall(line)}
    for text in (server.get("/catalogue.nt").content, server.get("/questions/coverage.json").content):
        paths |= set(OURS.findall(text))
    paths.discard(b"id/")  # the beginning of IRIs, as VoID tells it
    grouped = {}
    for path in sorted(path.decode() for path in paths):
        grouped.setdefault(kind(path), []).append(path)
    return {name: some[:MOST] for name, some in grouped.items()}


def test_each_kind_of_iri_leads_to_an_address_that_answers(server, coined):
    kinds = {name[0] for name in coined}
    assert {"id", "ontology", "scheme", "graph", "release", "dataset", "catalogue", "sparql", "answer", ""} <= kinds
    assert len(coined) > 25
    wrong = []
    for path in itertools.chain.from_iterable(coined.values()):
        status, address = lead(path) or (None, "")
        if status != (303 if path.startswith("id/") else 302) or not address.startswith(SERVER):
            wrong.append((path, status, address))
            continue
        for accept in ("text/html", "text/turtle"):
            answer = server.get(address, headers={"Accept": accept})
            statuses = (200, 406) if accept == "text/turtle" else (200, 410)
            if path == STREAM:  # a service answers there, for programs alone
                statuses = (200,) if accept == "text/turtle" else (406,)
            if answer.status_code not in statuses:
                wrong.append((path, accept, answer.status_code))
    assert [] == wrong


def test_a_thing_is_reached_as_data_in_two_steps(server):
    status, address = lead("id/state/xar")
    assert (303, f"{SERVER}/id/state/xar") == (status, address)
    answer = server.get(address, headers={"Accept": "text/turtle"})
    assert [303] == [one.status_code for one in answer.history]
    assert (200, "/doc/state/xar") == (answer.status_code, urlsplit(str(answer.url)).path)


def test_every_page_with_an_iri_of_its_own_has_a_rule():
    apart = ("/static", "/id/", "/health", "/metrics", "/linkset", "/embed", "/cite", "/search", "/suggest", "/editor")
    apart += ("/sitemap", "/robots", "/.well-known")  # for the server's own host
    addresses = [address for address, _, _ in operations(create_app(Settings.load(env={})).routes)]
    paths = {re.sub(r"{[^}]*}", "x", address)[1:] for address in addresses if not address.startswith(apart)}
    assert [] == [path for path in sorted(paths) if lead(path) is None]


@pytest.mark.parametrize("slug", [AnswerableError.slug, UnknownName.slug])
def test_the_type_of_a_problem_leads_to_what_it_means(server, slug):
    status, address = lead(f"problem/{slug}")
    assert (302, f"{SERVER}/problem/{slug}") == (status, address)
    answer = server.get(address)
    assert (200, "/docs", slug) == (answer.status_code, answer.url.path, answer.url.fragment)
    assert f'id="{slug}"' in answer.text


@pytest.mark.parametrize(
    "path", ["nothing", "id", "id/state", "id/state/xar/more", "../x", "ontologyx", "https://evil.example/"]
)
def test_what_is_no_iri_of_ours_is_led_nowhere(path):
    assert lead(path) is None

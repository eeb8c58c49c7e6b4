"""A partner's file, checked on the site and by API: what is told of it, and what a hostile one meets."""

import asyncio
import io
import json
import re
import zipfile
from contextlib import asynccontextmanager

import httpx
import openpyxl
import pytest
import rdflib

from kg.build.inputs import read_queries
from kg.build.mapping import read_mappings
from kg.config import PROJECT
from kg.imports.sheet import learn, other_names, template
from kg.partner.judging import Judge
from kg.partner.process import FORMATS, MOST_FILES, Checks
from kg.store import Store
from tests.api.client import start

HEAD = """@prefix ans: <https://w3id.org/answerable/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/answerable/> .
"""
GOOD = (
    HEAD
    + """
<id/organisation/partner-example> a ans:Organisation ;
    skos:prefLabel "Partner example"@en ;
    ans:isReportedIn <id/passage/partner-report-para-1> .

<id/document/partner-report> a ans:Document ;
    skos:prefLabel "Partner example: report, 2013"@en ;
    ans:isPublishedBy <id/organisation/partner-example> ;
    ans:date "2013-06"^^xsd:gYearMonth .

<id/passage/partner-report-para-1> a ans:Passage ;
    skos:prefLabel "Partner example 2013, para 1"@en ;
    ans:isPartOf <id/document/partner-report> ;
    ans:paragraph "1" ;
    ans:hasReading <scheme/reading/whole> .
"""
)
BAD = GOOD.replace("scheme/reading/whole", "scheme/reading/hole").replace('"1" ;', '"1" ; ans:noSuchTerm 7 ;')
AGAIN = HEAD + '<id/state/xar> a ans:State ; skos:prefLabel "Our own Arland"@en .\n'


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send(client, body, kind="text/turtle", accept="application/json"):
    """Send a file as it is."""
    return client.post("/check", content=body, headers={"Content-Type": kind, "Accept": accept})


def told(judge, body, format="ttl"):
    """Judge a file in this process; what is told of it."""
    return judge.check(body.encode(), format, f"your-file.{format}")


@pytest.fixture(scope="module")
def judge(release):
    """Judge files against the frozen graph in this process, as the process of a check does."""
    with Store.open(release.store_path) as store:
        judge = Judge(store, PROJECT)
        judge.load_sheets()
        yield judge


@pytest.fixture(scope="module")
def workbook(judge):
    """Make a function that fills in the template: its example under ids of one's own, with some cells changed; bytes."""
    mappings = read_mappings(read_queries(PROJECT, "mappings"))
    made = template.make(learn(judge.release, other_names(PROJECT), mappings), mappings)

    def fill(changes=()):
        book = openpyxl.load_workbook(io.BytesIO(made))
        for page in book:
            for cell in (cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)):
                cell.value = cell.value.replace("example-2013-05-01-meeting", "meeting-1").replace("example-", "mine-")
                cell.value = dict(changes).get((page.title, cell.value), cell.value)
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    return fill


def test_a_spreadsheet_is_checked_as_its_import_would_and_names_sheet_and_row(judge, workbook):
    good = judge.check(workbook(), "xlsx", "mine.xlsx")
    assert (True, 0, []) == (good["conforms"], good["mistakes"], good["results"]) and good["things"] > 5
    bad = judge.check(workbook({("Events", "Arland"): "Nowhereland"}), "xlsx", "mine.xlsx")
    assert not bad["conforms"]
    assert any(re.match(r"Events, row \d+, ", one["message"]) for one in bad["results"])
    assert "damaged" in judge.check(b"PK\x03\x04nothing", "xlsx", "mine.xlsx")["results"][0]["message"]


def test_a_spreadsheet_is_read_by_the_process_that_can_open_no_file(client, workbook):
    answer = client.post("/check", content=workbook(), headers={"Content-Type": SHEET, "Accept": "application/json"})
    assert (200, True, []) == (answer.status_code, answer.json()["conforms"], answer.json()["results"])


@pytest.mark.parametrize("format", [one for one in FORMATS if one != "xlsx"])
def test_a_good_file_has_nothing_wrong_in_any_format(judge, format):
    graph = rdflib.Graph().parse(data=GOOD, format="turtle")
    written = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "trig": "turtle", "nq": "nt"}[format]
    report = told(judge, graph.serialize(format=written), format)
    assert [] == report["results"] and report["conforms"] and 3 == report["things"]


def test_the_report_of_a_file_says_what_was_checked_and_is_not_kept(client, release):
    answer = send(client, GOOD)
    assert 200 == answer.status_code and "no-store" == answer.headers["cache-control"]
    report = answer.json()
    assert report["conforms"] and [] == report["results"] and release.id == report["release"]
    assert report["checked"] and report["notChecked"]


def test_each_mistake_has_its_line_and_is_of_this_file_alone(judge):
    report = told(judge, BAD)
    lines = {one["line"]: one["message"] for one in report["results"]}
    reading = next(at for at, line in enumerate(BAD.splitlines(), 1) if "hole" in line)
    assert not report["conforms"] and report["mistakes"] == len(report["results"])
    assert any("noSuchTerm" in said for said in lines.values())
    assert any(at == reading and "whole" in said for at, said in lines.items())
    assert {"your-file.ttl"} == {one["where"] for one in report["results"]}
    assert "data/checked" not in json.dumps(report)
    (one,) = told(judge, HEAD + "<id/state/xyz> a ans:State ; .. \n")["results"]  # bad syntax
    assert 5 == one["line"] and one["column"]


def test_what_this_release_describes_already_is_told(judge):
    (one,) = [one for one in told(judge, AGAIN)["results"] if one["shape"] == "checks/stated/defined-twice"]
    assert "id/state/xar is defined a second time" in one["message"] and 5 == one["line"]


def test_a_reference_to_what_the_release_describes_is_no_mistake(judge):
    text = GOOD.replace("ans:isPublishedBy <id/organisation/partner-example>", "ans:isPublishedBy <id/body/WHO>")
    wrong = [one["message"] for one in told(judge, text)["results"]]
    assert any("id/body/WHO" in one for one in wrong)
    known = GOOD.replace(
        'skos:prefLabel "Partner example"@en ;', 'skos:prefLabel "P"@en ; ans:isOrganOf <id/state/xar> ;'
    )
    assert not any("nothing defines it" in one["message"] for one in told(judge, known)["results"])


def test_the_report_comes_as_shacl(client, judge):
    answer = send(client, BAD, accept="application/ld+json")
    assert answer.headers["content-type"].startswith("application/ld+json")
    turtle = judge.check(BAD.encode(), "ttl", "x.ttl", "ttl")["report"]
    for text, format in ((turtle, "turtle"), (answer.text, "json-ld")):
        graph = rdflib.Graph().parse(data=text, format=format)
        conforms = [*graph.objects(None, rdflib.SH.conforms)]
        assert [rdflib.Literal(False)] == conforms and len([*graph.objects(None, rdflib.SH.result)]) > 1


def test_a_person_sends_a_file_or_its_text_and_reads_the_report(client):
    html = {"Accept": "text/html"}
    form = client.get("/check", headers=html).text
    assert 'type="file"' in form and 'enctype="multipart/form-data"' in form
    sent = client.post(
        "/check", files={"file": ("../my file<b>.ttl", BAD)}, data={"kind": "", "text": ""}, headers=html
    )
    assert 200 == sent.status_code and "my-file-b-.ttl" in sent.text and "noSuchTerm" in sent.text
    pasted = client.post("/check", files={"file": ("", b"")}, data={"kind": "ttl", "text": GOOD}, headers=html)
    assert "Nothing wrong was found in what was checked." in pasted.text
    russian = client.post("/check?lang=ru", data={"text": GOOD}, headers=html)
    assert 200 == russian.status_code and "Nothing wrong" not in russian.text


def test_nothing_of_a_file_is_written_or_logged(client, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    large = GOOD + "# " + "secret-word " * 150_000
    with caplog.at_level(0):
        client.post("/check", files={"file": ("x.ttl", large)}, headers={"Accept": "application/json"})
        send(client, large)
    assert [] == [*tmp_path.iterdir()] and "secret-word" not in caplog.text


def bomb():
    """Make a small archive of a large text."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (64 << 20))
    return packed.getvalue()


LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>" for at in range(9)
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("[" * 300_000, "application/ld+json", None),
        ('{"@context": "http://127.0.0.1:9/context", "@id": "x"}', "application/ld+json", None),
        (HEAD + "[] ans:date 1 . " * 120_000, "text/turtle", None),
        (HEAD + "<id/x> a " + ", ".join(f"<id/c{at}>" for at in range(20_000)) + " .", "text/turtle", 200),
        (b"\xff\xfe\x00\x01" * 1000, "text/turtle", None),
        (LAUGHS, "application/rdf+xml", 415),
        (bomb, SHEET, None),
        ("", "text/turtle", 400),
        ("x" * ((2 << 20) + 1), "text/turtle", 413),
    ],
    ids=["deep", "remote", "blanks", "wide", "bytes", "laughs", "bomb", "empty", "large"],
)
def test_a_hostile_file_ends_in_a_plain_message(client, body, kind, status):
    answer = send(client, body() if callable(body) else body, kind)
    assert answer.status_code in ((status,) if status else (200, 422))
    said = answer.json()
    if answer.status_code == 200:
        assert not said["conforms"] and said["results"][0]["message"] and len(said["results"]) <= 500
    else:
        assert said["detail"]
    assert "Traceback" not in answer.text and len(answer.content) < 1 << 20


@pytest.mark.slow
@pytest.mark.parametrize("limit", [{"check_deadline": 0.05}, {"check_memory": 1 << 20}], ids=str)
def test_a_check_that_meets_a_limit_is_ended(release, limit):
    with start(release, **limit) as client:
        answer = send(client, GOOD * 200)
        assert 422 == answer.status_code and answer.json()["type"].endswith("/check-stopped")


class Sender:
    """A client with an address, who sends files to an application piece by piece."""

    def __init__(self, app, address):
        self.app, self.address, self.pieces = app, address, 0
        self.go_on = asyncio.Event()  # until it is set, the last piece does not come

    async def send(self):
        async def body():
            for piece in (HEAD, GOOD.removeprefix(HEAD)):
                if self.pieces:
                    await self.go_on.wait()
                self.pieces += 1
                yield piece.encode()

        transport = httpx.ASGITransport(self.app, client=(self.address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.post("/check", content=body(), headers={"Content-Type": "text/turtle"})


@asynccontextmanager
async def site(release, **settings):
    """Start a site for senders."""
    app = start(release, **settings).app
    async with app.router.lifespan_context(app):
        yield app


async def begin(*senders):
    """Let senders begin; their requests, as tasks, when all have sent a piece."""
    tasks = [asyncio.create_task(sender.send()) for sender in senders]
    while not all(sender.pieces for sender in senders):
        await asyncio.sleep(0.01)
    return tasks


async def test_a_client_sends_one_file_after_the_other_and_keeps_nobody_out(release):
    async with site(release) as app:
        slow = Sender(app, "192.0.2.1")
        (first,) = await begin(slow)
        second = Sender(app, "192.0.2.1")
        refused = await second.send()
        assert (429, 0) == (refused.status_code, second.pieces) and int(refused.headers["retry-after"]) > 0
        other = Sender(app, "192.0.2.2")
        other.go_on.set()
        assert 200 == (await other.send()).status_code
        slow.go_on.set()
        assert 200 == (await first).status_code
        second.go_on.set()
        assert 200 == (await second.send()).status_code


async def test_a_file_is_not_read_before_there_is_room_for_it(release):
    async with site(release) as app:
        senders = [Sender(app, f"192.0.2.{number}") for number in range(MOST_FILES)]
        tasks = await begin(*senders)
        late = Sender(app, "198.51.100.1")
        refused = await late.send()
        assert (503, 0) == (refused.status_code, late.pieces) and int(refused.headers["retry-after"]) > 0
        tasks.pop().cancel()
        await asyncio.sleep(0)
        late.go_on.set()
        assert 200 == (await late.send()).status_code
        for task in tasks:
            task.cancel()


async def test_a_file_that_comes_too_slowly_is_given_up(release):
    async with site(release, check_deadline=0.3) as app:
        (task,) = await begin(Sender(app, "192.0.2.1"))
        answer = await task
        assert 408 == answer.status_code and "0.3 s" in answer.json()["detail"]


async def test_who_sent_a_file_just_now_lets_the_others_go_first(release, monkeypatch):
    async with site(release, check_deadline=5.0) as app:
        ended = []

        async def judge(checks, file, store):
            await asyncio.sleep(0.2)
            return {"conforms": True, "results": [], "mistakes": 0, "things": 0}

        monkeypatch.setattr(Checks, "_judge", judge)

        async def check(address):
            sender = Sender(app, address)
            sender.go_on.set()
            assert 200 == (await sender.send()).status_code
            ended.append(address)

        async def check_twice(address):
            await check(address)
            await check(address)

        one, late, *others = (f"192.0.2.{number}" for number in range(4))
        first = asyncio.gather(check_twice(one), *map(check, others))
        await asyncio.sleep(0.3)  # the second file of the first client waits by now
        await asyncio.gather(first, check(late))
        assert [one, *others, late, one] == ended

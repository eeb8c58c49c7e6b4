"""What README.md and CONTRIBUTING.md tell people to do works as told."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from kg import terms
from kg.answer import questions
from kg.answer.engine import InProcess
from kg.build import pipeline
from kg.config import PROJECT, Settings
from kg.sparql.question import load_questions
from kg.store import Query, Store

README = (PROJECT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PREFIXES = (
    f"@prefix ans: <{terms.VOCABULARY}> .\n@prefix skos: <{terms.PREFIXES['skos']}> .\n"
    f"@prefix xsd: <{terms.PREFIXES['xsd']}> .\n@base <{terms.BASE}> .\n"
)


def fenced(text, language):
    """Return the fenced blocks of a language, without the indentation of a list."""
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in blocks]


@pytest.fixture(scope="module")
def store(release):
    """The shipped release, open for asking."""
    with Store.open(release.store_path) as opened:
        yield opened


def test_the_first_query_of_the_readme_answers_what_the_readme_says(store):
    (query,) = fenced(README, "sparql")
    rows = json.loads(store.answer(Query(query)).body)["results"]["bindings"]
    found = {
        (row["duty"]["value"], row["boundSince"]["value"], row.get("paragraph", {}).get("value", "")) for row in rows
    }
    assert {
        ("CAT 3", "1998-09-25", "CAT/C/48/D/444/2010, paragraph 14"),
        ("CAT 22", "2008-02-21", "CAT/C/48/D/444/2010, paragraph 14"),
        ("CAT 22", "2008-02-21", "CAT/C/48/D/444/2010, paragraph 1.3"),
        ("ICCPR 7", "2006-04-24", ""),
        ("Refugee Convention 33", "1999-04-15", ""),
        ("Refugee Protocol I", "1999-01-15", ""),
        ("Kazakhstan, extradition rules 2011, torture bar", "2011-01-31", ""),
    } == found


def test_the_form_of_the_server_opens_with_the_first_query_of_the_readme():
    (query,) = fenced(README, "sparql")
    assert query in (PROJECT / "queries/pages/example.rq").read_text(encoding="utf-8")


def test_the_question_that_the_readme_names_is_asked_as_it_says(store):
    known = load_questions(PROJECT / "queries/questions")
    name, event = re.search(r"kg ask ([\w-]+) -p event=(\S+)`", README).groups()
    assert asyncio.run(questions.ask(InProcess(store), known[name], {"event": event}, "x")).rows


def test_the_event_of_the_walk_through_builds_and_engages_freedom_of_assembly(tmp_path):
    blocks = fenced(CONTRIBUTING, "turtle")
    assert 3 == len(blocks)
    data = tmp_path / "extra"
    for path, text in zip(
        ("sources/example-2013.ttl", "events/kaz/2013-05-01-almaty-meeting.ttl"), blocks, strict=False
    ):
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        (data / path).write_text(PREFIXES + text, encoding="utf-8")
    with Path(data / "events/kaz/2013-05-01-almaty-meeting.ttl").open("a", encoding="utf-8") as file:
        file.write(blocks[2])
    made = pipeline.build(Settings.load(env={}), data=[data], out=tmp_path / "out", jobs=1)
    with Store.open(made.store_path) as opened:
        query = (
            f"PREFIX ans: <{terms.VOCABULARY}> SELECT ?name {{ <{terms.mint('act', '2013-05-01-almaty-meeting-dispersal')}>"
            " ans:engages/ans:arisesFrom/ans:shortName ?name }"
        )
        assert {"ICCPR 21", "Kazakhstan, Constitution 32"} == {str(name) for (name,) in opened.query(query)}

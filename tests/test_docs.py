"""What README.md and CONTRIBUTING.md tell people to do works as told."""

import asyncio
import importlib
import json
import operator
import os
import re
import shutil
import subprocess
import sys

import pytest
from starlette.routing import Match

from api.app import create_app
from kg import __main__ as command
from kg.answer import questions
from kg.answer.engine import InProcess
from kg.config import PROJECT, SETTINGS, Settings
from kg.store import Query, Store
from tests.comparing import QUESTIONS

README = (PROJECT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def fenced(text, language):
    """Return the fenced blocks of a language, without the indentation of a list."""
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in blocks]


@pytest.fixture(scope="module")
def store(release):
    with Store.open(release.store_path) as opened:
        yield opened


def test_the_first_query_of_the_readme_answers_what_the_readme_says(store):
    (query,) = fenced(README, "sparql")
    rows = json.loads(store.answer(Query(query)).body)["results"]["bindings"]
    found = {tuple(row.get(one, {}).get("value", "") for one in ("duty", "boundSince", "paragraph")) for row in rows}
    assert {
        ("CAT 3", "1998-09-25", "CAT/C/48/D/444/2010, paragraph 14"),
        ("CAT 22", "2008-02-21", "CAT/C/48/D/444/2010, paragraph 14"),
        ("CAT 22", "2008-02-21", "CAT/C/48/D/444/2010, paragraph 1.3"),
        ("CAT 22", "2008-02-21", "CAT/C/47/D/444/2010, paragraphs 1.2 to 1.3"),
        ("CAT 22", "2008-02-21", "CAT/C/47/D/444/2010, paragraphs 10.1 to 10.2"),
        ("CAT 22", "2008-02-21", "CAT/C/47/D/444/2010, paragraph 12"),
        ("ICCPR 7", "2006-04-24", ""),
        ("Kazakhstan, extradition rules 2011, judicial review", "2011-01", ""),
        ("Kazakhstan, extradition rules 2011, torture bar", "2011-01", ""),
        ("Refugee Convention 33", "1999-04-15", ""),
        ("Refugee Protocol I", "1999-01-15", ""),
    } == found


def test_the_form_of_the_server_opens_with_the_first_query_of_the_readme():
    (query,) = fenced(README, "sparql")
    assert query in (PROJECT / "queries/pages/example.rq").read_text(encoding="utf-8")


def test_the_question_that_the_readme_names_is_asked_as_it_says(store):
    name, event = re.search(r"kg ask ([\w-]+) -p event=(\S+)`", README).groups()
    assert asyncio.run(questions.ask(InProcess(store), QUESTIONS[name], {"event": event}, "x")).rows


def code(text):
    """Return what a Markdown text sets as code: its fenced blocks and its spans, one a line."""
    fence = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return "\n".join(fence.findall(text) + re.findall(r"`([^`\n]+)`", fence.sub("", text)))


def test_the_operators_page_lists_every_setting_with_its_default_and_help():
    page = (PROJECT / "OPERATING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(ANSWERABLE_\w+)` \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    assert [(row.variable, row.shown or "–", row.help) for row in SETTINGS] == rows


def test_every_command_and_target_is_documented_and_what_is_documented_exists(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    commands = set(re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE))
    assert commands == set(re.findall(r"(?:^|[/\s])kg ([a-z]+)\b", code(README), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"serve", "test"} <= set(re.findall(r"(?:^|\s)make ([a-z]+)\b", code(README), re.MULTILINE)) <= targets


def test_every_documented_route_exists():
    routes = create_app(Settings.load(env={})).router.routes
    paths = re.findall(r"^(?:[A-Z,]+ )?(/[\w.<>/{}-]*)(?:[?#].*)?$", code(README), re.MULTILINE)
    scopes = [{"type": "http", "method": "GET", "root_path": "", "headers": [], "path": path} for path in paths]
    wrong = [one["path"] for one in scopes if all(route.matches(one)[0] is Match.NONE for route in routes)]
    assert paths and [] == wrong


def test_the_newcomers_reading_names_functions_where_they_stand():
    section = re.search(r"^## A newcomer's reading\n(.*?)^## ", CONTRIBUTING, re.MULTILINE | re.DOTALL)[1]
    steps = re.findall(r"^(\d)\. \*\*", section, re.MULTILINE)
    places = re.findall(r"`([\w.]+)`\s+in\s+`([\w/]+\.py)`", section)
    assert (list("12345678"), section.count(".py`")) == (steps, len(places))
    for name, path in places:
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        assert module.__name__ == operator.attrgetter(name)(module).__module__, name


# The walk-through of CONTRIBUTING.md: an event, a treaty and a question, each file as it is printed there or stands in examples/

ADDITIONS = PROJECT / "examples/additions"
PRINTED = re.findall(r"^`([\w/.-]+)`:\n```\w+\n(.*?)^```$", CONTRIBUTING, re.MULTILINE | re.DOTALL)
BLOCKS = PRINTED + [
    (str(path.relative_to(ADDITIONS)), path.read_text(encoding="utf-8")) for path in ADDITIONS.rglob("*.*")
]


def test_the_walk_through_gives_whole_files_with_their_names():
    assert 8 == len(BLOCKS) == len(dict(BLOCKS))
    assert CONTRIBUTING.count("```") == 2 * len(PRINTED)
    assert "[examples/additions/](examples/additions)" in CONTRIBUTING
    assert [] == [name for name, _ in BLOCKS if (PROJECT / name).exists()]
    for name, text in BLOCKS:
        if name.endswith(".ttl"):
            with Store.memory() as store:
                store.load(text.encode(), format="ttl", graph=None, source=name)
                assert store.count(None) > 5


def made_by_tools(folder, names):
    """Name what tools make in a folder of the project; `build` is a folder of ours everywhere but on top."""
    made = {"releases", "build", "dist", "screenshots"} if folder == str(PROJECT) else {"node_modules", "__pycache__"}
    return {name for name in names if name in made or name.startswith(".")}


# What the walk-through is followed in holds no more than its steps need: a build of the whole takes minutes. That a newer fact
# breaks no pinned answer is shown in tests/facts/test_answers.py.
ASKED = {
    "obligations-engaged": (
        ["event=id/event/2013-05-01-almaty-meeting"],
        ["iccpr-21", "kaz-constitution-32", "example-convention-1"],
    ),
    "treaties-in-force": (["state=id/state/kaz", "day=2012-02-09"], ["id/treaty/example-convention"]),
    "gatherings-restricted": (["state=id/state/kaz"], ["id/act/2013-05-01-almaty-meeting-dispersal"]),
}
# States of whose participations and declarations further files speak; most of what a build derives is the duties of the others.
KEPT = "chn|jam|kaz|tto|uzb"


def lay_out(folder):
    """Copy the project without what tools make, with a part of its data and the questions that the walk-through asks, and follow it."""
    shutil.copytree(PROJECT, folder, ignore=made_by_tools)
    for name in ("annual-reports", "decision-readings", "treaty-body-findings"):
        shutil.rmtree(folder / "data/tables" / name)
    (folder / "data/tables/untc-2026/translations.csv").unlink()  # of rows that are left out below
    asked = [*folder.glob("queries/questions/*.rq"), *folder.glob("tests/facts/answers/*.json")]
    for path in [one for one in asked if one.stem not in ASKED]:
        path.unlink()
    for path in (*folder.glob("data/tables/*/participation.csv"), *folder.glob("data/tables/*/declarations.csv")):
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        rows = [row for row in rows if re.match(rf"[^,]+,(?:state/)?(?:{KEPT})[-,]", row)]
        path.write_text("".join([head, *rows]), encoding="utf-8")
    for name, text in BLOCKS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def run(folder, *command):
    """Run a Python module in a folder with none of our settings; what it printed, if it went well."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSWERABLE_", "PYTEST_"))}
    command = [sys.executable, "-m", *command]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
def test_an_event_a_treaty_and_a_question_are_added_and_answer_as_told(tmp_path):
    folder = tmp_path / "project"
    lay_out(folder)
    run(folder, "kg", "build")
    for question, (values, expected) in ASKED.items():
        parameters = [part for value in values for part in ("-p", value)]
        answer = run(folder, "kg", "ask", question, *parameters, "--format", "csv")
        assert [] == [one for one in expected if one not in answer]
    options = ("-q", "-p", "no:cacheprovider", "--basetemp=made")
    assert "1 passed" in run(folder, "pytest", *options, "tests/facts/test_answers.py", "-k", "gatherings-restricted")

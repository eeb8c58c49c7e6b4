"""A client that a program made from the description: it is made without a warning, and gets typed rows."""

import datetime
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kg.config import PROJECT

CONFIG = PROJECT / "examples" / "client" / "openapi-python-client.yml"


@pytest.fixture(scope="module")
def client(client, tmp_path_factory):
    """Make the client from the description; its package."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(client.get("/openapi.json").json()))
    program = Path(sys.executable).with_name("openapi-python-client")
    options = ["generate", "--path", "openapi.json", "--meta", "none", "--output-path", "made", "--config"]
    command = [program, *options, CONFIG]
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"  # of the formatter that it runs
    ran = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert (0, False) == (ran.returncode, "WARNING" in ran.stdout + ran.stderr), ran.stdout + ran.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("made")
    sys.path.remove(str(folder))


def ask(package, address, tag, name, **values):
    """Call an operation of the client."""
    operation = importlib.import_module(f"{package.__name__}.api.{tag}.{name}")
    caller = package.Client(
        base_url="http://{}:{}".format(*address[:2]),
        headers={"Accept": "application/json"},
        raise_on_unexpected_status=True,
    )
    return operation.sync(client=caller, **values)


def test_the_client_asks_three_questions_and_gets_typed_rows(client, address):
    asked = {
        "rival_figures": {"event": "id/event/2012-03-16-port-ansel"},
        "findings": {"event": "id/event/2011-06-handover"},
        "treaties_in_force": {"state": "id/state/xar", "day": datetime.date(2012, 5, 4)},
    }
    answers = {name: ask(client, address, "questions", f"questions_{name}", **values) for name, values in asked.items()}
    for name, answer in answers.items():
        title = "".join(map(str.capitalize, name.split("_")))
        assert (title, f"{title}Row") == (type(answer).__name__, type(answer.rows[0]).__name__)
        assert len(answer.rows) == answer.row_count > 0
    row = answers["rival_figures"].rows[0]
    assert "Thing" == type(row.counted).__name__ and row.counted.label and row.passages[0].startswith("https://")


def test_the_client_asks_a_list_and_gets_typed_rows(client, address):
    events = ask(client, address, "lists", "events")
    assert events.total == len(events.rows) > 0
    assert events.rows[0].thing.label and events.rows[0].thing.id.startswith("https://")

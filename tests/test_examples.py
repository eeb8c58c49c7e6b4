"""The examples for researchers: each asks a running server, needs nothing of this project, and what it compares agrees."""

import ast
import base64
import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import nbformat
import pytest

from kg.config import PROJECT
from tests.api.serving import serve

EXAMPLES = PROJECT / "examples"
README_SERVER = "http://127.0.0.1:8000"  # in the READMEs of the examples
NOTEBOOKS = sorted(path.stem for path in (EXAMPLES / "notebook").glob("*.ipynb"))


@pytest.fixture(scope="module")
def server(shipped):
    """Serve the shipped data as `kg serve` does."""
    with serve(shipped.path.parent, deadline=60) as server:  # seconds: beside other tests a panel takes long
        yield server


@pytest.fixture
def run(server, shipped, monkeypatch, tmp_path):
    """Return a function that runs a notebook far from this project, on the release of the server; its cells."""
    from nbclient import NotebookClient  # slow to load, and each process collects this file

    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("SERVER", server.url)
    monkeypatch.setenv("RELEASE", shipped.id)

    def run(name):
        resources = {"metadata": {"path": str(tmp_path)}}
        return NotebookClient(read(name), timeout=120, resources=resources).execute().cells

    return run


def read(name):
    return nbformat.read(EXAMPLES / f"notebook/{name}.ipynb", as_version=4)


def code(path):
    """Read the Python of a script, or of all cells of a notebook."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    return "\n".join(cell.source for cell in read(path.stem).cells if cell.cell_type == "code")


def outputs(cells, kind):
    """Give what the cells show in one media type."""
    return [out.data[kind] for cell in cells for out in cell.get("outputs", ()) if kind in out.get("data", {})]


def test_the_figures_agree_with_sparql(run):
    cells = run("figures")
    drawn = outputs(cells, "image/png")
    assert 5 == len(drawn) == sum("assert by_query ==" in cell.source for cell in cells)
    for picture in drawn:
        assert len(base64.b64decode(picture)) > 10_000


def test_two_published_results_are_replicated(run):
    cells = run("replication")
    parties = "".join(outputs(cells, "text/plain"))
    assert re.search(r"(?m)^ICCPR +168 +168 +0 *$", parties) and re.search(r"(?m)^CRPD +160 +159 +-1 *", parties)
    printed = "".join(out.text for cell in cells for out in cell.get("outputs", ()) if out.output_type == "stream")
    assert re.search(r"published: around 80 %; here: \d+ of \d+, 8[01]%", printed)


def start(command, server, folder):
    """Run a command of a README in a folder, with the address of the server in the place of that in the README; what it printed."""
    words = [
        server.url + word.removeprefix(README_SERVER) if README_SERVER in word else word
        for word in shlex.split(command)
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        words, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    return ran.stdout


def commands(example):
    """Read the commands that the README of an example tells people to run, but for those that install."""
    indented = re.findall(r"(?m)^    (\w\S* .*)$", (EXAMPLES / example / "README.md").read_text(encoding="utf-8"))
    return [command for command in indented if README_SERVER in command and "(" not in command]


def test_the_client_gives_typed_rows_and_data_frames(server, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    for path in (EXAMPLES / "client").iterdir():
        shutil.copy(path, tmp_path)
    generate, show = commands("client")
    start(generate, server, tmp_path)
    printed = start(show, server, tmp_path)
    assert re.search(r"(?m)^Amnesty International killed None \['https://w3id\.org/\S+/passage/", printed)
    assert re.search(r"(?m)^killed +1\d\.0 +1\d\.0 ", printed)
    assert re.search(r"(?m)^United Nations Human Rights Committee +\d{4}$", printed)


def test_dask_reads_a_table_in_parts_on_two_workers_and_counts_as_sparql_does(server, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    shutil.copy(EXAMPLES / "dask/panel.py", tmp_path)
    (command,) = commands("dask")
    printed = start(command, server, tmp_path)
    assert re.search(r"2 workers, [2-9] parts: 7\d{3} rows of the panel and 8 bodies, equal to SPARQL$", printed)


def test_r_reads_two_counts_and_an_answer(server, tmp_path):
    if not shutil.which("Rscript"):
        pytest.skip("there is no R here; as root: apt-get install r-base-core")
    shutil.copy(EXAMPLES / "r/figures.R", tmp_path)
    (command,) = commands("r")
    printed = start(command, server, tmp_path)
    assert re.search(r"\bICCPR\b", printed) and re.search(r"\b168\b", printed) and "Amnesty International" in printed


def test_what_r_reads_is_there(server):
    text = (EXAMPLES / "r/figures.R").read_text(encoding="utf-8")
    read = dict(re.findall(r'(?m)^(\w+) <- read\("(/[^"]+)"', text))
    read |= {part: read[whole] for part, whole in re.findall(r"(?m)^(\w+) <- (\w+)\[", text)}
    used = [(name, column) for name, column in re.findall(r"\b(\w+)\$(\w+)", text) if name in read]
    used += [("killed", column) for column in re.findall(r'"(\w+)"', re.search(r"killed\[c\((.*)\)", text)[1])]
    heads = {
        path: next(csv.reader(httpx.get(server.url + path, timeout=30).text.splitlines())) for path in {*read.values()}
    }
    assert 3 == len(heads) and [] == [(name, column) for name, column in used if column not in heads[read[name]]]
    assert {*read} == {name for name, _ in used}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_kept_without_outputs_and_reads_one_release(name):
    notebook, text = read(name), code(EXAMPLES / f"notebook/{name}.ipynb")
    assert [] == [cell.source for cell in notebook.cells if cell.get("outputs")]
    addresses = re.findall(r"\{SERVER\}[^\"]*", text)
    assert addresses and all(address.startswith("{SERVER}/release/{RELEASE}") for address in addresses)


def test_no_example_needs_the_project():
    paths = [*EXAMPLES.rglob("*.py"), *EXAMPLES.rglob("*.ipynb")]
    trees = {path: ast.walk(ast.parse(code(path))) for path in paths}
    imported = {
        path.name: {
            name.partition(".")[0]
            for node in tree
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            )
        }
        for path, tree in trees.items()
    }
    assert len(imported) > 3 and all(imported.values())
    ours = {"kg", "api", "tests", "tools"}
    assert {} == {name: modules & ours for name, modules in imported.items() if modules & ours}

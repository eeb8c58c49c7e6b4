"""The examples for researchers: each asks a running server, needs nothing of this project, and what it compares agrees."""

import ast
import base64
import re

import nbformat
import pytest

from kg.config import PROJECT
from tests.api.serving import serve

EXAMPLES = PROJECT / "examples"
NOTEBOOKS = sorted(path.stem for path in (EXAMPLES / "notebook").glob("*.ipynb"))


@pytest.fixture(scope="module")
def server(shipped):
    """Serve the shipped data as `kg serve` does."""
    with serve(shipped.path.parent) as server:
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

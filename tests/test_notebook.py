"""The notebook: its five figures are drawn from the tables, and each agrees with the same asked by SPARQL."""

import base64
import os

import nbformat
import pytest

from kg.config import PROJECT

NOTEBOOK = PROJECT / "examples/notebook/figures.ipynb"


@pytest.fixture
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_draws_five_figures_that_agree_with_sparql(notebook, shipped, monkeypatch):
    from nbclient import NotebookClient  # slow to load, and each process collects this file

    monkeypatch.setenv("RELEASE", str(shipped.path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]))
    done = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    drawn = [
        out.data["image/png"]
        for cell in done.cells
        for out in cell.get("outputs", ())
        if "image/png" in out.get("data", {})
    ]
    assert 5 == len(drawn) == sum("assert by_query ==" in cell.source for cell in done.cells)
    for picture in drawn:
        assert len(base64.b64decode(picture)) > 10_000


def test_it_is_kept_without_outputs_and_asks_no_network(notebook):
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert [] == [cell.source for cell in notebook.cells if cell.get("outputs")]
    assert not any(word in text for word in ("urlopen", "requests.", "httpx"))

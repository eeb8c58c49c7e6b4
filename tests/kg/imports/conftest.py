"""Imports of small tables into the small project, by the command line."""

import re

import pytest

from kg import __main__ as command
from kg import terms
from kg.store import Store


class Import:
    """The import of the tables of a project, and what it wrote."""

    def __init__(self, project, capfd, what, document):
        self.project, self.capfd, self.what, self.document = project, capfd, what, document

    def __call__(self, *more):
        """Import the tables; the exit code, the output and the errors."""
        tables = str(self.project.root / "tables")
        code = command.main(["import", self.what, tables, "--document", self.document, *more])
        out, err = self.capfd.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    @property
    def folder(self):
        return self.project.root / "data" / self.what

    def ask(self, wanted="?s ?p ?o", pattern="?s ?p ?o"):
        """Ask the Turtle that was written; the rows, with IRIs by their last part."""
        return stated(self.folder, wanted, pattern)

    def files(self):
        """Read all files of the project's data."""
        return {path.name: path.read_bytes() for path in (self.project.root / "data").rglob("*") if path.is_file()}


def stated(folder, wanted, pattern, more=""):
    """Ask the Turtle files of a folder; the rows, with IRIs by their last part. `more` may group them."""
    with Store.memory() as store:
        for path in sorted(folder.rglob("*.ttl")):
            store.load(path.read_bytes(), format="ttl", graph=path.as_uri(), source=path.name)
        query = f"PREFIX ans: <{terms.VOCABULARY}> SELECT {wanted} {{ {pattern} }} {more}"
        return [tuple(map(short, row)) for row in store.select(query, union=True)]


def short(cell):
    """Write a cell as a test does."""
    if cell is None:
        return ""
    return re.split("[/#]", cell.value)[-1] if isinstance(cell, terms.Iri) else cell.value


def line(names, row):
    """Write a line of a table from the cells that are not empty."""
    return ",".join(f'"{row.get(name, "")}"' for name in names) + "\n"


@pytest.fixture
def importing(project, monkeypatch, capfd):
    """Return a function that writes data into the project and gives the import of its tables."""
    monkeypatch.setenv("ANSWERABLE_ROOT", str(project.root))

    def of(what, document, data):
        for name, text in data.items():
            project.write(name, text)
        return Import(project, capfd, what, document)

    return of

"""Imports of small tables into the small project, by the command line."""

import pytest

from kg import __main__ as command


@pytest.fixture
def importing(project, monkeypatch, capfd):
    """Write data into the project and return a function that imports its tables: the exit code, the output and the errors."""
    monkeypatch.setenv("ANSWERABLE_ROOT", str(project.root))

    def of(what, document, data):
        for name, text in data.items():
            project.write(name, text)

        def run(*more):
            code = command.main(["import", what, str(project.root / "tables"), "--document", document, *more])
            out, err = capfd.readouterr()
            assert "Traceback" not in out + err
            return code, out, err

        return run

    return of

"""What decides a release: the sources, the queries, and the code that the build imports, and nothing else."""

import sqlite3
from pathlib import Path

import zstandard

from kg.build import inputs

ROOT = Path(__file__).resolve().parents[3]


def write(folder, modules):
    """Write a package kg with some modules, texts by their paths."""
    for name, text in {"kg/__init__.py": "", "kg/build/__init__.py": "", **modules}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_the_build_imports_decides_and_what_that_reads_and_nothing_else():
    files = inputs.scan(ROOT).files.keys()
    code = {"build/pipeline.py", "build/__init__.py", "store/store.py", "terms.py", "sparql/question.py", "__init__.py"}
    texts = {"build/zenodo.json.jinja", "catalogue/release.rq", "languages/kk.po", "search/weights.toml"}
    others = {"answer/worker.py", "answer/limits.jinja", "commands/build.py", "imports/table.py", "__main__.py"}
    assert {f"kg/{name}" for name in code | texts} <= files
    assert all((ROOT / "kg" / name).exists() and f"kg/{name}" not in files for name in others)
    assert not any(name.startswith("api/") for name in files)


def test_a_module_that_is_imported_through_others_decides(tmp_path):
    modules = {
        "kg/build/a.py": "from kg.b import thing\nimport json\n",
        "kg/b.py": "def thing():\n    from . import c\n",
        "kg/c.py": "import kg.d.e\n",
        "kg/d/__init__.py": "",
        "kg/d/e.py": "",
        "kg/other.py": "",
    }
    write(tmp_path, modules)
    every = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")}
    assert every - {"kg/other.py"} == inputs.scan(tmp_path).files.keys()


def test_a_release_is_the_same_until_an_input_changes(project):
    before = inputs.read(project.root).digest
    project.write("queries/pages/acts.rq", "SELECT * { ?s ?p ?o }")
    project.write("queries/rules/README.md", "about")
    assert before == inputs.read(project.root).digest
    project.write("queries/rules/owl/more.rq", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert before != inputs.read(project.root).digest


def test_the_version_of_every_library_that_the_build_imports_decides(tmp_path):
    modules = {
        "kg/build/a.py": "import json\nimport kg.b\n",
        "kg/b.py": "def write():\n    import zstandard.backend\n    from rdflib import Graph\n    import sqlite3\n",
        "kg/other.py": "import pyarrow\n",
    }
    write(tmp_path, modules)
    versions = inputs.scan(tmp_path).versions
    assert {"python", "rdflib", "sqlite3", "zstandard"} == versions.keys()
    assert (sqlite3.sqlite_version, zstandard.__version__) == (versions["sqlite3"], versions["zstandard"])


def test_what_writes_the_files_of_a_release_is_among_the_libraries():
    assert {"pyoxigraph", "pyarrow", "zlib-ng", "zstandard", "sqlite3"} <= inputs.scan(ROOT).versions.keys()


def test_another_version_of_a_library_makes_another_release(project, monkeypatch):
    before, code = inputs.read(project.root).digest, inputs.scan(ROOT)
    other = code._replace(versions={**code.versions, "sqlite3": "0"})
    monkeypatch.setattr(inputs, "scan", lambda folder: other)
    assert before != inputs.read(project.root).digest

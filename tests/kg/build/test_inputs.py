"""What decides a release: the sources, the queries, and the code that the build imports, and nothing else."""

import shutil
from pathlib import Path

import pytest

from kg.build import inputs

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Copy the packages, to edit them."""
    folder = tmp_path_factory.mktemp("tree")
    for name in ("kg", "api"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "templates", "static"))
    return folder


def edited(tree, name):
    """Say whether an edit of a module changes what decides a release."""
    path = tree / name
    text, before = path.read_text(encoding="utf-8"), inputs.code(tree)
    path.write_text(text + "\nEDITED = True\n", encoding="utf-8")
    try:
        return inputs.code(tree) != before
    finally:
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "kg/build/pipeline.py",
        "kg/build/__init__.py",
        "kg/store/store.py",
        "kg/terms.py",
        "kg/sparql/question.py",
        "kg/__init__.py",
    ],
)
def test_an_edit_of_what_the_build_imports_decides(tree, name):
    assert edited(tree, name)


@pytest.mark.parametrize(
    "name",
    ["kg/answer/worker.py", "kg/commands/build.py", "kg/imports/participation.py", "kg/__main__.py", "api/app.py"],
)
def test_an_edit_of_anything_else_does_not(tree, name):
    assert not edited(tree, name)


def test_a_module_that_is_imported_through_others_decides(tmp_path):
    for name, text in {
        "kg/__init__.py": "",
        "kg/build/__init__.py": "",
        "kg/build/a.py": "from kg.b import thing\nimport json\n",
        "kg/b.py": "def thing():\n    from . import c\n",
        "kg/c.py": "import kg.d.e\n",
        "kg/d/__init__.py": "",
        "kg/d/e.py": "",
        "kg/other.py": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    every = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")}
    assert every - {"kg/other.py"} == inputs.code(tmp_path).keys()


def test_a_release_is_the_same_until_an_input_changes(project):
    before = inputs.read(project.root).digest
    project.write("queries/pages/acts.rq", "SELECT * { ?s ?p ?o }")
    project.write("queries/rules/README.md", "about")
    assert before == inputs.read(project.root).digest
    project.write("queries/rules/owl/more.rq", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert before != inputs.read(project.root).digest

"""The structure of the house: who may import whom, what is declared and pinned, and that a name means one thing.

Each rule lists every place that breaks it. What ruff can see for itself is set in pyproject.toml: docstrings, the number of
parameters, handlers of every error, and that only kg.config reads the environment.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from itertools import chain

import pytest

from kg import terms
from kg.config import PROJECT, SETTINGS

# Rows from the top down. A module may import from the rows beneath its own; those of one row do not know each other.
ROWS = [
    ["kg.__main__"],
    ["kg.commands"],  # on top: `kg serve` starts the server, and the server knows no command line
    ["api"],
    ["kg.partner"],  # checks what others send, also by what the imports read
    ["kg.remote", "kg.imports", "kg.withdrawal", "kg.reconcile", "kg.mcp"],
    ["kg.build", "kg.answer"],  # these two never know each other
    ["kg.changes", "kg.supplements", "kg.quotations"],
    [
        *("kg.release", "kg.cite", "kg.documents", "kg.picture", "kg.search", "kg.jsonld"),
        *("kg.catalogue", "kg.tables", "kg.crosswalks", "kg.dictionary"),
    ],
    ["kg.store"],
    ["kg.sparql"],
    ["kg.config", "kg.csvw", "kg.files", "kg.languages", "kg.names", "kg.png", "kg.rows"],
    ["kg.terms", "kg.errors", "kg.symbols", "kg.wording", "kg.dates", "kg.memory", "kg.child", "kg.process"],
]
ROW_OF = {member: number for number, members in enumerate(ROWS) for member in members}
# Libraries that must stay replaceable, and the only package or module that may know each; the command `kg serve` starts uvicorn.
KEPT_IN = {
    "pyoxigraph": "kg.store",
    "rdflib": "kg.build",
    "pyshacl_turbo": "kg.build.shapes",
    "owlrl": "kg.build.inference",
    "httpx": "kg.remote.server",
    "uvicorn": "api",
    "babel": "kg.languages",
    "mcp": "kg.mcp",
    "openpyxl": "kg.imports.sheet",
    "lxml": "kg.documents",
    "pypdf": "kg.documents",
    "pyarrow": "kg.tables",
}
LOADED_BY_NAME = {"uvloop"}  # by uvicorn
LOCKS = {  # with the fewest packages of each
    "requirements.lock": 60,
    "tests/requirements.lock": 90,
    "tests/benchmarks/peers.lock": 4,
    "api/static/node.lock": 1,
}
# Put together from parts, so that this file obeys the rule that it checks: hosts of packages, and folders.
FORBIDDEN = [host + ".org" for host in ("pypi", "pythonhosted", "npmjs", "debian")] + ["ubuntu" + ".com"]
FORBIDDEN += [f"/{name}/" for name in ("work", "tmp", "root", "home")] + ["../" + "shared"]
FOLDERS = ("deploy", "kg", "api", "tests", "tools", "ontology", "shapes", "queries", "data", "examples")


def name(path):
    """Name the module in a file of the project, as Python would."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name(path): path for folder in ("kg", "api") for path in sorted((PROJECT / folder).rglob("*.py"))}


@pytest.fixture(scope="module")
def nodes():
    """List (module, node) for each node of the syntax of each module."""
    return [(module, node) for module, path in MODULES.items() for node in ast.walk(ast.parse(path.read_bytes()))]


@pytest.fixture(scope="module")
def imports(nodes):
    """List (module, line, what it imports: a module of ours, or a name in any) for each import, those inside functions too."""
    listed = []
    for module, node in nodes:
        if isinstance(node, ast.Import):
            listed += [(module, node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{place(module, node)}: name the package that you import from"
            # `from kg import store` imports a module, `from kg.store import Store` a name in one.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            listed += [(module, node.lineno, name if name in MODULES else node.module) for name in names]
    return listed


def member(module):
    """Find the entry of the table that a module belongs to; those of one package may import one another."""
    return next((entry for entry in ROW_OF if f"{module}.".startswith(f"{entry}.")), None)


def place(module, node):
    """Say where, so that an editor can jump there."""
    return f"{MODULES[module].relative_to(PROJECT)}:{getattr(node, 'lineno', node)}"


def test_imports_point_downward_only(imports):
    assert [] == [module for module in MODULES if module != "kg" and member(module) is None]
    wrong = []
    for module, line, target in imports:
        if target in MODULES and target != "kg":
            above, below = member(module), member(target)
            if above != below and not ROW_OF[above] < ROW_OF[below]:
                wrong.append(f"{place(module, line)}: {module} imports {target}")
    assert [] == wrong


def test_modules_do_not_import_one_another_in_a_circle(imports):
    ahead = {module: set() for module in MODULES}
    for module, _, target in imports:
        ahead[module] |= {target} & MODULES.keys() - {module}
    while free := [module for module, targets in ahead.items() if not targets & ahead.keys()]:
        for module in free:
            del ahead[module]
    assert [] == sorted(ahead)


def test_a_replaceable_library_is_known_only_where_it_may_be(imports):
    assert [] == [
        f"{place(module, line)}: {module} imports {target}"
        for module, line, target in imports
        if (home := KEPT_IN.get(target.split(".")[0]))
        and not f"{module}.".startswith((f"{home}.", "kg.commands.serve."))
    ]


def test_no_module_uses_what_another_keeps_to_itself(nodes):
    wrong = []
    for module, node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("api", "kg"):
            wrong += [place(module, node) for alias in node.names if alias.name.startswith("_")]
    assert [] == wrong


def test_a_package_itself_holds_only_what_it_gives_to_others(nodes):
    wrong = []
    for module, tree in nodes:
        if isinstance(tree, ast.Module) and MODULES[module].name == "__init__.py":
            body = [node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
            wrong += [place(module, node) for node in body if ast.unparse(node).partition(" ")[0] != "__all__"]
    assert [] == wrong


def test_a_class_has_a_name_of_its_own(nodes):
    homes = defaultdict(list)
    for module, node in nodes:
        if isinstance(node, ast.ClassDef):
            homes[node.name].append(place(module, node))
    assert {} == {name: places for name, places in homes.items() if len(places) > 1}


def test_every_setting_is_read(nodes):
    read = set()
    for module, node in nodes:
        if module != "kg.config" and isinstance(node, ast.Attribute):
            holder = getattr(node.value, "attr", getattr(node.value, "id", ""))
            read |= {node.attr} if holder == "settings" else set()
    assert [] == [setting.name for setting in SETTINGS if setting.name not in read]


def project():
    """Read what pyproject.toml declares."""
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_library_that_is_imported_is_declared_and_every_declared_one_is_used(imports):
    declared = {re.match(r"[\w-]+", line)[0].lower() for line in project()["project"]["dependencies"]}
    imported = {target.split(".")[0] for _, _, target in imports} - sys.stdlib_module_names - {"kg", "api"}
    assert declared - LOADED_BY_NAME == {library.lower().replace("_", "-") for library in imported}


def pinned(lock):
    """Read which version of each package a lock pins, with what stands there of it."""
    text = (PROJECT / lock).read_text(encoding="utf-8")
    return {
        name: (version, rest) for name, version, rest in re.findall(r"(?m)^([\w-]+)==([^\s;]+)((?:.*\n )+.*)", text)
    }


def numbers(version):
    return [int(part) for part in version.split(".")]


def test_every_dependency_has_a_lower_bound_that_its_pinned_version_meets():
    versions, wrong = pinned("tests/requirements.lock") | pinned("requirements.lock"), []
    for line in chain(project()["project"]["dependencies"], *project()["dependency-groups"].values()):
        library, _, bound = line.partition(">=")
        if not bound or numbers(versions[library.lower()][0]) < numbers(bound):
            wrong.append(line)
    assert [] == wrong


def test_what_runs_has_no_package_for_development_and_is_tested_at_its_own_versions():
    running, testing = ({name: one[0] for name, one in pinned(lock).items()} for lock in list(LOCKS)[:2])
    for_development = {line.partition(">=")[0].lower() for line in project()["dependency-groups"]["dev"]}
    assert for_development.isdisjoint(running) and for_development <= testing.keys()
    both = running.keys() & testing.keys()
    assert both and {name: running[name] for name in both} == {name: testing[name] for name in both}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_of_each_package_and_names_no_index(lock):
    assert len(pinned(lock)) >= LOCKS[lock]
    assert [] == [name for name, (_, rest) in pinned(lock).items() if "--hash=sha256:" not in rest]
    assert [] == re.findall(r"(?m)^--?[\w-]+.*$|\w+://\S+", (PROJECT / lock).read_text(encoding="utf-8"))


def test_the_peers_of_the_benchmark_are_pinned_as_they_are_listed():
    listed = (PROJECT / "tests/benchmarks/peers.in").read_text(encoding="utf-8")
    wanted = dict(re.findall(r"(?m)^([\w-]+)==([\w.]+)", listed))
    assert (
        wanted
        and wanted.items() <= {name: one[0] for name, one in pinned("tests/benchmarks/peers.lock").items()}.items()
    )


def test_the_base_iri_is_written_in_terms_only():
    base = terms.BASE.rstrip("/").encode()
    assert ["kg.terms"] == [module for module, path in MODULES.items() if base in path.read_bytes()]


def test_no_file_names_a_package_registry_or_a_place_on_one_machine():
    files = [*PROJECT.iterdir(), *chain.from_iterable((PROJECT / folder).rglob("*") for folder in FOLDERS)]
    wrong = []
    for path in files:
        if path.is_file() and path.name != ".git" and not {"node_modules", "__pycache__"} & {*path.parts}:
            data = path.read_bytes()
            for text in FORBIDDEN:
                # Not within a word or after a dot, so that an IRI such as https://example.org/home/ is not taken for a folder.
                within = rb"(?<![\w.>)}\]-])" if text[0] == "/" else b""
                if text.encode() in data and (found := re.search(within + re.escape(text.encode()) + b".*", data)):
                    wrong.append(f"{path.relative_to(PROJECT)}: {found[0][:80]}")
    assert len(files) > 1000 and [] == wrong

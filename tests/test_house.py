"""The rules of the house: who may import whom, the manner of a module, and that what is documented exists.

Each rule reads the files that are there and lists every place that breaks it. None of them runs the product, except that
the last ones ask the command line and the application which commands, settings and routes they have.
"""

import ast
import fnmatch
import functools
import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Rows from the top down. A module may import from the rows beneath its own; those of one row do not know each other.
ROWS = [
    ["kg.__main__"],
    ["kg.commands"],  # on top: `kg serve` starts the server, and the server knows no command line
    ["api"],
    ["kg.partner"],  # checks what others send, also by what the imports read
    ["kg.remote", "kg.imports", "kg.withdrawal", "kg.reconcile", "kg.mcp"],
    ["kg.build", "kg.answer"],  # these two never know each other
    ["kg.changes", "kg.supplements"],
    [
        *("kg.release", "kg.cite", "kg.documents", "kg.picture", "kg.search", "kg.jsonld"),
        *("kg.catalogue", "kg.tables", "kg.crosswalks", "kg.dictionary"),
    ],
    ["kg.store"],
    ["kg.sparql"],
    ["kg.config", "kg.files", "kg.languages", "kg.names", "kg.rows"],
    ["kg.terms", "kg.errors", "kg.symbols", "kg.wording", "kg.dates", "kg.process"],
]

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

MOST_PARAMETERS = 6
WIDEST_OF_TEMPLATES = 160  # characters that the eye follows in markup without losing the line
# Put together from parts, so that this file obeys the rules it checks.
BASE = "https://w3id.org/" + "answerable/"
REGISTRIES = [host + ".org" for host in ("pypi", "pythonhosted", "npmjs", "debian")] + ["ubuntu" + ".com"]
PLACES = [f"/{name}/" for name in ("work", "tmp", "root", "home")] + ["../" + "shared"]
# Folders that tools make; .gitignore names each of them.
MADE = {
    ".venv",
    "node_modules",
    "releases",
    "screenshots",
    "build",
    "dist",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".mypy_cache",
    ".hypothesis",
}


def name(path):
    """Name the module in a file below ROOT, as Python would."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name(path): path for folder in ("kg", "api") for path in sorted((ROOT / folder).rglob("*.py"))}


class Trees(Mapping):
    """The syntax tree of each module, parsed when it is asked for: not while pytest only looks for tests."""

    def __getitem__(self, module):
        return parse(MODULES[module])

    def __iter__(self):
        return iter(MODULES)

    def __len__(self):
        return len(MODULES)


@functools.cache
def parse(path):
    """Parse a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


TREES = Trees()


def everything():
    """Yield every file that somebody wrote."""
    for folder, inner, files in os.walk(ROOT):
        made = MADE | {
            one for one in [*inner, *files] if folder == str(ROOT) and re.fullmatch(r"\.git|.*\.egg-info", one)
        }
        inner[:] = sorted(set(inner) - made)
        yield from (path for one in sorted(set(files) - made) if (path := Path(folder, one)).is_file())


def imports(module):
    """Yield (line, dotted name) for each import anywhere in a module, those inside functions too."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                start = ".".join(above + ([node.module] if node.module else []))
            # `from kg import store` imports a module, `from kg.store import Store` a name in one.
            for alias in node.names:
                whole = f"{start}.{alias.name}"
                yield node.lineno, whole if whole in MODULES else start


def row(module):
    """Find the row of a module, or None for one that is in no row."""
    for number, members in enumerate(ROWS):
        if any(module == member or module.startswith(member + ".") for member in members):
            return number
    return None


def member(module):
    """Find the entry of the table that a module belongs to; those of one package may import one another."""
    entries = [entry for members in ROWS for entry in members]
    return next((entry for entry in entries if module == entry or module.startswith(entry + ".")), None)


def place(module, line):
    """Say where, so that an editor can jump there."""
    return f"{MODULES[module].relative_to(ROOT)}:{line}"


def definitions(module):
    """Yield the public functions, methods and classes of a module, as (name, node)."""

    def inside(body, prefix=""):
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
                "_"
            ):
                yield prefix + node.name, node
                if isinstance(node, ast.ClassDef):
                    yield from inside(node.body, f"{prefix}{node.name}.")

    return inside(TREES[module].body)


def texts(tree):
    """Yield (line, text) for each string in the code, also the parts of f-strings, but not for docstrings."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_every_module_has_its_row_in_the_table():
    assert [] == [module for module in MODULES if module != "kg" and row(module) is None]


def test_pytest_passes_by_no_folder_that_holds_tests():
    with (ROOT / "pyproject.toml").open("rb") as file:
        passed = tomllib.load(file)["tool"]["pytest"]["ini_options"]["norecursedirs"]  # its default has `build`
    tests = [path for path in everything() if re.fullmatch(r"test_.*\.py", path.name)]
    folders = {folder for path in tests for folder in path.relative_to(ROOT).parts[:-1]}
    assert {"tests", "kg", "api"} <= folders
    assert [] == [one for one in sorted(folders) if any(fnmatch.fnmatch(one, pattern) for pattern in passed)]


def test_imports_point_downward_only():
    wrong = []
    for module in MODULES:
        for line, target in imports(module):
            if target not in MODULES or target == "kg" or target.split(".")[0] == module.split(".")[0] == "api":
                continue
            if member(module) == member(target):
                continue
            above, below = row(module), row(target)
            if above is None or below is None or below <= above:
                wrong.append(f"{place(module, line)}: {module} imports {target}")
    assert [] == wrong


def test_modules_do_not_import_one_another_in_a_circle():
    ahead = {module: {target for _, target in imports(module) if target in MODULES} - {module} for module in MODULES}
    while free := [module for module, targets in ahead.items() if not targets & ahead.keys()]:
        for module in free:
            del ahead[module]
    assert [] == sorted(ahead)


@pytest.mark.parametrize("library", KEPT_IN)
def test_a_replaceable_library_is_known_only_where_it_may_be(library):
    wrong = [
        f"{place(module, line)}: {module} imports {target}"
        for module in MODULES
        for line, target in imports(module)
        if target.split(".")[0] == library
        and not f"{module}.".startswith((f"{KEPT_IN[library]}.", "kg.commands.serve."))
    ]
    assert [] == wrong


def test_every_library_that_is_imported_is_declared_and_every_declared_one_is_used():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.match(r"[\w-]+", line)[0].lower() for line in project["dependencies"]}
    imported = {target.split(".")[0] for module in MODULES for _, target in imports(module)}
    foreign = {library.lower().replace("_", "-") for library in imported - sys.stdlib_module_names - {"kg", "api"}}
    assert [] == sorted(foreign - declared)
    named = {text for tree in TREES.values() for _, text in texts(tree)}  # uvicorn loads its event loop by name
    # Some rows may not be written yet; a complete house uses all it installs.
    written = {module for members in ROWS for module in members} <= MODULES.keys() | {"api"}
    assert [] == (sorted(declared - foreign - named) if written else [])


def test_every_dependency_has_a_lower_bound_that_its_pinned_version_meets():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [*project["project"]["dependencies"], *chain(*project["dependency-groups"].values())]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w-]+)==([\d.]+)", lock, re.MULTILINE))
    wrong = []
    for line in lines:
        bound = re.fullmatch(r"([\w-]+)>=([\d.]+)", line)
        if not bound or version(pinned.get(bound[1].lower(), "0")) < version(bound[2]):
            wrong.append(line)
    assert [] == wrong


def version(text):
    """Read a version as numbers."""
    return [int(part) for part in text.strip(".").split(".")]


def test_the_environment_is_read_in_config_only():
    wrong = []
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            reads = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
            brings = (
                isinstance(node, ast.ImportFrom)
                and node.module == "os"
                and any(alias.name in {"environ", "environb", "getenv"} for alias in node.names)
            )
            if (reads or brings) and module != "kg.config":
                wrong.append(place(module, node.lineno))
    assert [] == wrong


def test_the_base_iri_is_written_in_terms_only():
    wrong = [
        place(module, line)
        for module, tree in TREES.items()
        if module != "kg.terms"
        for line, text in texts(tree)
        if BASE.rstrip("/") in text
    ]
    assert [] == wrong


def test_no_handler_catches_everything_but_the_one_that_answers_every_error():
    wrong = []
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                caught = (
                    {"everything"}
                    if node.type is None
                    else {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                )
                if caught & {"everything", "Exception", "BaseException"} and module != "api.http.middleware":
                    wrong.append(place(module, node.lineno))
    assert [] == wrong


def test_a_package_itself_holds_only_what_it_gives_to_others():
    wrong = []
    for module, path in MODULES.items():
        if path.name == "__init__.py":
            body = [node for node in TREES[module].body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
            wrong += [place(module, node.lineno) for node in body if ast.unparse(node).partition(" ")[0] != "__all__"]
    assert [] == wrong


def test_no_function_has_more_than_six_parameters():
    wrong = []
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                if len([one for one in given if one not in ("self", "cls")]) > MOST_PARAMETERS:
                    wrong.append(f"{place(module, node.lineno)}: {node.name}")
    assert [] == wrong


def test_a_class_has_a_name_of_its_own():
    homes = defaultdict(list)
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(place(module, node.lineno))
    assert {} == {name: places for name, places in homes.items() if len(places) > 1}


def test_no_module_uses_what_another_keeps_to_itself():
    wrong = []
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("api", "kg"):
                wrong += [place(module, node.lineno) for one in node.names if one.name.startswith("_")]
    assert [] == wrong


def test_every_module_has_a_docstring():
    python = [path for path in everything() if path.suffix == ".py"]
    assert [] == [str(path.relative_to(ROOT)) for path in python if not ast.get_docstring(ast.parse(path.read_bytes()))]


def test_every_public_function_and_class_says_what_it_does():
    wrong = [
        f"{place(module, node.lineno)}: {public}"
        for module in MODULES
        for public, node in definitions(module)
        if not ast.get_docstring(node)
    ]
    assert [] == wrong


def test_a_line_of_a_template_can_be_read_at_one_go():
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "api" / "templates").rglob("*"))
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > WIDEST_OF_TEMPLATES
    ]
    assert not long, "\n".join(long)


def test_no_file_names_a_package_registry_or_a_place_on_one_machine():
    # A word boundary before a path, so that an IRI such as https://example.org/home/ is not taken for a folder.
    forbidden = re.compile(
        "|".join([re.escape(host) for host in REGISTRIES] + [r"(?<![\w.>)}\]-])" + re.escape(path) for path in PLACES])
    )
    wrong = []
    for path in everything():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # a picture or a font
            continue
        wrong += [
            f"{path.relative_to(ROOT)}:{n}: {line.strip()[:80]}"
            for n, line in enumerate(lines, 1)
            if forbidden.search(line)
        ]
    assert [] == wrong


def test_what_tools_make_is_ignored_by_git():
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
    assert [] == sorted(MADE - ignored)


def test_the_lock_pins_every_requirement_with_hashes_and_names_no_index():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w-]+)==([^\s\\;]+)", lock, re.MULTILINE))
    entries = re.split(r"^(?=[\w-]+==)", lock, flags=re.MULTILINE)[1:]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + [
        line for group in project["dependency-groups"].values() for line in group
    ]
    assert [] == [line for line in wanted if re.match(r"[\w-]+", line)[0].lower() not in pinned]
    assert [] == [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert [] == re.findall(r"^(?:-|--)[\w-]+.*$|\w+://\S+", lock, re.MULTILINE)


def readme():
    """Read the README, whole."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def code(text):
    """Return what a Markdown text sets as code: its fenced blocks and its spans, one a line."""
    fence = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return "\n".join(fence.findall(text) + re.findall(r"`([^`\n]+)`", fence.sub("", text)))


def test_every_setting_is_read():
    from kg.config import SETTINGS

    read = set()
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if module != "kg.config" and isinstance(node, ast.Attribute):
                holder = getattr(node.value, "attr", getattr(node.value, "id", ""))
                read |= {node.attr} if holder == "settings" else set()
    assert [] == [setting.name for setting in SETTINGS if setting.name not in read]


def test_the_operators_page_lists_every_setting_with_its_default_and_help():
    from kg.config import SETTINGS

    page = (ROOT / "OPERATING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(ANSWERABLE_\w+)` \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    assert [(row.variable, row.shown or "–", row.help) for row in SETTINGS] == rows


def test_every_command_is_documented_and_every_documented_command_exists():
    shown = subprocess.run([sys.executable, "-m", "kg", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    commands = set(re.findall(r"^    ([a-z]+) ", shown.stdout, re.MULTILINE))
    assert commands == set(re.findall(r"(?:^|[/\s])kg ([a-z]+)\b", code(readme()), re.MULTILINE))


def test_every_target_of_make_that_is_documented_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    documented = set(re.findall(r"(?:^|\s)make ([a-z]+)\b", code(readme()), re.MULTILINE))
    assert {"serve", "test"} <= documented
    assert [] == sorted(documented - set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)))


def test_every_documented_route_exists():
    from starlette.routing import Match

    from api.app import create_app
    from kg.config import Settings

    routes = create_app(Settings.load(env={})).router.routes
    spans = re.findall(r"^(?:[A-Z,]+ )?(/[\w.<>/{}-]*)(?:[?#].*)?$", code(readme()), re.MULTILINE)
    assert spans, "README.md documents no route"
    wrong = []
    for path in spans:
        scope = {"type": "http", "method": "GET", "root_path": "", "headers": [], "path": re.sub(r"<[^>]+>", "x", path)}
        if all(route.matches(scope)[0] is Match.NONE for route in routes):
            wrong.append(path)
    assert [] == wrong

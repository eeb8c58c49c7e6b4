"""Each command: its good case, the message of each mistake, and its exit code."""

import shutil
import tomllib

import pytest

from kg.commands import options
from kg.config import PROJECT
from kg.errors import SourceError, WriteFailed
from kg.files import write_file
from tests import frozen


@pytest.fixture
def kg(kg, tmp_path, monkeypatch):
    """Run commands in the project of the frozen graph, without a build."""
    frozen.project(tmp_path)
    monkeypatch.setenv("ANSWERABLE_ROOT", str(tmp_path))
    return kg


@pytest.fixture
def out(world):
    """Name the folder in which the release of the frozen graph lies."""
    return ("--out", world.path.parent)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["import", "sheet"],
            "kg import sheet: No spreadsheet is given. Name one, or write a template with --template",
        ),
        (["import", "sheet", "nowhere.xlsx"], "nowhere.xlsx: "),
        (
            ["import", "table", "nowhere.csv", "--as", "participation", "--document", "x"],
            "nowhere.csv: The file cannot",
        ),
        (["import", "table", "nowhere.csv", "--as", "participation", "--document", "X Y"], "'X Y' is not a key"),
        (["import", "recommendations", "a.csv", "--map", "no.toml", "--out", "data"], "no.toml: "),
        (["new", "source", "x", "--text", "nowhere.pdf"], "nowhere.pdf: The file cannot be read (No such file"),
        (["new", "event", "Not A Key", "--state", "xar"], "KEY: "),
        (["cite", "nowhere.html"], "nowhere.html: The file cannot be read (No such file or directory)."),
        (["query", "nowhere.rq"], "nowhere.rq: The file cannot be read (No such file or directory)."),
        (["diff", "a", "b"], "a"),
        (["verify", "nowhere"], "nowhere"),
        (["withdraw"], "--"),
        (["mcp", "--release", "20000101-00000000"], "20000101-00000000"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_that_says_where_and_what_to_do(kg, out, arguments, message):
    takes_out = arguments[0] not in ("import", "new")
    code, printed, err = kg(*arguments, *(out if takes_out and arguments[0] != "verify" else ()))
    assert (2, "") == (code, printed)
    assert err.startswith("kg: ") and 1 == len(err.splitlines()) and message in err


def test_a_question_that_cannot_be_read_keeps_no_other_from_being_asked(kg, world, tmp_path):
    release = tmp_path / "releases" / world.id
    shutil.copytree(world.path, release)
    name, *others = (path.stem for path in sorted(release.glob("questions/*.rq")))
    bad = release / f"questions/{name}.rq"
    bad.write_text("#+ title: Of a time when questions had another header\n", encoding="utf-8")
    code, printed, err = kg("ask", "--out", release)
    listed = [line.partition(" ")[0] for line in printed.splitlines()[::2]]
    assert (0, others) == (code, listed) and err.startswith(f"kg: {bad}:1:1: ") and 1 == len(err.splitlines())
    assert (0, "") == kg("ask", "rival-figures", "-p", "event=id/event/2012-03-16-port-ansel", "--out", release)[::2]
    code, printed, err = kg("ask", name, "--out", release)
    assert (2, "") == (code, printed) and err.startswith(f"kg: {bad}:1:1: ")


def test_a_template_is_written_and_each_row_of_its_example_is_refused(kg, tmp_path):
    book = tmp_path / "book.xlsx"
    code, printed, _ = kg("import", "sheet", "--template", book)
    assert (0, f"{book} is written. Fill it in, and run: kg import sheet {book}\n") == (code, printed)
    code, printed, err = kg("import", "sheet", book, "--dry-run")
    example = "Sources, row 2, ID (A2): This row is of the example. Delete it, or give it an ID of your own."
    assert (1, "", f"kg: {example}") == (code, printed, err.splitlines()[0])
    assert err.endswith("; nothing was written\n")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "a.ttl"
    write_file(path, "first")
    assert ("first", 0o644) == (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777)
    write_file(path, "second")
    assert ["a.ttl"] == [each.name for each in path.parent.iterdir()] and "second" == options.read(str(path))
    with pytest.raises(WriteFailed, match="The file cannot be written"):
        write_file(path / "below", "third")
    path.write_bytes(b"\xff")
    with pytest.raises(SourceError, match="is not UTF-8 text. Save it as UTF-8"):
        options.read(str(path))


def test_every_command_is_declared_and_has_a_file():
    folder = PROJECT / "kg/commands"
    declared = tomllib.loads((folder / "options.toml").read_text(encoding="utf-8"))["commands"]
    files = {path.stem.removesuffix("_tables") for path in folder.glob("*.py")} - {"__init__", "options"}
    assert files == declared.keys()


def test_progress_is_a_line_for_each_tenth_where_there_is_no_terminal(capsys):
    show = options.progress()
    for done in (0.0, 0.05, 0.1, 0.15, 1.0):
        show(done, f"at {done}")
    assert ["at 0.0", "at 0.1", "at 1.0"] == capsys.readouterr().err.splitlines()

"""Words of passages that an operator has given: shown on pages, in answers and data while they are here, and no longer."""

import pytest

from kg import __main__ as command
from kg import quotations, terms
from kg.config import PROJECT
from tests.api.client import start, words
from tests.api.serving import wait_until

KEY = "rights-watch-2012"
PASSAGE = f"/doc/passage/{KEY}-para-4"
FIGURES = "/questions/rival-figures"
EVENT = {"event": "id/event/2012-03-16-port-ansel"}


@pytest.fixture(scope="module")
def texts(world, tmp_path_factory):
    """Serve the frozen graph from a folder of its own, to which texts may be added; (the folder, a client)."""
    out = tmp_path_factory.mktemp("texts")
    for name in (world.path.name, "current"):
        (out / name).symlink_to(world.path, target_is_directory=True)
    with start(out) as client:
        yield out, client


@pytest.fixture
def kg(capsys):
    """Return a function that runs `kg texts` in this process; its exit code, its output and its errors."""

    def run(*arguments):
        code = command.main(["texts", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


def test_they_are_shown_at_once_with_the_place_and_gone_when_they_are_removed(texts, kg):
    out, client = texts
    before = client.get(PASSAGE, headers={"Accept": "text/html"})
    assert "The words themselves are not shown" in words(before.text)

    code, said, _ = kg("add", PROJECT / f"tests/world/{KEY}.txt", "--out", out)
    assert (0, True) == (code, f"id/document/{KEY}: the words of" in said)
    shown = quotations.Quotations(out).find(f"{terms.ID}passage/{KEY}-para-4")

    def page():
        return client.get(PASSAGE, headers={"Accept": "text/html", "If-None-Match": before.headers["ETag"]})

    wait_until(lambda: page().status_code == 200)
    assert shown and shown in words(page().text) and "are not shown" not in words(page().text)
    assert shown == client.get(f"{PASSAGE}.json").json()["words"]
    answer = client.get(FIGURES, params=EVENT | {"format": "json"}).json()
    cited = {each["passage"]: each["words"] for each in answer["citations"] if each["words"]}
    assert cited and all(iri.startswith(f"{terms.ID}passage/{KEY}") for iri in cited)
    assert all(text in client.get(FIGURES, params=EVENT | {"format": "md"}).text for text in cited.values())
    assert all(
        text in words(client.get(FIGURES, params=EVENT, headers={"Accept": "text/html"}).text)
        for text in cited.values()
    )
    # No release holds them: neither the data of the passage nor the dumps.
    assert shown not in client.get(f"{PASSAGE}.ttl").text

    assert 0 == kg("remove", KEY, "--out", out)[0]
    wait_until(lambda: "are not shown" in words(client.get(PASSAGE, headers={"Accept": "text/html"}).text))


def test_a_text_that_is_no_cited_document_and_one_of_which_nothing_is_here_are_errors(texts, kg, tmp_path):
    out, _ = texts
    (tmp_path / "other.txt").write_text("Nothing that is cited.", encoding="utf-8")
    code, _, error = kg("add", tmp_path, "--out", out)
    assert (1, True) == (code, "No document of this text or name has fixed passages" in error)
    code, _, error = kg("remove", "nothing", "--out", out)
    assert (2, True) == (code, "kg texts list" in error)


def test_a_changed_text_is_refused_passage_by_passage(texts, kg, tmp_path):
    out, _ = texts
    text = (PROJECT / f"tests/world/{KEY}.txt").read_text(encoding="utf-8")
    (tmp_path / f"{KEY}.txt").write_text(text.replace("strike", "Strike", 1), encoding="utf-8")
    code, said, _ = kg("add", tmp_path / f"{KEY}.txt", "--out", out)
    assert (1, True) == (code, ": refused: the text has other words there than when it was cited" in said)
    assert [KEY] == [key for key, _ in quotations.listed(out)]
    quotations.remove(out, KEY)

"""Catalogues: what there is to translate, what changes with the texts, and which translations would break a page."""

import pytest

from kg.__main__ import main
from kg.languages import LANGUAGES
from kg.languages.catalogues import Text, texts_in, update
from kg.languages.language import read

TEXTS = [Text("Events", "a.html"), Text(("%(n)s act", "%(n)s acts"), "a.html"), Text("until %s", "b.py")]


@pytest.fixture
def folder(tmp_path):
    """A folder with the catalogues of these texts."""
    assert [("ru", 3, 0), ("kk", 3, 0)] == [one[:3] for one in update(TEXTS, tmp_path)]
    return tmp_path


def translate(folder, texts):
    path = folder / "ru.po"
    text = path.read_text(encoding="utf-8")
    for wording, said in texts.items():
        assert f'msgid "{wording}"\nmsgstr ""' in text
        text = text.replace(f'msgid "{wording}"\nmsgstr ""', f'msgid "{wording}"\nmsgstr "{said}"')
    path.write_text(text, encoding="utf-8")


def test_each_language_but_english_gets_a_catalogue(folder):
    assert {f"{code}.po" for code in LANGUAGES if code != "en"} == {path.name for path in folder.iterdir()}


def test_a_catalogue_changes_with_its_texts_alone(folder):
    translate(folder, {"Events": "События"})
    before = (folder / "ru.po").read_bytes()
    update(TEXTS, folder)
    assert before == (folder / "ru.po").read_bytes()
    update(TEXTS[1:], folder)
    assert "События" not in (folder / "ru.po").read_text(encoding="utf-8")


def test_a_text_of_another_wording_gets_no_old_translation(folder):
    translate(folder, {"Events": "События"})
    told = update([Text("All events", "a.html"), *TEXTS[1:]], folder)
    assert 0 == told[0].translated


def test_a_translation_that_fills_in_something_else_is_a_fault(folder):
    translate(folder, {"until %s": "до %(day)s"})
    faults = update(TEXTS, folder, is_check=True)[0].faults
    assert ["%(day)s" in faults[0], "%s" in faults[1]] == [True, True]


def test_what_the_catalogue_lacks_or_has_in_vain_is_told(folder):
    told = update([*TEXTS[1:], Text("New", "c.html")], folder, is_check=True)[0]
    assert ("not in the catalogue: 'New'", "no longer a text: 'Events'") == told.faults


def test_a_catalogue_is_spoken_with_the_plural_forms_of_its_language(folder):
    path = folder / "ru.po"
    text = path.read_text(encoding="utf-8")
    for number, said in enumerate(("деяние", "деяния", "деяний")):
        text = text.replace(f'msgstr[{number}] ""', f'msgstr[{number}] "%(n)s {said}"')
    path.write_text(text, encoding="utf-8")
    spoken, waiting = read(path)
    said = [spoken.ngettext("%(n)s act", "%(n)s acts", n) % {"n": n} for n in (1, 3, 5, 21)]
    assert ["1 деяние", "3 деяния", "5 деяний", "21 деяние"] == said
    assert {text.wording for text in TEXTS if isinstance(text.wording, str)} == waiting


def test_texts_are_found_in_templates_and_code(tmp_path):
    (tmp_path / "page.html").write_text(
        '{{ _("Hello") }}{% trans n=2 %}\n  one\n  act{% pluralize %}{{ n }} acts{% endtrans %}'
    )
    (tmp_path / "code.py").write_text('_("Bye")\nother("No")\n')
    assert [Text("Hello", "page.html"), Text(("one act", "%(n)s acts"), "page.html")] == [
        *texts_in(tmp_path, "*.html", "jinja2")
    ]
    assert [Text("Bye", "code.py")] == [*texts_in(tmp_path, "*.py", "python")]


def test_every_text_that_people_read_is_translated_into_every_language(capsys):
    assert 0 == main(["messages", "--check"]), capsys.readouterr().out

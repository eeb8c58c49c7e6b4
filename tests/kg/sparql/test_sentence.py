"""The sentence of an answer: what its template can hold, what is refused before anybody asks, and what it makes of rows."""

from gettext import NullTranslations

import pytest

from kg.errors import SourceError
from kg.languages import Language, speak
from kg.sparql import sentence
from kg.sparql.sentence import Shown
from tests.comparing import QUESTIONS

BASE = "https://w3id.org/answerable/"
LABELS = {
    BASE + "id/act/one": "Raid, 1 May",
    BASE + "id/act/two": "Arrest",
    BASE + "scheme/precision/at-least": "at least",
}


def row(**values):
    """Make a row: what begins with id/ or scheme/ is a thing, all else a text."""
    return {
        name: {"type": "uri", "value": BASE + value} if "/" in value else {"type": "literal", "value": value}
        for name, value in values.items()
    }


ROWS = [
    row(act="id/act/one", day="2011-06", kind="found", value="16", precision="scheme/precision/exact"),
    row(act="id/act/one", day="2011-06-09", kind="alleged", minimum="17", precision="scheme/precision/at-least"),
    row(act="id/act/two", day="2014", kind="alleged", inWords="scores", precision="scheme/precision/wording"),
]
COLUMNS = ("act", "day", "kind", "value", "minimum", "maximum", "inWords", "precision")


def write(template, rows=ROWS, language="en", **names):
    """Fill a template with some rows."""
    return sentence.write(template, rows, names, Shown(LABELS, speak(language)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ rows | count }} rows, {{ rows | count("act") }} acts', "3 rows, 2 acts"),
        ('{{ rows | names("act") | listed }}', "“Raid, 1 May” and Arrest"),
        ('{{ rows | tally("kind") | listed }}', "alleged (2) and found (1)"),
        ('{{ rows | tally("kind", "minimum") | listed }}', "alleged (1) and found (0)"),
        ('{{ rows | sums("act", "value") | listed }}', "“Raid, 1 May (16)” and Arrest (0)"),
        ('{{ rows | names("act") | natural | listed }}', "Arrest and “Raid, 1 May”"),
        ('{{ rows | names("day") | listed(1) }}', "June 2011 and 2 more"),
        ('{{ rows | earliest("day") }}, {{ rows | latest("day") }}', "June 2011, 2014"),
        ('{{ rows | years("day") }}', "2011 to 2014"),
        ('{{ rows | where("act", "one") | years("day") }}', "2011"),
        ('{{ rows | where("kind", "found") | count }} {{ rows | unless("kind", "found") | count }}', "1 2"),
        ('{{ rows | having("value") | count }} {{ rows | lacking("value", "minimum") | count }}', "1 1"),
        ('{{ rows | total("value") }}', "16"),
        ('{{ rows | apart("act", rows | where("kind", "found")) | names("act") | listed }}', "Arrest"),
        ("{{ rows | figures }}", "16 to at least 17 and “scores”"),
        (
            'Since {{ rows | names("act") | natural | listed }} etc.. And so on...',
            "Since Arrest and “Raid, 1 May” etc. And so on...",
        ),
        (
            '{% for act, some in rows | by("act") %}{{ act }} {{ some | count }} ; {% endfor %}',
            "Raid, 1 May 2; Arrest 1;",
        ),
        ("{% set n = rows | count %}{% if n == 1 and not state %}one{% elif n > 2 %}{{ n - 1 }}{% endif %}", "2"),
        ('{{ plural(1, "act", "acts") }} {{ plural(2, "act", "acts") }} of {{ state }}', "act acts of Arland"),
    ],
)
def test_a_template_is_right_and_makes_its_sentence_of_the_rows(text, expected):
    sentence.check(text, COLUMNS, ("state",))
    assert expected == write(text, state="Arland")


def test_what_a_filter_leaves_out_is_not_called_unrecorded():
    none = '{% if rows | where("kind", "none") %}some{% elif not filtered %}none recorded{% endif %}'
    for is_filtered, expected in ((False, "Of this, none recorded; 3 acts."), (True, "Of this, 3 acts.")):
        shown = Shown(LABELS, speak("en"))
        text = f"Of this, {none}; 3 acts; {{{{ day }}}}."
        assert expected == sentence.write(text, ROWS, {"day": ""}, shown, is_filtered=is_filtered)


def test_russian_has_its_plurals():
    text = '{{ plural(%d, "акт", "актов", "акта") }}'
    assert ["акт", "акта", "актов", "актов", "акт"] == [
        write(text % number, language="ru") for number in (1, 2, 5, 11, 21)
    ]


@pytest.mark.parametrize(
    ("translated", "expected"),
    [("{{ rows | count }} строк", "3 строк"), ("{{ rows | cnt }}", "3 rows"), ("{{ nothing }}", "3 rows")],
)
def test_a_translation_that_cannot_be_filled_yields_to_the_english_sentence(translated, expected):
    translations = NullTranslations()
    translations.gettext = lambda text: translated if "{{" in text else text
    language = Language("ru", translations, speak("ru").locale)
    assert expected == sentence.write("{{ rows | count }} rows", ROWS, {}, Shown(LABELS, language))


def test_a_sentence_is_bounded():
    many = [row(act="id/act/two")] * 5000
    text = '{% for act, some in rows | by("act") %}{% for row in some %}{{ act }} {% endfor %}{% endfor %}'
    with pytest.raises(SourceError, match="longer"):
        write(text, many)


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_each_translation_of_a_template_can_be_filled(code):
    for question in QUESTIONS.values():
        names = tuple(parameter.name for parameter in question.parameters)
        sentence.check(speak(code).gettext(question.answer), tuple(column.name for column in question.columns), names)


@pytest.mark.parametrize(
    "text",
    [
        '{% for name, some in rows | by("act") %}{% for row in some %}{% endfor %}{{ some | count }}{% endfor %}',
        '{% for a, b in rows | by("act") %}{% set c = b | having("act") %}{{ c | count }}{% endfor %}',
        '{% for kind in ["a", "b"] %}{% for a, b in rows | where("act", kind) | by("act") %}{% endfor %}{% endfor %}',
        "{% set n = state ~ 1 %}{% set m = 2 ~ state %}{{ n ~ m }}",
    ],
)
def test_a_template_may_go_through_the_parts_of_the_rows(text):
    sentence.check(text, COLUMNS, ("state",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ rows", "is no template"),
        ("{% if rows %}", "is no template"),
        ("{{ rows.__class__ }}", "getattr"),
        ("{{ rows[0] }}", "getitem"),
        ('{{ rows | attr("x") }}', "filter 'attr'"),
        ("{{ 9 ** 9 }}", "pow"),
        ('{{ "a" * 999999 }}', "mul"),
        ('{% include "x" %}', "include"),
        ("{% macro x() %}{% endmacro %}", "macro"),
        ("{{ range(9) }}", "no function"),
        ("{{ stat }}", "Did you mean state?"),
        ('{{ rows | nams("act") }}', "Did you mean names?"),
        ('{{ rows | names("atc") }}', "Did you mean act?"),
        ("{{ rows | names(state) }}", "no column"),
        ("{% for a in rows %}{% for b in rows %}{% for c in rows %}x{% endfor %}{% endfor %}{% endfor %}", "loop"),
        ("{% for a in rows %}{% for b in rows %}{% endfor %}{% endfor %}", "all rows in a loop"),
        ('{% for a, b in rows | by("act") %}{{ rows | where("act", a) | count }}{% endfor %}', "filters all of 'rows'"),
        ('{% set s = rows | having("act") %}{% for a in s %}{% set t = s | count %}{% endfor %}', "filters all of 's'"),
        ("{% for a in rows %}{{ (rows if a else rows) | count }}{% endfor %}", "filters all of 'rows'"),
        ("{% for a in rows %}{% set b = rows %}{{ b | count }}{% endfor %}", "filters all of 'rows'"),
        ("{% set x = state %}" + "{% set x = x ~ x %}" * 40, "built itself"),
        ("{% set a = state ~ state %}{% set b = a ~ a %}", "built itself"),
        ("{% set a = [state, state] %}{% set b = [a, a] %}", "built itself"),
        ('{{ 1 + "x" }}', "cannot be filled"),
        ("{{ state + 1 }}", "cannot be filled"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deeply"),
        ("{% if state %}" * 200 + "{% endif %}" * 200, "nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(text, said):
    with pytest.raises(SourceError, match=said.replace("?", r"\?")):
        sentence.check(text, COLUMNS, ("state",))

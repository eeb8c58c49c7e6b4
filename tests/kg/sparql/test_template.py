"""The small language of the sentences: what a template can hold, and what is refused before anybody asks."""

import pytest

from kg.answer import sentence
from kg.errors import SourceError
from kg.sparql import template
from kg.sparql.question import parse_question

COLUMNS = ("act", "year", "value", "minimum", "maximum", "inWords", "precision")


@pytest.mark.parametrize(
    "text",
    [
        '{{ rows | count }} and {{ rows | count("act") }} of {{ state }}',
        "{% set n = rows | count %}{% if n == 1 %}one{% elif n > 2 and not state %}{{ n - 1 }}{% else %}none{% endif %}",
        '{% for name, some in rows | by("act") %}{{ name }}: {{ some | figures }}; {% endfor %}',
        '{{ plural(2, "act", "acts") }} {{ rows | where("act", "x") | years("year") }}',
    ],
)
def test_what_a_sentence_needs_is_there(text):
    template.check(text, COLUMNS, ("state",))


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
        ("{{ stat }}", "Did you mean 'state'?"),
        ('{{ rows | nams("act") }}', "Did you mean 'names'?"),
        ('{{ rows | names("atc") }}', "Did you mean 'act'?"),
        ("{{ rows | names(state) }}", "no column"),
        ("{% for a in rows %}{% for b in rows %}{% for c in rows %}x{% endfor %}{% endfor %}{% endfor %}", "loop"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(text, said):
    with pytest.raises(SourceError, match=said.replace("?", r"\?")):
        template.check(text, COLUMNS, ("state",))


def test_each_filter_that_may_be_written_is_there():
    assert set(template.FILTERS) == set(sentence.FILTERS)


def test_a_header_goes_on_in_the_next_line():
    text = (
        "#+ title: What\n#+     happened?\n#+ topic: happened\n#+ question: q\n#+ answer: {{ rows |\n#+     count }}\n"
    )
    text += "#+ about: a\n#+ empty: e\n#+ column: act | The act\n#+ cites: act\n#+ picture: table\nSELECT"
    question = parse_question("x", text, "x.rq")
    assert ("What happened?", "{{ rows | count }}") == (question.title, question.answer)
    assert (1, 3, 5) == tuple(question.lines[key] for key in ("title", "topic", "answer"))
    assert ["What happened?", "q", "{{ rows | count }}", "a", "e", "The act"] == list(question.texts)

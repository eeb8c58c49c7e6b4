"""Every page in its language: no English on one in Russian or Kazakh but names, quotations, addresses and what is marked, and days in words."""

import functools
import re
import tomllib
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from api.render import untranslated
from api.render.page import environment
from api.routers.lists import LISTS as LISTS_OF
from kg.commands.messages import gather
from kg.config import PROJECT
from kg.languages import DEFAULT, LANGUAGES, speak
from kg.store import Store
from tests import frozen
from tests.api.reading import Names, texts

SLOT = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
DAY = re.compile(r"(?<![\w/=\"'-])\d{4}-\d\d-\d\d(?![\w/-])")  # as data have it
DATA = {"Accept": "application/problem+json, */*;q=0.1"}
NAMES = """PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?name {
  VALUES ?property { skos:prefLabel skos:altLabel ans:shortName ans:symbol ans:section ans:valueAsPrinted }
  ?thing ?property ?name
}"""
LISTS = ("events", "countries", "treaties", "articles", "decisions", "recommendations", "laws", "actors", "places")
KINDS = tomllib.loads((PROJECT / "tests/browser/pages.toml").read_text(encoding="utf-8"))["kinds"]
# The names of engagements and obligations are made by rules, and a search shows its word: neither is among the names in the data.
APART = ("engagement", "obligation", "dictionary", "search", "no act", "no question")
PLACES = [address.removeprefix("/") for name, address in KINDS.items() if name not in APART]
PLACES += [*LISTS, "documents", "bases?show=table", "search", "search?q=123", "search?q=CC+3", "withdrawn"]
PLACES += ["ontology/events", "doc/finding/cc-1-2010-art-3", "doc/organ/xar-government"]
# Addresses that are refused, each with its status.
REFUSED = {
    "nowhere": 404,
    "doc/event/123": 404,
    "doc/EVENT/1": 404,
    "questions/123": 404,
    "questions/findings?event=123": 400,
    "questions/findings?event=id/event/2011-06-handover&page=0": 400,
    "questions/parties?treaty=id/treaty/lc&day=123": 400,
    "events?page=99": 400,
    "events?year=123456": 400,
    "events?sort=123": 400,
    "search?q=1&page=0": 400,
    "bases?show=123": 400,
    "answer/123": 404,
    "dumps/123": 404,
    "card/123": 404,
    "changes?page=0": 400,
    "changes/123/456": 404,
    "changes.atom?until=123": 404,
    "changes.atom?until=2011-13-45": 404,
    "timegate/123": 404,
    "timegate/doc/event/123": 404,
    "sparql?query=SELECT+*": 400,
    "sparql?query=ASK+%7B+SERVICE+%3Chttp://a.example/%3E+%7B%7D+%7D": 403,
}


@functools.cache
def names():
    """Gather the names in the data of the frozen graph, without those that the catalogues translate."""
    with Store.memory() as store:
        for path in sorted(frozen.DATA.rglob("*.ttl")):
            store.load(path, format="ttl", graph=None, source=path.name)
        found = {row[0].value for row in store.select(NAMES)}
    ours = speak("ru")
    named = {name for name in found if ours.gettext(name) == name}
    # What an error offers for the address: questions, columns and parameters by their own names.
    taken = (key for one in LISTS_OF.values() for key in (*one.keys, *(order.name for order in one.orders)))
    return Names([*named, *frozen.asked(), "outcome", *taken])


@functools.cache
def waiting(code):
    """Gather the texts that wait for a translation, in pieces between what fills them: the check of the catalogues names each."""
    forms = (text.wording if isinstance(text.wording, tuple) else (text.wording,) for text in gather(PROJECT))
    untranslated = (text for texts in forms if speak(code).gettext(texts[0]) == texts[0] for text in texts)
    return Names([f"[{DEFAULT}]", *(piece for text in untranslated for piece in SLOT.split(text))])


def english(answer, code):
    """List the texts of a page that hold Latin words, are said to be in its language, and do not wait for a translation."""
    found = ((" ".join(text.split()), names().strangers(text)) for spoken, text in texts(answer.text) if spoken == code)
    return {
        text: left for text, words in found if words and (left := {*words}.intersection(waiting(code).strangers(text)))
    }


def address(place, code):
    """Write the address of a page in a language."""
    return f"/{place}{'&' if '?' in place else '?'}lang={code}"


@pytest.mark.parametrize("code", ["ru", "kk"])
@pytest.mark.parametrize("place", dict.fromkeys(PLACES))
def test_a_page_speaks_its_language_throughout(client, place, code):
    answer = client.browse(address(place, code))
    assert 200 == answer.status_code
    assert {} == english(answer, code)


@pytest.mark.parametrize("code", ["ru", "kk"])
@pytest.mark.parametrize("name", sorted(frozen.asked()))
def test_an_answer_speaks_its_language_throughout(client, name, code):
    answer = client.browse(f"/questions/{name}", params={**frozen.asked()[name], "lang": code})
    assert 200 == answer.status_code
    assert {} == english(answer, code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_pages_and_answers_write_days_in_words(client, code):
    answers = [f"questions/{name}?{urlencode(asked, safe='/')}" for name, asked in frozen.asked().items()]
    named = ["doc/obligation/xar-cc-22-2008-02-21"] * (code == DEFAULT)  # elsewhere it has this name too
    shown = {
        place: [
            text
            for spoken, text in texts(client.browse(address(place, code)).text)
            if spoken == code and DAY.search(text)
        ]
        for place in (*PLACES, *named, *answers)
    }
    assert {} == {place: found for place, found in shown.items() if found}


@pytest.mark.parametrize("code", ["ru", "kk"])
@pytest.mark.parametrize(("place", "status"), REFUSED.items())
def test_an_error_speaks_the_language_of_its_page_and_of_data_that_ask_for_one(client, place, status, code):
    page = client.browse(address(place, code))
    assert {} == english(page, code)
    plain = client.get(f"/{place}", headers={**DATA, "Accept-Language": code})
    spoken = client.get(address(place, code), headers=DATA)
    assert [status] * 3 == [page.status_code, plain.status_code, spoken.status_code]
    told = " ".join(spoken.json().get(key, "") for key in ("title", "detail", "hint"))
    assert [] == names().strangers(told)
    assert re.search("[а-я]{3}", told)
    assert not re.search("[а-я]", plain.json()["detail"])  # data are in English unless the address says otherwise


def test_what_fills_an_error_stays_in_it(client):
    asked = {"query": "SELECT * { ?s unknown:name ?o }", "lang": "ru"}
    said = client.get("/sparql", params=asked, headers={"Accept": "application/json"}).json()
    assert "Префикс unknown: не объявлен" == said["detail"]
    assert (1, 15) == (said["line"], said["column"])


def test_the_walk_finds_a_word_that_is_not_in_the_language_of_the_page():
    page = (
        '<html lang="ru"><body><p>Слова <b>and words</b>, <i lang="en">marked</i> <code>code</code></p></body></html>'
    )
    found = {text: names().strangers(text) for spoken, text in texts(page) if spoken == "ru"}
    assert ["and", "words"] == found["and words"]
    assert "marked" not in found and "code" not in found


def test_a_text_without_translation_marks_itself_and_fails_no_other_test_than_that_of_the_catalogues(monkeypatch):
    text = "Nobody has put these words into another language, %(count)s times"
    language = replace(speak("ru"), waiting=frozenset({text}))
    template = """<html lang="ru"><title>{{ _(text, count=2) }}</title><p title="{{ _(text, count=2) }}">{{ _(text, count=2) }}
        {{ _("Events") }}</p></html>"""
    page = untranslated.show(environment(language).from_string(template).render(text=text))
    shown = "Nobody has put these words into another language, 2 times [en]"
    assert f"<title>{shown}</title>" in page and f'<p title="{shown}"><span lang="en">{shown}</span>\n' in page
    assert speak("ru").gettext("Events") in page and "\ue000" not in page
    assert {} != english(SimpleNamespace(text=page), "ru")
    monkeypatch.setattr(f"{__name__}.waiting", lambda code: Names(SLOT.split(text) + ["[en]"]))
    assert {} == english(SimpleNamespace(text=page), "ru")

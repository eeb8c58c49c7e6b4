"""The language of a page: by the address, by the browser, and kept by the links of a page."""

import re

import pytest

from kg.languages import LANGUAGES

PAGE = {"Accept": "text/html"}


def language_of(text):
    return re.search(r'<html lang="(\w+)"', text)[1]


@pytest.mark.parametrize(
    ("query", "accepted", "spoken"),
    [
        ("", None, "en"),
        ("", "ru", "ru"),
        ("", "kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.5", "kk"),
        ("", "de, fr;q=0.8", "en"),
        ("", "de, ru;q=0.3", "ru"),
        ("", "*", "en"),
        ("", "en;q=0, ru;q=0.1", "ru"),
        ("?lang=kk", "ru", "kk"),
        ("?lang=en", "ru", "en"),
    ],
)
def test_the_address_goes_before_the_browser_and_english_is_last(client, query, accepted, spoken):
    headers = PAGE if accepted is None else {**PAGE, "Accept-Language": accepted}
    answer = client.get(f"/questions{query}", headers=headers)
    assert spoken == language_of(answer.text)
    assert "Accept-Language" in answer.headers["vary"]


def test_a_page_in_another_language_has_another_tag(client):
    tags = {client.get("/questions", headers={**PAGE, "Accept-Language": code}).headers["etag"] for code in LANGUAGES}
    assert len(LANGUAGES) == len(tags)


def test_a_language_that_is_not_spoken_is_refused_with_those_that_are(client):
    answer = client.get("/questions?lang=xx", headers={"Accept": "application/json"})
    assert 400 == answer.status_code
    assert "en, ru, kk" in answer.json()["hint"]
    assert 400 == client.browse("/questions?lang=xx").status_code


def test_a_chosen_language_stays_in_the_links_and_forms_of_a_page(client):
    text = client.page("/questions?lang=ru")
    links = [link for link in re.findall(r'href="(/[^"]*)"', text) if not link.startswith("/static/")]
    assert {f"/questions?lang={code}" for code in LANGUAGES} <= set(links)
    assert [] == [link for link in links if not re.search(r"[?&;]lang=\w\w", link) or link.count("?") > 1]
    assert '<input type="hidden" name="lang" value="ru">' in text


def test_the_links_of_a_page_whose_address_names_no_language_name_none(client):
    text = client.get("/questions", headers={**PAGE, "Accept-Language": "ru"}).text
    links = [link for link in re.findall(r'href="(/[^"]*)"', text) if "lang=" in link]
    assert {f"/questions?lang={code}" for code in LANGUAGES} == set(links)  # the switch alone
    assert 'name="lang"' not in text


ASKED = ("End torture in custody.", "Прекратить пытки под стражей.")
SPOKEN = ("The provision speaks of such acts.", "В этом положении говорится о таких действиях.")
NAMED = ("The article names the return of a person.", "В статье названо возвращение человека.")
SENT = ("The treaty is about where people may be sent.", "Договор — о том, куда можно отправлять людей.")
ARREST = ("Nobody is sent away by an arrest.", "Арестом никого не высылают.")
REASONED = (
    "/doc/basis/forced-return--cc-3?",
    "/doc/provision/cc-3?",
    "/doc/act/2011-06-handover?",
    "/doc/engagement/2011-06-handover--xar-cc-3-1998-09-25?",
    "/questions/engagement-bases?page=all&",
)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/doc/recommendation/xar-1-1?", ASKED),
        ("/questions/recommendations?document=id/document/review-1&", ASKED),
        ("/recommendations?", ASKED),
        *((address, SPOKEN) for address in REASONED),
        *((address, NAMED) for address in REASONED if "provision" not in address),
        ("/doc/no-basis/ill-treatment--rc?", SENT),
        ("/bases?show=Torture&", SENT),
        ("/bases?show=Arrest&", ARREST),
        ("/questions/acts-and-treaties?treaty=id/treaty/rc&", ARREST),
    ],
)
def test_a_text_that_a_machine_translated_stands_in_the_language_of_the_page_with_a_mark(client, address, text):
    english, russian = (client.page(f"{address}lang={code}") for code in ("en", "ru"))
    place, translated = re.compile(rf">\s*{re.escape(text[0])}"), f' lang="ru-t-en-t0-und">{text[1]}'
    assert translated in russian and "* Машинный перевод." in russian and not place.search(russian)
    assert place.search(english) and text[1] not in english


@pytest.mark.parametrize(
    ("thing", "english", "russian"),
    [
        ("basis/forced-return--cc-3", "Forced return and CC 3", "Насильственное возвращение и CC 3"),
        ("no-basis/ill-treatment--rc", "Ill-treatment and RC", "Жестокое обращение и RC"),
        (
            "passage/gazette-xar-draft",
            "Gazette of Arland, Draft law on gatherings",
            "Газета Арландии, проект закона о собраниях",
        ),
    ],
)
def test_a_judgement_or_passage_has_the_name_that_a_machine_translated(client, thing, english, russian):
    pages = {code: client.page(f"/doc/{thing}?lang={code}") for code in ("en", "ru")}
    assert f"<h1>{english}</h1>" in pages["en"] and russian not in pages["en"]
    assert f'<h1 lang="ru-t-en-t0-und">{russian}</h1>' in pages["ru"]


def test_a_duty_under_a_law_is_named_by_the_translated_name_of_its_provision(client):
    english, russian = (
        client.page(f"/doc/obligation/xar-xar-constitution-32-1995-09-05?lang={code}") for code in ("en", "ru")
    )
    assert "<h1>Duty of Arland under Arland, Constitution 32 since 5 September 1995</h1>" in english
    assert "<h1>Арландия: обязательство (Конституция Арландии, статья 32), с 5 сентября 1995" in russian


def test_an_article_of_a_law_is_called_by_its_translated_name_where_that_of_a_treaty_is_short(client):
    english, russian = (client.page(f"/doc/state/xar?show=rights&lang={code}") for code in ("en", "ru"))
    assert ">Arland, Constitution 32<" in english and ">CC 3<" in english
    assert ">Конституция Арландии, статья 32<" in russian and "Arland, Constitution 32" not in russian


def test_a_title_that_a_machine_translated_is_marked_and_its_footnotes_are_english(client):
    english, russian = (client.page(f"/doc/document/atlas?lang={code}") for code in ("en", "ru"))
    title = "Атлас вымышленного мира"
    assert f'<h1 lang="ru-t-en-t0-und">{title}</h1>' in russian and "* Машинный перевод." in russian
    assert title not in english and "<h1>Atlas of the invented world</h1>" in english
    head, footnotes, _ = re.split('<details class="footnotes">|id="passages"', russian.partition("<main")[2])
    assert "Atlas" not in head and "Atlas of the invented world" in footnotes and title not in footnotes


def test_a_place_in_a_document_is_named_in_the_language_of_the_page(client):
    english, russian = (client.page(f"/doc/document/cc-text?lang={code}") for code in ("en", "ru"))
    assert ">article 12</span>" in english and ">ст. 12</span>" in russian and ">article 12</span>" not in russian


@pytest.mark.parametrize(
    "address",
    [
        "/doc/provision/cc-2?",
        "/doc/provision/cc-2-1?",
        "/doc/treaty/cc?",
        "/doc/act/2012-custody-torture?",
        "/doc/event/2012-custody?",
        "/articles?",
        "/search?q=CC+2&",
        "/questions/obligation-in-force?",
        "/questions/obligation-in-force?state=id/state/xar&provision=id/provision/cc-2&day=2020-01-01&",
    ],
)
def test_what_an_article_is_about_stands_once_in_the_language_of_the_page_with_a_mark(client, address):
    english, russian = (client.page(f"{address}lang={code}") for code in ("en", "ru"))
    text, place = "Предупреждение пыток", re.compile(r"[Pp]reventing torture\b")
    assert (
        re.search(rf' lang="ru-t-en-t0-und"[^<]*>[^<]*{text}', russian, re.IGNORECASE)
        and "* Машинный перевод." in russian
    )
    assert not place.search(russian) and text.lower() not in english.lower()
    assert len(place.findall(english)) == len(re.findall(text, russian, re.IGNORECASE))


def test_an_answer_as_data_has_its_texts_in_english_in_every_language(client):
    address = "/questions/recommendations.json?document=id/document/review-1&lang="
    english, russian = ([row["asks"] for row in client.get(address + code).json()["rows"]] for code in ("en", "ru"))
    assert english == russian and "End torture in custody." in english


def test_the_switch_keeps_what_was_asked(client):
    text = client.page("/search?q=a%20b&lang=ru")
    assert 'href="/search?q=a+b&amp;lang=kk"' in text


@pytest.mark.parametrize(
    "address",
    ["/doc/event/2012-03-16-port-ansel?", "/questions/rival-figures?event=id/event/2012-03-16-port-ansel&"],
    ids=["thing", "answer"],
)
def test_what_a_page_holds_is_asked_once_for_all_languages_and_forms(client, monkeypatch, address):
    opened, asked = client.app.state.releases.current, []
    run = opened.pages._run

    async def listen(job, query, streamed):
        asked.append((query.text, repr(query.bindings)))
        return await run(job, query, streamed)

    monkeypatch.setattr(opened.pages, "_run", listen)
    opened.forget()
    for code in LANGUAGES:
        assert code == language_of(client.page(f"{address}lang={code}"))
        assert 200 == client.get(f"{address}lang={code}&format=json").status_code
    assert len(asked) == len({*asked}) > 5

"""Languages: dates, numbers and sizes as each writes them, and texts without a translation."""

from gettext import NullTranslations

import pytest

from kg.languages import LANGUAGES, Language, speak
from kg.wording import Listing, say


@pytest.mark.parametrize(
    ("code", "text", "written"),
    [
        ("en", "2011-12-16", "16 December 2011"),
        ("ru", "2011-12-16", "16 декабря 2011 г."),
        ("kk", "2011-12-16", "2011 ж. 16 желтоқсан"),
        ("en", "2011-06", "June 2011"),
        ("ru", "2011-06", "июнь 2011 г."),
        ("kk", "2011-06", "2011 ж. маусым"),
        ("ru", "2011", "2011"),
        ("en", "2015-03-14T10:00:00Z", "14 March 2015"),
        ("ru", "-0044-03-15", "-0044-03-15"),
        ("en", "soon", "soon"),
        ("ru", "2011-02-30", "2011-02-30"),
        ("kk", "2011-13", "2011-13"),
    ],
)
def test_a_date_is_written_at_its_precision_as_the_language_writes_it(code, text, written):
    assert written == speak(code).day(text).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Duty since 1976-03-23", "Duty since 23 March 1976"),
        (say("%(state)s since %(day)s", state=say("Arland"), day="2011-06-09"), "Arland since 9 June 2011"),
        (Listing(["2011-06-09", "of 2011-06"]), "9 June 2011; of 2011-06"),
        ("id/event/2011-06-09-strike", "id/event/2011-06-09-strike"),
        ("day=2011-06-09", "day=2011-06-09"),
        ("by 2011-06-31", "by 2011-06-31"),
    ],
)
def test_a_text_in_english_has_its_days_in_words_and_an_address_stays(text, written):
    assert written == speak("en").translate(text)


@pytest.mark.parametrize(
    ("code", "write", "number", "written"),
    [
        ("en", "amount", "41066", "41,066"),
        ("ru", "amount", "41066", "41\u00a0066"),
        ("en", "amount", "1000", "1000"),
        ("en", "amount", "13000", "13,000"),
        ("en", "amount", "12345.5", "12,345.5"),
        ("en", "amount", "-20000", "-20000"),
        ("ru", "amount", "1234.5", "1234,5"),
        ("kk", "amount", "x", "x"),
        ("en", "size", 0, "0 KiB"),
        ("en", "size", 1, "1 KiB"),
        ("en", "size", 1023 << 10, "1023 KiB"),
        ("en", "size", (1023 << 10) + 1, "1 MiB"),
        ("en", "size", 2 << 20, "2 MiB"),
        ("en", "size", 1_673_000, "1.6 MiB"),
        ("ru", "size", 1_673_000, "1,6 МиБ"),
        ("kk", "size", 12_300, "13 КиБ"),
    ],
)
def test_a_number_and_a_size_are_written_as_the_language_writes_them(code, write, number, written):
    assert written == getattr(speak(code), write)(number)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_text_without_a_translation_stays_as_it_is(code):
    assert "No catalogue has this" == speak(code).gettext("No catalogue has this")
    assert "" == speak(code).gettext("")  # which gettext would take for the head of the catalogue


def test_only_known_languages_are_spoken():
    with pytest.raises(KeyError):
        speak("xx")


def test_a_country_is_named_by_its_code_in_each_language():
    assert ["Kazakhstan", "Казахстан", "Қазақстан"] == [speak(code).territory("KAZ") for code in LANGUAGES]
    assert speak("en").territory("QQQ") is None


def test_a_word_that_texts_count_with_is_translated_alone_and_counted():
    assert ["событие", "решение"] == [speak("ru").gettext(word) for word in ("event", "decision")]
    assert "оқиға" == speak("kk").gettext("event")
    assert "событий" == speak("ru").ngettext("event", "events", 5)


def test_what_is_cached_for_a_language_is_not_that_of_another_with_its_code():
    assert (
        speak("ru") is speak("ru") and len({speak("ru"), Language("ru", NullTranslations(), speak("ru").locale)}) == 2
    )


@pytest.mark.parametrize(
    ("code", "text", "written"),
    [
        ("kk", "11-дан кемінде 17-ға дейін", "11-ден кемінде 17-ге дейін"),
        ("kk", "130-дан астам", "130-дан астам"),
        ("kk", "100-дан астам", "100-ден астам"),
        ("kk", "4-дан 60-ға дейін", "4-тен 60-қа дейін"),
        ("kk", "10\u00a0000-дан 2000-ға дейін", "10\u00a0000-нан 2000-ға дейін"),
        ("kk", "0-дан 90-ға дейін", "0-ден 90-ға дейін"),
        ("kk", "100-ден астам-дан 200-ға дейін", "100-ден астам 200-ге дейін"),
        ("ru", "11-дан", "11-дан"),
    ],
)
def test_a_kazakh_number_has_the_ending_of_its_last_word(code, text, written):
    assert written == speak(code).inflect(text)


@pytest.mark.parametrize(
    ("code", "name", "written"),
    [
        ("ru", "ICCPR 21", "МПГПП ст. 21"),
        ("ru", "CAT", "КПП"),
        ("ru", "Refugee Convention 33", "Конвенция о беженцах ст. 33"),
        ("kk", "Refugee Convention 33", "Босқындар туралы конвенция 33-бап"),
        ("kk", "CAT 3", "Азаптауға қарсы конв. 3-бап"),
        ("kk", "ICCPR 14(3)(d)", "АСҚХП 14(3)(d)-бап"),
        ("ru", "BPUFF 9", "BPUFF 9"),  # a principle, not an article
        ("ru", "ICCPR", "МПГПП"),
        ("en", "ICCPR 21", "ICCPR 21"),
        ("ru", "Extradition law, torture bar", "Extradition law, torture bar"),
    ],
)
def test_a_treaty_and_its_articles_have_short_names_in_each_language(code, name, written):
    assert written == speak(code).abbreviate(name)


@pytest.mark.parametrize(
    ("code", "written"), [("en", "2011 to 2025"), ("ru", "2011–2025 годы"), ("kk", "2011–2025 жж.")]
)
def test_a_span_of_years_is_written_as_the_language_writes_it(code, written):
    assert written == speak(code).when("2011", "2025")

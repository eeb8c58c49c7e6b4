"""Languages: dates, numbers and lists as each writes them, and texts without a translation."""

import pytest
from babel.support import NullTranslations

from kg.languages import LANGUAGES, Language, speak


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
    ],
)
def test_a_date_is_written_at_its_precision_as_the_language_writes_it(code, text, written):
    assert written == speak(code).day(text).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("code", "number", "written"),
    [
        ("en", "41066", "41,066"),
        ("ru", "41066", "41\u00a0066"),
        ("en", "1000", "1000"),
        ("en", "13000", "13,000"),
        ("en", "12345.5", "12,345.5"),
        ("en", "-20000", "-20000"),
        ("ru", "1234.5", "1234,5"),
        ("kk", "x", "x"),
    ],
)
def test_a_number_is_written_as_the_language_writes_it(code, number, written):
    assert written == speak(code).amount(number)


@pytest.mark.parametrize(
    ("code", "number", "written"),
    [
        ("en", 0, "0 KiB"),
        ("en", 1, "1 KiB"),
        ("en", 1023 << 10, "1023 KiB"),
        ("en", (1023 << 10) + 1, "1 MiB"),
        ("en", 2 << 20, "2 MiB"),
        ("en", 1_673_000, "1.6 MiB"),
        ("ru", 1_673_000, "1,6 МиБ"),
        ("kk", 12_300, "13 КиБ"),
    ],
)
def test_a_size_is_written_in_whole_kibibytes_or_in_mebibytes_with_one_place(code, number, written):
    assert written == speak(code).size(number)


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

"""Names that are put together, in another language: by their parts, and only where each part has a translation."""

import pytest

from kg.answer.wordings import Retelling
from kg.languages import speak
from kg.rows import Cell

STATES = {"ru": {"Chile": "Чили"}, "kk": {"Chile": "Чили"}}
BEATEN = "Избит под стражей, жалоба не рассмотрена"


def retelling(code):
    texts = {english: Cell(name, language=code) for english, name in STATES[code].items()}
    return Retelling(
        speak(code),
        {
            **texts,
            "Beaten in custody, not heard": Cell(BEATEN, language=f"{code}-t-en-t0-und"),
            "Told in a sentence.": Cell("Сказано предложением.", language=f"{code}-t-en-t0-und"),
        },
    )


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("ICCPR 7", "МПГПП ст. 7"),
        ("Duty of Chile under ICCPR 7 since 1976-03-23", "Чили: обязательство (МПГПП ст. 7), с 23 марта 1976\u202fг."),
        ("ICCPR 7, not reached (CCPR/C/1/D/2/1990)", "МПГПП ст. 7, не рассматривалось (CCPR/C/1/D/2/1990)"),
        (
            "Human Rights Committee: breach of article 9(1) (12/1990 and 13/1990, act 2)",
            "Комитет Организации Объединённых Наций по правам человека: нарушение статьи 9(1) (12/1990 и 13/1990, деяние 2)",
        ),
        ("Participation of Chile in the CRC, 1990 to 1992", "Участие: Чили, КПР, 1990–1992 годы"),
        (
            "Declaration of Chile to CRC 2, 10 (6 June 1997), 2",
            "Чили: заявление, КПР ст. 2 и 10 (6 июня 1997\u202fг.), 2",
        ),
        ("Letter of Chile on the CAT as a whole (3 June 1994)", "Чили: письмо, КПП в целом (3 июня 1994\u202fг.)"),
        (
            "Objection of Chile to a statement of BRN, SAU, KIR on the CRC (3 March 1997)",
            "Чили: возражение против заявления, КПР, Бруней, Саудовская Аравия и Кирибати (3 марта 1997\u202fг.)",
        ),
        (
            "Objection of Chile to a statement of BGD, IDN and others on the CRC (day not known)",
            "Чили: возражение против заявления, КПР, Бангладеш и Индонезия, а также другие (день неизвестен)",
        ),
        ("Police (Chile)", "Полиция (Чили)"),
        ("CCPR/C/1/D/2/1990, paragraphs 8.3 to 8.4", "CCPR/C/1/D/2/1990, пункты 8.3–8.4"),
        ("CCPR/C/1/D/2/1990, first page", "CCPR/C/1/D/2/1990, первая страница"),
        ("CCPR/C/1/D/2/1990, footnote 2", "CCPR/C/1/D/2/1990, сноска 2"),
        ("Chile, session 7", "Чили, сессия 7"),
        ("Refugee Protocol, article III", "Протокол о беженцах, ст. III"),
        ("article 41-1", "ст. 41-1"),
        (
            "Reservation of Chile to CRC 2, 10 and 3 more (day not known)",
            "Чили: оговорка, КПР ст. 2 и 10, ещё 3 (день неизвестен)",
        ),
        (
            "From 1 August 2009 to 31 July 2010: 1342 complaints decided on the merits.",
            "1 августа 2009\u202fг. — 31 июля 2010\u202fг.: жалобы, решённые по существу — 1342.",
        ),
        ("paragraphs 8.3 to 8.4, consideration of the merits", "пункты 8.3–8.4, рассмотрение по существу"),
        ("Chapter IV-9-b, end note 4 5", "Глава IV-9-b, примечание 4 5"),
        (
            "CEDAW Committee: general recommendation No. 19, para 9",
            "Комитет по ликвидации дискриминации в отношении женщин: общая рекомендация № 19, пункт 9",
        ),
        (
            "Made on consenting to be bound. Limits articles 10(2)(b) and 14(5). Withdrawn in part on 3 January 2012.",
            "Сделано при согласии на обязательность. Ограничивает: ст. 10(2)(b) и 14(5). Отозвано частично: 3 января 2012\u202fг.",
        ),
        ("Signed, then ratified.", "Подписало, затем ратифицировало."),
        ("cited in 3 places", "цитируется, мест: 3"),
        ("title; kinds of outright witnesses: 1", "название; видов прямых указаний: 1"),
        ("Signed, then ratified; citations differ.", "Подписало, затем ратифицировало; цитаты расходятся."),
    ],
)
def test_a_name_is_put_together_of_the_translations_of_its_parts(english, russian):
    name = retelling("ru").find(english)
    assert (russian, "ru") == (name, name.language)


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("Beaten in custody, not heard (CCPR/C/1/D/2/1990, Chile)", f"{BEATEN} (CCPR/C/1/D/2/1990, Чили)"),
        ("Beaten in custody, not heard, Chile, 1990 (CAT/C/1/D/2)", f"{BEATEN}, Чили, 1990 (CAT/C/1/D/2)"),
        ("Beaten in custody, not heard (CAT/C/1/D/2): engages CAT 16", f"{BEATEN} (CAT/C/1/D/2): применимо КПП ст. 16"),
        ("Beaten in custody, not heard. Names article 7.", f"{BEATEN}. Называет: ст. 7."),
        ("Told in a sentence.", "Сказано предложением."),
        ("Told in a sentence", "Сказано предложением"),
    ],
)
def test_a_name_with_a_part_that_a_machine_translated_is_marked(english, russian):
    name = retelling("ru").find(english)
    assert (russian, "ru-t-en-t0-und") == (name, name.language)


@pytest.mark.parametrize(
    "english",
    [
        *("Duty of Atlantis under ICCPR 7 since 1976-03-23", "Beaten by hail (CAT/C/1/D/2)", "A report", "A report."),
        *("Limits article 7. Beaten by hail.", "title; beaten by hail"),
    ],
)
def test_a_name_of_which_a_part_has_no_translation_is_left(english):
    assert retelling("ru").find(english) is None


def test_a_treaty_whose_short_name_is_the_same_in_a_language_is_no_missing_part():
    assert "XYZ" == speak("kk").gettext("XYZ")
    assert "Қатысу: Чили, XYZ" == retelling("kk").find("Participation of Chile in the XYZ")

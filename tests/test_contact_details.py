"""A text that leads to a person is found, whatever form a number or address has; what only looks like one is left alone."""

import pytest

from kg import terms
from kg.config import PROJECT
from kg.store import Store

CHECK = PROJECT / "queries/checks/stated/contact-detail.rq"
NUMBERS = """
+7 (727) 250-12-34
+7 727 250 12 34
+77272501234
+7.727.250.12.34
8 (727) 250-12-34
8-727-250-12-34
87272501234
8 701 123 45 67
7012345678
701 123 45 67
77011234567
(727) 250-12-34
(72934) 6-12-34
(727) 250 1234
250-12-34
tel. 6-12-34
Tel: 61234
тел. 50-12-34
Телефон: 8 (72934) 50123
моб 701 1234567
WhatsApp +44 7700 900123
+44 20 7946 0958
020 7946 0958
0041 22 917 92 20
+41 22 917 9220
022 917 92 20
01 42 34 56 78
+33 1 42 34 56 78
+1 (202) 555-0143
202-555-0143
(202) 555-0143
call 202.555.0143 at night
+998 71 123 45 67
+86-10-6532-1234
+996312123456
phone number 555 01 43
هاتف: 022 123 456
+٧٧٢٧٢٥٠١٢٣٤
"""
MAILBOXES = """
name@host.kz
name.surname@mail.example.org
name [at] host.kz
name(at)host(dot)kz
name at host dot kz
имя@почта.рф
имя собака почта точка ру
name @ host.kz
name@ host . kz
"""
STREETS = """
ул. Абая, 12
ул Сатпаева 5, кв. 3
улица Абая, дом 12
на улице Абая, 12 жила свидетель
пр. Республики 10
проспект Назарбаева, 223
ул. Абая, д. 12/3
мкр. Самал-2, 77
3 микрорайон, дом 12, кв. 7
Абай көшесі, 12
кв. 45
123 Main Street
12 Abai Ave
Abai Street 12
lived at Abai Avenue, 150.
ul. Abaya 12
ul. Satpaeva, d. 5, kv. 3
12, rue de Lausanne
Chemin des Anémones 11
Hauptstraße 5
Calle Mayor, 12
Atatürk Cad. No: 12
P.O. Box 123
flat 12, 5 Oak Road
10 Downing Street
北京路12号
شارع الملك 12
"""
HARMLESS = """
CAT/C/48/D/444/2010
A/HRC/WG.6/20/KAZ/1
A/HRC/28/10/Add.1
CCPR/C/112/D/2131/2012
S/RES/1373 (2001)
General Assembly resolution 60/147 of 16 December 2005
ISBN 978-92-1-154194-6
ISBN 92-1-154194-6
ISSN 1020-1234
16 December 2011
2011-12-16
16.12.2011
16/12/2011
01.02.2013 10:15
from 2010 to 2014
2010-2011
between 16 and 17 December 2011
1 234 567
12 000 000 tenge
1 050 000 000 tenge
80 000 000 000
15,000-20,000 people
Communication No. 444/2010
Nos. 1205, 1206 and 1207/2003
case 5-123/2011
Application no. 30471/08
art. 14 (1), 19 (2) and 21
Article 19 (2) and (3)
Vol. 12 (2010) 123-145
para 14 (a)
Law No. 175-IV of 16 November 2009
Order No. 123-45
United Nations, Treaty Series, vol. 1465, No. 24841, p. 85
GE.14-12345
E.14.XIV.1
43.34, 52.86
10:30-11:45
120 km at 50 km/h
13 officers of 12 police stations
64 wounded by bullets; 16 died
Police Street unit
Protest on Independence Square, 16 December 2011
Meeting at 18.30
на площади Ынтымак 16 декабря 2011 года
на улице Абая 16 декабря 2011
и пр. 2011
ул. Абая
Abai Street, 16 December 2011
16 people on Abai Street
ответ № 12-3/456
пункт 5 статьи 12
5 кв. м
I кв. 2011
The phone was tapped in 2011 and 2012
phone calls of 16 and 17 December 2011
telephone conversations, 2010-2011
mobile internet blocked 2011-12-16
1999 Constitutional Court
12 Regional Court
5 of 12 States
UTC+06:00
2011-12-16T10:00:00+06:00
11-12-2011
paragraphs 123-456
sections 12.1.3.4
OP-CAT art. 5 (6)
100 500
3.5 per cent of 17,000,000
id 0123
UPR 2010, recommendation 95.12
Report 2014/15
e-mail monitoring
@ansar
Kazakhstan at 25
16 of 37
No. 8 of 2011
001/2010
St. Petersburg 2011
The committee's e-mail of 16 December 2011
Protocol No. 11 (2010) 5
0.5 per cent of 01 January
c83110ad45256f234cb044eb0482f7d0154758211ba4b197929e7d243a428dde
44c07185114dc104437d7bb979c5b0580933cb5efd0980489878b9c9f5b852de
"""


@pytest.fixture(scope="module")
def found():
    """Return a function that says, for each line of a text, what kind of contact detail the check finds in it."""

    def ask(lines):
        texts = lines.strip().splitlines()
        said = terms.Iri(terms.term("description"))
        with Store.memory() as store:
            graph = terms.GRAPH + "data/case"
            store.add((terms.Iri(f"{terms.ID}event/{n}"), said, terms.Literal(t), graph) for n, t in enumerate(texts))
            rows = store.select(CHECK.read_text(encoding="utf-8"))
            kinds = {row[3].value: row[4].value for row in rows}
        return {text: kinds.get(text) for text in texts}

    return ask


@pytest.mark.parametrize(
    ("lines", "kind"),
    [(NUMBERS, "a telephone number"), (MAILBOXES, "an e-mail address"), (STREETS, "a street address")],
)
def test_a_contact_detail_is_found_in_each_of_its_forms(found, lines, kind):
    assert {} == {text: said for text, said in found(lines).items() if said != kind}


def test_a_contact_detail_is_found_in_a_sentence(found):
    told = [f"The witness ({text}) was there." for text in (NUMBERS + MAILBOXES).split("\n") if text]
    assert [] == [text for text, kind in found("\n".join(told)).items() if kind is None]


def test_what_only_looks_like_one_is_left_alone(found):
    assert {} == {text: kind for text, kind in found(HARMLESS).items() if kind}

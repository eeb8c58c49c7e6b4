"""English names that rules and mappings put together, such as "Duty of Chile under ICCPR 13 since 1976-03-23", in another language.

A name is matched with the wordings of the catalogues, and the translations of its parts fill the translated wording. A name of
which one part has no translation stays English as a whole.
"""

import datetime
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache

from kg.languages import N_, Language
from kg.rows import Cell

MACHINE = "-t-en-t0-und"  # ends the language of what a machine translated (RFC 6497)
WORDINGS = (
    N_("%(treaty)s %(article)s"),
    N_("Duty of %(state)s under %(provision)s since %(day)s"),
    N_("%(act)s: engages %(provision)s"),
    N_("%(conduct)s and %(provision)s"),
    N_("Breach of %(provision)s (%(cases)s)"),
    N_("No breach of %(provision)s (%(cases)s)"),
    N_("%(provision)s, %(outcome)s (%(cases)s)"),
    N_("%(body)s: breach of article %(number)s (%(cases)s)"),
    N_("%(body)s: breach of article %(number)s (%(cases)s, act %(act_number)s)"),
    N_("Communication %(number)s"),
    N_("Communication %(number)s (%(body)s)"),
    N_("Communication %(number)s (%(body)s, %(state)s)"),
    N_("Communications of %(cases)s (%(body)s)"),
    N_("Communications of %(cases)s (%(body)s, %(state)s)"),
    N_("Decision %(cases)s"),
    N_("Decision %(cases)s (%(state)s)"),
    N_("%(subject)s (%(cases)s)"),
    N_("%(subject)s (%(cases)s, %(state)s)"),
    N_("%(subject)s, %(state)s (%(cases)s)"),
    N_("%(subject)s, %(state)s, %(year)s (%(cases)s)"),
    N_("%(body)s: the facts of %(cases)s"),
    N_("Complainants of %(cases)s: what the body did not establish"),
    N_("complainants of %(cases)s"),
    N_("people concerned in the case of %(cases)s"),
    N_("person concerned in the case of %(cases)s"),
    N_("Participation of %(state)s in the %(treaty)s"),
    N_("Participation of %(state)s in the %(treaty)s, since %(year)s"),
    N_("Participation of %(state)s in the %(treaty)s, %(year)s to %(last_year)s"),
    N_("%(treaty)s as a whole"),
    N_("Acceptance by %(state)s of %(provision)s (%(day)s)"),
    N_("Declaration of %(state)s to %(provision)s (%(day)s)"),
    N_("Reservation of %(state)s to %(provision)s (%(day)s)"),
    N_("Understanding of %(state)s to %(provision)s (%(day)s)"),
    N_("Letter of %(state)s on the %(provision)s (%(day)s)"),
    N_("Objection of %(state)s to a statement of %(code)s on the %(treaty)s (%(day)s)"),
    N_("Objection of %(state)s to a statement of %(code)s and others on the %(treaty)s (%(day)s)"),
    N_("Objection of %(state)s to %(treaty)s (%(day)s)"),
    N_("Opt-out by %(state)s of %(provision)s (%(day)s)"),
    N_("Postponement by %(state)s of %(provision)s (%(day)s)"),
    N_("Notice of withdrawal of %(state)s from the %(treaty)s (%(day)s)"),
    N_("%(provision)s and %(number)s more"),
    N_("%(declaration)s, %(number)s"),
    N_("%(organ)s (%(state)s)"),
    N_("Universal Declaration, article %(number)s"),
    N_("General comment No. %(number)s, para %(last_number)s"),
    N_("Days of succession: %(state)s"),
    N_("Treaty Collection %(year)s, %(treaty)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: declarations and reservations"),
    N_("Treaty Collection %(year)s, %(treaty)s: %(state)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: end note %(number)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: declarations under its clauses: %(state)s"),
    N_("Treaty Collection %(year)s, %(treaty)s: declarations and reservations, block %(number)s of the part as saved"),
    N_("Treaty Collection %(year)s, %(treaty)s: objections, block %(number)s of the part as saved"),
    N_("%(body)s, %(day)s to %(last_day)s: %(counted)s"),
    N_("From %(day)s to %(last_day)s: %(number)s %(counted)s."),
    *(N_("%(body)s: general comment No. %(number)s"), N_("%(body)s: general recommendation No. %(number)s")),
    N_("%(body)s: concluding observations on %(state)s, %(year)s"),
    *(N_("Report of the %(body)s, %(year)s"), N_("Report of the %(body)s, %(year)s, volume I")),
    *(N_("%(instrument)s, text"), N_("%(document)s, %(place)s")),
    *(N_("para %(number)s"), N_("paragraph %(number)s"), N_("footnote %(number)s"), N_("session %(number)s")),
    *(N_("principle %(number)s"), N_("question %(number)s"), N_("recommendation %(number)s"), N_("thesis %(number)s")),
    *(
        N_("letter of %(day)s"),
        N_("paragraphs %(number)s to %(last_number)s"),
        N_("article %(article)s"),
        N_("articles %(article)s"),
    ),
    *(N_("Chapter %(chapter)s"), N_("Chapter %(chapter)s, treaty %(number)s")),
    *(
        N_("%(section)s, end note %(number)s"),
        N_("%(section)s, end notes"),
        N_("%(section)s: declarations and reservations"),
    ),
    N_("%(section)s, declarations and reservations, block %(number)s of the part as saved"),
    N_("%(section)s, objections, block %(number)s of the part as saved"),
    N_("Chapter declarations under its clauses: %(state)s"),
    N_("%(organ)s of the State as a whole, where a reader of a decision says no more"),
)
# What stands in a participation and in a declaration, sentence by sentence.
PARTICIPATIONS = (
    *(
        N_("acceded"),
        N_("accepted or approved"),
        N_("confirmed formally"),
        N_("ratified"),
        N_("bound by its signature alone"),
    ),
    *(N_("signed only"), N_("Signed, then %(consent)s"), N_("Took over its predecessor's signature, then %(consent)s")),
    N_("Signed, and not bound on the day of the record: a signature alone does not bind"),
    N_(
        "Took over its predecessor's signature, and not bound on the day of the record: a signature alone does not bind"
    ),
    N_("%(consent)s before the treaty was in force, so that it is bound from the treaty's own first day"),
    N_(
        "Succeeded a predecessor; the table gives the day of its notice only, so it may have been bound before that day"
    ),
    N_(
        "Succeeded a predecessor with effect from %(day)s, as the depositary's record has it; its notice is of %(last_day)s"
    ),
    N_(
        "Succeeded a predecessor, possibly with effect from %(day)s, %(why)s; bound for certain from its notice of %(last_day)s"
    ),
    N_("the day that it named to depositaries of other treaties"),
    N_("the earlier of two days that depositaries have"),
    N_("the day of its independence as generally known, for which no source was read"),
    *(
        N_("It denounced the treaty on %(day)s"),
        N_("The last day in force was %(day)s"),
        N_("The last day in force was in %(year)s"),
    ),
    N_("It is no party of today, and no State of today bears a duty by this"),
    N_("The table shows no reservations, declarations or withdrawals"),
    N_(
        "The protection of the Covenant belongs to the people of a territory and stays with them when the State changes (Human Rights Committee, general comment 26, paragraph 4)"
    ),
)
DECLARATIONS = (
    *(N_("Made on consenting to be bound"), N_("Made after consent to be bound")),
    N_("Made on signature; it has no effect unless confirmed on consent"),
    *(
        N_("Names %(articles)s"),
        N_("Limits %(articles)s"),
        N_("Accepts %(articles)s"),
        N_("Takes a part of %(articles)s away"),
    ),
    N_("Takes away %(articles)s: the State says that it is not bound, does not recognise it or will not apply it"),
    N_("Makes %(articles)s subject to national or religious law"),
    N_("Named %(articles)s; whether it took that away as a whole is not recorded"),
    N_("Says how the State understands %(articles)s"),
    N_("Reserves %(articles)s and says no more; whether that takes away the whole is left open here"),
    N_("Leaves out %(articles)s, as a clause of the treaty allows"),
    N_("Says that the State cannot apply %(articles)s for the time being; what that takes away is left open here"),
    N_("Asks for the consent of all parties in each case as to %(articles)s; what that takes away is left open here"),
    *(N_("A declaration about individual communications"), N_("A declaration about inter-State communications")),
    *(N_("A declaration about inquiry"), N_("It names no article"), N_("It is about some territory alone")),
    *(N_("Withdrawn on %(day)s"), N_("Withdrawn in part on %(day)s"), N_("Withdrawn on a day that is not known")),
    *(N_("The depositary did not accept it"), N_("Whether it still stands is not known")),
    *(N_("It lasted to %(day)s"), N_("It lasts to %(day)s")),
    N_("Whether it was extended, to %(day)s at most, is not recorded"),
    N_("It subjects the treaty as a whole to something else, or may do so; what it takes away is for readers to judge"),
    N_("It speaks of policy, such as recognition, and not of what binds the State"),
    N_("The treaty asks such a declaration of every party; it limits nothing"),
    N_("Listed as made, not interpreted: an objection ends no reservation here"),
    N_("It has no effect, as the clause, or the treaty, is not in force"),
)
# Where in a document a passage stands.
PLACES = (
    *(N_("as excerpted"), N_("report as excerpted"), N_("page as excerpted"), N_("opening as excerpted"), N_("report")),
    *(N_("title"), N_("title page"), N_("title and note"), N_("title and heading"), N_("heading"), N_("first page")),
    *(N_("introduction"), N_("the summary"), N_("the document"), N_("abstract"), N_("preamble"), N_("recitals")),
    *(
        N_("footnotes"),
        N_("outcome"),
        N_("the outcome"),
        N_("admissibility"),
        N_("the admissibility"),
        N_("consideration of the merits"),
    ),
    *(N_("the complaint"), N_("the complaint and the interim measures"), N_("conclusion of the Committee")),
    *(N_("facts as the complainant gives them"), N_("facts as the complainants give them")),
    *(N_("observations of the State"), N_("observations of the State party"), N_("further observations of the State")),
    *(N_("observations and comments, continued"), N_("comments of counsel"), N_("comments of the complainants")),
    *(
        N_("interim measures"),
        N_("the table"),
        N_("the tables"),
        N_("the list"),
        N_("Conclusions and/or recommendations"),
    ),
    *(
        N_("general provisions"),
        N_("table of contents"),
        N_("positive aspects"),
        N_("Presentation by the State under review"),
    ),
    *(N_("annex"), N_("appendix, part II"), N_("background"), N_("case page"), N_("date of entry into force")),
    *(N_("first paragraph"), N_("head of the page"), N_("identifier"), N_("identifiers"), N_("methodology")),
    *(N_("news"), N_("page in Arabic"), N_("page in French"), N_("page in Spanish"), N_("relevant clauses")),
    *(
        N_("reservation and note"),
        N_("rules"),
        N_("short names"),
        N_("signature by Kazakhstan"),
        N_("summary information"),
    ),
    *(
        N_("table of bodies"),
        N_("territories"),
        N_("title and heading of the Covenant"),
        N_("title of the Russian text"),
    ),
    *(N_("title page of the French text"), N_("treaty data")),
    # Headings of the first source.
    *(
        N_("Follow up to the previous review"),
        N_("National human rights framework"),
        N_("Return of people from Uzbekistan and China"),
    ),
    *(
        N_("Follow up to the previous review: freedom of expression"),
        N_("Follow up to the previous review: non-refoulement"),
    ),
    N_("Follow up to the previous review: torture and other ill-treatment"),
    *(
        N_("On the ground: freedom of assembly"),
        N_("On the ground: freedom of expression"),
        N_("On the ground: non-refoulement"),
    ),
    N_("On the ground: national security and the fight against terrorism"),
    N_("On the ground: torture and other ill-treatment"),
    *(N_("Recommendations: freedom of assembly"), N_("Recommendations: freedom of expression")),
    N_("Recommendations: national security and the fight against terrorism"),
    *(N_("Recommendations: non-refoulement"), N_("Recommendations: torture and other ill-treatment")),
)
# How the day and the State of a decision are known, and what readers noted of it and of its acts.
READINGS = (
    *(N_("cited in %(number)s place"), N_("cited in %(number)s places"), N_("header"), N_("header + cited")),
    *(N_("meeting"), N_("meeting + cited"), N_("session, printed"), N_("session, between neighbouring sessions")),
    *(N_("session, read from %(number)s dated decision"), N_("session, read from %(number)s dated decisions")),
    *(N_("claim"), N_("institutions"), N_("mentions"), N_("nationality"), N_("place names"), N_("op"), N_("force")),
    *(N_("against"), N_("asylum or stay in the State"), N_("named in later decisions only"), N_("party"), N_("ratif")),
    *(N_("kinds of outright witnesses: %(number)s"), N_("kinds of outright witnesses: %(number)s or more")),
    *(N_("a later decision cites it against this State"), N_("settled by hand"), N_("no date could be established")),
    *(N_("the reader's confidence was low"), N_("the reader's confidence was medium")),
    *(N_("the reader was not sure of the State"), N_("symbol composed, not checked"), N_("citations differ")),
    *(
        N_("State not settled"),
        N_("the State of the decision is not settled"),
        N_("State not in the text"),
        N_("witnesses for the State disagree"),
    ),
    *(N_("cited date outside session"), N_("own date outside session"), N_("a reader found no decision in it")),
    N_("a reader could not read the outcome, as the text is broken"),
    *(N_("The claim names %(article)s"), N_("The decision names %(article)s"), N_("It is read with %(provision)s")),
    *(N_("The day was read in the decision (%(number)s)"), N_("The ground was read in the decision (%(number)s)")),
    *(N_("What it answers was read in the decision (%(number)s)"), N_("the destination was read in the decision")),
    N_("the class follows the words: a second trial of the same conduct, by no later law"),
    N_("the class follows the words: they tell of a prosecution or conviction, and of no later law"),
    N_("the words leave the judgement of the trial to the Committee"),
    N_("the words leave the judgement of the proceedings to the Committee"),
    N_("the words were taken anew from the decision"),
    N_("it corrects the decision that it is said to repeat, and decides nothing"),
)
BODIES = (N_("CEDAW Committee"), N_("CERD Committee"), N_("CRPD Committee"))  # as titles call them
ORGANS = (
    *(N_("Police"), N_("Prison authorities"), N_("Prosecutors"), N_("Courts"), N_("Immigration authorities")),
    *(N_("Border service"), N_("Armed forces"), N_("Intelligence services"), N_("Government and its ministries")),
    *(N_("Legislature"), N_("Local authorities"), N_("Social services"), N_("Health services")),
    *(N_("Education authorities"), N_("Election authorities")),
)
UNKNOWN_DAY = N_("day not known")
_SLOT = re.compile(r"%\\\((\w+)\\\)s")
_ARTICLE = r"(?:\d[\w()]*(?:-\d+)?|[IVX]+)"
_ARTICLES = rf"{_ARTICLE}(?:(?:, | and ){_ARTICLE})*"
_CASE = r"[\w.]+(?:/[\w.()-]+)+"
_NUMBERED = rf"[a-z]+ (?:{_ARTICLE}|[\d.]+(?: to [\d.]+)?)"
_TREATY = re.compile("[A-Z]{2}[A-Z0-9-]+|Refugee Convention|Refugee Protocol")
_FORMS = {
    "article": _ARTICLES,
    "articles": f"articles? {_ARTICLES}",
    "cases": rf"{_CASE}(?:(?:, | and ){_CASE})*",
    "chapter": r"[IVX]+(?:-\d+)?(?:-[a-z])?",
    "code": "[A-Z]{3}(?:, [A-Z]{3})*",
    "day": rf"\d{{4}}(?:-\d\d){{0,2}}|(?:\d{{1,2}} )?[A-Z][a-z]+ \d{{4}}|{UNKNOWN_DAY}",
    "number": r"[\d.]+(?:[-/ ]\d+)*(?:-[a-z]|\(\w+\))*",
    "organ": ".+?",
    "place": "|".join((*map(re.escape, PLACES), _NUMBERED)),
    "treaty": _TREATY.pattern,
    "year": r"\d{4}",
}


class Retelling:
    """The composed names of one language, whose other parts are the `texts` by their English wording."""

    def __init__(self, language: Language, texts: Mapping[str, Cell]) -> None:
        self._language, self._texts = language, texts

    def find(self, english: str) -> Cell | None:
        """Write a name by its parts, marked where a machine translated one of them; None where a part has no translation."""
        if (whole := self._find_whole(english)) is not None:
            return whole
        for wording, anchor, pattern in patterns():
            if anchor in english and (match := pattern.fullmatch(english)):
                parts = {slot: self._part(slot, part) for slot, part in match.groupdict().items()}
                if all(parts.values()):
                    return self._mark(self._language.gettext(wording) % parts, parts.values())
        mark = ". " if ". " in english or english.endswith(".") else "; "
        retold = [self.find(part) for part in english.removesuffix(".").split(mark) if part != english]
        if not retold or not all(retold):
            return None
        return self._mark(
            mark.join(part.removesuffix(".") for part in retold if part) + "." * english.endswith("."), retold
        )

    def _mark(self, text: str, parts: Iterable[str | None]) -> Cell:
        tongues = (getattr(part, "language", "") for part in parts)
        return Cell(text, language=next((each for each in tongues if each.endswith(MACHINE)), self._language.code))

    def _find_whole(self, english: str) -> Cell | None:
        if english in self._texts:
            return self._texts[english]
        if (text := self._texts.get(f"{english}.")) is not None:
            return Cell(text.removesuffix("."), language=text.language)
        if _TREATY.fullmatch(english):  # some are the same in every language
            return Cell(self._language.gettext(english), language=self._language.code)
        for written, change in ((english, str), (english[:1].lower() + english[1:], _begin)):
            if (translated := self._language.gettext(written)) != written:
                return Cell(change(translated), language=self._language.code)
        return None

    def _part(self, slot: str, text: str) -> str | None:
        match _form(slot):
            case "day" if text != UNKNOWN_DAY:
                return self._language.day(_iso(text))
            case "cases" | "article":
                return self._language.listed(re.split(", | and ", text))
            case "code":
                names = [self._language.territory(code) for code in text.split(", ")]
                return self._language.listed(filter(None, names)) if all(names) else None
            case "number" | "year" | "chapter":
                return text
            case "body":
                return self.find(text) or self.find(f"United Nations {text}")
            case "document" if re.fullmatch(_CASE, text):
                return text
        return self.find(text)


def _form(slot: str) -> str:
    return slot.removeprefix("last_").removeprefix("act_")


@cache
def patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """List the wordings, each with the longest text between its slots, which says at once that most do not fit, and its pattern."""

    def form(slot: re.Match[str]) -> str:
        return f"(?P<{slot[1]}>{_FORMS.get(_form(slot[1]), '.+')})"

    wordings = [text for text in (*WORDINGS, *PARTICIPATIONS, *DECLARATIONS, *READINGS) if "%(" in text]
    anchors = [max(re.split(r"%\(\w+\)s", wording), key=len) for wording in wordings]
    patterns = [re.compile(_SLOT.sub(form, re.escape(wording))) for wording in wordings]
    return list(zip(wordings, anchors, patterns, strict=True))


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def _iso(day: str) -> str:
    """Write a day or month that stands in English words as a date."""
    for form, written in (("%d %B %Y", "%Y-%m-%d"), ("%B %Y", "%Y-%m")):
        with suppress(ValueError):
            return datetime.datetime.strptime(day, form).strftime(written)
    return day

"""The picture of an answer: which of its question's pictures, and what it says of itself; and how a server writes it as PNG.

A PNG is written in a process of its own: the library that draws it holds the interpreter meanwhile.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from kg import picture, process, terms
from kg.answer import citation
from kg.answer.engine import PAYER
from kg.answer.questions import QuestionAnswer
from kg.answer.turns import Turns
from kg.errors import Busy, NotAcceptable, QueryStopped, UnknownName
from kg.languages import DEFAULT
from kg.picture import Frame, Picture
from kg.process import ProcessFailed
from kg.sparql.drawing import Drawing
from kg.sparql.question import Question
from kg.wording import say

WIDTHS: Mapping[str, int] = {"wide": picture.WIDE, "narrow": picture.NARROW}
SECONDS = 10.0  # that a PNG may take, and wait
MOST = 100  # PNGs that wait
CHILD = "kg.png:main"


class EmbeddedPicture(NamedTuple):
    """What a page needs to show a picture: the question, what its address holds, and what is drawn for either width."""

    name: str
    query: Mapping[str, str | int]
    wide: Picture
    narrow: Picture


def drawing_of(question: Question, kind: str = "") -> Drawing:
    """Return how a question is drawn, as the kind named or else as its first; NotAcceptable where it is not."""
    drawings = {drawing.kind: drawing for drawing in question.pictures}
    if not drawings:
        message = say("the answer to %(question)s is not drawn", question=question.name)
        raise NotAcceptable(message, offered=[], hint=say("It is a table: ask for html, csv, xlsx or json"))
    if kind and kind not in drawings:
        named, hint = f"{kind!r}", say("Its charts and maps: %(offered)s", offered=drawings)
        message = say("the answer to %(question)s is not drawn as %(kind)s", question=question.name, kind=named)
        raise NotAcceptable(message, offered=[*drawings], hint=hint)
    return drawings[kind] if kind else question.pictures[0]


def draw_answer(answer: QuestionAnswer, kind: str = "", width: int = picture.WIDE) -> Picture:
    """Draw an answer; NotAcceptable where its question has no such picture, UnknownName where it has no row to draw."""
    drawing = drawing_of(answer.question, kind)
    if not answer.rows:
        message = say("None recorded, so there is no chart: %(answer)s", answer=say(answer.sentence))
        raise UnknownName(message, hint=answer.question.empty)
    return picture.draw(drawing.kind, answer.rows, drawing.roles, frame_of(answer, drawing, width), answer.language)


def show(answer: QuestionAnswer, kind: str = "") -> EmbeddedPicture | None:
    """Return what a page needs to show the picture of an answer; None where it has none."""
    if not answer.rows or not answer.question.pictures:
        return None
    wide, narrow = (draw_answer(answer, kind, width) for width in WIDTHS.values())
    language = answer.language.code if answer.language.code != DEFAULT else ""
    page = answer.narrowing.page if answer.pages > 1 else ""
    query = {**answer.query, "page": page, "picture": kind, "lang": language}
    return EmbeddedPicture(answer.question.name, query, wide, narrow)


def frame_of(answer: QuestionAnswer, drawing: Drawing, width: int = picture.WIDE) -> Frame:
    """Make what a picture of an answer says of itself: the question, the documents it rests on, its release and address."""
    cited = Counter(passage.document_label for passage in answer.citations.values())
    sources = sorted(cited, key=lambda label: (-cited[label], label))
    address = terms.BASE + citation.path_of(answer)
    translate = answer.language.translate
    headings = {column.name: translate(column.heading) for column in answer.question.columns}
    counted = translate(drawing.counted)
    return Frame(answer.sentence, answer.release, sources, address, answer.labels, headings, counted, width)


def write_svg(answer: QuestionAnswer) -> bytes:
    """Write the first picture of an answer as SVG."""
    return draw_answer(answer).svg.encode()


def write_png(answer: QuestionAnswer) -> bytes:
    """Write the first picture of an answer as PNG."""
    return picture.write_png(draw_answer(answer))


class Painter:
    """Writes one picture at a time, in the turns of the clients that want them, who pay for it; for one event loop."""

    def __init__(self) -> None:
        self._turns = Turns(lambda: 1, MOST, self._busy)

    async def paint(self, picture: Picture) -> bytes:
        """Write a picture as PNG. Raises Busy, and QueryStopped for one that cannot be drawn."""
        payer = PAYER.get()
        async with self._turns.turn(payer.client, SECONDS, payer.charge):
            try:
                return await process.run(CHILD, f"{picture.width}\n{picture.svg}".encode(), seconds=SECONDS)
            except (ProcessFailed, OSError):
                raise QueryStopped(
                    say("The chart or map cannot be drawn"), hint=say("Ask for the answer as a table")
                ) from None

    def _busy(self) -> Busy:
        return Busy(say("Too many charts are being drawn"), retry_after=5, hint=say("Try again shortly"))

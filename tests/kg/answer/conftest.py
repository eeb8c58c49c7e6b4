"""What the tests of answers take: `typed`, an answer with a value of each type, built by hand."""

import pytest

from kg.answer.names import CitedPassage
from kg.answer.questions import QuestionAnswer
from kg.sparql.question import Parameter, Question, QuestionColumn

XSD = "http://www.w3.org/2001/XMLSchema#"
ID = "https://w3id.org/answerable/id/"
COLUMNS = ("speaker", "value", "share", "said", "since", "denied", "note", "passages")


def typed_value(value, datatype):
    """Write a literal of a datatype of XML Schema in SPARQL's JSON form."""
    return {"type": "literal", "value": value, "datatype": XSD + datatype}


def row(speaker, value, said, note="plain"):
    """Make a row of the answer, with a value in each column."""
    return {
        "speaker": {"type": "uri", "value": ID + speaker},
        "value": typed_value(value, "integer"),
        "share": typed_value("0.5", "decimal"),
        "said": said,
        "since": typed_value("2011-12-16", "date"),
        "denied": typed_value("true", "boolean"),
        "note": {"type": "literal", "value": note},
        "passages": {"type": "literal", "value": f"{ID}passage/p-1 {ID}passage/p-2"},
    }


@pytest.fixture
def typed():
    """The answer to a question about numbers, with two rows, cited twice."""
    question = Question(
        name="numbers",
        title="Numbers",
        question="What numbers are given for {event} [on {day}]?",
        about="Each number stands as its speaker gave it.",
        empty="No number is known.",
        parameters=(
            Parameter("event", "iri", "ans:Event", "id/event/a", "the event"),
            Parameter("day", "date", "", "2012-01-01", "the day", "optional"),
        ),
        columns=tuple(QuestionColumn(name, f"what {name} means", name.capitalize()) for name in COLUMNS),
        cites=("passages",),
        text="SELECT * {}",
        record="reviews",
    )
    rows = (
        row("organ/police", "15", typed_value("2012-06", "gYearMonth"), "=1+1"),
        row("organisation/watch", "700", typed_value("2013", "gYear")),
    )
    labels = {
        f"{ID}event/a": "Meeting & 100% {of} it_all",
        f"{ID}organ/police": "Police",
        f"{ID}organisation/watch": "Watch",
    }
    citations = {
        f"{ID}passage/p-{number}": CitedPassage(
            f"{ID}passage/p-{number}", f"Report, para {number}", f"{ID}document/d", "Report", "3.2", str(number)
        )
        for number in (1, 2)
    }
    values = {"event": f"{ID}event/a", "day": "2012-01-01"}
    limits = ("The record of reviews ends in June 2013; later changes are not in it.",)
    return QuestionAnswer(question, values, rows, labels, citations, "20240102-abcdef01", limits)

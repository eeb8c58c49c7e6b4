"""The named questions: what a header must say, how values are bound, and what comes back beside the rows."""

import asyncio
import re

import pytest
from rdflib.plugins.sparql import prepareQuery

from kg import terms
from kg.answer import questions
from kg.answer.engine import InProcess
from kg.answer.names import CitedPassage, Names
from kg.errors import BadParameter, SourceError, UnknownName
from kg.sparql.question import Parameter, find_question, parse_question
from kg.store import Query, Store
from kg.terms import Iri, Literal
from kg.wording import Wording
from tests.comparing import QUESTIONS
from tests.turtle import HEAD

XSD = terms.PREFIXES["xsd"]

HEADER = """\
#+ title: Statements of an actor
#+ question: What does {actor} say of {topic}?
#+ about: Each statement.
#+ empty: Nothing said.
#+ parameter: actor | iri | ans:Actor | id/organ/police | the actor
#+ parameter: topic | text | | force | the topic
#+ column: statement | What is said | Statement
#+ column: topic | The topic | Topic
#+ column: passages | Where | Passages
#+ cites: passages
#+ picture: table
#+ topic: happened
#+ answer: {{ rows | count }} statements.
"""
QUERY = f"""
PREFIX ans: <{terms.VOCABULARY}>
SELECT ?actor ?topic ?statement (GROUP_CONCAT(STR(?passage); separator=" ") AS ?passages)
WHERE {{ ?statement ans:hasSpeaker ?actor ; ans:paraphrase ?topic ; ans:isReportedIn ?passage }}
GROUP BY ?actor ?topic ?statement
"""
DATA = f"""{HEAD}
<id/organ/police> a ans:Actor ; skos:prefLabel "Police"@en , "Полиция"@ru .
<id/organ/prosecutor> a ans:Actor ; skos:prefLabel "Prosecutor"@en .
<id/organ/court> a ans:Actor ; skos:prefLabel "A court"@en , "Court" , "Суд"@ru ; ans:shortName "AC" .
<id/organ/guard> ans:shortName "G" .
<id/place/square> a ans:Place ; skos:prefLabel "Square"@en .
<id/statement/one> a ans:Statement ; skos:prefLabel "One"@en ; ans:hasSpeaker <id/organ/police> ; ans:paraphrase "force" ;
    ans:isReportedIn <id/passage/d-1> , <id/passage/d-2> .
<id/statement/two> a ans:Statement ; skos:prefLabel "Two"@en ; ans:hasSpeaker <id/organ/prosecutor> ; ans:paraphrase "force" ;
    ans:isReportedIn <id/passage/d-1> .
<id/document/d> skos:prefLabel "The document"@en .
<scheme/right> a skos:ConceptScheme ; skos:prefLabel "Rights"@en .
<scheme/right/life> a skos:Concept ; skos:inScheme <scheme/right> ; skos:prefLabel "right to life"@en .
<scheme/unit/day> a skos:Concept ; skos:inScheme <scheme/unit> ; skos:prefLabel "day"@en .
<id/passage/d-1> skos:prefLabel "Paragraph 1"@en ; ans:isPartOf <id/document/d> ; ans:paragraph "1" ; ans:section "Facts"@en .
<id/passage/d-2> skos:prefLabel "First page"@en ; ans:isPartOf <id/document/d> .
"""


@pytest.fixture(scope="module")
def store():
    """A store with two statements, in the default graph."""
    with Store.memory() as opened:
        opened.load(DATA.encode(), format="ttl", graph=None, source="test")
        yield opened


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a question file, its header changed where asked, and reads it."""

    def write(old="", new="", header=HEADER):
        assert header.count(old) >= 1
        path = tmp_path / "said.rq"
        path.write_text(header.replace(old, new, 1) + QUERY if old else header + QUERY, encoding="utf-8")
        return parse_question(path.stem, path.read_text(encoding="utf-8"), str(path))

    return write


# Headers


def test_a_header_describes_the_whole_question(write):
    question = write()
    assert HEADER + QUERY == question.text
    assert ("said", "Statements of an actor", ()) == (question.name, question.title, question.pictures)
    assert ("Each statement.", "Nothing said.") == (question.about, question.empty)
    assert (
        ("statement", "What is said", "Statement"),
        ("topic", "The topic", "Topic"),
        ("passages", "Where", "Passages"),
    ) == question.columns
    assert (("passages",), ()) == (question.cites, question.things)
    actor, topic = question.parameters
    assert Parameter("actor", "iri", "ans:Actor", "id/organ/police", "the actor") == actor
    assert (terms.term("Actor"), None) == (actor.class_iri, topic.class_iri)
    texts = ("{{ rows | count }} statements.", "Each statement.", "Nothing said.", "the actor", "the topic")
    headings = (text for column in question.columns for text in column[1:])
    assert (question.title, question.question, *texts, *headings) == question.texts
    assert ("statement",) == write("#+ cites", "#+ things: statement\n#+ cites").things


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (HEADER, "", 1, "the header lacks title, topic, question, answer, about, empty, cites, picture, column"),
        ("| the topic", "", 6, "bad header"),
        ("topic | text", "topic | words", 6, "bad header: the kind 'words'"),
        ("topic | text", "topic | also", 6, "bad header: '' is no parameter of kind iri"),
        ("parameter: topic", "parameter: sort", 6, "bad header: sort means something else in an address"),
        ("column: topic | The topic | Topic", "column: topic", 8, "bad header"),
        ("The topic | Topic", "The topic | What it is about", 8, "has more than 3 words"),
        ("#+ picture: table", "#+ picture: table\n#+ values: last", 12, "bad header: values may be first"),
        ("cites: passages", "cites: pages", 10, "cites names pages, which is no column"),
        ("#+ cites", "#+ things: nothing\n#+ cites", 10, "things names nothing, which is no column"),
        ("#+ cites", "#+ record: x\n#+ cites", 10, "There is no record 'x' in queries/records/"),
        ("topic: happened", "topic: else", 12, "there is no topic 'else'"),
        ("#+ cites", "#+ wording: x | of %(day)s\n#+ cites", 10, "the query names no wording 'x'"),
        ("#+ cites", "#+ wording: x | of a day\n#+ cites", 10, "a wording has slots"),
    ],
)
def test_a_bad_line_of_a_header_is_told_by_file_and_line(write, old, new, line, message):
    with pytest.raises(SourceError, match=message) as caught:
        write(old, new)
    assert ("said.rq", line) == (caught.value.where.rpartition("/")[2], caught.value.line)
    assert f"said.rq:{line}:1: " in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("photograph", "there is no picture 'photograph'"),
        ("timeline", "the picture timeline lacks start=…"),
        ("timeline | start=day label=topic", "picture names day, which is no column"),
        ("timeline | start=topic label=topic colour=topic", "the picture timeline has no role 'colour' here"),
        ("bars | by=topic group=topic", "the picture bars has no role 'group' here"),
        ("bars | by=topic by=statement", "the picture bars has a role twice"),
        ("bars | by=topic count=", "the role count has no column"),
        ("matrix | row=topic column=", "the picture matrix lacks column=…"),
        ("table | by=topic", "the picture table has no role 'by' here"),
    ],
)
def test_a_picture_that_names_a_wrong_role_or_column_is_told_by_its_line(write, line, message):
    with pytest.raises(SourceError, match=re.escape(message)) as caught:
        write("picture: table", f"picture: {line}")
    assert 11 == caught.value.line


def test_a_picture_names_the_columns_that_fill_its_roles_and_may_be_one_of_several(write):
    question = write(
        "#+ picture: table", "#+ picture: bars | by=topic | topics of it\n#+ picture: chain | steps=statement,topic"
    )
    assert [("bars", {"by": ("topic",)}, "topics of it"), ("chain", {"steps": ("statement", "topic")}, "")] == [
        (one.kind, one.roles, one.counted) for one in question.pictures
    ]


# Values


@pytest.mark.parametrize(
    ("kind", "text", "term"),
    [
        ("iri", "id/organ/police", Iri(terms.ID + "organ/police")),
        ("iri", "/id/organ/police", Iri(terms.ID + "organ/police")),
        ("iri", " https://example.org/a ", Iri("https://example.org/a")),
        ("date", "2012-02-29", Literal("2012-02-29", datatype=XSD + "date")),
        ("year", "2011", Literal("2011", datatype=XSD + "gYear")),
        ("integer", "-12", Literal("-12", datatype=XSD + "integer")),
        ("text", 'say "no"', Literal('say "no"')),
    ],
)
def test_a_value_becomes_a_term_of_its_kind(kind, text, term):
    assert term == Parameter("p", kind, "", "e", "l").read(text)


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("iri", "javascript:alert(1)", "an IRI"),
        ("iri", "id/organ/police> ; ?p ?o", "an IRI"),
        ("iri", "file:///etc/passwd", "an IRI"),
        ("date", "2011-06", "a date written YYYY-MM-DD"),
        ("date", "9 June 2011", "a date written YYYY-MM-DD"),
        ("date", "2011-02-29", "a day that exists"),
        ("date", "0000-01-01", "a day that exists"),
        ("date", "1899-12-31", "in the years that can be asked for, 1900 to"),
        ("year", "9999", "in the years that can be asked for, 1900 to"),
        ("year", "11", "a year of four digits"),
        ("year", "2011-06", "a year of four digits"),
        ("integer", "1.5", "a whole number"),
        ("integer", "9" * 19, "a whole number"),
        ("text", " ", "a text of 1 to 200 characters"),
        ("text", "x" * 201, "a text of 1 to 200 characters"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_what_is_wanted_and_an_example(kind, text, wanted):
    parameter = Parameter("p", kind, "", "the-example", "l")
    with pytest.raises(BadParameter, match=f"is not {wanted}.*An example is p=the-example") as caught:
        parameter.read(text)
    assert "p" == caught.value.where
    assert isinstance(caught.value.message.values["wanted"], Wording)  # which can be told in another language


# Answers


def ask(store, question, **values):
    """Ask a question of the small store."""
    return asyncio.run(questions.ask(InProcess(store), question, values, "release-1"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"actor": "id/organ/police"}, r"needs the parameter topic \(the topic\).*topic=force"),
        ({"actor": "id/organ/police", "topic": "  "}, "needs the parameter topic"),
        ({"acter": "id/organ/police"}, r"has no parameter acter.*Did you mean actor\?"),
        ({"xyz": "1"}, "It takes: actor, topic"),
        (
            {"actor": "id/organ/polise", "topic": "force"},
            "'id/organ/polise' is not known here as the actor. Try Police.",
        ),
        ({"actor": "id/place/square", "topic": "force"}, "'id/place/square' is not known here as the actor"),
    ],
)
def test_what_a_question_does_not_take_or_know_is_refused_with_what_comes_close(store, write, values, message):
    with pytest.raises(BadParameter, match=message):
        ask(store, write(), **values)


def test_an_answer_holds_its_columns_names_things_in_english_and_cites_each_passage_once(store, write):
    answer = ask(store, write(), actor=terms.ID + "organ/police", topic="force")
    assert [{"statement", "topic", "passages"}] == [set(row) for row in answer.rows]
    assert ("release-1", ()) == (answer.release, answer.limits)
    assert {terms.ID + "statement/one": "One", terms.ID + "organ/police": "Police"} == answer.labels
    assert "What does Police say of force?" == answer.sentence
    one, two = (terms.ID + f"passage/d-{number}" for number in (1, 2))
    document = terms.ID + "document/d"
    assert {
        one: CitedPassage(one, "Paragraph 1", document, "The document", "Facts", "1"),
        two: CitedPassage(two, "First page", document, "The document", "", ""),
    } == answer.citations
    empty = ask(store, write(), actor="id/organ/court", topic="force")
    assert ((), {}, "What does A court say of force?") == (empty.rows, empty.citations, empty.sentence)


@pytest.mark.parametrize(("filter", "rows"), [("id/document/d", 1), ("id/organ/court", 0), ("id/document/else", None)])
def test_an_answer_is_narrowed_to_the_rows_that_cite_a_document_and_to_nothing_that_is_not_there(
    store, write, filter, rows
):
    asked = {"actor": "id/organ/police", "topic": "force", "only.document": filter}
    if rows is None:
        with pytest.raises(BadParameter, match="is no value of document here"):
            ask(store, write(), **asked)
    else:
        answer = ask(store, write(), **asked)
        assert (rows, 1) == (len(answer.rows), answer.total)


def test_a_text_is_found_whatever_characters_it_holds(write):
    strange = 'a "quoted" } \\ {brace} # ?x'
    with Store.memory() as store:
        text = DATA.replace('"force"', "'''" + strange.replace("\\", "\\\\") + "'''")
        store.load(text.encode(), format="ttl", graph=None, source="test")
        answer = ask(store, write(), actor="id/organ/police", topic=strange)
    assert [strange] == [row["topic"]["value"] for row in answer.rows]


def test_the_choices_of_a_parameter_are_the_things_of_its_class_by_their_labels(store, write):
    actor, topic = write().parameters
    expected = [("organ/court", "A court"), ("organ/police", "Police"), ("organ/prosecutor", "Prosecutor")]
    names = Names(InProcess(store))
    found = asyncio.run(names.choices_of(actor))
    assert [(terms.ID + key, label) for key, label in expected] == [(one.iri, one.name) for one in found.values()]
    assert {} == asyncio.run(names.choices_of(topic))


class Spy(InProcess):
    """An engine that keeps how many rows each of its answers had."""

    def __init__(self, store):
        super().__init__(store)
        self.rows = []

    async def answer(self, query):
        answer = await super().answer(query)
        self.rows.append(answer.rows)
        return answer


def test_the_iri_of_a_thing_is_looked_up_alone_and_not_among_all_of_its_class(store, write):
    spy = Spy(store)
    resolved = asyncio.run(Names(spy).resolve(write(), {"actor": "id/organ/police"}))
    assert ({"actor": terms.ID + "organ/police"}, [1]) == (resolved, spy.rows)


def test_labels_are_asked_once_and_so_is_what_has_none(store, monkeypatch):
    spy = Spy(store)
    names = Names(spy)
    court, guard, nothing, police = (terms.ID + f"organ/{key}" for key in ("court", "guard", "nothing", "police"))
    called = {court: ("A court", "AC", "en"), guard: ("", "G", ""), police: ("Police", "", "en")}
    assert {police: called[police]} == asyncio.run(names.label([police, nothing]))
    assert {police: called[police]} == asyncio.run(names.label([police, nothing]))
    assert 1 == len(spy.rows)
    monkeypatch.setattr("kg.answer.names.MOST_CACHED", 2)
    monkeypatch.setattr("kg.answer.engine.AT_ONCE", 1)
    # In the same order, whatever was asked before: the bytes of an answer depend on it.
    assert [*called.items()] == [*asyncio.run(names.label([police, court, guard])).items()]
    assert 3 == len(spy.rows)  # one for each that was not known
    assert {} == asyncio.run(names.label([nothing]))  # the labels before were too many, and were let go of
    assert 4 == len(spy.rows)


def test_the_names_of_values_and_rows_are_asked_in_one_query(store, write):
    spy = Spy(store)
    asyncio.run(questions.ask(spy, write(), {"actor": "id/organ/police", "topic": "force"}, "r"))
    assert 4 == len(spy.rows)  # the value of the parameter, the rows, the labels, and the citations


def test_the_choices_of_a_parameter_may_be_the_concepts_of_a_scheme(store, write):
    header = HEADER.replace("iri | ans:Actor | id/organ/police", "iri | scheme/right | scheme/right/life")
    parameter = write(header=header).parameters[0]
    assert terms.BASE + "scheme/right" == parameter.class_iri
    found = asyncio.run(Names(InProcess(store)).choices_of(parameter))
    assert ["right to life"] == [one.name for one in found.values()]


def test_a_question_is_found_by_its_name_or_refused_with_names_that_come_close():
    assert "timeline" == find_question(QUESTIONS, "timeline").name
    with pytest.raises(UnknownName, match="no question is called 'rival-figure'.*rival-figures"):
        find_question(QUESTIONS, "rival-figure")
    with pytest.raises(UnknownName, match="contested.*unexamined-obligations"):
        find_question(QUESTIONS, "0")


# The shipped questions


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_a_shipped_question_asks_for_what_its_header_says_and_runs_in_any_tool(store, question):
    names = {parameter.name for parameter in question.parameters}
    assert names == set(re.findall(r"\{(\w+)\}", question.question))
    further = {parameter.name for parameter in question.parameters if parameter.kind == "also"}
    algebra = prepareQuery(question.text).algebra
    assert "SelectQuery" == algebra.name and names - further | {column.name for column in question.columns} <= {
        *map(str, algebra.PV)
    }
    assert b'"bindings":[]' in store.answer(Query(question.text)).body.replace(b" ", b"")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_a_shipped_question_speaks_in_whole_sentences_and_its_things_have_a_class(question):
    assert question.question.endswith("?") and question.about.endswith(".") and question.empty.endswith(".")
    assert all(
        meaning[0].isupper() and not meaning.endswith(".") for _, *texts in question.columns for meaning in texts
    )
    assert all(parameter.is_thing == bool(parameter.class_name) for parameter in question.parameters)
    assert len({*question.things, *question.cites}) == len(question.things) + len(question.cites)

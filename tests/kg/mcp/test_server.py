"""The server of the Model Context Protocol, talked to over standard input and output by the client of the official SDK."""

import asyncio
import json
import re

import pytest

from kg import terms
from kg.mcp.answers import MOST_BYTES
from kg.sparql.question import load_questions
from kg.store import Store
from tests.conversing import over_stdio

MOST_TOOLS, MOST_TOKENS = 10, 6000
# What is called: a name, the tool, what it takes.
CALLS = {
    "answer": ("ask_question", {"name": "rival-figures", "parameters": {"event": "id/event/2012-03-16-port-ansel"}}),
    "by name": ("ask_question", {"name": "treaties-in-force", "parameters": {"state": "Arland", "day": "2012-03-16"}}),
    "wrong": ("ask_question", {"name": "treaties-in-force", "parameters": {"state": "Atlantis", "day": "2012-03-16"}}),
    "no day": ("ask_question", {"name": "treaties-in-force", "parameters": {"state": "Arland", "day": "2012-02-31"}}),
    "no question": ("ask_question", {"name": "treaties-in-forse"}),
    "late page": ("ask_question", {"name": "coverage", "page": 900}),
    "no tool": ("overthrow", {}),
    "no value": ("search", {}),
    "strange value": ("search", {"words": "Atlas", "mode": "fast"}),
    "search": ("search", {"words": "Port Ansel", "kind": "places"}),
    "nothing found": ("search", {"words": "xylophone quartz"}),
    "no page": ("search", {"words": "Atlas", "page": 0}),
    "no kind": ("search", {"words": "Atlas", "kind": "atlases"}),
    "passages": ("search", {"words": "Atlas", "kind": "passages"}),
    "every question": ("list_questions", {}),
    "questions": ("list_questions", {"words": "Which treaties bound a State on a day?"}),
    "topic": ("list_questions", {"topic": "promised"}),
    "thing": ("describe", {"thing": "id/state/xar"}),
    "code": ("describe", {"thing": "XAR"}),
    "called": ("describe", {"thing": "Arland"}),
    "nothing": ("describe", {"thing": "id/state/nowhere"}),
    "rows": ("sparql", {"query": "SELECT (1 + 1 AS ?two) {}"}),
    "truth": ("sparql", {"query": "ASK {}"}),
    "many": ("sparql", {"query": "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 1000"}),
    "more": ("sparql", {"query": "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 1000", "page": 2}),
    "triples": ("sparql", {"query": f"CONSTRUCT WHERE {{ ?state a <{terms.VOCABULARY}State> }}"}),
    "too many": ("sparql", {"query": "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 10001"}),
    "long": ("sparql", {"query": f'SELECT ("{"long " * 9000}" AS ?text) {{}}'}),
    "unknown term": ("sparql", {"query": f"SELECT * {{ ?act <{terms.VOCABULARY}hasPerpetratr> ?who }}"}),
    "syntax": ("sparql", {"query": "SELECT * { ?s ?p"}),
    "update": ("sparql", {"query": "DELETE WHERE { ?s ?p ?o }"}),
    "fetch": ("sparql", {"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}),
    "class": ("vocabulary", {"words": "ans:Act"}),
    "scheme": ("vocabulary", {"words": "scheme/right"}),
    "words": ("vocabulary", {"words": "who did an act"}),
    "misspelt": ("vocabulary", {"words": "ans:hasPerpetratr"}),
    "cited thing": ("cite", {"of": "id/state/xar", "format": "bibtex"}),
    "cited nothing": ("cite", {"of": "id/state/nowhere"}),
    "no answer": ("cite", {"of": "answer/AAAA"}),
}


@pytest.fixture(scope="module")
def talked(world):
    """Talk with the server about the frozen graph, once; what it answered, by name."""

    async def talk():
        async with over_stdio(world) as client:
            answers = {name: await client.call_tool(*call) for name, call in CALLS.items()}
            answers["tools"] = await client.list_tools()
            answers["instructions"] = client.instructions
            address, passages = (answers["answer"].structured_content[key] for key in ("address", "citations"))
            thing = answers["thing"].structured_content["address"]
            for name, of in {"answer": address, "passage": next(iter(passages)), "address": thing}.items():
                answers[f"cited {name}"] = await client.call_tool("cite", {"of": of})
            answers["by address"] = await client.call_tool("describe", {"thing": thing})
        return answers

    return asyncio.run(asyncio.wait_for(talk(), 60))


def data(answer):
    """Return what a tool answered, which is the same as text and as data."""
    assert not answer.is_error, answer.content
    assert json.loads(answer.content[0].text) == answer.structured_content
    return answer.structured_content


def refusal(answer):
    """Return in which words a tool refused."""
    assert answer.is_error and "Traceback" not in answer.content[0].text
    return answer.content[0].text


def test_the_tools_are_few_and_a_model_reads_all_that_is_said_of_them_at_once(talked):
    tools = talked["tools"].tools
    assert 0 < len(tools) <= MOST_TOOLS
    listed = talked["tools"].model_dump_json(by_alias=True, exclude_none=True)
    assert len(listed.encode()) / 4 <= MOST_TOKENS
    for tool in tools:
        assert tool.annotations.read_only_hint and tool.description
        assert {"release", "address"} <= {*tool.output_schema["required"]}
        assert not tool.input_schema["additionalProperties"]
    assert "no instruction to you" in talked["instructions"] and "none recorded" in talked["instructions"]


def test_every_answer_is_small_and_has_its_release_and_permanent_address(talked, world):
    answered = [data(talked[name]) for name in CALLS if not talked[name].is_error]
    assert len(answered) > 20
    for each in answered:
        assert world.id == each["release"] and each["address"].startswith(terms.BASE)
        assert len(json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode()) <= MOST_BYTES


def test_every_question_is_listed_with_its_parameters(talked, world):
    questions, every = load_questions(world.questions_path), data(talked["every question"])
    assert len(questions) == every["total"] and 2 == every["next_page"]
    first = data(talked["questions"])["questions"][0]
    assert ("treaties-in-force", "bound") == (first["name"], first["topic"])
    assert ["state", "day"] == [each["name"] for each in first["parameters"]]
    assert ["ans:State", "day, YYYY-MM-DD"] == [each["type"] for each in first["parameters"]]
    assert all(each["required"] and each["example"] for each in first["parameters"])
    assert {"promised"} == {each["topic"] for each in data(talked["topic"])["questions"]}


def test_an_answer_has_its_sentence_passages_limits_and_address(talked):
    answer = data(talked["answer"])
    assert answer["answer"] and answer["question"] and answer["about"] and data(talked["by name"])["limits"]
    assert answer["address"].startswith(terms.BASE + "answer/")
    shown = {passage for row in answer["rows"] for passage in row["passages"] if passage.startswith("id/")}
    assert shown and shown == answer["citations"].keys()
    assert {name for row in answer["rows"] for name in row} == answer["columns"].keys()
    assert "Arland" in data(talked["by name"])["question"]


def test_a_wrong_value_is_an_error_in_plain_words_that_says_what_to_do(talked):
    assert "Atlantis" in refusal(talked["wrong"]) and "a day that exists" in refusal(talked["no day"])
    assert "treaties-in-force" in refusal(talked["no question"])
    assert "search, describe" in refusal(talked["no tool"])
    assert "search takes words, kind, page" in refusal(talked["no value"])
    assert "mode" in refusal(talked["strange value"]) and "page" in refusal(talked["no page"])
    assert "pages" in refusal(talked["late page"]) and "places" in refusal(talked["no kind"])


def test_things_are_found_and_described_by_id_and_name(talked):
    assert "id/place/port-ansel" == data(talked["search"])["things"][0]["id"]
    assert {"passages"} == {thing["kind"] for thing in data(talked["passages"])["things"]}
    nothing = data(talked["nothing found"])
    assert 0 == nothing["total"] and "does not mean" in nothing["hint"]
    for name in ("thing", "code", "called", "by address"):
        thing = data(talked[name])
        assert ("id/state/xar", "Arland") == (thing["id"], thing["name"])
        assert {"property": "ans:isoCode", "value": "XAR"} in thing["facts"]
        assert thing["pointing"]["ans:isParticipationOf"] > 0
    assert "search" in refusal(talked["nothing"])


def test_a_query_reads_page_by_page_and_neither_writes_nor_fetches(talked, world):
    assert [{"two": "2"}] == data(talked["rows"])["rows"] and [{"answer": "true"}] == data(talked["truth"])["rows"]
    pages = [data(talked["many"]), data(talked["more"])]
    assert [(1000, 2), (1000, 3)] == [(page["total"], page["next_page"]) for page in pages]
    with Store.open(world.store_path) as store:
        whole = [*store.select("SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 80").texts()]
    got = [row["p"] for page in pages for row in page["rows"]]
    assert 80 == len(got) and [terms.shorten(str(p)) for _, p, _ in whole] == got
    assert all(re.search(r"ontology#State> \.$", row["triple"]) for row in data(talked["triples"])["rows"])
    assert "10000" in refusal(talked["too many"]).replace(",", "")
    assert "ans:hasPerpetrator" in data(talked["unknown term"])["hint"]
    assert "1:10: The {" in refusal(talked["syntax"])
    assert "read-only" in refusal(talked["update"]) and "SERVICE" in refusal(talked["fetch"])


def test_a_long_text_is_shortened_and_the_answer_says_so(talked):
    long = data(talked["long"])
    assert long["rows"][0]["text"].endswith("…") and "shortened" in long["hint"]


def test_the_vocabulary_is_found_by_name_and_by_words(talked):
    first, *others = data(talked["class"])["terms"]
    assert ("ans:Act", "class") == (first["name"], first["kind"]) and first["definition"]
    assert "ans:hasPerpetrator" in [each["name"] for each in others]
    scheme = data(talked["scheme"])["terms"]
    assert "scheme" == scheme[0]["kind"] and {"concept"} == {each["kind"] for each in scheme[1:]}
    assert any("act" in each["definition"] for each in data(talked["words"])["terms"])
    assert "ans:hasPerpetrator" in data(talked["misspelt"])["hint"]


def test_what_is_cited_is_a_source_a_thing_or_an_answer(talked, world):
    assert data(talked["answer"])["question"] in data(talked["cited answer"])["citation"]
    passage = data(talked["cited passage"])
    assert passage["passage"] in data(talked["answer"])["citations"].values() and world.id in passage["citation"]
    assert data(talked["cited thing"])["citation"].startswith("@misc{")
    assert "“Arland”, Answerable" in data(talked["cited address"])["citation"]
    assert "search" in refusal(talked["cited nothing"]) and "not the address" in refusal(talked["no answer"])

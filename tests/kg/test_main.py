"""The command line: what each command prints, how it ends, and one line for every mistake."""

import io
import json
import re

import pytest

from kg import __main__ as command
from kg import cite, terms
from kg import release as releases

EVENTS = "data/events/strike.ttl"
TEXT = "Chapter one.\n\nThe crew went on strike.\nNobody spoke of it.\n"


@pytest.fixture
def kg(kg, project, monkeypatch):
    """Run commands on the small project."""
    monkeypatch.setenv("ANSWERABLE_ROOT", str(project.root))
    kg.project = project
    return kg


@pytest.fixture
def cited(project):
    """Give the small project a document with one passage fixed in a text; the file of the text."""
    one = cite.fix(TEXT, "The crew", "strike.", "")
    whole = cite.sha256(cite.normalise(TEXT))
    project.replace("data/sources/report.ttl", "a ans:Document ;", f'a ans:Document ; ans:textSha256 "{whole}" ;')
    offsets = f'ans:startOffset {one.start} ; ans:endOffset {one.end} ; ans:textSha256 "{one.sha256}" ;'
    project.replace("data/sources/report.ttl", "a ans:Passage ;", f"a ans:Passage ; {offsets}")
    return project.write("report.txt", TEXT)


def test_build_says_what_it_does_and_ends_with_the_release(kg):
    code, out, err = kg("build")
    assert (0, "") == (code, out)
    lines = err.splitlines()
    assert "Reading the sources" == lines[0]
    assert re.fullmatch(r"\d{8}-[0-9a-f]{8} is the current release", lines[-1])
    assert "\r" not in err


def test_build_of_a_broken_file_names_file_line_and_column_and_fails(kg):
    kg.project.build()
    before = releases.current(kg.project.out)
    kg.project.replace(EVENTS, '"Strike"@en ;', '"Strike@en ;')
    code, _, err = kg("build")
    assert 1 == code
    line = kg.project.line(EVENTS, '"Strike@en')
    assert re.search(rf"^kg: {re.escape(EVENTS)}:{line}:\d+: ", err, re.MULTILINE)
    assert "kg: 1 mistake; nothing was built, the release before is untouched" == err.splitlines()[-1]
    assert before == releases.current(kg.project.out)


def test_build_lists_every_mistake_up_to_a_limit(kg):
    for number in range(command.SHOWN + 5):
        kg.project.write(f"data/more/{number}.ttl", f"<id/event/m-{number}> a ans:Event .\n")
    code, _, err = kg("build")
    assert 1 == code
    assert command.SHOWN == err.count("Name the passage: ans:isReportedIn.")
    assert f"25 mistakes, of which {command.SHOWN} are shown; `kg check` shows all" in err


def test_check_ends_with_0_where_the_data_conform_1_where_not_and_2_where_it_cannot_run(kg):
    assert (0, "The data conform (4 files and 105 triples read)\n") == kg("check")[:2]
    kg.project.replace(EVENTS, "2012-02-29", "2012-02-30")
    code, out, _ = kg("check")
    assert (1, True) == (code, out.startswith(f"{EVENTS}:{kg.project.line(EVENTS, '2012-02-30')}:"))
    assert "1 mistake (4 files and 105 triples read)" == out.splitlines()[-1]
    code, out, _ = kg("check", "--format", "json")
    assert (1, False, EVENTS) == (code, json.loads(out)["conforms"], json.loads(out)["results"][0]["where"])
    code, out, _ = kg("check", "--format", "turtle")
    assert (1, True) == (code, "sh:conforms false" in out)
    assert not kg.project.out.exists()
    code, out, err = kg("check", "nowhere.ttl")
    assert (2, "", True) == (code, out, "kg: nowhere.ttl: There is no such file or folder" in err)


def test_ask_lists_the_questions_and_answers_one(kg):
    kg.project.build()
    code, out, _ = kg("ask")
    assert (0, "events -p whole=id/event/strike\n    Events\n") == (code, out)
    code, out, _ = kg("ask", "events", "-p", "whole=id/event/strike")
    assert 0 == code
    assert "Which events are part of Strike?" in out
    assert "Trial" in out
    assert "Report, 1" in out
    code, out, _ = kg("ask", "events", "-p", "whole=id/event/strike", "--format", "json")
    answer = json.loads(out)
    assert [terms.ID + "event/trial"] == [row["event"]["id"] for row in answer["rows"]]
    assert releases.current(kg.project.out).id == answer["release"]


def test_ask_says_in_one_line_what_is_wrong(kg):
    kg.project.build()
    whole = "whole=id/event/strike"
    for arguments, message in (
        (["evnts"], "no question is called 'evnts'. Try events."),
        (["events"], "needs the parameter whole"),
        (["events", "-p", "whole"], "'whole' gives no value. Write -p name=value."),
        (["events", "-p", "whol=x"], "Did you mean whole?"),
        (["events", "-p", "whole=id/event/strke"], "Try Strike"),
        (["events", "-p", whole, "--format", "pdf"], "There is no format 'pdf'"),
    ):
        code, out, err = kg("ask", *arguments)
        assert (2, "", 1, True) == (code, out, len(err.splitlines()), message in err), err


def test_query_reads_a_file_or_standard_input(kg, monkeypatch):
    kg.project.build()
    text = "SELECT ?x { ?x a <https://w3id.org/answerable/ontology#Trial> }"
    file = kg.project.write("q.rq", text)
    assert (0, "x\r\nhttps://w3id.org/answerable/id/event/trial\r\n") == kg("query", file, "--format", "csv")[:2]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code, out, _ = kg("query", "-")
    assert (0, True) == (code, "id/event/trial" in out)
    code, out, err = kg("query", kg.project.write("q.rq", "SELECT ?x\n{ ?x a }"))
    assert (2, "", 1) == (code, out, len(err.splitlines())) and re.search(r"q\.rq:2:\d+: ", err)


def test_query_gives_a_hint_beside_an_answer_of_nothing(kg):
    kg.project.build()
    heads = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
    file = kg.project.write("q.rq", f'{heads} SELECT ?x {{ ?x skos:prefLabel "Strike" }}')
    code, out, err = kg("query", file, "--format", "csv")
    assert (0, "x\r\n") == (code, out)
    assert 'skos:prefLabel has the value "Strike"@en here, and not "Strike".\n' == err
    file = kg.project.write("q.rq", f'{heads} SELECT ?x {{ ?x skos:prefLabel "Strike"@en }}')
    assert (0, "") == (kg("query", file)[0], kg("query", file)[2])
    file = kg.project.write("q.rq", "SELECT ?x { ?x a ans:Trial }")
    assert f"Add PREFIX ans: <{terms.VOCABULARY}> at the top" in kg("query", file)[2]


def test_query_is_ended_at_the_deadline(kg, monkeypatch):
    kg.project.build()
    monkeypatch.setenv("ANSWERABLE_DEADLINE", "0.5")
    patterns = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(6))
    endless = kg.project.write("q.rq", f"SELECT (COUNT(*) AS ?n) {{ {patterns} }}")
    code, _, err = kg("query", endless)
    assert (2, True) == (code, "0.5 s" in err)
    for limits in ([], ["--no-limits"]):
        code, _, err = kg("query", endless, "--deadline", "0.3", *limits)
        assert (2, True, True) == (code, "0.3 s" in err, "--deadline" in err), err
    code, _, err = kg("query", endless, "--deadline", "soon")
    assert (2, True) == (code, "'soon' cannot be used here" in err)


def test_query_has_the_limits_of_the_server_unless_it_has_none(kg, monkeypatch):
    kg.project.build()
    for name, value in {"MAX_ROWS": "2", "MAX_BYTES": "99", "MAX_QUERY": "99", "DEADLINE": "0.01"}.items():
        monkeypatch.setenv("ANSWERABLE_" + name, value)
    rows = " ".join(str(number) for number in range(300))
    file = kg.project.write("q.rq", f"SELECT ?x {{ VALUES ?x {{ {rows} }} }}")
    assert (2, "") == kg("query", file)[:2]
    code, out, err = kg("query", file, "--no-limits", "--format", "csv")
    assert (0, 301, "") == (code, len(out.splitlines()), err)


def test_verify_says_that_a_release_is_whole_or_what_is_not(kg):
    kg.project.build()
    here = releases.current(kg.project.out)
    code, out, _ = kg("verify")
    assert (0, True) == (code, out.startswith(f"{here.id} is whole: "))
    assert 0 == kg("verify", here.path)[0]
    dump = here.dumps["answerable.nq.gz"]
    data = dump.read_bytes()
    dump.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert (1, "", f"kg: {here.path}: dumps/answerable.nq.gz differs from the manifest\n") == kg("verify")


def test_releases_rollback_and_diff_tell_the_history(kg):
    kg.project.build()
    old = releases.current(kg.project.out).id
    kg.project.replace(EVENTS, '"Strike"@en', '"Walk-out"@en')
    kg("build")
    new = releases.current(kg.project.out).id
    code, out, _ = kg("releases")
    assert (0, [" " + " " + old, "* " + new]) == (code, [line[: len(old) + 2] for line in out.splitlines()])
    code, out, err = kg("diff", old, new)
    label = "graph/data/events/strike  <https://w3id.org/answerable/id/event/strike>"
    assert (0, 2, "1 removed, 1 added\n") == (code, len(out.splitlines()), err)
    assert {f"+ {label}", f"- {label}"} == {line.partition(" <http://www.w3")[0] for line in out.splitlines()}
    code, out, _ = kg("diff", old, new, "--format", "notes")
    assert (0, True) == (code, f"- Walk-out: <{terms.ID}event/strike>" in out)
    (told,) = json.loads(kg("diff", old, new, "--format", "json")[1])["things"]
    assert ("updated", "Walk-out") == (told["what"], told["label"])
    assert (0, f"{old} is the current release\n") == kg("rollback", old)[:2]
    assert old == releases.current(kg.project.out).id
    code, _, err = kg("rollback", "20000101-00000000")
    assert (2, True) == (code, f"There are: {old}, {new}" in err)


@pytest.mark.parametrize("name", ["ask", "releases", "verify"])
def test_without_a_release_the_reader_is_told_how_to_make_one(kg, name):
    code, out, err = kg(name)
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert "There is no release here. Make one with `kg build`." in err


def test_cite_finds_the_passages_of_a_document_by_its_text_or_by_those_that_stand_in_it(kg, cited):
    kg.project.build()
    for text in (TEXT, TEXT.replace("Nobody", "Somebody")):
        cited.write_text(text)
        assert (0, "found    id/passage/report-1\nid/document/report: 1 found\n") == kg("cite", cited)[:2]
    cited.write_text("Preface. " + TEXT)
    moved = "moved    id/passage/report-1, now at 22\nid/document/report: 1 moved\n"
    for name in ("report", terms.ID + "document/report"):
        assert (0, moved) == kg("cite", cited, "--document", name)[:2]
    cited.write_text(TEXT.replace("strike", "holiday"))
    missing = "missing  id/passage/report-1\nid/document/report: 1 missing\n"
    assert (1, missing) == kg("cite", cited, "--document", "report")[:2]
    code, out, err = kg("cite", cited)
    assert (2, "", True) == (code, out, "Name one with --document: report." in err)


def test_cite_fixes_a_passage_for_an_author(kg, cited):
    code, out, _ = kg("cite", cited, "--document", "report", "--fix", "Nobody", "of it.")
    one = cite.fix(TEXT, "Nobody", "of it.", "")
    assert 0 == code
    for line in ("<id/passage/report-NUMBER> a ans:Passage ;", f"ans:startOffset {one.start} ;", one.sha256):
        assert line in out
    code, out, err = kg("cite", cited, "--fix", "o", "of it.")
    assert (2, "", True) == (code, out, "give words that stand once" in err)


@pytest.mark.parametrize("arguments", [[], ["bulid"], ["build", "--bogus"], ["build", "--jobs", "0"], ["rollback"]])
def test_a_command_line_that_is_wrong_ends_with_2(kg, arguments):
    code, out, err = kg(*arguments)
    assert (2, "") == (code, out)
    assert "kg" in err.splitlines()[-1]


def test_build_shows_the_warnings_of_changed_files_and_counts_the_others(kg):
    kg.project.replace(EVENTS, 'skos:prefLabel "Strike"@en ;', "")
    count = "1 warning; `kg build --warnings` shows all"
    assert count == kg("build")[2].splitlines()[-1]
    more = kg.project.write(
        "data/events/more.ttl",
        "<id/event/more> a ans:Event ; ans:date '2011'^^xsd:gYear ; ans:isReportedIn <id/passage/report-1> .\n",
    )
    _, _, err = kg("build")
    own = f"data/events/more.ttl:{kg.project.line('data/events/more.ttl', '<id/event/more>')}:1: warning: "
    assert err.splitlines()[-2].startswith(own)
    assert count.replace("1 warning", "1 other warning") == err.splitlines()[-1]
    _, _, err = kg("build", "--warnings")  # nothing has changed, and all are shown
    assert [True, True] == ["warning: " in line for line in err.splitlines()[-2:]]
    more.unlink()
    _, _, err = kg("build", "--force", "--warnings")
    assert [EVENTS] == [line.partition(":")[0] for line in err.splitlines() if "warning" in line]

"""`kg check FILE` says of a mistake what `kg build` says of it, in the same file and line, whatever the mistake is."""

import pytest

from kg.build import checking, inputs, pipeline
from kg.errors import SourceError, ValidationFailed

EVENTS, MORE = "data/events/strike.ttl", "data/events/more.ttl"
EVENT = """<id/event/more> a ans:Event ;
    skos:prefLabel "More"@en ;
    ans:date "2012"^^xsd:gYear ;
    ans:isReportedIn <id/passage/report-1> .
"""
TRIPLE = "<https://w3id.org/answerable/id/event/trial> <https://w3id.org/answerable/ontology#leadsTo> <https://w3id.org/answerable/id/event/strike>"

# A text of the events' file, and what stands there instead.
EDITS = {
    "no passage": ("    ans:isReportedIn <id/passage/report-1> .\n\n<id/event/trial>", "    .\n\n<id/event/trial>"),
    "30 February": ("2012-02-29", "2012-02-30"),
    "a date to come": ("2012-02-29", "2150-02-28"),
    "an unknown thing": ("<id/event/strike> ;\n    ans:isR", "<id/event/none> ;\n    ans:isR"),
    "a misspelt property": ("ans:isPartOf", "ans:isPartof"),
    "a misspelt class": ("a ans:Trial", "a ans:Trail"),
    "no date": ('    ans:date "2012-02-29"^^xsd:date ;\n', ""),
    "a derived link": ("ans:isPartOf", "ans:engages"),
    "a blank node": ("ans:isPartOf <id/event/strike>", "ans:isPartOf [ a ans:Document ]"),
    "no class": ("<id/event/trial> a ans:Trial ;", "<id/event/trial>"),
    "a wrong key": ("<id/event/trial> a", "<id/event/the_trial> a"),
    "a letter that looks like another": ("<id/event/trial> a", "<id/event/tri\u0430l> a"),
    "no semicolon": ("ans:isPartOf <id/event/strike> ;", "ans:isPartOf <id/event/strike>"),
    "no closing quote": ('"Trial"@en', '"Trial@en'),
    "no such prefix": ("ans:isPartOf", "anz:isPartOf"),
    "a bad scheme": ("<id/event/strike> ;\n    ans:isR", "<javascript:alert(1)> ;\n    ans:isR"),
    "NUL": ('"Trial"', '"Tri\\u0000al"'),
    "a telephone number": ('"Trial"', '"Trial, call +7 727 250 12 34"'),
    "an e-mail address": ('"Trial"', '"Trial, name [at] host.kz"'),
    "a street address": ('"Trial"@en', '"Суд, ул. Абая, 12"@ru'),
    "a turned text": ('"Trial"', '"Tri\u202eal"'),
    "a hidden space": ('"Trial"', '"Tri\\u200Bal"'),
    "a text not in NFC": ('"Trial"', '"Proce\u0300s"'),
    "a control character": ('"Trial"', '"Tri\x08al"'),
    "a property of another vocabulary": ("ans:isPartOf", "<http://xmlns.com/foaf/0.1/phone>"),
    "a class of another vocabulary": ("a ans:Trial", "a ans:Trial , <http://xmlns.com/foaf/0.1/Person>"),
    "a text without end": ('"Trial"', '"' + "word " * 14_000 + '"'),
    "an IRI without end": ("<id/event/trial> a", f"<id/event/{'a' * 2100}> a"),
    "nested without end": ("ans:isPartOf <id/event/strike>", "ans:isPartOf " + "(" * 201 + ")" * 201),
    "a broken example": ("    ans:isPartOf <id/event/strike> ;\n", ""),
}
# A file that is added, and what it says.
FILES = {
    MORE: {
        "a second definition": EVENT.replace("<id/event/more>", "<id/event/trial>"),
        "a second definition by another name": EVENT.replace("<id/event/more>", "<id/passage/report-1>"),
        "a term in data": "ans:Event skos:note 'mine' .",
        "no such passage": EVENT.replace("report-1", "report-9"),
        "Latin-1": b"<urn:a> <urn:b> 'caf\xe9' .",
        "a file that is too large": f"{TRIPLE} .\n" * 1000,
        "too many triples": None,
    },
    "data/events/more.rdf": {"RDF/XML": "<rdf/>"},
}
MISTAKES = {name: (EVENTS, edit) for name, edit in EDITS.items()}
MISTAKES |= {name: (file, text) for file, texts in FILES.items() for name, text in texts.items()}


# What a file alone does not tell: it takes the rules, the whole graph or another file.
LEFT = {"a second definition", "a second definition by another name", "no date", "a broken example"}


def mistakes(run):
    """Do something that is to fail; each mistake as (file, line, message), without the names that may have been meant."""
    try:
        report = run()
    except ValidationFailed as error:
        report = error.report
    except SourceError as error:
        return {(error.where, error.line, error.message)}
    return {(one.where, one.line, one.message.partition(" Did you mean ")[0]) for one in report.violations}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_check_of_a_file_and_a_build_refuse_the_same_at_the_same_place(project, monkeypatch, name):
    file, change = MISTAKES[name]
    monkeypatch.setattr(inputs, "MAX_FILE", 100_000)
    if name == "too many triples":
        monkeypatch.setattr(inputs, "MAX_TRIPLES", 100)
        change = "".join(f"{TRIPLE.replace('trial', f'trial-{number}')} .\n" for number in range(101))
    if file == EVENTS:
        project.replace(EVENTS, *change)
    elif isinstance(change, bytes):
        (project.root / file).write_bytes(change)
    else:
        project.write(file, change)
    built = mistakes(lambda: pipeline.build(project.settings))
    assert built and built == mistakes(lambda: checking.check(project.settings))
    alone = mistakes(lambda: checking.check(project.settings, paths=[project.root / file]))
    assert alone == (set() if name in LEFT else built)


def test_what_a_check_of_a_file_leaves_to_the_build_is_named(project):
    report = checking.check(project.settings, paths=[project.root / EVENTS])
    whole = "the rules, the checks of the whole graph and the examples of questions"
    others = "what other files say of the things named here (1)"
    assert (True, (whole, others)) == (report.conforms, report.left)
    assert report.text().endswith(f"\nLeft to `kg build`: {whole}, and {others}\n")
    assert f"Left to the build: {whole}" in report.rdf("turtle")
    assert () == checking.check(project.settings).left


def test_of_what_another_file_may_define_a_file_alone_says_nothing(project):
    project.write(
        "shapes/core.ttl",
        """<shapes#EventShape> a sh:NodeShape ; sh:targetClass ans:Event ;
        sh:property [ sh:path ans:isReportedIn ; sh:class ans:Passage ; sh:message "Name a passage." ] .""",
    )
    project.write("data/sources/more.ttl", "<id/passage/report-1> ans:date '2011'^^xsd:gYear .")
    assert checking.check(project.settings, paths=[project.root / EVENTS]).conforms
    assert checking.check(project.settings, paths=[project.root / "data/sources/more.ttl"]).conforms
    assert checking.check(project.settings).conforms
    project.replace(EVENTS, "ans:isReportedIn <id/passage/report-1> .\n\n", "ans:isReportedIn <id/event/trial> .\n\n")
    (mistake,) = checking.check(project.settings, paths=[project.root / EVENTS]).violations
    assert ("Name a passage.", EVENTS) == (mistake.message, mistake.where)

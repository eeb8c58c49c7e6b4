"""`kg new`: a file in its right place with everything but the facts; what a person has to write stands there as a comment.

A gap is no value that might slip through: until the line is written, `kg check` says in words what is missing."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from kg import cite, documents, terms
from kg.config import Settings
from kg.errors import BadParameter, SourceError, UnknownName, WriteFailed
from kg.store import Store

_HEAD = (
    "".join(f"@prefix {name}: <{terms.PREFIXES[name]}> .\n" for name in ("ans", "skos", "xsd"))
    + f"@base <{terms.BASE}> .\n"
)
_ACT = """
<id/act/{key}-1> a ans:Act ;
    # The class of ontology/events.ttl that fits best, in the place of ans:Act.
    # skos:prefLabel "What was done, in a few words"@en ;
    ans:isPartOf <id/event/{key}> ;
    # Who did it: ans:hasPerpetrator <id/organ/{state}-…> ; where no source names the organ:
    # ans:isActOfUnnamedOrganOf <id/state/{state}> ;
    # ans:hasVictim <id/group/…> ;
    # ans:date "2013-05-01"^^xsd:date ;
    # ans:isReportedIn <id/passage/{source}-para-…> ;
    .
"""
_EVENT = """{head}
# {name}.

<id/event/{key}> a ans:Event ;
    # skos:prefLabel "What happened, in a few words"@en ;
    # ans:description "One or two sentences of your own."@en ;
    # At the precision known: ans:date "2013-05"^^xsd:gYearMonth ; or ans:startDate and ans:endDate.
    # ans:happensIn <id/place/…> ;
    # ans:isReportedIn <id/passage/{source}-para-…> ;
    .
{act}
<id/statement/{key}-1> a ans:Statement ;
    # skos:prefLabel "Who says what, in a few words"@en ;
    # ans:paraphrase "What is said, in your own words."@en ;
    # ans:hasSpeaker <id/organisation/…> ;
    # In what manner, a concept of ontology/schemes/standing.ttl: ans:hasStanding <scheme/standing/own-voice> ;
    ans:isAbout <id/event/{key}> , <id/act/{key}-1> ;
    # ans:isReportedIn <id/passage/{source}-para-…> ;
    .
"""
_SOURCE = """{head}
# {name}. Paragraphs are added with: kg cite TEXT --document {key} --list FILE.csv --write data/sources/{key}.ttl

<id/document/{key}> a ans:Document ;
    # skos:prefLabel "The document, with its author"@en ;
    # ans:isPublishedBy <id/organisation/…> ;
    # As precise as it is: ans:date "2013-06"^^xsd:gYearMonth ;
    # ans:symbol "…" ; ans:link "https://…"^^xsd:anyURI ;
{hashed}    .
"""
_PLACES = """{head}
# Country.

<id/place/{place}> a ans:Place ;
    skos:prefLabel "{name}"@en ;
    ans:description "The territory of {name}."@en ;
    ans:belongsToState <id/state/{state}> ;
    ans:isReportedIn {passages} .
"""
_ORGANS = """{head}
# Organs. Take the block once for each organ that a source names.

<id/organ/{state}-police> a ans:StateOrgan ;
    # skos:prefLabel "Police of {name}"@en ;
    ans:isOrganOf <id/state/{state}> ;
    # ans:isReportedIn <id/passage/…> ;
    .
"""
_QUESTION = """#+ title:
#+ topic:
#+ question:
#+ answer:
#+ about:
#+ empty:
#+ parameter: state | iri | ans:State | id/state/kaz | the country
#+ column: act | What was done
#+ column: passages | Where it is reported
#+ things: act
#+ cites: passages
#+ picture: table

# title: as one would type it. topic: happened, bound, found, promised, became or record. question: in words, with {state} for the
# parameter. answer: the sentence that answers it, of the rows, such as {{ rows | count("act") }}. about: how to read the answer.
# empty: what an answer without rows says, and what was looked at. CONTRIBUTING.md tells the rest. Its example must have an answer.

PREFIX ans: <VOCABULARY>

SELECT ?state ?act (GROUP_CONCAT(DISTINCT STR(?passage); separator=" ") AS ?passages)
WHERE {
  ?act a ans:Act ; ans:isAttributableTo ?state ; ans:isReportedIn ?passage .
}
GROUP BY ?state ?act
ORDER BY ?act
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    event = kinds.add_parser("event", help="an event with an act and a statement, in data/events/ISO3/")
    event.add_argument("key", metavar="KEY", help="such as 2013-05-01-almaty-meeting")
    event.add_argument("--state", required=True, metavar="ISO3", help="the State whose event it is")
    event.add_argument("--source", default="KEY", metavar="KEY", help="the document that tells it")
    source = kinds.add_parser("source", help="a document, in data/sources/")
    source.add_argument("key", metavar="KEY", help="such as example-2013")
    source.add_argument("--text", metavar="FILE", help="its text (UTF-8, HTML or PDF), of which the hash is kept")
    question = kinds.add_parser("question", help="a question, in queries/questions/")
    question.add_argument("key", metavar="NAME", help="such as gatherings-restricted")
    country = kinds.add_parser(
        "country", help="the territory and the organs of a State, in data/places/ and data/organs/"
    )
    country.add_argument("state", metavar="ISO3", help="the State")


def run(given: argparse.Namespace) -> int:
    """Begin an event, a source, a question or a country: the file with its IRIs, and each gap as a comment."""
    root = Settings.load().root
    files = list(
        {"event": _event, "source": _source, "question": _question, "country": _country}[given.what](given, root)
    )
    there = [path for path, _ in files if path.exists()]
    if there and (given.what != "country" or len(there) == len(files)):
        raise SourceError(
            "There is such a file already", where=str(there[0]), hint="Give another key, or change that file"
        )
    for path, text in files:
        if path in there:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise WriteFailed(f"The file cannot be written ({error.strerror})", where=str(path)) from None
        print(f"{path.relative_to(root)}")
    first = files[0][0].relative_to(root)
    print(f"Write what its comments ask for. `kg check {first}` names what is still missing.")
    if given.what == "question":
        print(
            f"Pin its answer with `kg pin {given.key} -p state=id/state/kaz`, which goes to tests/facts/answers/{given.key}.json."
        )
    return 0


def _event(given: argparse.Namespace, root: Path) -> Iterator[tuple[Path, str]]:
    state, name, _ = _state(root, given.state)
    key = _key(given.key, "event")
    said = {"key": key, "state": state, "source": given.source}
    act = _ACT.format(**said)
    yield (
        root / f"data/events/{state}/{key}.ttl",
        _EVENT.format(head=_HEAD, name=f"An event of {name}", act=act, **said),
    )


def _source(given: argparse.Namespace, root: Path) -> Iterator[tuple[Path, str]]:
    key, hashed = _key(given.key, "document"), ""
    if given.text:
        try:
            text = documents.text_of(Path(given.text).read_bytes(), given.text)
        except OSError as error:
            raise SourceError(f"The file cannot be read ({error.strerror})", where=given.text) from None
        hashed = f'    ans:textSha256 "{cite.sha256(cite.normalise(text))}" ;\n'
    yield root / f"data/sources/{key}.ttl", _SOURCE.format(head=_HEAD, name="A source", key=key, hashed=hashed)


def _question(given: argparse.Namespace, root: Path) -> Iterator[tuple[Path, str]]:
    yield (
        root / f"queries/questions/{_key(given.key, 'question')}.rq",
        _QUESTION.replace("VOCABULARY", terms.VOCABULARY),
    )


def _country(given: argparse.Namespace, root: Path) -> Iterator[tuple[Path, str]]:
    state, name, passages = _state(root, given.state)
    place = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    said = {"head": _HEAD, "state": state, "name": name, "place": place}
    named = " , ".join(f"<{iri.removeprefix(terms.BASE)}>" for iri in passages)
    if not any(
        f"<id/place/{place}> a " in path.read_text(encoding="utf-8") for path in (root / "data/places").glob("*.ttl")
    ):
        yield root / f"data/places/{state}.ttl", _PLACES.format(passages=named, **said)
    yield root / f"data/organs/{state}.ttl", _ORGANS.format(**said)


def _state(root: Path, code: str) -> tuple[str, str, list[str]]:
    """Find a State by its code: its key, its name and the passages that it is written in. Raises UnknownName."""
    key = code.lower()
    path = root / f"data/states/{key}.ttl"
    if not re.fullmatch(r"[a-z]{3}", key) or not path.is_file():
        hint = "Give the code of three letters of a State in data/states/, such as kaz"
        raise UnknownName(f"There is no State {code!r}", hint=hint)
    with Store.memory() as store:
        store.load(path, format="ttl", graph=terms.graph_of(f"data/states/{key}.ttl"), source=str(path))
        query = f"""PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{terms.PREFIXES["skos"]}> SELECT ?name ?passage {{
            GRAPH ?g {{ <{terms.ID}state/{key}> skos:prefLabel ?name ; ans:isReportedIn ?passage FILTER(LANG(?name) = "en") }} }}
            ORDER BY ?passage"""
        rows = [(name.value, passage.value) for name, passage in store.select(query)]
    return key, rows[0][0] if rows else key.upper(), [passage for _, passage in rows]


def _key(text: str, kind: str) -> str:
    try:
        terms.mint(kind, text)
    except ValueError as error:
        raise BadParameter(str(error), where="KEY") from None
    return text

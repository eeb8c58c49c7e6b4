"""A small project to build from (its own ontology, shapes, rules, checks and data, a few lines each), and a store of two triples.

It is small so that a test may build it often and break it in one place; the shipped tree has tests of its own.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg import __main__ as command
from kg import release
from kg.build import pipeline
from kg.config import Settings
from kg.store import Store

ROOT = Path(__file__).resolve().parents[2]
STATED = ROOT / "queries/checks/stated"
HEAD = """@prefix ans: <https://w3id.org/answerable/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/answerable/> .

"""
FILES = {
    "ontology/core.ttl": HEAD
    + """ans:Event a owl:Class . ans:Trial a owl:Class ; rdfs:subClassOf ans:Event .
ans:Document a owl:Class . ans:Passage a owl:Class .
ans:isPartOf a owl:ObjectProperty , owl:TransitiveProperty . ans:isReportedIn a owl:ObjectProperty .
ans:date a owl:DatatypeProperty . ans:leadsTo a owl:ObjectProperty . ans:engages a owl:ObjectProperty .
ans:textSha256 a owl:DatatypeProperty . ans:startOffset a owl:DatatypeProperty . ans:endOffset a owl:DatatypeProperty .
""",
    "shapes/core.ttl": HEAD
    + """<shapes#EventShape> a sh:NodeShape ; sh:targetClass ans:Event ;
    sh:property [ sh:path ans:isReportedIn ; sh:minCount 1 ; sh:message "Name the passage: ans:isReportedIn." ] ,
        [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Give it a name." ] .
""",
    "queries/rules/owl/types.rq": """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT { ?x a ?wider }
WHERE { ?x a ?class . ?class rdfs:subClassOf ?wider FILTER NOT EXISTS { ?x a ?wider } }
""",
    "queries/rules/links/10-leads.rq": """PREFIX ans: <https://w3id.org/answerable/ontology#>
CONSTRUCT { ?x ans:leadsTo ?y }
WHERE { ?x a ans:Event ; ans:isPartOf ?y . ?y a ans:Event . FILTER NOT EXISTS { ?x ans:leadsTo ?y } }
""",
    "queries/checks/undated.rq": """#+ title: An event without a date
#+ message: {event} happened on no day. Give it ans:date.
PREFIX ans: <https://w3id.org/answerable/ontology#>
SELECT ?event { ?event a ans:Event FILTER NOT EXISTS { ?event ans:date ?date } }
""",
    "queries/questions/events.rq": """#+ title: Events
#+ topic: happened
#+ question: Which events are part of {whole}?
#+ answer: {{ rows | count("event") }} of {{ whole }}: {{ rows | names("event") | listed }}.
#+ about: Events by the whole they are part of.
#+ empty: No event is part of it.
#+ parameter: whole | iri | ans:Event | id/event/strike | the whole
#+ column: event | the event | Event
#+ column: passage | where it is written | Passage
#+ cites: passage
#+ picture: table
PREFIX ans: <https://w3id.org/answerable/ontology#>
SELECT ?whole ?event ?passage { ?event ans:isPartOf ?whole ; ans:isReportedIn ?passage . }
""",
    "data/sources/report.ttl": HEAD
    + """<id/document/report> a ans:Document ; skos:prefLabel "Report"@en .

<id/passage/report-1> a ans:Passage ; skos:prefLabel "Report, 1"@en ; ans:isPartOf <id/document/report> .
""",
    "data/events/strike.ttl": HEAD
    + """<id/event/strike> a ans:Event ;
    skos:prefLabel "Strike"@en ;
    ans:date "2011-12"^^xsd:gYearMonth ;
    ans:isReportedIn <id/passage/report-1> .

<id/event/trial> a ans:Trial ;
    skos:prefLabel "Trial"@en ;
    ans:date "2012-02-29"^^xsd:date ;
    ans:isPartOf <id/event/strike> ;
    ans:isReportedIn <id/passage/report-1> .
""",
}


class Project:
    """A small project in a folder: write a file, make settings, run a command in a process of its own."""

    def __init__(self, root, cache):
        self.root, self.cache = root, cache
        self.out = root / "releases"
        for name, text in FILES.items():
            self.write(name, text)
        shutil.copytree(STATED, root / STATED.relative_to(ROOT))  # the product's own, and the terms that they name
        checks = " ".join(path.read_text(encoding="utf-8") for path in STATED.glob("*.rq"))
        named = sorted(set(re.findall(r"ans:\w+", checks)) - set(re.findall(r"ans:\w+", FILES["ontology/core.ttl"])))
        terms = "".join(f"{name} a owl:{'Class' if name[4].isupper() else 'ObjectProperty'} .\n" for name in named)
        self.write("ontology/core.ttl", FILES["ontology/core.ttl"] + terms)

    def write(self, name, text):
        """Write a file, `text` as it is; without a prefix in it, below the usual prefixes."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = HEAD + text if path.suffix == ".ttl" and "@prefix" not in text else text
        path.write_text(whole, encoding="utf-8")
        return path

    def replace(self, name, old, new):
        """Replace a text in a file; it must be there."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def line(self, name, text):
        """The number of the line of a file that holds a text."""
        lines = (self.root / name).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    @property
    def settings(self):
        """The settings of this project, whatever the environment says."""
        return Settings.load({}, root=self.root)

    def build(self):
        """Make the first release of the project; of a text that was built before, it is a copy of that release."""
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        told = [(path.relative_to(self.root), path.read_bytes()) for path in files]
        key = hashlib.sha256(repr((time.strftime("%Y%m%d", time.gmtime()), told)).encode())  # as the id of a release
        made = self.cache / key.hexdigest()
        if not made.exists():
            pipeline.build(self.settings)
            shutil.copytree(self.out, made, symlinks=True)
        elif not self.out.exists():
            shutil.copytree(made, self.out, symlinks=True)
        made = release.current(self.out)
        assert made.manifest  # it has been read, as after a build
        return made

    def start(self, *arguments):
        """Start `kg` on this project."""
        return subprocess.Popen(
            [sys.executable, "-m", "kg", *arguments],
            cwd=Path(__file__).resolve().parents[2],
            env={"ANSWERABLE_ROOT": str(self.root), "PATH": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Make the folder for releases of small projects that several tests begin with."""
    return tmp_path_factory.mktemp("releases")


@pytest.fixture
def project(tmp_path, cache, unchanged_once):
    """Write a small project that builds."""
    return Project(tmp_path, cache)


@pytest.fixture
def kg(capfd):
    """Return a function that runs a command in this process; its exit code, its output and its errors."""

    def run(*arguments):
        capfd.readouterr()
        try:
            code = command.main([str(argument) for argument in arguments])
        except SystemExit as end:  # how argparse refuses a command line
            code = end.code
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run


@pytest.fixture
def store():
    """A store of two triples in one graph, which is also the default graph."""
    with Store.memory() as store:
        data = b"@prefix e: <http://example.org/> . e:s e:p 'x' ; e:q 5 ."
        store.load(data, format="ttl", graph="http://example.org/a", source="a")
        store.copy_named_into_default()
        yield store

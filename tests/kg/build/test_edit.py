"""A build after an edit equals a full build, whatever the edit: random edits of the frozen graph, each built both ways."""

import json
import os
import random
import re
import shutil

import pytest

from kg import release, terms
from kg.build import inputs, pipeline
from kg.errors import BuildError, ValidationFailed
from kg.store import Store
from tests import frozen

EDITS = int(os.environ.get("ANSWERABLE_EDITS", "12"))
SEED = int(os.environ.get("ANSWERABLE_SEED", "1"))
LINE = re.compile(r"(<[^>]*>|_:\w+) (<[^>]*>) (.*) \.\n")
DATES = ["2011-12-16", "2012-03-27", "1990-01-01", "2019-06-30", "2030-01-01"]


# What the frozen graph has too little of for random edits to meet: bases with conditions, and acts that do and do not fulfil them.
CONDITIONS = """
@prefix ans: <https://w3id.org/answerable/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/answerable/> .
<id/basis/e-1> a ans:EngagementBasis ; skos:prefLabel "Force and LC 7"@en ; ans:coversActClass ans:UseOfForce ;
    ans:concernsRight <scheme/right/no-ill-treatment> ; ans:pointsTo <id/provision/lc-7> ; ans:rationale "It may."@en ; ans:restsOn <id/provision/lc-7> ;
    ans:needsCircumstance <scheme/circumstance/victim-child> , <scheme/circumstance/victim-woman> ; ans:needsAlsoCircumstance <scheme/circumstance/continuing> .
<id/basis/e-2> a ans:EngagementBasis ; skos:prefLabel "No redress and LC 6"@en ; ans:coversActClass ans:RedressNotGiven ;
    ans:concernsRight <scheme/right/life> ; ans:pointsTo <id/provision/lc-6> ; ans:rationale "It may."@en ; ans:restsOn <id/provision/lc-6> ;
    ans:needsAnswerTo ans:UseOfForce , ans:Torture ; ans:needsUnderlyingActInPeriod true .
<id/event/e> a ans:Event ; skos:prefLabel "Force through the years"@en ; ans:startDate "1999"^^xsd:gYear ; ans:endDate "2005"^^xsd:gYear ;
    ans:happensIn <id/place/arland> ; ans:isReportedIn <id/passage/rights-watch-2016-para-1> .
<id/act/e-1> a ans:UseOfForce ; skos:prefLabel "Force across the day"@en ; ans:isPartOf <id/event/e> ; ans:hasPerpetrator <id/organ/xar-police> ;
    ans:hasVictim <id/group/held-people> ; ans:startDate "2000-01-01"^^xsd:date ; ans:endDate "2001-01-01"^^xsd:date ;
    ans:hasCircumstance <scheme/circumstance/victim-unaccompanied-child> , <scheme/circumstance/continuing> ;
    ans:hasCircumstancePassage <id/passage/rights-watch-2016-para-1> ; ans:isReportedIn <id/passage/rights-watch-2016-para-1> .
<id/act/e-2> a ans:LethalForce ; skos:prefLabel "Lethal force"@en ; ans:isPartOf <id/event/e> , <id/act/e-1> ; ans:isActOfUnnamedOrganOf <id/state/xar> ;
    ans:hasVictim <id/group/held-people> ; ans:date "2000-06-01"^^xsd:date ; ans:isReportedIn <id/passage/rights-watch-2016-para-1> .
<id/act/e-3> a ans:RedressNotGiven ; skos:prefLabel "No redress"@en ; ans:isPartOf <id/event/e> ; ans:hasPerpetrator <id/organ/xar-government> ;
    ans:hasVictim <id/group/held-people> ; ans:date "2004"^^xsd:gYear ; ans:failsToAnswer <id/act/e-2> ; ans:isReportedIn <id/passage/rights-watch-2016-para-1> .
<id/statement/e> a ans:Statement ; skos:prefLabel "Rights Watch on force"@en ; ans:paraphrase "It tells of each of these acts."@en ;
    ans:hasSpeaker <id/organisation/rights-watch> ; ans:hasStanding <scheme/standing/own-voice> ;
    ans:isAbout <id/event/e> , <id/act/e-1> , <id/act/e-2> , <id/act/e-3> ; ans:isReportedIn <id/passage/rights-watch-2016-para-1> .
<id/finding/e> a ans:Finding ; skos:prefLabel "The Committee: no breach of CC 2(1)"@en ; ans:paraphrase "It finds none."@en ;
    ans:hasSpeaker <id/body/custody-committee> ; ans:hasStanding <scheme/standing/treaty-body> ; ans:characterises <id/act/e-1> ;
    ans:invokes <id/provision/cc-2-1> ; ans:concernsState <id/state/xar> ; ans:date "2012-06-01"^^xsd:date ;
    ans:hasFindingOutcome <scheme/finding-outcome/no-breach> ; ans:isReportedIn <id/passage/decision-1-2010-para-14> .
"""


class World:
    """The frozen graph, each file as triples; releases made by edits in one folder, in full in another."""

    def __init__(self, folder, seed):
        self.random = random.Random(seed)
        (folder / "project").mkdir()
        self.root = frozen.project(folder / "project")
        (self.root / "data").unlink()
        shutil.copytree(frozen.DATA, self.root / "data")
        (self.root / "data/events/conditions.ttl").write_text(CONDITIONS, encoding="utf-8")
        self.settings = frozen.settings(self.root)
        self.ways = {"edit": folder / "edited", "full": folder / "whole"}
        self.files = {}
        for source in inputs.read_sources(self.root):
            if source.kind == "data":
                with Store.memory() as store:
                    store.load(source.data, format=source.format, graph=None, source=source.name)
                    path = folder / "triples.nt"
                    store.dump(path, format="nt")
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                self.files[source.name] = [LINE.fullmatch(line).groups() for line in lines]
        self.save(self.files)

    def save(self, files):
        """Write the files, and take away the others."""
        for name in {*self.files, *files}:
            path = self.root / name
            if name in files:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(f"{s} {p} {o} .\n" for s, p, o in files[name]), encoding="utf-8")
            else:
                path.unlink(missing_ok=True)

    def build(self, way, said):
        """Build in one way; return the release, or the mistakes for which it was refused."""
        options = {"out": self.ways[way], "force": way == "full", "progress": lambda done, text: said.append(text)}
        try:
            return pipeline.build(self.settings, **options)
        except ValidationFailed as error:
            return error.report.results
        except BuildError as error:  # a table would have two rows of one thing
            return (error.message,)


def change(files, chance):
    """Make one edit of some files, chosen by chance; its name."""
    name = chance.choice(sorted(files))
    triples = files[name]
    things = sorted({s for s, _, _ in triples})
    every = [triple for one in files.values() for triple in one]
    kind = chance.choice(EDITING)
    if not triples and kind != "new file":
        return "nothing"
    if kind == "statement away":
        triples.remove(chance.choice(triples))
    elif kind == "thing away":
        thing = chance.choice(things)
        files[name] = [one for one in triples if one[0] != thing]
    elif kind == "thing away with all that names it":
        thing = chance.choice(things)
        for other in files:
            files[other] = [one for one in files[other] if thing not in one]
    elif kind == "other value":
        place = chance.randrange(len(triples))
        s, p, o = triples[place]
        triples[place] = (s, p, chance.choice([one[2] for one in every if one[1] == p]))
    elif kind == "other date":
        dated = [place for place, one in enumerate(triples) if "XMLSchema#date>" in one[2]]
        if dated:
            place = chance.choice(dated)
            triples[place] = (*triples[place][:2], f'"{chance.choice(DATES)}"^^<http://www.w3.org/2001/XMLSchema#date>')
    elif kind == "other label":
        named = [place for place, one in enumerate(triples) if one[1].endswith("prefLabel>")]
        if named:
            place = chance.choice(named)
            triples[place] = (*triples[place][:2], f'"Name {chance.randrange(99)}"@en')
    elif kind == "more":
        s, p, o = chance.choice(every)
        alike = [one[0] for one in triples if one[1] == p] or things
        triples.append((chance.choice(alike), p, o))
    elif kind == "copy of a thing":
        thing = chance.choice(things)
        copy = thing[:-1] + f"-{chance.randrange(999)}>"
        triples += [(copy, p, o) for s, p, o in triples if s == thing]
    elif kind == "copy of a thing and of all that names it":
        thing = chance.choice(things)
        copies = {thing: thing[:-1] + f"-{chance.randrange(999)}>"}
        copies |= {s: s[:-1] + f"-{chance.randrange(999)}>" for s, _, o in triples if o == thing}
        triples += [(copies[s], p, copies.get(o, o)) for s, p, o in triples if s in copies]
    elif kind == "other name":
        thing = chance.choice(things)
        other = thing[:-1] + f"-{chance.randrange(999)}>"
        for one in files:
            files[one] = [tuple(other if term == thing else term for term in triple) for triple in files[one]]
    elif kind == "other file":
        thing, goal = chance.choice(things), chance.choice(sorted(files))
        files[goal] = [*files[goal], *(one for one in triples if one[0] == thing)]
        files[name] = [one for one in files[name] if one[0] != thing] if goal != name else triples
    elif kind == "new file":
        files[f"data/events/new-{chance.randrange(99)}.ttl"] = triples[: len(triples) // 2]
        files[name] = triples[len(triples) // 2 :]
    elif kind == "file away":
        del files[name]
    return kind


EDITING = [
    *("statement away", "thing away", "thing away with all that names it", "other value", "other date", "other label"),
    *("more", "copy of a thing", "copy of a thing and of all that names it", "other name", "other file", "new file"),
    *("file away", "other value", "other date", "other label", "more"),
]


def what_is_in(made):
    """Tell all that two releases of the same inputs must share."""
    manifest = {name: made.manifest[name] for name in ("digest", "triples", "warnings", "inputs", "versions", "plain")}
    dumps = {name: path.read_bytes() for name, path in made.dumps.items()}
    catalogue = (made.path / "catalogue.ttl").read_text(encoding="utf-8")
    catalogue = re.sub(r'"[^"]*"\^\^xsd:dateTime', "", catalogue).replace(made.id, "")
    with Store.open(made.store_path) as store:
        path = made.path.parent / "all.nq"
        store.dump(path, format="nq")
        lines = sorted(re.sub(rb"_:\w+", b"_:", line) for line in path.read_bytes().splitlines())
    beside = [path for name in ("tables", "crosswalks") for path in made.path.glob(f"{name}/*")]
    tables = {path.name: path.read_bytes().replace(made.id.encode(), b"") for path in beside}
    return {"manifest": json.dumps(manifest), "catalogue": catalogue, "store": lines, **dumps, **tables}


def build_both_ways(folder, edits, seed):
    """Make so many random edits; count those that were built from the last release, in full and refused."""
    world, counted, files = World(folder, seed), {"edit": 0, "full": 0, "refused": 0}, None
    files = world.files
    for way in world.ways:
        assert not isinstance(world.build(way, []), tuple)
    for number in range(edits):
        tried, said = {name: [*triples] for name, triples in files.items()}, []
        names = [change(tried, world.random) for _ in range(world.random.choice([1, 1, 1, 2, 3]))]
        world.save(tried)
        world.files = tried
        edited = world.build("edit", said)
        why = [text for text in said if text.startswith("A full build")]
        print(number, names, *why, "refused" if isinstance(edited, tuple) else "")
        if isinstance(edited, tuple):
            assert why  # what is refused has been built in full
            counted["refused"] += 1
            world.save(files)
            world.files = files
            continue
        whole = world.build("full", [])
        assert not isinstance(whole, tuple), (names, whole)
        assert release.verify(edited) == []
        one, other = what_is_in(edited), what_is_in(whole)
        assert [part for part in one if one[part] != other[part]] == [], names
        counted["full" if why else "edit"] += 1
        files = tried
        for made in (edited, whole):
            for old in release.releases(made.path.parent):
                if old.path != made.path:
                    assert release.verify(old) == []  # though files are shared
                    shutil.rmtree(old.path)
    return counted


@pytest.mark.slow  # each edit is built both ways
def test_random_edits_make_what_a_full_build_makes(tmp_path, unchanged_once):
    counted = build_both_ways(tmp_path, EDITS, SEED)
    print(counted)
    assert counted["edit"] > EDITS / 4


# What each edit changes, and what a full build then says otherwise of the acts above.
TELLING = [
    ("a circumstance goes", "<id/act/e-1>", "hasCircumstance", "<scheme/circumstance/continuing>", None),
    ("a basis asks for no circumstance", "<id/basis/e-1>", "needsAlsoCircumstance", "<scheme/circumstance/continuing>", None),
    ("what was not answered moves before the duty", "<id/act/e-2>", "date", '"2000-06-01"^^xsd:date', '"2000-04-01"^^xsd:date'),
    ("and that no longer counts", "<id/basis/e-2>", "needsUnderlyingActInPeriod", "true", "false"),
    ("a body finds a breach", "<id/finding/e>", "hasFindingOutcome", "<scheme/finding-outcome/no-breach>", "<scheme/finding-outcome/breach>"),
    ("a reservation names another article", "<id/reservation/xbo-lc-9>", "modifies", "<id/provision/lc-9>", "<id/provision/lc-7>"),
    ("a law has a day", "<id/law-version/xar-media-2009>", "inForceFrom", '"2009-07"^^xsd:gYearMonth', '"2009-07-05"^^xsd:date'),
    ("an act is part of no other", "<id/act/e-2>", "isPartOf", "<id/act/e-1>", None),
]  # fmt: skip


@pytest.mark.slow  # each edit is built both ways
def test_what_conditions_and_vague_days_rest_on_is_followed_without_a_full_build(tmp_path, unchanged_once):
    world = World(tmp_path, SEED)
    base, spaces = "<https://w3id.org/answerable/", {"xsd:": "http://www.w3.org/2001/XMLSchema#"}

    def whole(term):
        for short, space in spaces.items():
            term = re.sub(rf"\^\^{short}(\w+)", rf"^^<{space}\1>", term)
        return (
            term.replace("<", base, 1)
            if term.startswith("<")
            else term
            if '"' in term
            else f'"{term}"^^<{spaces["xsd:"]}boolean>'
        )

    links = {way: derived(world.build(way, [])) for way in world.ways}
    for name, thing, link, old, new in TELLING:
        before = (whole(thing), f"{base}ontology#{link}>", whole(old))
        (file,) = (name for name, triples in world.files.items() if before in triples)
        after = [] if new is None else [(*before[:2], whole(new))]
        world.files[file] = [triple for triple in world.files[file] if triple != before] + after
        world.save(world.files)
        said: list[str] = []
        edited, full = world.build("edit", said), world.build("full", [])
        assert [] == [text for text in said if text.startswith("A full build")], name
        one, other = what_is_in(edited), what_is_in(full)
        assert [part for part in one if one[part] != other[part]] == [], name
        now = {"edit": derived(edited), "full": derived(full)}
        assert now["full"] != links["full"], name
        links = now


def derived(made):
    """Read what the rules derived."""
    with Store.open(made.store_path) as store:
        path = made.path.parent / "links.nt"
        store.dump(path, format="nt", graph=terms.LINKS)
        return path.read_bytes()


@pytest.fixture
def built(project):
    """Build the small project; a function that builds it again and returns the release and what was said."""
    project.build()

    def again():
        said = []
        made = pipeline.build(project.settings, progress=lambda done, text: said.append(text))
        return made, next((text for text in said if text.startswith("A full build")), "")

    return again


def test_an_edit_makes_the_release_from_the_last_one(project, built):
    project.replace("data/events/strike.ttl", "2012-02-29", "2012-02-28")
    first = release.current(project.out)
    made, why = built()
    assert "" == why and made.id != first.id
    shared = [path for path in (made.path / "store").iterdir() if path.suffix == ".sst" and path.stat().st_nlink > 1]
    assert shared and [] == release.verify(made) + release.verify(first)
    assert not list(project.out.glob(".tmp-*"))
    with Store.open(made.store_path) as store:
        assert ["2012-02-28"] == [
            row[0].value
            for row in store.select(
                "SELECT ?d { ?x a ans:Trial ; ans:date ?d }".replace(
                    "ans:Trial", "<https://w3id.org/answerable/ontology#Trial>"
                ).replace("ans:date", "<https://w3id.org/answerable/ontology#date>")
            )
        ]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ontology/core.ttl", "ans:Event a owl:Class .", "ans:Event a owl:Class , rdfs:Class ."),
        ("shapes/core.ttl", "Give it a name.", "Name it."),
        ("queries/rules/links/10-leads.rq", "?y a ans:Event .", "?y a ans:Event"),
        ("queries/checks/undated.rq", "happened on no day", "has no day"),
    ],
)
def test_what_is_not_data_is_built_in_full(project, built, name, old, new):
    project.replace("data/events/strike.ttl", "2012-02-29", "2012-02-28")
    project.replace(name, old, new)
    assert f"A full build: {name} has changed" == built()[1]


def test_a_question_that_changes_comes_or_goes_makes_the_release_from_the_last_one(project, built):
    questions = "queries/questions/"
    text = (project.root / questions / "events.rq").read_text(encoding="utf-8")
    project.replace(f"{questions}events.rq", "#+ title: Events", "#+ title: All events")
    project.write(f"{questions}more.rq", text.replace("#+ title: Events", "#+ title: More events"))
    made, why = built()
    assert "" == why
    assert "All events" in (made.path / "questions/events.rq").read_text(encoding="utf-8")
    edited = what_is_in(made)
    (project.root / questions / "more.rq").unlink()
    assert "" == built()[1] and not (release.current(project.out).path / "questions/more.rq").exists()
    project.write(f"{questions}more.rq", text.replace("#+ title: Events", "#+ title: More events"))
    whole = what_is_in(pipeline.build(project.settings, force=True))
    assert [part for part in edited if edited[part] != whole[part]] == []


PARTS = """#+ title: An event of which trials are parts
#+ message: {whole} has the part {part}. Look at it.
#+ severity: Warning
PREFIX ans: <https://w3id.org/answerable/ontology#>
SELECT ?whole ?part { ?part a ans:Trial ; ans:isPartOf ?whole }
"""
MORE = '<id/event/more> a ans:Event ; skos:prefLabel "More"@en ; ans:date "2013"^^xsd:gYear ; ans:isReportedIn <id/passage/report-1> .\n'


def test_a_warning_about_a_thing_in_another_file_comes_and_goes_with_what_it_rests_on(project, built):
    project.write("queries/checks/parts.rq", PARTS)
    project.write("data/events/more.ttl", MORE)
    assert "A full build" in built()[1]
    told = []
    for text in (MORE + "<id/event/more> a ans:Trial ; ans:isPartOf <id/event/strike> .\n", MORE):
        project.write("data/events/more.ttl", text)
        made, why = built()
        assert "" == why
        told.append(made.manifest["warnings"])
        assert told[-1] == pipeline.build(project.settings, force=True).manifest["warnings"]
    assert [2, 1] == [len(said) for said in told]
    assert all(one.startswith("data/events/strike.ttl:") for said in told for one in said)


def test_a_warning_that_names_a_line_of_a_changed_file_is_made_anew(project, built):
    project.write("queries/checks/parts.rq", PARTS.replace("{part}", "data/events/more.ttl"))
    project.write("data/events/more.ttl", MORE)
    built()
    project.write("data/events/more.ttl", MORE.replace('"More"', '"Many more"'))
    assert "A full build: a warning about another file may have changed" == built()[1]


def test_a_damaged_release_is_not_built_on(project, built):
    last = release.current(project.out)
    path = next(path for path in (last.path / "store").iterdir() if path.suffix == ".sst")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    project.replace("data/events/strike.ttl", "2012-02-29", "2012-02-28")
    made, why = built()
    assert why == f"A full build: the last release is damaged: store/{path.name} differs from the manifest"
    assert [] == release.verify(made)


def test_a_file_with_graphs_of_its_own_is_built_in_full(project, built):
    project.write("data/more.trig", "")
    assert built()[1]


def test_blank_nodes_are_left_to_a_full_build(project, built):
    project.replace("data/sources/report.ttl", '"Report"@en', '"Report"@en ; ans:isReportedIn [ ]')
    with pytest.raises(ValidationFailed, match="blank node"):
        built()


def test_a_rule_that_cannot_be_followed_is_built_in_full(project, built):
    project.write(
        "queries/rules/links/20-more.rq",
        "PREFIX ans: <https://w3id.org/answerable/ontology#>\n"
        "INSERT { GRAPH <https://w3id.org/answerable/graph/links> { ?x ans:leadsTo ?x } ?x ans:leadsTo ?x }"
        " WHERE { ?x !ans:isReportedIn ?y }",
    )
    built()
    project.replace("data/events/strike.ttl", "2012-02-29", "2012-02-28")
    assert built()[1] == "A full build: queries/rules/links/20-more.rq cannot be followed"

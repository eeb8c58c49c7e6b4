"""Data of version 0.1 of the ontology, migrated as ontology/migrations/README.md says and built, give the facts that they gave in version 0.1.

tests/migrations/0.1/data/ holds three files of the frozen graph as they stood under that version and two of what else the migration touches, and
facts.txt what a build of that version derived of their acts: the act, a link, and what it leads to. An obligation stands there by its provision,
with how the act fitted its period.
"""

import gzip
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace

import pytest
from rdflib import DCTERMS, OWL, RDF, SKOS, Namespace

from kg import terms
from kg.build import inputs, pipeline
from kg.config import PROJECT
from kg.store import Store
from tests import frozen
from tests.turtle import parse

OLD = PROJECT / "tests/migrations/0.1"
UPDATE = "ontology/migrations/0.1-to-2.0.ru"
SCRIPT = "ontology/migrations/migrate.py"
COMPARE = "ontology/migrations/compare.py"
MANUAL = "ontology/migrations/README.md"
ANS = Namespace(terms.VOCABULARY)
BEFORE = "scheme/circumstance/judging-class-before"
LINKS = "foundToBreach allegedToBreach allegedToInfringe isContestedBy followsAcceptedRecommendation isAttributableTo beginsOn endsOn engages"


def migrate(old, new):
    """Run the script that the manual of the migration names."""
    assert f"{SCRIPT} OLD NEW" in (PROJECT / MANUAL).read_text(encoding="utf-8")
    subprocess.run([sys.executable, PROJECT / SCRIPT, old, new], check=True)


def read(folder):
    """Read all Turtle files below a folder."""
    return parse(sorted(folder.rglob("*.ttl")))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """Migrate the old files; the folder of the new ones."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(OLD / "data", folder / "data")
    return folder / "data"


def test_old_data_migrated_and_built_give_the_same_facts(migrated, tmp_path, unchanged_once):
    root = frozen.project(tmp_path, has_own_data=True)
    shutil.copytree(migrated, root / "data", dirs_exist_ok=True)
    made = pipeline.build(replace(frozen.settings(root), out=tmp_path / "out"))
    acts = set(
        re.findall(r"<(id/act/[^>]+)> a ", "".join(path.read_text("utf-8") for path in (OLD / "data").rglob("*.ttl")))
    )
    asked = " ".join(f"ans:{link}" for link in LINKS.split())
    with Store.open(made.store_path) as store:
        rows = store.select(
            f"""PREFIX ans: <{ANS}> SELECT ?act ?link ?to ?fit {{ VALUES ?link {{ {asked} }} ?act a ans:Act ; ?link ?other
            OPTIONAL {{ ?other ans:arisesFrom ?provision }} BIND (COALESCE(?provision, ?other) AS ?to)
            OPTIONAL {{ ?e ans:isEngagementOf ?other ; ans:characterises ?act ; ans:hasTemporalFit ?fit }} }}"""
        )
        told = {tuple("" if cell is None else short(cell.value) for cell in row) for row in rows}
    found = {" ".join(row).strip() for row in told if row[0] in acts}
    expected = {line for line in (OLD / "facts.txt").read_text(encoding="utf-8").splitlines()}
    assert 15 < len(acts) and {LINKS.split()[-1]} < {line.split()[1] for line in expected}
    assert expected == found


def short(text):
    """Write an IRI of ours as the file of facts does."""
    return text.removeprefix(terms.VOCABULARY).removeprefix(terms.BASE)


def test_only_what_the_migration_names_has_changed_and_the_iri_of_a_person_is_opaque(migrated):
    before, after = read(OLD / "data"), read(migrated)
    assert re.fullmatch(r"id/person/[0-9a-f]{10}", short(named(after)))
    assert not [path for path in migrated.rglob("*.ttl") if "ada-quill" in path.read_text("utf-8")]
    instead = dict(read(PROJECT / "ontology").subject_objects(DCTERMS.isReplacedBy))
    instead |= {ANS.isAftermathOf: ANS.isLaterThan, named(before): named(after)}
    renamed = {tuple(instead.get(one, one) for one in triple) for triple in before}
    assert set() == renamed - set(after)
    added = defaultdict(set)
    for thing, link, value in set(after) - renamed:
        if not str(thing).partition("-for-")[2]:  # a copy of a basis, for a class that was taken out
            added[short(link)].add((short(thing), short(value)))
    assert {
        "hasFindingOutcome": {(f"id/finding/cc-1-2010-art-{n}", "scheme/finding-outcome/breach") for n in (3, 22)},
        "needsCommunication": {(f"id/basis/interim-measures--{one}", "true") for one in ("cc-22", "lp-1")},
        "needsCircumstance": {
            (f"id/basis/{one}", BEFORE) for one in ("killing--lc-6", "detention--lc-9", "excessive-force--cc-16")
        },
        "hasCircumstance": {(f"id/act/{one}", BEFORE) for one in ("edges-xbo-detention", "2012-05-harbour-blows")},
        "hasCircumstancePassage": {
            ("id/act/edges-xbo-detention", "id/passage/rights-watch-2016-para-1"),
            ("id/act/2012-05-harbour-blows", "id/passage/rights-watch-2012-para-5"),
        },
        "hasNonAttributionReason": {("id/act/2012-05-harbour-arson", "scheme/non-attribution/not-classified")},
        short(RDF.type): {("id/act/edges-xar-militia", "OtherIllTreatment")},
    } == added


def named(graph):
    (person,) = graph.subjects(RDF.type, ANS.Person)
    return person


def test_a_basis_is_copied_for_each_class_that_stood_below_its_own(migrated):
    after = read(migrated)
    copied = {
        (str(one).partition("-for-")[0].rpartition("/")[2], short(after.value(one, ANS.coversActClass)))
        for one in after.subjects(RDF.type, ANS.EngagementBasis)
        if "-for-" in str(one)
    }
    below = "InquiryNotGiven RedressNotGiven PublicStatementOfGuilt PetitionHindered InterimMeasuresNotFollowed"
    assert {("denial-of-justice--lc-10", name) for name in below.split()} | {
        ("deprivation-of-life--lc-7", "DeathPenaltyImposition")
    } == copied
    pairs = [
        (after.value(one, ANS.pointsTo), after.value(one, ANS.rationale))
        for one in after.subjects(ANS.coversActClass, ANS.RedressNotGiven)
    ]
    assert [("id/provision/lc-10", "People who are held depend on a fair process.")] == [
        (short(a), str(b)) for a, b in pairs
    ]


def test_no_deprecated_term_is_left_and_a_second_run_changes_nothing(migrated, tmp_path):
    gone = set(read(PROJECT / "ontology").subjects(OWL.deprecated, None))
    before, after = (set().union(*read(folder)) for folder in (OLD / "data", migrated))
    assert len(gone & before) > 5
    assert set() == gone & after
    migrate(migrated, tmp_path / "again")
    assert set(read(migrated)) == set(read(tmp_path / "again"))


def test_each_deprecated_term_is_rewritten_to_the_one_that_the_ontology_names():
    text = (PROJECT / UPDATE).read_text(encoding="utf-8")
    for old, new in read(PROJECT / "ontology").subject_objects(DCTERMS.isReplacedBy):
        names = [str(one).removeprefix(terms.VOCABULARY) for one in (old, new)]
        pair, property_ = f"(ans:{names[0]} ans:{names[1]})", f"ans:{names[0]} ?reason"
        assert text.count(pair) == 2 or property_ in text, names


def test_a_passage_made_for_a_calculation_goes_where_another_is_cited(tmp_path):
    head = f"@prefix ans: <{ANS}> . @base <{terms.BASE}> . "
    passage = "<id/passage/{0}> a ans:Passage ; ans:hasReading <scheme/reading/{0}> . "
    text = head + passage.format("computed") + passage.format("whole")
    both = "<id/participation/a> ans:isReportedIn <id/passage/whole> , <id/passage/computed> . "
    for name, more in (("both", ""), ("alone", "<id/participation/b> ans:isReportedIn <id/passage/computed> .")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.ttl").write_text(text + both + more, encoding="utf-8")
        migrate(tmp_path / name, tmp_path / f"{name}-new")
    both, alone = (read(tmp_path / f"{name}-new") for name in ("both", "alone"))
    assert {"whole"} == {short(one).partition("/passage/")[2] for one in both.subjects(RDF.type, None)}
    assert {"whole", "computed"} == {short(one).partition("/passage/")[2] for one in alone.subjects(RDF.type, None)}
    assert {("id/participation/a", "id/passage/whole"), ("id/participation/b", "id/passage/computed")} == {
        (short(citing), short(cited)) for citing, cited in alone.subject_objects(ANS.isReportedIn)
    }


OLD_LINES = """<id/person/ada> <type> <ontology#Person>
<id/person/ada> <label> "Ada"@en
<id/act/a> <type> <ontology#UnfairTrial>
<id/act/a> <ontology#hasVictim> <id/person/ada>
<id/act/a> <ontology#isPartOf> <id/event/e>"""
NEW_LINES = """<id/person/0123456789> <type> <ontology#Person>
<id/person/0123456789> <label> "Ada"@en
<id/act/a> <type> <ontology#CriminalTrial>
<id/act/a> <ontology#hasVictim> <id/person/0123456789>
<id/act/a> <ontology#isToldAs> <scheme/standing/official>"""


def test_the_comparison_of_two_dumps_tells_what_is_lost_and_what_came(tmp_path):
    files = [tmp_path / name for name in ("old.nq.gz", "new.nq.gz", "list")]
    for path, lines in zip(files, (OLD_LINES, NEW_LINES), strict=False):
        text = lines.replace("<type>", f"<{RDF.type}>").replace("<label>", f"<{SKOS.prefLabel}>")
        text = re.sub("$", " <graph/data/a> .", text, flags=re.MULTILINE)
        text += "\n<id/x> <ontology#isPartOf> <id/y> <graph/ontology/core> ."
        path.write_bytes(gzip.compress(re.sub(r"<(?=id/|graph/|ontology#|scheme/)", f"<{terms.BASE}", text).encode()))
    command = [sys.executable, PROJECT / COMPARE, *files]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert ["4 in both", "1 only before: act isPartOf", "1 only after: act isToldAs"] == [
        line.strip() for line in said.splitlines()
    ]
    assert ["only before: id/act/a isPartOf id/event/e", "only after: id/act/a isToldAs scheme/standing/official"] == (
        files[2].read_text().splitlines()
    )


def test_a_build_does_not_read_the_migrations():
    assert [] == [one.name for one in inputs.read(PROJECT).sources if "migrations" in one.name]
    assert (PROJECT / UPDATE).is_file() and (PROJECT / SCRIPT).is_file()

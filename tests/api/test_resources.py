"""Dereferencing: things, documents, the vocabulary, and what is not there."""

import re
from html import unescape

import pytest
from rdflib import OWL, RDF, RDFS, Graph

from api.render.page import environment
from tests.api.asking import GRAPHS
from tests.turtle import ask_page

ACT = "2011-06-handover"
TYPES = {name: GRAPHS[name][0] for name in ("ttl", "nt", "jsonld", "rdf")}
TYPES |= {"json": "application/json", "html": "text/html"}
CUSTODY = """<id/act/death> ans:isPartOf <id/event/custody> .
<id/act/yard> ans:isPartOf <id/event/custody> .
<id/event/inquiry> a ans:Event ; ans:isAftermathOf <id/event/custody> .
<id/event/trial> a ans:Event ; ans:isAftermathOf <id/event/custody> ; ans:concernsAct <id/act/death> ."""
OTHERS = ["place/port-ansel", "obligation/xar-cc-3-1998-09-25", "engagement/2011-06-handover--xar-cc-3-1998-09-25"]
KINDS = [
    "event/2011-06-handover",
    "act/2011-06-handover",
    "provision/cc-3",
    "recommendation/xar-1-2",
    "document/rights-watch-2012",
    "decision/cc-1-2010",
    "state/xar",
    "passage/rights-watch-2012-para-2",
    "finding/cc-1-2010-art-3",
    "treaty/cc",
    "organ/xar-government",
    "body/custody-committee",
    "decision/cc-1-2010-rev-1",
]


def test_a_thing_sends_to_the_document_about_it(client):
    answer = client.get(f"/id/act/{ACT}")
    assert (303, f"/doc/act/{ACT}") == (answer.status_code, answer.headers["location"])
    assert f"/doc/act/{ACT}.ttl" == client.get(f"/id/act/{ACT}.ttl").headers["location"]


@pytest.mark.parametrize("suffix", TYPES)
def test_suffix_and_header_give_the_same_document(client, suffix):
    by_suffix = client.get(f"/doc/act/{ACT}.{suffix}", headers={"Accept": "image/png"})
    by_header = client.get(f"/doc/act/{ACT}", headers={"Accept": TYPES[suffix]})
    assert (200, 200) == (by_suffix.status_code, by_header.status_code)
    assert TYPES[suffix] == by_suffix.headers["content-type"].partition(";")[0]
    assert by_header.headers["content-type"] == by_suffix.headers["content-type"]


def test_the_json_of_a_thing_tells_stated_from_derived(client):
    properties = client.get(f"/doc/act/{ACT}.json").json()["properties"]
    assert [False] == [value["derived"] for value in properties["ans:isPartOf"]]
    assert [True] == [value["derived"] for value in properties["ans:isAttributableTo"]]


@pytest.mark.parametrize("thing", [*KINDS, *OTHERS])
def test_each_kind_of_thing_has_its_page_which_leads_to_its_data_and_nowhere_in_vain(client, thing):
    answer = client.browse(f"/doc/{thing}")
    page = unescape(answer.text)
    assert (200, True) == (answer.status_code, 'rel="license"' in answer.headers["link"])
    assert (
        f'<link rel="canonical" href="https://w3id.org/answerable/id/{thing}">' in page and "Cite this page as" in page
    )
    assert not re.search(r"skos:|rdf:|dcterms:|title=\"This follows", page)  # it is no list of triples
    paths = {part.partition('"')[0] for part in page.split('href="/')[1:]}
    assert {f"doc/{thing}.ttl", f"doc/{thing}.nt"} <= paths
    wrong = {path: client.get("/" + path).status_code for path in sorted(paths)[:40] if not path.startswith("static")}
    assert {} == {path: status for path, status in wrong.items() if status not in (200, 303)}


def test_the_page_of_a_state_tells_by_right_what_binds_it_and_what_was_found(client):
    for address, bound in (("state/xar", "CC, RC found"), ("state/xar?show=rights", "CC 3 since 25 September 1998")):
        page = client.words(f"/doc/{address}")
        row = re.search(
            r"non-refoulement.*?(?=freedom|effective|peaceful)", page[page.index("Found, on complaints") :]
        )[0]
        assert bound in row
        assert "found CC 3: 1 decision, 2012" in row  # and not two: the text issued again does not count
    page = client.words("/doc/state/xar")
    assert "1 that repeats the text of another" in page


def test_an_article_and_its_body_tell_of_which_states_a_breach_was_found(client):
    for thing in ("provision/cc-3", "body/custody-committee"):
        assert "1 State found in breach" in client.words(f"/doc/{thing}")
        assert "Arland 1 decision, 2012 none recorded" in client.words(f"/doc/{thing}")
    assert "CC 3 " in client.words("/doc/treaty/cc") and "1 decision, 2012" in client.words("/doc/treaty/cc")


def test_a_decision_sets_each_finding_against_the_duty_and_says_which_text_it_repeats(client):
    page = client.words("/doc/decision/cc-1-2010")
    assert "Was the duty in force on the days of the facts?" in page and "Outcome Violation" in page
    assert "Its text is repeated by Custody Committee: decision on communication 1/2010, issued again" in page
    assert "Counts leave it out" in client.words("/doc/decision/cc-1-2010-rev-1")


def test_an_act_keeps_found_alleged_and_engaged_apart(client):
    page = client.page(f"/doc/act/{ACT}")
    found, alleged, engaged = (
        page.partition(f'<section class="side {name}')[2].partition("</section>")[0]
        for name in ("found", "alleged", "engaged")
    )
    assert "CC 3" in found
    assert "LC 7" not in found
    assert "LC 7" in engaged
    assert "This is no verdict" in engaged
    assert "25 September 1998" in engaged
    assert "complainants" in alleged


def test_an_act_without_a_finding_says_what_that_means(client):
    page = client.page("/doc/act/2012-03-16-port-ansel-killings")
    assert "No finding is recorded here. That does not mean none exists" in page
    assert "24 April 2000" in page


def test_an_act_says_how_it_is_told_on_its_page_and_on_that_of_its_event(client):
    for thing, told in (
        ("act/2012-03-16-port-ansel-beating", "How it is said reported"),
        ("event/2012-03-16-port-ansel", "Account: reported"),
    ):
        assert told in client.words(f"/doc/{thing}")


def test_a_decision_tells_what_happened_and_another_document_does_not(client):
    told = client.get("/doc/decision/cc-1-2010").text.partition('<h2 id="told">')[2].partition("</ol>")[0]
    assert f'href="/doc/act/{ACT}"' in told
    assert 'href="/doc/event/2011-06-handover"' in told
    assert "What happened" not in client.get("/doc/document/rights-watch-2012").text


@pytest.mark.parametrize(
    ("date", "start", "end", "text"),
    [
        ("2011-06", None, None, "June 2011"),
        (None, "2011-12-16", None, "from 16 December 2011"),
        (None, "2010", "2014", "2010 to 2014"),
        (None, "2011-06-09", "2011-06-09", "9 June 2011"),
        (None, None, "2014", "until 2014"),
        (None, None, None, ""),
    ],
)
def test_the_first_day_of_an_open_period_is_not_shown_as_the_day(date, start, end, text):
    assert text == environment().get_template("macros/facts.html").make_module().span(date, start, end).strip()


def test_what_followed_an_act_leaves_out_a_proceeding_about_another_and_tells_one_about_it_apart():
    for act, expected in (("death", {"inquiry": "false", "trial": "true"}), ("yard", {"inquiry": "false"})):
        rows = ask_page("aftermath", CUSTODY, this=f"act/{act}")
        assert expected == {row["event"].rpartition("/")[2]: row["about"] for row in rows}


def test_an_engagement_by_two_bases_pairs_each_with_its_own_right():
    data = """<id/engagement/e> a ans:Engagement ; ans:hasGrade <scheme/engagement-grade/first> ; ans:characterises <id/act/a> ; ans:isEngagementOf <id/obligation/o> ;
        ans:hasBasis <id/basis/torture> , <id/basis/other> ; ans:concernsRight <scheme/right/r1> , <scheme/right/r2> .
    <id/obligation/o> ans:arisesFrom <id/provision/p> ; ans:binds <id/state/s> .
    <id/basis/torture> ans:concernsRight <scheme/right/r1> ; ans:coversActClass ans:Torture .
    <id/basis/other> ans:concernsRight <scheme/right/r2> ; ans:coversActClass ans:OtherIllTreatment ."""
    expected = {("torture", "r1", "Torture"), ("other", "r2", "OtherIllTreatment")}
    for name, thing in (("engagement", "engagement/e"), ("engagements", "act/a")):
        rows = ask_page(name, data, this=thing)
        found = {tuple(re.split("[/#]", row[key])[-1] for key in ("basis", "right", "kind")) for row in rows}
        assert expected == found


def test_an_act_shows_first_the_duties_named_first_folds_the_others_and_says_what_bodies_found(client):
    engaged = client.page("/doc/act/2011-06-handover").partition('id="engaged"')[2].partition("</section>")[0]
    first, _, also = engaged.partition("<summary>Also applies")
    assert "<summary>CC 3" in first and "<summary>CC 3" not in also
    assert "<summary>LC 7" in also and "<summary>LC 7" not in first
    assert "found a breach of this in 1 of 1 decided act of this kind, and any breach in 1" in " ".join(first.split())
    assert "/questions/evidence?basis=id/basis/forced-return--cc-3" in first
    assert "The article names the return of a person." in first


def test_rival_figures_stand_side_by_side(client):
    page = client.page("/doc/event/2011-06-handover")
    figures = page.partition("Figures, side by side")[2].partition("<h2>")[0]
    assert "<strong>28</strong>" in figures
    assert "<strong>29</strong>" in figures


def test_an_event_leads_to_what_happened_in_it_on_a_timeline(client):
    happened = client.page("/doc/event/2011-06-handover").partition('id="happened"')[2].partition("<h2")[0]
    assert 'href="/questions/what-happened?event=id/event/2011-06-handover"' in happened


@pytest.mark.parametrize("path", ["/id/act/2011-06-handovr", "/doc/act/2011-06-handovr"])
def test_an_unknown_thing_is_404_with_the_nearest(client, path):
    answer = client.get(path)
    assert 404 == answer.status_code
    assert "id/act/2011-06-handover" in answer.json()["hint"]


def test_the_ontology_page_says_what_a_property_applies_to_and_takes(client):
    modules = ("events", "core", "obligations", "procedures", "statements")
    pages = [client.page(f"/ontology/{name}") for name in modules]
    said = terms_on("".join(pages))
    assert "Applies to act. Takes actor." in said["hasPerpetrator"]
    assert "Applies to finding. Takes a concept of Outcomes of findings." in said["hasFindingOutcome"]
    assert "Takes a day, a year, a month." in said["signedOn"]
    assert "Takes a concept of Rights, act, event, instrument, provision." in said["concerns"]


def test_a_deprecated_term_stays_on_the_page_with_the_term_to_use(client):
    page = client.page("/ontology")
    current, _, listed = page.partition('id="module-deprecated"')
    assert 'href="/ontology/deprecated"' in listed and 'id="UnfairTrial"' in listed
    gone = client.page("/ontology/deprecated")
    assert "Deprecated: use killing instead." in terms_on(gone)["ArbitraryKilling"]
    assert {"UnfairTrial", "ExcessiveForce"} <= {*terms_on(gone)} - {*terms_on(current)}
    assert "isPartOf" in terms_on(current) and "Deprecated" not in current


def terms_on(page):
    """Read the plain text beside each term of the page."""
    found = re.findall(r'<dt id="([A-Za-z0-9]+)">.*?</dt>\s*<dd>(.*?)</dd>', page, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]*>", "", text).split()) for name, text in found}


VERSIONS = {
    "/ontology/2.0.0": "/ontology",
    "/ontology/core/2.0.0": "/ontology/core",
    "/ontology/obligations/2.0.0.ttl": "/ontology/obligations.ttl",
    "/ontology/0.1.0": "/ontology/deprecated",
}


@pytest.mark.parametrize(("version", "there"), VERSIONS.items())
def test_a_version_iri_leads_to_what_it_is_the_version_of(client, release, version, there):
    for prefix in ("", f"/release/{release.id}"):
        answer = client.get(prefix + version)
        assert (303, prefix + there) == (answer.status_code, answer.headers["location"])
        assert 200 == client.get(answer.headers["location"], headers={"Accept": "text/turtle"}).status_code


def test_the_diagram_shows_the_modules_as_the_ontology_has_them(client):
    page = client.page("/ontology")
    drawn = page[page.index('<svg viewBox="0 0 360') : page.index("</svg>", page.index('<svg viewBox="0 0 360'))]
    beneath = page[page.index("</figure>") : page.index('<h2 id="module-')]
    assert "style=" not in drawn and "<script" not in drawn
    stated = Graph().parse(data=client.get("/ontology.ttl").text, format="turtle")
    module = {one: str(of).rpartition("/")[2] for one, of in stated.subject_objects(RDFS.isDefinedBy)}
    classes = {one for one in stated.subjects(RDF.type, OWL.Class) if module.get(one, "deprecated") != "deprecated"}
    assert {"core", "events", "statements", "obligations", "procedures"} == {module[one] for one in classes}
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    for one in classes:
        here = {other for other in classes if module[other] == module[one]}
        if here & {*stated.objects(one, RDFS.subClassOf)}:
            continue
        below = len({*stated.transitive_subjects(RDFS.subClassOf, one)} & here) - 1
        name = one.partition("#")[2]
        assert (f"{name} ({below})" if below else name) in texts
        assert f'<a href="#{name}">{name}</a>{f" with {below} below it" if below else ""}' in beneath
    # Each arrow has its number, which the text beneath spells out.
    counted = sorted(int(text) for text in texts if text.isdigit())
    listed = [line.split(", ") for line in re.findall(r"<br>→ \w+: (.*?)\.(?=<br>|</dd>|\n)", beneath)]
    assert sorted(map(len, listed)) == counted and sum(counted) > 30
    assert drawn.count('class="line"') == drawn.count('class="arrow"') == len(counted)
    names = {name for line in listed for name in line}
    assert {"hasPerpetrator", "characterises", "isContestedBy"} <= names
    assert "isPartOf" not in names  # it leads from each kind of part to its own kind of whole


ABSENT = (
    *("/id/Act/x", "/doc/act/x y", "/doc/act/../../etc", "/doc/act/" + "x" * 400, "/doc/a/<b>"),
    *("/doc/event/nothing.atom", "/ontology/nothing", "/ontology/1.0.0", "/ontology/core/9.9.9", "/ontology/schemes"),
    *("/shapes/core", "/shapes/9.9.9", "/scheme/nothing", "/scheme/standing/nothing", "/graph/nothing"),
    *("/crosswalks/nothing", "/crosswalks/rights-sdg.sssom.ttl", "/problem/nothing", "/frame/hasVictim"),
    *("/answer/anything", "/reconcile/suggest/flyout?prefix=x", "/release/20200101-00000000"),
    "/release/20200101-00000000/doc/state/xar",
)


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_there_and_what_nothing_can_be_called_is_404(client, path):
    assert 404 == client.get(path).status_code


def test_a_page_shows_the_names_in_other_languages_and_keeps_the_english_title(client):
    page = client.get("/doc/place/port-ansel.html").text
    assert "<h1>Port Ansel</h1>" in page
    assert '<bdi lang="kk">Ансел порты</bdi>' in page
    assert '<bdi lang="ru">Порт-Ансель</bdi>' in page
    assert "Also:" not in client.get("/doc/organisation/rights-watch.html").text


@pytest.mark.parametrize("path", ["/id/group/withdrawn", "/doc/group/withdrawn", "/doc/group/withdrawn.ttl"])
def test_what_was_withdrawn_is_410(client, path):
    answer = client.get(path)
    assert (410, "Withdrawn on 6 May 2019: The safety of people.") == (answer.status_code, answer.json()["detail"])

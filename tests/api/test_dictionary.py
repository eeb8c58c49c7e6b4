"""The data dictionary: every class and property, with what the shapes ask, what the ontology says and what the release counts."""

import re
from html import unescape

import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, Literal, URIRef

from kg import terms
from kg.config import PROJECT
from kg.store import Store
from tests.api.client import words
from tests.turtle import parse


@pytest.fixture(scope="module")
def lines(client):
    return client.table("/dictionary.csv")


@pytest.fixture(scope="module")
def ontology():
    return parse(sorted((PROJECT / "ontology").glob("*.ttl")))


@pytest.fixture(scope="module")
def shapes():
    return parse(path for path in sorted((PROJECT / "shapes").glob("*.ttl")) if path.stem != "house")


def ours(graph, kind):
    gone = set(graph.subjects(OWL.deprecated, Literal(True)))
    return {str(one) for one in graph.subjects(RDF.type, kind) if one.startswith(terms.VOCABULARY) and one not in gone}


def test_every_class_and_every_property_of_the_ontology_stands_in_it(lines, ontology):
    assert ours(ontology, OWL.Class) | {str(OWL.Thing)} == {line["class"] for line in lines}
    properties = ours(ontology, OWL.ObjectProperty) | ours(ontology, OWL.DatatypeProperty)
    assert set() == properties - {iri for line in lines for iri in line["property"].split()}
    for line in lines:
        if line["class"] != str(OWL.Thing):
            assert str(ontology.value(URIRef(line["class"]), SKOS.definition)) == line["class_definition"]


def test_every_sentence_of_a_shape_for_a_class_stands_at_that_class(client, shapes, lines):
    told = {}
    for line in lines:
        told.setdefault(line["class"], []).append(line["sentences"])
    for shape, kind in shapes.subject_objects(SH.targetClass):
        wanted = [*shapes.objects(shape, SH.message)]
        wanted += [shapes.value(part, SH.message) for part in shapes.objects(shape, SH.property)]
        assert wanted
        for sentence in wanted:
            assert any(str(sentence) in one for one in told[str(kind)]), (kind, sentence)


def test_how_many_values_a_property_takes_follows_from_the_shapes(client):
    found = {
        (line["property"].partition("#")[2], line["applies_to"].partition("#")[2]): (
            line.get("least"),
            line.get("most"),
            line.get("asked"),
        )
        for line in client.get("/dictionary/Figure.json").json()["dictionary"]
        if " " not in line.get("property", "")
    }
    assert (1, 1, "required") == found["counts", "Figure"]
    assert (0, 1, "optional") == found["value", "Figure"]
    assert (1, None, "required") == found["isReportedIn", "Statement"]
    assert (0, None, "optional") == found["contradicts", "Statement"]
    treaty = client.get("/dictionary/Treaty.json").json()["dictionary"]
    (force,) = (line for line in treaty if line.get("property") == terms.term("inForceFrom"))
    # A day and at least one by its own shape, at most one by that of instruments, which take a month or a year too.
    assert (1, 1, terms.PREFIXES["xsd"] + "date") == (force["least"], force["most"], force["takes"])
    event = client.get("/dictionary/Event.json").json()["dictionary"]
    assert ["recommended"] == [line["asked"] for line in event if line.get("property") == terms.term("happensIn")]
    assert "forbidden" in [line["asked"] for line in event]


def test_the_counts_are_those_of_the_release(release, lines):
    with Store.open(release.store_path) as store:
        for line in lines[::40]:
            if line["class"] != str(OWL.Thing):
                asked = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a <{line['class']}> }}"
                assert next(iter(store.select(asked)))[0].value == line["class_uses"], line["class"]
            if line["property_label"]:
                asked = f"SELECT (COUNT(*) AS ?n) {{ ?s <{line['property']}> ?o }}"
                assert next(iter(store.select(asked)))[0].value == line["property_uses"], line["property"]


def test_a_class_tells_what_it_is_what_it_needs_where_its_dates_are_and_shows_an_example(client):
    page = client.page("/dictionary/Act")
    text = words(page)
    assert "Conduct of one perpetrator, or of several together" in text
    assert "Say which event the act belongs to: ans:isPartOf and the event." in text
    dates = words(page.partition('id="dates"')[2].partition("<h2")[0])
    assert dates.index("date (a day, a month, a year)") < dates.index("beginsOn (a day)")
    told = words(client.page("/dictionary"))
    assert "beginsOn The earliest day, as xsd:date" in told and "derived by the build" in told
    example = page.partition('id="example"')[2]
    thing = re.search(r'href="/doc/(act/[a-z0-9-]+)"', example)[1]
    assert terms.term("Act") in client.get(f"/doc/{thing}.ttl").text.replace("ans:Act", terms.term("Act"))
    assert re.search(rf'href="/doc/{thing}.jsonld"', example) and "isPartOf" in example


def test_a_class_below_another_tells_what_it_takes_from_it(client):
    text = words(client.page("/dictionary/Figure"))
    assert "A kind of statement" in text and "As a kind of statement" in text
    assert text.index("one ans:counts") < text.index("As a kind of statement") < text.index("Say who says it")


def test_a_class_names_the_properties_that_lead_to_its_things(client):
    page = client.page("/dictionary/Treaty")
    for name in ("isParticipationIn", "isAbout"):  # one takes treaties, the other anything
        assert re.search(rf'(<a href="/dictionary/\w+#{name}">)<code>{name}</code>', page), name
    assert "hasVictim" not in page


def test_a_deprecated_class_leads_to_the_one_in_its_place(client):
    page = client.page("/dictionary/ArbitraryKilling")
    assert 'href="/dictionary/Killing"' in page and "none recorded" in words(page)


def test_no_link_in_it_is_dead(client):
    for path in ("/dictionary", "/dictionary/Provision", "/shapes", "/shapes/house"):
        page = unescape(client.page(path))
        anchors = {part.partition('"')[0] for part in page.split('href="/')[1:]}
        for address in sorted(anchors)[:: 1 + len(anchors) // 12]:
            there = client.get("/" + address.partition("#")[0], headers={"Accept": "*/*;q=0.5, text/html"})
            assert there.status_code in (200, 303), address
            if "#" in address and address.startswith("dictionary/"):
                assert f'id="{address.partition("#")[2]}"' in there.text, address


def test_the_shapes_of_whatever_has_some_properties_stand_under_one_heading(client):
    page = client.page("/shapes").partition('id="properties"')[2]
    headings = [
        tuple(sorted(re.findall(r"<code>(\w+)</code>", one))) for one in re.findall(r"<h3.*?</h3>", page, re.DOTALL)
    ]
    assert len(headings) > 10 and len(headings) == len(set(headings))


def test_definitions_and_sentences_are_marked_as_english_elsewhere(client):
    page = client.page("/dictionary/Figure", params={"lang": "kk"})
    assert re.search(r'<p class="lead" lang="en">', page)
    assert '<span class="note" lang="en">Say what is counted' in page


def test_an_unknown_class_is_404_and_the_list_is_named(client):
    for name in ("Nothing", "hasVictim", "act"):
        answer = client.get(f"/dictionary/{name}")
        assert 404 == answer.status_code and "/dictionary" in answer.json()["hint"]


def test_the_dictionary_of_a_class_names_all_classes_above_it(client, ontology):
    for name in ("Killing", "Figure", "Treaty"):
        lines = client.get(f"/dictionary/{name}.json").json()["dictionary"]
        above = {str(one) for one in ontology.transitive_objects(URIRef(terms.term(name)), RDFS.subClassOf)}
        found = {line["applies_to"] for line in lines if line.get("applies_to")}
        assert found - {str(OWL.Thing)} <= above and str(OWL.Thing) in found

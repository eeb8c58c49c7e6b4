"""The prefilter lets nothing through that pySHACL refuses, and keeps out what conforms."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from kg.build import prefilter
from kg.build.shapes import breaches, judge
from kg.store import Store

HEAD = """@prefix e: <urn:e:> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
# One demand each, as part of a shape; {} stands for the path.
DEMANDS = [
    *(f"sh:property [ {{}} ; sh:minCount {n} ]" for n in range(4)),
    *(f"sh:property [ {{}} ; sh:maxCount {n} ]" for n in range(4)),
    'sh:property [ {} ; sh:minCount 1 ; sh:message "Lacks." ]',
    'sh:property [ {} ; sh:minCount 1 ; sh:maxCount 1 ; sh:message "One." ] , [ {} ; sh:minCount 1 ; sh:severity sh:Warning ; sh:nodeKind sh:IRI ; sh:message "A." ]',
    'sh:or ( [ {} ; sh:minCount 1 ; sh:message "Inner." ] [ sh:nodeKind sh:Literal ] )',
    'sh:property [ sh:path e:q ; sh:node [ sh:property [ {} ; sh:minCount 1 ; sh:message "Inner." ] ] ]',
    "sh:property [ {} ; sh:minCount 6 ]",
    *(f"sh:property [ {{}} ; sh:nodeKind sh:{kind} ]" for kind in ("IRI", "Literal", "BlankNode", "IRIOrLiteral")),
    *(
        f"sh:property [ {{}} ; sh:datatype {kind} ]"
        for kind in (
            *("xsd:string", "xsd:integer", "xsd:decimal", "xsd:boolean", "xsd:date", "xsd:gYear", "xsd:gYearMonth"),
            *("xsd:anyURI", "xsd:dateTime", "xsd:double", "rdf:langString"),
        )
    ),
    "sh:property [ {} ; sh:class e:C ]",
    "sh:property [ {} ; sh:class e:D ]",
    *(
        f'sh:property [ {{}} ; sh:pattern "{text}" {flags}]'
        for text, flags in (("^a", ""), ("^A", '; sh:flags "i" '), ("[0-9]{4}$", ""), ("(?=x)", ""), ("\\\\S", ""))
    ),
    "sh:property [ {} ; sh:minInclusive 2 ; sh:maxExclusive 7.5 ]",
    "sh:property [ {} ; sh:minExclusive 2 ]",
    "sh:property [ {} ; sh:maxInclusive 2 ]",
    "sh:property [ {} ; sh:minLength 2 ; sh:maxLength 3 ]",
    'sh:property [ {} ; sh:languageIn ( "en" "de" ) ]',
    "sh:property [ {} ; sh:uniqueLang true ]",
    'sh:property [ {} ; sh:in ( e:a 1 "a" "a"@en ) ]',
    "sh:property [ {} ; sh:hasValue e:a ]",
    "sh:property [ {} ; sh:hasValue 1 ]",
    "sh:property [ {} ; sh:node e:Inner ]",
    "sh:property [ {} ; sh:or ( [ sh:datatype xsd:integer ] [ sh:nodeKind sh:IRI ] [ sh:node e:Inner ] ) ]",
    'sh:property [ {} ; sh:and ( [ sh:nodeKind sh:Literal ] [ sh:pattern "1" ] ) ]',
    "sh:property [ {} ; sh:xone ( [ sh:nodeKind sh:Literal ] [ sh:datatype xsd:integer ] ) ]",
    "sh:property [ {} ; sh:not [ sh:nodeKind sh:IRI ] ]",
    "sh:property [ {} ; sh:not [ sh:datatype xsd:integer ] ]",
    "sh:property [ {} ; sh:not [ sh:property [ sh:path e:q ; sh:minCount 1 ] ] ]",
    "sh:property [ {} ; sh:property [ sh:path e:q ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ]",
    "sh:property [ {} ; sh:disjoint e:q ]",
    "sh:property [ {} ; sh:equals e:q ]",
    "sh:property [ {} ; sh:lessThan e:q ]",
    "sh:property [ {} ; sh:lessThanOrEquals e:q ]",
    "sh:property [ {} ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ; sh:node e:Inner ] ; sh:qualifiedMinCount 1 ]",
    'sh:property [ {} ; sh:qualifiedValueShape [ sh:languageIn ( "en" ) ; sh:pattern "a" ] ; sh:qualifiedMinCount 2 ]',
    "sh:property [ {} ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMaxCount 1 ]",
    "sh:property [ {} ; sh:minCount 3 ; sh:deactivated true ]",
    "sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ {} ]",
    "sh:or ( [ sh:not [ sh:property [ {} ; sh:hasValue e:a ] ] ] [ sh:property [ sh:path e:q ; sh:minCount 1 ] ] )",
    "sh:nodeKind sh:IRI ; sh:pattern 'a$' ; sh:not [ sh:property [ {} ; sh:minCount 2 ] ]",
    "sh:in ( e:a e:b )",
    "sh:hasValue e:a",
]
PATHS = [
    *(["sh:path e:p"] * 4),
    "sh:path ( e:p e:q )",
    "sh:path [ sh:alternativePath ( e:p e:q ) ]",
    "sh:path [ sh:inversePath e:p ]",
    "sh:path [ sh:zeroOrMorePath e:p ]",
    "sh:path [ sh:oneOrMorePath e:p ]",
    "sh:path [ sh:zeroOrOnePath e:p ]",
    "sh:path ( e:q [ sh:zeroOrMorePath [ sh:alternativePath ( e:p e:q ) ] ] )",
]
TARGETS = [
    *("sh:targetClass e:C", "sh:targetClass e:D , e:C", "sh:targetSubjectsOf e:p", "sh:targetObjectsOf e:p"),
    *("sh:targetNode e:a , e:missing", "sh:targetNode 1", "a owl:Class"),
]
INNER = "e:Inner a sh:NodeShape ; sh:property [ sh:path e:q ; sh:minCount 1 ; sh:maxCount 2 ] .\n"
THINGS = ["e:a", "e:b", "e:c", "e:d"]
VALUES = [
    *(
        *THINGS,
        "e:C",
        "1",
        "2",
        "3.5",
        "7.50",
        "01",
        "true",
        "1.0e0",
        '"a"',
        '"A b"',
        '"a"@en',
        '"a"@EN',
        '"b"@en',
        '"b"@de-AT',
    ),
    *(
        '"x"^^xsd:integer',
        '""',
        '"2"^^xsd:boolean',
        '"2011-02-30"^^xsd:date',
        '"2011-02-28"^^xsd:date',
        '"2011-12-31"^^xsd:date',
    ),
    *(
        '"2011-12-16Z"^^xsd:date',
        '"0000-01-01"^^xsd:date',
        '"2011"^^xsd:gYear',
        '"11"^^xsd:gYear',
        '"2011-13"^^xsd:gYearMonth',
    ),
    *(
        '"2011-06"^^xsd:gYearMonth',
        '"http://x"^^xsd:anyURI',
        '" "',
        '"2011-12-16T25:00:00"^^xsd:dateTime',
        '"+5"^^xsd:integer',
    ),
    *('"99999999999999999999999999"^^xsd:integer', '"1."^^xsd:decimal', '"a\\n2011\\n"'),
]
triple = st.one_of(
    st.tuples(st.sampled_from(THINGS), st.sampled_from(["e:p", "e:q"]), st.sampled_from(VALUES)),
    st.tuples(st.sampled_from(THINGS), st.just("a"), st.sampled_from(["e:C", "e:D", "e:S"])),
)
clean = settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def suspected_and_refused(data, shapes):
    """Screen a graph and judge it whole; what is suspected or lacks a value, what pySHACL refuses, and what is found so.

    Each refusal is (thing, message, severity, path, value).
    """
    sound = Graph().parse(data=HEAD + shapes, format="turtle")
    with Store.memory() as store:
        for number, part in enumerate(
            [data[::2], data[1::2], [("e:E", "rdfs:subClassOf", "e:D"), ("e:D", "rdfs:subClassOf", "e:C")]]
        ):
            text = HEAD + "".join(f"{' '.join(triple)} .\n" for triple in part)
            store.load(text.encode(), format="ttl", graph=f"urn:g:{number}", source="data")
        suspects, found = prefilter.suspects(store, sound), breaches(store, sound)
        whole = Graph()
        for triple in prefilter._all(store).triples:
            whole.add(triple)
    refused, found = ({(focus, *rest) for focus, _, *rest in rows} for rows in (judge(whole, sound), found))
    about = None if suspects.about is None else suspects.about | {thing for thing, _ in suspects.lacking}
    return about, refused, found


@pytest.mark.slow  # pySHACL judges everything, case by case
@pytest.mark.parametrize("demand", DEMANDS)
@clean
@given(data=st.lists(triple, max_size=14), path=st.sampled_from(PATHS), target=st.sampled_from(TARGETS))
def test_what_pyshacl_refuses_of_the_suspects_is_what_it_refuses_of_all(demand, data, path, target):
    shapes = f"e:S a sh:NodeShape ; {target} ; {demand.replace('{}', path)} .\n{INNER}"
    about, refused, found = suspected_and_refused(data, shapes)
    assert refused == found, f"{data} {shapes}"
    assert about is None or {focus for focus, *_ in refused} <= about


def test_what_conforms_is_no_suspect_and_what_does_not_is():
    shapes = """e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property [ sh:path e:p ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:date ] ,
        [ sh:path e:q ; sh:nodeKind sh:IRI ; sh:class e:C ] ."""
    data = [("e:a", "a", "e:E"), ("e:a", "e:p", '"2011-12-31"^^xsd:date'), ("e:a", "e:q", "e:b"), ("e:b", "a", "e:D")]
    about, refused, _ = suspected_and_refused(data, shapes)
    assert {"urn:e:b"} == about == {focus for focus, *_ in refused}


def test_what_only_lacks_a_value_is_told_without_a_judge():
    shapes = """e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property [ sh:path e:p ; sh:minCount 1 ; sh:nodeKind sh:IRI ; sh:message "Name it." ] ,
        [ sh:path e:q ; sh:minCount 2 ; sh:message "Name two." ] ."""
    sound = Graph().parse(data=HEAD + shapes, format="turtle")
    data = "e:a a e:C ; e:q 1 , 2 . e:b a e:C ; e:p e:a ; e:q 1 , 2 . e:c a e:C ; e:p e:a ."
    with Store.memory() as store:
        store.load((HEAD + data).encode(), format="ttl", graph="urn:g", source="data")
        suspects = prefilter.suspects(store, sound)
    assert ["urn:e:a"] == [thing for thing, _ in suspects.lacking]
    assert {"urn:e:c"} == suspects.about


def test_what_no_question_can_tell_is_judged_whole():
    shapes = "e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property [ sh:path e:p ; sh:equals e:q ] ."
    assert suspected_and_refused([("e:a", "a", "e:C")], shapes)[0] is None

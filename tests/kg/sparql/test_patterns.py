"""The triple patterns of a query, and what must hold beside each."""

import pytest

from kg.config import PROJECT
from kg.sparql.patterns import Unclear
from kg.sparql.reader import read

HEAD = "PREFIX e: <http://e/> "


def uses(text):
    """List the patterns of a query, each with those beside it, in short."""

    def short(pattern):
        return pattern.text().replace("http://e/", "").replace("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "")

    return [
        (short(one.pattern), [short(other) for other in one.beside.patterns]) for one in read(HEAD + text).body.uses()
    ]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("?x e:p ?y", [("?x <p> ?y .", [])]),
        ("?x a e:A ; e:p 'b'@en , 2", [("?x <type> <A> .", ["?x <p> 'b'@en .", "?x <p> 2 ."])]),
        ("?x e:p ?y OPTIONAL { ?y e:q ?z }", [("?x <p> ?y .", []), ("?y <q> ?z .", ["?x <p> ?y ."])]),
        ("?x e:p ?y MINUS { ?y e:q ?z }", [("?x <p> ?y .", []), ("?y <q> ?z .", ["?x <p> ?y ."])]),
        ("?x e:p ?y FILTER NOT EXISTS { ?y e:q ?z }", [("?x <p> ?y .", []), ("?y <q> ?z .", ["?x <p> ?y ."])]),
        ("?x e:p ?y BIND (EXISTS { ?y e:q ?z } AS ?b)", [("?x <p> ?y .", []), ("?y <q> ?z .", ["?x <p> ?y ."])]),
        ("GRAPH ?g { ?x e:p ?y }", [("GRAPH ?g { ?x <p> ?y . }", [])]),
        ("{ ?x e:p ?y } UNION { ?x e:q ?y }", [("?x <p> ?y .", []), ("?x <q> ?y .", [])]),
        ("?x e:p|e:q ?y", [("?x <p> ?y .", []), ("?x <q> ?y .", [])]),
        ("?x e:p ?y BIND (?y AS ?z) ?z e:q 1", [("?x <p> ?y .", ["?y <q> 1 ."]), ("?y <q> 1 .", ["?x <p> ?y ."])]),
        ("?x e:p* ?y", [("?x <p>* ?y .", [])]),
        ("?x ^e:p ?y", [("?y <p> ?x .", [])]),
        ("?x (e:p|^e:q) ?y", [("?x <p> ?y .", []), ("?y <q> ?x .", [])]),
        ("{ SELECT DISTINCT ?x { ?x e:p ?y } } ?x e:q ?y", [("?x <q> ?y .", ["?x <p> ?y_0 ."])]),
    ],
)
def test_each_pattern_has_beside_it_what_must_hold(where, found):
    there = uses(f"SELECT ?x WHERE {{ {where} }}")
    for one in found:
        assert one in there
    assert len(there) >= len(found)


def test_a_path_is_read_step_by_step():
    ((first, beside), (second, _)) = uses("SELECT ?x { ?x e:p/e:q ?y }")
    between = first.split()[2]
    assert (f"?x <p> {between} .", [f"{between} <q> ?y ."], f"{between} <q> ?y .") == (first, beside, second)
    assert 3 == len(uses("SELECT ?x { ?x e:p?/e:q ?y }"))
    ((first, _), (second, _)) = uses("SELECT ?x { ?x ^(e:p/e:q) ?y }")
    assert ("<q> ?x .", "?y <p>") == (first.partition(" ")[2], second.rpartition(" ?")[0])


def test_a_filter_counts_where_all_its_variables_are_bound_by_what_must_hold():
    text = (
        "SELECT ?x { ?x e:p ?y FILTER (?y > 1) OPTIONAL { ?y e:q ?z FILTER (?z > 2) FILTER (?x > 3) } FILTER (?z > 4) }"
    )
    first, second = read(HEAD + text).body.uses()
    assert ["(?y > 1)"] == [said for said, _ in first.beside.filters]
    assert ["(?y > 1)", "(?z > 2)"] == [said for said, _ in second.beside.filters]


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?x e:p ?y }",
        "SELECT * { ?x e:p ?y }",
        "SELECT ?x { ?x !e:p ?y }",
        "SELECT ?x { ?x ^e:p* ?y }",
        "SELECT ?x { ?x e:p [] }",
        "SELECT ?x { ?x e:p ?y } LIMIT 1",
        "SELECT ?x { SERVICE e:s { ?x e:p ?y } }",
        "SELECT ?x { ?x e:p",
        "DELETE { ?x e:p ?y } WHERE { ?x e:p ?y }",
        "INSERT { ?x e:p ?y } WHERE { ?x e:q ?y } ; INSERT { ?x e:p ?y } WHERE { ?x e:r ?y }",
    ],
)
def test_what_is_not_read_is_unclear(text):
    with pytest.raises(Unclear):
        read(HEAD + text)


def test_the_keys_of_a_query_tell_its_rows_apart():
    assert ("?x", "?y") == read("SELECT DISTINCT ?x ?y (1 AS ?n) { ?x ?y ?z }").keys
    assert ("?x",) == read("SELECT ?x (MAX(?y) AS ?n) { ?x ?p ?y } GROUP BY ?x HAVING (MAX(?y) > 1)").keys


def test_every_rule_and_check_of_the_project_is_read():
    files = [*(PROJECT / "queries/rules").glob("*/*.rq"), *(PROJECT / "queries/checks").rglob("*.rq")]
    for file in files:
        reading = read(file.read_text(encoding="utf-8"))
        assert len(files) > 40 and [*reading.body.uses()]
        assert reading.template or reading.keys

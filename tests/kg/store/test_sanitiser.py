"""What a source file may not hold, asked of the store that loads it."""

import pytest

from kg.errors import SourceError
from kg.store import Store

E = "http://example.org/"


def load(data, format="ttl", graph=E + "g"):
    store = Store.memory()
    store.load(data, format=format, graph=graph, source="data/x." + format)
    return store


A = b"@prefix a: <http://a/> .\n"
SEMICOLON = "A semicolon is missing"


@pytest.mark.parametrize(
    ("data", "place", "hint"),
    [
        (A + b"\na:b a:c z:d .\n", "3:9: ", "@prefix"),
        (A + b"a:b a:c <rel> .\n", "2:9: ", "in full"),
        (A + b"a:b a:c a:d\na:d a:e a:e .\n", "3:1: ", "full stop"),
        (A + b"a:b a:c a:d\n  a:e 'x; .'@en , 2 .\n", f"3:3: {SEMICOLON}", "Write ;"),
        (A + b"a:b a:c a:d\n  a:e [ a:f 1 ] .\n", f"3:3: {SEMICOLON}", "Write ;"),
        (A + b"a:b a:c [ a:e '1'^^a:f\n  a:g 1 ] .\n", f"3:3: {SEMICOLON}", "Write ;"),
        (A + b"a:b a:c 1\n  a a:d .\n", f"3:3: {SEMICOLON}", "Write ;"),
        (A + b"a:b a:c 'abc ;\n", "2:9: ", ""),
        (A + b"a:b a:c <http://a b> .\n", "2:9: ", "percent-encode"),
        (A + b"a:b a:c 'x\xff' .\n", "2:11: ", "UTF-8"),
        (A + "a:ә a:c <javascript:alert(1)> .\n".encode(), "2:10: ", "https"),
        (b"@prefix j: <JavaScript:> .\n<http://a> <http://a> j:x .\n", "", "https"),
        (b"<http://a> <http://a> <\\u006Aavascript:x> .\n", " ", "https"),
        (b"<http://a> <http://a>\n 'a\\u0000b' .\n", "2:4: ", "Take it out"),
        (A + b"a:a a:a <<( a:a a:a <<( a:a a:a 1 )>> )>> .", "2:21: ", "one"),
    ],
)
def test_a_bad_file_is_an_error_with_its_place_and_how_to_mend_it(data, place, hint):
    with pytest.raises(SourceError) as caught:
        load(data)
    assert str(caught.value).startswith(f"data/x.ttl:{place}") and hint in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b'{"@context": "http://127.0.0.1:9/c", "@id": "http://a", "http://b": 1}', "not fetched"),
        (b'{"@id": "a", "http://b/": 1}', "'a' is a relative IRI"),
        (b'{"http://b/":' * 5000 + b"1" + b"}" * 5000, "too deep"),
        (b'{"@id": "http://a"', "data/x.jsonld:1:"),
    ],
)
def test_bad_json_ld_is_refused(data, part):
    with pytest.raises(SourceError, match=part):
        load(data, "jsonld")


@pytest.mark.parametrize(("opened", "closed"), [(b"(", b")"), (b"[ <http://a> ", b"]")])
def test_lists_and_blank_nodes_nested_without_end_are_refused_with_their_place(opened, closed):
    data = b"<http://a> <http://a>\n " + opened * 201 + b"1" + closed * 201 + b" ."
    with pytest.raises(SourceError, match=r"ttl:2:\d+: Terms are nested too deep"):
        load(data)
    load(data.replace(opened, b"", 1).replace(closed, b"", 1))
    load(b"<http://a> <http://a> '" + b"(" * 1000 + b"' . # " + b"(" * 1000)


@pytest.mark.parametrize(
    "data",
    [
        b"<http://a> <http://a> 'see <b>bold</b> and <javascript:x>, <<, <<' .",  # a text that looks like an IRI
        b"\xef\xbb\xbf<http://a> <http://a> 1 .",
    ],
)
def test_a_byte_order_mark_and_what_looks_like_an_iri_in_a_text_are_let_through(data):
    assert 1 == load(data).count(E + "g")


def test_quads_keep_their_graphs_and_triples_get_one():
    store = load(b"<http://a> <http://a> 1 . <http://h> { <http://a> <http://a> 2 }", "trig")
    assert [E + "g", "http://h"] == store.graphs()
    assert (1, 1) == (store.count(E + "g"), store.count("http://h"))


def test_a_file_that_fails_leaves_nothing_behind():
    store = Store.memory()
    with pytest.raises(SourceError):
        store.load(b"<http://a> <http://a> 1 .\n<http://a> x", format="ttl", graph=E + "g", source="x")
    assert [] == store.graphs()


def test_blank_nodes_of_two_files_stay_apart():
    store = Store.memory()
    for name in "ab":
        store.load(b"_:x <http://a> <http://b> .", format="nt", graph=E + name, source=name)
        store.load(b'{"@id": "_:x", "http://a/": 1}', format="jsonld", graph=E + name, source=name)
    store.copy_named_into_default()
    assert 4 == store.count()


def test_rdf_xml_is_not_read():
    with pytest.raises(SourceError, match="not a format we read"):
        load(b"<rdf/>", "rdf")

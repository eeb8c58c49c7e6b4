"""The reconciliation service: what OpenRefine sends, answered as the specification wants it."""

import json
from urllib.parse import quote

import jsonschema
import pytest
from referencing import Registry, Resource

from api.routers import reconcile
from kg.config import PROJECT
from tests.api.client import start

SCHEMAS = {path.stem: json.loads(path.read_text()) for path in (PROJECT / "tests/reconciliation").glob("*.json")}
REGISTRY = Registry().with_resources(
    (one["$id"], Resource.from_contents(one, default_specification=jsonschema.validators.referencing.jsonschema.DRAFT7))
    for one in SCHEMAS.values()
)


def valid(name, told):
    """Hold an answer to a schema of the specification; the answer."""
    jsonschema.Draft7Validator(SCHEMAS[name], registry=REGISTRY).validate(told)
    return told


def match(client, **asked):
    """Match one name; its candidates."""
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": asked})})
    assert 200 == answer.status_code, answer.text
    return valid("reconciliation-result-batch", answer.json())["q0"]["result"]


def test_the_manifest_names_addresses_that_answer(client):
    told = valid("manifest", client.get("/reconcile").json())
    site = "http://testserver"
    for what, one in told["suggest"].items():
        assert f"{site}/reconcile/suggest/{what}" == one["service_url"] + one["service_path"]
        assert 200 == client.get(one["service_path"], params={"prefix": "a"}).status_code
    proposed = told["extend"]["propose_properties"]
    assert 200 == client.get(proposed["service_path"], params={"type": "ans:State"}).status_code
    shown = client.get(told["preview"]["url"].replace("{{id}}", quote("id/state/xar", safe="")).removeprefix(site))
    assert 200 == shown.status_code and "frame-ancestors *" in shown.headers["content-security-policy"]
    assert told["view"]["url"].replace("{{id}}", "id/state/xar").endswith("/answerable/id/state/xar")


def test_a_batch_of_ten_is_answered_as_openrefine_sends_it(client):
    names = ["Arland", "ARLAND", "arland ", "Port Ansel", "XAR", "Boria", "", "nothing like it", "Xar", "Arlandd"]
    batch = {f"q{at}": {"query": name, "type": "ans:State", "limit": 3} for at, name in enumerate(names)}
    body = "queries=" + quote(json.dumps(batch))
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "Origin": "http://127.0.0.1:3333"}
    answer = client.post("/reconcile", content=body, headers=headers)
    told = valid("reconciliation-result-batch", answer.json())
    assert "*" == answer.headers["access-control-allow-origin"] and [*batch] == [*told]
    first = [one["result"][0]["id"] if one["result"] else None for one in told.values()]
    assert ["id/state/xar"] * 3 == first[:3] and "id/state/xar" == first[4] == first[8] == first[9]
    assert all(one["result"][0]["match"] for key, one in told.items() if key in ("q0", "q1", "q2", "q4"))
    assert [] == told["q6"]["result"] == told["q7"]["result"]
    assert not told["q9"]["result"][0]["match"]  # a letter too many: likely, and still for a person to say
    assert told == client.get(f"/reconcile?{body}").json()


def test_a_batch_is_sent_without_compression(client):
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
    answer = client.post("/reconcile", content=b"queries={}", headers=headers)
    assert (415, "identity") == (answer.status_code, answer.headers["accept-encoding"])


def test_an_unknown_type_has_no_candidates_and_none_means_all(client):
    assert [] == match(client, query="Arland", type="wikidata:Q6256")
    assert {"ans:State"} <= {kind["id"] for one in match(client, query="Arland") for kind in one["type"]}
    assert "id/state/xar" == match(client, query="id/state/xar")[0]["id"]  # as somebody matched it before


def test_an_article_is_found_by_its_treaty_and_number_in_any_order(client):
    provision = "id/provision/lc-7"
    for name in ("LC 7", "Article 7 LC", "art. 7 of the LC", "ст. 7 LC"):
        first = match(client, query=name, type="ans:Provision")[0]
        assert (provision, 100, True) == (first["id"], first["score"], first["match"]), name
    beside = [{"pid": "ans:isProvisionOf", "v": "LC"}]
    assert provision == match(client, query="article 7", type="ans:Provision", properties=beside)[0]["id"]


def test_a_state_is_meant_before_the_place_of_its_name_unless_a_place_is_asked_for(client):
    first, second, *_ = match(client, query="Arland")
    assert ("id/state/xar", True, "id/place/arland") == (first["id"], first["match"], second["id"])
    assert first["score"] > second["score"] and not second["match"]
    (place, *_) = match(client, query="Arland", type="ans:Place")
    assert ("id/place/arland", True) == (place["id"], place["match"])


def test_the_name_of_a_match_is_its_main_name_whichever_was_sent(client):
    (first, *_) = match(client, query="XAR", type="ans:State")
    assert ("Arland", True) == (first["name"], first["match"])


def test_a_property_decides_between_equal_names(client):
    beside = [{"pid": "ans:isoCode", "v": "XAR"}]
    found = match(client, query="Arlan", type="ans:State", properties=beside)
    assert "id/state/xar" == found[0]["id"]
    points = {one["id"]: one["value"] for one in found[0]["features"]}
    assert 100 == points["ans:isoCode"] and found[0]["score"] > points["name"]
    against = match(client, query="Arland", type="ans:State", properties=[{"pid": "ans:isoCode", "v": "QQQ"}])
    assert not against[0]["match"]


def test_what_clients_send_in_other_forms_is_read_as_it_is_meant(client):
    plain = match(client, query="Arland", type="ans:State", properties=[{"pid": "ans:isoCode", "v": "XAR"}])
    for asked in (
        {"type": ["ans:State"], "limit": "5", "properties": [{"pid": "ans:isoCode", "v": ["XAR", None]}]},
        {"type": ["ans:State"], "limit": None, "properties": [{"pid": "ans:isoCode", "v": {"id": "XAR", "name": "x"}}]},
        {
            "type": "ans:State",
            "limit": 0,
            "properties": {"pid": "ans:isoCode", "v": [{"name": "XAR"}]},
            "type_strict": "any",
        },
    ):
        assert plain == match(client, query="Arland", **asked)
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": "Arland"})}).json()
    assert match(client, query="Arland") == answer["q0"]["result"]


def test_names_that_the_search_spells_otherwise_are_candidates_and_never_certain(client):
    for name in ("Arlnd", "Republic of Arland and more"):
        first = match(client, query=name, type="ans:State")[0]
        assert ("id/state/xar", False) == (first["id"], first["match"]), name


def test_a_right_and_a_kind_of_act_are_found_in_russian_too(client):
    assert "scheme/right/no-torture" == match(client, query="freedom from torture", type="scheme/right")[0]["id"]
    assert "scheme/right/liberty" == match(client, query="свобода и личная неприкосновенность")[0]["id"]
    first = match(client, query="torture", type="act-class")[0]
    assert ("ontology#Torture", 100) == (first["id"], first["score"])  # its name ends in "as reported"


def test_suggestions_are_as_specified(client):
    things = client.get("/reconcile/suggest/entity?prefix=Arl").json()
    found = valid("suggest-entities-response", things)["result"]
    assert "id/state/xar" in [one["id"] for one in found]
    assert [] == client.get("/reconcile/suggest/entity?prefix=&type=ans:State").json()["result"]
    only = client.get("/reconcile/suggest/entity?prefix=a&type=ans:Place").json()["result"]
    assert only and {"ans:Place"} <= {kind["id"] for one in only for kind in one["notable"]}
    assert found[1:2] == client.get("/reconcile/suggest/entity?prefix=Arl&cursor=1").json()["result"][:1]
    kinds = valid("suggest-types-response", client.get("/reconcile/suggest/type?prefix=tr").json())["result"]
    assert ["ans:TreatyBody", "ans:Treaty"] == [one["id"] for one in kinds]
    named = valid("suggest-properties-response", client.get("/reconcile/suggest/property?prefix=iso").json())["result"]
    assert ["ans:isoCode"] == [one["id"] for one in named]


def test_values_are_given_for_what_was_matched(client):
    article = {"ids": ["id/provision/lc-7"], "properties": [{"id": "ans:isProvisionOf"}]}
    told = client.post("/reconcile", data={"extend": json.dumps(article)}).json()["rows"]["id/provision/lc-7"]
    assert [{"id": "id/treaty/lc", "name": "Covenant on Liberties"}] == told["ans:isProvisionOf"]
    wanted = [{"id": "ans:isoCode"}, {"id": "ans:isReportedIn", "settings": {"limit": 1}}]
    asked = {"ids": ["id/state/xar", "id/state/nowhere"], "properties": wanted}
    told = valid("data-extension-response", client.post("/reconcile", data={"extend": json.dumps(asked)}).json())
    assert ["ans:isoCode", "ans:isReportedIn"] == [one["id"] for one in told["meta"]]
    assert [{"str": "XAR"}] == told["rows"]["id/state/xar"]["ans:isoCode"]
    assert 1 == len(told["rows"]["id/state/xar"]["ans:isReportedIn"])
    assert {"ans:isoCode": [], "ans:isReportedIn": []} == told["rows"]["id/state/nowhere"]


@pytest.mark.parametrize(
    "form",
    [
        {"queries": "{"},
        {"queries": "[" * 5000},
        {"queries": "[]"},
        {"queries": '{"q0": 7}'},
        {"queries": '{"q0": {"query": "a", "limit": "x"}}'},
        {"queries": '{"q0": {"query": "a", "properties": [{"pid": "a b", "v": "x"}]}}'},
        {"queries": json.dumps({str(at): "a" for at in range(101)})},
        {"extend": '{"ids": ["id/state/xar"], "properties": [{"id": "ans:nothing"}]}'},
        {"extend": '{"ids": 1, "properties": []}'},
        {"other": "x"},
    ],
)
def test_a_mistake_is_told_in_plain_words(client, form):
    answer = client.post("/reconcile", data=form)
    assert 400 == answer.status_code and answer.json()["detail"]


def test_a_client_that_used_up_its_time_waits_here_and_with_a_file_to_check(release):
    with start(release, client=("203.0.113.9", 1), client_seconds=0.01, loopback_budget=True) as client:
        form = {"queries": json.dumps({"q": "Arland"})}
        turtle = {"Content-Type": "text/turtle", "Accept": "application/json"}
        assert [200, 429] == [client.post("/reconcile", data=form).status_code for _ in range(2)]
        assert 429 == client.post("/check", content="<a:b> <a:c> 1 .", headers=turtle).status_code
        assert 413 == client.post("/reconcile", data={"queries": "x" * (reconcile.MOST_BODY + 1)}).status_code


def test_a_person_reads_what_the_address_is_for(client):
    page = client.browse("/reconcile")
    assert "http://testserver/reconcile" in page.text and "OpenRefine" in page.text

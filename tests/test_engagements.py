"""The engagement bases of data/engagement/ on invented acts: what they let an act engage under the real treaties, and above all what not.

One State, Testland, is a party to every treaty of the graph since 1 June 2000 and accepts every optional complaint. All acts stand in one graph,
which the rules are run on once; each test asks for some of them.
"""

import functools
import re
import tomllib

import pytest

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store
from tests.turtle import HEAD

LAW = ("ontology", "data/treaties", "data/laws", "data/engagement")
PARTIES = """
<id/state/t> a ans:State ; ans:isoCode "TTT" ; skos:prefLabel "Testland"@en .
<id/communication/cat> a ans:Communication ; ans:isBroughtUnder <id/provision/cat-22> .
<id/communication/cedaw> a ans:Communication ; ans:isBroughtUnder <id/provision/cedaw-op-1> .
<id/communication/iccpr> a ans:Communication ; ans:isBroughtUnder <id/provision/iccpr-op1-1> .
<id/communication/crc> a ans:Communication ; ans:isBroughtUnder <id/provision/crc-op-ic-5> .
<id/communication/crpd> a ans:Communication ; ans:isBroughtUnder <id/provision/crpd-op-1> .
<id/communication/icescr> a ans:Communication ; ans:isBroughtUnder <id/provision/icescr-op-1> .
<id/communication/cat-inquiry> a ans:Communication ; ans:isBroughtUnder <id/provision/cat-20> .
"""
OPTIONAL = ("cat-22", "icerd-14", "icpped-31")


CASES = tomllib.loads((PROJECT / "tests/facts/engagements.toml").read_text(encoding="utf-8"))


def written(key, case):
    """Write an act, and those it fails to answer, as Turtle."""
    below = {f"{key}-below-{n}": answered for n, answered in enumerate(case.get("answers", ()))}
    when, state = case.get("when", "2010"), case.get("state", "t")
    parts = [f'<id/act/{key}> a ans:{case["kind"]} ; skos:prefLabel "{key}"@en']
    parts += [f'ans:date "{when}"^^xsd:gYear'] if when else []
    parts += [f"ans:isAttributableTo <id/state/{state}>"] if state else []
    parts += [f"ans:hasCircumstance <scheme/circumstance/{name}>" for name in case.get("with", ())]
    parts += [f"ans:failsToAnswer <id/act/{name}>" for name in below]
    return (
        " ; ".join(parts)
        + case.get("more", "")
        + " .\n"
        + "".join(written(name, answered) for name, answered in below.items())
    )


def key_of(name):
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


@functools.cache
def engaged():
    """Run the rules over all cases; return for each act's key the keys of the provisions it engages."""
    store = Store.memory()
    for folder in LAW:
        for path in sorted((PROJECT / folder).rglob("*.ttl")):
            name = path.relative_to(PROJECT).as_posix()
            store.load(path.read_bytes(), format="ttl", graph=terms.graph_of(name), source=name)
    treaties = f"SELECT ?treaty WHERE {{ GRAPH ?g {{ ?treaty a <{terms.VOCABULARY}Treaty> }} }}"
    parties = PARTIES
    for key in sorted(row[0].value.rpartition("/")[2] for row in store.select(treaties)):
        parties += f"""<id/participation/t-{key}> a ans:Participation ; ans:isParticipationOf <id/state/t> ; ans:isParticipationIn <id/treaty/{key}> ;
            ans:inForceFrom "{max("2000-06-01", STARTED.get(key, ""))}"^^xsd:date .\n"""
    for provision in OPTIONAL:
        parties += f"""<id/participation/t-{provision.partition("-")[0]}> ans:hasOptionalDeclaration <id/declaration/t-{provision}> .
            <id/declaration/t-{provision}> a ans:OptionalDeclaration ; ans:accepts <id/provision/{provision}> ; ans:date "2000-06-01"^^xsd:date .\n"""
    acts = "".join(written(key_of(name), case["act"]) for name, case in CASES.items())
    store.load((HEAD + parties + acts).encode(), format="ttl", graph=terms.graph_of("data/test.ttl"), source="test")
    store.copy_named_into_default()
    inference.derive(store, *(inputs.read_queries(PROJECT, f"rules/{kind}") for kind in ("owl", "links")))
    found = {key_of(name): set() for name in CASES}
    query = f"PREFIX ans: <{terms.VOCABULARY}> SELECT ?act ?provision WHERE {{ ?act ans:engages/ans:arisesFrom ?provision }}"
    for subject, provision in store.select(query):
        found.setdefault(subject.value.rpartition("/")[2], set()).add(provision.value.rpartition("/")[2])
    return found


# Treaties that came into force after Testland joined the others.
STARTED = {
    "icpped": "2010-12-23", "crpd": "2008-05-03", "opcat": "2006-06-22", "icescr-op": "2013-05-05", "cmw": "2003-07-01",
    "cedaw-op": "2000-12-22", "crc-op-ac": "2002-02-12", "crc-op-sc": "2002-01-18", "crc-op-ic": "2014-04-14", "crpd-op": "2008-05-03",
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_act_engages_what_the_bases_say_and_nothing_that_they_leave_out(name):
    found = engaged()[key_of(name)]
    assert set() == set(CASES[name]["engages"].split()) - found
    assert set() == set(CASES[name]["leaves"].split()) & found


def test_each_case_has_its_own_key():
    assert len({key_of(name) for name in CASES}) == len(CASES)

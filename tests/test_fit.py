"""How a finding meets the duty: in force on the days of its facts, on some, on none, or not known; and why."""

import pytest

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store
from tests import turtle

RULES = [one for one in inputs.read_queries(PROJECT, "rules/links") if "-findings-" in one.name]
PROPERTIES = ("hasObligationFit", "hasFitReason", "isSetAgainst")


@pytest.mark.parametrize("case", turtle.cases("tests/fit.toml"))
def test_a_finding_is_set_against_the_duty_on_the_days_of_its_facts(case):
    with Store.memory() as store:
        store.load((turtle.HEAD + case["facts"]).encode(), format="ttl", graph="https://example.org/x", source="x")
        store.copy_named_into_default()
        inference.run(store, RULES, terms.LINKS)
        fit = []
        for name in PROPERTIES:
            rows = store.select(f"SELECT ?x {{ <{terms.mint('finding', 'f')}> <{terms.term(name)}> ?x }}")
            fit.append(",".join(sorted(value.value.rpartition("/")[2] for (value,) in rows)))
    assert case["fit"] == fit

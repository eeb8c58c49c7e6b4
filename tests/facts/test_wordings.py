"""The wordings of names that are put together are those of the rules and mappings that put them together."""

from kg import terms
from kg.answer.wordings import patterns

NAMES = f'SELECT DISTINCT ?name {{ ?thing <{terms.PREFIXES["skos"]}prefLabel> ?name FILTER (LANG(?name) = "en") }}'


def test_each_wording_is_that_of_a_name_of_the_record(store):
    names = [name.value for (name,) in store.select(NAMES)]
    unused = [wording for wording, _, pattern in patterns() if not any(map(pattern.search, names))]
    assert [] == unused

"""The wordings of texts that are put together are those of the rules and mappings that put them together."""

from kg import terms
from kg.answer.wordings import patterns

TEXTS = f"""PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{terms.PREFIXES["skos"]}>
SELECT DISTINCT ?text {{
  VALUES ?property {{
    skos:prefLabel ans:dateBasis ans:description ans:paraphrase ans:readingNote ans:recordNote ans:section ans:stateBasis
  }}
  ?thing ?property ?text FILTER (LANG(?text) IN ("en", ""))
}}"""


def test_each_wording_is_that_of_a_text_of_the_record(store):
    texts = [text.value for (text,) in store.select(TEXTS)]
    unused = [wording for wording, _, pattern in patterns() if not any(map(pattern.search, texts))]
    assert [] == unused

"""An answer as RDF: a result set in the vocabulary of the W3C's SPARQL tests."""

from kg import store, terms
from kg.answer import citation
from kg.answer.formats.values import columns_of
from kg.answer.questions import QuestionAnswer
from kg.terms import LICENCE, Blank, Iri, Literal, Term

RESULT_SET = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"  # the vocabulary of the W3C's SPARQL tests


def write_result_set(answer: QuestionAnswer) -> bytes:
    """Write the rows as a result set in RDF (the vocabulary of the W3C's SPARQL tests)."""
    names, whole = columns_of(answer), Iri(terms.BASE + citation.path_of(answer, f"questions/{answer.question.name}"))
    release, issued = Iri(terms.RELEASE + answer.release), citation.Work("", "", answer.release).issued
    triples: list[tuple[Term, Iri, Term]] = [
        (whole, Iri(terms.PREFIXES["rdf"] + "type"), _rs("ResultSet")),
        (whole, Iri(terms.PREFIXES["dcterms"] + "title"), Literal(answer.sentence)),
        *([(whole, Iri(terms.PREFIXES["dcterms"] + "abstract"), Literal(answer.lead))] if answer.lead else []),
        (whole, Iri(terms.PREFIXES["dcterms"] + "isPartOf"), release),
        (whole, Iri(terms.PREFIXES["prov"] + "wasDerivedFrom"), release),
        (whole, Iri(terms.PREFIXES["dcterms"] + "issued"), Literal(issued, terms.PREFIXES["xsd"] + "date")),
        (whole, Iri(terms.PREFIXES["dcterms"] + "license"), Iri(LICENCE)),
        *((whole, Iri(terms.term("recordNote")), Literal(limit, language="en")) for limit in answer.limits),
        *((whole, _rs("resultVariable"), Literal(name)) for name in names),
    ]
    cells: list[tuple[Term, Iri, Term]] = []
    for number, row in enumerate(answer.rows):
        solution = Blank(f"row{number}")
        triples.append((whole, _rs("solution"), solution))
        bound = [name for name in names if name in row]
        bindings = [Blank(f"row{number}-{place}") for place in range(len(bound))]
        cells += [(solution, _rs("binding"), binding) for binding in bindings]
        for name, binding in zip(bound, bindings, strict=True):
            cells += [(binding, _rs("variable"), Literal(name)), (binding, _rs("value"), terms.from_json(row[name]))]
    triples += cells
    prefixes = {name: terms.PREFIXES[name] for name in ("ans", "dcterms", "prov", "xsd")}
    return store.write_triples(triples, "ttl", {"rs": RESULT_SET, **prefixes})


def _rs(name: str) -> Iri:
    return Iri(RESULT_SET + name)

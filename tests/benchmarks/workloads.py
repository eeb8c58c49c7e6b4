"""What is asked: five workloads over any data set of ours, and the answers to them worked out from the file, by no engine.

A small query describes one thing with the labels of what it links to; a large one lists 2,000 things with class and label.
Unique queries differ in an IRI and in a number, so that no two texts are the same and all have other rows.
"""

import functools
import itertools
import random
import urllib.request
from collections import Counter, defaultdict
from urllib.parse import quote

import pyoxigraph as ox

from kg import terms
from tests.benchmarks import load

LABEL = terms.PREFIXES["skos"] + "prefLabel"
TYPE = terms.PREFIXES["rdf"] + "type"
JSON = "application/sparql-results+json"
ROWS = 2000
POPULAR = 50
# Name, and the queries for a second of it: many more than any of the servers answers.
WORKLOADS = {
    "repeated small": 1,
    "unique small": 25_000,
    "repeated 2,000-row": 1,
    "unique 2,000-row": 2_500,
    "mix": 25_000,
}


def workloads(facts):
    """Yield the workloads over a data set."""
    for name, a_second in WORKLOADS.items():
        targets = (f"?query={quote(text, safe='')}" for text in queries(name, facts))
        yield load.Workload(name, targets, a_second, JSON, functools.partial(check, facts=facts, workload=name))


class Facts:
    """The triples of a data set, as far as the workloads ask for them."""

    def __init__(self, path):
        """Read a file of N-Triples."""
        self.about, self.labels, self.kinds = defaultdict(list), defaultdict(list), defaultdict(list)
        for triple in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES):
            self.about[triple.subject].append((triple.predicate, triple.object))
            if triple.predicate.value == LABEL:
                self.labels[triple.subject].append(triple.object)
            elif triple.predicate.value == TYPE:
                self.kinds[triple.subject].append(triple.object)
        self.things = sorted(
            thing.value for thing, said in self.about.items() if thing.value.startswith(terms.ID) and len(said) < 20
        )
        random.Random(1).shuffle(self.things)

    def describe(self, thing):
        """Answer a small query: the rows as tuples of terms, each with how often it comes."""
        about = self.about[ox.NamedNode(thing)]
        return Counter(_row(link, value, label) for link, value in about for label in self.labels.get(value, [None]))

    def list_all(self, but):
        """Answer a large query as if it had no limit."""
        things = (
            (thing, self.kinds.get(thing, ()), labels) for thing, labels in self.labels.items() if thing.value != but
        )
        return Counter(
            _row(thing, *pair) for thing, kinds, labels in things for pair in itertools.product(kinds, labels)
        )


def _row(*values):
    """Make a row in which blank nodes have no name."""
    return tuple("bnode" if isinstance(value, ox.BlankNode) else value for value in values)


def small(thing, number=0):
    """Ask what is said of a thing; the number makes the text another and not the answer."""
    return (
        f"SELECT ?property ?value ?label WHERE {{ <{thing}> ?property ?value "
        f"OPTIONAL {{ ?value <{LABEL}> ?label }} }} LIMIT {1000 + number}"
    )


def large(thing, number=0):
    """Ask for 2,000 things with class and label, from the row of this number on and without this one."""
    return (
        f"SELECT ?thing ?kind ?label WHERE {{ ?thing a ?kind ; <{LABEL}> ?label "
        f"FILTER(?thing != <{thing}>) }} OFFSET {number} LIMIT {ROWS}"
    )


def queries(workload, facts):
    """Yield the queries of a workload without end; the same each time."""
    things = facts.things
    unique = ((things[n % len(things)], n // len(things)) for n in itertools.count(len(things)))
    if workload == "mix":
        draw = random.Random(1)
        popular = [(large if n % 10 == 9 else small)(things[n]) for n in range(POPULAR)]
        weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(POPULAR)))
        for number in itertools.count():
            if draw.random() < 0.8:
                yield draw.choices(popular, cum_weights=weights)[0]
            else:
                yield (large if number % 10 == 9 else small)(*next(unique))
    query = small if workload.endswith("small") else large
    if workload.startswith("repeated"):
        yield from itertools.repeat(query(things[0]))
    yield from (query(thing, number) for thing, number in unique)


def ask(url, text):
    """Ask a server by GET; return its answer in bytes. An answer that is no 200 raises."""
    request = urllib.request.Request(f"{url}?query={quote(text, safe='')}", headers={"Accept": JSON})
    with urllib.request.urlopen(request, timeout=load.PATIENCE) as answer:
        return answer.read()


def check(url, facts, workload):
    """Compare the first answers of a server with the file; return the size that an answer has at the least."""
    wrong, size = compare(functools.partial(ask, url), facts, workload)
    if wrong:
        raise SystemExit("\n".join([f"{url} answers otherwise than the file; nothing is timed:", *wrong]))
    return size if workload.startswith("repeated") else size / 2


def compare(answer, facts, workload):
    """Compare the first answers to a workload with those worked out from the file; `answer` turns a query into JSON.

    Returns what is wrong, in words, and the size of the smallest answer in bytes.
    """
    wrong, sizes = [], []
    for text in itertools.islice(queries(workload, facts), 3 if workload.endswith("row") else 20):
        body = answer(text)
        sizes.append(len(body))
        rows = read(body)
        if "?property" in text:
            right = rows == facts.describe(_between(text, "{ <", ">"))
        else:
            right = rows.total() == ROWS and not rows - facts.list_all(_between(text, "!= <", ">"))
        if not right:
            wrong.append(f"{rows.total()} rows that are not those of the file: {text}")
    return wrong, min(sizes)


def _between(text, before, after):
    return text.partition(before)[2].partition(after)[0]


def read(body):
    """Read SPARQL results in JSON; return the rows, each with how often it comes."""
    return Counter(_row(*solution) for solution in ox.parse_query_results(body, ox.QueryResultsFormat.JSON))

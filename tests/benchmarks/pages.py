"""Pages that nobody asked before: the addresses of each kind, none of them twice, so that no answer comes from the cache."""

import functools
import itertools
import random
import urllib.request
from urllib.parse import urlencode

from kg import terms
from kg.sparql.question import load_questions
from kg.store import Store
from tests.benchmarks import load

HTML = "text/html"
MOST = 2000  # pages of a kind that a server may answer in a second
# Classes whose things have pages of their own.
THINGS = ("Event", "State", "Treaty", "Provision", "Obligation", "Document")
QUESTIONS = (
    *("obligations", "obligation-in-force", "states-not-party"),
    *("acts-outside-instrument", "timeline", "place-events"),
)
OTHERS = ("front page", "search", "graph", "scheme", "dataset")
KINDS = (*THINGS, *QUESTIONS, *OTHERS)
_MEMBERS = "SELECT DISTINCT ?thing { { ?thing a <%s> } UNION { ?thing <%s> <%s> } } ORDER BY ?thing"
_TEXTS = "SELECT ?text { ?thing <%s> ?text FILTER (LANG(?text) = 'en') } ORDER BY ?text LIMIT 20000"


def addresses(found):
    """Return the ends of the addresses of one release by kind: streams without end in which none comes twice, always the same."""
    questions = load_questions(found.questions_path)
    with Store.open(found.store_path) as store:

        def members(kind):
            rows = store.select(_MEMBERS % (kind, terms.PREFIXES["skos"] + "inScheme", kind))
            return [row[0].value.removeprefix(terms.BASE) for row in rows if row[0].value.startswith(terms.BASE)]

        def values(question):
            return {one.name: members(one.class_iri) if one.kind == "iri" else None for one in question.parameters}

        texts = [row[0].value for row in store.select(_TEXTS % (terms.PREFIXES["skos"] + "prefLabel"))]
        graphs = [name.removeprefix(terms.BASE) for name in store.graphs() if "/data/" in name]
        paths = {kind: [f"doc/{one.removeprefix('id/')}" for one in members(terms.term(kind))] for kind in THINGS}
        paths |= {"graph": graphs, "scheme": members(terms.PREFIXES["skos"] + "ConceptScheme")}
        paths |= {"front page": [""], "dataset": ["dataset"]}
        streams = {name: _asked(name, values(questions[name]), random.Random(name)) for name in QUESTIONS}
    words = sorted({word for text in texts for word in text.split() if word.isalpha()})
    streams |= {kind: _repeated(there, random.Random(kind)) for kind, there in paths.items()}
    return streams | {"search": _searches(words, random.Random("search"))}


def _repeated(paths, draw):
    """Yield paths in any order, and after all of them, all again."""
    while True:
        draw.shuffle(paths)
        yield from paths


def _asked(name, values, draw):
    """Yield a question with any values of its parameters; a day where a parameter has no list of them."""
    first, seen = next(iter(values)), set()
    for number in itertools.count():
        drawn = {one: draw.choice(there) if there else _day(draw) for one, there in values.items()}
        # A value may have spaces behind it: that is another address of the same answer.
        drawn[first] += " " * (number // 500)
        if (address := f"questions/{name}?{urlencode(drawn)}") not in seen:
            seen.add(address)
            yield address


def _day(draw):
    return f"{draw.randint(1980, 2015)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"


def _searches(words, draw):
    seen = set()
    while True:
        if (wanted := " ".join(draw.sample(words, draw.choice((1, 1, 2, 3))))) not in seen:
            seen.add(wanted)
            yield "search?" + urlencode({"q": wanted})


def workloads(found):
    """Yield the workloads over a release: each kind of page, and all kinds mixed."""
    streams = addresses(found)
    mixed = (next(streams[kind]) for kind in itertools.cycle(KINDS))
    for kind, targets in [*streams.items(), ("all kinds, mixed", mixed)]:
        yield load.Workload(f"page: {kind}", targets, MOST, HTML, functools.partial(check, targets=targets))


def check(url, targets):
    """Ask a few pages of a server, which must be whole; return the size that one has at the least."""
    sizes = []
    for target in itertools.islice(targets, len(KINDS)):
        request = urllib.request.Request(f"{url}{target}", headers={"Accept": HTML})
        with urllib.request.urlopen(request, timeout=load.PATIENCE) as answer:
            body = answer.read()
        if not body.rstrip().endswith(b"</html>"):
            raise SystemExit(f"{request.full_url} is no whole page; nothing is timed")
        sizes.append(len(body))
    return min(sizes) / 2

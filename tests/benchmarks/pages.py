"""Pages that nobody asked before: how long each kind takes with eight connections, and what it costs the processor.

Each address is asked once of a server just started, so that no answer comes from its cache.
"""

import http.client
import itertools
import queue
import random
import statistics
import threading
import time
from urllib.parse import urlencode, urlsplit

from kg import release, terms
from kg.sparql.question import load_questions
from kg.store import Store
from tests.benchmarks import load, processes, results, servers

LATEST = 150  # milliseconds that 99 of 100 pages may take
ALL = "all kinds, mixed"
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


def addresses(found, seed):
    """Return the addresses of one release by kind: streams without end in which none comes twice, the same for the same seed."""
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
        streams = {name: _asked(name, values(questions[name]), _draw(name, seed)) for name in QUESTIONS}
    words = sorted({word for text in texts for word in text.split() if word.isalpha()})
    streams |= {kind: _repeated(there, _draw(kind, seed)) for kind, there in paths.items()}
    return streams | {"search": _searches(words, _draw("search", seed))}


def _draw(kind, seed):
    return random.Random(f"{kind} {seed}")


def _repeated(paths, draw):
    """Yield paths in any order, and after all of them, all again with another query string."""
    for turn in itertools.count():
        draw.shuffle(paths)
        yield from (f"/{path}?n={turn}" if turn else f"/{path}" for path in paths)


def _asked(name, values, draw):
    """Yield a question with any values of its parameters; a day where a parameter has no list of them."""
    first, seen = next(iter(values)), set()
    for number in itertools.count():
        drawn = {one: draw.choice(there) if there else _day(draw) for one, there in values.items()}
        # A value may have spaces behind it: that is another address of the same answer.
        drawn[first] += " " * (number // 500)
        if (address := f"/questions/{name}?{urlencode(drawn)}") not in seen:
            seen.add(address)
            yield address


def _day(draw):
    return f"{draw.randint(1980, 2015)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"


def _searches(words, draw):
    seen = set()
    while True:
        if (wanted := " ".join(draw.sample(words, draw.choice((1, 1, 2, 3))))) not in seen:
            seen.add(wanted)
            yield "/search?" + urlencode({"q": wanted})


def measure(out, wanted, seed, log):
    """Ask so many addresses of each kind of a new server, then as many of another, mixed; return the figures by kind.

    They are the latencies in milliseconds, and the milliseconds of processor a page took in the serving process and in
    it and its workers together; in words why there is none, where any answer was not a whole 200.
    """
    streams = addresses(release.current(out), seed)
    first = [next(streams[kind]) for kind in KINDS]  # warms up
    parts = {kind: list(itertools.islice(streams[kind], 2 * wanted)) for kind in KINDS}
    mixed = [address for part in parts.values() for address in part[wanted:]]
    random.Random(seed).shuffle(mixed)
    found = {}
    for group in ({kind: part[:wanted] for kind, part in parts.items()}, {ALL: mixed}):
        with servers.running(started := servers.ours(out), log) as pid:
            ask(started.url, first)
            for kind, part in group.items():
                try:
                    found[kind] = _ask(started.url, part, pid)
                except load.Void as why:
                    found[kind] = str(why)
    return found


def _ask(url, part, pid):
    processes.settle(pid)
    before = processes.used_by(pid), processes.used(pid)
    latencies = ask(url, part)
    after = processes.used_by(pid), processes.used(pid)
    alone, together = ((now - then) * 1000 / len(part) for then, now in zip(before, after, strict=True))
    return {"latencies": latencies, "serving": alone, "together": together}


def ask(url, part):
    """Ask each address once for HTML, over eight kept-alive connections; return the latencies in milliseconds."""
    waiting, latencies, faults = queue.SimpleQueue(), [], []
    for address in part:
        waiting.put(address)

    def run():
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=load.PATIENCE)
        try:
            while not faults:
                address = waiting.get_nowait()
                began = time.perf_counter()
                connection.request("GET", address, headers={"Accept": "text/html"})
                answer = connection.getresponse()
                body = answer.read()
                latencies.append((time.perf_counter() - began) * 1000)
                if answer.status != 200 or not body.rstrip().endswith(b"</html>"):
                    faults.append(f"{address} was answered with {answer.status}")
        except queue.Empty:
            pass
        except (OSError, http.client.HTTPException) as error:
            faults.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(load.CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise load.Void(faults[0])
    return latencies


def percentile(latencies, share):
    """Return the latency which that share of the pages did not exceed."""
    return sorted(latencies)[max(0, -(-len(latencies) * share // 100) - 1)]


def summary(rounds):
    """Sum up one kind over several rounds: percentiles of all its latencies, the median of what it cost; or why it is void."""
    if void := next((found for found in rounds if isinstance(found, str)), None):
        return void
    latencies = [one for found in rounds for one in found["latencies"]]
    told = {f"p{share}": percentile(latencies, share) for share in (50, 95, 99)}
    return told | {what: statistics.median(found[what] for found in rounds) for what in ("serving", "together")}


def words(found):
    """Write the figures of a kind for the table."""
    spent = f"{results.number(found['serving'])} of {results.number(found['together'])} ms"
    return f"p50 {found['p50']:.0f}, p95 {found['p95']:.0f}, p99 {found['p99']:.0f} ms; {spent} of processor"

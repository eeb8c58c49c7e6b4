"""A release of RDF that is loaded as it is: neither judged nor reasoned over, for tests of what is done with any release."""

import io
from pathlib import PurePath

from kg.build import folder, inputs
from kg.build.report import ValidationReport
from kg.build.steps import Draft
from kg.config import Settings
from kg.names import Guard
from kg.release import point
from kg.sparql.question import parse_question
from kg.store import Store

FOLDERS = ("questions", "records", "search")


def build(settings, fill, out=None):
    """Make a release of what `fill` puts into a store, with the questions of the project, and switch to it."""
    out = out or settings.out
    out.mkdir(parents=True, exist_ok=True)
    queries = [query for name in FOLDERS for query in inputs.read_queries(settings.root, name)]
    read = inputs.Inputs([], queries, Guard.read(settings.root))
    records = {PurePath(query.name).stem: query.text for query in read.folder("records")}
    named = [
        parse_question(PurePath(query.name).stem, query.text, query.name, records) for query in read.folder("questions")
    ]
    with Store.memory() as store:
        fill(store)
        report = ValidationReport((), 0, inputs.count(store))
        store.copy_named_into_default()
        draft = Draft(read, store, named, report)
        release = folder.write(draft, out, folder.now())
    point(out, release)
    return release


def save(store, folder):
    """Write what a store holds into a new folder, as a build does; the store is closed."""
    lines = store.drain()
    triples = {line.rsplit(b" ", 2)[0] + b" .\n": None for line in lines}
    Store.create(folder, [(io.BytesIO(b"".join(lines)), "nq"), (io.BytesIO(b"".join(triples)), "nt")])


def graph(data, name, form="ttl"):
    """Make the function that loads a text into a graph of this name; without a name, into the graphs that it names."""
    return lambda store: store.load(data, format=form, graph=name, source="test")


def numbered(folder, rows):
    """Make two releases that say which of the two they are, with rows beside; their folder, and what each says by its id."""
    said, settings = {}, Settings.load(env={}, root=folder / "nothing")
    for n in (1, 2):
        lines = "".join(f'<http://e/s{i}> <http://e/p> "{i}" .\n' for i in range(rows))
        data = f'<http://e/release> <http://e/number> "{n}" .\n{lines}'.encode()
        said[build(settings, graph(data, "http://e/g", "nt"), out=folder / "out").id] = str(n)
    return folder / "out", said

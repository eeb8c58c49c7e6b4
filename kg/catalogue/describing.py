"""The data set, its releases and the catalogue that lists them, described (DCAT-AP 3, VoID, PROV): the templates are the .rq files beside this one.

A catalogue says how often each class and each property is used: that is counted in the store, and read again from the catalogue.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from kg import terms
from kg.catalogue.facts import (
    ABOUT,
    CATALOGUE,
    DATASET,
    KEYWORDS,
    ORIGIN,
    SERVICES,
    WORDS,
    Coverage,
    File,
    ReleaseFacts,
    ServerFacts,
)
from kg.catalogue.writing import iri, translated, typed
from kg.languages import DEFAULT
from kg.store import Store, Triple
from kg.terms import Literal

_SIZE = iri("dcat:byteSize")
Row = Mapping[str, object]  # texts and numbers for the variables of a template
Parts = dict[str, Counter[str]]  # "class" and "property": how often each is used
_COUNTED = {
    "class": "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x FILTER(isIRI(?x)) } GROUP BY ?x",
    "property": "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x",
}
_DESCRIBED = """PREFIX void: <http://rdfs.org/ns/void#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?kind ?value ?size {
  { ?part void:class ?value ; void:entities ?size BIND ("class" AS ?kind) }
  UNION { ?part void:property ?value ; void:triples ?size BIND ("property" AS ?kind) }
  UNION { ?build prov:startedAtTime ?value BIND ("started" AS ?kind) BIND (1 AS ?size) }
}"""


def describe(
    parts: Parts, release: ReleaseFacts, server: ServerFacts = ORIGIN, coverage: Coverage | None = None
) -> list[Triple]:
    """Describe the data set and one release of it, with how often each class and each property is used there."""
    counts = {kind: sorted((+parts[kind]).items()) for kind in parts}
    rows: list[Row] = [{"classes": len(counts["class"]), "properties": len(counts["property"])}]
    for kind, sizes in counts.items():
        rows += [
            {"id": release.id, "part": f"{kind}-{number}", kind: term, "size": size}
            for number, (term, size) in enumerate(sizes, 1)
        ]
    whole = [*describe_dataset(release, [release], server, coverage), *describe_release(release, server)]
    return [*whole, *construct("partition", *rows)]


def describe_release(release: ReleaseFacts, server: ServerFacts = ORIGIN) -> list[Triple]:
    """Describe one release, its files with their checksums, what comes beside them, and the build that made it."""
    row = _row(release, server, release.iri) | {"landing": f"release/{release.id}/dataset"}
    return [
        *construct("release", row, *(row | {"input": name} for name in release.inputs)),
        *construct("file", *(row | _file(dump) for dump in release.dumps)),
        *construct("offered", row),
        *construct("coverage", *_cover(release.iri)),
        *_describe_supplements(release, row, f"{release.iri}/", f"release/{release.id}/"),
    ]


def _describe_supplements(release: ReleaseFacts, row: Row, start: str, folder: str) -> Iterator[Triple]:
    """Describe what comes with a release as parts of the topic of a row; their IRIs have one start, their pages one folder."""
    texts: list[Row] = []
    files: list[Row] = []
    covered: list[Row] = []
    for extra in release.supplements:
        topic = start + extra.path
        part = {**row, **{name: getattr(extra, name) for name in ("path", "title", "licence", "standard")}}
        part |= {"set": topic, "landing": f"{folder}{extra.path}.html"}
        texts += [part | {"about": text.value, "language": text.language} for text in extra.about]
        files += [part | {"topic": topic} | _file(file) for file in extra.files]
        covered += _cover(topic, extra.coverage)
    for name, rows in (("supplement", texts), ("file", files), ("coverage", covered)):
        yield from construct(name, *rows)


def _cover(topic: str, coverage: Coverage | None = None) -> list[Row]:
    """List what a data set is about, and which years and States it covers."""
    several: list[Row] = [{"keyword": word} for word in KEYWORDS]
    if coverage:
        several += [coverage, *({"country": code} for code in coverage["states"].split())]
    return [{"topic": topic, **values} for values in several]


def describe_dataset(
    release: ReleaseFacts,
    versions: Sequence[ReleaseFacts],
    server: ServerFacts = ORIGIN,
    coverage: Coverage | None = None,
) -> list[Triple]:
    """Describe the data set as it is in one release, with the versions of it, and the services that answer from it."""
    row = _row(release, server, DATASET) | {"landing": f"release/{release.id}/dataset"}
    return [
        *construct("dataset", *(row | {"versionId": version.id} for version in versions)),
        *construct("service", *(row | service for service in SERVICES)),
        *construct("file", *(row | _file(dump) for dump in release.dumps)),
        *construct("offered", row),
        *construct("coverage", *_cover(DATASET, coverage)),
        *_describe_supplements(release, row, terms.BASE, ""),
    ]


def describe_catalogue(
    shown: ReleaseFacts, releases: Sequence[ReleaseFacts], server: ServerFacts, coverage: Coverage | None
) -> list[Triple]:
    """Describe the catalogue and what it lists, each with a record that says since when, where that is recorded.

    Tables and crosswalks are listed by the IRIs that last, as they are in `shown`; their versions are parts of a release.
    """
    first = releases[0].created if releases else shown.created
    topics = {DATASET: ("dataset", first, shown.created)}
    topics |= {terms.BASE + service["path"]: ("service", first, shown.created) for service in SERVICES}
    topics |= {terms.BASE + extra.path: ("dataset", "", shown.created) for extra in shown.supplements}
    topics |= {release.iri: ("dataset", release.created, release.created) for release in releases}
    row = _row(shown, server, CATALOGUE) | WORDS["catalogue"] | {"first": first}
    records = [
        row | {"number": str(number), "topic": topic, "kind": kind, "issued": issued, "modified": modified}
        for number, (topic, (kind, issued, modified)) in enumerate(topics.items(), 1)
    ]
    whole = [*describe_dataset(shown, releases, server, coverage), *construct("catalogue", *records)]
    for release in releases:  # what went into each, and its tables, stand where it is described alone
        whole += describe_release(replace(release, inputs=(), supplements=()), server)
    return whole


def construct(name: str, *rows: Row) -> Iterator[Triple]:
    """Fill a template once for each row, and write each English text in the other languages too.

    A triple of which a row has no value, or an empty one, is left out.
    """
    columns = sorted({column for row in rows for column in row})
    lines = " ".join(f"({' '.join(_write(row.get(column)) for column in columns)})" for row in rows)
    values = f"VALUES ({' '.join(f'?{column}' for column in columns)}) {{ {lines} }}"
    with Store.memory() as store:
        filled = store.construct(_template(name).replace("VALUES ?row {}", values)) if rows else ()
        for subject, link, value in filled:
            if isinstance(value, Literal) and value.language == DEFAULT:
                yield from ((subject, link, text) for text in translated(value.value))
            elif link == _SIZE:  # the engine makes a plain integer of it, and DCAT-AP wants one that is not negative
                yield subject, link, typed(value, "nonNegativeInteger")
            else:
                yield subject, link, value


def _write(value: object) -> str:
    return "UNDEF" if value in (None, "") else terms.write(Literal(str(value)))


@cache
def _template(name: str) -> str:
    return (Path(__file__).parent / f"{name}.rq").read_text(encoding="utf-8")


def _row(release: ReleaseFacts, server: ServerFacts, topic: str) -> dict[str, object]:
    """Write what the templates take of a release and a server; `topic` is the IRI of what is described."""
    facts = {name: getattr(release, name) for name in ("id", "before", "started", "created", "triples")}
    return {**facts, **asdict(server), "topic": topic, "about": ABOUT, "licence": terms.LICENCE}


def _file(file: File) -> dict[str, object]:
    return {**asdict(file), "name": file.name, "format": file.format}


def count(store: Store) -> Parts:
    """Count how often each class and each property is used in the default graph of a store."""
    return {
        kind: Counter({term.value: int(size.value) for term, size in store.select(query)})
        for kind, query in _COUNTED.items()
    }


def read(text: bytes) -> tuple[Parts, str]:
    """Read from the catalogue of a release how often each class and each property is used, and when the build began."""
    parts: Parts = {"class": Counter(), "property": Counter(), "started": Counter()}
    with Store.memory() as store:
        store.load(text, format="ttl", graph=None, source="catalogue.ttl")
        for kind, value, size in store.select(_DESCRIBED):
            parts[kind.value][value.value] = int(size.value)
    return parts, next(iter(parts.pop("started")), "")

"""The facts that a catalogue is made from: a release with its files, the services, the server that offers them, and what the record covers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg import terms
from kg.languages import N_
from kg.terms import Literal

DATASET = terms.BASE + "dataset"
CATALOGUE = terms.BASE + "catalogue"
PUBLISHER = terms.BASE + "about#publisher"
TITLE = "Answerable"
KEYWORDS = (N_("human rights"), N_("international treaties"), N_("obligations of States"), N_("treaty bodies"))
ABOUT = N_("Human-rights events, the obligations they engage, and what was found, alleged, recommended and promised.")
FORMATS = ("nq", "nt", "ttl", "jsonld", "csv", "parquet", "tsv")  # as they stand in the names of files


@dataclass(frozen=True, slots=True)
class File:
    """A file of a release: its path there, the media type of its content, its size in bytes and its SHA-256."""

    path: str
    media_type: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name alone."""
        return self.path.rpartition("/")[2]

    @property
    def format(self) -> str:
        """Its format, by its name; empty where that names none."""
        return next((part for part in reversed(self.name.split(".")) if part in FORMATS), "")


@dataclass(frozen=True, slots=True)
class Supplement:
    """A data set of its own that comes with a release beside the dumps: a table, or a crosswalk.

    `path` is where its page is below the release, `title` is in English, `about` in one or more languages, `licence` is an address,
    and `standard` is the specification that it conforms to, empty where there is none.
    """

    path: str
    title: str
    about: Sequence[Literal]
    files: Sequence[File]
    licence: str
    standard: str = ""

    @property
    def kind(self) -> str:
        """The folder of the release in which it lies."""
        return self.path.partition("/")[0]


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A release: its id, when its build began and ended (UTC), its triples, dumps and inputs by name, and what comes beside the dumps.

    `started` is empty where it is not known; `before` is the id of the release before it in the same folder.
    """

    id: str
    started: str
    created: str
    triples: int
    dumps: Sequence[File]
    inputs: Iterable[str] = ()
    before: str = ""
    supplements: Sequence[Supplement] = ()

    @property
    def iri(self) -> str:
        """The IRI of the release."""
        return terms.RELEASE + self.id


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Where the data are offered: the public address of a server, who runs it, and where reports of errors go."""

    base: str = terms.BASE
    operator: str | None = None
    contact: str | None = None

    def at(self, path: str) -> str:
        """Write the address on this server of a path without its first slash."""
        return self.base + path


ORIGIN = ServerFacts()  # where the IRIs themselves lead


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the record covers: the years of the first and the last dated thing, and States by their ISO 3166-1 codes."""

    first: str
    last: str
    states: Sequence[str]


# The services that answer from the data set. The paths, without their first slash, are those of the service, where it answers, of its
# description and of its page.
SERVICES = (
    {
        "path": "sparql",
        "title": N_("SPARQL endpoint of Answerable"),
        "about": N_("Answers any SPARQL 1.1 query about the current release."),
        "endpoint": "sparql",
        "description": "sparql",
        "standard": "https://www.w3.org/TR/sparql11-protocol/",
        "page": "sparql",
    },
    {
        "path": "docs#service",
        "title": N_("Things, lists and named questions of Answerable"),
        "about": N_("Each page as data, and questions with parameters, over HTTP."),
        "endpoint": "",
        "description": "openapi.json",
        "standard": "https://spec.openapis.org/oas/v3.1.0",
        "page": "docs",
    },
    {
        "path": "changes#stream",
        "title": N_("Event stream of Answerable"),
        "about": N_("All versions of all things, release by release, for copies that follow the changes (LDES)."),
        "endpoint": "changes/ldes",
        "description": "changes/ldes",
        "standard": "https://w3id.org/ldes/specification",
        "page": "changes",
    },
    {
        "path": "reconcile",
        "title": N_("Reconciliation service of Answerable"),
        "about": N_(
            "Finds States, bodies, treaties, articles, places and rights by the names in your table, for OpenRefine."
        ),
        "endpoint": "reconcile",
        "description": "reconcile",
        "standard": "https://reconciliation-api.github.io/specs/0.2/",
        "page": "reconcile",
    },
)

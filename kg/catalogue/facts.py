"""The facts that a catalogue is made from: a release with its files, the services, the server that offers them, and what the record covers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg import terms
from kg.files import read_toml
from kg.terms import Literal

DATASET = terms.BASE + "dataset"
CATALOGUE = terms.BASE + "catalogue"
PUBLISHER = terms.BASE + "about#publisher"
WORDS = read_toml(__file__, "catalogue")
TITLE, ABOUT, KEYWORDS, SERVICES = (WORDS[name] for name in ("title", "about", "keywords", "services"))
# What a data set covers: the years of the first and the last dated thing, and States by their ISO 3166-1 codes with spaces between.
Coverage = Mapping[str, str]
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
    coverage: Coverage | None = None

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


ORIGIN = ServerFacts()  # where the IRIs themselves lead

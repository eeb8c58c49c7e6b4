"""What a catalogue is made from: a release with its files, the server that offers it, and what the record covers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg import terms
from kg.languages import N_
from kg.terms import Iri, Literal

DATASET = terms.BASE + "dataset"
CATALOGUE = terms.BASE + "catalogue"
PUBLISHER = terms.BASE + "about#publisher"
CONTACT = terms.BASE + "contact#point"
OPERATOR = terms.BASE + "about#operator"
EU = "http://publications.europa.eu/resource/authority/"
PUBLIC = Iri(f"{EU}access-right/PUBLIC")
NAMES = {"nq": "N-Quads", "nt": "N-Triples", "ttl": "Turtle", "jsonld": "JSON-LD"}
COMPRESSED = {"gz": "gzip", "zst": "Zstandard"}  # by the end of the name
TITLE = "Answerable"
KEYWORDS = (N_("human rights"), N_("international treaties"), N_("obligations of States"), N_("treaty bodies"))
ABOUT = N_("Human-rights events, the obligations they engage, and what was found, alleged, recommended and promised.")
PLAIN = N_("RDF loaded as it is: neither validated nor reasoned over.")


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump file: its name, the format inside it, its size in bytes and its SHA-256."""

    name: str
    format: str
    size: int
    sha256: str

    @classmethod
    def of(cls, name: str, size: int, sha256: str) -> Dump | None:
        """Make a dump from the name of its file, `<name>.<format>.<compression>`; nothing where it has another."""
        parts = name.split(".")
        if len(parts) != 3 or parts[1] not in NAMES or parts[2] not in COMPRESSED:
            return None
        return cls(name, parts[1], size, sha256)


@dataclass(frozen=True, slots=True)
class File:
    """A file that is not a dump: its path in the release, its media type, its size in bytes and its SHA-256."""

    path: str
    media_type: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name alone."""
        return self.path.rpartition("/")[2]

    @property
    def form(self) -> str:
        """What its format is called, by the end of its name."""
        return {"csv": "CSV", "parquet": "Parquet", "tsv": "TSV"}[self.name.rpartition(".")[2]]


@dataclass(frozen=True, slots=True)
class Supplement:
    """A data set of its own that comes with a release beside the dumps: a table, or a crosswalk.

    `path` is where its page is below the release, `title` and `about` are in one or more languages, `licence` is an address, and
    `standard` is the specification that it keeps to, empty where there is none.
    """

    path: str
    title: Sequence[Literal]
    about: Sequence[Literal]
    files: Sequence[File]
    licence: str
    standard: str = ""

    @property
    def kind(self) -> str:
        """The folder of the release in which it lies."""
        return self.path.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Made:
    """What is told of a release: its name, when it was begun and done (UTC), its triples, dumps and inputs by name.

    `started` is empty where it is not known; `before` is the release before it in the same folder. Where `supplements` are not given,
    nothing is said of any.
    """

    release: str
    started: str
    created: str
    triples: int
    dumps: Sequence[Dump]
    inputs: Iterable[str] = ()
    plain: bool = False
    before: str = ""
    supplements: Sequence[Supplement] = ()

    @property
    def iri(self) -> str:
        """The IRI of the release."""
        return terms.RELEASE + self.release

    def iri_of(self, supplement: Supplement) -> str:
        """The IRI of a data set that comes with the release, as it is in this release."""
        return f"{self.iri}/{supplement.path}"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the data are offered: the public address of a server, who runs it, and where reports of errors go."""

    base: str = terms.BASE
    operator: str | None = None
    contact: str | None = None

    def at(self, iri: str) -> Iri:
        """Write the address on this server of what has an IRI of ours."""
        return Iri(self.base + iri.removeprefix(terms.BASE))


ORIGIN = Server()  # where the IRIs themselves lead


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the record covers: the years of the first and the last dated thing, and States by their ISO 3166-1 codes."""

    first: str
    last: str
    states: Sequence[str]

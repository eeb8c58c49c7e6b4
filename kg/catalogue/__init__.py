"""What a release is, told to catalogues: the data set, its releases, files and services (DCAT-AP 3, VoID, PROV).

Whoever runs a server says in `ServerFacts` where it is: the addresses are of that place, and the IRIs of what is described stay.
"""

from kg.catalogue.describing import Parts, count, describe, describe_catalogue, describe_dataset, describe_release, read
from kg.catalogue.facts import (
    ABOUT,
    CATALOGUE,
    DATASET,
    KEYWORDS,
    PUBLISHER,
    SERVICES,
    TITLE,
    WORDS,
    Coverage,
    File,
    ReleaseFacts,
    ServerFacts,
    Supplement,
)
from kg.catalogue.writing import SPACES, Facts, Things, iri, translated, triples, typed, write

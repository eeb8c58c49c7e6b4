"""Crosswalks: how things of the graph correspond to those of other vocabularies, as SSSOM.

One that is a judgement of our own is a file, data/crosswalks/*.sssom.tsv. One that the graph states already is made from it by a query.
A build puts both into the release, and a server reads them there.
"""

from kg.crosswalks.query import make, parse_query
from kg.crosswalks.sssom import COLUMNS, FOLDER, MEDIA_TYPE, STANDARD, SUFFIX, Crosswalk, Line, faults, parse, read

"""The weights by which a search puts things and questions in order, from weights.toml, which says why each is there."""

from kg.files import read_toml

WEIGHTS: dict[str, float] = read_toml(__file__)

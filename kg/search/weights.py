"""The weights by which a search puts things and questions in order, from weights.toml, which says why each is there."""

import tomllib
from pathlib import Path

WEIGHTS: dict[str, float] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

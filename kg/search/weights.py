"""The weights by which a search puts things and questions in order, from weights.toml."""

import tomllib
from pathlib import Path

_TABLE: dict[str, tuple[float, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
WEIGHTS = {name: weight for name, (weight, _) in _TABLE.items()}
REASONS = {name: reason for name, (_, reason) in _TABLE.items()}

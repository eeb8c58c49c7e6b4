"""The results: what each part of a run measured, kept in a file of its own, and the one table made of all of them."""

import datetime
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

PARTS = ("serve-shipped", "serve-million", "pages", "build-10k", "build-100k", "build-1m")
HEAD = """# Results of `make bench`

Written by `make bench`; the figures of a part are those of its last run. A ratio is the median of the rounds, with the lowest
and the highest; what a ratio means stands in its row. A run in which any answer was not a whole 200 is void and has no figure.

| data | what | Answerable | against | its figure | ratio (lowest to highest) | target | met |
|---|---|---:|---|---:|---:|---:|---|
"""


@dataclass(frozen=True)
class Row:
    """One comparison, ready to print: the figures in words, the ratio and its target in numbers.

    `sense` is how the ratio must stand to the target: "at least" or "at most". `bound` says that the true ratio is not
    known and is at least this one. `void` says why there is no figure.
    """

    data: str
    what: str
    ours: str = ""
    against: str = ""
    theirs: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    sense: str = "at least"
    target: float | None = None
    unit: str = ""
    bound: bool = False
    void: str = ""

    @property
    def met(self):
        """Say whether the target is met: "yes", "no, by …", or nothing where there is none."""
        if self.void:
            return "void"
        if self.target is None:
            return ""
        if self.ratio >= self.target if self.sense == "at least" else self.ratio <= self.target:
            return "yes"
        if self.bound:
            return "not known"
        return (
            f"no, {abs(self.ratio - self.target) / self.target:.0%} {'below' if self.sense == 'at least' else 'above'}"
        )

    def line(self):
        """Write the row of the table."""
        if self.void:
            return f"| {self.data} | {self.what} |  | {self.against} |  |  | {self._aim()} | void: {self.void} |"
        ratio = f"{'≥ ' if self.bound else ''}{number(self.ratio)}{self.unit}"
        if self.low is not None and self.low != self.high:
            ratio += f" ({number(self.low)} to {number(self.high)})"
        cells = (self.data, self.what, self.ours, self.against, self.theirs, ratio, self._aim(), self.met)
        return "| " + " | ".join(cells) + " |"

    def _aim(self):
        return "" if self.target is None else f"{self.sense} {self.target:g}{self.unit}"


def number(value):
    """Write a figure with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def keep(folder, part, rows, how, raw):
    """Keep what a part of the run measured: its rows, how it was measured in lines for people, and the raw figures."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"rows": [asdict(row) for row in rows], "how": how, "raw": raw}
    (folder / f"{part}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


def raw(folder, part):
    """Return the raw figures that a part kept, or None where it never ran."""
    path = folder / f"{part}.json"
    return json.loads(path.read_text(encoding="utf-8"))["raw"] if path.is_file() else None


def write(folder, path):
    """Write the table of all parts there are; return its rows."""
    rows, notes = [], []
    for part in PARTS:
        kept = folder / f"{part}.json"
        if kept.is_file():
            found = json.loads(kept.read_text(encoding="utf-8"))
            rows += [Row(**row) for row in found["rows"]]
            notes += [f"**{part}**", *(f"- {line}" for line in found["how"]), ""]
        else:
            notes += [f"**{part}**", "- not run", ""]
    body = HEAD + "\n".join(row.line() for row in rows) + "\n\n## How it was measured\n\n" + "\n".join(notes)
    path.write_text(body.rstrip() + "\n", encoding="utf-8")
    return rows


def machine():
    """Say when and on what this runs."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return (
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, "
        f"{int(memory.split()[1]) / 2**20:.0f} GiB of memory, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; load average at the start {os.getloadavg()[0]:.1f}"
    )

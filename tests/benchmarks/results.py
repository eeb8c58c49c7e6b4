"""The results: the rows that each part of a run measured, kept in a file of its own, and the one table made of all of them."""

import datetime
import itertools
import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path

PARTS = ("serve-shipped", "serve-million", "pages", "build-100k", "build-1m", "ten-million")
HEAD = """# Results of `make bench`

Written by `make bench`; the figures of a part are those of its last run. A figure is the median of the rounds, and so is a ratio,
ours to theirs, with the lowest and the highest. A run in which any answer was not a whole 200 has no figure.

| data | what | Answerable | against | its figure | ratio (lowest to highest) | target | met |
|---|---|---:|---|---:|---:|---:|---|
"""


@dataclass(frozen=True)
class Row:
    """One comparison: the figures of each round in a unit, with those of another where there is one, and the target.

    The target is one of the ratio of ours to theirs, or of our figure where it stands alone; `is_least` says that it is the least,
    not the most. `note` stands behind our figure.
    """

    data: str
    what: str
    unit: str = ""
    ours: list[float] = field(default_factory=list)
    against: str = ""
    theirs: list[float] = field(default_factory=list)
    target: float | None = None
    is_least: bool = False
    note: str = ""

    @property
    def ratios(self):
        """The ratios of ours to theirs in each round; of all to all, where they had not the same rounds."""
        pairs = zip if len(self.ours) == len(self.theirs) else itertools.product
        return [mine / other for mine, other in pairs(self.ours, self.theirs)]

    @property
    def met(self):
        """Say whether the target is met: "yes", "no, by …", or nothing where there is none."""
        if self.target is None:
            return ""
        figure = statistics.median(self.ratios or self.ours)
        if figure >= self.target if self.is_least else figure <= self.target:
            return "yes"
        return f"no, {abs(figure / self.target - 1):.0%} {'below' if self.is_least else 'above'}"

    def line(self):
        """Write the row of the table."""
        theirs, ratio, unit = "", "", self.unit
        if self.theirs:
            theirs, ratio, unit = f"{number(self.theirs)}{self.unit}", number(self.ratios), ""
            if len(self.ratios) > 1:
                ratio += f" ({number([min(self.ratios)])} to {number([max(self.ratios)])})"
        aim = "" if self.target is None else f"at {'least' if self.is_least else 'most'} {self.target:g}{unit}"
        ours = f"{number(self.ours)}{self.unit}{self.note}"
        return f"| {self.data} | {self.what} | {ours} | {self.against} | {theirs} | {ratio} | {aim} | {self.met} |"


def number(figures):
    """Write the median of some figures with as many digits as mean something."""
    value = statistics.median(figures)
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def keep(folder, part, rows, how):
    """Keep what a part of the run measured: its rows, and how it was measured in lines for people."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"rows": [asdict(row) for row in rows], "how": [machine(), *how]}
    (folder / f"{part}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


def read(folder, part):
    """Return what a part kept, as (rows, how); nothing of one that never ran."""
    path = folder / f"{part}.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"rows": [], "how": ["not run"]}
    return [Row(**row) for row in kept["rows"]], kept["how"]


def write(folder, path):
    """Write the table of all parts there are; return its rows."""
    parts = {part: read(folder, part) for part in PARTS}
    rows = [row for found, _ in parts.values() for row in found]
    notes = [f"\n**{part}**\n" + "\n".join(f"- {line}" for line in how) for part, (_, how) in parts.items()]
    joined, table = "\n".join(notes), "\n".join(row.line() for row in rows)
    path.write_text(f"{HEAD}{table}\n\n## How it was measured\n{joined}\n", encoding="utf-8")
    return rows


def machine():
    """Say when and on what this runs."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return (
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, "
        f"{int(memory.split()[1]) / 2**20:.0f} GiB of memory, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; load average at the end {os.getloadavg()[0]:.1f}"
    )

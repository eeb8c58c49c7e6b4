"""Ten copies of the data under renamed IRIs, built against the data once: does the cost of a build grow no worse than the data?

Every thing `id/<kind>/<key>` of a copy becomes `id/<kind>/<key>-copy<n>`; the ontology, its schemes and the shapes are shared.
Never a test: it measures. Run as `python -m tests.benchmarks.copies [NUMBER]`.
"""

import re
import sys
import tempfile
import time
from pathlib import Path

from kg.build import pipeline
from kg.config import PROJECT, Settings

THING = re.compile(r"<id/([a-z-]+)/([^>]+)>")


def copy(target, number):
    """Write a renamed copy of data/ into a folder."""
    for path in sorted((PROJECT / "data").rglob("*.ttl")):
        to = target / f"copy{number}" / path.relative_to(PROJECT / "data")
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(THING.sub(rf"<id/\1/\2-copy{number}>", path.read_text(encoding="utf-8")), encoding="utf-8")


def measure(data, out):
    """Build once with these folders of data; return seconds and triples."""
    began = time.perf_counter()
    made = pipeline.build(Settings.load(env={}, out=out), data=data)
    return time.perf_counter() - began, made.manifest["triples"]["total"]


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        once, triples = measure([], folder / "once")
        print(f"once: {once:.1f} s, {triples:,} triples", flush=True)
        for n in range(1, number):
            copy(folder / "data", n)
        many, more = measure([folder / "data"], folder / "many")
        print(f"{number} copies: {many:.1f} s, {more:,} triples")
        print(f"{many / once:.1f} times the time for {more / triples:.1f} times the triples")

"""What a change of each weight of the search costs: how many of searches.txt have what is meant at the top.

Run it as `python -m tests.facts.weights [FOLDER OF A RELEASE]`.
"""

import sys
from pathlib import Path

from kg import terms
from kg.search.search import Search
from kg.search.weights import WEIGHTS

LINES = Path(__file__).with_name("searches.txt").read_text(encoding="utf-8").splitlines()
SEARCHES = [tuple(line.split(" | ")) for line in LINES if line and not line.startswith("#")]
FACTORS = (0, 0.5, 2)
# These decide when an index is written: build a release to see what a change costs.
WRITTEN = {"spoken", "title", "wording", "about", "column", "links"}


def first(index, text):
    """Write what stands first as searches.txt does: a thing by its path, or a question with its values."""
    results = index.find(text)
    if results.is_question:
        question = results.questions[0]
        values = "&".join(f"{name}={value.removeprefix(terms.BASE)}" for name, value in question.values.items())
        return f"questions/{question.question}?{values}"
    return results.best[0].iri.removeprefix(terms.BASE) if results.best else ""


def count_right(index, **changed):
    """Count the searches that have what is meant at the top, with some weights changed."""
    before = dict(WEIGHTS)
    try:
        WEIGHTS.update(changed)
        return sum(first(index, text) == meant for text, meant in SEARCHES)
    finally:
        WEIGHTS.update(before)


def main(folder):
    """Print a row for each weight that decides when something is asked."""
    index = Search(Path(folder))
    print(f"{count_right(index)} of {len(SEARCHES)} are right; with a weight left out, halved and doubled:")
    for name, weight in ((name, weight) for name, weight in WEIGHTS.items() if name not in WRITTEN):
        counts = " ".join(f"{count_right(index, **{name: weight * factor}):3}" for factor in FACTORS)
        print(f"{name:10} {weight:6}  {counts}")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["releases/current"]))

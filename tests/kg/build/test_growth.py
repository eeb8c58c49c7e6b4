"""The work of a check grows with its warnings and no faster: it is counted, not timed."""

from collections import Counter

import pytest

from kg.build import checking, places
from kg.store import Store

EVENT = """
<id/event/more-{}> a ans:Event ;
    ans:date "2011-12-16"^^xsd:date ;
    ans:isReportedIn <id/passage/report-1> .
"""


@pytest.fixture
def work(project, monkeypatch):
    """Return a function that counts how often a check of so many events without a name reads a file, or asks the store."""
    counted = Counter()

    def count(owner, name):
        function = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given, **more: counted.update([name]) or function(*given, **more))

    count(places, "read_statements")
    count(Store, "select")

    def run(events, paths=()):
        project.write("data/events/more.ttl", "".join(map(EVENT.format, range(events))))
        counted.clear()
        report = checking.check(project.settings, paths=paths, jobs=1)
        assert events == len(report.results)
        return Counter(counted)

    run(1)  # what the tests of one process do once is done
    return run


@pytest.mark.parametrize("narrow", [False, True])
def test_four_times_the_warnings_cost_no_more_reading_and_no_more_queries(project, work, narrow):
    paths = [project.root / "data/events"] if narrow else []
    few, many = work(60, paths), work(240, paths)
    assert {"read_statements", "select"} == few.keys()
    assert few == many

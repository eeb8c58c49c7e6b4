"""The work of a check grows with its warnings and no faster: it is counted, not timed."""

from collections import Counter
from functools import cached_property

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
    """Return a function that counts what a check of so many events without a name does: {what: times}."""
    counted = Counter()

    class Text(str):
        """A text that counts how often it is searched from end to end."""

        def count(self, *given):
            counted["scans"] += 1
            return super().count(*given)

        def find(self, *given):
            counted["scans"] += 1
            return super().find(*given)

        def splitlines(self, *given):
            counted["scans"] += 1
            return super().splitlines(*given)

    def decode(self):
        counted["scans"] += 1
        return Text(self.data.decode())

    text = cached_property(decode)
    text.__set_name__(places._Text, "text")
    monkeypatch.setattr(places._Text, "text", text)
    select = Store.select
    monkeypatch.setattr(Store, "select", lambda *given, **more: counted.update(queries=1) or select(*given, **more))

    def run(events, paths=()):
        project.write("data/events/more.ttl", "".join(map(EVENT.format, range(events))))
        counted.clear()
        report = checking.check(project.settings, paths=paths, jobs=1)
        assert events == len(report.results)
        return Counter(counted)

    return run


@pytest.mark.parametrize("narrow", [False, True])
def test_four_times_the_warnings_cost_no_more_scans_or_queries(project, work, narrow):
    paths = [project.root / "data/events"] if narrow else []
    few, many = work(60, paths), work(240, paths)
    assert few["scans"] and few["queries"]
    assert few == many

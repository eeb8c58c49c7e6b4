"""Queries side by side: their answers in order, their errors, and an end to what takes too long."""

import subprocess
import sys
import threading
import time

import pytest

from kg.build.asking import ask_each
from kg.errors import QuerySyntaxError, SourceError


def test_answers_come_in_their_order_from_as_many_threads_as_wanted():
    names = set()

    def work(item):
        names.add(threading.current_thread().name)
        time.sleep(0.01 * (item % 3))
        return item * item

    assert [item * item for item in range(30)] == ask_each(work, range(30), str, seconds=5, jobs=3)
    assert 2 <= len(names) <= 3
    assert [] == ask_each(work, [], str, seconds=5)


@pytest.mark.parametrize("error", [QuerySyntaxError("bad"), TimeoutError("own")], ids=repr)
def test_an_error_is_raised_as_it_is(error):
    def work(item):
        raise error

    with pytest.raises(type(error), match=str(error.args[0])):
        ask_each(work, [1], str, seconds=5)


def test_after_an_error_no_other_is_worked_at():
    worked = []

    def work(item):
        worked.append(item)
        time.sleep(0.02)
        return 1 / item

    with pytest.raises(ZeroDivisionError):
        ask_each(work, [1, 0, *range(2, 50)], str, seconds=5, jobs=1)
    time.sleep(0.2)
    assert [1, 0] == worked[:2] and len(worked) < 5


def test_what_takes_too_long_is_named_and_what_only_waits_is_not():
    ended = threading.Event()

    def work(item):
        time.sleep(0.2) if item < 3 else ended.wait(20)
        return item

    assert [0, 1, 2] == ask_each(work, range(3), str, seconds=0.5, jobs=1)
    begun = time.monotonic()
    with pytest.raises(SourceError, match=r"item 3: It took longer than 0\.5 s"):
        ask_each(work, range(5), lambda item: f"item {item}", seconds=0.5, jobs=1)
    assert time.monotonic() - begun < 5
    ended.set()


def test_a_query_that_goes_on_does_not_keep_the_process():
    text = """
from kg.build.asking import ask_each
from kg.errors import SourceError
from kg.store import Store
with Store.memory() as store:
    store.load(b"".join(b"<urn:x:s%d> <urn:x:p> <urn:x:o> .\\n" % n for n in range(9000)), format="nt", graph=None, source="x")
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    try:
        ask_each(lambda query: [*store.select(query)], [heavy], str, seconds=0.3)
    except SourceError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", text], check=False, capture_output=True, text=True, timeout=30)
    assert "It took longer than 0.3 s" in done.stdout, done.stderr

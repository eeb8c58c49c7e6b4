"""The threads of the event loop: clients take turns at them and pay for them."""

import asyncio
import time
from contextvars import copy_context

import pytest

from api.http.threads import Threads
from kg.answer.engine import PAYER, Payer


def on_threads(scenario, number=1):
    """Run a scenario on a loop with so many threads; what its clients paid, by their names."""
    paid = {}

    async def run():
        asyncio.get_running_loop().set_default_executor(Threads(number))
        await scenario(lambda client, work: begin(client, work, paid))

    asyncio.run(run())
    return paid


def begin(client, work, paid):
    """Let a client have work done in a thread; the task."""

    def charge(seconds):
        paid.setdefault(client, []).append(seconds)

    async def ask():
        if client:
            PAYER.set(Payer(client, charge))
        return await asyncio.to_thread(work)

    return asyncio.get_running_loop().create_task(ask(), context=copy_context())


def burn(seconds=0.03):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_a_client_with_one_call_does_not_wait_for_all_those_of_another():
    order = []

    async def scenario(begin):
        many = [begin(b"many", lambda n=n: (burn(), order.append(("many", n)))) for n in range(8)]
        await asyncio.sleep(0.01)
        await begin(b"one", lambda: (burn(), order.append("one")))
        assert order.index("one") <= 2
        await asyncio.gather(*many)
        assert [("many", n) for n in range(8)] == [entry for entry in order if entry != "one"]

    paid = on_threads(scenario)
    assert 8 == len(paid[b"many"]) and 1 == len(paid[b"one"])
    assert all(0.02 < seconds < 0.3 for seconds in paid[b"many"])


def test_what_is_raised_and_returned_in_a_thread_comes_out_as_it_is():
    async def scenario(begin):
        assert 7 == await begin(None, lambda: 7)
        with pytest.raises(ZeroDivisionError):
            await begin(b"x", lambda: 1 / 0)

    assert {b"x"} == on_threads(scenario).keys()


def test_work_that_was_given_up_while_it_waited_is_not_done():
    done = []

    async def scenario(begin):
        first = begin(b"x", burn)
        second, third = begin(b"x", lambda: done.append(2)), begin(b"x", lambda: done.append(3))
        await asyncio.sleep(0.005)
        second.cancel()
        await asyncio.gather(first, third)

    on_threads(scenario)
    assert [3] == done

"""Whose query is next: clients share an engine's time evenly, short queries find a place beside long ones, and few wait in vain."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.answer import turns as module
from kg.answer.turns import LONG, RECENT, Turns
from kg.errors import Busy, QueryStopped

A, B, C = b"a", b"b", b"c"


def make(places=1, queue=100, ahead=1):
    return Turns(lambda: places, queue, lambda: Busy("x", retry_after=1), ahead)


def begun(taken):
    """Whether each turn has begun."""
    return [turn.has_begun for turn in taken]


def teach(turns, client, ran):
    """Let a client have had a query of this length."""
    turns.leave(turns.take(client), ran)


async def test_one_begins_for_each_place_and_the_others_in_their_order():
    turns = make(places=2)
    taken = [turns.take(A) for _ in range(4)]
    assert [True, True, False, False] == begun(taken) and 4 == len(turns)
    turns.leave(taken[1], 0.1)
    assert [True, True, True, False] == begun(taken) and 3 == len(turns)


@pytest.mark.parametrize(
    ("seconds", "may_begin"), [(0.0, 8), (module.AHEAD / 4, 8), (module.AHEAD / 2, 6), (module.AHEAD * 1.1, 2)]
)
async def test_more_may_begin_than_there_are_places_where_they_are_brief(seconds, may_begin):
    turns = make(places=2, ahead=4)
    first = turns.take(A), turns.take(A), turns.take(A)
    assert [True, True, False] == begun(first)  # how long they are is not known yet
    for turn in first:
        turns.leave(turn, seconds)
    assert may_begin == sum(begun([turns.take(A) for _ in range(9)]))


async def test_a_client_with_one_query_does_not_wait_for_all_those_of_another():
    turns = make()
    first, *rest = [turns.take(A) for _ in range(30)]
    other = turns.take(B)
    turns.leave(first, 0.4)
    assert other.has_begun and not any(begun(rest))


@given(st.lists(st.floats(0.001, module.LEAD / 8), min_size=2, max_size=9), st.integers(1, 4))
def test_clients_who_always_ask_get_the_same_time_whatever_one_query_takes(costs, places):
    async def simulate():
        turns, used = make(places, queue=10_000, ahead=1), [0.0] * len(costs)
        here = {name: [turns.take(str(name).encode()) for _ in range(places)] for name in range(len(costs))}
        ends, now = {}, 0.0  # when each query that has begun is over
        for _ in range(400):
            for name, taken in here.items():
                for turn in taken:
                    if turn.has_begun and turn not in ends:
                        ends[turn] = (now + costs[name], name)
            turn = min(ends, key=lambda each: ends[each][0])
            now, name = ends.pop(turn)
            used[name] += costs[name]
            here[name].remove(turn)
            here[name].append(turns.take(str(name).encode()))
            turns.leave(turn, costs[name])
        return used

    used = asyncio.run(simulate())
    assert max(used) - min(used) <= 2 * places * max(costs) + 1e-6


async def test_who_asked_nothing_for_long_has_saved_nothing_up():
    turns = make()
    running = turns.take(A)
    for _ in range(50):
        after = turns.take(A)
        turns.leave(running, 0.1)
        running = after
    served = []
    waiting = {A: turns.take(A), B: turns.take(B)}
    for _ in range(20):
        turns.leave(running, 0.1)
        (name,) = (name for name, turn in waiting.items() if turn.has_begun)
        served.append(name)
        running = waiting[name]
        waiting[name] = turns.take(name)
    assert abs(served.count(A) - served.count(B)) <= 1


async def test_a_client_with_one_very_long_query_does_not_wait_until_the_others_have_used_as_much():
    turns = make()
    running = turns.take(A), 20.0
    waiting = {name: turns.take(name) for name in (B, C)}
    turns.leave(*running)
    again, used = turns.take(A), 0.0
    while not again.has_begun:
        (name,) = (name for name, turn in waiting.items() if turn.has_begun)
        before, waiting[name] = waiting[name], turns.take(name)
        turns.leave(before, 0.1)
        used += 0.1
    assert used <= 2 * module.LEAD + 0.11


async def test_long_queries_leave_a_place_to_others():
    turns = make(places=2, ahead=2)
    teach(turns, B, 0.01)
    teach(turns, A, 2 * LONG)
    long = [turns.take(A) for _ in range(3)]
    assert [True, False, False] == begun(long)
    unknown = turns.take(C)
    assert unknown.has_begun and turns.take(B).has_begun and turns.take(B).has_begun
    turns.leave(long[0], 2 * LONG)
    assert [True, False, False] == begun(long)  # the two short ones take up the places


async def test_short_queries_do_not_overtake_one_of_a_client_of_whom_nothing_is_known():
    turns = make(places=2, ahead=2)
    teach(turns, A, 0.01)
    running = [turns.take(A) for _ in range(4)]
    unknown, more = turns.take(C), [turns.take(A) for _ in range(9)]
    while running and not unknown.has_begun:
        assert not any(begun(more))
        turns.leave(running.pop(), 0.01)
    assert unknown.has_begun


async def test_who_is_alone_may_have_all_places_also_for_long_queries(monkeypatch):
    turns = make(places=3)
    teach(turns, B, 0.01)
    teach(turns, A, 2 * LONG)
    clock = module.time.monotonic() + RECENT + 1
    monkeypatch.setattr(module.time, "monotonic", lambda: clock)
    assert [True, True, True, False] == begun([turns.take(A) for _ in range(4)])


async def test_with_one_place_long_queries_are_answered_too():
    turns = make()
    teach(turns, B, 0.01)
    teach(turns, A, 2 * LONG)
    assert turns.take(A).has_begun


async def test_whose_queries_become_short_is_no_longer_held_back():
    turns = make(places=2)
    teach(turns, B, 0.01)
    teach(turns, A, 2 * LONG)
    for _ in range(10):
        teach(turns, A, 0.01)
    assert [True, True] == begun([turns.take(A) for _ in range(2)])


async def test_where_too_many_wait_the_client_that_used_most_is_refused():
    turns = make(queue=3)
    teach(turns, A, 1.0)
    taken = [turns.take(A) for _ in range(4)]
    other = turns.take(B)
    with pytest.raises(Busy):
        await taken[3].may_begin  # the last that came
    turns.leave(taken[3], 0.0)
    assert [True, False, False] == begun(taken[:3]) and not other.has_begun
    turns.leave(taken[0], 1.0)
    assert other.has_begun and 3 == len(turns)


async def test_where_too_many_wait_of_one_client_the_last_is_refused():
    turns = make(queue=1)
    taken = [turns.take(A) for _ in range(3)]
    with pytest.raises(Busy):
        await taken[2].may_begin
    assert [True, False, False] == begun(taken) and not taken[1].may_begin.done()


async def test_one_that_is_given_up_while_it_waits_takes_no_place():
    turns = make()
    running, given_up, last = (turns.take(client) for client in (A, B, C))
    given_up.may_begin.cancel()
    turns.leave(running, 0.1)
    assert [False, True] == begun([given_up, last])
    turns.leave(given_up, 0.0)
    turns.leave(last, 0.1)
    assert 0 == len(turns)


async def test_all_that_wait_are_refused_at_the_end():
    turns = make()
    taken = [turns.take(A) for _ in range(3)]
    turns.refuse_all(QueryStopped("The server is closing"))
    for turn in taken[1:]:
        with pytest.raises(QueryStopped):
            await turn.may_begin
        turns.leave(turn, 0.0)
    turns.leave(taken[0], 0.1)
    assert 0 == len(turns)


async def test_no_more_clients_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(module, "MOST", 10)
    monkeypatch.setattr(module, "RECENT", 0.0)
    turns = make()
    for number in range(100):
        teach(turns, b"%d" % number, 0.1)
    assert len(turns._shares) <= 10

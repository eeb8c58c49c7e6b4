"""Pictures as PNG from processes of their own: the same picture, paid for, and whatever ends a process."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from kg.answer import pictures
from kg.answer.engine import PAYER, Payer
from kg.answer.pictures import Painter
from kg.errors import Busy, QueryStopped
from kg.picture import Picture, write_png

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="315"><text x="9" y="40">{}</text></svg>'


def picture(text="Zhanaozen"):
    return Picture(SVG.format(text), 600, 315, "")


def hang():
    """Stand for a child that never ends."""
    time.sleep(60)


def die():
    """Stand for a child that is ended from outside."""
    os.kill(os.getpid(), signal.SIGKILL)


def children():
    """List the processes that are children of this one."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


async def test_a_picture_is_the_same_as_in_this_process_and_its_client_pays_for_it():
    spent, texts, painter = [], ("один", "two", "one" * 999), Painter()
    PAYER.set(Payer(b"x", spent.append))
    began = time.process_time()
    pngs = [await painter.paint(picture(text)) for text in texts]
    own = time.process_time() - began
    assert [write_png(picture(text)) for text in texts] == pngs
    assert 3 == len(spent) and sum(spent) > own


async def test_pictures_that_are_asked_for_at_once_are_not_mixed_up():
    painter, several = Painter(), [picture(str(number)) for number in range(6)]
    assert [*map(write_png, several)] == await asyncio.gather(*map(painter.paint, several))


async def test_a_picture_that_cannot_be_drawn_costs_the_others_nothing(monkeypatch):
    painter = Painter()
    with pytest.raises(QueryStopped, match="cannot be drawn"):
        await painter.paint(Picture("<svg", 600, 315, ""))
    assert (await painter.paint(picture())).startswith(b"\x89PNG")
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "CHILD", f"{__name__}:die")
        with pytest.raises(QueryStopped):
            await painter.paint(picture())
    task = asyncio.create_task(painter.paint(picture("given up")))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert write_png(picture("after it")) == await painter.paint(picture("after it"))


async def test_a_picture_that_takes_too_long_is_given_up_and_one_that_waits_too_long_is_refused(monkeypatch):
    painter = Painter()
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "CHILD", f"{__name__}:hang")
        patch.setattr(pictures, "SECONDS", 0.3)
        ends = await asyncio.gather(*(painter.paint(picture()) for _ in range(3)), return_exceptions=True)
    assert QueryStopped in map(type, ends) and {QueryStopped, Busy} >= {*map(type, ends)}
    assert (await painter.paint(picture())).startswith(b"\x89PNG")


async def test_no_process_is_left_of_a_picture_whether_it_was_drawn_or_given_up(monkeypatch):
    before, painter = {*children()}, Painter()
    await painter.paint(picture())
    assert before >= {*children()}
    monkeypatch.setattr(pictures, "CHILD", f"{__name__}:hang")
    task = asyncio.create_task(painter.paint(picture()))
    while before >= {*children()}:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert before >= {*children()}

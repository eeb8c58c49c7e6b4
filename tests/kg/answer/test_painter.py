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


def with_painter(scenario):
    """Run a scenario with a painter."""

    async def run():
        return await scenario(Painter())

    return asyncio.run(run())


def children():
    """List the processes that are children of this one."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


def test_a_picture_is_the_same_as_in_this_process_and_its_client_pays_for_it():
    spent = []

    async def scenario(painter):
        PAYER.set(Payer(b"x", spent.append))
        began = time.process_time()
        pngs = [await painter.paint(picture(text)) for text in ("один", "two", "one" * 999)]
        return pngs, time.process_time() - began

    pngs, own = with_painter(scenario)
    assert [write_png(picture(text)) for text in ("один", "two", "one" * 999)] == pngs
    assert 3 == len(spent) and sum(spent) > own


def test_pictures_that_are_asked_for_at_once_are_not_mixed_up():
    async def scenario(painter):
        return await asyncio.gather(*(painter.paint(picture(str(number))) for number in range(6)))

    assert [write_png(picture(str(number))) for number in range(6)] == with_painter(scenario)


def test_a_picture_that_cannot_be_drawn_costs_the_others_nothing(monkeypatch):
    async def scenario(painter):
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
        return await painter.paint(picture("after it"))

    assert write_png(picture("after it")) == with_painter(scenario)


def test_a_picture_that_takes_too_long_is_given_up_and_one_that_waits_too_long_is_refused(monkeypatch):
    async def scenario(painter):
        with monkeypatch.context() as patch:
            patch.setattr(pictures, "CHILD", f"{__name__}:hang")
            patch.setattr(pictures, "SECONDS", 0.3)
            ends = await asyncio.gather(*(painter.paint(picture()) for _ in range(3)), return_exceptions=True)
        assert QueryStopped in map(type, ends) and {QueryStopped, Busy} >= {*map(type, ends)}
        return await painter.paint(picture())

    assert with_painter(scenario).startswith(b"\x89PNG")


def test_no_process_is_left_of_a_picture_whether_it_was_drawn_or_given_up(monkeypatch):
    before = {*children()}

    async def scenario(painter):
        await painter.paint(picture())
        assert before >= {*children()}
        monkeypatch.setattr(pictures, "CHILD", f"{__name__}:hang")
        task = asyncio.create_task(painter.paint(picture()))
        while before >= {*children()}:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_painter(scenario)
    assert before >= {*children()}

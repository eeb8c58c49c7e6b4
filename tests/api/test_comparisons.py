"""Comparisons of releases are made once, and forgotten when a release is removed."""

import asyncio
import shutil

from api import comparisons
from api.comparisons import Comparisons
from kg import release as releases
from kg.changes import open_dump


def test_a_pair_is_compared_once_until_one_of_the_two_is_removed(changed_world, tmp_path, monkeypatch):
    shutil.copytree(changed_world, tmp_path / "releases", symlinks=True)
    old, new = releases.releases(tmp_path / "releases")
    asked, compare = [], comparisons.compare_apart
    monkeypatch.setattr(comparisons, "compare_apart", lambda *pair: asked.append(pair) or compare(*pair))

    async def ask():
        here = Comparisons()
        found = await asyncio.gather(*(here.compare(old, new) for _ in range(3)))
        assert found[0] is found[1] is found[2] and 3 == found[0].total
        assert [b"<"] == sorted({begin[:1] for begin in await here.bounds(None, new)})
        here.drop_removed()
        assert found[0] is await here.compare(old, new) and 1 == len(asked)
        dump = open_dump(old)
        assert dump is open_dump(old)
        releases.condemn(old, "2026-01-31", "The safety of people.")
        here.drop_removed()
        assert dump is not open_dump(old)
        assert found[0] is not await here.compare(old, new) and 2 == len(asked)

    asyncio.run(ask())

"""A withdrawal looks into the tables of older releases, too."""

import shutil

from kg.withdrawal.procedure import Withdrawal
from tests import frozen

NAME = "Zorvane Quillet"


def test_a_release_whose_table_holds_a_withdrawn_name_has_to_go(world, tmp_path):
    frozen.project(tmp_path)
    out = tmp_path / "releases"
    shutil.copytree(world.path, out / world.id)
    settings = frozen.settings(tmp_path)
    assert {} == Withdrawal(settings, spellings=[NAME]).affected_releases
    with (out / world.id / "tables/statements.csv").open("a", encoding="utf-8") as file:
        file.write(f'statement/x,"said by {NAME}"\r\n')
    assert ["holds what is withdrawn"] == [*Withdrawal(settings, spellings=[NAME]).affected_releases.values()]

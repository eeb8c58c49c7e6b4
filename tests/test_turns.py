"""A test that is marked `alone` runs by itself; others run side by side."""

import subprocess
import sys

from kg.config import PROJECT

TESTS = """
import time
from pathlib import Path

import pytest


def note(name):
    began = time.monotonic()
    time.sleep(0.2)
    Path(__file__).with_name(name).write_text(f"{began} {time.monotonic()}")


@pytest.mark.parametrize("n", range(6))
def test_beside(n):
    note(f"beside-{n}.txt")


@pytest.mark.alone
@pytest.mark.parametrize("n", range(1))
def test_alone(n):
    note(f"alone-{n}.txt")
"""


def test_no_test_runs_beside_one_that_is_to_run_alone(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS)
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\nmarkers = alone\n")
    options = f"--disable-plugin-autoload -p xdist -n 2 -p tests.turns -p no:cacheprovider -c {settings} --rootdir {tmp_path}".split()
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "7 passed" in done.stdout, done.stdout + done.stderr
    times = {path.stem: tuple(map(float, path.read_text().split())) for path in tmp_path.glob("*.txt")}
    overlaps = {
        (one, other)
        for one, (began, ended) in times.items()
        for other, (start, _) in times.items()
        if one != other and began <= start < ended
    }
    assert overlaps and not any("alone" in name for pair in overlaps for name in pair)

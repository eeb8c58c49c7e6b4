"""Settings: defaults, the environment, the caller, and what is refused."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from kg.config import PROJECT, Settings
from kg.errors import ConfigError


def test_releases_lie_in_the_project_unless_said_otherwise():
    assert PROJECT / "releases" == Settings.load({}).out
    assert Path("/srv/p/releases") == Settings.load({"ANSWERABLE_ROOT": "/srv/p"}).out
    assert Path("/srv/r") == Settings.load({"ANSWERABLE_OUT": "/srv/r", "ANSWERABLE_ROOT": "/srv/p"}).out


def test_the_caller_wins_over_the_environment_and_the_environment_over_the_default():
    env = {"ANSWERABLE_PORT": "9000", "ANSWERABLE_DEADLINE": "2.5"}
    settings = Settings.load(env, port=9001, host=None)
    assert (9001, 2.5, "127.0.0.1") == (settings.port, settings.deadline, settings.host)


@pytest.mark.parametrize(("text", "size"), [("1024", 1024), ("64KiB", 65536), ("2 GiB", 2 << 30), ("3m", 3 << 20)])
def test_sizes_are_read_with_their_units(text, size):
    assert size == Settings.load({"ANSWERABLE_MEMORY": text}).memory


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("DEADLINE", "nan"),
        ("DEADLINE", "0"),
        ("MEMORY", "12 parsecs"),
        ("BASE", "urn:x"),
        ("BASE", "https://example.org/x"),
        ("HOST", "http://localhost"),
        ("ACCESS_LOG_ADDRESSES", "perhaps"),
        ("CONTACT", "somebody"),
        ("CONTACT", "javascript:alert(1)"),
        ("CONTACT", "a@b?bcc=c@d"),
        ("OPERATOR", "<b>"),
        ("OUT", ""),
    ],
)
def test_a_bad_value_names_its_variable_and_what_is_valid(name, value):
    with pytest.raises(ConfigError) as caught:
        Settings.load({"ANSWERABLE_" + name: value})
    assert str(caught.value).startswith(f"ANSWERABLE_{name}: {value!r} cannot be used here. Give ")


def test_an_unknown_variable_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ConfigError, match="ANSWERABLE_WORKER: There is no such setting.*ANSWERABLE_WORKERS"):
        Settings.load({"ANSWERABLE_WORKER": "3"})


def test_variables_of_other_programs_are_left_alone():
    assert Settings.load({}) == Settings.load({"PATH": "/bin", "ANSWER": "42"})


def test_settings_do_not_change():
    with pytest.raises(FrozenInstanceError):
        Settings.load({}).port = 1

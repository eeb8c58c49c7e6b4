"""`kg build`: make a release and switch to it."""

import argparse
import sys
from contextlib import suppress

from kg import release
from kg.build import pipeline
from kg.commands import options
from kg.config import Settings
from kg.release import Release


def run(arguments: argparse.Namespace) -> int:
    """Make a release and switch to it."""
    settings = Settings.load(out=arguments.out)
    with suppress(OSError):  # the server may make it as well
        settings.read_answer_secret()
    before = release.find_current(settings.out)
    after = pipeline.build(
        settings,
        data=arguments.data,
        without=arguments.without,
        jobs=arguments.jobs,
        force=arguments.force,
        progress=options.progress(),
    )
    if arguments.warnings or before is None or after.id != before.id:
        _warn(after, before, arguments.warnings)
    return 0


def _warn(after: Release, before: Release | None, everything: bool) -> None:
    """Print the warnings of files that have changed since the release before, or all, and count the others in one line."""
    inputs, old = after.manifest["inputs"], before.manifest["inputs"] if before else {}
    changed = {name for name, sha256 in inputs.items() if old and old.get(name) != sha256}
    warnings = after.manifest["warnings"]
    shown = [warning for warning in warnings if everything or warning.partition(":")[0] in changed]
    for warning in shown:
        print(warning, file=sys.stderr)
    if others := len(warnings) - len(shown):
        noun = f"{'other ' if shown else ''}warning{'s' * (others != 1)}"
        print(f"{others:,} {noun}; `kg build --warnings` shows all", file=sys.stderr)

"""`kg withdraw`: a thing or a name goes out of the sources, the graph and the releases before."""

import argparse
import sys
import time
from itertools import chain

from kg import release, terms
from kg.commands import options
from kg.config import Settings
from kg.withdrawal.procedure import Withdrawal
from kg.wording import count

SHOWN = 20  # words of names that stand alone

OUTSIDE = """Not reached from here, see "Withdrawal" in OPERATING.md: the history of the repository, backups, copies of the releases on other
machines, servers that were given a release by `kg publish` (publish this one now), mirrors, search engines, and for a day the
caches of those who asked an older release."""


def run(arguments: argparse.Namespace) -> int:
    """Take a thing or a name out of the sources, what is served and the releases before."""
    spellings = [options.read("-").splitlines() if name == "-" else [name] for name in arguments.names]
    task = Withdrawal(
        Settings.load(out=arguments.out),
        things=arguments.things,
        spellings=[*chain(*spellings)],
        data=arguments.data,
        reason=arguments.reason,
        replacement=arguments.replaced_by,
        redact=arguments.redact,
        guard=not arguments.no_guard,
    )
    for place in task.places:
        print(f"{place}{' (yours to edit)' if place.by_hand else ''}")
    for key, passages in task.quotations.items():
        for passage in passages:
            print(f"texts/{key}: the words of {terms.short_iri(passage)}: will be deleted")
    partial = task.partial_matches
    for place in partial[:SHOWN]:
        print(place)
    if len(partial) > SHOWN:
        print(f"and {len(partial) - SHOWN} more places where a word of the name stands alone")
    for thing, reason in task.dependents.items():
        print(f"{terms.short_iri(thing)} cannot stay as it is: {reason}")
    if task.dependents:
        print(f"{count(len(task.dependents), 'thing')} to edit, or to name too")
    if arguments.dry_run:
        for old, reason in task.affected_releases.items():
            print(f"release {old.path.name}: will be removed: it {reason}")
        print("Nothing has changed")
        return 1 if task.dependents or any(place.by_hand for place in task.places) else 0
    gone = task.carry_out(options.progress(), lambda: time.sleep(arguments.pause))
    print(f"Withdrawn; {release.current(task.settings.out).id} is the current release")
    print(f"Releases removed: {', '.join(gone) or 'none'}")
    print(OUTSIDE, file=sys.stderr)
    return 0

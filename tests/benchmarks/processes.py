"""What a process and all its descendants use, read from /proc (see proc(5)): memory and processor time."""

import os
import resource
import time
from pathlib import Path

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM, _RESIDENT = 1, 11, 12, 21  # fields of /proc/<pid>/stat behind the name, from 0


def resident(root):
    """Add up the memory of a process and its descendants, in bytes; what two of them share counts twice."""
    return sum(int(fields[_RESIDENT]) for fields in _family(root)) * PAGE


def used(root):
    """Return the processor seconds that a process has used, by itself and with its living descendants."""
    spent = [(int(fields[_USER]) + int(fields[_SYSTEM])) / TICKS for fields in _family(root)]
    return sum(spent[:1]), sum(spent)


def settle(root, patience=60):
    """Wait until a process and its descendants do next to nothing; tell whether they came to rest in time."""
    end, before = time.monotonic() + patience, used(root)[1]
    while time.monotonic() < end:
        time.sleep(0.2)
        now = used(root)[1]
        if now - before < 0.02:
            return True
        before = now
    return False


def _family(root):
    """Yield the fields of a process and its descendants; one that ends meanwhile is left out."""
    fields, children = {}, {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                words = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            fields[int(entry.name)] = words
            children.setdefault(int(words[_PARENT]), []).append(int(entry.name))
    family = [root]
    for process in family:
        family += children.get(process, [])
        if process in fields:
            yield fields[process]

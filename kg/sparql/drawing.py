"""How the answer to a question is drawn: the line `picture` of its header, which the question's file writes as

    #+ picture: timeline | start=from end=until label=event group=kind

First the kind of picture, then for each role of that kind the column that fills it. Several columns, with a comma between
them, fill a role together: the first that has a value in a row counts, but in `count` and `steps` each stands for itself. A
further part says for people what is counted: `| decisions that found a breach`.

    table                                     no picture
    timeline  start label [end group]         things in time; without `end`, each lasts as long as its start may mean
    map       state [group count of]          States, shaded by group, by count, or by how many rows each has
    map       latitude longitude place [precision]
                                              places: a dot each, as large as the number of its rows
    figures   about speaker value [low high words unit manner precision said part]
                                              the numbers that are given for one thing
    bars      year [count group of]           numbers by year; a date counts for its year
    bars      by [count]                      numbers by anything else; without `count`, rows
    matrix    row column [count of]           numbers by two things; a date counts for its year
    chain     steps                           what leads to what: each row is a way through the steps

Where several rows speak of one thing, such as a decision, `of` names the column of what is counted: each counts once in a State, bar or
cell, by its first row. A cell of it may hold several texts, divided by semicolons.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import SourceError

# For each kind, each way to draw it: the roles that need a column, and those that may have one.
KINDS: Mapping[str, Sequence[tuple[str, str]]] = {
    "table": (("", ""),),
    "timeline": (("start label", "end group"),),
    "map": (("state", "group count of"), ("latitude longitude place", "precision")),
    "figures": (("about speaker value", "low high words unit manner precision said part"),),
    "bars": (("year", "count group of"), ("by", "count")),
    "matrix": (("row column", "count of"),),
    "chain": (("steps", ""),),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A kind of picture, the columns that fill each of its roles, and what it counts, for people."""

    kind: str
    roles: Mapping[str, tuple[str, ...]]
    counted: str = ""


def read_drawing(parts: Sequence[str], columns: Collection[str]) -> Drawing:
    """Read the parts of a line `picture`; SourceError for a kind, role or column that there is not."""
    kind, *others = parts
    if kind not in KINDS:
        raise SourceError(f"there is no picture {kind!r}", hint=f"Use {', '.join(KINDS)}")
    pairs = [pair.partition("=") for part in others if "=" in part for pair in part.split()]
    counted = " ".join(part for part in others if "=" not in part)
    roles = {role: tuple(filter(None, named.split(","))) for role, _, named in pairs}
    ways = [(needed.split(), allowed.split()) for needed, allowed in KINDS[kind]]
    needed, allowed = max(ways, key=lambda way: len(roles.keys() & {*way[0]}))
    if strange := sorted(roles.keys() - {*needed, *allowed}):
        takes = ", ".join(needed + allowed) or "none"
        raise SourceError(f"the picture {kind} has no role {strange[0]!r} here", hint=f"Its roles: {takes}")
    if len(pairs) > len(roles):
        raise SourceError(
            f"the picture {kind} has a role twice", hint="Write several columns with a comma between them"
        )
    if missing := [role for role in needed if not roles.get(role)]:
        examples = " or ".join(" ".join(f"{role}=…" for role in way[0]) for way in ways)
        raise SourceError(f"the picture {kind} lacks {missing[0]}=…", hint=f"It needs {examples}")
    if empty := [role for role, named in roles.items() if not named]:
        raise SourceError(f"the role {empty[0]} has no column", hint=f"Columns: {', '.join(sorted(columns))}")
    if strange := [column for named in roles.values() for column in named if column not in columns]:
        raise SourceError(
            f"picture names {strange[0]}, which is no column", hint=f"Columns: {', '.join(sorted(columns))}"
        )
    return Drawing(kind, roles, counted)

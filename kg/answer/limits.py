"""How far the record goes from which an answer is drawn, in sentences.

A query in queries/records/ gives a row for each part of the record: `what` it is of, the day `until` which it goes, or that of the
`latest` thing in it where nobody knows of later ones, how many (`carried`) of how many (`printed`) things of a `kind` are in it, how
many were `read` where none tells of what is asked, for how many of these no State could be read (`astray`), how many were `judged`,
of which so many `byPerson` and with which `symbols`, how many are `present`, a `note`, and the things that it is `about`.
Each but the first may be missing.
`what` and `kind` are texts to translate; their slots `which` and `of` are the columns of these names. limits.jinja has the sentences.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from kg import terms
from kg.languages import Language, templates_in
from kg.rows import Cell
from kg.sparql.sentence import Row

UNKNOWN = "How far the record goes is not known here."
_SLOTS = ("which", "of")


def things_in(rows: Iterable[Row]) -> set[str]:
    """List the IRIs that the sentences of some rows name."""
    named = (row[column]["value"] for row in rows for column in _SLOTS if column in row)
    return {value for value in named if value.startswith(terms.BASE)}


def write(rows: Iterable[Row], day: str | None, language: Language, names: Mapping[str, str]) -> tuple[Cell, ...]:
    """Write the limits of a record, each once; with the `day` that is asked for, say where the record cannot tell for it.

    `rows` are in SPARQL's JSON form, `day` is written YYYY-MM-DD, and `names` names the things in the rows.
    """
    template = templates_in(Path(__file__).parent, language).get_template("limits.jinja")
    limits: dict[Cell, None] = {}
    for row in _gather(rows, language, names):
        sentences = template.render(row, day=day or "").splitlines()
        limits |= dict.fromkeys(map(Cell, filter(None, sentences)))
        if note := row.get("note"):
            translated, spoken = language.gettext(note), row["language"]
            is_foreign = translated == note and spoken != language.code
            limits[Cell(translated, language=spoken if is_foreign else "")] = None
    return tuple(limits) or (Cell(language.gettext(UNKNOWN)),)


def _gather(rows: Iterable[Row], language: Language, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Translate and fill the texts of the rows; rows that differ in `what` alone become one."""
    gathered: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for row in rows:
        values = {name: term["value"] for name, term in row.items() if term["value"] != "" and name != "about"}
        if "symbols" in values:  # an engine joins them in any order
            values["symbols"] = ", ".join(sorted(values["symbols"].split(", ")))
        slots = {slot: values.pop(slot, "") for slot in _SLOTS}
        slots = {slot: names.get(value) or language.gettext(value) for slot, value in slots.items()}
        texts = {name: language.gettext(values[name]) % slots for name in ("what", "kind") if name in values}
        what = texts.pop("what", "")
        values |= texts | {"language": row.get("note", {}).get("xml:lang", ""), "what": ""}
        gathered.setdefault(tuple(values.items()), []).append(what)
    return [{**dict(values), "what": language.listed(dict.fromkeys(what))} for values, what in gathered.items()]

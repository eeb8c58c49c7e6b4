"""`kg pin`: a pinned answer of a question, proposed for a person to confirm."""

import argparse
import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg import terms
from kg.answer.questions import QuestionAnswer
from kg.commands.ask import ask
from kg.config import Settings
from kg.errors import BadParameter, SourceError
from kg.files import write_file
from kg.sparql.question import Question
from kg.sparql.sentence import Row
from kg.wording import SEPARATOR, Listing

FOLDER = "tests/facts/answers"
_TYPED = {terms.PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "boolean")}


def run(arguments: argparse.Namespace) -> int:
    """Propose a pinned answer of a question, with the passages to read; write it when that is confirmed."""
    answer = ask(arguments)
    question, where = answer.question, arguments.where
    columns = _columns(question, arguments.columns, where)
    rows = [row for row in answer.rows if all(_has(question, row, *condition) for condition in where.items())]
    case = {
        "parameters": arguments.parameters,
        **({"where": where} if where else {}),
        "columns": columns,
        "rows": [[_cell(question, row, name) for name in columns] for row in rows],
        "derivation": arguments.derivation or "…",
    }
    print(f"{question.title}: {len(rows)} of {len(answer.rows)} rows")
    for number, row in enumerate(rows, 1):
        print("\n".join(_describe(answer, number, row, columns)))
    print(f"\nThe case, for {FOLDER}/{question.name}.json:\n{_write([case])}")
    if not arguments.confirm:
        print("Nothing was written. Read each row in its passages; then run again with --derivation and --confirm.")
        return 0
    if not re.search(r"\w.*\.$", arguments.derivation):
        hint = "Say in a sentence, with a full stop, how you worked the rows out from the sources"
        raise BadParameter("A pinned answer needs its derivation", where="--derivation", hint=hint)
    path = Settings.load(out=arguments.out).root / FOLDER / f"{question.name}.json"
    print(f"{_place(path, case)} in {path}")
    return 0


def _columns(question: Question, text: str | None, where: Mapping[str, str]) -> list[str]:
    """Read which columns are pinned. Raises BadParameter for one that the question does not have."""
    names = [column.name for column in question.columns]
    columns = [name.strip() for name in text.split(",")] if text else [name for name in names if name not in where]
    for name in (*columns, *where):
        if name not in names:
            hint = f"There are {', '.join(names)}"
            raise BadParameter(f"The question has no column {name!r}", where="--columns", hint=hint)
    return columns


def _cell(question: Question, row: Row, column: str) -> Any:
    """Write a cell as pinned answers have it: IRIs without the base, passages as a list, numbers and truths as such."""
    if column in question.cites:
        return sorted(terms.short_iri(iri) for iri in _passages(row, column))
    if column not in row:
        return None
    value = row[column]["value"]
    if isinstance(value, Listing):
        return SEPARATOR.join(sorted(value.texts)) or None
    if row[column].get("datatype") in _TYPED:
        with contextlib.suppress(ValueError):
            typed = json.loads(value)
            if json.dumps(typed) == value:
                return typed
    return terms.short_iri(value)


def _has(question: Question, row: Row, column: str, value: str) -> bool:
    cell = _cell(question, row, column)
    text = json.dumps(cell) if isinstance(cell, bool | int | float) else cell
    return text == terms.short_iri(value)


def _passages(row: Row, column: str) -> list[str]:
    return row[column]["value"].split() if column in row else []


def _describe(answer: QuestionAnswer, number: int, row: Row, columns: Sequence[str]) -> Iterator[str]:
    """Write a row with the names of the things in it, and its passages by their labels."""
    cites = answer.question.cites
    values = {name: row[name]["value"] for name in columns if name in row and name not in cites}
    shown = (f"{name}: {answer.labels.get(text, terms.short_iri(text))}" for name, text in values.items())
    yield f"\n{number}. {'; '.join(shown)}"
    for iri in dict.fromkeys(iri for name in cites for iri in _passages(row, name)):
        citation = answer.citations.get(iri)
        yield f"   read: {citation.label if citation else terms.short_iri(iri)}"


def _write(cases: Sequence[Mapping[str, Any]]) -> str:
    """Write cases as the files have them, a row a line."""
    parts = []
    for case in cases:
        texts = {key: json.dumps(value, ensure_ascii=False) for key, value in case.items()}
        if case["rows"]:
            rows = (json.dumps(row, ensure_ascii=False) for row in case["rows"])
            texts["rows"] = "[\n      " + ",\n      ".join(rows) + "\n    ]"
        lines = (f"    {json.dumps(key)}: {text}" for key, text in texts.items())
        parts.append("  {\n" + ",\n".join(lines) + "\n  }")
    return "[\n" + ",\n".join(parts) + "\n]"


def _place(path: Path, case: Mapping[str, Any]) -> str:
    """Write a case into its file, in the place of one that asks the same; say what was done. Raises SourceError or WriteFailed."""
    try:
        cases = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    except ValueError as error:
        raise SourceError(f"The file is no JSON ({error})", where=str(path)) from None
    keys = [(before["parameters"], before.get("where")) for before in cases]
    key = (case["parameters"], case.get("where"))
    if is_new := key not in keys:
        cases.append(case)
    else:
        before = cases[keys.index(key)]
        lead = {"lead": before["lead"]} if "lead" in before else {}
        cases[keys.index(key)] = {**lead, **case}
    write_file(path, _write(cases) + "\n")
    return "Added" if is_new else "Replaced"

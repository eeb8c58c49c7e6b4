"""`kg pin`: a pinned answer of a question, proposed for a person to confirm."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from kg import release, terms
from kg.answer import questions
from kg.answer.engine import InProcess
from kg.answer.questions import Answer, Row
from kg.commands import options
from kg.config import Settings
from kg.errors import BadParameter, SourceError, WriteFailed
from kg.sparql.question import Question, find_question, load_questions
from kg.store import Store

FOLDER = "tests/facts/answers"
_JOINED = r'separator\s*=\s*"(?:; |\\n)"\s*\)+\s*AS\s*\?(\w+)'  # columns whose texts come in no order
_XSD = terms.PREFIXES["xsd"]
_TYPED = {_XSD + name for name in ("integer", "decimal", "double", "boolean")}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("question", metavar="NAME", help="name of the question")
    parser.add_argument("-p", dest="parameters", action="append", default=[], metavar="KEY=VALUE", help="a parameter")
    said = "pin the rows with this value alone; repeatable"
    parser.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help=said)
    said = "the columns to pin, with a comma between them (default: all)"
    parser.add_argument("--columns", metavar="COLUMN,…", help=said)
    said = "how you worked the rows out from the sources, in a sentence"
    parser.add_argument("--derivation", default="", metavar="TEXT", help=said)
    said = f"write it to {FOLDER}, once you have read each row in its passages"
    parser.add_argument("--confirm", action="store_true", help=said)


def run(given: argparse.Namespace) -> int:
    """Propose a pinned answer of a question, with the passages to read; write it when told to."""
    settings = Settings.load(out=given.out)
    here = release.current(settings.out)
    question = find_question(load_questions(here.questions_path), given.question)
    values = dict(options.pair(text) for text in given.parameters)
    where = dict(options.pair(text, "--where") for text in given.where)
    columns = _columns(question, given.columns, where)
    with Store.open(here.store_path) as store:
        answer = asyncio.run(questions.ask(InProcess(store), question, values, here.id))
    rows = [
        row for row in answer.rows if all(_matches(_cell(question, row, name), value) for name, value in where.items())
    ]
    case: dict[str, Any] = {"parameters": values}
    if where:
        case["where"] = where
    case |= {"columns": columns, "rows": [[_cell(question, row, name) for name in columns] for row in rows]}
    case["derivation"] = given.derivation or "…"
    _show(answer, rows, columns)
    print(f"\nThe case, for {FOLDER}/{question.name}.json:\n{_write([case])}")
    if not given.confirm:
        print("Nothing was written. Read each row in its passages; then run again with --derivation and --confirm.")
        return 0
    if not re.search(r"\w.*\.$", given.derivation):
        hint = "Say in a sentence, with a full stop, how you worked the rows out from the sources"
        raise BadParameter("A pinned answer needs its derivation", where="--derivation", hint=hint)
    path = settings.root / FOLDER / f"{question.name}.json"
    print(f"{_place(path, case)} in {path}")
    return 0


def _columns(question: Question, asked: str | None, where: Mapping[str, str]) -> list[str]:
    """Read which columns are pinned. Raises BadParameter for one that the question does not have."""
    known = [name for name, _ in question.columns]
    wanted = [name.strip() for name in asked.split(",")] if asked else [name for name in known if name not in where]
    for name in (*wanted, *where):
        if name not in known:
            raise BadParameter(
                f"The question has no column {name!r}", where="--columns", hint=f"There are {', '.join(known)}"
            )
    return wanted


def _cell(question: Question, row: Row, column: str) -> Any:
    """Write a cell as pinned answers have it: IRIs without the base, passages as a list, numbers and truths as such."""
    if column in question.cites:
        return sorted(iri.removeprefix(terms.BASE) for iri in row.get(column, {"value": ""})["value"].split())
    if column not in row:
        return None
    value, datatype = row[column]["value"], row[column].get("datatype")
    if column in re.findall(_JOINED, question.text, re.IGNORECASE):
        return "; ".join(sorted(value.split("; "))) or None
    if datatype in _TYPED:
        try:
            read = json.loads(value)
        except ValueError:
            return value
        return read if json.dumps(read) == value else value
    return value.removeprefix(terms.BASE)


def _matches(cell: Any, value: str) -> bool:
    return (json.dumps(cell) if isinstance(cell, bool | int | float) else cell) == value.removeprefix(terms.BASE)


def _show(answer: Answer, rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Show each row with the names of what is in it, and its passages by their labels."""
    print(f"{answer.question.title}: {len(rows)} of {len(answer.rows)} rows")
    for number, row in enumerate(rows, 1):
        said = [
            f"{name}: {_named(answer, row[name]['value'])}"
            for name in columns
            if name in row and name not in answer.question.cites
        ]
        print(f"\n{number}. {'; '.join(said)}")
        for iri in dict.fromkeys(
            iri for name in answer.question.cites for iri in row.get(name, {"value": ""})["value"].split()
        ):
            citation = answer.citations.get(iri)
            print(f"   read: {citation.label if citation else iri.removeprefix(terms.BASE)}")


def _named(answer: Answer, value: str) -> str:
    return str(answer.labels.get(value, value.removeprefix(terms.BASE)))


def _write(cases: Sequence[Mapping[str, Any]]) -> str:
    """Write cases as the files have them, a row a line."""
    parts = []
    for case in cases:
        lines = []
        for key, value in case.items():
            said = json.dumps(value, ensure_ascii=False)
            if key == "rows" and value:
                said = "[\n      " + ",\n      ".join(json.dumps(row, ensure_ascii=False) for row in value) + "\n    ]"
            lines.append(f"    {json.dumps(key)}: {said}")
        parts.append("  {\n" + ",\n".join(lines) + "\n  }")
    return "[\n" + ",\n".join(parts) + "\n]"


def _place(path: Path, case: Mapping[str, Any]) -> str:
    """Write a case into its file, in the place of one that asks the same; say what was done. Raises SourceError or WriteFailed."""
    try:
        cases = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    except ValueError as error:
        raise SourceError(f"The file is no JSON ({error})", where=str(path)) from None
    asked = [(one["parameters"], one.get("where")) for one in cases]
    key = (case["parameters"], case.get("where"))
    said = "Added" if key not in asked else "Replaced"
    if key in asked:
        before = cases[asked.index(key)]
        cases[asked.index(key)] = {**{name: before[name] for name in ("lead",) if name in before}, **case}
    else:
        cases.append(case)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", delete=False) as aside:
            aside.write(_write(cases) + "\n")
        os.replace(aside.name, path)
    except OSError as error:
        raise WriteFailed(f"The file cannot be written ({error.strerror})", where=str(path)) from None
    return said

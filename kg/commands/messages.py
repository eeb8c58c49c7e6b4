"""`kg messages`: the texts that people read, gathered into the catalogues of the languages."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from api.app import ROUTERS
from api.openapi import operations
from api.routers.service import LIMITS
from kg import terms
from kg.config import PROJECT, SETTINGS
from kg.languages.catalogues import Text, compare, texts_in, update
from kg.sparql.lists import FOLDER, load_lists
from kg.sparql.question import load_questions
from kg.store import Store
from kg.tables import parse_table

_TERMS = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?label { ?thing skos:prefLabel ?label FILTER (LANG(?label) = "en") } ORDER BY ?label"""
_NAMED = f"""PREFIX ans: <{terms.VOCABULARY}>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?label {{
  VALUES ?class {{ ans:Treaty ans:TreatyBody }} ?thing a ?class ; skos:prefLabel ?label FILTER (LANG(?label) = "en")
}} ORDER BY ?label"""
_COMMENT = re.compile(r"^#.*$|\s#\s.*$", re.MULTILINE)
_QUOTED = re.compile(r'"([^"\n\\]*)"')
_ENGLISH = re.compile(r'"([^"\n\\]+)"@en\b')
_WORD = re.compile("[A-Za-z]{2}")
FAULTS = 20  # that are told of one language


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--check", action="store_true", help="say what is not translated, and change nothing")


def run(given: argparse.Namespace) -> int:
    """Gather the texts to translate into kg/languages/*.po, and say how far each language is."""
    texts = [*gather(PROJECT)]
    told = compare(texts) if given.check else update(texts)
    for one in told:
        print(f"{one.code}: {one.translated} of {one.texts} texts translated")
        for fault in one.faults[:FAULTS]:
            print(f"  {fault}")
        if len(one.faults) > FAULTS:
            print(f"  and {len(one.faults) - FAULTS} more")
    return 1 if any(one.faults or one.translated < one.texts for one in told) and given.check else 0


def gather(root: Path) -> Iterator[Text]:
    """Find every text that people read: in templates, code, questions, tables, and the names of our terms, of treaties and of their bodies."""
    yield from texts_in(root, "api/templates/**/*.*ml", "jinja2")  # HTML and XML
    for pattern in ("api/**/*.py", "kg/**/*.py"):
        yield from texts_in(root, pattern, "python")
    for name, question in load_questions(root / "queries" / "questions").items():
        for wording in question.texts:
            yield Text(wording, f"queries/questions/{name}.rq")
        for told in _QUOTED.findall(_COMMENT.sub("", question.text)):  # what its query tells in words of its own
            if _WORD.search(told) and told not in ("en", "true", "false") and not told.startswith("/"):
                yield Text(told.strip(), f"queries/questions/{name}.rq")
    for one in load_lists(root).values():
        for wording in one.texts:
            yield Text(wording, f"{FOLDER}/{one.name}.rq")
    for path in sorted(root.glob("queries/tables/*.rq")):
        table = parse_table(path.stem, path.read_text(encoding="utf-8"), str(path))
        for wording in (table.title, table.unit):
            yield Text(wording, path.relative_to(root).as_posix())
    for subject in ROUTERS:  # what /docs lists
        for _, _, sentence in operations(subject.router.routes):
            yield Text(sentence, f"api/routers/{subject.__name__.rpartition('.')[2]}.py")
    for setting in SETTINGS:
        if setting.name in LIMITS:
            yield Text(setting.help, "kg/config.py")
    for path in sorted(root.glob("queries/pages/*.rq")):
        for label in _ENGLISH.findall(path.read_text(encoding="utf-8")):
            yield Text(label, path.relative_to(root).as_posix())
    for path in sorted(root.glob("queries/records/*.rq")):
        for told in _QUOTED.findall(_COMMENT.sub("", path.read_text(encoding="utf-8"))):
            if _WORD.search(told) and told != "en":
                yield Text(told, path.relative_to(root).as_posix())
    modules = {*root.glob("ontology/*.ttl"), *root.glob("ontology/schemes/*.ttl")}
    for path in sorted(modules - {root / "ontology" / "deprecated.ttl"}):  # its names are on no page
        for label in _labels(path, _TERMS):
            yield Text(label, path.relative_to(root).as_posix())
    for path in sorted([*root.glob("data/treaties/*.ttl"), *root.glob("data/bodies/*.ttl")]):
        for label in _labels(path, _NAMED):
            yield Text(label, path.relative_to(root).as_posix())


def _labels(path: Path, query: str) -> list[str]:
    with Store.memory() as store:
        store.load(path, format="ttl", graph=None, source=path.name)
        return [label.value for (label,) in store.select(query)]

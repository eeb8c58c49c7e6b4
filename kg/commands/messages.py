"""`kg messages`: the texts that people read, gathered into the catalogues of the languages."""

import argparse
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from api.app import ROUTERS
from api.http import problems
from api.openapi import operations
from api.routers.service import LIMITS
from api.routers.sparql import find_title
from kg import terms
from kg.catalogue import ABOUT, KEYWORDS, SERVICES, WORDS
from kg.config import PROJECT, SETTINGS
from kg.languages.catalogues import Text, texts_in, update
from kg.partner.process import CHECKED, NOT_CHECKED
from kg.sparql.lists import FOLDER, load_lists
from kg.sparql.question import load_questions
from kg.store import Store
from kg.tables import parse_table

_LABELS = f"""PREFIX ans: <{terms.VOCABULARY}>
PREFIX skos: <{terms.PREFIXES["skos"]}>
SELECT DISTINCT ?label {{ {{ %s ?thing skos:prefLabel ?label FILTER (LANG(?label) = "en") }} %s }} ORDER BY ?label"""
_COMMENT = re.compile(r"^#.*$|\s#\s.*$", re.MULTILINE)
_QUOTED = re.compile(r'"((?:[^"\n\\]|\\.)*)"')
_ENGLISH = re.compile(r'"([^"\n\\]+)"@en\b')
_TEXT = re.compile(r"(?!en$|true$|false$|/|.*\\).*[A-Za-z]{2}.*")  # no language, no path, no sign for the engine
MOST = 20  # faults of one language that are printed


def run(options: argparse.Namespace) -> int:
    """Gather the texts to translate into kg/languages/*.po, and say how far each language is."""
    languages = update(gather(PROJECT), is_check=options.check)
    for language in languages:
        print(f"{language.code}: {language.translated} of {language.texts} texts translated")
        for fault in language.faults[:MOST]:
            print(f"  {fault}")
        if len(language.faults) > MOST:
            print(f"  and {len(language.faults) - MOST} more")
    return int(options.check and any(language.faults or language.translated < language.texts for language in languages))


def gather(root: Path) -> Iterator[Text]:
    """Find every text that people read: in templates, code, questions, tables, and the names of our terms, of treaties and of their bodies."""
    for pattern in ("api/templates/**/*.*ml", "kg/**/*.jinja"):  # HTML, XML and text
        yield from texts_in(root, pattern, "jinja2")
    for pattern in ("api/**/*.py", "kg/**/*.py"):
        yield from texts_in(root, pattern, "python")
    for file, texts in _in_files(root):
        for text in texts:
            yield Text(text, file)


def _in_files(root: Path) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield each file of queries, routes, settings and names with its texts."""
    for name, question in load_questions(root / "queries" / "questions").items():
        yield f"queries/questions/{name}.rq", (*question.texts, *_quoted(question.text))
    for name, listing in load_lists(root).items():
        yield f"{FOLDER}/{name}.rq", listing.texts
    for file, query in _files(root, "queries/tables/*.rq"):
        table = parse_table(Path(file).stem, query, file)
        yield file, (table.title, table.unit)
    for subject in ROUTERS:  # what /docs lists
        sentences = (sentence for _, _, sentence in operations(subject.router.routes))
        yield f"api/routers/{subject.__name__.rpartition('.')[2]}.py", sentences
    headed = (WORDS["catalogue"], *SERVICES)
    titles = (each[name] for each in headed for name in ("title", "about"))
    yield "kg/catalogue/catalogue.toml", (ABOUT, *KEYWORDS, *titles)
    yield "kg/partner/check.toml", (*CHECKED, *NOT_CHECKED)
    titles = (title for _, title in problems.KINDS.values())
    yield "api/http/problems.toml", (*titles, *problems.PHRASES.values(), *problems.HINTS.values())
    yield "kg/config.py", (setting.help for setting in SETTINGS if setting.name in LIMITS)
    for pattern, read in _READERS.items():
        for file, text in _files(root, pattern):
            if file != "ontology/deprecated.ttl":  # its names are on no page
                yield file, read(text)


def _files(root: Path, pattern: str) -> Iterator[tuple[str, str]]:
    for path in sorted(root.glob(pattern)):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def _quoted(query: str) -> list[str]:
    return [text.strip() for text in _QUOTED.findall(_COMMENT.sub("", query)) if _TEXT.fullmatch(text)]


def _labels(turtle: str, pattern: str = "", also: str = "") -> list[str]:
    with Store.memory() as store:
        store.load(turtle.encode(), format="ttl", graph=None, source="the labels")
        return [label.value for (label,) in store.select(_LABELS % (pattern, also))]


_NAMED = partial(_labels, pattern="VALUES ?class { ans:Treaty ans:TreatyBody } ?thing a ?class .")
# Of an article, its treaty and its number are translated (Language.abbreviate).
_SHORT = "UNION { ?thing ans:shortName ?label FILTER NOT EXISTS { ?thing ans:isProvisionOf ?treaty } }"
# How the texts for people are read from each kind of file.
_READERS: dict[str, Callable[[str], Iterable[str]]] = {
    "queries/pages/*.rq": _ENGLISH.findall,
    "queries/examples/*.rq": lambda text: [find_title(text)],
    "queries/records/*.rq": _quoted,
    "ontology/**/*.ttl": _labels,
    "data/treaties/*.ttl": partial(_NAMED, also=_SHORT),
    "data/bodies/*.ttl": _NAMED,
}

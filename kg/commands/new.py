"""`kg new`: a file in its right place with everything but the facts, from a template; each gap stands there as a comment.

A gap is no value that might slip through: until the line is written, `kg check` says in words what is missing."""

import argparse
import re
from pathlib import Path
from string import Template

from kg import cite, documents, terms
from kg.commands import options
from kg.config import Settings
from kg.errors import BadParameter, SourceError, UnknownName
from kg.files import write_file
from kg.store import Store

LONGEST = 100  # letters of a key, which is the name of a file too
_TEMPLATES = Path(__file__).with_name("templates")


def run(arguments: argparse.Namespace) -> int:
    """Begin an event, a source, a question or a country: the file with its IRIs, and each gap as a comment."""
    root = Settings.load().root
    begin = {"event": _event, "source": _source, "question": _question, "country": _country}[arguments.what]
    files = begin(arguments, root)
    present = [path for path in files if path.exists()]
    if present and (arguments.what != "country" or len(present) == len(files)):
        hint = "Give another key, or change that file"
        raise SourceError("There is such a file already", where=str(present[0]), hint=hint)
    for path, text in files.items():
        if path not in present:
            write_file(path, text)
            print(path.relative_to(root))
    print(
        f"Write what its comments ask for. `kg check {next(iter(files)).relative_to(root)}` names what is still missing."
    )
    if arguments.what == "question":
        pin = f"kg pin {arguments.key} -p state=id/state/kaz"
        print(f"Pin its answer with `{pin}`, which goes to tests/facts/answers/{arguments.key}.json.")
    return 0


def begin_source(key: str, text: str | None = None) -> str:
    """Begin the Turtle of a document, with the hash of its text where that is given."""
    line = f'    ans:textSha256 "{cite.sha256(cite.normalise(text))}" ;\n' if text is not None else ""
    return _fill("source.ttl", key=key, hash=line)


def _event(arguments: argparse.Namespace, root: Path) -> dict[Path, str]:
    state, name, _ = _state(root, arguments.state)
    key = _key(arguments.key, "event")
    text = _fill("event.ttl", key=key, state=state, name=name, source=arguments.source)
    return {root / f"data/events/{state}/{key}.ttl": text}


def _source(arguments: argparse.Namespace, root: Path) -> dict[Path, str]:
    key, file = _key(arguments.key, "document"), arguments.text
    text = documents.text_of(options.read_bytes(file), file) if file else None
    return {root / f"data/sources/{key}.ttl": begin_source(key, text)}


def _question(arguments: argparse.Namespace, root: Path) -> dict[Path, str]:
    return {root / f"queries/questions/{_key(arguments.key, 'question')}.rq": _fill("question.rq")}


def _country(arguments: argparse.Namespace, root: Path) -> dict[Path, str]:
    state, name, passages = _state(root, arguments.state)
    place = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    values = {"state": state, "name": name, "place": place}
    files = {root / f"data/organs/{state}.ttl": _fill("organs.ttl", **values)}
    texts = (path.read_text(encoding="utf-8") for path in (root / "data/places").glob("*.ttl"))
    if not any(f"<id/place/{place}> a " in text for text in texts):
        cited = " , ".join(f"<{terms.short_iri(iri)}>" for iri in passages)
        files[root / f"data/places/{state}.ttl"] = _fill("places.ttl", **values, passages=cited)
    return files


def _fill(template: str, /, **values: str) -> str:
    return Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)


def _state(root: Path, code: str) -> tuple[str, str, list[str]]:
    """Find a State by its code: its key, its name and the passages that it is written in. Raises UnknownName."""
    key = code.lower()
    path = root / f"data/states/{key}.ttl"
    if not re.fullmatch(r"[a-z]{3}", key) or not path.is_file():
        hint = "Give the code of three letters of a State in data/states/, such as kaz"
        raise UnknownName(f"There is no State {code!r}", hint=hint)
    with Store.memory() as store:
        store.load(path, format="ttl", graph=terms.graph_of(f"data/states/{key}.ttl"), source=str(path))
        rows = [*store.select(_fill("state.rq", state=f"{terms.ID}state/{key}"))]
    return key, rows[0][0].value if rows else key.upper(), [passage.value for _, passage in rows]


def _key(text: str, kind: str) -> str:
    if len(text) > LONGEST:
        raise BadParameter("The key is too long", where="KEY", hint=f"Take one of at most {LONGEST} letters")
    try:
        terms.mint(kind, text)
    except ValueError as error:
        raise BadParameter(str(error), where="KEY") from None
    return text

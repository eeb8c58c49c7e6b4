"""The command line: build, check, serve, ask, query, import, verify, cite, releases, rollback, diff.

Promises one line on standard error for a mistake, that says what is wrong, where and what to do, and an exit code: 0 it is
done, 1 it is not (the data do not conform, a release is damaged, a passage is not found), 2 it could not be tried. Never
shows a traceback for what a user did, and never decides anything that a module beneath could.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kg import cite, formats, participation, questions, release, terms
from kg.config import Settings
from kg.errors import AnswerableError, BadParameter, BuildError, QuerySyntaxError, SourceError, ValidationFailed
from kg.holding import Depot
from kg.pool import Pool
from kg.remote import Engine
from kg.store import Store

SHOWN = 20  # mistakes that are listed one by one after a build that failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except ValidationFailed as error:
        print(_mistakes(error), end="", file=sys.stderr)
        return 1
    except BuildError as error:
        print(f"kg: {error}", file=sys.stderr)
        return 1
    except AnswerableError as error:
        print(f"kg: {error}", file=sys.stderr)
        return 1 if options.name == "build" else 2
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("kg: interrupted", file=sys.stderr)
        return 130


def build(options: argparse.Namespace) -> int:
    """Make a release and switch to it."""
    settings = Settings.load(out=options.out, engine=options.engine)
    release.build(
        settings,
        data=options.data,
        jobs=options.jobs,
        plain=options.plain,
        force=options.force,
        engine=Depot(Engine(settings.engine)) if settings.engine else None,
        progress=_progress(),
    )
    return 0


def check(options: argparse.Namespace) -> int:
    """Say what a build would refuse, without building."""
    report = release.check(Settings.load(), paths=options.paths, jobs=options.jobs)
    print({"text": report.text, "json": report.json, "turtle": report.turtle}[options.format](), end="")
    return 0 if report.conforms else 1


def serve(options: argparse.Namespace) -> int:
    """Serve the current release until interrupted."""
    import uvicorn  # here, so that no other command waits for the server's libraries

    from api import logs, wire
    from api.app import create_app

    settings = Settings.load(
        host=options.host,
        port=options.port,
        workers=options.workers,
        out=_releases_of(options.release),
        engine=options.engine,
    )
    release.current(settings.out)
    logs.set_up(settings)
    # uvicorn ends what runs and raises the signal once more; by then everything is done, and done well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = create_app(settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http="httptools" if settings.access_log else wire.protocol(app),  # the shortcut leaves no line
        loop="uvloop",
        ws="none",
        server_header=False,
        access_log=False,
        log_config=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
    )
    return 0


def ask(options: argparse.Namespace) -> int:
    """Ask a named question of the current release."""
    settings = Settings.load(out=options.out)
    here = release.current(settings.out)
    known = questions.load(here.questions_path)
    if options.question is None:
        for question in known.values():
            wanted = "".join(f" -p {parameter.name}={parameter.example}" for parameter in question.parameters)
            print(f"{question.name}{wanted}\n    {question.title}")
        return 0
    values = dict(_pair(text) for text in options.parameters)
    with Store.open(here.store_path) as store:
        answer = questions.ask(store, questions.find(known, options.question), values, here.id)
    sys.stdout.buffer.write(formats.write_answer(answer, options.format))
    return 0


def query(options: argparse.Namespace) -> int:
    """Run any SPARQL query on the current release, with the deadline and the limits of the server."""
    settings = Settings.load(out=options.out)
    here = release.current(settings.out)
    text = _read(options.file)
    with Pool(
        here.store_path,
        workers=1,
        deadline=settings.deadline,
        memory=settings.memory,
        queue=1,
        max_rows=settings.max_rows,
        max_bytes=settings.max_bytes,
        max_query=settings.max_query,
        max_depth=settings.max_depth,
        name="query",
    ) as pool:
        try:
            answer = formats.write_query(pool, text, options.format)
        except QuerySyntaxError as error:
            error.where = "standard input" if options.file == "-" else options.file
            raise
    sys.stdout.buffer.write(answer)
    return 0


def import_tables(options: argparse.Namespace) -> int:
    """Write who signed and joined each treaty from tables of the UN Treaty Collection."""
    root = Settings.load().root
    out = options.out or root / participation.FOLDER
    known = participation.know(root, options.document, out, dict(_pair(text, "--treaty") for text in options.treaties))
    made = participation.read(options.folder, out, known)
    for note in made.notes:
        print(note)
    if made.problems:
        for problem in made.problems:
            print(f"kg: {problem}", file=sys.stderr)
        count = len(made.problems)
        print(f"kg: {count} row{'s' * (count != 1)} cannot be placed; nothing was written", file=sys.stderr)
        return 1
    participation.write(made)
    tables = f"{len(made.files)} table{'s' * (len(made.files) != 1)}"
    print(f"{made.placed:,} participations from {tables}, as of {known.day}, in {out}")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Compare a release with its manifest."""
    here = release.current(Path(options.folder) if options.folder else Settings.load().out)
    problems = release.verify(here)
    for problem in problems:
        print(f"kg: {here.path}: {problem}", file=sys.stderr)
    if problems:
        return 1
    triples = here.manifest["triples"]["total"]
    print(f"{here.id} is whole: {len(here.manifest['outputs'])} files, {triples:,} triples")
    return 0


def list_releases(options: argparse.Namespace) -> int:
    """List the releases, the oldest first, with a star at the current one."""
    out = Settings.load(out=options.out).out
    now = release.current(out).path
    for one in release.releases(out):
        manifest = one.manifest
        plain = "  plain" if manifest.get("plain") else ""
        star = "*" if one.path.resolve() == now else " "
        print(f"{star} {one.id:<22} {manifest['created']}  {manifest['triples']['total']:>10,} triples{plain}")
    return 0


def rollback(options: argparse.Namespace) -> int:
    """Make an earlier release the current one."""
    one = release.switch(Settings.load(out=options.out).out, options.id)
    print(f"{one.id} is the current release")
    return 0


def diff(options: argparse.Namespace) -> int:
    """Print the triples that went and came between two releases, graph by graph."""
    out = Settings.load(out=options.out).out
    changes = release.diff(release.find(out, options.old), release.find(out, options.new))
    counts = {"-": 0, "+": 0}
    for sign, graph, triple in sorted(changes, key=lambda change: (change[1], change[2], change[0])):
        counts[sign] += 1
        print(f"{sign} {graph.removeprefix(terms.BASE)}  {triple}")
    print(f"{counts['-']:,} removed, {counts['+']:,} added", file=sys.stderr)
    return 0


def check_citations(options: argparse.Namespace) -> int:
    """Check the cited passages of a document against its text, or fix a new passage in it."""
    text = _read(options.file)
    if options.fix:
        return _fix(options, text)
    here = release.current(Settings.load(out=options.out).out)
    with Store.open(here.store_path) as store:
        document, citations = _cited(store, text, options.document)
    verdicts = cite.check(text, citations)
    for verdict in verdicts:
        at = f", now at {verdict.start}" if verdict.state == "moved" else ""
        print(f"{verdict.state:<8} {verdict.citation.passage.removeprefix(terms.BASE)}{at}")
    counts = {state: sum(verdict.state == state for verdict in verdicts) for state in ("found", "moved", "missing")}
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "no passage with offsets"
    print(f"{document.removeprefix(terms.BASE)}: {said}")
    return 0 if verdicts and not counts["missing"] else 1


def _fix(options: argparse.Namespace, text: str) -> int:
    key = options.document or "KEY"
    passage = terms.ID + f"passage/{key.rpartition('/')[2]}-NUMBER"
    try:
        citation = cite.fix(text, *options.fix, passage)
    except ValueError as error:
        raise SourceError(str(error), where=options.file) from None
    print(
        f"<id/passage/{key.rpartition('/')[2]}-NUMBER> a ans:Passage ;\n"
        f'    skos:prefLabel "NAME, NUMBER"@en ;\n'
        f"    ans:isPartOf <id/document/{key.rpartition('/')[2]}> ;\n"
        f'    ans:section "SECTION"@en ;\n'
        f'    ans:paragraph "NUMBER" ;\n'
        f"    ans:startOffset {citation.start} ;\n"
        f"    ans:endOffset {citation.end} ;\n"
        f'    ans:textSha256 "{citation.sha256}" ;\n'
        f"    ans:hasReading <scheme/reading/whole> ."
    )
    return 0


def _cited(store: Store, text: str, name: str | None) -> tuple[str, list[cite.Citation]]:
    """Find which document a text is, and the passages of it that are fixed by offsets."""
    ans = terms.VOCABULARY
    rows = store.query(
        f"""PREFIX ans: <{ans}> SELECT ?document ?hash ?passage ?start ?end ?sha {{
        ?passage ans:isPartOf ?document ; ans:startOffset ?start ; ans:endOffset ?end ; ans:textSha256 ?sha .
        OPTIONAL {{ ?document ans:textSha256 ?hash }} }} ORDER BY ?document ?start"""
    )
    documents: dict[str, list[cite.Citation]] = {}
    hashes = {}
    for document, whole, passage, start, end, sha in rows:
        documents.setdefault(document.value, []).append(
            cite.Citation(passage.value, int(start.value), int(end.value), sha.value)
        )
        hashes[document.value] = whole and whole.value
    if name is not None:
        wanted = name if name.startswith(terms.BASE) else terms.BASE + name.lstrip("/")
        found = [iri for iri in documents if iri == wanted or iri.rpartition("/")[2] == name]
    else:
        found = [iri for iri, sha in hashes.items() if sha == cite.sha256(cite.normalise(text))]
        found = found or _likeliest(text, documents)
    if not found:
        known = ", ".join(iri.rpartition("/")[2] for iri in documents) or "none"
        raise SourceError(
            "This is no text of a document with fixed passages"
            if name is None
            else f"No document {name!r} has passages",
            hint=f"Name one with --document: {known}",
        )
    return found[0], documents[found[0]]


def _likeliest(text: str, documents: dict[str, list[cite.Citation]]) -> list[str]:
    """Return the document most of whose passages stand where they should, if any does."""
    whole = cite.normalise(text)
    scores = {iri: sum(cite.sha256(whole[c.start : c.end]) == c.sha256 for c in cs) for iri, cs in documents.items()}
    best = max(scores, key=lambda iri: scores[iri], default=None)
    return [best] if best is not None and scores[best] else []


def _releases_of(folder: str | None) -> str | None:
    """Take `releases/current` for `releases`, so that a server follows the switch to the next release."""
    if folder is None:
        return None
    path = Path(folder)
    return str(path.parent) if path.name == release.CURRENT and path.is_symlink() else folder


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=name) from None
    except UnicodeDecodeError:
        raise SourceError("The file is not UTF-8 text", where=name, hint="Save it as UTF-8") from None


def _pair(text: str, option: str = "-p") -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise BadParameter(f"{text!r} gives no value", where=option, hint=f"Write {option} name=value")
    return key, value


def _mistakes(error: ValidationFailed) -> str:
    wrong = error.report.violations
    lines = [f"kg: {result}" for result in wrong[:SHOWN]]
    more = f", of which {SHOWN} are shown; `kg check` shows all" if len(wrong) > SHOWN else ""
    lines.append(
        f"kg: {len(wrong)} mistake{'s' * (len(wrong) != 1)}{more}; nothing was built, the release before is untouched"
    )
    return "\n".join(lines) + "\n"


def _progress() -> release.Progress:
    """Show progress: a bar on a terminal, plain lines elsewhere."""
    steps, wide = len(release.STEPS), 24
    terminal = sys.stderr.isatty()

    def show(step: int, text: str) -> None:
        if not terminal:
            print(text, file=sys.stderr, flush=True)
            return
        full = wide * step // steps
        end = "\n" if step == steps else ""
        print(f"\r\x1b[K[{'█' * full}{' ' * (wide - full)}] {text}", end=end, file=sys.stderr, flush=True)

    return show


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kg", description="Build, check, ask and serve the knowledge graph.")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

    def command(name, run, **extra):
        added = commands.add_parser(name, help=run.__doc__.rstrip("."), description=run.__doc__, **extra)
        added.set_defaults(run=run)
        return added

    def out(one):
        one.add_argument("--out", metavar="DIR", help="folder of the releases")

    one = command("build", build)
    out(one)
    one.add_argument(
        "--data", action="append", default=[], type=Path, metavar="DIR", help="folder laid over data/; repeatable"
    )
    one.add_argument("--jobs", type=_count, metavar="N", help="checks to ask at the same time (default: one a core)")
    one.add_argument(
        "--plain", action="store_true", help="load any RDF as it is, without our ontology, shapes and rules"
    )
    one.add_argument("--engine", metavar="URL", help="SPARQL 1.1 server that derives and holds the release")
    one.add_argument("--force", action="store_true", help="build even if nothing has changed")
    one = command("check", check)
    one.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders; default: everything")
    one.add_argument("--format", choices=("text", "turtle", "json"), default="text")
    one.add_argument("--jobs", type=_count, metavar="N", help="checks to ask at the same time (default: one a core)")
    one = command("serve", serve)
    one.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    one.add_argument("--port", help="port to listen on (default 8000)")
    one.add_argument("--workers", help="processes that answer queries")
    one.add_argument("--release", metavar="DIR", help="a folder of releases, or one release")
    one.add_argument("--engine", metavar="URL", help="SPARQL 1.1 server that holds the release, put there by kg build")
    one = command("ask", ask)
    out(one)
    one.add_argument("question", nargs="?", metavar="NAME", help="name of the question; without it, all are listed")
    one.add_argument("-p", dest="parameters", action="append", default=[], metavar="KEY=VALUE", help="a parameter")
    one.add_argument("--format", default="table", help="table (default), csv, sheet (csv for a spreadsheet), json")
    one = command("query", query)
    out(one)
    one.add_argument("file", metavar="FILE", help="file with a SPARQL query; - for standard input")
    one.add_argument("--format", default="table", help="table (default), json, csv, tsv, xml, ttl, nt, rdf, jsonld")
    one = command("import", import_tables)
    one.add_argument("what", choices=("participation",), help="what the tables are about")
    one.add_argument("folder", type=Path, metavar="DIR", help="folder of the tables: 4-9.csv is chapter IV, treaty 9")
    one.add_argument(
        "--document", default="untc-2015", metavar="KEY", help="document they are a copy of (default untc-2015)"
    )
    one.add_argument(
        "--treaty",
        dest="treaties",
        action="append",
        default=[],
        metavar="NAME=KEY",
        help="the treaty of NAME.csv, where the name is not its number; repeatable",
    )
    one.add_argument("--out", type=Path, metavar="DIR", help=f"folder to write to (default {participation.FOLDER})")
    one = command("verify", verify)
    one.add_argument("folder", nargs="?", metavar="DIR", help="a folder of releases, or one release")
    one = command("cite", check_citations)
    out(one)
    one.add_argument("file", metavar="FILE.txt", help="text of a cited document, UTF-8")
    one.add_argument("--document", metavar="IRI", help="which document it is: its IRI or key")
    one.add_argument("--fix", nargs=2, metavar=("OPENING", "CLOSING"), help="print the Turtle of a new passage")
    out(command("releases", list_releases))
    one = command("rollback", rollback)
    out(one)
    one.add_argument("id", metavar="ID")
    one = command("diff", diff)
    out(one)
    one.add_argument("old", metavar="A")
    one.add_argument("new", metavar="B")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number of at least 1 is needed")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())

"""The folder of a release: written aside, hashed, synced to the disk and verified, then given its name."""

import datetime
import hashlib
import json
import os
import shutil
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from kg import catalogue, crosswalks, memory, supplements, tables, terms
from kg.build import dumps
from kg.build.report import WARNINGS, dump_results
from kg.build.steps import Draft
from kg.catalogue import ABOUT, DATASET, KEYWORDS, TITLE, ReleaseFacts
from kg.errors import BuildError
from kg.languages import DEFAULT, speak, templates_in
from kg.release import COMPRESSED, MANIFEST, SEAL, Release, files, hash_file, releases, seal, sync
from kg.search import index
from kg.store import Store


def write(draft: Draft, out: Path, started: str) -> Release:
    """Write a checked release into a folder of releases, which nobody else builds into; `started` is when its build began.

    It has its name only when all of it is on the disk. Raises OSError or SourceError where the disk refuses it.
    """
    id = _name(out, draft.inputs.digest)
    path = out / f".tmp-{os.getpid()}"
    try:
        path.mkdir()
        _write_content(draft, path, id)
        manifest = _describe(draft, path, id, started)
        for part in [*files(path), *(folder for folder in path.rglob("*") if folder.is_dir()), path]:
            sync(part)
        _verify(path, manifest)
        os.replace(path, out / id)
        sync(out)
    finally:
        shutil.rmtree(path, ignore_errors=True)
    return Release(out / id)


def now() -> str:
    """Write the time to the millisecond (RFC 3339)."""
    return _write_time(datetime.datetime.now(datetime.UTC))


def _write_time(time: datetime.datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write_content(draft: Draft, path: Path, id: str) -> None:
    """Write all but the dumps, the store, which is made of them, and what describes the release."""
    read, store = draft.inputs, draft.store
    for query in (*read.folder("questions"), *read.folder("records")):
        _write(path / query.name.removeprefix("queries/"), query.text.encode())
    if queries := read.texts("tables"):
        limits = {PurePath(name).stem: text for name, text in read.texts("tables/limits").items()}
        tables.make(store, queries, limits, id, lambda name, data: _write(path / name, data))
    search = {PurePath(query.name).stem: query.text for query in read.folder("search")}
    index.write(path / index.FILE, store, search, draft.questions)
    for walk in crosswalks.make(store, read.texts(crosswalks.FOLDER)):
        _write(path / walk.path, walk.write())
    for file in read.crosswalks:
        _write(path / crosswalks.FOLDER / file.path.name, file.data)
    _write(path / WARNINGS, dump_results(draft.report.results))


def _describe(draft: Draft, path: Path, id: str, started: str) -> dict[str, Any]:
    """Write the dumps, the store and what describes the release; return its manifest, which is sealed."""
    read, store = draft.inputs, draft.store
    parts = catalogue.count(store)
    triples = {"total": store.count(), "graphs": {graph: store.count(graph) for graph in store.graphs()}}
    (path / "dumps").mkdir()
    dumps.write(path / "dumps", store.drain())
    memory.trim()  # the lines and the engine that makes the store are not in memory at once
    dumps.make_store(path / "dumps", path / "store")
    manifest: dict[str, Any] = {
        "id": id,
        "created": _after(path.parent),
        "base": terms.BASE,
        "digest": read.digest,
        "triples": triples,
        "warnings": [*map(str, draft.report.results)],
        "versions": read.code.versions,
        "inputs": read.hashes,
        "outputs": {file.relative_to(path).as_posix(): hash_file(file) for file in files(path)},
    }
    seal(path, manifest)
    facts = supplements.facts_of(Release(path), started=started, is_whole=True)
    described = catalogue.write(catalogue.describe(parts, facts), "ttl")
    for name, data in {"catalogue.ttl": described, **_package(facts)}.items():
        _write(path / name, data)
        manifest["outputs"][name] = hashlib.sha256(data).hexdigest()
    seal(path, manifest)
    return manifest


def _package(facts: ReleaseFacts) -> dict[str, bytes]:
    """Write by the templates beside this module, by their names, what describes a release to those who take its folder.

    They say how to cite it, and what is in it (CFF, Zenodo, RO-Crate, Frictionless). Paths are those in the folder of a release, and on a
    server below `/release/<id>/`.
    """
    values = {
        "facts": facts,
        "files": [*facts.dumps, *(file for supplement in facts.supplements for file in supplement.files)],
        "compressed": COMPRESSED,
        "standards": sorted({supplement.standard for supplement in facts.supplements} - {""}),
        "title": f"{TITLE}, release {facts.id}",
        "about": ABOUT,
        "publisher": TITLE,
        "keywords": [*KEYWORDS],
        "dataset": DATASET,
        "base": terms.BASE,
        "licence": terms.LICENCE,
    }
    dump = partial(json.dumps, ensure_ascii=False)
    templates = templates_in(Path(__file__).parent, speak(DEFAULT), json=dump)
    names = templates.list_templates(extensions=["jinja"])
    return {name.removesuffix(".jinja"): templates.get_template(name).render(values).encode() for name in names}


def _verify(path: Path, manifest: dict[str, Any]) -> None:
    """Read back what can be lost between writing and closing: which files there are, and the triples of the store."""
    present = {file.relative_to(path).as_posix() for file in files(path)} - {MANIFEST, SEAL}
    if astray := present ^ manifest["outputs"].keys():
        raise BuildError(f"The folder does not hold the files that were written: {astray}", where=str(path))
    with Store.open(path / "store") as saved:
        counted, total = saved.count(), manifest["triples"]["total"]
    if counted != total:
        raise BuildError(f"The store holds {counted} triples after closing, and {total} before", where=str(path))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def _after(out: Path) -> str:
    """Write the time, or a millisecond after the newest release where the clock is behind it: releases are in order by it."""
    time, newest = now(), max((release.created for release in releases(out)), default="")
    if newest < time:
        return time
    return _write_time(datetime.datetime.fromisoformat(newest) + datetime.timedelta(milliseconds=1))


def _name(out: Path, digest: str) -> str:
    """Choose the id of a release: the day, the digest, and a number where there is one of these already."""
    first = f"{datetime.datetime.now(datetime.UTC):%Y%m%d}-{digest[:8]}"
    names = [first, *(f"{first}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (out / name).exists())

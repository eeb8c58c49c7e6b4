"""`make bench`: the server and the build against their peers, in one run, into one table.

    python -m tests.benchmarks [PART…] [--rounds N] [--seconds S] [--quick]

A part is one of serve-shipped, serve-million, pages, build-100k, build-1m and ten-million, or the beginning of some; without any, all are run but
ten-million, which takes half an hour and 18 GB. What a part measured is kept, so that the table can come from several runs; `table` writes it from what is kept.
Never a test: it measures. All it makes lies in build/bench/, but for the table itself, tests/benchmarks/RESULTS.md.
"""

import argparse
import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path

from kg import release
from kg.config import PROJECT
from tests.benchmarks import builds, load, pages, results, servers, workloads

WORK = PROJECT / "build" / "bench"
PEERS = WORK / "peers" / "bin"
TABLE = Path(__file__).with_name("RESULTS.md")
SIZES = {"serve-million": 1_000_000, "build-100k": 100_000, "build-1m": 1_000_000, "ten-million": 10_000_000}
TARGETS = {
    servers.NATIVE: {"repeated small": 1.0, "repeated 2,000-row": 20, "unique small": 0.4, "unique 2,000-row": 0.9},
    servers.RDFLIB: {"unique small": 3},
}
LATEST = 150  # milliseconds that 99 of 100 pages may take
OF_OBVIOUS, OF_LOAD, GIGABYTES = 0.1, 13, 3
PACE = "build time for a million triples at this pace"
LOAD = (
    f"wrk, {load.CONNECTIONS} connections kept alive, one thread, GET, uncompressed; each server warmed up, then {{0.rounds}} rounds of "
    "{0.seconds} s a server and workload (longer where a server answers nothing in them), in turn, the others idle"
)


def say(words):
    """Tell people what happens now."""
    print(words, file=sys.stderr, flush=True)


def make_release(part, **environment):
    """Build a release for a part; its folder of releases, and the release."""
    say(f"{part}: making the release")
    out = WORK / f"{part}-release"
    servers.run([servers.BIN / "kg", "build", "--out", out], WORK / "log", **environment)
    return out, release.current(out)


def send(part, there, asked, options):
    """Measure servers under each workload; yield its name and the figures by server."""
    with contextlib.ExitStack() as stack:
        started = [(server, stack.enter_context(servers.running(server, WORK / f"{part}.log"))) for server in there]
        for workload in asked:
            say(f"{part}: {workload.name}")
            yield workload.name, load.measure(workload, started, WORK / "targets", options.rounds, options.seconds)


def serve(part, options):
    """Measure the servers over one data set."""
    environment, data = {}, "shipped"
    if part == "serve-million":
        project, _ = builds.make_project(WORK, SIZES[part] // options.smaller)
        environment, data = {"ANSWERABLE_ROOT": str(project)}, "invented"
    out, made = make_release(part, **environment)
    data += f", {made.manifest['triples']['total']:,} triples"
    folder = WORK / f"{part}-peers"
    facts = workloads.Facts(servers.prepare(out, folder, PEERS))
    there = [servers.ours(out), servers.native(folder, PEERS)]
    if part == "serve-shipped":  # a million triples are too many for it
        there.append(servers.rdflib_endpoint(folder, PEERS))
    rows = []
    for name, found in send(part, there, workloads.workloads(facts), options):
        ours = figures(found[servers.OURS], "rate")
        for peer in there[1:]:
            aim = {"target": TARGETS[peer.name].get(name), "is_least": True}
            rows.append(results.Row(data, name, "/s", ours, peer.name, figures(found[peer.name], "rate"), **aim))
    how = [server.settings for server in there]
    return rows, [*how, LOAD.format(options), "the answers of every server were compared with the file first"]


def ask_pages(part, options):
    """Measure pages and questions that nobody asked before."""
    out, made = make_release(part)
    ours = servers.ours(out)
    server = replace(ours, url=ours.url.removesuffix("sparql"), cache="1")  # which has room for no answer
    rows = []
    for name, found in send(part, [server], pages.workloads(made), options):
        rounds = found[server.name]
        p50, p95, serving, both = (
            results.number(figures(rounds, each)) for each in ("p50", "p95", "serving", "together")
        )
        note = f" at p99, {p95} at p95, {p50} at p50; {serving} of {both} ms of processor"
        rows.append(results.Row("shipped, uncached", name, " ms", figures(rounds, "p99"), target=LATEST, note=note))
    how = "no cache; processor of the serving process, and of it and its workers together"
    return rows, [server.settings, LOAD.format(options), how]


def build(part, options):
    """Measure the build of an invented project of one size, beside a peer."""
    project, triples = builds.make_project(WORK, SIZES[part] // options.smaller)
    (time, memory, pace), how = _build(part, options, project, triples, times=1 if part == "build-1m" else 3)
    if part == "build-1m":
        say(f"{part}: bare load")
        theirs, against, target = builds.bare(WORK, project, PEERS, 3), "`oxigraph load`", OF_LOAD
        other = "`oxigraph load` of the same stated triples as one N-Triples file into an empty store, 3 times"
        memory = replace(memory, target=GIGABYTES)
    else:
        say(f"{part}: the obvious pipeline")
        (theirs, steps), against, target = builds.obvious(WORK, project), "rdflib, owlrl, pySHACL over all", OF_OBVIOUS
        other = "The obvious pipeline, once: rdflib reads ontology and data, owlrl closes all under OWL 2 RL, pySHACL validates all; "
        other += f"seconds at the end of each step: {', '.join(steps)}"
    time = replace(time, against=against, theirs=figures(theirs, "seconds"), target=target)
    return [time, memory, pace], [how, f"{other}; {results.number(figures(theirs, 'processor'))} s of processor"]


def _build(part, options, project, triples, times):
    """Measure builds of an invented project: the rows of time, memory and pace, and how it was measured."""
    say(f"{part}: our build, {times} times")
    ours = builds.ours(WORK, project, times)
    made = release.current(WORK / f"built-{project.name}").manifest["triples"]["total"]
    data = f"invented, {triples:,} triples"
    time = results.Row(data, "build time", " s", figures(ours, "seconds"))
    memory = results.Row(data, "peak memory of the build", " GB", [max(figures(ours, "peak"))])
    pace = results.Row(data, PACE, " s", [run["seconds"] / triples * 1e6 for run in ours])
    smaller = [row for row in results.read(options.kept, "build-100k")[0] if row.what == PACE]
    if smaller and part != "build-100k":
        pace = replace(pace, against="build-100k", theirs=smaller[0].ours, target=1)
    how = f"`kg build` of {triples:,} stated triples ({made:,} in the release), {times} time(s), {results.number(figures(ours, 'processor'))} s of "
    how += "processor; memory is that of all its processes added up, looked at 20 times a second"
    return (time, memory, pace), how


def ten_million(part, options):
    """Measure how far one machine goes: a build of ten million invented triples."""
    rows, how = _build(part, options, *builds.make_project(WORK, SIZES[part] // options.smaller), times=1)
    return [*rows], [how]


def figures(rounds, name):
    """List one figure of several rounds."""
    return [each[name] for each in rounds]


def main(arguments):
    """Run the parts that are asked for and write the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="a part, the beginning of some, or table; default: all"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each workload (default 5)")
    parser.add_argument("--seconds", type=int, default=3, help="seconds of each round and server (default 3)")
    parser.add_argument("--quick", action="store_true", help="try everything in small; the table stays in build/bench/")
    options = parser.parse_args(arguments)
    for name in options.parts:
        if not any(part.startswith(name) for part in (*results.PARTS, "table")):
            parser.error(f"there is no part {name}")
    named = tuple(options.parts) or tuple(part for part in results.PARTS if part != "ten-million")
    wanted = [part for part in results.PARTS if part.startswith(named)]
    options.kept, options.smaller, table = WORK / "results", 1, TABLE
    if options.quick:
        options.kept, options.smaller, table = WORK / "quick", 10, WORK / "RESULTS.md"
        options.rounds = options.seconds = 1
    WORK.mkdir(parents=True, exist_ok=True)
    if wanted and os.getloadavg()[0] > 0.5:
        say(f"Something else is at work here (load average {os.getloadavg()[0]:.1f}): the figures will be worth little")
    for part in wanted:
        measure = {"serve": serve, "pages": ask_pages, "build": build, "ten": ten_million}[part.partition("-")[0]]
        rows, how = measure(part, options)
        results.keep(options.kept, part, rows, how)
    print("\n".join(row.line() for row in results.write(options.kept, table)))
    say(f"The table is in {table.relative_to(PROJECT)}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""`make bench`: the server and the build against their peers, in one run, into one table.

    python -m tests.benchmarks [PART…] [--rounds N] [--seconds S] [--cap MINUTES] [--quick]

A part is `serve`, `pages`, `build`, or one of serve-shipped, serve-million, build-10k, build-100k, build-1m; without any, all
are run. What a part measured is kept, so that the table can come from several runs; `table` writes it from what is kept.
Never a test: it measures. All it makes lies in build/bench/, but for the table itself, tests/benchmarks/RESULTS.md.
"""

import argparse
import contextlib
import functools
import os
import shutil
import statistics
import sys
from pathlib import Path

from kg import release
from kg.config import PROJECT
from tests.benchmarks import builds, load, pages, processes, results, servers, workloads

WORK = PROJECT / "build" / "bench"
PEERS = WORK / "peers" / "bin"
TABLE = Path(__file__).with_name("RESULTS.md")
SIZES = {"build-10k": 10_000, "build-100k": 100_000, "build-1m": 1_000_000}
TO_NATIVE = {"repeated small": 1.0, "repeated 2,000-row": 20, "unique small": 0.4, "unique 2,000-row": 0.9}
TO_RDFLIB = {"unique small": 3}
FEW, LONG = 2 * load.CONNECTIONS, 20  # a server that answers so few in its warm-up gets so many seconds a round
PAGES = 100  # of each kind, in each round
FASTER_THAN_OBVIOUS, SLOWER_THAN_LOAD, GIGABYTES = 10, 13, 3


def say(words):
    """Tell people what happens now."""
    print(words, file=sys.stderr, flush=True)


def serve(part, options):
    """Measure the servers over one data set, in rounds that go from one server to the next."""
    how = [results.machine()]
    out = WORK / f"{part}-release"
    say(f"{part}: making the release")
    root = {}
    if part == "serve-million":
        project, _ = builds.make_project(WORK, 100_000 if options.quick else 1_000_000)
        root = {"ANSWERABLE_ROOT": str(project)}
    servers.run([servers.BIN / "kg", "build", "--out", out], WORK / "log", **root)
    triples = release.current(out).manifest["triples"]["total"]
    folder = WORK / f"{part}-peers"
    say(f"{part}: loading {triples:,} triples into the peers")
    facts = workloads.Facts(servers.prepare(out, folder, PEERS))
    there = [servers.ours(out), servers.native(folder, PEERS)]
    if part == "serve-shipped":
        there.append(servers.rdflib_endpoint(folder, PEERS))
        data = f"shipped, {triples:,} triples"
    else:
        data = f"invented, {triples:,} triples"
        how.append("rdflib-endpoint is measured on the shipped data alone.")
    raw, turns = {}, iter(range(1, 10_000))
    with contextlib.ExitStack() as stack:
        pids = {}
        for server in there:
            say(f"{part}: starting {server.name}")
            pids[server.name] = stack.enter_context(servers.running(server, WORK / f"{part}.log"))
        for workload in workloads.WORKLOADS:
            raw[workload] = _measure(part, workload, there, pids, facts, turns, options)
    how += [server.settings for server in there]
    how.append(
        f"wrk, {load.CONNECTIONS} connections kept alive, one thread, GET, JSON, uncompressed; each server warmed up, then "
        f"{options.rounds} rounds of {options.seconds} s a server and workload, in turn, the others idle "
        f"({LONG} s for a server that answered fewer than {FEW} queries in its warm-up); "
        "figures are answers a second, ratios ours to theirs; every server's answers were compared with the file first"
    )
    rows = [row for workload, found in raw.items() for row in _compare(data, workload, found)]
    results.keep(options.kept, part, rows, how, raw)


def _measure(part, workload, there, pids, facts, turns, options):
    """Return for each server the answers a second of each round, or in words why there are none."""
    lines = WORK / "queries"
    found = {server.name: [] for server in there}
    least, lasts = {}, {}
    for server in there:
        wrong, size = workloads.compare(functools.partial(workloads.ask, server.url), facts, workload)
        if wrong:
            raise SystemExit("\n".join([f"{server.name} answers otherwise than the file; nothing is timed:", *wrong]))
        least[server.name] = size if workload.startswith("repeated") else size / 2
        lasts[server.name] = options.seconds
    for round_ in range(-1, options.rounds):  # the first, -1, warms up
        workloads.write(lines, workload, facts, next(turns), options.seconds)
        for server in there:
            rates = found[server.name]
            if isinstance(rates, str):
                continue
            seconds = max(1, options.seconds // 2) if round_ < 0 else lasts[server.name]
            try:
                rate = load.run(server.url, lines, seconds, least=least[server.name])["rate"]
            except load.Void as why:
                found[server.name] = str(why)
            else:
                if round_ >= 0:
                    rates.append(rate)
                elif rate * seconds < FEW:
                    lasts[server.name] = LONG
            if not processes.settle(pids[server.name]):
                raise SystemExit(f"{server.name} does not come to rest after a run")
        if round_ >= 0:
            found |= {name: "nothing was answered" for name, rates in found.items() if rates and not rates[-1]}
    say(f"{part}: {workload}: " + ", ".join(f"{name} {_rate(rates)}" for name, rates in found.items()))
    return found


def _rate(rates):
    return rates if isinstance(rates, str) else f"{results.number(statistics.median(rates))}/s"


def _compare(data, workload, found):
    """Make the rows that compare our server with each of the others on one workload."""
    mine = found[servers.OURS]
    for peer, targets in ((servers.NATIVE, TO_NATIVE), (servers.RDFLIB, TO_RDFLIB)):
        if peer not in found:
            continue
        row = functools.partial(results.Row, data, workload, against=peer, target=targets.get(workload))
        void = next((rates for rates in (mine, found[peer]) if isinstance(rates, str)), None)
        if void:
            yield row(void=void)
            continue
        ratios = [a / b for a, b in zip(mine, found[peer], strict=True)]
        middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
        yield row(ours=_rate(mine), theirs=_rate(found[peer]), ratio=middle, low=low, high=high)


def ask_pages(part, options):
    """Measure pages and questions that nobody asked before."""
    wanted, log, raw = 10 if options.quick else PAGES, WORK / f"{part}.log", {}
    say(f"{part}: making the release")
    out = WORK / f"{part}-release"
    servers.run([servers.BIN / "kg", "build", "--out", out], log)
    for round_ in range(options.rounds):
        say(f"{part}: round {round_ + 1} of {options.rounds}")
        for kind, figures in pages.measure(out, wanted, round_, log).items():
            raw.setdefault(kind, []).append(figures)
    rows = []
    for kind, rounds in raw.items():
        row = functools.partial(results.Row, "shipped, uncached", f"page: {kind}")
        ours = pages.summary(rounds)
        if isinstance(ours, str):
            rows.append(row(void=ours))
        else:
            aim = {"target": pages.LATEST, "sense": "at most", "unit": " ms at p99"}
            rows.append(row(ours=pages.words(ours), ratio=ours["p99"], **aim))
    how = [results.machine()]
    how.append(
        f"{load.CONNECTIONS} connections kept alive, GET, HTML, uncompressed; {options.rounds} rounds, in each a server with its "
        f"default settings that was asked one page of each kind, then {wanted} of each kind, one kind after the other; then another "
        "for all kinds mixed; no address twice, drawn from all there is in the release"
    )
    how.append(
        "figures are milliseconds: half, 95 and 99 of 100 pages were answered within; then those of processor a page, in the "
        "serving process and in it and its workers together"
    )
    results.keep(options.kept, part, rows, how, raw)


def build(part, options):
    """Measure the build of an invented project of one size."""
    how = [results.machine()]
    project, triples = builds.make_project(WORK, SIZES[part])
    times = 1 if part == "build-1m" else min(3, options.rounds)
    say(f"{part}: our build, {times} times")
    mine = builds.ours(WORK, project, times)
    made = release.current(WORK / f"built-{project.name}").manifest["triples"]["total"]
    raw = {"triples": triples, "ours": mine}
    seconds, peak = builds.middle(mine, "seconds"), max(one["peak"] for one in mine)
    how.append(
        f"`kg build` of {triples:,} stated triples ({made:,} in the release), {times} time(s), "
        f"{results.number(builds.middle(mine, 'processor'))} s of processor; memory is that of all its processes added up, "
        "looked at 20 times a second"
    )
    row = functools.partial(results.Row, f"invented, {triples:,} triples", sense="at most")
    timed = functools.partial(row, "build time", ours=f"{results.number(seconds)} s")
    memory = functools.partial(
        row, "peak memory of the build", ours=f"{peak / 1e9:.2f} GB", ratio=peak / 1e9, unit=" GB"
    )
    if part == "build-1m":
        raw["bare"], told = _load_bare(part, project)
        floor = builds.middle(raw["bare"], "seconds")
        ratios = [seconds / one["seconds"] for one in raw["bare"]]
        spread = {"ratio": seconds / floor, "low": min(ratios), "high": max(ratios), "target": SLOWER_THAN_LOAD}
        rows = [timed(against="`oxigraph load`", theirs=f"{results.number(floor)} s", **spread)]
        rows += [memory(target=GIGABYTES), *_grow(row, options, seconds, triples)]
    else:
        theirs, told = _build_obvious(part, project, options)
        raw["obvious"] = theirs
        ratios = [theirs["seconds"] / one["seconds"] for one in mine]
        spread = {"ratio": theirs["seconds"] / seconds, "low": min(ratios), "high": max(ratios)}
        spread |= {"sense": "at least", "target": FASTER_THAN_OBVIOUS if part == "build-100k" else None}
        took = f"{'' if theirs['ended'] else '> '}{results.number(theirs['seconds'])} s"
        against = "rdflib, owlrl, pySHACL over all"
        rows = [timed(against=against, theirs=took, bound=not theirs["ended"], **spread), memory()]
    how.append(told)
    results.keep(options.kept, part, rows, how, raw)


def _load_bare(part, project):
    """Measure a bare load of a project's data; the figures, and in words how."""
    say(f"{part}: bare load")
    bare = builds.bare(WORK, project, PEERS, 3)
    spent = results.number(builds.middle(bare, "processor"))
    told = "`oxigraph load` of the same stated triples as one N-Triples file into an empty store, 3 times, "
    return bare, told + f"{spent} s of processor"


def _build_obvious(part, project, options):
    """Measure the obvious pipeline over a project; the figures, and in words how."""
    say(f"{part}: the obvious pipeline, {options.cap} minutes at the most")
    theirs = builds.obvious(WORK, project, options.cap * 60)
    told = (
        "The obvious pipeline, once: rdflib reads ontology and data, owlrl closes all under OWL 2 RL, pySHACL validates "
        f"all; seconds at the end of each step: {', '.join(theirs['steps']) or 'none'}; "
        f"{results.number(theirs['processor'])} s of processor; peak memory {theirs['peak'] / 1e9:.1f} GB"
    )
    late = f"; ended after {options.cap} minutes, so the ratio is a lower bound"
    return theirs, told if theirs["ended"] else told + late


def _grow(row, options, seconds, triples):
    """Yield the row that compares the growth of time with that of the data, where a smaller build was measured."""
    if smaller := results.raw(options.kept, "build-100k"):
        longer, larger = seconds / builds.middle(smaller["ours"], "seconds"), triples / smaller["triples"]
        ours, theirs = f"{results.number(longer)} times the time", f"{results.number(larger)} times the triples"
        what = "time against that of 100 k, by the triples"
        yield row(what, ours=ours, against="linear", theirs=theirs, ratio=longer / larger, target=1)


def main(arguments):
    """Run the parts that are asked for and write the table; return the exit code: 1 where anything is void."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, add_help=True)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="serve, pages, build, one of their parts, or table; default: all"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each workload (default 5)")
    parser.add_argument("--seconds", type=int, default=3, help="seconds of each round and server (default 3)")
    parser.add_argument("--cap", type=float, default=45, help="minutes for the obvious pipeline (default 45)")
    parser.add_argument("--quick", action="store_true", help="try everything in small; the table stays in build/bench/")
    options = parser.parse_args(arguments)
    wanted = [part for part in results.PARTS if not options.parts or part.startswith(tuple(options.parts))]
    if unknown := [name for name in options.parts if name != "table" and not any(p.startswith(name) for p in wanted)]:
        parser.error(
            f"there is no part {unknown[0]}; there are: serve, pages, build, {', '.join(results.PARTS)}, table"
        )
    options.kept, table = WORK / "results", TABLE
    if options.quick:
        options.rounds, options.seconds, options.kept, table = 2, 1, WORK / "quick", WORK / "RESULTS.md"
        shutil.rmtree(options.kept, ignore_errors=True)
        wanted = [part for part in wanted if part not in ("build-100k", "build-1m")]
    WORK.mkdir(parents=True, exist_ok=True)
    if wanted and os.getloadavg()[0] > 0.5:
        say(f"Something else is at work here (load average {os.getloadavg()[0]:.1f}): the figures will be worth little")
    for part in wanted:
        {"serve": serve, "pages": ask_pages, "build": build}[part.partition("-")[0]](part, options)
    rows = results.write(options.kept, table)
    say(f"The table is in {table.relative_to(PROJECT)}")
    print("\n".join(row.line() for row in rows))
    return 1 if any(row.void for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

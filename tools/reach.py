"""Measures how far the engagement bases reach: `python -m tools.reach`, or `python -m tools.reach --class` by kind of act.

It reads the tables of the current release and compares what treaty bodies found on the acts that readers read act by act with the duties that
the rules engage for the same acts. A pair is an act and an article; a paragraph counts as its article. Decisions of which the SHA-256 of the
symbol, read as a number, can be divided by three are kept out: nobody who makes bases looks at them, and only their totals are printed.
Last come the grades: how many of the duties that are named first were found, as they are, and as they would be without the decisions that are
kept out, held against these alone.
"""

import csv
import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kg import release
from kg.config import PROJECT
from kg.store import Store

# What became of an engaged pair, the strongest first.
FATES = ("found", "read with", "elsewhere", "no breach", "inadmissible", "not reached", "not raised")
FOUND = "breach of the provision"
ENOUGH = 5  # acts with a breach by which a basis is graded, as in the rule on grades


class Act(NamedTuple):
    """An act that a body decided on: its kind, its decision, and the articles that rules engage for it."""

    key: str
    kind: str
    decision: str
    engaged: frozenset[str]


class Finding(NamedTuple):
    """What a body decided on an article, and the acts that it is about."""

    decision: str
    article: str
    fate: str
    acts: tuple[str, ...]


class Record(NamedTuple):
    """What a release tells of decided acts."""

    acts: list[Act]
    findings: list[Finding]
    treaties: dict[str, str]  # of each article
    bodies: dict[str, str]  # that monitors a treaty, or that decided a decision
    symbols: dict[str, str]
    duties: frozenset[str]  # articles that lay a duty on a State


def read(folder: Path) -> Record:
    """Read the tables of a release."""

    def rows(name: str) -> Iterator[dict[str, str]]:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)

    csv.field_size_limit(sys.maxsize)
    treaties, wholes, duties = {}, {}, set()
    for row in rows("provisions"):
        wholes[row["provision"]] = row["part_of"]
        treaties[row["provision"]] = row["instrument"]
        if row["bears_duty"] == "true":
            duties.add(row["provision"])

    def article(provision: str) -> str:
        while wholes.get(wholes.get(provision, "")):
            provision = wholes[provision]
        return provision

    of_duty = {row["obligation"]: article(row["provision"]) for row in rows("obligations")}
    decisions = {row["decision"]: row for row in rows("decisions")}
    findings = [
        Finding(row["decision"], article(row["provision"]), fate(row), tuple(row["act"].split()))
        for row in rows("findings")
        if row["needs_review"] != "true"
    ]
    acts = [
        Act(
            row["act"],
            row["class"].split()[0],
            f"decision/{row['act'].partition('/')[2].rpartition('-')[0]}",
            frozenset(of_duty[duty] for duty in row["engages"].split()),
        )
        for row in rows("acts")
        if row["fact_standing"]
    ]
    bodies = {row["treaty"]: row["body"] for row in rows("treaties")}
    bodies |= {key: row["body"] for key, row in decisions.items()}
    return Record(
        acts,
        findings,
        treaties,
        bodies,
        {key: row["symbol"] for key, row in decisions.items()},
        frozenset(map(article, duties)),
    )


class Covered(NamedTuple):
    """An act that a basis covers and that the body of the treaty decided."""

    basis: str
    provision: str
    act: str
    decision: str
    result: str


def read_covered(folder: Path) -> tuple[list[Covered], set[str]]:
    """Read the acts behind each basis, as the question on evidence lists them, and the bases that say how conduct is named."""
    question = (PROJECT / "queries/questions/evidence.rq").read_text(encoding="utf-8")
    ontology = "PREFIX ans: <https://w3id.org/answerable/ontology#>"

    def short(iri: str | None) -> str:
        return str(iri).partition("/id/")[2]

    with Store.open(folder) as store:
        pairs = store.select(f"{ontology} SELECT ?basis ?provision {{ ?basis ans:pointsTo ?provision }}").texts()
        pointed = {short(basis): short(provision) for basis, provision in pairs}
        named = {
            short(basis) for (basis,) in store.select(f"{ontology} SELECT ?b {{ ?b ans:conductNamed ?how }}").texts()
        }
        covered = [
            Covered(short(basis), pointed[short(basis)], short(act), short(decision), str(result))
            for basis, act, _, decision, _, result, _ in store.select(question).texts()
        ]
    return covered, named


def grade(covered: Iterable[Covered], named: set[str]) -> dict[str, bool]:
    """Say of each basis with decided acts whether its duty is named first, by the rule on grades."""
    acts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in covered:
        acts[row.basis][row.result].add(row.act)
    first = {}
    for basis, results in acts.items():
        found = results[FOUND]
        breached = len(found | results["breach of another provision"])
        first[basis] = 3 * len(found) >= 2 * breached if breached >= ENOUGH else basis in named
    return first


def measure_grades(
    covered: Iterable[Covered], first: dict[str, bool], named: set[str], treaties: dict[str, str]
) -> dict[str, Counter[str]]:
    """Count by treaty the pairs of an act and an engaged provision, those found, and those of a duty that is named first."""
    pairs: dict[tuple[str, str], set[str]] = defaultdict(lambda: {"engaged"})
    for row in covered:
        pair = pairs[row.act, row.provision]
        pair |= {"found"} if row.result == FOUND else set()
        pair |= {"first"} if first.get(row.basis, row.basis in named) else set()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, provision), what in pairs.items():
        for group in (treaties[provision].partition("/")[2], "all"):
            counts[group].update(what)
            counts[group]["first, found"] += what >= {"first", "found"}
    return counts


def fate(finding: dict[str, str]) -> str:
    """Say what a finding makes of an engaged duty under its article."""
    outcome = finding["outcome"]
    if outcome == "breach":
        return "read with" if finding["accessory"] == "true" else "found"
    return (
        "inadmissible"
        if outcome.startswith("inadmissible")
        else "no breach"
        if outcome == "no-breach"
        else "not reached"
    )


def is_kept_out(symbol: str) -> bool:
    """Say whether nobody who makes bases looks at the decision."""
    return int(hashlib.sha256(symbol.encode()).hexdigest(), 16) % 3 == 0


def measure(record: Record, *, kept_out: bool, by_kind: bool = False) -> dict[str, Counter[str]]:
    """Count pairs by treaty, or by kind of act: found and engaged, and what became of engaged ones."""
    acts = {act.key: act for act in record.acts if is_kept_out(record.symbols[act.decision]) == kept_out}
    of_act, of_decision = defaultdict(set), defaultdict(set)
    decided: dict[tuple[str, str], set[str]] = defaultdict(set)
    for finding in record.findings:
        of_decision[finding.decision, finding.article].add(finding.fate)
        for key in finding.acts:
            if key in acts:
                of_act[key, finding.article].add(finding.fate)
                if finding.fate == "found":
                    decided[finding.decision, finding.article].add(key)
    engaged_in = defaultdict(set)
    for act in acts.values():
        engaged_in[act.decision] |= act.engaged
    counts: dict[str, Counter[str]] = defaultdict(Counter)

    def count(key: str, article: str, *what: str) -> None:
        for group in (acts[key].kind if by_kind else record.treaties[article].partition("/")[2], "all"):
            counts[group].update(what)

    for (key, article), fates in of_act.items():
        hit = article in acts[key].engaged
        for name, met in (("pairs", "found" in fates), ("read with", fates & {"found", "read with"} == {"read with"})):
            if met:
                count(key, article, name, *([f"{name}, engaged"] if hit else []))
        if "found" in fates and article not in record.duties:
            count(key, article, "pairs of no duty")
    for (decision, article), keys in decided.items():
        hit = article in engaged_in[decision]
        count(min(keys), article, "decisions", *(["decisions, engaged"] if hit else []))
        if article not in record.duties:
            count(min(keys), article, "decisions of no duty")
    breaching = {acts[key].decision for (key, _), fates in of_act.items() if fates & {"found", "read with"}}
    for act in acts.values():
        if act.decision in breaching:
            for article in act.engaged:
                if record.bodies.get(record.treaties[article]) == record.bodies[act.decision]:
                    count(
                        act.key,
                        article,
                        "engaged",
                        f"of {end(of_act[act.key, article], of_decision[act.decision, article])}",
                    )
    return counts


def end(on_act: Iterable[str], in_decision: Iterable[str]) -> str:
    """Say what became of an engaged pair, from what was found on the act and in its decision."""
    found = {*on_act} & {"found", "read with"}
    others = {"elsewhere" if way in {"found", "read with"} else way for way in in_decision}
    return min(found or others or {"not raised"}, key=FATES.index)


def in_order(counts: dict[str, Counter[str]]) -> list[tuple[str, Counter[str]]]:
    """Sort groups by their names, that of all of them last."""
    return sorted(counts.items(), key=lambda item: (item[0] == "all", item[0]))


def main(*arguments: str) -> None:
    """Print the measurement for the decisions that may be looked at, and then for those kept out."""
    current = release.current(PROJECT / "releases")
    record = read(current.path / "tables")
    for kept_out in (False, True):
        print("Kept out" if kept_out else "Looked at")
        for group, of in in_order(measure(record, kept_out=kept_out, by_kind="--class" in arguments)):
            print(
                group,
                *(f"{name} {of[f'{name}, engaged']}/{of[name]}" for name in ("pairs", "decisions", "read with")),
                f"of no duty {of['pairs of no duty']}, {of['decisions of no duty']}",
                f"engaged {of['engaged']}:",
                *(f"{name} {of[f'of {name}']}" for name in FATES),
                sep=" | ",
            )
    covered, named = read_covered(current.store_path)
    parts: dict[bool, list[Covered]] = {True: [], False: []}
    for row in covered:
        parts[is_kept_out(record.symbols[row.decision])].append(row)
    for heading, graded, held in (("Grades", covered, covered), ("Grades, blind", parts[False], parts[True])):
        print(heading)
        for group, of in in_order(measure_grades(held, grade(graded, named), named, record.treaties)):
            print(
                group,
                f"engaged {of['engaged']}, found {of['found']}",
                f"first {of['first']}, found {of['first, found']}",
                f"of those found, first {of['first, found'] / max(1, of['found']):.0%}",
                sep=" | ",
            )


if __name__ == "__main__":
    main(*sys.argv[1:])

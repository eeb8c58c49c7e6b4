"""Count with Dask over tables that are read in parts, and ask the same by SPARQL.

    python panel.py http://127.0.0.1:8000 [tcp://scheduler:8786]

Without a scheduler two workers are started on this machine. Each worker reads its row groups, and of them the columns that are
used, from the server itself; a table of more than 65,536 rows has several row groups.
"""

import sys
from urllib.request import urlopen

import dask.dataframe as dd
from distributed import Client, LocalCluster
from SPARQLWrapper import JSON, POST, SPARQLWrapper

ID = "https://w3id.org/answerable/id/"
YEARS = range(1966, 2015)  # of each the record knows the last day


def panel(base):
    """Count the treaties in force for each State of today at the end of each year: a panel of States and years."""
    years = dd.read_parquet(
        f"{base}/tables/state-treaty-year.parquet", columns=["state", "year", "bound"], split_row_groups=True
    )
    bound = years[(years.bound == "yes") & years.year.isin(YEARS) & years.state.str.startswith("state/")]
    return years.npartitions, bound.groupby(["state", "year"]).size().compute()


def breaches(base):
    """Count the decisions that found a breach, by treaty body."""
    columns = ["decision", "body", "outcome", "needs_review", "in_repeat"]
    findings = dd.read_parquet(f"{base}/tables/findings.parquet", columns=columns, split_row_groups=True)
    sure = findings[(findings.outcome == "breach") & ~findings.needs_review & ~findings.in_repeat]
    return sure[["body", "decision"]].drop_duplicates(split_out=1).groupby("body").size().compute()


def ask(base, query):
    """Ask a query; yield its rows as texts."""
    endpoint = SPARQLWrapper(f"{base}/sparql")
    endpoint.setMethod(POST)
    endpoint.setReturnFormat(JSON)
    endpoint.setQuery("PREFIX ans: <https://w3id.org/answerable/ontology#>\n" + query)
    answer = endpoint.queryAndConvert()
    for row in answer["results"]["bindings"]:
        yield tuple(row[name]["value"].removeprefix(ID) for name in answer["head"]["vars"])


def panel_by_sparql(base):
    """Ask for the panel."""
    rows = ask(
        base,
        f"""SELECT ?state ?year (COUNT(DISTINCT ?treaty) AS ?n) WHERE {{
  VALUES ?year {{ {" ".join(map(str, YEARS))} }}
  ?participation a ans:Participation ; ans:isParticipationOf ?state ; ans:isParticipationIn ?treaty ; ans:beginsOn ?from .
  ?state a ans:State .
  OPTIONAL {{ ?participation ans:certainFrom ?certain }}
  OPTIONAL {{ ?participation ans:endsOn ?last }}
  OPTIONAL {{ ?participation ans:certainUntil ?lastCertain }}
  BIND (CONCAT(STR(?year), "-12-31") AS ?day)
  FILTER (STR(COALESCE(?certain, ?from)) <= ?day && COALESCE(STR(?lastCertain), STR(?last), "9") >= ?day)
}} GROUP BY ?state ?year""",
    )
    return {(state, int(year)): int(count) for state, year, count in rows}


def breaches_by_sparql(base):
    """Ask for the count of decisions."""
    rows = ask(
        base,
        """SELECT ?body (COUNT(DISTINCT ?decision) AS ?n) WHERE {
  ?finding a ans:Finding ; ans:hasFindingOutcome <https://w3id.org/answerable/scheme/finding-outcome/breach> ;
    ans:hasSpeaker ?body ; ans:isReportedIn/ans:isPartOf ?decision .
  ?decision a ans:Decision .
  MINUS { ?finding ans:hasFindingReading <https://w3id.org/answerable/scheme/reading/needs-reading> }
  MINUS { ?decision ans:repeatsTextOf ?other }
} GROUP BY ?body""",
    )
    return {body: int(count) for body, count in rows}


def main(server="http://127.0.0.1:8000", scheduler=None):
    """Count, compare and print."""
    server = server.rstrip("/")
    base = f"{server}/release/{urlopen(server).headers['X-Release']}"
    with Client(scheduler or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)) as client:
        workers = len(client.scheduler_info()["workers"])
        parts, states = panel(base)
        bodies = breaches(base)
    assert panel_by_sparql(base) == states.to_dict()
    assert breaches_by_sparql(base) == bodies.to_dict()
    print(
        f"{workers} workers, {parts} parts: {len(states)} rows of the panel and {len(bodies)} bodies, equal to SPARQL"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

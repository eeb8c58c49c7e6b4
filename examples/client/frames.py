"""Ask a named question and get typed rows; make data frames of them and of a table.

    python frames.py http://127.0.0.1:8000

`answerable_client` is the package that README.md, beside this file, makes of the description of the server.
"""

import sys

import pandas as pd
from answerable_client import Client
from answerable_client.api.questions import questions_rival_figures

server = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
client = Client(base_url=server, headers={"Accept": "application/json"}, raise_on_unexpected_status=True)

answer = questions_rival_figures.sync(client=client, event="id/event/2011-12-16-zhanaozen")
for row in answer.rows:
    print(row.speaker.label, row.counted.label, row.value, row.passages)

frame = pd.json_normalize([row.to_dict() for row in answer.rows])
numbers = ["value", "minimum", "maximum"]  # JSON has them as texts, which lose no digit
frame[numbers] = frame[numbers].apply(pd.to_numeric)
print(frame.groupby("counted.label")[numbers].agg(["min", "max"]).dropna(how="all"))

# A table of the same release, so that both speak of the same data.
findings = pd.read_parquet(f"{server}/release/{answer.release}/tables/findings.parquet", dtype_backend="numpy_nullable")
breaches = findings[(findings.outcome == "breach") & ~findings.needs_review & ~findings.in_repeat]
print(breaches.groupby("body_label", observed=True).decision.nunique())

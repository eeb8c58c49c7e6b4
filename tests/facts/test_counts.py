"""No number of decisions stands twice with two values: pages, lists, questions and tables count the same decisions."""

import re
from collections import Counter, defaultdict

import pandas as pd
import pytest

from kg import picture, terms
from kg.config import PROJECT
from kg.languages import speak
from tests.comparing import QUESTIONS


@pytest.fixture(scope="module")
def ask(store):
    """Return what lists the rows of a query of the house, for some things or for all at once, by the names of its variables."""

    def select(path, **things):
        text = (PROJECT / f"queries/{path}.rq").read_text(encoding="utf-8")
        for variable, names in things.items():
            iris = " ".join(f"<{terms.ID}{name}>" for name in names.split())
            text = text.replace("WHERE {", f"WHERE {{ VALUES ?{variable} {{ {iris} }}", 1)
        answer = store.select(text)
        return pd.DataFrame([*answer.texts()], columns=answer.variables).fillna("")

    return select


@pytest.fixture(scope="module")
def decisions(shipped):
    """Read the decisions that count, of the table."""
    table = pd.read_parquet(shipped.path / "tables/decisions.parquet")
    return table[table.repeats.isna() & ~table.needs_review]


def key(iri):
    """Take the path of a thing below id/."""
    return iri.removeprefix(terms.ID)


def different(rows, thing, *counted):
    """Count the different values of some columns by thing, without those that have none."""
    sets = defaultdict(set)
    for name, *values in rows[[thing, *counted]].itertuples(index=False):
        if all(values):
            sets[key(name)] |= {*values[0].split("; ")} if len(values) == 1 else {tuple(values)}
    return {name: len(values) for name, values in sets.items() if name}


def draw_years(rows):
    """Add up what the bars of decisions against a State say that they draw, and that they do not for want of a year."""
    cells = [{name: {"value": value} for name, value in row.items() if value} for row in rows.to_dict("records")]
    drawing = QUESTIONS["findings-against-state"].pictures[0]
    alt = picture.draw(drawing.kind, cells, drawing.roles, picture.Frame(""), speak("en")).alt
    return sum(map(int, re.findall(r"(\d+) in all, from", alt) + re.findall(r"so not drawn: (\d+)\.", alt)))


def added(rows, thing, number):
    """Add up numbers by thing, without sums of nought."""
    sums = Counter()
    for name, count in rows[[thing, number]].itertuples(index=False):
        sums[key(name)] += int(count)
    return {name: count for name, count in sums.items() if count and name}


def test_decisions_that_found_a_breach_by_a_state_are_as_many_on_its_page_in_lists_sentences_bars_and_tables(
    ask, decisions
):
    page, listed = ask("pages/tallied"), ask("lists/countries")
    breaches = added(page[page.breach == "true"], "this", "number")
    assert breaches == different(listed, "thing", "breaches")
    against = ask("questions/findings-against-state")
    assert breaches == different(against, "state", "symbols")
    assert breaches == {key(state): drawn for state, rows in against.groupby("state") if (drawn := draw_years(rows))}
    remedies = ask("questions/decisions-and-remedies")
    assert breaches == different(remedies[remedies.provision != ""], "state", "decision")
    found = decisions[decisions.outcome.isin(["violation", "mixed"])]
    assert breaches == found.state.value_counts()[lambda count: count > 0].to_dict()
    front = ask("pages/breached-most")
    assert {key(row.thing): int(row.breaches) for row in front.itertuples()}.items() <= breaches.items()

    counted = added(page[page.counts == "true"], "this", "number")
    assert counted == different(listed, "thing", "decisions")
    known = ask("questions/known-of-state")
    assert counted == added(known[known.kind.str.startswith("decisions\t")], "state", "number")
    assert {key(row.thing): int(row.decisions) for row in front.itertuples()}.items() <= counted.items()
    cases = decisions.groupby("state", observed=True).complaints.sum().to_dict()
    assert cases == added(page[page.counts == "true"], "this", "cases")


def test_decisions_that_found_an_article_breached_are_as_many_on_its_page_that_of_its_treaty_in_the_list_and_in_the_table(
    ask, shipped
):
    listed = different(ask("lists/articles"), "thing", "breaches")
    treaties = ask("pages/breached", this="treaty/cat treaty/cedaw")
    of_treaties = added(treaties[treaties.tag == "found"], "provision", "decisions")
    assert {"provision/cat-3", "provision/cedaw-2"} < {*of_treaties}
    assert of_treaties.items() <= listed.items()
    some = "provision/iccpr-14 provision/iccpr-14-3 provision/iccpr-2 provision/cat-2 provision/cat-3 provision/crpd-9"
    answers = ask("questions/decisions-on-article", provision=some)
    assert {name: listed[name] for name in some.split()} == different(
        answers[answers.breach == "true"], "provision", "decision"
    )

    page = ask("pages/breaching")
    of_states = added(page[page.tag == "found"], "this", "decisions")
    table = pd.read_parquet(shipped.path / "tables/state-article-findings.parquet")
    articles = table.groupby("provision", observed=True).breach_decisions.sum()
    assert articles[articles > 0].to_dict().items() <= of_states.items()
    alone = added(page[page.tag == "found"], "this", "alones")
    alones = table.groupby("provision", observed=True).breach_alone.sum()
    assert alones[alones > 0].to_dict().items() <= alone.items()


def test_decisions_of_a_body_are_as_many_by_year_on_its_page_and_in_the_table_of_coverage(ask, decisions, shipped):
    page = ask("pages/tallied-yearly")
    page = page[(page.counts == "true") & (page.line != "")]
    page["when"] = page.this + " " + page.line
    coverage = pd.read_parquet(shipped.path / "tables/coverage.parquet")
    years = coverage[coverage.year.notna() & (coverage.decisions > 0)]
    carried = {f"{row.body} {row.year:.0f}": row.decisions for row in years.itertuples()}
    assert carried == added(page, "when", "number")
    found = {f"{row.body} {row.year:.0f}": row.breach for row in years.itertuples() if row.breach}
    assert found == added(page[page.breach == "true"], "when", "number")
    dateless = decisions[decisions.date_begins.isna()].body.value_counts()
    assert coverage.groupby("body", observed=True).undated.max().to_dict() == {
        body: dateless.get(body, 0) for body in coverage.body
    }

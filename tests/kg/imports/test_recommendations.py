"""The import of a table of recommendations by a map: every row has its place or its reason, and nothing is written in part."""

import csv
import re

import pytest

from kg import terms
from kg.build import checking, inputs, steps
from kg.config import PROJECT
from kg.imports import recommendations
from kg.store import Store
from tests import frozen

MAP = """[table]
key = "table"
encoding = "mac-roman"
[document]
label = "Invented table of recommendations"
date = "2014"
[columns]
state = "To"
maker = "From"
text = "Text"
response = "Response"
session = "Session"
subjects = "Issue"
[subjects]
separator = ","
[subjects.rights]
"Media" = "freedom of expression"
"Detention" = ["humane treatment in detention", "no-torture"]
[responses]
Accepted = "supported"
Noted = "noted"
[sessions.7]
cycle = 5
date = "2010-02"
[sessions.17]
cycle = 6
date = "October 2013"
[names]
"Dorland FR" = "XDO"
"""
HEAD = "To,Text,From,Response,Issue,Session"
# All invented. é is one byte of Mac Roman; the second table repeats a row of the first, as tables of one session do.
FIRST = [
    'Arland,Free the caf\u00e9 owner,Boria,Accepted,"Media,Other",7',
    'Arland,"Let monitors in, always",Dorland FR,Noted,Detention,7',
    "Arland,Free the press,Boria,Accepted,Media,17",
    "Arland,Free the press,Boria,Accepted,Media,17",
]
SECOND = [
    "Arland,Free the press,Boria,Accepted,Media,17",
    "Boria,Close the camp,Arland,Accepted,,17",
    "Arland,Close the camp,&#40;Unknown&#41;,Noted,,17",
    "Arland,Close the camp,Boria,Rejected,,17",
    "Arland,Close the camp,Boria,Noted,,18",
    "Arland,Free the press,Boria,Noted,Media,17",
]


def short(cell):
    """Write a cell of a row as a test does, an IRI by its last part."""
    if cell is None:
        return ""
    return re.split("[/#]", cell.value)[-1] if isinstance(cell, terms.Iri) else cell.value


class Tables:
    """A project of the frozen graph beside two tables and a map, and the command that imports them."""

    def __init__(self, root, kg):
        self.root, self.kg, self.out = root, kg, root / "mine"
        self.map = root / "map.toml"

    def write(self, first, second=(), head=HEAD, encoding="mac-roman"):
        for name, rows in (("one.csv", first), ("two.csv", second)):
            (self.root / name).write_bytes("\r".join([head, *rows]).encode(encoding))

    def take(self, *more):
        tables = [self.root / name for name in ("one.csv", "two.csv")]
        return self.kg("import", "recommendations", *tables, "--map", self.map, "--out", self.out, *more)

    def ask(self, wanted, pattern, more=""):
        """Ask what the files say once statements are made of the tables; the rows, with IRIs by their last part."""
        read = inputs.read(self.root / "project", [self.out])
        query = f"PREFIX ans: <{terms.VOCABULARY}> SELECT {wanted} {{ {pattern} }} {more}"
        with Store.memory() as store, Store.memory() as mine:
            assert [] == [str(each) for each in steps.state(read, store)[1]]
            for each in (*read.sources, *read.tables):
                if self.out in each.path.parents:
                    mine.load(store.dump(each.graph), format="nt", graph=each.graph, source=each.name)
            return sorted(tuple(map(short, row)) for row in mine.select(query, union=True))

    def written(self):
        return {path: path.read_text(encoding="utf-8") for path in self.out.rglob("*") if path.is_file()}


@pytest.fixture
def tables(kg, tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    frozen.project(tmp_path / "project")
    monkeypatch.setenv("ANSWERABLE_ROOT", str(tmp_path / "project"))
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    made = Tables(tmp_path, kg)
    made.write(FIRST, SECOND)
    return made


def test_a_row_that_cannot_be_placed_is_named_and_nothing_is_written(tables):
    code, out, err = tables.take()
    assert (1, False) == (code, tables.out.exists())
    for said in (
        "two.csv:4: '(Unknown)' is no State of the graph.",
        "two.csv:5: The map has no answer 'Rejected'. Write it in [responses]; there are Accepted, Noted.",
        "two.csv:6: The map has no session '18'. Write [sessions.18] with cycle and date.",
        "two.csv:7: It repeats row 4 of one.csv with another answer.",
        "4 rows cannot be placed; nothing was written",
    ):
        assert said in err, said
    assert "two.csv:2: left out, it repeats row 4 of one.csv" in out
    assert "one.csv:5: says the same as row 4; both are kept" in out


def test_rows_that_cannot_be_placed_for_one_reason_are_one_line(tables):
    wrong, right = FIRST[0].replace("Accepted", "Denied"), FIRST[0]
    tables.write([wrong, right, wrong, wrong, *[right, wrong] * 12], [wrong])
    err = tables.take()[2]
    first, second, last, _ = err.splitlines()
    listed = "2, 4 to 5, 7, 9, 11, 13, 15, 17, 19, 21 and 4 more"
    assert first.startswith(f"kg: one.csv: 15 rows ({listed}): The map has no answer 'Denied'. Write it in [responses]")
    assert second.startswith("kg: two.csv:2: The map has no answer 'Denied'.") and last.startswith("kg: 16 rows cannot")


def test_a_map_is_proposed_from_the_heads_and_what_stands_below_and_places_every_row_once_it_is_filled(tables):
    tables.map.unlink()
    tables.write([row for row in FIRST if "Dorland" not in row], head=HEAD.replace("To,Text", "SuR,Recommendation"))
    code, out, err = tables.take("--propose")
    assert (0, "") == (code, err) and "Look through it" in out and not tables.out.exists()
    proposed = tables.map.read_text(encoding="utf-8")
    for line in ('state = "SuR"', 'text = "Recommendation"', 'maker = "From"', 'encoding = "mac-roman"'):
        assert f"{line}\n" in proposed, line
    assert 'Accepted" = "supported"\n' in proposed and '# "Media" = ""\n' in proposed and "number" not in proposed
    assert tables.take()[2] == f"kg: {tables.map}: [document] does not say label. Write label = ….\n"
    filled = (
        proposed.replace('label = ""', 'label = "Invented"')
        .replace("# cycle", "cycle")
        .replace('# date = "2010', 'date = "2010')
    )
    tables.map.write_text(filled.replace('# "Media" = ""', '"Media" = "expression"'), encoding="utf-8")
    code, out, err = tables.take()
    assert (0, "") == (code, err) and "3 recommendations from 2 tables" in out
    assert "expression" in tables.ask("?right", "?r ans:concerns ?right")[0]
    code, _, err = tables.take("--propose")
    assert 1 == code and "The map cannot be written" in err and filled[:40] in tables.map.read_text(encoding="utf-8")


def test_the_map_of_the_examples_places_a_row(tables):
    example = (PROJECT / "examples/recommendations/map.toml").read_text(encoding="utf-8")
    tables.map.write_text(example.replace('"KAZ"', '"XDO"'), encoding="utf-8")
    tables.write(['Arland,Free the caf\u00e9 owner,Kingdom of Example,Accepted,"Freedom of the press,Other",7'])
    code, out, err = tables.take()
    assert (0, "") == (code, err) and "1 recommendation" in out
    assert [("xar", "expression")] == tables.ask(
        "?state ?right", "?r a ans:Recommendation ; ans:isAddressedTo ?state ; ans:concerns ?right"
    )


def test_what_is_set_aside_is_listed_and_the_rest_is_written(tables):
    code, out, _ = tables.take("--set-aside", str(tables.root / "aside.csv"))
    assert 0 == code and "5 recommendations from 2 tables" in out and "By answer: Accepted 4, Noted 1" in out
    rows = list(csv.reader((tables.root / "aside.csv").open(encoding="utf-8")))
    assert [["two.csv", "4"], ["two.csv", "5"], ["two.csv", "6"], ["two.csv", "7"]] == [row[:2] for row in rows[1:]]
    counted = tables.ask(
        "?state (COUNT(?r) AS ?n)", "?r a ans:Recommendation ; ans:isAddressedTo ?state", "GROUP BY ?state"
    )
    assert [("xar", "4"), ("xbo", "1")] == counted
    answers = tables.ask("?value ?words ?n", "?a ans:hasResponseValue ?value ; ans:rawWording ?words BIND(1 AS ?n)")
    assert [("noted", "Noted")] + [("supported", "Accepted")] * 4 == [row[:2] for row in answers]
    assert [("upr-xar-5", "2010-02"), ("upr-xar-6", "2013-10"), ("upr-xbo-6", "2013-10")] == tables.ask(
        "?c ?d", "?c a ans:ReviewCycle ; ans:date ?d"
    )
    rights = tables.ask(
        "?right ?maker",
        "?r ans:concerns ?right ; ans:isMadeBy ?maker ; ans:belongsToCycle ?c FILTER(STRENDS(STR(?c), '-5'))",
    )
    assert [("expression", "xbo"), ("humane-detention", "xdo"), ("no-torture", "xdo")] == rights


def test_no_text_of_the_table_is_kept_and_what_is_written_conforms(tables):
    tables.take("--set-aside", str(tables.root / "aside.csv"))
    assert ["recommendations.csv", "reviews.csv", "table.ttl"] == sorted(path.name for path in tables.written())
    text = "".join(tables.written().values())
    assert "caf" not in text and "the press" not in text
    report = checking.check(frozen.settings(tables.root / "project"), paths=[tables.out])
    assert [] == [str(result) for result in report.violations]


def test_a_map_may_keep_the_words_of_the_table(tables):
    tables.map.write_text(MAP + '[text]\nkeep = "paraphrase"\n', encoding="utf-8")
    tables.take("--set-aside", str(tables.root / "aside.csv"))
    assert ("Free the caf\u00e9 owner",) in tables.ask("?p", "?r a ans:Recommendation ; ans:paraphrase ?p")


def test_the_same_tables_say_the_same_again_and_rows_keep_their_keys(tables):
    tables.write(FIRST)
    tables.take()
    before = tables.written()
    assert 0 == tables.take()[0]
    assert before == tables.written()
    keys = tables.ask("?r", "?r a ans:Recommendation")
    tables.write(FIRST[1:])
    tables.take()
    assert set(tables.ask("?r", "?r a ans:Recommendation")) < set(keys)


def test_a_review_that_is_described_by_hand_is_left_to_the_data(tables):
    by_hand = MAP.replace("cycle = 5", "cycle = 1") + '[reviews]\nkey = ""\n'
    tables.map.write_text(by_hand, encoding="utf-8")
    tables.write(FIRST)
    _, out, _ = tables.take()
    assert "2 rows of session 7 on Arland are left out: the data describe that review by hand" in out
    tables.map.write_text(by_hand + 'described = "beside"\n', encoding="utf-8")
    _, out, _ = tables.take()
    assert "4 recommendations" in out


def test_the_wrong_encoding_is_told_with_the_right_one(tables):
    tables.map.write_text(MAP.replace("mac-roman", "latin-1"), encoding="utf-8")
    code, _, err = tables.take()
    assert 2 == code and "one.csv:2: U+008E is no character of a text." in err and "mac-roman" in err
    tables.map.write_text(MAP.replace("mac-roman", "utf-8"), encoding="utf-8")
    assert "The table is not utf-8" in tables.take()[2]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[responses]", "[response]", "[response] is no section of a map. Did you mean responses"),
        ('maker = "From"', 'makr = "From"', "[columns] has no key 'makr'. Did you mean maker"),
        ('"noted"', '"notted"', "'notted' is no concept of scheme/response. Did you mean noted"),
        ('"freedom of expression"', '"free speech"', "'free speech' is no concept of scheme/right"),
        ('label = "Invented', 'description = "Invented', "[document] does not say label"),
        ('date = "2010-02"', "", "Session 7 does not say its cycle and its date"),
        ('"mac-roman"', '"mac-rmoan"', "There is no encoding 'mac-rmoan'"),
        *(
            ('"mac-roman"', f'"{name}"', f"There is no encoding '{name}'")
            for name in ("zlib", "hex", "rot13", "undefined")
        ),
        ('"mac-roman"', '"punycode"', "The table is not punycode"),
        ("[table]", "[table", "The map is no TOML"),
        ('text = "Text"', 'text = "Wording"', "There is no column 'Wording', which the map takes for text"),
    ],
)
def test_a_map_that_is_wrong_is_told(tables, old, new, said):
    tables.map.write_text(MAP.replace(old, new, 1), encoding="utf-8")
    code, _, err = tables.take()
    assert 2 == code and said in err and not tables.out.exists()


def test_a_printed_number_is_kept_and_names_the_recommendation(tables):
    tables.map.write_text(MAP.replace('state = "To"', 'state = "To"\nnumber = "No"'), encoding="utf-8")
    tables.write([f"{row},95.{number}" for number, row in enumerate(FIRST)], head=HEAD + ",No")
    tables.take()
    assert ("table-xar-7-95.0-boria", "95.0") in tables.ask("?r ?n", "?r a ans:Recommendation ; ans:number ?n")


NAMES = """United States: usa, Iran: irn, DPR Korea: prk, Swaziland: swz, Macedonia: mkd, Turkey: tur, Cote d'Ivoire: civ,
St Lucia: lca, Bosnia & Herzegovina: bih, Republic of Congo: cog, Democratic Republic of Congo: cod, Syria: syr,
Palestine: pse, UK: gbr, Viet Nam: vnm, KAZ: kaz"""


def test_short_and_former_names_of_states_are_known_in_the_shipped_data():
    from kg.build import inputs
    from kg.config import PROJECT
    from kg.imports.sheet import known

    with Store.memory() as store:
        inputs.load(store, [one for one in inputs.read(PROJECT).sources if one.name.startswith("data/states/")])
        there = known.learn(store, known.other_names(PROJECT))
    names = dict(one.split(": ") for one in " ".join(NAMES.split()).split(", "))
    assert names == {name: next(iter(there.find(("state",), name)), "").rpartition("/")[2] for name in names}


def test_the_reasons_of_rows_are_written_as_csv(tmp_path):
    recommendations.write_set_aside(tmp_path / "x.csv", [])
    assert "file,row,reason\n" == (tmp_path / "x.csv").read_text(encoding="utf-8")

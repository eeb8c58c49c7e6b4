"""Tables: rows become statements by a mapping, and a mistake is told with its file, its row and its column."""

import gzip

import pytest

from kg import terms
from kg.build import checking, inputs, mapping, pipeline, steps
from kg.errors import QueryRefused, SourceError, ValidationFailed
from kg.imports import stated
from kg.release import current
from kg.store import Store

MAPPING = """#+ title: Meetings
#+ column: key | required new iri id/event/ | the event
#+ column: name | text | its name
#+ column: held | date | its day
#+ column: year | year | its year
#+ column: present | integer | how many came
#+ column: share | decimal | a share
#+ column: open | boolean | whether everybody might come
#+ column: manner | one of quiet, loud | how it was
#+ column: within | list of iri id/event/ | what it is part of
#+ key: key
PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX row: <row:>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
CONSTRUCT { ?event a ans:Event ; skos:prefLabel ?label ; ans:date ?day ; ans:isPartOf ?whole ; ans:isReportedIn ?passage ; prov:wasDerivedFrom ?row }
WHERE {
  ?row row:key ?event ; row:document ?document . ?passage ans:isPartOf ?document .
  OPTIONAL { ?row row:held ?day ; row:held-in-words ?words }
  OPTIONAL { ?row row:name ?name } OPTIONAL { ?row row:within ?whole }
  FILTER NOT EXISTS { ?row row:name "nothing" }
  BIND (STRLANG(CONCAT(?name, COALESCE(CONCAT(", ", ?words), "")), "en") AS ?label)
}
"""
HEAD = "key,name,held,year,present,share,open,manner,within\n"
GOOD = "march,March,2011-05-01,2011,12,0.5,true,loud,strike;trial\n"
NAME = "data/tables/report/meetings.csv"
GRAPH = terms.GRAPH + "data/tables/report/meetings"


@pytest.fixture
def table(project):
    """Write the mapping and a table of one row; a function that writes other rows, under another head."""
    project.write("queries/mappings/meetings.rq", MAPPING)

    def write(rows, head=HEAD):
        path = project.write(NAME, "")
        path.write_bytes(rows if isinstance(rows, bytes) else (head + rows).encode())
        return path

    write(GOOD)
    return write


def refused(project):
    """List what is wrong in the tables, as (file, row, column, message)."""
    with Store.memory() as store:
        _, errors = steps.state(inputs.read(project.root), store)
    return [(error.where, error.line, error.column, error.message) for error in errors]


def test_a_row_becomes_statements_in_the_graph_of_its_table(project, table):
    release = project.build()
    with gzip.open(release.path / "dumps/answerable.nq.gz", "rt") as lines:
        told = [line.rpartition(" <")[0] for line in lines if f"<{GRAPH}> ." in line]
    march = f"<{terms.ID}event/march>"
    assert sorted(
        [
            f"{march} <{terms.PREFIXES['rdf']}type> <{terms.term('Event')}>",
            f'{march} <{terms.PREFIXES["skos"]}prefLabel> "March, 1 May 2011"@en',
            f'{march} <{terms.term("date")}> "2011-05-01"^^<{terms.PREFIXES["xsd"]}date>',
            f"{march} <{terms.term('isPartOf')}> <{terms.ID}event/strike>",
            f"{march} <{terms.term('isPartOf')}> <{terms.ID}event/trial>",
            f"{march} <{terms.term('isReportedIn')}> <{terms.ID}passage/report-1>",
        ]
    ) == sorted(told)


@pytest.mark.parametrize(("cell", "datatype"), [("2011", "gYear"), ("2011-05", "gYearMonth"), ("2011-05-01", "date")])
def test_a_vague_cell_is_a_day_a_month_or_a_year(project, table, cell, datatype):
    vague = MAPPING.replace("held | date |", "held | when |").replace(
        "?day ; row:held-in-words", "?day } OPTIONAL { ?row row:held-in-words"
    )
    project.write("queries/mappings/meetings.rq", vague)
    table(GOOD.replace("2011-05-01", cell))
    release = project.build()
    with gzip.open(release.path / "dumps/answerable.nq.gz", "rt") as lines:
        told = [line for line in lines if f"<{GRAPH}> ." in line and f"<{terms.term('date')}>" in line]
    assert [f'"{cell}"^^<{terms.PREFIXES["xsd"]}{datatype}>'] == [line.split()[2] for line in told]


def test_a_corrected_cell_makes_another_release(project, table):
    before = project.build()
    table(GOOD.replace("2011-05-01", "2011-05-02"))
    after = pipeline.build(project.settings)
    assert before.id != after.id
    assert {NAME, "queries/mappings/meetings.rq"} <= after.manifest["inputs"].keys()


def test_a_byte_order_mark_ends_of_lines_and_quotes_change_nothing(project, table):
    table(b"\xef\xbb\xbf" + (HEAD + GOOD.replace("March", '"March"')).replace("\n", "\r\n").encode())
    assert [] == refused(project)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("march,M,1 May 2011,,,,,,", 3, "held: '1 May 2011' is no day. Write it as 1985-02-04."),
        ("march,M,2011-02-30,,,,,,", 3, "held: '2011-02-30' is no day."),
        ("march,M,20110501,,,,,,", 3, "held: '20110501' is no day."),
        ("march,M,,11,,,,,", 4, "year: '11' is no year. Write it as 1985."),
        ("march,M,,,twelve,,,,", 5, "present: 'twelve' is no integer. Write it as 12."),
        ('march,M,,,,"0,5",,,', 6, "share: '0,5' is no decimal. Write it as 12.5."),
        ("march,M,,,,,yes,,", 7, "open: 'yes' is no boolean. Write it as true or false"),
        ("march,M,,,,,,shrill,", 8, "manner: 'shrill' is none of: quiet, loud."),
        ("march,M,,,,,,,strike;The Trial", 9, "within: 'The Trial' is no key. Write what follows id/event/ in an IRI"),
        (",M,,,,,,,", 1, "key: The cell is empty, and must not be."),
        ("march,M", 0, "The row has 2 cells, and the head has 9."),
        ('march,"M\nN",,,,,,,', 0, "A cell goes on in the next line. Write it in one."),
        ("march,nothing,,,,,,,", 0, "Nothing is made of the row. See what queries/mappings/meetings.rq needs"),
    ],
)
def test_a_wrong_cell_is_refused_with_file_row_and_column(project, table, row, column, message):
    table(f"first,First,,,,,,,\n{row}\n")
    ((where, line, at, told),) = refused(project)
    assert (NAME, 3, column) == (where, line, at)
    assert told.startswith(message)


def test_all_mistakes_of_all_rows_are_told_at_once(project, table):
    table("march,M,never,,,,,shrill,\n,M,,,,,,,\n")
    assert [(2, 3), (2, 8), (3, 1)] == [(line, column) for _, line, column, _ in refused(project)]


def test_a_second_row_of_one_key_is_refused(project, table):
    table(GOOD + "other,Other,,,,,,,\n" + GOOD)
    assert [(NAME, 4, 0, "Row 2 is of key march too. Keep one of the two.")] == refused(project)


def test_a_thing_that_a_row_names_and_nothing_describes_is_told_with_its_column(project, table):
    table("march,March,,,,,,,strike;trail\nmay,May,,,,,,,march\n")
    message = "within: id/event/trail is not described. There are: id/event/march, id/event/may, id/event/strike, id/event/trial."
    assert [(NAME, 2, 9, message)] == refused(project)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (HEAD.replace("held,", ""), "There is no column held. A table of meetings has key, name, held"),
        (
            HEAD.replace("within", "within,whithin"),
            "'whithin' is no column of a table of meetings. Did you mean within?",
        ),
        (HEAD.replace("within", "within,name"), "There are two columns name. Keep one."),
        ("", "There is no column key, name"),
    ],
)
def test_a_table_with_other_columns_is_refused(project, table, head, message):
    table("" if not head else GOOD, head)
    ((where, line, _, told), *_) = refused(project)
    assert (NAME, 1) == (where, line)
    assert told.startswith(message)


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        ((HEAD + "café,M,,,,,,,\n").encode("latin-1"), 2, "The file is not UTF-8 text. Save it as UTF-8."),
        ((HEAD + 'march,"M').encode(), 2, "This is no CSV: unexpected end of data."),
    ],
)
def test_a_file_that_is_no_table_is_refused(project, table, data, line, message):
    table(data)
    assert (NAME, line, 0, message) in refused(project)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "data/tables/report/meeting.csv",
            "There is no mapping for this table. Name it after what it is about: meetings.csv.",
        ),
        ("data/tables/meetings.csv", "The table stands in no folder of a document. Put it into data/tables/KEY/"),
        ("data/tables/nowhere/meetings.csv", "id/document/nowhere, after which the folder is named, is not described."),
    ],
)
def test_a_table_in_a_wrong_place_is_refused(project, table, name, message):
    project.write(name, HEAD + GOOD.replace("march", "other"))
    ((where, *_, told),) = refused(project)
    assert name == where
    assert told.startswith(message)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("| text |", "| txt |", 3, "'txt' is no type of a column"),
        ("| one of quiet, loud |", "| one quiet |", 9, "'one quiet' is no type"),
        ("#+ key: key", "#+ key: kye", 11, "key names 'kye', which does not exist"),
        ("#+ key: key", "#+ key: key\n#+ after: others", 12, "after names 'others', which does not exist"),
        ("#+ key: key", "#+ key: key\n#+ after: meetings", 1, "The mappings meetings, meetings wait for one another"),
        ("#+ title: Meetings\n", "", 1, "the header lacks title"),
    ],
)
def test_a_bad_header_of_a_mapping_is_told_with_its_line(project, table, old, new, line, message):
    project.replace("queries/mappings/meetings.rq", old, new)
    ((_, at, _, told),) = refused(project)
    assert message in told
    assert line == at or "wait" in told


def test_a_check_of_a_mapping_alone_reads_its_header(project, table):
    path = project.write("queries/mappings/meetings.rq", MAPPING.replace("#+ key: key", "#+ key: kye"))
    project.write(NAME, "").unlink()
    (wrong,) = checking.check(project.settings, paths=[path]).violations
    assert ("queries/mappings/meetings.rq", 11) == (wrong.where, wrong.line)


def test_a_mapping_that_is_no_construct_stops_a_build(project, table):
    project.write("queries/mappings/meetings.more.rq", "SELECT * { ?s ?p ?o }")
    with pytest.raises(QueryRefused, match=r"queries/mappings/meetings\.more\.rq"):
        pipeline.build(project.settings)


def test_mappings_run_behind_those_that_they_read_and_see_what_they_made(project, table):
    text = MAPPING.replace("Meetings", "Ends").replace("#+ key: key", "#+ key: key\n#+ after: meetings")
    project.write(
        "queries/mappings/ends.rq", text.replace("WHERE {", 'WHERE { ?before skos:prefLabel "March, 1 May 2011"@en .')
    )
    project.write("data/tables/report/ends.csv", HEAD + "end,End,,,,,,,\n")
    assert [] == refused(project)
    assert ["meetings", "ends"] == [*mapping.read_mappings(inputs.read_queries(project.root, "mappings"))]


def test_what_reads_a_table_with_a_mistake_is_not_blamed_for_it(project, table):
    text = MAPPING.replace("Meetings", "Ends").replace("#+ key: key", "#+ key: key\n#+ after: meetings")
    project.write("queries/mappings/ends.rq", text)
    project.write("data/tables/report/ends.csv", HEAD + "end,End,,,,,,,march\n")
    assert [] == refused(project)
    table(GOOD.replace("2011-05-01", "May"))
    assert [(NAME, 2, 3)] == [place[:3] for place in refused(project)]


def results(project):
    """List what a build finds, as (file, row, column) with the message."""
    with pytest.raises(ValidationFailed) as caught:
        pipeline.build(project.settings)
    return {(result.where, result.line, result.column): result.message for result in caught.value.report.violations}


def test_what_the_shapes_and_checks_find_is_told_with_row_and_column(project, table):
    project.write("shapes/days.ttl", """<shapes#DayShape> a sh:NodeShape ; sh:targetNode <id/event/second> ;
        sh:property [ sh:path ans:date ; sh:maxInclusive "2020-01-01"^^xsd:date ; sh:message "Too late." ] .""")  # fmt: skip
    table("first,First,2011-05-01,,,,,,\nsecond,Second,2021-05-01,,,,,,strike\nthird,Third,9011-05-01,,,,,,\n")
    found = results(project)
    assert {(NAME, 3, 3), (NAME, 4, 3)} == found.keys()
    assert "Too late." == found[NAME, 3, 3]
    assert "9011-05-01" in found[NAME, 4, 3]


def test_a_check_of_the_whole_names_the_row(project, table):
    table("first,First,,,,,,,\n")
    assert {(NAME, 2, 0): "id/event/first happened on no day. Give it ans:date."} == results(project)


def test_a_character_that_nobody_sees_is_found_in_a_table(project, table):
    table("first,Fi\u200brst,2011-05-01,,,,,,\n")
    ((place, message),) = results(project).items()
    assert (NAME, 2) == place[:2] and "U+200B" in message


def test_what_was_withdrawn_is_made_of_no_row_and_links_lead_to_what_stands_in_its_place(project, table):
    terms_of = "ans:Tombstone a owl:Class . ans:isReplacedBy a owl:ObjectProperty .\n"
    project.write("ontology/withdrawn.ttl", terms_of)
    table(GOOD + "gone,Gone,2011-05-01,,,,,,\nafter,After,2011-05-02,,,,,,gone\nother,Other,2011-05-02,,,,,,left\n")
    project.write("data/withdrawn.ttl", """<id/event/gone> a ans:Tombstone ; ans:isReplacedBy <id/event/strike> .
        <id/event/left> a ans:Tombstone .""")  # fmt: skip
    with Store.memory() as store:
        _, errors = steps.state(inputs.read(project.root), store)
        assert [] == [*errors]
        text = store.dump(GRAPH).decode()
    assert "event/gone>" not in text and "event/left>" not in text and "event/march>" in text and "event/other>" in text
    assert f"<{terms.ID}event/after> <{terms.term('isPartOf')}> <{terms.ID}event/strike> ." in text


def test_a_check_of_a_table_alone_says_what_a_build_says_of_it(project, table):
    assert checking.check(project.settings, paths=[project.root / NAME]).conforms
    path = table("march,M,never,,,,,,\n")
    (wrong,) = checking.check(project.settings, paths=[path]).violations
    assert (NAME, 2, 3) == (wrong.where, wrong.line, wrong.column)


def test_a_check_of_another_file_knows_what_tables_make(project, table):
    project.build()
    path = project.write("data/events/more.ttl", """<id/event/more> a ans:Event ; ans:isPartOf <id/event/march> ;
        skos:prefLabel "More"@en ; ans:isReportedIn <id/passage/report-1> .""")  # fmt: skip
    assert checking.check(project.settings, paths=[path]).conforms
    project.replace("data/events/more.ttl", "event/march", "event/mrach")
    (wrong,) = checking.check(project.settings, paths=[path]).violations
    assert "id/event/mrach is used, and nothing defines it" in wrong.message


def test_imports_see_what_tables_make_and_refuse_what_cannot_be_read(project, table):
    with Store.memory() as store:
        stated.load(store, inputs.read(project.root))
        assert store.count(GRAPH) == 6
    table("march,M,never,,,,,,\n")
    with Store.memory() as store, pytest.raises(ValidationFailed, match=rf"{NAME}:2:3: held: 'never' is no day"):
        stated.load(store, inputs.read(project.root))


def test_a_mistake_in_a_table_leaves_the_release_as_it_was(project, table):
    before = project.build()
    table("march,M,never,,,,,,\n")
    assert {(NAME, 2, 3)} == results(project).keys()
    assert before.id == current(project.out).id


VISITS = """#+ title: Visits
#+ column: ID | required new iri id/event/, id/act/ | the visit
#+ column: kind | one of meeting, arrest | what it was
#+ column: sort | class Event | its class
#+ column: day | when | its day, month or year
#+ column: until | when | its end
#+ column: share | number | a share
#+ column: page | address | where it stands
#+ column: words | digest | what was said
#+ column: by | list of iri id/state/, id/organ/ | who came
#+ needs: day until | always | It has no day. Fill day.
#+ needs: words page | kind arrest | It has no words. Fill words.
#+ excludes: until | day | It has two days. Keep one.
#+ key: ID
PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX row: <row:>
CONSTRUCT { ?visit a ?class ; ans:date ?day } WHERE { ?row row:ID ?visit OPTIONAL { ?row row:sort ?class } OPTIONAL { ?row row:day ?day } }
"""
VISIT = {"ID": "event/march", "day": "2011"}


def read_visit(**changes):
    """Read a row of the table above; its terms, or what is wrong as (column, message)."""
    visits = mapping.read_mappings([inputs.QueryFile("queries/mappings/visits.rq", VISITS)])["visits"]
    row = VISIT | changes
    data = ",".join(visits.columns) + "\n" + ",".join(row.get(name, "") for name in visits.columns) + "\n"
    rows, wrong = mapping.read_rows(inputs.Source(None, "visits.csv", "", "csv", data.encode()), visits)
    return [(each.column, each.message) for each in wrong] or {
        name: values[0] for name, values in rows[0].terms.items()
    }


@pytest.mark.parametrize(
    ("column", "cell", "value", "datatype"),
    [
        ("day", "2011", "2011", "gYear"),
        ("day", "2011-02", "2011-02", "gYearMonth"),
        ("day", "2011-02-28", "2011-02-28", "date"),
        ("share", "12", "12", "integer"),
        ("share", "-1.5", "-1.5", "decimal"),
        ("page", "https://example.org/a?b=c", "https://example.org/a?b=c", "anyURI"),
        ("words", "0f" * 32, "0f" * 32, ""),
        ("sort", "PublicAssembly", terms.term("PublicAssembly"), None),
        ("by", "organ/police", terms.ID + "organ/police", None),
        ("ID", "act/one", terms.ID + "act/one", None),
    ],
)
def test_a_cell_becomes_a_term_of_its_type(column, cell, value, datatype):
    term = read_visit(**{column: cell})[column]
    assert value == term.value
    if datatype is not None:
        assert term.datatype == (terms.PREFIXES["xsd"] + datatype if datatype else terms.Literal("").datatype)


@pytest.mark.parametrize(
    ("changes", "column", "message"),
    [
        ({"day": "2011-13"}, 4, "day: '2011-13' is no date. Write it as 1985-02-04, 1985-02 or 1985."),
        ({"day": "May 2011"}, 4, "day: 'May 2011' is no date."),
        ({"share": "many"}, 6, "share: 'many' is no integer. Write it as 12."),
        ({"page": "example.org"}, 7, "page: 'example.org' is no address on the web. Write it as https://example.org/"),
        ({"words": "They came."}, 8, "words: This is no SHA-256 of a text. Write its 64 digits, never the text."),
        ({"by": "place/almaty"}, 9, "by: 'place/almaty' is of none of these kinds: state/, organ/."),
        ({"sort": "public assembly"}, 3, "sort: 'public assembly' is no key. Write what follows ontology# in an IRI."),
        ({"day": ""}, 4, "It has no day. Fill day."),
        ({"kind": "arrest"}, 8, "It has no words. Fill words."),
        ({"until": "2012"}, 5, "It has two days. Keep one."),
    ],
)
def test_a_cell_that_is_not_of_its_type_and_a_rule_that_is_broken_are_told(changes, column, message):
    ((at, told),) = read_visit(**changes)
    assert (column, message) == (at, told[: len(message)])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#+ needs: day until | always", "#+ needs: day ends | always", "there is no column ends"),
        ("| kind arrest |", "| sorts arrest |", "there is no column sorts"),
        ("#+ key: ID", "#+ key: ID\n#+ sheet: Visits", "a sheet is a number and a name, such as 5 | Events"),
    ],
)
def test_a_header_with_a_wrong_rule_or_sheet_is_refused(old, new, message):
    with pytest.raises(SourceError, match=message.replace("|", r"\|")):
        mapping.read_mappings([inputs.QueryFile("queries/mappings/visits.rq", VISITS.replace(old, new))])

"""Named questions over HTTP: the form, the answer in each format, and wrong parameters."""

import itertools
import re

import lxml.html
import pytest

HANDOVER = {"event": "id/event/2011-06-handover"}


def test_every_question_is_listed_and_its_example_has_an_answer_on_its_page(client):
    questions = client.get("/questions?format=json").json()["questions"]
    assert len(questions) >= 10
    for one in questions:
        values = {parameter["name"]: parameter["example"] for parameter in one["parameters"]}
        page = client.browse(f"/questions/{one['name']}", params=values)
        assert (one["name"], 200) == (one["name"], page.status_code)
        assert re.search(r"<h2[^>]*>(\d+ results?|None recorded)</h2>", page.text)
        assert not re.search(r"\bcomplete\b", page.text.partition("<h2")[2].partition("The query behind it")[0])


def test_a_question_without_its_parameters_is_a_form_for_people(client):
    page = client.browse("/questions/findings")
    assert 200 == page.status_code
    assert '<select name="event">' in page.text
    assert "Port Ansel, 16 March 2012" in page.text


def test_json_has_all_that_is_needed_to_check_an_answer(client, release):
    answer = client.get("/questions/findings.json", params=HANDOVER).json()
    assert release.id == answer["release"]
    assert len(answer["rows"]) == answer["rowCount"]
    assert {"CC 3", "CC 22"} == {row["provision"]["label"] for row in answer["rows"]}
    cited = {iri for row in answer["rows"] for iri in row["passages"]}
    assert cited == {one["passage"] for one in answer["citations"]}
    assert {"label", "paragraph", "document"} <= answer["citations"][0].keys()
    assert "Handover to Boria" in answer["sentence"]
    book = client.get("/questions/findings.xlsx", params=HANDOVER)
    assert 'attachment; filename="findings.xlsx"' == book.headers["content-disposition"]


def test_a_page_cites_a_passage_on_each_row(client):
    page = client.page("/questions/findings", params=HANDOVER)
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    rows = body.split("<tr")[1:]
    assert 2 == len(rows)
    assert [True, True] == ['class="cite"' in row for row in rows]


def test_a_row_of_rival_figures_has_what_it_counts_first_which_is_the_title_of_its_card(client):
    figures = {"event": "id/event/2012-03-16-port-ansel"}
    counted = [
        row["counted"]["label"] for row in client.get("/questions/rival-figures.json", params=figures).json()["rows"]
    ]
    rows = lxml.html.fromstring(client.page("/questions/rival-figures", params=figures)).xpath("//main//tbody/tr")
    assert len({*counted}) > 1 and counted == [row[0].text_content().strip() for row in rows]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({}, "event="),
        ({"event": ["a", "b"]}, ""),
        ({"evnt": "x"}, "event"),
        ({"event": "id/event/nothing"}, "Try"),
        ({"event": "> } DROP ALL"}, "form"),
        ({**HANDOVER, "other": "1"}, "event"),
        ({**HANDOVER, "only.provisoin": "x"}, "provision"),
        ({**HANDOVER, "page": "0"}, "1, 2, 3"),
    ],
)
def test_a_wrong_parameter_is_400_and_says_what_is_known(client, params, told):
    answer = client.get("/questions/findings.json", params=params)
    assert (400, True) == (answer.status_code, told in answer.json().get("hint", ""))
    assert (200 if not params else 400) == client.browse("/questions/findings", params=params).status_code


def test_a_form_with_a_wrong_value_chooses_no_other_value(client):
    form = (
        client.page("/questions/findings?event=nonsense", 400)
        .partition('<select name="event"')[2]
        .partition("</select>")[0]
    )
    assert '<option value="" selected>' in form and 1 == form.count(" selected")


def test_a_question_that_cannot_be_put_is_neither_cited_nor_linked_with_its_wrong_value(client):
    page = client.browse("/questions/findings", params={"event": "nonsense" * 9}).text
    head = page.partition("</head>")[0]
    assert ["en", "ru", "kk"] == re.findall(r"nonsense&amp;lang=(\w+)", head)
    assert 'rel="canonical" href="https://w3id.org/answerable/questions/findings"' in head
    assert "nonsense" not in page.partition('id="cite"')[2].partition("</footer>")[0].partition('class="report"')[0]
    citation = client.get("/cite", params={"of": "/questions/findings?event=nonsense", "format": "text"})
    assert (200, False) == (citation.status_code, "nonsense" in citation.text)


def test_an_unknown_question_is_404_with_the_nearest(client):
    answer = client.get("/questions/finding")
    assert (404, True) == (answer.status_code, "findings" in answer.json()["hint"])


def test_an_empty_answer_says_what_the_graph_does_not_cover(client):
    params = {"event": "id/event/2012-03-16-port-ansel"}
    answer = client.get("/questions/findings.json", params=params).json()
    page = client.page("/questions/findings", params=params)
    assert (0, []) == (answer["rowCount"], answer["rows"])
    assert answer["about"].split(";")[0][:30] in page


def test_the_choices_of_a_form_are_asked_once_and_the_right_one_is_chosen(client, asked):
    choices = "?class ?thing ?label ?subject ?group"
    for state in ("xar", "xbo", "xar"):
        page = client.page(f"/questions/obligations?state=id/state/{state}")
        assert [f"id/state/{state}"] == re.findall(r'<option value="([^"]*)" selected>', page)
        assert 6 == page.count('<option value="id/state/')
    client.browse("/questions/recommendations-rejected")
    client.browse("/questions/obligation-in-force")
    assert 2 == sum(choices in text for text in asked)  # of States and of provisions


def test_questions_are_grouped_by_what_people_want_to_know_and_the_headings_follow_one_another(client):
    page = client.page("/questions")
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    titles = re.findall(r'<h2 id="(\w+)">', page)
    assert ["happened", "bound", "found", "promised", "became", "record"] == titles
    assert titles == re.findall(r'<li><a href="#(\w+)">', page)
    told = client.get("/questions?format=json").json()["questions"]
    assert set(titles) == {one["topic"] for one in told}


def test_an_answer_begins_with_its_sentence_and_the_form_comes_after_it(client):
    page = client.page("/questions/findings", params=HANDOVER)
    lead = re.search(r'<p class="lead answer">([^<]*)</p>', page)
    assert "Handover to Boria" in lead[1] and "CC 22" in lead[1]
    order = ["</h1>", 'class="lead answer"', 'class="again"', "<table", ">Passages<", "The query behind it"]
    places = [page.index(part) for part in order]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["Handover to Boria, June 2011", "handover  to boria, june 2011"])
def test_a_thing_may_be_given_by_its_name(client, name):
    answer = client.get("/questions/findings.json", params={"event": name}).json()
    assert HANDOVER["event"] in answer["parameters"]["event"]


def test_filters_order_and_pages_are_in_the_address_and_hold_in_every_format(client):
    asked = {"state": "id/state/xar"}
    whole = client.get("/questions/found-alleged-engaged.json", params=asked).json()["rows"]
    kinds = {row["kind"] for row in whole}
    assert len(kinds) > 1
    kind = min(kinds)
    only = {**asked, "only.kind": kind, "sort": "-provision"}
    answer = client.get("/questions/found-alleged-engaged.json", params=only).json()
    assert {kind} == {row["kind"] for row in answer["rows"]} and len(answer["rows"]) < len(whole)
    assert len(answer["rows"]) == len(client.table("/questions/found-alleged-engaged.csv", params=only))
    page = client.page("/questions/found-alleged-engaged", params=only)
    assert f"{len(answer['rows'])} of {len(whole)} results" in page
    assert 'aria-sort="descending"' in page
    (undo,) = re.findall(r'<a href="([^"]*)">remove this filter</a>', page)
    assert "only." not in undo and "sort=-provision" in undo
    unfiltered = client.page("/questions/found-alleged-engaged", params=asked)
    lead, heading = r'class="lead answer">([^<]*)<', r"<h1>([^<]*)</h1>"
    assert "none recorded" not in re.search(lead, page)[1]
    assert re.search(lead, page)[1].startswith(f"Filtered by Found or alleged: {kind}. Of the conduct of Arland, ")
    assert not re.search(lead, unfiltered)[1].startswith("Filtered")
    assert f"{re.search(heading, unfiltered)[1]} (Found or alleged: {kind})" == re.search(heading, page)[1]


def test_what_may_be_left_empty_is_empty_until_somebody_chooses(client):
    def chosen(query):
        page = client.page(f"/questions/findings-against-state?{query}")
        return re.findall(r'<option value="([^"]*)" selected>', page)

    assert ["id/state/xar", "", ""] == chosen("state=id/state/xar")
    assert ["id/state/xar", "id/treaty/cc", ""] == chosen("state=id/state/xar&treaty=id/treaty/cc&body=")


def test_further_values_of_a_parameter_give_their_rows_behind_those_of_the_first_each_once(client):
    asked = {"state": "id/state/xdo", "right": "scheme/right/fair-trial", "article": "id/provision/lc-14"}
    several = asked | {"second": "Arland", "third": "id/state/xdo"}
    answer = client.get("/questions/states-compared.json", params=several).json()
    alone = [
        client.get("/questions/states-compared.json", params=asked | {"state": state}).json()["rows"]
        for state in ("id/state/xdo", "id/state/xar")
    ]
    assert answer["rows"] == [*alone[0], *alone[1]] and [1, 1] == [*map(len, alone)]
    page = client.page("/questions/states-compared", params=several)
    assert "<h1>How does Doria compare with Arland, Doria on fair trial under LC 14?</h1>" in page
    assert "Arland: 1 of 1. No such decision is recorded on Doria." in page
    assert len(answer["rows"]) == len(client.table("/questions/states-compared.csv", params=several))


def test_where_a_parameter_is_missing_the_form_has_those_that_are_there(client):
    page = client.page("/questions/states-compared?state=id/state/xbo")
    assert '<option value="id/state/xbo" selected>' in page and 'class="lead answer"' not in page
    assert 400 == client.get("/questions/states-compared.json?state=id/state/xbo").status_code
    assert (
        "has no parameter"
        in client.get("/questions/states-compared?sate=id/state/xbo", headers={"Accept": "text/html"}).text
    )


def test_what_is_the_same_in_all_rows_stands_once_above_them_and_in_each_row_of_the_data(client):
    asked = {"state": "id/state/xdo", "second": "id/state/xar", "right": "scheme/right/fair-trial"}
    page = client.page("/questions/states-compared", params=asked)
    (once,) = re.findall(r'<dt title="The article">Article</dt><dd>(.*?)</dd>', page)
    assert ">LC 14</a>" in once and 'data-head="Article"' not in page and 'data-head="Bound"' in page
    rows = client.get("/questions/states-compared.json", params=asked).json()["rows"]
    assert 2 == len(rows) and all(row["article"] for row in rows)
    alone = client.page("/questions/states-compared", params=asked | {"only.state": "id/state/xar"})
    assert 'data-head="Article"' in alone and ">Article</dt><dd><a" not in alone

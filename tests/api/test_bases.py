"""The page of acts and treaties, on the frozen graph: what engages what, under which conditions, and why nothing else does."""

import re

import pytest


@pytest.fixture(scope="module")
def page(client):
    return client.page("/bases", params={"show": "table"})


def row_of(page, name):
    """Give the cells of a kind of act by treaty, as text without tags; an article with its basis keeps the address."""
    table = page[page.index('<table class="cells">') : page.index("</table>")]
    heads = re.findall(r'<th scope="col">(?:<a [^>]*>)?([^<]*)', table)[1:]
    row = next(row for row in table.split("<tr>") if f'#{name}"' in row.partition("</th>")[0])
    return dict(zip(heads, re.findall(r"<td>(.*?)</td>", row, re.DOTALL), strict=True))


def section(client, name):
    """Give the list of a kind of act as text without tags."""
    page = client.page("/bases", params={"show": name})
    text = page[page.index(f'<h2 id="{name}">') :]
    return " ".join(re.sub(r"<[^>]*>", " ", text[: text.index("</dl>")]).split())


def test_a_cell_leads_to_the_basis_of_each_provision_and_one_without_to_the_reason(page):
    removal, torture = row_of(page, "Removal"), row_of(page, "Torture")
    assert '<a href="/doc/basis/forced-return--rc-33">33</a>' == removal["RC"]
    assert '<a href="/doc/basis/torture--cc-2-1">2(1)</a>' == torture["CC"]
    assert "–" == torture["RC"] and 'href="/bases?show=Torture#Torture"' in page


def test_a_class_has_what_the_one_above_it_has(client, page):
    assert "33" == row_of(page, "Extradition")["RC"]  # without a link, which stands with the kind of act above
    assert "RC 33 as every removal to another State" in section(client, "Extradition")
    assert "as every" not in section(client, "Removal")


def test_a_basis_with_conditions_is_marked_and_they_are_told_in_a_few_words(client, page):
    assert '<a href="/doc/basis/interim-measures--cc-22">22</a>*' == row_of(page, "InterimMeasuresNotFollowed")["CC"]
    assert "CC 22 , where a complaint is struck that the provision is about" in section(
        client, "InterimMeasuresNotFollowed"
    )
    told = "CC 12 , not answered: arrest, care refused, eviction, killing or one of 2 other kinds, by officials; in the time of the duty"
    assert told in section(client, "RedressNotGiven")
    told = "LC 21 , where: the victim is a rural woman or girl; and: peaceful or trade-union activity"
    assert told in section(client, "Act")


def test_what_any_act_engages_stands_once_and_others_refer_to_it(client, page):
    assert '<a href="/doc/basis/act--lc-21">21</a>*' == row_of(page, "Act")["LC"]
    assert "any" == row_of(page, "Eviction")["LC"]
    assert "LC What applies to any act , and no more." in section(client, "Eviction")
    assert "any act" not in section(client, "Killing").replace("Any act", "")


def test_the_nearest_reason_is_told_and_a_provision_that_is_left_out_has_its_own(client):
    assert "RC None. The treaty is about where people may be sent." in section(client, "Torture")
    assert "CC, LC-P, RC None. The treaty has no article on them." in section(client, "Eviction")
    assert "RC 33 Left out. Nobody is sent away by an arrest." in section(client, "Arrest")
    assert "None." not in section(client, "Act")


def test_each_class_of_acts_has_one_row_and_one_list_and_no_verdict_has(client, page):
    lists = re.findall(r'href="/bases\?show=(\w+)#', client.page("/bases"))
    assert "Act" == lists[0] and len(set(lists)) == len(lists) == page.count('<th scope="row"')
    assert all(200 == client.get("/bases", params={"show": name}).status_code for name in lists)
    assert 400 == client.get("/bases", params={"show": "Violation"}).status_code
    assert {"Torture", "Extradition"} < set(lists)
    assert set() == {"Violation", "AllegedViolation", "ArbitraryKilling"} & set(lists)


@pytest.mark.parametrize("path", ["/", "/questions", "/doc/provision/rc-33"])
def test_other_pages_lead_to_it(client, path):
    assert 'href="/bases"' in client.page(path)


def test_it_leads_to_the_question_that_has_the_same_as_data(client, page):
    for path in re.findall(r'href="(/questions/acts-and-treaties[^"]*)"', page):
        assert 200 == client.get(path, headers={"Accept": "*/*"}).status_code

"""The tables on the frozen graph: their list, the codebook of each, and their files as the release holds them."""

import base64
import hashlib
import html
import io
import re

import openpyxl
import pyarrow.parquet as pq
import pytest

from kg import supplements, tables


@pytest.fixture(scope="module")
def names(release):
    return [one["name"] for one in tables.load(release.path)["resources"]]


def files(release):
    """List the files of the tables of a release."""
    beside = supplements.read(release.path, release.manifest["outputs"])
    return [file for one in beside if one.kind == "tables" for file in one.files]


def test_the_list_has_each_table_with_its_rows_files_checksums_licence_and_release(client, release, names):
    page = client.page("/tables")
    for one in files(release):
        assert f'href="/tables/{one.name}"' in page
        assert one.sha256 in page
    assert all(f'href="/tables/{name}"' in page and f'href="/tables/{name}.xlsx"' in page for name in names)
    assert release.id in page and "creativecommons.org/licenses/by/4.0" in page


@pytest.mark.parametrize("path", ["/tables", "/questions", "/tables/acts", "/places", "/"])
def test_each_form_of_a_page_is_called_by_a_word_of_its_own(client, path):
    line = re.search(r"This page as data:(.*)", client.page(path))[1]
    words = re.findall(r">([^<]*)</a>", line)
    assert words and len({*words}) == len(words)
    assert [] == [word for word in words if not re.fullmatch(r"[a-z]+|csv-metadata\.json", word)]


def test_the_metadata_of_a_table_belong_to_the_page_of_the_table(client):
    header = client.get("/tables/acts.csv-metadata.json").headers["link"]
    assert '</linkset/tables/acts>; rel="linkset"' in header


def test_programs_get_the_data_package(client, release):
    for answer in (
        client.get("/tables", headers={"Accept": "application/json"}),
        client.get("/tables/datapackage.json"),
    ):
        assert tables.load(release.path) == answer.json()


@pytest.mark.parametrize("name", ["acts", "figures", "findings", "state-treaty-year"])
def test_a_codebook_tells_each_column_with_its_meaning_and_its_terms(client, release, name):
    page = html.unescape(client.page(f"/tables/{name}"))
    assert 200 == client.get(f"/tables/{name}.html").status_code
    resource = next(one for one in tables.load(release.path)["resources"] if one["name"] == name)
    for one in resource["schema"]["fields"]:
        assert f'<tr id="{one["name"]}" role="row">' in page
    for said in resource["limits"]:
        assert said["what"] in page
    anchors = set(re.findall(r'href="/ontology#(\w+)"', page))
    known = client.page("/ontology")
    assert anchors and all(f'id="{anchor}"' in known for anchor in anchors)


def test_files_are_sent_as_the_release_holds_them(client, release):
    for one in files(release)[:6]:
        answer = client.get(f"/tables/{one.name}")
        assert one.sha256 == hashlib.sha256(answer.content).hexdigest()
        assert answer.headers["content-type"].startswith(one.media_type)
        assert 'rel="describedby"' in answer.headers["link"] and 'rel="license"' in answer.headers["link"]
    digest = client.get("/tables/acts.parquet").headers["repr-digest"]
    told = next(one.sha256 for one in files(release) if one.name == "acts.parquet")
    assert f"sha-256=:{base64.b64encode(bytes.fromhex(told)).decode()}:" == digest


def test_the_csv_links_to_metadata_that_name_it(client, release, names):
    for name in names:
        links = client.head(f"/tables/{name}.csv").headers["link"]
        path = f"/tables/{name}.csv-metadata.json"
        assert f'{path}>; rel="describedby"; type="application/csvm+json"' in links
        answer = client.get(path)
        assert 200 == answer.status_code and answer.headers["content-type"].startswith("application/csvm+json")
        assert f"{name}.csv" == answer.json()["tables"][0]["url"]
        assert answer.json()["dc:identifier"].endswith(f"/release/{release.id}/tables/{name}")


def test_accept_picks_the_form_and_one_that_is_not_made_is_refused(client):
    answer = client.get("/tables/acts", headers={"Accept": "application/vnd.apache.parquet"})
    assert pq.read_table(io.BytesIO(answer.content)).num_rows > 1
    assert "text/csv" in client.get("/tables/acts", headers={"Accept": "text/csv"}).headers["content-type"]
    assert 406 == client.get("/tables/acts", headers={"Accept": "image/png"}).status_code


def test_a_workbook_is_made_when_asked_for_and_names_its_release(client, release):
    answer = client.get("/tables/figures.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    notes = dict(book["Notes"].iter_rows(values_only=True))
    assert release.id == notes["Release"]
    assert client.get("/tables/figures.xlsx").content == answer.content


def test_the_files_of_a_release_have_addresses_of_their_own(client, release):
    pinned = client.get(f"/release/{release.id}/tables/acts.csv")
    assert client.get("/tables/acts.csv").content == pinned.content
    assert "max-age=86400" in pinned.headers["cache-control"]


@pytest.mark.parametrize("code", ["ru", "kk"])
def test_titles_and_units_are_told_in_the_language_of_the_reader(client, code):
    english, other = (client.page(f"/tables?lang={one}") for one in ("en", code))
    unit = "one answer of a State to one recommendation"
    assert unit in english and unit not in other
    assert 'lang="en"' in client.page(f"/tables/responses?lang={code}")

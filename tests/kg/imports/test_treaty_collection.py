"""The names of participants and the numbers of treaties in the UN Treaty Collection, and the text of its tables."""

import pytest

from kg.errors import SourceError
from kg.imports import treaty_collection


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path):
    path = tmp_path / "4-9.csv"
    path.write_bytes("Participant\nCôte d'Ivoire\n".encode("latin-1"))
    with pytest.raises(SourceError) as caught:
        treaty_collection.text(path)
    assert "4-9.csv:2: The file is not UTF-8 text. Save it as UTF-8." == str(caught.value)


@pytest.mark.parametrize(
    "name", ["Serbia", "Serbia 12", "Serbia12", "Serbia 3, 4", "Serbia³", " serbia ", "Serbia\u00a05"]
)
def test_names_are_compared_without_the_numbers_of_footnotes(name):
    assert "serbia" == treaty_collection.fold(name)


def test_names_are_compared_with_plain_apostrophes():
    assert treaty_collection.fold("Cote d'Ivoire") == treaty_collection.fold("Cote  d’Ivoire 2")


@pytest.mark.parametrize(
    ("number", "file"), [("IV-9", "4-9"), ("IV-9-b", "4-9-b"), ("V-2", "5-2"), ("XVIII-10", "18-10"), ("IX-1", "9-1")]
)
def test_a_table_is_named_by_the_number_of_its_treaty(number, file):
    assert file == treaty_collection.file_of(number)

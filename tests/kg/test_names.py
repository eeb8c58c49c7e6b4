"""A name is found in whatever way it is written, and nowhere else; and a withdrawn one only with the key."""

import pytest

from kg import names
from kg.errors import BadParameter
from kg.names import Guard

FOUND = {
    "José O'Núñez": (
        "Jose ONunez",
        "id/person/jose-o-nunez",
        "JOSÉ O’NÚÑEZ's",
        "Jos\\u00E9 O\\u2019N\\u00FA\\u00f1ez",
        "xx/jos%C3%A9_o%27n%C3%BA%C3%B1ez",
        "\\nJosé\\n  O Núñez",
        "joseONunez",
    ),
    "Иван Петров": ("ИВАН ПЕТРОВ", "иван-петров,", "\\u0418ван\\u00A0Петров"),
    "Müller-Ørsted": ("mullerorsted", "Mu\u0308ller Ørsted", "muller.orsted"),
    "王力": ("他说王力了", "王 力"),
    "Ǿsten Vik": ("ǿsten-vik", "Ø\u0301STEN VIK", "\\u00D8\\u0301sten Vik"),
    "Åsa Strauß": ("ÅSA STRAUSS", "asa-strauss-2012"),
}
LEFT = {
    "José O'Núñez": ("Josefina O'Núñez", "José Núñez", "José O'Núñezky", "Núñez, José O"),
    "Иван Петров": ("Ивану Петрову", "Ivan Petrov", "Йван Петров"),
    "王力": ("王小力",),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, some in FOUND.items() for text in some])
def test_a_name_is_found_in_whatever_way_it_is_written(name, text):
    folded = {names.fold(name), "another"}
    ((start, end),) = names.find(text, folded)
    assert names.fold(text[start:end]).endswith(names.fold(name))


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, some in LEFT.items() for text in some])
def test_another_name_is_left_alone(name, text):
    assert [] == names.find(text, {names.fold(name)})


def test_where_two_names_begin_the_longer_is_taken():
    text = "Jan Morrow the Younger and Jan Morrow"
    assert [(0, 22), (27, 37)] == names.find(text, {"janmorrow", "janmorrowtheyounger"})


@pytest.mark.parametrize("name", ["", "Li", "J.", "--", "王"])
def test_a_name_that_would_be_found_everywhere_is_refused(name):
    with pytest.raises(BadParameter, match="too short"):
        names.check(name)


def test_a_guard_recognises_a_name_and_its_file_does_not_tell_it(tmp_path):
    guard = Guard.read(tmp_path).add([names.fold("Jan Morrow")], "2026-01-02")
    guard.write(tmp_path)
    text = (tmp_path / names.NAMES).read_text(encoding="utf-8")
    assert "morrow" not in text.lower() and "2026-01-02 9 " in text
    assert 0o600 == (tmp_path / names.KEY).stat().st_mode & 0o777
    again = Guard.read(tmp_path)
    assert [(3, 13)] == again.find("by jan-morrow in 2012") and again.knows("janmorrow") and not again.knows("janmorro")
    assert text == again.add(["janmorrow"], "2026-03-04").text  # known already
    more = again.add(["annbell"], "2026-03-04")
    assert [(0, 8), (9, 19)] == more.find("Ann Bell/Jan Morrow")


def test_another_key_recognises_nothing_and_no_key_adds_nothing(tmp_path):
    Guard.read(tmp_path).add(["janmorrow"], "2026-01-02").write(tmp_path)
    (tmp_path / names.KEY).write_text("00" * 32)
    assert [] == Guard.read(tmp_path).find("Jan Morrow")
    (tmp_path / names.KEY).unlink()
    blind = Guard.read(tmp_path)
    assert [] == blind.find("Jan Morrow") and blind.hashes
    with pytest.raises(BadParameter, match="cannot be read"):
        blind.add(["annbell"], "2026-01-02")

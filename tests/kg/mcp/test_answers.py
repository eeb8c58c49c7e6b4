"""An answer of a tool stays within its bytes, whatever is in it."""

import pytest

from kg.errors import AnswerTooLarge, BadParameter
from kg.mcp.answers import MOST_BYTES, QueryAnswered, lay_out, page_of, write


def answer(*rows):
    return QueryAnswered(
        release="r", address="https://example.org/" + "a" * 100, columns=["a"], rows=[*rows], total=len(rows)
    )


def test_a_short_answer_stays_as_it_is():
    data = lay_out(answer({"a": "Қазақстан"}))
    assert [{"a": "Қазақстан"}] == data["rows"] and "hint" not in data


@pytest.mark.parametrize("rows", [1, 10, 40])
def test_long_texts_are_shortened_until_all_rows_fit(rows):
    data = lay_out(answer(*({"a": "слово " * 9000, "id": f"id/act/{number:0200}"} for number in range(rows))))
    assert rows == len(data["rows"]) and len(write(data)) <= MOST_BYTES
    assert all(row["a"].endswith("…") and len(row["a"]) > 30 for row in data["rows"])
    assert 207 == len(data["rows"][0]["id"]) and "shortened" in data["hint"]
    assert data["address"].endswith("a" * 100)


def test_rows_that_cannot_be_shortened_enough_are_refused():
    with pytest.raises(AnswerTooLarge):
        lay_out(answer(*({f"c{number}": "x" * 90 for number in range(300)} for _ in range(40))))


def test_a_page_says_whether_there_is_another():
    assert ([4], {"total": 5, "next_page": None}) == page_of([*range(5)], 3, 2)
    assert 2 == page_of([*range(5)], 1, 2)[1]["next_page"] and ([], None) == (
        page_of([], 1, 2)[0],
        page_of([], 1, 2)[1]["next_page"],
    )
    with pytest.raises(BadParameter, match="3 pages"):
        page_of([*range(5)], 4, 2)

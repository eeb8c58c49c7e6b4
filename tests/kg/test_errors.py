"""The error tree: one line for a person, and slugs that stay."""

import pickle

import pytest

from api.http.problems import HttpError
from kg import errors
from kg.errors import AnswerableError, SourceError, walk_errors


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            SourceError("No prefix", where="data/x.ttl", line=3, column=9, hint="Add one"),
            "data/x.ttl:3:9: No prefix. Add one.",
        ),
        (AnswerableError("Nothing there."), "Nothing there."),
        (AnswerableError("Wrong", line=2, column=7), "2:7: Wrong."),
        (AnswerableError("one\n two", hint="three\nfour"), "one two. three four."),
    ],
)
def test_an_error_is_one_line_that_says_where_what_and_what_to_do(error, line):
    assert line == str(error)


def test_slugs_are_unique_and_made_for_urls():
    slugs = [cls.slug for cls in walk_errors()]
    assert sorted(set(slugs)) == sorted(slugs)
    assert all(slug == slug.lower() and " " not in slug for slug in slugs)


def test_every_class_is_in_the_tree_with_a_slug_and_a_sentence_of_its_own():
    assert HttpError in walk_errors()
    assert {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)} <= {
        *walk_errors()
    }
    assert [] == [cls.__name__ for cls in walk_errors() if "slug" not in vars(cls) or not vars(cls)["__doc__"]]


def test_an_error_survives_the_way_between_processes():
    twin = pickle.loads(pickle.dumps(SourceError("Bad", where="a.ttl", line=1, column=2)))
    assert "a.ttl:1:2: Bad." == str(twin)

"""The error tree: one line for a person, and slugs that stay."""

import pickle

from api.http.problems import HttpError
from kg import errors
from kg.errors import AnswerableError, Busy, QueryRefused, QueryStopped, SourceError, walk_errors


def test_an_error_says_where_what_and_what_to_do():
    error = SourceError("The prefix z is not declared", where="data/x.ttl", line=3, column=9, hint="Add @prefix z:")
    assert "data/x.ttl:3:9: The prefix z is not declared. Add @prefix z:." == str(error)


def test_an_error_without_a_place_says_only_what():
    assert "Nothing there." == str(AnswerableError("Nothing there."))


def test_an_error_stays_on_one_line():
    assert "\n" not in str(AnswerableError("one\n two", hint="three\nfour"))


def test_a_line_without_a_file_is_still_a_place():
    assert "2:7: Wrong." == str(AnswerableError("Wrong", line=2, column=7))


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


def test_every_way_of_stopping_a_query_is_a_query_stopped():
    assert {"query-timeout", "query-out-of-memory", "answer-too-large", "query-crashed"} == {
        cls.slug for cls in QueryStopped.__subclasses__()
    }


def test_busy_and_refused_carry_what_a_response_needs():
    assert 3 == Busy("Full", retry_after=3).retry_after
    assert "service" == QueryRefused("No", reason="service", line=1).reason


def test_the_message_survives_being_caught_as_any_of_its_parents():
    assert issubclass(errors.QueryTimeout, QueryStopped) and issubclass(errors.ReleaseCorrupt, errors.BuildError)
    assert issubclass(errors.ValidationFailed, errors.BuildError)


def test_an_error_survives_the_way_between_processes():
    twin = pickle.loads(pickle.dumps(SourceError("Bad", where="a.ttl", line=1, column=2)))
    assert "a.ttl:1:2: Bad." == str(twin)

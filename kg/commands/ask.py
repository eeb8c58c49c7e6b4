"""`kg ask`: a named question of the current release."""

import argparse
import asyncio
import sys
from pathlib import Path

from kg.answer import formats, questions
from kg.answer.engine import InProcess
from kg.answer.names import Names
from kg.answer.questions import QuestionAnswer
from kg.commands import options
from kg.config import Settings
from kg.errors import SourceError
from kg.quotations import Quotations
from kg.release import Release
from kg.search.search import Search
from kg.sparql.question import Question, find_question, load_questions
from kg.store import Store


def run(arguments: argparse.Namespace) -> int:
    """Ask a named question of the current release, or list all."""
    if arguments.question is not None:
        sys.stdout.buffer.write(formats.write_answer(ask(arguments), arguments.format))
        return 0
    here = options.find_release(Settings.load(out=arguments.out))
    for question in _questions(here).values():
        example = "".join(f" -p {parameter.name}={parameter.example}" for parameter in question.parameters)
        print(f"{question.name}{example}\n    {question.title}")
    return 0


def ask(arguments: argparse.Namespace) -> QuestionAnswer:
    """Ask the question that the arguments name of the current release."""
    settings = Settings.load(out=arguments.out)
    here = options.find_release(settings)
    question = find_question(_questions(here, arguments.question), arguments.question)
    with Store.open(here.store_path) as store:
        engine = InProcess(store)
        names = Names(engine, Quotations(settings.out), lambda: Search(here.path))
        return asyncio.run(questions.ask(engine, question, arguments.parameters, here.id, names))


def _questions(here: Release, name: str = "") -> dict[str, Question]:
    """Read the questions of a release, or those beside the one that is named. Raises SourceError for that one alone.

    An older release may have one that cannot be read any more: where all are listed, standard error says so.
    """

    def refuse(error: SourceError) -> None:
        if name and Path(error.where or "").stem == name:
            raise error
        if not name:
            print(f"kg: {error}", file=sys.stderr)

    return load_questions(here.questions_path, refuse)

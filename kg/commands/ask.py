"""`kg ask`: a named question of the current release."""

import argparse
import asyncio
import sys

from kg.answer import formats, questions
from kg.answer.engine import InProcess
from kg.answer.questions import QuestionAnswer
from kg.commands import options
from kg.config import Settings
from kg.sparql.question import find_question, load_questions
from kg.store import Store


def run(arguments: argparse.Namespace) -> int:
    """Ask a named question of the current release, or list all."""
    if arguments.question is not None:
        sys.stdout.buffer.write(formats.write_answer(ask(arguments), arguments.format))
        return 0
    here = options.find_release(Settings.load(out=arguments.out))
    for question in load_questions(here.questions_path).values():
        example = "".join(f" -p {parameter.name}={parameter.example}" for parameter in question.parameters)
        print(f"{question.name}{example}\n    {question.title}")
    return 0


def ask(arguments: argparse.Namespace) -> QuestionAnswer:
    """Ask the question that the arguments name of the current release."""
    here = options.find_release(Settings.load(out=arguments.out))
    question = find_question(load_questions(here.questions_path), arguments.question)
    with Store.open(here.store_path) as store:
        return asyncio.run(questions.ask(InProcess(store), question, arguments.parameters, here.id))

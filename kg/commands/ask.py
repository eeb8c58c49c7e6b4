"""`kg ask`: a named question of the current release."""

import argparse
import asyncio
import sys

from kg import release
from kg.answer import formats, questions
from kg.answer.engine import InProcess
from kg.commands import options
from kg.config import Settings
from kg.sparql.question import find_question, load_questions
from kg.store import Store


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("question", nargs="?", metavar="NAME", help="name of the question; without it, all are listed")
    parser.add_argument("-p", dest="parameters", action="append", default=[], metavar="KEY=VALUE", help="a parameter")
    parser.add_argument(
        "--format", default="table", help="table (default), csv, sheet (csv for a spreadsheet), json, svg, png"
    )


def run(arguments: argparse.Namespace) -> int:
    """Ask a named question of the current release."""
    settings = Settings.load(out=arguments.out)
    here = release.current(settings.out)
    all_questions = load_questions(here.questions_path)
    if arguments.question is None:
        for question in all_questions.values():
            example = "".join(f" -p {parameter.name}={parameter.example}" for parameter in question.parameters)
            print(f"{question.name}{example}\n    {question.title}")
        return 0
    question = find_question(all_questions, arguments.question)
    values = dict(options.pair(text) for text in arguments.parameters)
    with Store.open(here.store_path) as store:
        answer = asyncio.run(questions.ask(InProcess(store), question, values, here.id))
    sys.stdout.buffer.write(formats.write_answer(answer, arguments.format))
    return 0

"""The command line. A mistake of the user is one line on standard error: what is wrong, where, and what to do.

Exit codes: 0 it is done, 1 it is not (the data do not conform, a release is damaged), 2 it could not be tried.
"""

import contextlib
import errno
import sys
from collections.abc import Sequence
from importlib import import_module

from kg.commands.options import create_parser
from kg.errors import AnswerableError, BuildError, ValidationFailed, WriteFailed

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SHOWN = 20  # mistakes that are listed one by one after a build that failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = create_parser().parse_args(words)
        module = "import_tables" if options.command == "import" else options.command
        # One command does not wait for the libraries of the others.
        code: int = import_module(f"kg.commands.{module}").run(options)
        sys.stdout.flush()  # an error of the last write is reported here, and not by the interpreter when it ends
        return code
    except ValidationFailed as error:
        _report_violations(error)
        return 1
    except AnswerableError as error:
        print(f"kg: {error}", file=sys.stderr)
        return 1 if isinstance(error, BuildError | WriteFailed) or words[0] in ("build", "publish") else 2
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.errno not in FULL:
            raise
        print(f"kg: {error.filename or 'standard output'}: It cannot be written ({error.strerror}).", file=sys.stderr)
        with contextlib.suppress(OSError):
            sys.stdout.close()  # it would be tried again when the interpreter ends
        return 1
    except KeyboardInterrupt:
        print("kg: interrupted", file=sys.stderr)
        return 130


def _report_violations(error: ValidationFailed) -> None:
    results = error.report.violations
    for result in results[:SHOWN]:
        print(f"kg: {result}", file=sys.stderr)
    more = f", of which {SHOWN} are shown; `kg check` shows all" if len(results) > SHOWN else ""
    count = f"{len(results)} mistake{'s' * (len(results) != 1)}{more}"
    print(f"kg: {count}; nothing was built, the release before is untouched", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

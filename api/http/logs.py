"""The log of the server: one JSON object a line on standard error.

A line holds the members listed here and no others, so that no address of a client and no text of a query gets in by accident:
for an error it has the class and the places in the code, never the message, which may quote a query.
"""

import json
import logging
import time
import traceback

from kg.config import Settings

ACCESS = "answerable.access"
# By which another engine is asked, and by which models ask: they would write lines for each query.
LIBRARIES = ("httpx", "mcp")
ERRORS = "answerable.errors"
# What a record may carry beside its message; `client` is there when the operator wants it.
MEMBERS = ("route", "method", "status", "milliseconds", "release", "outcome", "client")


class Lines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the time (UTC), the level, the logger, the message, and of MEMBERS what there is."""
        line: dict[str, object] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in MEMBERS if name in record.__dict__}
        if record.exc_info and record.exc_info[1] is not None:
            kind, error, trace = record.exc_info
            line["message"] = record.getMessage().partition("\n")[0]
            line["error"] = error.slug if hasattr(error, "slug") else kind.__name__
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return json.dumps(line, ensure_ascii=False)


def set_up(settings: Settings) -> None:
    """Write everything that is logged in this process to standard error; requests too, if the operator wants that."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # A request that fails is a warning, and has a line in any case.
    logging.getLogger(ACCESS).setLevel(logging.INFO if settings.access_log else logging.WARNING)
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)

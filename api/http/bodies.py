"""What is sent in the body of a request: read in memory, within a limit, as a form or as it is."""

from collections.abc import AsyncGenerator

from python_multipart.multipart import parse_options_header
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from api.http import problems
from api.http.addresses import read_parameters
from kg.errors import BadParameter

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_PARTS = 20


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 40  # so that no part of a form is written to the disk


def content_type(request: Request) -> str:
    """Return the media type of a body in small letters, without its parameters; empty where the request names none."""
    return parse_options_header(request.headers.get("content-type"))[0].decode("latin-1").lower()


async def read(request: Request, most: int) -> bytes:
    """Read a body of `most` bytes at most. Raises HttpError, before reading where the length is declared.

    A compressed body is refused: how large it is would be known too late.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise problems.HttpError(
            "It is sent without compression",
            status=415,
            headers={"Accept-Encoding": "identity"},  # RFC 9110, 15.5.16
        )
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
        raise too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large(most)
    return bytes(body)


async def read_form(request: Request, most: int) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """Read a form, with its files where it has some: of each name the first. A file is the name that the client sent, and its bytes."""
    body = await read(request, most)
    if content_type(request) == FORM:
        return dict(reversed(read_parameters(body, "the form"))), {}

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _InMemory(
        request.headers, stream(), max_files=MOST_PARTS, max_fields=MOST_PARTS, max_part_size=len(body) + 1
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        reason = getattr(error, "message", "") or "its boundary is missing"
        raise BadParameter(f"The form cannot be read: {reason}", hint="Send it as a browser does") from None
    fields, files = {}, {}
    for name, value in reversed(form.multi_items()):
        if isinstance(value, str):
            fields[name] = value
        else:
            files[name] = (value.filename or "", await value.read())
    await form.close()
    return fields, files


def too_large(most: int) -> problems.HttpError:
    """Make the error for a body that is larger than it may be."""
    size = f"{most >> 10:,} KiB" if most >= 1 << 10 else f"{most} bytes"
    return problems.HttpError(f"More than {size} are not taken", status=413, hint="Send less at a time")

"""Hostile requests over a bare socket: each gets an answer that is right for it, none hangs, and the server goes on."""

import re
import socket
import time

import pytest

from tests.api.hostile import CASES, get

HEAD = 1.0  # seconds until what is unfinished is answered with 408
HUNG = 15.0  # seconds without an answer


@pytest.fixture(scope="module")
def address(serving, release):
    """Serve the frozen graph with short limits; the address."""
    limits = {"head_seconds": HEAD, "deadline": 2.0}
    with serving(out=release.path.parent, **limits) as (address, _):
        yield address


def exchange(address, data, wait=0.03):
    """Send bytes, and return the statuses and the bodies that come back before the server closes or falls silent."""
    answers, received, begun = [], b"", time.monotonic()
    with socket.create_connection(address[:2], HUNG) as line:
        try:
            line.sendall(data)
        except OSError:
            pass  # it was refused before its end
        while True:
            while (found := take(received, data)) is not None:
                answer, received = found
                answers += [answer] if answer[0] >= 200 else []
            line.settimeout(wait if answers and not received else max(0.01, HUNG - (time.monotonic() - begun)))
            try:
                piece = line.recv(1 << 16)
            except TimeoutError:
                assert answers and not received, f"no whole answer in {HUNG} s, only {received[:200]}"
                return answers
            except ConnectionResetError:
                piece = b""
            if not piece:
                assert not received, f"an answer broke off: {received[:200]}"
                return answers
            received += piece


def take(received, data):
    """Take one whole answer from what was received: its status and its body, and the rest; None when it is not whole."""
    head, end, rest = received.partition(b"\r\n\r\n")
    if not end:
        return None
    status = int(re.match(rb"HTTP/1\.1 (\d{3}) ", head)[1])
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    if status < 200 or status in (204, 304) or data.startswith(b"HEAD"):
        return (status, b""), rest
    if length is None:
        assert b"transfer-encoding: chunked" in head.lower(), head
        body, end, rest = rest.partition(b"0\r\n\r\n")
        return ((status, body), rest) if end else None
    size = int(length[1])
    return ((status, rest[:size]), rest[size:]) if len(rest) >= size else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: re.sub(r"[^ -~]", "?", case.name))
def test_a_hostile_request_is_answered_rightly_and_the_server_goes_on(address, case):
    answers = exchange(address, case.data)
    statuses = [status for status, _ in answers] or [None]
    assert statuses[0] in case.right, (statuses, case.data[:200], answers[:1])
    assert case.has_more or len(statuses) == 1, (statuses, case.data[:200])
    assert all(status is None or status < 500 or status in case.right for status in statuses)
    for _, body in answers:
        assert b"Traceback" not in body and b"site-packages" not in body
    assert [200] == [status for status, _ in exchange(address, get("/openapi.json"), wait=0.001)]


def test_the_table_is_long_and_each_case_has_a_name_of_its_own():
    assert len(CASES) >= 300
    assert len(CASES) == len({case.name for case in CASES}) == len({case.data for case in CASES}) + 0

"""How answers leave: a proxy can ask another server while nothing of one has come, so none is half sent without need."""

import pytest

from api.http import connections
from tests.api.serving import Line, head


class Written:
    """A transport that notes what is written to it at once."""

    def __init__(self):
        self.writes = []

    def write(self, data):
        self.writes.append(data)

    def close(self):
        self.writes.append(None)


@pytest.mark.parametrize(
    ("pieces", "holds", "writes"),
    [
        ([b"head", b"body"], True, [b"headbody"]),
        ([b"head", b"one", b"two"], True, [b"headone", b"two"]),
        ([b"head", b"", b"two"], True, [b"head", b"two"]),
        ([b"100 Continue", b"head"], False, [b"100 Continue", b"head"]),
    ],
)
def test_a_head_goes_with_the_first_piece_of_its_body(pieces, holds, writes):
    written = Written()
    held = connections.HeldHead(written, holds=holds)
    for piece in pieces:
        held.write(piece)
    held.release()
    assert writes == written.writes


@pytest.mark.parametrize("end", ["release", "close"])
def test_a_head_without_a_body_goes_at_the_end(end):
    written = Written()
    held = connections.HeldHead(written, holds=True)
    held.write(b"head")
    assert not written.writes
    getattr(held, end)()
    assert [b"head", *([None] if end == "close" else [])] == written.writes


def test_the_server_writes_a_whole_answer_at_once(serving, release, monkeypatch):
    seen = []

    class Noting(connections.HeldHead):
        def __init__(self, transport, *, holds):
            super().__init__(transport, holds=holds)
            self._transport = written = Written()
            seen.append((written, transport))

        def release(self):
            super().release()
            written, transport = seen[-1]
            for piece in written.writes:
                transport.write(piece)

    monkeypatch.setattr(connections, "HeldHead", Noting)
    with serving(out=release.path.parent) as (address, _app):
        for data in (head("/health"), head("/health", method="HEAD"), head("/", "X-New: 1"), head("/nowhere")):
            line = Line(address)
            answer = line.ask(data)
            written, _ = seen[-1]
            assert answer[0].startswith(b"HTTP/1.1 ") and 1 == len(written.writes), data
            line.socket.close()

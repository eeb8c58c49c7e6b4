"""The short permanent address of an answer.

The address holds what is needed to give the answer again, and nothing is stored for it: the question with its values, the
release, and a digest of the rows, which shows whether an answer of today is the same even where the release is gone. A tag,
made with a secret of this server, tells an address that was made for an answer from one that was made up.
"""

import base64
import datetime
import hashlib
import hmac
import json
import logging
import re
import secrets
import struct
import zlib
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple, Self

from kg import terms
from kg.answer.questions import QuestionAnswer
from kg.config import Settings
from kg.errors import UnknownName
from kg.sparql.sentence import Row
from kg.wording import say

log = logging.getLogger("answerable.answers")

VERSION = 2  # of the form of an address; a later form gets another number, and this one stays readable
UNTAGGED = 1  # the form before it
TAG = 8  # bytes, in front of everything else but the version
DIGEST = 6  # bytes of the digest of the rows in an address
LONGEST, MOST = 2048, 8192  # characters of an address, and bytes of what it says
_FIRST = datetime.date(2000, 1, 1)
# Which release with that day and code, its day counted from _FIRST, its code, and the digest of the rows.
_HEAD = struct.Struct(f">BH4s{DIGEST}s")
_OURS = "\x01"  # stands in an address for the part that our IRIs have in common
# What most addresses say again and again, so that it takes no room in them. It must never change.
_COMMON = b"\x00day\x00\x01id/document/\x01id/organ/\x01id/person/\x01id/group/\x01id/body/\x01scheme/right/\x00right\x00\x01id/place/\x00act\x00\x01id/act/\x00provision\x00\x01id/provision/\x00treaty\x00\x01id/treaty/\x00event\x00\x01id/event/201\x00state\x00\x01id/state/"


class Permalink(NamedTuple):
    """The permanent address of an answer: the question, its values, the release and the digest of the rows.

    `is_tagged` says that a server with our secret made it. Whether another one was made up, only its release can tell.
    """

    question: str
    values: Mapping[str, str]
    release: str
    digest: str
    is_tagged: bool = True

    def write(self) -> str:
        """Write it as one word of letters, digits, hyphens and underscores."""
        day, code, *again = self.release.split("-")
        days = (datetime.date.fromisoformat(day) - _FIRST).days
        repetition = int(again[0]) if again else 0
        head = _HEAD.pack(repetition, days, bytes.fromhex(code), bytes.fromhex(self.digest))
        parts = [self.question]
        for name, value in sorted(self.values.items()):
            parts += [name, _OURS + value.removeprefix(terms.BASE) if value.startswith(terms.BASE) else value]
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_COMMON)
        packed = packer.compress("\0".join(parts).encode()) + packer.flush()
        data = bytes([VERSION]) + _tag(head + packed) + head + packed
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    @classmethod
    def read(cls, word: str) -> Self:
        """Read what `write` wrote; raises UnknownName for anything else."""
        try:
            if len(word) > LONGEST or not re.fullmatch(r"[A-Za-z0-9_-]+", word):
                raise ValueError("no such word")
            data = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
            start = {UNTAGGED: 1, VERSION: 1 + TAG}[data[0]]
            is_tagged = hmac.compare_digest(data[1:start], _tag(data[start:]))
            repetition, days, code, digest = _HEAD.unpack_from(data, start)
            unpacker = zlib.decompressobj(-15, zdict=_COMMON)
            text = unpacker.decompress(data[start + _HEAD.size :], MOST)
            if not unpacker.eof or unpacker.unused_data:
                raise ValueError("cut")
            question, *pairs = text.decode().split("\0")
            values = dict(zip(pairs[::2], pairs[1::2], strict=True))
            day = _FIRST + datetime.timedelta(days)
        except (ValueError, LookupError, zlib.error, struct.error):
            hint = say("Copy the address whole; one that was cut or changed leads nowhere")
            raise UnknownName(say("This is not the address of an answer"), hint=hint) from None
        release = f"{day:%Y%m%d}-{code.hex()}" + (f"-{repetition}" if repetition else "")
        values = {name: re.sub(f"^{_OURS}", lambda _: terms.BASE, value) for name, value in values.items()}
        return cls(question, values, release, digest.hex(), is_tagged)


def _tag(content: bytes) -> bytes:
    return hmac.digest(_key(), content, "sha256")[:TAG]


@cache
def _key() -> bytes:
    settings = Settings.load()
    try:
        return settings.read_answer_secret()
    except (OSError, ValueError):
        log.warning(
            "%s cannot be read: addresses of answers last as long as their release is here", settings.answer_secret
        )
        return secrets.token_bytes(32)


def of_answer(answer: QuestionAnswer) -> Permalink:
    """Name an answer."""
    values = {**answer.values, **answer.narrowing.values()}
    return Permalink(answer.question.name, values, answer.release, digest(answer))


def address_of(answer: QuestionAnswer) -> str:
    """Write the permanent address of an answer."""
    return f"{terms.BASE}answer/{of_answer(answer).write()}"


def digest(answer: QuestionAnswer) -> str:
    """Hash the rows of an answer, on all its pages, whatever their order, and without the names of things."""
    rows = sorted(write_row(answer, row) for row in answer.whole or answer.rows)
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()[: 2 * DIGEST]


def write_row(answer: QuestionAnswer, row: Row) -> str:
    """Write a row so that equal rows are written alike; the passages of a cell come in no order."""
    cites = answer.question.cites
    cells = {
        name: [term["type"], " ".join(sorted(term["value"].split())) if name in cites else term["value"]]
        + [term.get("datatype", ""), term.get("xml:lang", "")]
        for name, term in row.items()
    }
    return json.dumps(cells, sort_keys=True, ensure_ascii=False)

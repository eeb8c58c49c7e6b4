"""Settings: one frozen object made from defaults, then the environment, then what the caller says.

No other module reads the environment. A misspelt `ANSWERABLE_*` variable or an unusable value is an error that names it.
"""

import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from kg.errors import ConfigError

PREFIX = "ANSWERABLE_"
PROJECT = Path(__file__).resolve().parents[1]


def _matching(
    pattern: str, valid: str, read: Callable[[str], Any] = str, most: float | None = None
) -> Callable[[str], Any]:
    """Make a parser: the text must match `pattern`, what `read` makes of it be `most` or less; `valid` describes it."""

    def parse(text: str) -> Any:
        if not re.fullmatch(pattern, text.strip()) or most is not None and read(text) > most:
            raise ValueError(valid)
        return read(text.strip())

    return parse


_SECONDS = r"[0-9]{1,4}(\.[0-9]{1,6})?"
parse_count = _matching("0*[1-9][0-9]{0,11}", "a whole number of at least 1", int)
parse_days = _matching("[0-9]{1,5}", "a whole number of days, or 0 for ever", int)
parse_port = _matching("[0-9]{1,5}", "a port number from 0 to 65535", int, 65535)
parse_seconds = _matching(
    rf"(?=.*[1-9]){_SECONDS}", "a number of seconds above 0 and up to 3600, such as 10 or 2.5", float, 3600
)
parse_budget = _matching(_SECONDS, "a number of seconds up to 3600, or 0 for no limit", float, 3600)
parse_truth = _matching(
    "(?i:1|true|yes|on|0|false|no|off)", "yes or no", lambda text: text.lower() in ("1", "true", "yes", "on")
)
parse_folder = _matching(r"[^\0]+", "the path of a folder", lambda text: Path(text).expanduser().absolute())
_HOST = "[A-Za-z0-9.:_-]{1,253}"
parse_host = _matching(_HOST, "an address such as 127.0.0.1 or ::1, without scheme or port")
parse_base = _matching(
    r"https?://[^\s<>\"{}|\\^`/?#]+(/[^\s<>\"{}|\\^`?#]*)?/",
    "an http or https address that ends in a slash, such as https://mirror.example/kg/",
)
parse_engine = _matching(
    r"https?://([^\s/@]+@)?[^\s/@?#]+(/[^\s#]*)?",
    "the address of a SPARQL 1.1 server, such as http://127.0.0.1:7878/query",
)

parse_operator = _matching(r"[^\s<>]([^\r\n<>]{0,118}[^\s<>])?", "a name of at most 120 characters, on one line")
parse_contact = _matching(
    r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}|https?://[^\s/@<>\"]+(/[^\s<>\"#]*)?",
    "an e-mail address, or the http or https address of a page that takes messages",
)


def parse_size(text: str) -> int:
    """Read a size in bytes: a whole number, alone or with KiB, MiB or GiB."""
    match = re.fullmatch(r"(0*[1-9][0-9]{0,11})\s*(?:([KMG])(?:iB)?|B)?", text.strip(), re.IGNORECASE)
    if not match:
        raise ValueError("a size such as 65536, 64KiB, 512MiB or 2GiB")
    return int(match[1]) << 10 * " KMG".index((match[2] or " ").upper())


def parse_hosts(text: str) -> str:
    """Read a list of names or addresses of hosts, separated by commas; nothing is an empty list."""
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    if not all(re.fullmatch(_HOST, host) for host in hosts):
        raise ValueError("names of hosts without scheme or port, separated by commas, such as example.org,10.0.0.5")
    return ",".join(hosts)


def parse_networks(text: str) -> str:
    """Read a list of addresses or networks, separated by commas; nothing is an empty list."""
    try:
        return ",".join(str(ipaddress.ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("addresses or networks separated by commas, such as 10.0.0.5,192.168.7.0/24") from None


class Setting(NamedTuple):
    """One setting: its default as people write it (`shown`), `parse`, which reads such a text or raises ValueError, and a sentence."""

    name: str
    shown: str
    parse: Callable[[str], Any]
    help: str

    @property
    def variable(self) -> str:
        """Name the environment variable of this setting."""
        return PREFIX + self.name.upper()


def _setting(shown: str, parse: Callable[[str], Any], help: str, default: Any = None) -> Any:
    return field(default=parse(shown) if shown else default, metadata={"shown": shown, "parse": parse, "help": help})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one run; make it with `Settings.load`. A field has its default, the reader of its text and a sentence."""

    root: Path = _setting("", parse_folder, "Project folder: holds ontology/, shapes/, queries/ and data/.", PROJECT)
    out: Path = _setting("", parse_folder, "Folder of the releases; when unset, releases/ in the project folder.")
    keep_days: int = _setting(
        "0", parse_days, "Days that a release is kept after it was last the current one; 0 keeps all."
    )
    host: str = _setting("127.0.0.1", parse_host, "Address the server listens on.")
    port: int = _setting("8000", parse_port, "Port the server listens on; 0 takes any free one.")
    workers: int = _setting("2", parse_count, "Processes that answer queries sent to /sparql.")
    page_workers: int = _setting("2", parse_count, "Processes that answer pages and named questions.")
    engine: str | None = _setting(
        "", parse_engine, "Address of a SPARQL 1.1 server to use in place of the embedded engine."
    )
    deadline: float = _setting("10", parse_seconds, "Seconds a query may take, waiting included.")
    page_deadline: float = _setting("10", parse_seconds, "Seconds each query of a page or a named question may take.")
    memory: int = _setting("512 MiB", parse_size, "Memory a query may take in its worker.")
    max_rows: int = _setting("100000", parse_count, "Rows (or triples) one answer may have.")
    max_bytes: int = _setting("64 MiB", parse_size, "Bytes one answer may have.")
    cache: int = _setting(
        "64 MiB",
        parse_size,
        "Bytes of answers kept in memory for each release that is open, and a quarter as many of the rows that answers share.",
    )
    queue: int = _setting(
        "32",
        parse_count,
        "Queries that may wait for a worker, ten times as many of pages; beyond that, one of whoever used most is told to come back.",
    )
    max_query: int = _setting("1 MiB", parse_size, "Bytes the text of a query may have.")
    max_depth: int = _setting("64", parse_count, "Levels of brackets the text of a query may have.")
    check_size: int = _setting("2 MiB", parse_size, "Bytes a file may have that is sent to be checked.")
    check_deadline: float = _setting("30", parse_seconds, "Seconds the check of a file may take.")
    check_memory: int = _setting("1024 MiB", parse_size, "Memory the check of a file may take in its process.")
    check_workers: int = _setting(
        "1", parse_count, "Files that are checked at once; few others wait, one of each client."
    )
    client_seconds: float = _setting(
        "60", parse_budget, "Seconds of query time a client may use each minute; 0 is no limit."
    )
    client_page_seconds: float = _setting(
        "90",
        parse_budget,
        "Seconds of workers and threads that all requests of a client may take each minute; 0 is no limit.",
    )
    loopback_budget: bool = _setting("no", parse_truth, "Whether clients on this machine have a budget too.")
    connections: int = _setting(
        "4096", parse_count, "Connections at once, or fewer where the descriptors of the process do not suffice."
    )
    head_seconds: float = _setting(
        "10",
        parse_seconds,
        "Seconds until the head of a request, or 16 KiB more of its body, must have come; a connection idle for longer is closed.",
    )
    trusted_proxies: str = _setting("", parse_networks, "Addresses of proxies whose X-Forwarded-For is believed.", "")
    stop_seconds: float = _setting(
        "15", parse_seconds, "Seconds that running requests may take to end when the server stops."
    )
    base: str | None = _setting(
        "",
        parse_base,
        "Public address of this server, where that is not the root of a host; IRIs in the data stay the same.",
    )
    hosts: str = _setting(
        "",
        parse_hosts,
        "Names of this server where it has no base: the host of a request is believed if it is one of them, or of this machine.",
        "",
    )
    operator: str | None = _setting(
        "", parse_operator, "Who publishes this server and answers for it, as its pages name them."
    )
    contact: str | None = _setting(
        "",
        parse_contact,
        "Where reports of errors go: an e-mail address, the form for a new issue of a repository, or another page, which gets `subject` and `body`.",
    )
    answer_secret: Path = _setting(
        "",
        parse_folder,
        "File of the secret that tags the permanent addresses of answers; when unset, .answer-secret in the project folder.",
    )
    access_log: bool = _setting(
        "no", parse_truth, "Whether each request has a line in the log; one that fails has it anyway."
    )
    access_log_addresses: bool = _setting("no", parse_truth, "Whether the access log names the addresses of clients.")

    @property
    def max_body(self) -> int:
        """Bytes that the body of a request may have: a query, percent-encoded (three for one), and the names of its graphs; or a file."""
        return max(3 * self.max_query, self.check_size) + (16 << 10)

    def read_answer_secret(self) -> bytes:
        """Read the secret that tags permanent addresses; it is made where there is none. Raises OSError."""
        if not self.answer_secret.exists():
            with tempfile.NamedTemporaryFile("w", dir=self.answer_secret.parent) as file:
                file.write(secrets.token_hex(32) + "\n")
                file.flush()
                with suppress(FileExistsError):  # another process was faster
                    os.link(file.name, self.answer_secret)
        return bytes.fromhex(self.answer_secret.read_text("ascii"))

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None, **overrides: Any) -> "Settings":
        """Make the settings from the defaults, `env` (the process's when None) and `overrides`, the last word winning.

        An override that is None counts as not given; one that is text is parsed like a variable. Raises ConfigError.
        """
        env = os.environ if env is None else env
        if unknown := sorted({name for name in env if name.startswith(PREFIX)} - {row.variable for row in SETTINGS}):
            hint = "Known: " + ", ".join(row.variable for row in SETTINGS)
            raise ConfigError("There is no such setting", where=unknown[0], hint=hint)
        values = {name: value for name, value in overrides.items() if value is not None}
        for setting in SETTINGS:
            where = setting.name if setting.name in values else setting.variable
            value = values.get(setting.name, env.get(setting.variable))
            if isinstance(value, str):
                try:
                    values[setting.name] = setting.parse(value)
                except ValueError as error:
                    raise ConfigError(f"{value!r} cannot be used here", where=where, hint=f"Give {error}") from None
        root = values.get("root", PROJECT)
        return cls(**{"out": root / "releases", "answer_secret": root / ".answer-secret", **values})


SETTINGS = tuple(Setting(row.name, **row.metadata) for row in fields(Settings))

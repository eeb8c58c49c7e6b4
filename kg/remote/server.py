"""Any SPARQL 1.1 server in the place of the embedded engine: spoken to through SPARQLWrapper, and not trusted.

Promises that an answer is passed on only if it is known to be whole: framed by HTTP or by its own syntax, of the media type
that was asked for, free of signs that the server cut it, and well formed. Everything else is EngineFailed or EngineTimeout
with the cause, in words that do not tell the server's address. Knows nothing of releases (kg.holding does), and decides about
no query: what is sent here was guarded and parsed before.
"""

from __future__ import annotations

import ast
import base64
import http.client
import json
import math
import re
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from SPARQLWrapper import BASIC, DIGEST, JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException, Unauthorized

from kg import terms
from kg.errors import ConfigError, EngineFailed, EngineTimeout
from kg.sparql import rewrite
from kg.store.results import too_large

ROWS = "application/sparql-results+json"
TRIPLES = "application/n-triples"
_TYPES = {ROWS: {ROWS, "application/json"}, TRIPLES: {TRIPLES}, "*/*": set()}
_KINDS = {"uri", "literal", "typed-literal", "bnode"}
# What Virtuoso adds to an answer that it cut at its time limit ("anytime") or at its row limit.
_CUT = ("x-sql-state", "x-sparql-anytime", "x-sparql-maxrows")
_TIMED_OUT = re.compile(r"S1T00|timed? ?out|time limit", re.IGNORECASE)
_XSD = terms.PREFIXES["xsd"]
_PROV = terms.PREFIXES["prov"]


class Engine:
    """A SPARQL 1.1 server, by its address; the addresses of its query and update services are found on first use."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"{url!r} is no address of a server", where="engine", hint="Give http://HOST:PORT/PATH")
        host = parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]"
        host += f":{parts.port}" if parts.port else ""
        self.url = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
        self.server = ""  # what it calls itself
        self._user = (unquote(parts.username or ""), unquote(parts.password or ""))
        self._auth: tuple[str, str] = (BASIC, "")
        self._addresses: dict[str, str] = {}
        self._stores: list[str] | None = None  # the address of its Graph Store Protocol, if it has one

    def rows(self, text: str, *, seconds: float, max_bytes: int = 1 << 40) -> bytes:
        """Ask a SELECT or ASK that names its own dataset; return SPARQL JSON that has been read through."""
        body = self._exchange(self._find("query", seconds), text, ROWS, seconds, max_bytes)
        return json.dumps(_read_rows(body), ensure_ascii=False, separators=(",", ":")).encode()

    def triples(self, text: str, *, seconds: float, max_bytes: int = 1 << 40) -> bytes:
        """Ask a CONSTRUCT or DESCRIBE that names its own dataset; return N-Triples as they came."""
        return self._exchange(self._find("query", seconds), text, TRIPLES, seconds, max_bytes)

    def holds(self, text: str, *, seconds: float) -> bool:
        """Ask an ASK about the graph of releases that the server holds."""
        answer = json.loads(self.rows(rewrite.with_dataset(text, [terms.HELD], []), seconds=seconds))
        if "boolean" not in answer:
            raise EngineFailed("The engine answered yes or no with rows", where=self.url)
        return answer["boolean"]

    def count(self, graph: str, *, seconds: float) -> int:
        """Count the triples of a graph."""
        body = self.rows(f"SELECT (COUNT(*) AS ?n) FROM <{graph}> WHERE {{ ?s ?p ?o }}", seconds=seconds)
        return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])

    def update(self, text: str, *, seconds: float) -> None:
        """Run an update; EngineFailed when the server does not say that it is done."""
        self._exchange(self._find("update", seconds), text, "*/*", seconds, 1 << 20, update=True)

    def add(self, graph: str, triples: bytes, *, seconds: float) -> bool:
        """Add triples, in N-Triples, to a graph by the Graph Store Protocol; say whether the server offers that."""
        if self._stores is None:
            at = self._find("update", seconds)
            beside, below = at.rpartition("/")[0], at + "-graph-crud"
            tried = [
                below,
                below.replace("sparql-auth-graph-crud", "sparql-graph-crud-auth"),
                beside + "/store",
                beside + "/data",
            ]
            probe = terms.part_of_release("none", "probe")
            self._stores = [address for address in tried if self._post(address, probe, b"", seconds) is None][:1]
        if not self._stores:
            return False
        if (trouble := self._post(self._stores[0], graph, triples, seconds)) is not None:
            raise trouble
        return True

    def _post(self, address: str, graph: str, triples: bytes, seconds: float) -> EngineFailed | None:
        """Post triples to a graph; return what went wrong. They are sent as Turtle, which every such server reads."""
        headers = {"Content-Type": "text/turtle", "User-Agent": "answerable"}
        request = urllib.request.Request(f"{address}?graph={quote(graph, safe='')}", triples, headers)
        kind, realm = self._auth
        handlers: list[urllib.request.BaseHandler] = []
        if self._user[0] and kind == BASIC:
            secret = base64.b64encode(":".join(self._user).encode()).decode()
            request.add_header("Authorization", f"Basic {secret}")
        elif self._user[0]:
            known = urllib.request.HTTPPasswordMgr()
            known.add_password(realm, address, *self._user)
            handlers.append(urllib.request.HTTPDigestAuthHandler(known))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=seconds) as response:
                return None if 200 <= response.status < 300 else self._refused(response.status, b"")
        except urllib.error.HTTPError as error:
            return self._refused(error.code, error.read(2000))
        except TimeoutError:
            return _late()
        except (OSError, http.client.HTTPException) as error:
            return self._broken(error)

    def _find(self, service: str, seconds: float) -> str:
        """Find the address of a service: the one given, or one beside or beneath it where servers commonly have it."""
        if service in self._addresses:
            return self._addresses[service]
        beside = self.url.rpartition("/")[0]
        beneath = self.url.rstrip("/")
        if service == "query":
            tried = [self.url, beneath + "/query", beneath + "/sparql"]
        else:
            tried = [self._find("query", seconds)]
            beside = tried[0].rpartition("/")[0]
            tried += [beside + "/update", beneath + "/update", tried[0] + "/statements", beneath + "/sparql-auth"]
        trouble: EngineFailed | None = None
        for address in dict.fromkeys(tried):
            try:
                if service == "query":
                    _read_rows(self._exchange(address, "ASK {}", ROWS, seconds, 1 << 20))
                else:
                    probe = (
                        f"DELETE WHERE {{ GRAPH <{terms.HELD}> {{ <{terms.HELD}> <{_PROV}value> <{terms.HELD}> }} }}"
                    )
                    self._exchange(address, probe, "*/*", seconds, 1 << 20, update=True)
            except EngineTimeout:
                raise
            except EngineFailed as error:
                trouble = trouble or error
                continue
            return self._addresses.setdefault(service, address)
        assert trouble is not None
        raise EngineFailed(
            f"The engine offers no SPARQL {service} here: {trouble.message}",
            where=self.url,
            hint=f"Give the address of its SPARQL {service} service"
            + (", and let its user write" if service == "update" else ""),
        )

    def _exchange(
        self, address: str, text: str, accept: str, seconds: float, max_bytes: int, *, update: bool = False
    ) -> bytes:
        """Send a text and read the whole answer; EngineFailed or EngineTimeout, with the cause, when there is none."""
        end = time.monotonic() + seconds
        for attempt in (1, 2):
            try:
                response = self._call(address, text, accept, seconds, update=update).query().response
                self.server = response.headers.get("Server", "").strip() or self.server
                if update:
                    return b""
                if response.status != 200:
                    raise EngineFailed(f"The engine answered with the status {response.status}")
                _check_head(response.headers, accept)
                return _read_body(response, accept, end, max_bytes)
            except Unauthorized as error:
                challenge = getattr(error.__context__, "headers", {}).get("WWW-Authenticate", "")
                realm = re.search(r'(?i)digest .*realm="([^"]*)"', challenge)
                if attempt == 2 or not realm or not self._user[0]:
                    raise EngineFailed("The engine does not let us in", where=self.url) from None
                self._auth = (DIGEST, realm[1])
            except SPARQLWrapperException as error:
                raise self._refused(getattr(error.__context__, "code", 400), _said(error)) from None
            except urllib.error.HTTPError as error:
                raise self._refused(error.code, error.read(2000)) from None
            except TimeoutError:
                raise _late() from None
            except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
                raise self._broken(error) from None
        raise AssertionError

    def _call(self, address: str, text: str, accept: str, seconds: float, *, update: bool) -> SPARQLWrapper:
        call = SPARQLWrapper(address, updateEndpoint=address, returnFormat=JSON, agent="answerable")
        call.setMethod(POST)
        call.setOnlyConneg(True)
        call.setTimeout(max(1, math.ceil(seconds)))
        call.addCustomHttpHeader("Accept", accept)
        # The kind of the text is known; left to guess it from the words, the wrapper may take a query for an update.
        call.queryString, call.queryType = text, "INSERT" if update else "SELECT"
        if self._user[0]:
            kind, realm = self._auth
            call.setHTTPAuth(kind)
            call.setCredentials(*self._user, realm=realm)
        return call

    def _refused(self, status: int, body: bytes) -> EngineFailed:
        text = body.decode("utf-8", "replace")
        said = " ".join((text.strip().splitlines() or [""])[0].split())[:200]
        if status in (408, 504) or status >= 500 and _TIMED_OUT.search(text[:2000]):
            return EngineTimeout(
                f"The engine ended the request at its own time limit ({status} {said})", where=self.url
            )
        return EngineFailed(f"The engine refused the request ({status} {said})".replace(" )", ")"), where=self.url)

    def _broken(self, error: Exception) -> EngineFailed:
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            return _late()
        if isinstance(error, http.client.IncompleteRead):
            return EngineFailed("The engine's answer was cut off", where=self.url)
        if isinstance(cause, ConnectionRefusedError):
            return EngineFailed("The engine is not there (connection refused)", where=self.url, hint="Start it")
        said = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        return EngineFailed(f"The exchange with the engine broke off ({said})", where=self.url)


def _late() -> EngineTimeout:
    return EngineTimeout("The engine did not answer in time", hint="Ask for less at a time")


def _said(error: SPARQLWrapperException) -> bytes:
    """Take the server's own words out of the wrapper's error, which shows them as Python would write them."""
    found = re.search(r"Response:\n(b['\"].*)", str(error), re.DOTALL)
    return ast.literal_eval(found[1]) if found else b""


def _check_head(headers: http.client.HTTPMessage, accept: str) -> None:
    for name in _CUT:
        if name in headers:
            raise EngineFailed(f"The engine cut its answer short ({name}: {headers[name][:80]})")
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise EngineFailed("The engine packed its answer, which nobody asked for")
    media_type = headers.get_content_type() if "Content-Type" in headers else "no media type"
    if media_type not in _TYPES[accept]:
        raise EngineFailed(f"The engine answered with {media_type[:80]} instead of {accept}")


def _read_body(response: http.client.HTTPResponse, accept: str, end: float, max_bytes: int) -> bytes:
    """Read to the end that HTTP gave the answer; rows without one show their end themselves, triples do not."""
    framed = response.length is not None or response.chunked
    if not framed and accept != ROWS:
        raise EngineFailed("The engine's answer has no length, so that nobody could tell whether it is whole")
    body = bytearray()
    while chunk := response.read1(1 << 16):
        body += chunk
        if len(body) > max_bytes:
            response.close()
            raise too_large(f"{max_bytes} bytes")
        if time.monotonic() > end:
            response.close()
            raise _late()
    if response.length:  # fewer bytes came than were announced
        raise EngineFailed("The engine's answer was cut off")
    return bytes(body)


def _read_rows(body: bytes) -> dict[str, Any]:
    """Read an answer in SPARQL JSON through, and mend what servers write otherwise than the standard says."""
    try:
        answer = json.loads(body)
        if isinstance(answer.get("boolean"), bool) and "results" not in answer:
            return {"head": {}, "boolean": answer["boolean"]}
        names = answer["head"]["vars"]
        rows = [{name: _mend(term) for name, term in row.items()} for row in answer["results"]["bindings"]]
        if not all(isinstance(name, str) for name in names) or any(row.keys() - set(names) for row in rows):
            raise ValueError("a column of no name")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        start = body[:80].decode("utf-8", "replace")
        raise EngineFailed(f"The engine's answer is not whole, or is no SPARQL JSON (it begins {start!r})") from None
    return {"head": {"vars": names}, "results": {"bindings": rows}}


def _mend(term: dict[str, Any]) -> dict[str, str]:
    """Write a term as SPARQL 1.1 JSON has it. The only place in which a value of a server's is changed.

    Virtuoso calls a literal with a datatype `typed-literal` (as the 2007 draft did) and writes booleans as 1 and 0.
    """
    kind, value = term["type"], term["value"]
    if kind not in _KINDS or not isinstance(value, str):
        raise ValueError("no term")
    if kind in ("uri", "bnode"):
        return {"type": kind, "value": value}
    datatype, language = term.get("datatype"), term.get("xml:lang")
    if datatype == _XSD + "boolean":
        value = {"1": "true", "0": "false"}.get(value, value)
    mended = {"type": "literal", "value": value}
    if language:
        mended["xml:lang"] = language
    elif datatype and datatype != _XSD + "string":
        mended["datatype"] = datatype
    return mended

"""A client of any SPARQL 1.1 server: queries, updates and the Graph Store Protocol.

Guarantees that an answer is passed on only if it is known to be whole: framed by HTTP or by its own syntax, of the media type
that was asked for, without a sign that the server cut it, and well formed. An error never tells the server's address to clients.
"""

import asyncio
import json
import re
from collections.abc import Generator
from typing import Any, Self
from urllib.parse import quote

import httpx

from kg import store, terms
from kg.errors import ConfigError, EngineFailed, EngineTimeout, SourceError
from kg.sparql.rewrite import COPY
from kg.store import LIMITS, Limits, Serialized
from kg.store.results import too_large
from kg.wording import say

ROWS = "application/sparql-results+json"
TRIPLES = "application/n-triples"
_TYPES = {ROWS: {ROWS, "application/json"}, TRIPLES: {TRIPLES}}
# What Virtuoso adds to an answer that it cut at its time limit ("anytime") or at its row limit.
_CUT = ("x-sql-state", "x-sparql-anytime", "x-sparql-maxrows")
_TIMED_OUT = re.compile(r"S1T00|timed? ?out|time limit", re.IGNORECASE)
_BOOLEAN = terms.PREFIXES["xsd"] + "boolean"
_SERVICES = {
    "query": "SPARQL query service",
    "update": "SPARQL update service, or none that this user may write to",
    "store": "Graph Store Protocol, or none that this user may write to",
}
# Where servers have a service: Oxigraph, Fuseki, RDF4J and Virtuoso; the others lie beside the query service.
_PLACES = {
    "query": ("{url}", "{beneath}/query", "{beneath}/sparql"),
    "update": ("{query}", "{parent}/update", "{beneath}/update", "{query}/statements", "{parent}/sparql-auth"),
    "store": (
        *("{parent}/store", "{parent}/data", "{query}-graph-crud", "{parent}/sparql-graph-crud-auth"),
        "{query}/rdf-graphs/service",
    ),
}


class Server:
    """A SPARQL 1.1 server, by the address of its query service or of what lies above it.

    The addresses of its services are found on first use. `seconds` bound each request as a whole. Leaving its context closes its
    connections.
    """

    def __init__(self, url: str, seconds: float = 3600.0) -> None:
        try:
            address = httpx.URL(url)
        except httpx.InvalidURL as error:
            hint = "Give http://HOST:PORT/PATH"
            raise ConfigError(f"{url!r} is no address of a server ({error})", where="engine", hint=hint) from None
        self.url = str(address.copy_with(userinfo=b"", fragment=None))
        self._seconds = seconds
        self._addresses: dict[str, str] = {}
        # The caller bounds how many requests there are at once.
        self._client = httpx.AsyncClient(
            auth=_Login(address.username, address.password) if address.username else None,
            timeout=None,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
            headers={"User-Agent": "answerable"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def query(self, text: str, accept: str, *, graph: str | None = None, max_bytes: int = 1 << 40) -> bytes:
        """Ask a query of one graph, or of the whole; return the ROWS, for `read_rows`, or the TRIPLES as they came."""
        form = {"query": text} | ({} if graph is None else {"default-graph-uri": graph})
        return await self._request("query", "POST", accept=accept, max_bytes=max_bytes, data=form)

    async def ask(self, text: str, *, graph: str | None = None) -> bool:
        """Ask an ASK of one graph, or of the whole."""
        answer = read_rows(await self.query(text, ROWS, graph=graph), "ASK")
        return bool(json.loads(answer.body)["boolean"])

    async def select(self, text: str, *, graph: str | None = None) -> list[dict[str, str]]:
        """Ask a SELECT of one graph, or of the whole; return the values of its rows by variable."""
        answer = read_rows(await self.query(text, ROWS, graph=graph), "SELECT")
        rows = json.loads(answer.body)["results"]["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in rows]

    async def put(self, graph: str, triples: bytes, *, method: str = "PUT") -> None:
        """Make Turtle the content of a graph, or by POST add it to that (Graph Store Protocol, 5.3 and 5.5)."""
        where, headers = f"?graph={quote(graph, safe='')}", {"Content-Type": "text/turtle"}
        await self._request("store", method, where=where, content=triples, headers=headers)

    async def drop(self, graph: str) -> None:
        """Remove a graph (SPARQL 1.1 Update, 3.2.2); nothing happens when there is none."""
        await self._request("update", "POST", data={"update": f"DROP SILENT GRAPH <{graph}>"})

    async def _request(self, service: str, method: str, *, where: str = "", **sent: Any) -> bytes:
        """Send a request to a service; on first use try the addresses at which servers commonly have it."""
        if service in self._addresses:
            return await self._exchange(method, self._addresses[service] + where, **sent)
        if service != "query":
            await self.ask("ASK {}")  # the others are sought beside it
        errors = []
        query = self._addresses.get("query", self.url)
        parts = {"url": self.url, "beneath": self.url.rstrip("/"), "query": query, "parent": query.rpartition("/")[0]}
        for address in dict.fromkeys(place.format(**parts) for place in _PLACES[service]):
            try:
                answer = await self._exchange(method, address + where, **sent)
            except EngineTimeout:
                raise
            except EngineFailed as error:
                errors.append(error)
            else:
                self._addresses[service] = address
                return answer
        raise EngineFailed(
            f"The engine offers no {_SERVICES[service]}: {errors[0].message}",
            where=self.url,
            hint=errors[0].hint or "Give the address of its SPARQL query service",
        )

    async def _exchange(
        self, method: str, address: str, *, accept: str = "*/*", max_bytes: int = 1 << 20, **sent: Any
    ) -> bytes:
        """Send a request and read the whole answer; raises EngineFailed or EngineTimeout with the cause."""
        headers = {"Accept": accept, "Accept-Encoding": "identity", **sent.pop("headers", {})}
        has_begun = False
        try:
            async with asyncio.timeout(self._seconds):
                async with self._client.stream(method, address, headers=headers, **sent) as response:
                    if not response.is_success:
                        raise self._refused(response.status_code, await _read_body(response, 2000))
                    if accept == "*/*":
                        return b""
                    if response.status_code != 200:
                        raise EngineFailed(f"The engine answered with the status {response.status_code}")
                    _check_head(response.headers, accept)
                    has_begun = True
                    body = await _read_body(response, max_bytes)
                    if len(body) > max_bytes:
                        raise too_large(f"{max_bytes} bytes")
                    return body
        except TimeoutError:
            raise EngineTimeout("The engine did not answer in time", hint="Ask for less at a time") from None
        except httpx.ConnectError as error:
            raise EngineFailed(f"The engine cannot be reached ({error})", where=self.url, hint="Start it") from None
        except httpx.HTTPError as error:
            event = "The engine's answer was cut off" if has_begun else "The exchange with the engine broke off"
            raise EngineFailed(f"{event} ({error or type(error).__name__})", where=self.url) from None

    def _refused(self, status: int, body: bytes) -> EngineFailed:
        text = body.decode("utf-8", "replace")
        first_line = text.strip().partition("\n")[0]
        reason = " ".join([str(status), *first_line.split()])[:200]
        if status == 401:
            return EngineFailed("The engine does not let us in", where=self.url, hint="Give http://USER:PASSWORD@HOST")
        if status in (408, 504) or status >= 500 and _TIMED_OUT.search(text):
            return EngineTimeout(f"The engine ended the request at its own time limit ({reason})", where=self.url)
        return EngineFailed(f"The engine refused the request ({reason})", where=self.url)


class _Login(httpx.Auth):
    """A user and a password, given as the server's challenge wants: Digest if it offers that, else Basic."""

    def __init__(self, user: str, password: str) -> None:
        self._digest, self._basic = httpx.DigestAuth(user, password), httpx.BasicAuth(user, password)
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request as it is until a server has challenged once."""
        if self._chosen is None:
            response = yield request
            if response.status_code != 401:
                return
            challenges = response.headers.get("WWW-Authenticate", "").lower()
            self._chosen = self._digest if "digest" in challenges else self._basic
        yield from self._chosen.auth_flow(request)


def read_rows(body: bytes, form: str, format: str = "json", limits: Limits = LIMITS) -> Serialized:
    """Read an answer to a SELECT or an ASK in SPARQL JSON through, and write it in a format.

    Raises EngineFailed where it is none, and AnswerTooLarge.
    """
    try:
        mended = json.dumps(_without_copies(json.loads(body, object_hook=_mend)), ensure_ascii=False).encode()
        answer = store.transcribe(mended, format, limits)
    except (ValueError, RecursionError, SourceError, AttributeError, LookupError, TypeError):
        start = body[:80].decode("utf-8", "replace")
        raise EngineFailed(f"The engine's answer is not whole, or is no SPARQL JSON (it begins {start!r})") from None
    if answer.kind != form.lower():
        raise EngineFailed(
            say("The engine answered %(form)s as if it were %(answer)s", form=form, answer=answer.kind.upper())
        )
    return answer


def _mend(term: dict[str, Any]) -> dict[str, Any]:
    """Write a boolean as XML Schema's canonical form has it, where Virtuoso writes 1 and 0: the only value that is changed."""
    if term.get("datatype") == _BOOLEAN and term.get("value") in ("0", "1"):
        term["value"] = "true" if term["value"] == "1" else "false"
    return term


def _without_copies(answer: Any) -> Any:
    """Take the columns out of an answer that belong to the copies of graphs, which SELECT * gives too."""
    if any(name.startswith(COPY) for name in answer["head"].get("vars", ())):
        answer["head"]["vars"] = [name for name in answer["head"]["vars"] if not name.startswith(COPY)]
        for row in answer["results"]["bindings"]:
            for name in [name for name in row if name.startswith(COPY)]:
                del row[name]
    return answer


def _check_head(headers: httpx.Headers, accept: str) -> None:
    for name in _CUT:
        if name in headers:
            raise EngineFailed(f"The engine cut its answer short ({name}: {headers[name][:80]})")
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise EngineFailed("The engine compressed its answer, which was not asked for")
    media_type = headers.get("Content-Type", "no media type").partition(";")[0].strip().lower()
    if media_type not in _TYPES[accept]:
        raise EngineFailed(f"The engine answered with {media_type[:80]} instead of {accept}")
    # Rows show by themselves where they end, triples do not.
    if accept != ROWS and "Content-Length" not in headers and "Transfer-Encoding" not in headers:
        raise EngineFailed("The engine's answer has no length, so that nobody could tell whether it is whole")


async def _read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """Read a body to its end, or until it has more than so many bytes."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_bytes:
            break
    return bytes(body)

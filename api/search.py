"""The search for things by their labels, descriptions and paraphrases. Short: it is one page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api import negotiate, rows, templates
from api.negotiate import HTML, JSON
from api.responses import About, opened_of, prefix_of, reader_of, serve, write_json
from kg import terms
from kg.terms import Literal

MOST_WORDS = 5  # that one search looks for


async def search(request: Request) -> Response:
    """Answer /search?q=: the things whose texts have every word."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    wanted = request.query_params.get("q", "")[:200]
    words = wanted.lower().split()[:MOST_WORDS]
    reader = reader_of(request)

    async def make() -> bytes:
        found = []
        if words:
            bindings = {f"w{n + 1}": Literal(words[n] if n < len(words) else "") for n in range(MOST_WORDS)}
            found = rows.gather(await reader.ask("search", **bindings), "thing", "text")[:100]
        page = await reader.page(prefix_of(request), found)
        if offer is HTML:
            about = About(f"Search: {wanted}" if wanted else "Search", terms.BASE + "search")
            return templates.fill("search.html", page=page, about=about, wanted=wanted, found=found)
        results = [
            {"id": row["thing"], "label": page.name(row["thing"]), "text": row["text"], "href": page.path(row["thing"])}
            for row in found
        ]
        return write_json({"q": wanted, "results": results, "release": opened_of(request).id})

    return await serve(request, offer, make)

"""The vocabulary as documents: the ontology and its modules, the shapes, and the versions of both.

What is sent stands by itself: one header, labels of RDF Schema beside those of SKOS, and nothing of ours to be fetched first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.http import negotiate
from api.http.negotiate import GRAPHS, HTML
from api.http.responses import About, alternates, opened_of, prefix_of, reader_of, serve
from api.render import rows
from api.render.diagram import draw
from api.render.documents import describe
from api.render.page import Reader
from api.routers import dictionary, jsonld
from api.routers.jsonld import JSONLD
from kg import catalogue, terms
from kg.errors import UnknownName
from kg.languages import N_
from kg.wording import say

FORMS = (HTML, *GRAPHS)
HEADER = "answerable"  # the file that describes the others
HOUSE = "house"  # the shapes that judge the vocabulary itself
TITLES = {
    "/ontology": N_("The ontology"),
    "/shapes": N_("The shapes"),
    "/shapes/house": N_("The shapes of the vocabulary"),
}
# What a document says of itself by, and the ontology does not: declared beside it, for tools that read OWL.
OF_DOCUMENTS = ("foaf:primaryTopic", "void:inDataset", "prov:wasDerivedFrom", "prov:generatedAtTime")

Page = Callable[[Reader, About], Awaitable[bytes]]


async def ontology(request: Request) -> Response:
    """Answer /ontology, whole with its schemes, and /ontology/<module>; a version IRI sends to what it is the version of."""
    module, suffix = _asked(request, "module")
    stem = f"{terms.GRAPH}ontology/{module}"
    graphs = [name for name in opened_of(request).graphs if name == stem or not module and name.startswith(stem)]
    path = f"/ontology/{module}" if module else "/ontology"
    if not graphs or module.endswith("/"):
        return await _version(request, path, suffix)

    async def page(reader: Reader, about: About) -> bytes:
        iri, found = about.canonical, await reader.ask("terms")
        if module:
            found = [row for row in found if row["module"] == iri]
        listed = rows.gather(found, "term", "parent", "domain", "range", "scheme", "notation", "instead")
        told = {"about": about, "iri": iri, "terms": listed, "whole": not module, "diagram": draw(listed)}
        return await reader.fill("ontology.html", found, also=[iri], **told)

    async def data(format: str) -> bytes:
        return await _document(request, path, graphs, format)

    return await _send(request, path, suffix, page, data)


async def shapes(request: Request) -> Response:
    """Answer /shapes, what data must obey, and /shapes/house, what the vocabulary must; a version IRI sends to either."""
    part, suffix = _asked(request, "part")
    path = f"/shapes/{part}" if part else "/shapes"
    start, header, house = (f"{terms.GRAPH}shapes/{name}" for name in ("", HEADER, HOUSE))
    graphs = [
        name
        for name in opened_of(request).graphs
        if name.startswith(start) and (name == header or (name == house) == (part == HOUSE))
    ]
    if not graphs or part not in ("", HOUSE):
        return await _version(request, path, suffix)

    async def page(reader: Reader, about: About) -> bytes:
        known = await dictionary.read(reader)
        also = {iri for part in known.parts for iri in (*part.classes, *part.having)}
        return await reader.fill("shapes.html", also=also, about=about, known=known, house=bool(part))

    async def data(format: str) -> bytes:
        return await _document(request, path, graphs, format)

    return await _send(request, path, suffix, page, data)


async def _document(request: Request, path: str, graphs: Sequence[str], format: str) -> bytes:
    iri, reader = terms.BASE + path[1:], reader_of(request)
    declared = {
        catalogue.iri(name).value: {"rdf:type": catalogue.iri("owl:AnnotationProperty")} for name in OF_DOCUMENTS
    }
    declared |= {catalogue.iri("foaf:Document").value: {"rdf:type": catalogue.iri("owl:Class")}}
    return await reader.document(iri, graphs, format, describe(reader.opened.release, path, iri, format) | declared)


def _asked(request: Request, name: str) -> tuple[str, str | None]:
    """Read the part of the vocabulary that an address names, and the suffix."""
    part, suffix = negotiate.split_suffix(request.path_params.get(name, ""), FORMS)
    return part, suffix or request.path_params.get("suffix")


async def _version(request: Request, path: str, suffix: str | None) -> Response:
    """Send a version IRI to the document it is a version of; a version before, to the terms that went with it."""
    for row in await reader_of(request).ask("versions"):
        ways = {row["version"]: row["ontology"], row["before"]: f"{terms.ONTOLOGY}/deprecated"}
        if there := ways.get(terms.BASE + path[1:]):
            address = "/" + there.removeprefix(terms.BASE) + (f".{suffix}" if suffix else "")
            return RedirectResponse(prefix_of(request) + address, 303)
    raise UnknownName(
        say("There is no %(path)s here", path=path[:80]),
        hint=say("/ontology, /shapes, /scheme and /graph list what there is"),
    )


async def _send(
    request: Request, path: str, suffix: str | None, page: Page, data: Callable[[str], Awaitable[bytes]]
) -> Response:
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix)
    about = About(TITLES.get(path, path[1:]), terms.BASE + path[1:], alternates(path, GRAPHS))

    async def make() -> bytes:
        if offer is HTML:
            return await page(reader_of(request), about)
        written = await data(offer.name)
        return await jsonld.write(request, written, about.canonical) if offer is JSONLD else written

    return await serve(request, offer, make, about=about, told=jsonld.address(request) if offer is JSONLD else "")

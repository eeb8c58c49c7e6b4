"""The files that pages load: stylesheets and script of this project, and the editor from its package.

An address made by `path` names the content of its file, so that a browser can cache it for good. Only the listed files are
sent. The editor's package is installed at set-up and may be missing; then `path` returns None for its files.
"""

import hashlib
import os
from functools import cache
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

API = Path(__file__).parent.parent
TEMPLATES, STATIC = API / "templates", API / "static"
PACKAGE = STATIC / "node_modules" / "@zazuko" / "yasgui" / "build"
# The name in the address, and the file: nothing that is not listed here is sent.
FILES = {
    "style.css": STATIC / "style.css",
    "suggest.js": STATIC / "suggest.js",
    "copy.js": STATIC / "copy.js",
    "editor.css": STATIC / "editor.css",
    "editor.js": STATIC / "editor.js",
    "editor-licences.txt": STATIC / "editor-licences.txt",
    "yasgui.css": PACKAGE / "yasgui.min.css",
    "yasgui.js": PACKAGE / "yasgui.min.js",
}
EDITOR = ("yasgui.css", "editor.css", "yasgui.js", "editor.js", "editor-licences.txt")


def path(name: str) -> str | None:
    """Write the path of a file, with a fingerprint of its content; None where the file is not installed."""
    return f"/static/{name}?v={fingerprint(name)}" if fingerprint(name) else None


@cache
def fingerprint(name: str) -> str | None:
    """Fingerprint a file's content as it was when first asked for; None where the file is not installed."""
    try:
        return hashlib.sha256(FILES[name].read_bytes()).hexdigest()[:12]
    except FileNotFoundError:
        return None


def editor() -> dict[str, str] | None:
    """Write the addresses of the files the editor needs, by name; None where one is not installed."""
    addresses = {name: address for name in EDITOR if (address := path(name)) is not None}
    return addresses if len(addresses) == len(EDITOR) else None


class Files(StaticFiles):
    """Sends the listed files: cached for good under the address that names their content, revalidated under any other."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a listed file by its name; no other file is sent."""
        file = FILES.get(path)
        return (str(file), file.stat()) if file and file.is_file() else ("", None)

    def file_response(
        self, full_path: os.PathLike | str, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Send a file, or 304, with how long it may be cached."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        version = QueryParams(scope["query_string"]).get("v")
        is_named = version and version == fingerprint(self.get_path(scope))
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_named else "public, no-cache"
        return response

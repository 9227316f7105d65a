"""The page's files: read once at the start, a handful of them; so no path of a stranger's ever meets a disk."""

import hashlib
from importlib import resources
from typing import Final

import msgspec
from aiohttp import web

from ..errors import NotThere
from .house import pressed

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}


class File(msgspec.Struct, frozen=True):
    """One of them."""

    content: bytes
    pressed: bytes
    kind: str
    etag: str


class Page:
    """The handlers."""

    def __init__(self, files: dict[str, File]) -> None:
        self._files = files

    async def index(self, request: web.Request) -> web.StreamResponse:
        """GET /, and /first: one document; what it shows stands behind the #."""
        return self._file(request, "index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """GET /page/{name}."""
        return self._file(request, request.match_info["name"])

    def _file(self, request: web.Request, name: str) -> web.StreamResponse:
        file = self._files.get(name)
        if file is None:
            raise NotThere("there is no such file")
        headers = {"ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if file.etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        content = file.content
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            content, headers["Content-Encoding"] = file.pressed, "gzip"
        return web.Response(body=content, headers=headers | {"Content-Type": file.kind})


def files() -> dict[str, File]:
    """Read them all. Blocking."""
    folder = resources.files("consumers.dashboard") / "page"
    found = {}
    for one in folder.iterdir():
        kind = _TYPES.get(one.name.rpartition(".")[2])
        if kind is not None and one.is_file():
            content = one.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
            found[one.name] = File(content, pressed(content), kind, etag)
    return found

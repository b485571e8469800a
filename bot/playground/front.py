"""The playground's page over HTTP: the page itself, its files, the bot's uploads, and the feed."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.playground.feed import Feed
from bot.playground.workspace import Workspace

PAGE: Final = Path(__file__).parent / "page"
IMPORT_MAP: Final = re.compile(r'<script\b[^>]*\btype="importmap"[^>]*>(.*?)</script>', re.DOTALL)
INLINE: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")  # else downloads
GUARDED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def register(app: web.Application, workspace: Workspace, feed: Feed) -> None:
    """Add the page's routes."""
    app.router.add_get("/", _index)
    app.router.add_get("/page/feed", feed.open)
    app.router.add_get("/files/{id}", _file(workspace))
    app.router.add_get("/page/{name:.+}", _asset)


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers tell the browser to trust nothing in them that is not ours."""
    response = await handler(request)
    if not response.prepared:
        response.headers.update(GUARDED)
    return response


async def _index(request: web.Request) -> web.StreamResponse:
    return _shown(request, PAGE / "index.html")


async def _asset(request: web.Request) -> web.StreamResponse:
    """A file of the page; only what lies below its folder."""
    file = (PAGE / request.match_info["name"]).resolve()
    if not file.is_relative_to(PAGE.resolve()) or not file.is_file():
        raise web.HTTPNotFound(text="There is no such file on the page.")
    return _shown(request, file)


def _shown(request: web.Request, file: Path) -> web.StreamResponse:
    """A file, asked for again whenever it has changed; a document with its policy."""
    if not file.is_file():
        raise web.HTTPNotFound(text="This installation lacks the page.")
    response = web.FileResponse(file, headers={"Cache-Control": "no-cache"})
    if file.suffix == ".html":
        response.headers["Content-Security-Policy"] = policy(file.read_text("utf-8"), request.host)
    return response


def policy(document: str, host: str) -> str:
    """What a document of ours may load: our own files, and of inline scripts only its import map.

    >>> policy('<script type="importmap">{}</script>', "127.0.0.1:1").split("; ")[1]
    "script-src 'self' 'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o='"
    """
    digests = [hashlib.sha256(found.encode()).digest() for found in IMPORT_MAP.findall(document)]
    maps = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *maps]),
            "style-src 'self' 'unsafe-inline'",  # charts set the style of their own elements
            "img-src 'self' data: blob:",
            "font-src 'self'",
            f"connect-src 'self' ws://{host}",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _file(workspace: Workspace) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        """An upload of the bot, as it was sent: a picture or PDF to look at, all else to keep."""
        file = workspace.files.get(request.match_info["id"])
        if file is None or not file.content:
            raise web.HTTPNotFound(text="There is no such file.")
        inline = file.mimetype in INLINE and "download" not in request.query
        kept = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(file.name, safe='')}"
        headers = {"Content-Disposition": kept, "Cache-Control": "private", "Content-Type": file.mimetype}
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'self'"
        return web.Response(body=file.content, headers=headers)

    return serve

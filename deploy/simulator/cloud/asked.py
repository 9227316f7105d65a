"""What handlers read from a request, and the ways in which it may be wrong. Pure but for the body, which is awaited."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from .cloud import Cloud
from .errors import bad_request, token_refused


def user_of(cloud: Cloud, request: web.Request) -> str:
    """Return whose access token the request carries; empty for the administrator. Raises RequestRefused."""
    held = cloud.access_tokens.find(request.headers.get("X-Access-Token", ""))
    if held is None:
        raise token_refused()
    return held.holder


def page(request: web.Request, items: list[dict[str, object]], *, most: int = 500) -> dict[str, object]:
    """Return one page of `items` as the lists show it. Raises RequestRefused for a limit that is too large."""
    offset, limit = number(request, "offset", 0), number(request, "limit", 20)
    if not 1 <= limit <= most:
        raise bad_request("limit")
    return {"offset": offset, "limit": limit, "count": len(items), "data": items[offset : offset + limit]}


def number(request: web.Request, name: str, default: int) -> int:
    """Return a whole number of the query, from 0 on. Raises RequestRefused."""
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise bad_request(name)
    return int(text)


def needed(words: Mapping[str, str], name: str) -> str:
    """Return a word of a query or of headers that must be there. Raises RequestRefused."""
    word = words.get(name)
    if not word:
        raise bad_request(name)
    return word


async def body_of(request: web.Request) -> dict[str, Any]:
    """Return a JSON object. Raises RequestRefused."""
    try:
        body = msgspec.json.decode(await request.read())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_request("body") from None
    if not isinstance(body, dict):
        raise bad_request("body")
    return body

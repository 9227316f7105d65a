"""What every request goes through: who asks, whether a write is his own, an answer's headers, how errors look."""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from schemas.api.shape import Problem
from schemas.settings import Dashboard

from ..access.door import Entered
from ..access.sessions import LASTS_S
from ..errors import DashboardError, NotLoggedIn, Refused
from .house import ENTERED, House

# Nothing but our own files; no inline script or style; no string becomes markup.
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "meetwire",
}
_HSTS: Final = "max-age=31536000"
_READS: Final = frozenset({"GET", "HEAD"})

Served = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Surroundings:
    """What a proxy adds to a request, where one is trusted."""

    def __init__(self, settings: Dashboard) -> None:
        self._settings = settings
        self._networks = [ip_network(one) for one in settings.proxy_from]

    def peer(self, request: web.Request) -> str:
        """Return the address of who asks: the last of X-Forwarded-For that is none of our proxies."""
        nearest = request.remote or ""
        hops = [
            _without_port(one.strip()) for one in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        ]
        while hops and self.is_proxy(nearest):
            hop = hops.pop()
            # What stands left of what no proxy of ours says, anybody may have written.
            if not _is_address(hop):
                break
            nearest = hop
        return nearest

    def is_secure(self, request: web.Request) -> bool:
        """Whether it came over TLS, as far as anybody says."""
        settings = self._settings
        if settings.tls_certificate_file is not None or (settings.public_url or "").startswith("https:"):
            return True
        told = request.headers.get("X-Forwarded-Proto", "")
        return self.is_proxy(request.remote or "") and told.strip().lower() == "https"

    def is_proxy(self, address: str) -> bool:
        """Whether that is a proxy whose word counts."""
        return _is_address(address) and any(ip_address(address) in network for network in self._networks)

    def cookie_name(self, request: web.Request) -> str:
        """Return the cookie's name: over TLS one that a browser takes from this very host alone (RFC 6265bis)."""
        return "__Host-meetwire" if self.is_secure(request) else "meetwire"

    def refuse_foreign(self, request: web.Request) -> None:
        """Refuse a write that another site's page sends. Raises Refused.

        Ours is what the browser asked for: by its Host, or as the proxy or the settings say where that is another.
        """
        origin = request.headers.get("Origin")
        if origin is None or origin == self._settings.public_url:
            return
        hosts = (request.headers.get("Host"), request.headers.get("X-Forwarded-Host"))
        if origin.partition("://")[2] not in hosts:
            raise Refused("another site's page sent this", error="csrf")

    def give(self, request: web.Request, response: web.StreamResponse, value: str, max_age: int) -> None:
        """Set the session's cookie."""
        response.set_cookie(
            self.cookie_name(request),
            value,
            max_age=max_age,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self.is_secure(request),
        )


def errors_told(house: House, around: Surroundings) -> Middleware:
    """Return the middleware that gives every answer its headers, and every error its form."""

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except DashboardError as error:
            response = problem(error)
        except web.HTTPException as error:
            response = _http_problem(error)
        except ConnectionError:
            raise
        except Exception as error:
            # No traceback: what an error says may quote what was asked.
            house.logger.error("service.failed", kind=type(error).__name__, where=raised_at(error))  # noqa: TRY400
            response = _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "a fault of ours; it is in the log")
        dress(request, response, around)
        return response

    return told


def dress(request: web.Request, response: web.StreamResponse, around: Surroundings) -> None:
    """Give an answer its headers, unless they are on their way already."""
    if response.prepared:
        return
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if around.is_secure(request):
        response.headers["Strict-Transport-Security"] = _HSTS


def known(house: House, around: Surroundings, serve: Served) -> Served:
    """Return a handler that is asked by somebody who is known, and writes at his own wish alone."""

    async def handler(request: web.Request) -> web.StreamResponse:
        entered = await _enter(house, around, request)
        if request.method not in _READS:
            _refuse_forged(request, entered, around)
        request[ENTERED] = entered
        response = await serve(request)
        if entered.cookie is not None and not response.prepared and not response.cookies:
            around.give(request, response, entered.cookie, max_age=LASTS_S)
        return response

    return handler


def problem(error: DashboardError) -> web.Response:
    """Return the answer that an error of ours causes."""
    response = _answer(error.status, error.word, str(error))
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, NotLoggedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def _enter(house: House, around: Surroundings, request: web.Request) -> Entered:
    name = house.settings.proxy_header
    return await house.door.who(
        authorization=request.headers.get("Authorization"),
        cookie=request.cookies.get(around.cookie_name(request)),
        # Twice: one of them came from outside; together they are no name.
        proxied=None if name is None else ",".join(request.headers.getall(name, [])) or None,
        peer=request.remote or "",
    )


def _refuse_forged(request: web.Request, entered: Entered, around: Surroundings) -> None:
    if entered.grant.csrf is None:
        return
    around.refuse_foreign(request)
    given = request.headers.get("X-CSRF-Token", "")
    if not hmac.compare_digest(entered.grant.csrf.encode(), given.encode("utf-8", "surrogateescape")):
        raise Refused("X-CSRF-Token is missing or not this session's", error="csrf")


def _http_problem(error: web.HTTPException) -> web.StreamResponse:
    words = {404: ("missing", "there is no such address"), 405: ("method", "not in this way")}
    word, message = words.get(error.status, ("refused", error.reason))
    response = _answer(error.status, word, message)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _answer(status: int, word: str, message: str) -> web.Response:
    content: Any = Problem(error=word, message=message)
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")


def _without_port(text: str) -> str:
    """Return the address alone: some proxies add a port."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def raised_at(error: BaseException) -> str:
    """Return where it was raised, and nothing of what it says."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"

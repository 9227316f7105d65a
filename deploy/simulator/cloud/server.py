"""Let a cloud listen: one port for its REST calls and its sockets, every answer stamped by the cloud's clock."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ..address import is_loopback, require_loopback
from ..clock import Clock, RealClock
from ..errors import BadArguments
from .authentication import add_authentication
from .backstage import add_backstage
from .cloud import Cloud
from .conferences import add_conferences
from .errors import RequestRefused
from .faults import RestFault
from .life import Lives
from .measured import add_measured
from .options import CloudOptions
from .push_settings import add_push_settings
from .silence import close_the_silent
from .site_story import tell
from .subscription import add_socket
from .webhook import ENABLED, Webhook


@asynccontextmanager
async def running_cloud(
    options: CloudOptions | None = None, *, clock: Clock | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Cloud]:
    """Yield a cloud that listens, with `tls` or by the certificate of its options over HTTPS and WSS.

    Raises NotLoopback where it would listen beyond this machine and may not, BadArguments where it cannot listen.
    """
    chosen = options or CloudOptions()
    require_loopback(chosen.host, allow_remote=chosen.allow_remote)
    secured = tls or await asyncio.to_thread(_own_certificate, chosen)
    cloud = Cloud(chosen, clock or RealClock())
    webhook, lives = Webhook(cloud), Lives(cloud)
    cloud.told, cloud.began = webhook.told, lives.begin if chosen.lively else None
    runner = web.AppRunner(_application(cloud, webhook), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        if chosen.webhook is not None:
            await webhook.configure(chosen.webhook, ENABLED)
        cloud.url = await _listen(runner, chosen, secured)
        async with contextlib.AsyncExitStack() as stack:
            for work in (close_the_silent(cloud), lives.run()):
                await stack.enter_async_context(_kept_going(work))
            if chosen.site_story is not None:
                await stack.enter_async_context(_kept_going(tell(cloud, chosen.site_story)))
            yield cloud
    finally:
        cloud.cut_sockets()
        await runner.cleanup()
        await webhook.close()


async def _listen(runner: web.AppRunner, options: CloudOptions, tls: ssl.SSLContext | None) -> str:
    site = web.TCPSite(runner, options.host, options.port, ssl_context=tls, backlog=4_096)
    try:
        await site.start()
    except OSError as error:
        raise BadArguments(f"{options.host}:{options.port}: {error.strerror or error}") from None
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{'https' if tls else 'http'}://{host}:{runner.addresses[0][1]}"


def _application(cloud: Cloud, webhook: Webhook) -> web.Application:
    app = web.Application(middlewares=[_refusals, _faults(cloud)])
    add_authentication(app, cloud)
    add_conferences(app, cloud)
    add_measured(app, cloud)
    add_push_settings(app, cloud, webhook)
    add_socket(app, cloud)
    if is_loopback(cloud.options.host):
        add_backstage(app, cloud)

    async def stamp(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(cloud.clock.now(), usegmt=True)

    app.on_response_prepare.append(stamp)
    return app


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what is refused with the reference's error body."""
    try:
        return await handler(request)
    except RequestRefused as refused:
        body = {"error_code": refused.code, "error_msg": refused.words}
        return web.json_response(body, status=refused.status)


def _faults(cloud: Cloud) -> Middleware:
    @web.middleware
    async def faulty(request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = cloud.faults.of_request(request.path)
        if fault is None:
            return await handler(request)
        if fault.delay_s:
            await cloud.clock.sleep_until(cloud.clock.now() + timedelta(seconds=fault.delay_s))
        if fault.cut and request.transport is not None:
            request.transport.abort()
        return await handler(request) if fault.status is None else _faulty_answer(fault, fault.status)

    return faulty


def _faulty_answer(fault: RestFault, status: int) -> web.Response:
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    if fault.body is not None:
        return web.Response(status=status, headers=headers, body=fault.body)
    body = {"error_code": fault.code, "error_msg": "on demand"}
    return web.json_response(body, status=status, headers=headers)


def _own_certificate(options: CloudOptions) -> ssl.SSLContext | None:
    if options.certificate_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(options.certificate_file, options.key_file)
    except (OSError, ssl.SSLError) as error:
        raise BadArguments(f"no certificate can be read from {options.certificate_file}: {error}") from None
    return context


@asynccontextmanager
async def _kept_going(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do something beside the body, and end with it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

"""The REST calls that configure the enterprise push. Enterprise push reference, link-config and change-status."""

from typing import Final

from aiohttp import web

from ..errors import SimulatorError
from ..push import Subscriber
from .asked import body_of, needed, user_of
from .cloud import Cloud
from .errors import RequestRefused, bad_request
from .options import WebhookTarget
from .webhook import DISABLED, ENABLED, LOCKED, Registration, Webhook

_PATH: Final = "/v1/mmc/management/webhook/link-config"


def add_push_settings(app: web.Application, cloud: Cloud, webhook: Webhook) -> None:
    """Mount the four calls."""

    async def configure(request: web.Request) -> web.Response:
        user_of(cloud, request)
        body = await body_of(request)
        given = [body.get(name) for name in ("subscriberId", "subscriberKey", "url")]
        if not all(isinstance(word, str) and word for word in given):
            raise bad_request("subscriberId, subscriberKey, url")
        app_id, password, url = map(str, given)
        try:
            await webhook.configure(WebhookTarget(url=url, subscriber=Subscriber(app_id=app_id, password=password)))
        except SimulatorError:
            raise bad_request("url") from None
        # "200, no documented body".
        return web.Response()

    async def show(request: web.Request) -> web.Response:
        user_of(cloud, request)
        registration = webhook.registration
        if registration is None:
            return web.json_response({"returnCode": 0, "returnDesc": "SUCCESS"})
        shown = {"id": registration.id, "url": registration.target.url, "status": registration.status}
        more = {"returnCode": 0, "returnDesc": "SUCCESS", "subscriberId": registration.target.subscriber.app_id}
        return web.json_response(more | shown)

    async def change(request: web.Request) -> web.Response:
        user_of(cloud, request)
        registration, status = _named(webhook, request), needed(request.query, "status")
        if status not in map(str, (ENABLED, DISABLED, LOCKED)):
            raise bad_request("status")
        if status != str(ENABLED):
            registration.status = int(status)
        elif not await webhook.enable(registration):
            # "Enabling sends the verify request and fails if the answer is wrong"; the code is a guess.
            raise RequestRefused(400, "MMC.100000002", "VERIFY_FAILED")
        return web.Response()

    async def delete(request: web.Request) -> web.Response:
        user_of(cloud, request)
        _named(webhook, request)
        webhook.registration = None
        return web.Response()

    app.router.add_post(_PATH, configure)
    app.router.add_get(_PATH, show)
    app.router.add_delete(_PATH, delete)
    app.router.add_put("/v1/mmc/management/webhook/change-status", change)


def _named(webhook: Webhook, request: web.Request) -> Registration:
    registration = webhook.registration
    if registration is None or needed(request.query, "id") != registration.id:
        raise bad_request("id")
    return registration

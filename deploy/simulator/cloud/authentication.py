"""App ID authentication and the refresh of access tokens. Meeting push reference, "REST calls"."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from ..events import milliseconds
from .app_signature import is_signed, signed_text
from .asked import body_of
from .cloud import Cloud
from .errors import RequestRefused, bad_request, token_refused


def add_authentication(app: web.Application, cloud: Cloud) -> None:
    """Mount both calls."""

    async def authenticate(request: web.Request) -> web.Response:
        body = await body_of(request)
        _check_form(body)
        _check_signature(cloud, request.headers.get("Authorization", ""), body)
        expires = body["expireTime"]
        if expires and expires <= cloud.clock.now().timestamp():
            raise _failed("the signature is over")
        return _given(cloud, body.get("userId") or "", request)

    async def refresh(request: web.Request) -> web.Response:
        held = cloud.refresh_tokens.take(request.headers.get("X-Access-Token", ""))
        if held is None:
            raise token_refused()
        return _given(cloud, held.holder, request)

    app.router.add_post("/v2/usg/acs/auth/appauth", authenticate)
    app.router.add_put("/v1/usg/acs/token", refresh)


def _check_form(body: dict[str, Any]) -> None:
    for name, kind in (("appId", str), ("clientType", int), ("expireTime", int), ("nonce", str)):
        if type(body.get(name)) is not kind:
            raise bad_request(name)
    for name in ("corpId", "userId"):
        if not isinstance(body.get(name), str | None):
            raise bad_request(name)
    if not 32 <= len(body["nonce"]) <= 64:
        raise bad_request("nonce")


def _check_signature(cloud: Cloud, authorization: str, body: dict[str, Any]) -> None:
    options, corp_id, user_id = cloud.options, body.get("corpId"), body.get("userId")
    # "SP mode only; in single-enterprise mode it makes authentication fail".
    if corp_id and not (options.service_provider and corp_id == options.corp_id):
        raise _failed("corpId")
    if body["appId"] != cloud.app_id:
        raise _failed("appId")
    text = signed_text(
        cloud.app_id,
        body["expireTime"],
        body["nonce"],
        service_provider=options.service_provider,
        corp_id=corp_id,
        user_id=user_id,
    )
    if not is_signed(authorization, text, app_id=cloud.app_id, app_keys=cloud.app_keys):
        raise _failed("signature")


def _failed(words: str) -> RequestRefused:
    # The code is a guess: the reference has the status alone.
    return RequestRefused(401, "USG.201010401", words)


def _given(cloud: Cloud, user_id: str, request: web.Request) -> web.Response:
    options, now = cloud.options, cloud.clock.now()
    access = cloud.access_tokens.give(user_id, options.access_token_s)
    again = cloud.refresh_tokens.give(user_id, options.refresh_token_s)
    return web.json_response(
        {
            "accessToken": access.token,
            "tokenIp": request.remote,
            "validPeriod": options.access_token_s,
            "expireTime": int((now + timedelta(seconds=options.access_token_s)).timestamp()),
            "createTime": milliseconds(now),
            "user": _user(cloud, user_id),
            "clientType": 72,
            "forceLoginInd": None,
            "firstLogin": False,
            "pwdExpired": False,
            "daysPwdAvailable": -19678,
            "proxyToken": None,
            "tokenType": 0,
            "refreshToken": again.token,
            "refreshValidPeriod": options.refresh_token_s,
            "refreshExpireTime": int((now + timedelta(seconds=options.refresh_token_s)).timestamp()),
            "refreshCreateTime": milliseconds(now),
        }
    )


def _user(cloud: Cloud, user_id: str) -> dict[str, object]:
    return {
        "realm": "huaweicloud.com",
        "userId": "53e2759d388e413abf6a56743a2694c5",
        "ucloginAccount": user_id or "admin",
        "companyId": cloud.options.corp_id,
        "spId": "8a8df0a174a1c6680174a26f578b0000",
        "userType": 2,
        "adminType": 2 if user_id else 0,
        "name": user_id or "admin",
        "thirdAccount": user_id,
        "status": 0,
        "appId": cloud.app_id,
        "corpType": 5,
        "cloudUserId": "",
        "alias1": None,
    }

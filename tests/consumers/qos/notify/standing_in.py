"""Stand-ins for the other side of each channel: they check what its maker's documentation says, and take nothing else.

Their checks are written from the documentation, with its own way of computing, and share nothing with our code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.parse
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from ...records import NOON

Check = Callable[[web.Request, bytes], web.Response | None]
SECRET = "SECd1a5e7f0c4b3"
WEBHOOK_KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


class StandIn:
    """One address that takes messages. `answers` are given first, one a request; then `check` decides."""

    def __init__(self, check: Check) -> None:
        self.taken: list[Any] = []
        self.asked = 0
        self.heads: list[Any] = []
        self.answers: list[web.Response] = []
        self.standing: Any = []
        self.looked = 0
        self.url = ""
        self.check = check

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take a message, or say why not."""
        self.asked += 1
        body = await request.read()
        if self.answers:
            return self.answers.pop(0)
        refusal = self.check(request, body)
        if refusal is not None:
            return refusal
        self.taken.append(json.loads(body))
        self.heads.append(request.headers.copy())
        return web.json_response({"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"})

    async def show(self, request: web.Request) -> web.Response:
        """Say what stands, as Alertmanager does."""
        self.looked += 1
        return web.json_response(self.standing)

    @asynccontextmanager
    async def open(self, path: str) -> AsyncIterator[StandIn]:
        """Listen on a free port of loopback."""
        application = web.Application()
        application.router.add_post("/{anything:.*}", self.handle)
        application.router.add_get("/{anything:.*}", self.show, allow_head=False)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
            yield self
        finally:
            await runner.cleanup()


def said(code: int, name: str = "errcode") -> web.Response:
    """Return a robot's way to say no: 200, and a code."""
    return web.json_response({name: code, "errmsg": "no", "msg": "no"})


class DingTalkChecks:
    """自定义机器人接入: signature in the address, at most an hour old; 20 a minute; 20,000 bytes."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def __call__(self, request: web.Request, body: bytes) -> web.Response | None:
        """Say what is wrong with a message."""
        told = request.query
        text = f"{told.get('timestamp')}\n{SECRET}"
        signed = base64.b64encode(hmac.new(SECRET.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).digest())
        raw = urllib.parse.parse_qs(request.rel_url.raw_query_string).get("sign", [""])[0]
        if told.get("access_token") != "t-1" or raw.encode() != signed:
            return said(310000)
        if abs(time.time() * 1000 - int(told["timestamp"])) > 3_600_000:
            return said(310000)
        if len(body) > 20_000:
            return said(460101)
        message = json.loads(body)
        if message["msgtype"] != "markdown" or not message["markdown"]["title"] or not message["markdown"]["text"]:
            return said(40035)
        self._times = [*(at for at in self._times if at > time.monotonic() - 60), time.monotonic()]
        return said(130101) if len(self._times) > 20 else None


class AtMost:
    """So many a minute of what is good; the rest is told that it comes too often."""

    def __init__(self, check: Check, a_minute: int, too_often: Callable[[], web.Response]) -> None:
        self._check, self._a_minute, self._too_often = check, a_minute, too_often
        self._times: list[float] = []

    def __call__(self, request: web.Request, body: bytes) -> web.Response | None:
        """Say what is wrong with a message."""
        if (refusal := self._check(request, body)) is not None:
            return refusal
        self._times = [*(at for at in self._times if at > time.monotonic() - 60), time.monotonic()]
        return self._too_often() if len(self._times) > self._a_minute else None


def wecom_checks(request: web.Request, body: bytes) -> web.Response | None:
    """群机器人配置说明: the key in the address; Markdown of at most 4,096 bytes of UTF-8."""
    if request.query.get("key") != "k-1":
        return said(93000)
    message = json.loads(body)
    if message["msgtype"] != "markdown" or not message["markdown"]["content"]:
        return said(44004)
    return said(40058) if len(message["markdown"]["content"].encode("utf-8")) > 4_096 else None


def feishu_checks(request: web.Request, body: bytes) -> web.Response | None:
    """自定义机器人使用指南: the hook in the path; time in seconds and signature in the body; 20 KB."""
    message = json.loads(body)
    key = f"{message.get('timestamp')}\n{SECRET}".encode()
    if message.get("sign") != base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode("utf-8"):
        return said(19021, "code")
    if abs(time.time() - int(message["timestamp"])) > 3_600 or request.path != "/open-apis/bot/v2/hook/h-1":
        return said(19001, "code")
    if len(body) > 20 * 1024:
        return said(9499, "code")
    post = message["content"]["post"]["zh_cn"]
    good = message["msg_type"] == "post" and post["title"] and all(post["content"])
    tags = {element["tag"] for row in post["content"] for element in row}
    return None if good and tags <= {"text", "a"} else said(19002, "code")


def limited_wecom() -> Check:
    """20 a minute."""
    return AtMost(wecom_checks, 20, lambda: said(45009))


def limited_feishu() -> Check:
    """100 a minute; what it says beyond that is seen by its users, with a status of 400."""
    return AtMost(
        feishu_checks,
        100,
        lambda: web.json_response({"code": 9499, "msg": "too many request", "data": {}}, status=400),
    )


def webhook_checks(request: web.Request, body: bytes) -> web.Response | None:
    """Standard Webhooks: one of the signatures over `id.timestamp.body` is ours, and the time is near."""
    return _webhook_checks(request, body, time.time())


def noon_webhook_checks(request: web.Request, body: bytes) -> web.Response | None:
    """The same, at noon of the tests' own day."""
    return _webhook_checks(request, body, NOON.timestamp())


def _webhook_checks(request: web.Request, body: bytes, now_s: float) -> web.Response | None:
    heads = request.headers
    signed = f"{heads.get('webhook-id')}.{heads.get('webhook-timestamp')}.".encode() + body
    expected = base64.b64encode(hmac.new(WEBHOOK_KEY, signed, hashlib.sha256).digest()).decode()
    shown = [one.split(",", 1) for one in heads.get("webhook-signature", "").split(" ")]
    if ["v1", expected] not in shown or abs(now_s - int(heads["webhook-timestamp"])) > 300:
        return web.Response(status=401)
    return None

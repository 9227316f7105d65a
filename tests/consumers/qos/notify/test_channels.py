"""Each channel over real HTTP, to a stand-in that checks what its maker's documentation says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
import structlog
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.notify import ChannelError, Refused, Unavailable
from consumers.qos.notify.channels import webhook_headers
from consumers.qos.notify.letter import Channel, Letter
from consumers.qos.notify.making import channel_of
from consumers.qos.notify.posting import Answer
from consumers.qos.notify.robots import DingTalk, Feishu, WeCom, dingtalk_signature, feishu_signature
from schemas.notify import Notify, webhook_key
from schemas.secret import Secret

from ..alerting import WEBHOOK_SECRET, alert, trouble
from .standing_in import (
    SECRET,
    Check,
    DingTalkChecks,
    StandIn,
    limited_feishu,
    limited_wecom,
    said,
    webhook_checks,
    wecom_checks,
)

# Read before a loop turns.
SHANGHAI = ZoneInfo("Asia/Shanghai")
LETTER = Letter("d-1", "firing", alert())
ANSWERS = st.dictionaries(
    st.sampled_from(["errcode", "code", "StatusCode", "msg"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
)
PATHS = {
    "dingtalk": "/robot/send?access_token=t-1",
    "wecom": "/cgi-bin/webhook/send?key=k-1",
    "feishu": "/open-apis/bot/v2/hook/h-1",
    "webhook": "/hook",
}
CHECKS: dict[str, Callable[[], Check]] = {
    "dingtalk": DingTalkChecks,
    "wecom": limited_wecom,
    "feishu": limited_feishu,
    "webhook": lambda: webhook_checks,
}
KINDS = pytest.mark.parametrize("kind", PATHS)
ROBOTS = pytest.mark.parametrize("kind", ["dingtalk", "wecom", "feishu"])


@asynccontextmanager
async def channel(kind: str, **otherwise: object) -> AsyncIterator[tuple[Channel, StandIn]]:
    """Yield a channel and the stand-in that it writes to."""
    async with StandIn(CHECKS[kind]()).open(PATHS[kind]) as other:
        secrets = {"dingtalk": (Secret(SECRET),), "feishu": (Secret(SECRET),), "webhook": (WEBHOOK_SECRET,)}
        known: dict[str, object] = {
            "name": "ops",
            "kind": kind,
            "url": Secret(other.url),
            "secrets": secrets.get(kind, ()),
            "language": "en",
        }
        settings = Notify(**(known | otherwise))  # type: ignore[arg-type]  # each of its own type
        async with channel_of(settings, now=lambda: datetime.now(UTC), logger=structlog.get_logger()) as made:
            yield made, other


@KINDS
async def test_each_kind_is_taken_by_its_other_side(kind: str) -> None:
    """Signature, format and size are as documented."""
    async with channel(kind) as (made, other):
        await made.tell([LETTER])

        assert len(other.taken) == 1
        assert made.name == "ops"
        assert made.kind == kind


@KINDS
async def test_a_wrong_secret_is_tried_again(kind: str) -> None:
    """An operator mends it, and nothing is lost meanwhile; the reason names no secret."""
    wrong = {"webhook": "whsec_" + "A" * 32}.get(kind, "wrong")
    otherwise: dict[str, object] = {"secrets": (Secret(wrong),)}
    async with channel(kind, **({} if kind == "wecom" else otherwise)) as (made, other):
        if kind == "wecom":
            other.answers.append(said(93000))
        with pytest.raises(Unavailable) as caught:
            await made.tell([LETTER])

    assert str(caught.value) in ("code 310000", "code 93000", "code 19021", "status 401")


async def test_dingtalk_is_told_in_markdown() -> None:
    """Title for the list of chats, text for the chat."""
    async with channel("dingtalk", link="https://a.example/{alert}") as (made, other):
        await made.tell([LETTER])

    link = f"https://a.example/{alert().alert_id}"
    assert other.taken == [
        {
            "msgtype": "markdown",
            "markdown": {
                "title": "meetwire ［warning］ firing: site 深圳",
                "text": "**meetwire ［warning］ firing: site 深圳**\n\n"
                "audio sent packet loss 12 %, above 10 %, 3 of 5 samples, for 30 s\n\n"
                "4 of 5 people, in 2 meetings, only what they send\n\n"
                "since 2026-07-01 20:00:00 (Asia/Shanghai)\n\n"
                "ends once packet loss is 5 % or less for 60 s\n\n"
                f"[{link}]({link})",
            },
        }
    ]


async def test_feishu_is_told_in_a_post_of_plain_texts() -> None:
    """A name that looks like a mention mentions nobody."""
    async with channel("feishu", link="https://a.example/") as (made, other):
        await made.tell([Letter("d-1", "firing", alert(place='acme/<at user_id="all"></at>', troubles=[], people=0))])

    assert other.taken[0]["content"]["post"]["zh_cn"] == {
        "title": 'meetwire ［warning］ firing: site ‹at user_id="all"›‹/at›',
        "content": [
            [{"tag": "text", "text": "since 2026-07-01 20:00:00 (Asia/Shanghai)"}],
            [{"tag": "a", "text": "https://a.example/", "href": "https://a.example/"}],
        ],
    }


@ROBOTS
async def test_many_letters_become_one_message_that_fits(kind: str) -> None:
    """As many as a message has, each as long as the places' names allow."""
    async with channel(kind) as (made, other):
        letters = [
            Letter(f"d-{n}", "firing", alert(site=f"{n}" + "深" * 300, troubles=[trouble()] * 9))
            for n in range(made.most)
        ]
        await made.tell(letters)

        assert len(other.taken) == 1
        assert made.most >= 10


@ROBOTS
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(web.Response(status=502), "Unavailable status 502 0", id="gateway"),
        pytest.param(
            web.Response(status=429, headers={"Retry-After": "7"}), "Unavailable status 429 7", id="throttled"
        ),
        pytest.param(web.Response(status=302, headers={"Location": "/x"}), "Unavailable status 302 0", id="redirect"),
        pytest.param(web.Response(text="<html>"), "Unavailable an answer without a code 0", id="no JSON"),
        pytest.param(web.Response(text="[1]"), "Unavailable an answer without a code 0", id="no object"),
        pytest.param(said(-1), "Unavailable code -1 0", id="busy"),
        pytest.param(web.Response(status=413), "Refused status 413", id="too large"),
    ],
)
async def test_what_a_robot_says_is_understood(kind: str, answer: web.Response, error: str) -> None:
    """What may pass is tried again, what is the message's own fault is not; 200 is no yes by itself."""
    async with channel(kind) as (made, other):
        if answer.body == said(-1).body and kind == "feishu":
            answer = said(-1, "code")
        other.answers.append(web.Response(status=answer.status, headers=dict(answer.headers), body=answer.body))
        with pytest.raises(ChannelError) as caught:
            await made.tell([LETTER])

    after = f" {caught.value.after_s:g}" if isinstance(caught.value, Unavailable) else ""
    assert f"{type(caught.value).__name__} {caught.value}{after}" == error


@pytest.mark.parametrize(
    ("kind", "name", "code", "after_s"),
    [
        ("dingtalk", "errcode", 410100, 600),
        ("dingtalk", "errcode", 130101, 600),
        ("wecom", "errcode", 45009, 60),
        ("feishu", "code", 11232, 60),
    ],
)
async def test_a_robot_that_is_asked_too_often_is_left_alone(kind: str, name: str, code: int, after_s: float) -> None:
    """For as long as its maker documents."""
    async with channel(kind) as (made, other):
        other.answers.append(said(code, name))
        with pytest.raises(Unavailable) as caught:
            await made.tell([LETTER])

    assert (caught.value.reason, caught.value.after_s) == (f"code {code}", after_s)


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("dingtalk", "errcode", 460101),
        ("wecom", "errcode", 40058),
        ("wecom", "errcode", 45002),
        ("feishu", "code", 9499),
        ("feishu", "StatusCode", 9499),
    ],
)
async def test_a_message_that_is_refused_is_not_tried_again(kind: str, name: str, code: int) -> None:
    """It would be refused for ever; others go on."""
    async with channel(kind) as (made, other):
        other.answers.append(said(code, name))
        with pytest.raises(Refused, match=f"code {code}"):
            await made.tell([LETTER])


async def test_an_address_that_nobody_listens_on_is_not_shown() -> None:
    """It is a password; the kind of failure is all that is said."""
    async with channel("dingtalk", url=Secret("http://127.0.0.1:1/robot/send?access_token=marker")) as (made, _):
        with pytest.raises(Unavailable) as caught:
            await made.tell([LETTER])

    assert str(caught.value) == "ClientConnectorError"
    assert caught.value.__cause__ is None


async def test_a_channel_beyond_a_proxy_is_written_to_through_it() -> None:
    """The proxy is given the whole address; nobody here looks that name up."""
    async with StandIn(wecom_checks).open("") as proxy:
        far = Secret("http://robot.invalid/cgi-bin/webhook/send?key=k-1")
        async with channel("wecom", url=far, proxy=proxy.url) as (made, _):
            await made.tell([LETTER])

    assert [head["Host"] for head in proxy.heads] == ["robot.invalid"]


async def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    """No longer than the settings say."""

    class Deaf(StandIn):
        async def handle(self, request: web.Request) -> web.Response:
            await request.read()
            await gone.wait()
            return web.Response()

    gone = asyncio.Event()

    async with (
        Deaf(wecom_checks).open("/x?key=k-1") as deaf,
        channel("wecom", url=Secret(deaf.url), timeout_s=0.5) as (made, _),
    ):
        with pytest.raises(Unavailable, match="no answer in time"):
            await made.tell([LETTER])
        gone.set()


async def test_a_webhook_is_told_whole_under_the_decisions_id() -> None:
    """A machine gets the event as it is on the topic, and words for people."""
    async with channel("webhook") as (made, other):
        await made.tell([LETTER])

    assert other.heads[0]["webhook-id"] == "d-1"
    body = other.taken[0]
    assert (body["type"], body["timestamp"]) == ("alert.firing", "2026-07-01T12:00:00Z")
    assert body["data"]["headline"] == "meetwire [warning] firing: site 深圳"
    assert body["data"]["alert"]["alert_id"] == alert().alert_id
    assert body["data"]["alert"]["type"] == "AlertChanged"


async def test_a_webhook_is_signed_with_each_of_its_secrets() -> None:
    """While one is replaced, who knows only the old one still believes it, and who knows only the new one as well."""
    both = (Secret("whsec_" + "A" * 32), WEBHOOK_SECRET)
    async with channel("webhook", secrets=both) as (made, other):
        await made.tell([LETTER])

    assert len(other.heads[0]["webhook-signature"].split(" ")) == 2


async def test_a_webhook_that_is_gone_is_not_tried_again() -> None:
    """410, as Standard Webhooks has it."""
    async with channel("webhook") as (made, other):
        other.answers.append(web.Response(status=410))
        with pytest.raises(Refused, match="status 410"):
            await made.tell([LETTER])


def test_a_webhooks_signature_is_that_of_the_standards_own_example() -> None:
    """The vector that the reference libraries test themselves with."""
    at = datetime.fromtimestamp(1614265330, UTC)

    assert webhook_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [webhook_key(WEBHOOK_SECRET)]
    ) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_robots_without_a_secret_are_written_to_unsigned() -> None:
    """Those that are guarded by a keyword or by the address of who writes."""
    assert dingtalk_signature(1, "a") != dingtalk_signature(2, "a")
    assert feishu_signature(1, "a") != feishu_signature(1, "b")


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
async def test_an_unsigned_message_has_no_signature(kind: str) -> None:
    """Nothing is signed with nothing."""
    async with channel(kind, secrets=()) as (made, other):
        with pytest.raises(Unavailable, match="code"):
            await made.tell([LETTER])

        assert other.asked == 1


@given(st.integers(100, 599), st.binary(max_size=60) | ANSWERS.map(msgspec.json.encode))
def test_whatever_a_robot_answers_is_a_yes_or_an_error_of_ours(status: int, body: bytes) -> None:
    """A yes is its code 0 with a status of 2xx, and nothing else is."""
    answer = Answer(status, body)
    for robot in (DingTalk("http://r", None), WeCom("http://r"), Feishu("http://r", None)):
        try:
            robot.check(answer)
        except ChannelError:
            continue
        assert 200 <= status < 300
        assert any(answer.member(name) == 0 for name in ("errcode", "code", "StatusCode"))

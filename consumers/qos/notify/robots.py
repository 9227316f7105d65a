"""The robots of DingTalk, WeCom and Feishu: how each wants a message, its signature, and what its codes mean. Pure.

The code in the body says what happened; DingTalk and WeCom answer 200 with it, Feishu 400 with some of its codes.
Sources, as their makers document them:
DingTalk 自定义机器人接入 and 自定义机器人安全设置 (20 messages a minute, else none for ten minutes: 410100, or
130101; 20,000 bytes);
WeCom 群机器人配置说明 (20 a minute; Markdown of 4,096 bytes of UTF-8);
Feishu 自定义机器人使用指南 (100 a minute and 5 a second: 11232; 20 KB: 9499, Bad Request). What its users see besides:
too much is answered with 9499 as well, and the words "too many request" (ccfos/nightingale, issue 1437).
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import quote_plus, urlsplit

import msgspec

from schemas.notify import Notify
from schemas.secret import Secret

from . import Refused, Unavailable
from .fitting import fitted, flat
from .posting import Answer
from .saying import Said

_json: Final = msgspec.json.encode
# A member is missing, a kind of message or a content that is not let through, too long.
_NEVER_ON_DINGTALK: Final = frozenset({40035, 400105, 430101, 430102, 430103, 430104, 460101})


class Robot(Protocol):
    """One maker's."""

    most: int
    """So many letters fit into one message, each with its headline at least."""

    def request(self, said: Sequence[Said], headline: str, now: datetime) -> tuple[str, bytes]:
        """Return address and body of one message."""
        ...

    def check(self, answer: Answer) -> None:
        """Raise Refused or Unavailable where it was not taken."""
        ...


def robot_of(settings: Notify) -> Robot:
    """Return the robot of a kind that is one."""
    url = settings.url.reveal() if settings.url is not None else ""
    secret = settings.secrets[0] if settings.secrets else None
    match settings.kind:
        case "dingtalk":
            return DingTalk(url, secret)
        case "feishu":
            return Feishu(url, secret)
        case _:
            return WeCom(url)


class DingTalk:
    """加签: the address carries the time in milliseconds and its signature. Implements Robot."""

    most = 20
    _most_bytes: Final = 20_000

    def __init__(self, url: str, secret: Secret | None) -> None:
        self._url, self._secret = url, secret

    def request(self, said: Sequence[Said], headline: str, now: datetime) -> tuple[str, bytes]:
        """Return address and body."""
        return self._signed(int(now.timestamp() * 1_000)), fitted(
            said, lambda shown: _json(_titled(headline, shown)), self._most_bytes
        )

    def _signed(self, now_ms: int) -> str:
        if self._secret is None:
            return self._url
        signature = dingtalk_signature(now_ms, self._secret.reveal())
        joint = "&" if urlsplit(self._url).query else "?"
        return f"{self._url}{joint}timestamp={now_ms}&sign={quote_plus(signature)}"

    def check(self, answer: Answer) -> None:
        """Raise for a code that is not 0."""
        _check(answer, "errcode", throttled={130101: 600.0, 410100: 600.0}, refused=_NEVER_ON_DINGTALK)


def dingtalk_signature(now_ms: int, secret: str) -> str:
    """Return the signature: HMAC-SHA256 under the secret, of the time, a newline and the secret, in base64."""
    return b64encode(hmac.digest(secret.encode(), f"{now_ms}\n{secret}".encode(), "sha256")).decode()


class WeCom:
    """Signs nothing: the key is in the address. Implements Robot."""

    most = 10
    _most_bytes: Final = 4_096

    def __init__(self, url: str) -> None:
        self._url = url

    def request(self, said: Sequence[Said], headline: str, now: datetime) -> tuple[str, bytes]:
        """Return address and body; what is bounded is the text alone, before it is put into JSON."""
        text = fitted(said, lambda shown: markdown(headline, shown, newline="\n").encode(), self._most_bytes)
        return self._url, _json({"msgtype": "markdown", "markdown": {"content": text.decode()}})

    def check(self, answer: Answer) -> None:
        """Raise for a code that is not 0."""
        _check(answer, "errcode", throttled={45009: 60.0}, refused={40008, 40058, 44004, 45002})


class Feishu:
    """签名校验: the body carries the time in seconds and its signature. Implements Robot."""

    most = 20
    _most_bytes: Final = 20_000

    def __init__(self, url: str, secret: Secret | None) -> None:
        self._url, self._secret = url, secret

    def request(self, said: Sequence[Said], headline: str, now: datetime) -> tuple[str, bytes]:
        """Return address and body."""
        signed = self._signed(int(now.timestamp()))
        return self._url, fitted(said, lambda shown: _json({**signed, **_post(headline, shown)}), self._most_bytes)

    def _signed(self, now_s: int) -> dict[str, str]:
        if self._secret is None:
            return {}
        return {"timestamp": str(now_s), "sign": feishu_signature(now_s, self._secret.reveal())}

    def check(self, answer: Answer) -> None:
        """Raise for a code that is not 0; older addresses call it StatusCode."""
        name = "code" if answer.member("code") is not None else "StatusCode"
        throttled = {11232: 60.0, 99991400: 60.0}
        if "too many" in f"{answer.member('msg')} {answer.member('StatusMessage')}".casefold():
            throttled[9499] = 60.0
        _check(answer, name, throttled=throttled, refused={9499, 19002})


def feishu_signature(now_s: int, secret: str) -> str:
    """Return the signature: HMAC-SHA256 of nothing, under the time, a newline and the secret, in base64."""
    return b64encode(hmac.digest(f"{now_s}\n{secret}".encode(), b"", "sha256")).decode()


def markdown(headline: str, said: Sequence[Said], newline: str = "\n\n") -> str:
    """Return several in the Markdown that robots know: headings and bold, every line a paragraph."""
    blocks = [newline.join([f"**{flat(one.headline)}**", *map(flat, one.lines), *_link(one)]) for one in said]
    return newline.join([*([f"### {flat(headline)}"] if len(said) > 1 else []), *blocks])


def _link(said: Said) -> list[str]:
    return [f"[{said.link}]({said.link})"] if said.link else []


def _titled(headline: str, said: Sequence[Said]) -> object:
    return {"msgtype": "markdown", "markdown": {"title": flat(headline), "text": markdown(headline, said)}}


def _post(headline: str, said: Sequence[Said]) -> dict[str, object]:
    # In a tag `text` nothing is markup; but a mention is written <at …> there.
    rows: list[list[dict[str, str]]] = []
    for one in said:
        lines = one.lines if len(said) == 1 else [one.headline, *one.lines]
        rows += ([{"tag": "text", "text": flat(line)}] for line in lines)
        rows += ([{"tag": "a", "text": one.link, "href": one.link}] for _ in _link(one) if one.link)
    # No row at all would be no message.
    content = {"title": flat(headline), "content": rows or [[{"tag": "text", "text": flat(headline)}]]}
    return {"msg_type": "post", "content": {"post": {"zh_cn": content}}}


def _check(answer: Answer, name: str, *, throttled: Mapping[int, float], refused: Set[int]) -> None:
    code = answer.member(name)
    known = isinstance(code, int) and not isinstance(code, bool)
    # Before the status: a robot that is asked too often may say 400, and that is not the message's fault.
    if known and code in throttled:
        raise Unavailable(f"code {code}", max(throttled[code], answer.after_s))
    if known and code in refused:
        raise Refused(f"code {code}")
    answer.check()
    if not known:
        raise Unavailable("an answer without a code")
    if code != 0:
        raise Unavailable(f"code {code}")

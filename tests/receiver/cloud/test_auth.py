"""App ID authentication: what is signed in each case, what is sent, and how long what comes back is good."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from receiver.cloud import Faulty
from receiver.cloud.auth import SIGNATURE_LIFE_S, Grant, authenticate, granted, refresh, sign, signed_text
from schemas.settings import Secret

from .asking import KEY, NOON, app
from .service import stored

NONCE = "EycLQsHwxhzK9OW8UEKWNfH2I3CGR2nINuU1EBpv162d42d92s"
RECORDED = "0173fbf0147cdbdeb19584f382264bb6a300f5c2135194c93b8a6ba1035731f5"
# 2026-03-02T12:00:00Z and ten minutes.
NOON_S, ENDS_S = 1_772_452_800, 1_772_453_400

CASES = [
    pytest.param({"user_id": "u1"}, "A:u1:7:n", id="one enterprise, a user"),
    pytest.param({}, "A::7:n", id="one enterprise, its default administrator"),
    pytest.param({"service_provider": True}, "A:::7:n", id="a service provider's administrator"),
    pytest.param(
        {"service_provider": True, "corp_id": "c1"}, "A:c1::7:n", id="a provider's enterprise, its administrator"
    ),
    pytest.param(
        {"service_provider": True, "corp_id": "c1", "user_id": "u1"},
        "A:c1:u1:7:n",
        id="a provider's enterprise, a user",
    ),
]


@pytest.mark.parametrize(("settings", "text"), CASES)
def test_each_case_is_signed_as_the_reference_has_it(settings: dict[str, Any], text: str) -> None:
    """An empty part keeps its colon."""
    assert signed_text(app("https://host", id="A", **settings), expire_time=7, nonce="n") == text


@pytest.mark.parametrize(
    ("settings", "who"),
    [
        pytest.param({"user_id": "u1"}, {"userId": "u1"}, id="a user"),
        pytest.param({}, {}, id="the default administrator"),
        pytest.param({"service_provider": True}, {}, id="a provider"),
        pytest.param({"service_provider": True, "corp_id": "c1"}, {"corpId": "c1"}, id="its enterprise"),
        pytest.param(
            {"service_provider": True, "corp_id": "c1", "user_id": "u1"},
            {"corpId": "c1", "userId": "u1"},
            id="its enterprise's user",
        ),
    ],
)
def test_the_body_names_who_signed(settings: dict[str, Any], who: dict[str, str]) -> None:
    """And nobody else: corpId of an enterprise's own App ID would make it fail."""
    ask = authenticate(app("https://host", **settings), KEY, now=NOON, nonce=NONCE)

    assert msgspec.json.decode(ask.body or b"") == {
        "appId": "marker-app-id",
        "clientType": 72,
        "expireTime": ENDS_S,
        "nonce": NONCE,
        **who,
    }


def hmac_sha256(key: bytes, message: bytes) -> str:
    """Return an HMAC as RFC 2104 defines it, from the hash alone."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


def test_the_request_is_signed() -> None:
    """The whole head, its signature computed by other means; ten minutes are left for a clock that is off."""
    ask = authenticate(app("https://host", id="A1", user_id="u1"), KEY, now=NOON, nonce=NONCE)

    signature = hmac_sha256(b"marker-key-1", f"A1:u1:{ENDS_S}:{NONCE}".encode())
    assert SIGNATURE_LIFE_S == 600
    assert (ask.method, ask.path, dict(ask.query)) == ("POST", "/v2/usg/acs/auth/appauth", {})
    assert ask.headers == {
        "Authorization": f"HMAC-SHA256 signature={signature},access={base64.b64encode(b'A1').decode()}",
        "X-Token-Type": "LongTicket",
    }


def test_a_recorded_signature() -> None:
    """Of the reference's example body; recorded from `openssl dgst -sha256 -hmac`. Lower case, as the page shows it."""
    text = f"{'0' * 32}:testuser@example.com:1627722929:{NONCE}"

    assert sign(text, Secret("123456")) == RECORDED
    assert hmac_sha256(b"123456", text.encode()) == RECORDED


def test_upper_case_is_the_sdks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service takes both; one constant says which is sent."""
    monkeypatch.setattr("receiver.cloud.auth.UPPER_CASE_HEX", True)

    text = f"{'0' * 32}:testuser@example.com:1627722929:{NONCE}"
    assert sign(text, Secret("123456")) == RECORDED.upper()


def test_a_signature_can_be_made_that_never_ends() -> None:
    """expireTime 0 is signed and sent."""
    ask = authenticate(app("https://host", id="A1"), KEY, now=NOON, nonce=NONCE, life_s=0)

    assert msgspec.json.decode(ask.body or b"")["expireTime"] == 0
    assert hmac_sha256(b"marker-key-1", f"A1::0:{NONCE}".encode()) in ask.headers["Authorization"]


def test_a_refresh_carries_the_refresh_token() -> None:
    """In the header that otherwise carries the access token; there is no body."""
    ask = refresh(Secret("marker-refresh"))

    assert (ask.method, ask.path, ask.body) == ("PUT", "/v1/usg/acs/token", None)
    assert ask.headers == {"X-Access-Token": "marker-refresh"}
    assert "marker" not in repr(ask)


def test_the_documented_answer_is_read() -> None:
    """Its lifetimes count from now: expireTime and createTime are of the service's clock, and of different units."""
    found = granted(stored("appauth-response-200"), now=NOON)

    assert found == Grant(
        access=Secret("cnr1000000000000000000000000000000000000"),
        ends_at=NOON + timedelta(seconds=56_326),
        renew_at=NOON + timedelta(seconds=56_326) - timedelta(minutes=30),
        refresh=Secret("cnr1000000000000000000000000000000000001"),
        refresh_ends_at=NOON + timedelta(days=30),
    )
    assert "cnr" not in repr(found)


LIVES = [
    pytest.param({"validPeriod": 7_200}, 7_200, id="a lifetime"),
    pytest.param({"validPeriod": "7200"}, 7_200, id="a lifetime in a string"),
    pytest.param({"validPeriod": 7_200, "expireTime": 1}, 7_200, id="a lifetime beside another clock's end"),
    pytest.param({"expireTime": NOON_S + 600}, 600, id="an end in seconds"),
    pytest.param({"expireTime": (NOON_S + 600) * 1_000}, 600, id="an end in milliseconds"),
    pytest.param({"expireTime": 1627768613, "createTime": 1627768013360}, 599.64, id="seconds and milliseconds"),
    pytest.param({"expireTime": 1627768613, "createTime": 1627768013}, 600, id="seconds and seconds"),
    pytest.param({"expireTime": 1627768613}, 3_600, id="an end in the past"),
    pytest.param({"validPeriod": -1}, 3_600, id="a lifetime below nought"),
    pytest.param({"validPeriod": 10**12}, 3_600, id="a lifetime of ages"),
    pytest.param({"validPeriod": "long"}, 3_600, id="a word"),
    pytest.param({}, 3_600, id="nothing"),
]


@pytest.mark.parametrize(("members", "seconds"), LIVES)
def test_a_token_lives_as_long_as_can_be_made_of_the_answer(members: dict[str, object], seconds: float) -> None:
    """Renewed while a tenth of it is left, half an hour at the most."""
    found = granted(msgspec.json.encode({"accessToken": "t", **members}), now=NOON)

    left = timedelta(seconds=min(1_800, seconds / 10))
    assert (found.ends_at - NOON).total_seconds() == pytest.approx(seconds)
    assert abs(found.ends_at - found.renew_at - left) < timedelta(milliseconds=1)
    assert found.refresh is None


@pytest.mark.parametrize("body", [b"", b"{}", b'{"accessToken":""}', b'{"accessToken":null}', b"[]", b"<html>"])
def test_an_answer_without_a_token_is_a_fault(body: bytes) -> None:
    """Whatever else it is."""
    with pytest.raises(Faulty):
        granted(body, now=NOON)

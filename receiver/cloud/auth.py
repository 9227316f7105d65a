"""App ID authentication: what is signed, what is sent, what comes back, and when to renew it. Pure: no I/O, no clock.

All facts from "Authenticating an App ID" (POST /v2/usg/acs/auth/appauth) and "Refreshing a token" (PUT
/v1/usg/acs/token) of the service's API reference.
"""

import base64
import hmac
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.settings import App, Secret

from .ask import Ask
from .errors import Faulty
from .reading import Members, members, number, text

# The reference shows lower case, the SDK sends upper case: the service takes both.
UPPER_CASE_HEX: Final = False
CLIENT_TYPE: Final = 72
"""API use: up to 64 tokens live at once for a user; with another type each new one ends the last."""

# Long enough for a clock that is some minutes off, and short enough that a signature seen on the way is soon worth
# nothing.
SIGNATURE_LIFE_S: Final = 600

# Where the answer does not say: less than the shortest that the reference knows, 12 h; for refreshing, its example.
_UNSAID_LIFE_S: Final = 3_600
_UNSAID_REFRESH_LIFE_S: Final = 2_592_000
# A number beyond this is milliseconds: as seconds it were the year 5138.
_MILLISECONDS_FROM: Final = 100_000_000_000
_EARLIEST_RENEWAL: Final = timedelta(minutes=30)
_SHARE_LEFT: Final = 0.1


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What an authentication gave. Times by our clock, so that they hold where it is wrong."""

    access: Secret
    ends_at: datetime
    renew_at: datetime
    """Some time before the end, so that nobody has to wait for a new one."""
    refresh: Secret | None
    refresh_ends_at: datetime

    def __repr__(self) -> str:
        """Show until when."""
        return f"<Grant until {self.ends_at:%Y-%m-%dT%H:%M:%SZ}>"


def signed_text(app: App, *, expire_time: int, nonce: str) -> str:
    """Return what is signed, for each of the five cases; an empty part keeps its colon.

    One enterprise: a user, or its default administrator. A service provider: its administrator, an enterprise's
    administrator, or an enterprise's user.
    """
    who = [app.id, app.corp_id or "", app.user_id or ""] if app.service_provider else [app.id, app.user_id or ""]
    return ":".join([*who, str(expire_time), nonce])


def sign(text: str, key: Secret) -> str:
    """Return the signature in hexadecimal."""
    signature = hmac.digest(key.reveal().encode(), text.encode(), "sha256").hex()
    return signature.upper() if UPPER_CASE_HEX else signature


def authenticate(app: App, key: Secret, *, now: datetime, nonce: str, life_s: int = SIGNATURE_LIFE_S) -> Ask:
    """Return the request for a token. `nonce`: 32 to 64 characters. `life_s` 0: the signature never ends."""
    # Unix seconds; the reference's cURL example alone has milliseconds.
    expire_time = int(now.timestamp()) + life_s if life_s else 0
    signature = sign(signed_text(app, expire_time=expire_time, nonce=nonce), key)
    access = base64.b64encode(app.id.encode()).decode()
    body: dict[str, object] = {
        "appId": app.id,
        "clientType": CLIENT_TYPE,
        "expireTime": expire_time,
        "nonce": nonce,
    }
    # Given for one enterprise's own App ID, corpId makes authentication fail.
    if app.service_provider and app.corp_id:
        body["corpId"] = app.corp_id
    if app.user_id:
        body["userId"] = app.user_id
    return Ask(
        name="authenticate",
        method="POST",
        path="/v2/usg/acs/auth/appauth",
        headers={"Authorization": f"HMAC-SHA256 signature={signature},access={access}", "X-Token-Type": "LongTicket"},
        body=msgspec.json.encode(body),
    )


def refresh(token: Secret) -> Ask:
    """Return the request that makes a new token of a refresh token. It has no body."""
    return Ask(name="refresh", method="PUT", path="/v1/usg/acs/token", headers={"X-Access-Token": token.reveal()})


def granted(body: bytes, *, now: datetime) -> Grant:
    """Read the answer of both requests. Raises Faulty where it holds no token."""
    found = members(body)
    access = text(found.get("accessToken"))
    if access is None:
        raise Faulty
    life = _life(found, now, ("validPeriod", "expireTime", "createTime"), _UNSAID_LIFE_S)
    refresh_names = ("refreshValidPeriod", "refreshExpireTime", "refreshCreateTime")
    refresh_life = _life(found, now, refresh_names, _UNSAID_REFRESH_LIFE_S)
    refresh_token = text(found.get("refreshToken"))
    return Grant(
        access=Secret(access),
        ends_at=now + life,
        renew_at=now + life - min(_EARLIEST_RENEWAL, life * _SHARE_LEFT),
        refresh=Secret(refresh_token) if refresh_token else None,
        refresh_ends_at=now + refresh_life,
    )


def _life(found: Members, now: datetime, names: tuple[str, str, str], unsaid_s: float) -> timedelta:
    """Return how long a token lives. Its length is believed before its end: the service's clock may not be ours."""
    valid, expire, create = names
    seconds = number(found.get(valid))
    if not _sensible(seconds):
        end, start = _in_seconds(found, expire), _in_seconds(found, create)
        seconds = None if end is None else end - (now.timestamp() if start is None else start)
    return timedelta(seconds=seconds if seconds is not None and _sensible(seconds) else unsaid_s)


def _sensible(seconds: float | None) -> bool:
    return seconds is not None and 0 < seconds < 366 * 86_400


def _in_seconds(found: Members, name: str) -> float | None:
    """Return a time in Unix seconds: expireTime comes in seconds, createTime in milliseconds."""
    value = number(found.get(name))
    return value / 1_000 if value is not None and value >= _MILLISECONDS_FROM else value

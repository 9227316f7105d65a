"""The access token of one enterprise: had once for all who ask, renewed before it ends, with the key that works.

While no token is given the service is left alone for a minute: with ten thousand subscriptions that all want one, an
account would be locked soon, and stay so.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import structlog

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import App, Secret

from .asking import Asking, Now
from .auth import Grant, authenticate, granted, refresh
from .errors import Barred, ClockSkew, CloudError, Unauthenticated
from .errors import Final as FinalError

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

SKEW_S: Final = 60.0
_LEFT_ALONE: Final = timedelta(seconds=60)
_RENEW_AGAIN: Final = timedelta(seconds=60)
# 48 characters; the service wants 32 to 64.
_NONCE_BYTES: Final = 24
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Tokens:
    """Gives the access token out."""

    def __init__(self, app: App, asking: Asking, *, enterprise: str, meters: Meters, now: Now) -> None:
        self._app = app
        self._asking = asking
        self._enterprise = enterprise
        self._meters = meters
        self._now = now
        self._keys = app.keys
        self._good: Secret | None = None
        self._grant: Grant | None = None
        self._renewing: asyncio.Task[Grant] | None = None
        self._not_before = _LONG_AGO
        self._refused: Unauthenticated | None = None
        self._refused_at: datetime | None = None
        self._replaced_at = _LONG_AGO

    async def access(self, *, invalid: Secret | None = None) -> Secret:
        """Return a token that is good by our clock. `invalid`: one that the service no longer takes.

        Whoever asks while one is being had gets the same. Raises CloudError.
        """
        grant, now = self._grant, self._now()
        if grant is not None and grant.access == invalid:
            self._check_worth_replacing(now)
        if grant is None or grant.access == invalid or now >= grant.ends_at:
            # Who gives up waiting does not end it for the others.
            return (await asyncio.shield(self._begin(invalid))).access
        if now >= grant.renew_at and now >= self._not_before:
            _ = self._begin(None)  # nobody has to wait for it
        return grant.access

    def replace_keys(self, keys: Sequence[Secret]) -> None:
        """Use these App Keys from the next authentication on."""
        self._keys = tuple(keys)
        self._refused = None

    async def close(self) -> None:
        """End a renewal that is on its way."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    def _check_worth_replacing(self, now: datetime) -> None:
        """Raise Unauthenticated where the token came a moment ago in place of one that was not taken either."""
        is_renewing = self._renewing is not None and not self._renewing.done()
        if not is_renewing and timedelta() <= now - self._replaced_at < _LEFT_ALONE:
            raise Unauthenticated(status=401)

    def _begin(self, invalid: Secret | None) -> asyncio.Task[Grant]:
        """Return the one renewal that is on its way, begun now where there is none."""
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew(invalid))
            # Nobody may wait for it, or be left waiting, when it fails.
            self._renewing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self._renewing

    async def _renew(self, invalid: Secret | None) -> Grant:
        # Where this fails and the token is still good, it is used for another while.
        self._not_before = self._now() + _RENEW_AGAIN
        self._grant = await self._refreshed(invalid) or await self._authenticated()
        if invalid is not None:
            self._replaced_at = self._now()
        return self._grant

    async def _refreshed(self, invalid: Secret | None) -> Grant | None:
        """Renew with the refresh token; None where there is none to try or it is not taken."""
        grant = self._grant
        if grant is None or grant.refresh is None or grant.access == invalid or self._now() >= grant.refresh_ends_at:
            return None
        token = grant.refresh
        try:
            answer = await self._asking.ask(lambda: refresh(token), {})
            found = granted(answer.body, now=self._now())
        except CloudError as error:
            self._count("refresh", error.outcome)
            return None
        self._count("refresh", "good")
        return found

    async def _authenticated(self) -> Grant:
        self._raise_what_stands()
        refused = Unauthenticated()
        # The one that worked last comes first.
        for number, key in sorted(enumerate(self._keys, 1), key=lambda numbered: numbered[1] != self._good):
            try:
                grant = await self._with(key)
            except Unauthenticated as error:
                refused = error
                self._count("authenticate", error.outcome)
                _LOG.warning("cloud.key_refused", enterprise=self._enterprise, key=number, keys=len(self._keys))
            except FinalError as error:
                self._count("authenticate", error.outcome)
                # Another key would not change it; and it must not be taken for an answer about a meeting.
                raise self._all_refused(Barred(code=error.code, status=error.status)) from None
            except CloudError as error:
                self._count("authenticate", error.outcome)
                raise
            else:
                self._count("authenticate", "good")
                self._good = key
                return grant
        raise self._all_refused(refused)

    async def _with(self, key: Secret) -> Grant:
        answer = await self._asking.ask(
            lambda: authenticate(self._app, key, now=self._now(), nonce=secrets.token_hex(_NONCE_BYTES)), {}
        )
        return granted(answer.body, now=self._now())

    def _all_refused(self, last: Unauthenticated) -> Unauthenticated:
        ahead_s = last.ahead_s
        kind = ClockSkew if ahead_s is not None and abs(ahead_s) > SKEW_S else type(last)
        self._refused = kind(code=last.code, status=last.status, ahead_s=ahead_s)
        self._refused_at = self._now()
        _LOG.error("cloud.refused", enterprise=self._enterprise, reason=str(self._refused), keys=len(self._keys))
        return self._refused

    def _raise_what_stands(self) -> None:
        """Raise what the last authentication ended with, for a minute: nothing has changed by then."""
        if self._refused is None or self._refused_at is None:
            return
        if timedelta() <= self._now() - self._refused_at < _LEFT_ALONE:
            raise type(self._refused)(
                code=self._refused.code, status=self._refused.status, ahead_s=self._refused.ahead_s
            )
        self._refused = None

    def _count(self, way: Literal["refresh", "authenticate"], outcome: str) -> None:
        self._meters.counter(
            "meetwire_cloud_renewals_total", enterprise=self._enterprise, way=way, outcome=outcome
        ).inc()

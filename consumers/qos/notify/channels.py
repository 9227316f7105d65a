"""The channels over HTTP: robots, webhooks, Alertmanager. Each implements Channel."""

import asyncio
import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from schemas.notify import Notify, webhook_key

from . import ChannelError, Unavailable
from .alertmanager import OURS, posted
from .letter import Letter
from .posting import Post
from .robots import Robot
from .saying import Voice

Now = Callable[[], datetime]
_json: Final = msgspec.json.encode


# A hundred thousand alerts.
_MOST_STANDING: Final = 67_108_864


class _Standing(msgspec.Struct):
    labels: dict[str, str]


class RobotChannel:
    """A group's robot; several letters become one message, so that its limit holds nobody up."""

    resend_s = still = None

    def __init__(self, settings: Notify, robot: Robot, post: Post, voice: Voice, now: Now) -> None:
        self.name, self.kind, self.most = settings.name, settings.kind, robot.most
        self._robot, self._post, self._voice, self._now = robot, post, voice, now

    async def tell(self, letters: Sequence[Letter]) -> None:
        """Post one message."""
        said = [self._voice.say(letter) for letter in letters]
        headline = said[0].headline if len(said) == 1 else self._voice.digest(len(said))
        url, body = self._robot.request(said, headline, self._now())
        self._robot.check(await self._post(url, body))


class WebhookChannel:
    """Standard Webhooks: one letter a request, under the decision's ID, signed with each of the secrets."""

    most, resend_s, still = 1, None, None

    def __init__(self, settings: Notify, post: Post, voice: Voice, now: Now) -> None:
        self.name, self.kind = settings.name, settings.kind
        self._url = settings.url.reveal() if settings.url is not None else ""
        self._keys = [webhook_key(secret) for secret in settings.secrets]
        self._post, self._voice, self._now = post, voice, now

    async def tell(self, letters: Sequence[Letter]) -> None:
        """Post each."""
        for letter in letters:
            await self._tell(letter)

    async def _tell(self, letter: Letter) -> None:
        said, alert = self._voice.say(letter), letter.alert
        body = _json(
            {
                "type": f"alert.{letter.news}",
                "timestamp": alert.occurred_at,
                "data": {"headline": said.headline, "lines": said.lines, "link": said.link, "alert": alert},
            }
        )
        answer = await self._post(self._url, body, webhook_headers(letter.id, self._now(), body, self._keys))
        answer.check()


def webhook_headers(message: str, now: datetime, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """Return the three headers: `id.timestamp.body` under HMAC-SHA256, one signature for each key."""
    stamp = str(int(now.timestamp()))
    signed = b".".join((message.encode(), stamp.encode(), body))
    signatures = (f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in keys)
    return {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures)}


class AlertmanagerChannel:
    """Alertmanager v2: told of what stands again and again, so that it forgets what nobody tells it of any more."""

    most = 200

    def __init__(self, settings: Notify, post: Post, voice: Voice, now: Now) -> None:
        self.name, self.kind = settings.name, settings.kind
        self.resend_s: float | None = settings.resend_s
        self._urls = [f"{url.rstrip('/')}/api/v2/alerts" for url in settings.addresses]
        self._ends_after_s, self._post, self._voice, self._now = settings.ends_after_s, post, voice, now

    async def tell(self, letters: Sequence[Letter]) -> None:
        """Post to each instance; one that takes it is enough: the others hear of it with the next time."""
        body = _json(posted(letters, self._voice, self._now(), self._ends_after_s))
        # All at once: one that does not answer must not keep another one waiting.
        outcomes = await asyncio.gather(*(self._failure(url, body) for url in self._urls))
        failures = [error for error in outcomes if error is not None]
        if len(failures) == len(self._urls):
            # Refused by one and not reached at the other: try again.
            raise next((error for error in failures if isinstance(error, Unavailable)), failures[0])

    async def still(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        """Return those that stand in one instance at least; all of them where none says what does."""
        found = await asyncio.gather(*(self._standing(url) for url in self._urls))
        known = [one for one in found if one is not None]
        return [one for one in letters if any(one.alert.alert_id in ids for ids in known)] if known else letters

    async def _standing(self, url: str) -> set[str] | None:
        try:
            answer = await self._post(f"{url}?{OURS}", None, most_bytes=_MOST_STANDING)
            answer.check()
            told = msgspec.json.decode(answer.body, type=list[_Standing])
        except (ChannelError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return {one.labels.get("alert_id", "") for one in told}

    async def _failure(self, url: str, body: bytes) -> ChannelError | None:
        try:
            (await self._post(url, body)).check()
        except ChannelError as error:
            return error
        return None

"""How the enterprise push is configured at the service, and what is wrong with that. Pure.

Facts from "SetWebHookConfig", "ShowWebHookConfig", "UpdateWebHookConfigStatus" and "DeleteWebHookConfig" of the
service's API reference. What locks a push is not documented.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from schemas.settings import Secret

from .ask import Ask
from .reading import members, text, whole

_LINK: Final = "/v1/mmc/management/webhook/link-config"

PushState = Literal["enabled", "disabled", "locked", "absent", "unknown"]
PushTrouble = Literal["absent", "disabled", "locked", "unknown", "other_subscriber", "other_url"]

_STATES: Final[Mapping[int | None, PushState]] = {0: "enabled", 1: "disabled", 2: "locked"}
ENABLE: Final = 0
"""The page on enabling sends 1 in its example, which is "disable": the table is believed."""
DISABLE: Final = 1


class PushStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the service knows of the enterprise's push: one configuration at the most."""

    state: PushState
    configuration_id: str | None = None
    subscriber_id: str | None = None
    url: str | None = None

    def __repr__(self) -> str:
        """Show the state; an address may hold a secret of its operator's."""
        return f"<PushStatus {self.state}>"


ABSENT: Final = PushStatus(state="absent")


class PushDiffers(Exception):
    """Another push is configured, and nobody said that it may be replaced."""


class PushUnaddressed(Exception):
    """No push is configured, and nobody said where it should go."""


def ask_push(corp_id: str | None) -> Ask:
    """Return the request for the configuration. `corp_id`: of a service provider's enterprise."""
    return Ask(name="push_status", path=_LINK, query={"corpId": corp_id} if corp_id else {})


def ask_register(*, subscriber_id: str, password: Secret, url: str, corp_id: str | None) -> Ask:
    """Return the request for a new configuration. Not repeatable: whether a second one would stand beside it is not
    documented."""
    body = {"subscriberId": subscriber_id, "subscriberKey": password.reveal(), "url": url}
    if corp_id is not None:
        body["corpId"] = corp_id
    return Ask(name="push_register", method="POST", path=_LINK, body=msgspec.json.encode(body), repeatable=False)


def ask_change(configuration_id: str, status: int) -> Ask:
    """Return the request that enables or disables it. Enabling makes the service post its handshake to the address."""
    return Ask(
        name="push_change",
        method="PUT",
        path="/v1/mmc/management/webhook/change-status",
        query={"id": configuration_id, "status": str(status)},
    )


def ask_remove(configuration_id: str) -> Ask:
    """Return the request that takes the configuration away."""
    return Ask(name="push_remove", method="DELETE", path=_LINK, query={"id": configuration_id})


def push_of(body: bytes) -> PushStatus:
    """Read the answer to `ask_push`. Raises Faulty where it is no object."""
    found = members(body) if body.strip() else {}
    configuration_id, url = text(found.get("id")), text(found.get("url"))
    if configuration_id is None and url is None:
        return ABSENT
    return PushStatus(
        state=_STATES.get(whole(found.get("status")), "unknown"),
        configuration_id=configuration_id,
        subscriber_id=text(found.get("subscriberId")),
        url=url,
    )


def trouble(status: PushStatus, *, subscriber_id: str, url: str | None = None) -> PushTrouble | None:
    """Return why pushes do not come to us, or None. `url`: where they should go, where that is known.

    Without a `subscriber_id` of ours, "", whatever the service has is right.
    """
    if status.state == "absent":
        return "absent"
    if subscriber_id and status.subscriber_id not in (None, subscriber_id):
        return "other_subscriber"
    if url is not None and status.url != url:
        return "other_url"
    return None if status.state == "enabled" else status.state


class Listed(msgspec.Struct, frozen=True):
    """A meeting on the REST list, for the question whether pushes come of it."""

    meeting_id: str
    room_id: str | None
    """A push may name the room instead."""
    since: datetime
    """When it was first seen on the list."""


def without_push(
    listed: Iterable[Listed], pushed: Container[str | None], *, now: datetime, grace: timedelta
) -> tuple[str, ...]:
    """Return the IDs of meetings that have been listed for longer than `grace` without any push that names them."""
    return tuple(
        sorted(
            meeting.meeting_id
            for meeting in listed
            if now - meeting.since > grace and meeting.meeting_id not in pushed and meeting.room_id not in pushed
        )
    )

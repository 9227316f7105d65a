"""Where the enterprise push goes: what the service says, what is wrong with it, and how it is changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from receiver.cloud import Faulty, PushDiffers, PushStatus, PushUnaddressed, trouble
from receiver.cloud.push_configuration import ABSENT, Listed, push_of, without_push
from schemas.settings import Secret

from .asking import NOON, Parts, asking
from .service import CHANGE, LINK, Asked, Reply, refusal

OURS = {"returnCode": 0, "id": "c-1", "subscriberId": "s-1", "url": "https://here/", "status": 0}
PASSWORD = Secret("marker-callback")


class Configuration:
    """The service's side: what it knows of one enterprise's push."""

    def __init__(self, **members: object) -> None:
        self.stands: dict[str, Any] = dict(members)

    def link(self, asked: Asked) -> Reply:
        """Show, set or delete it."""
        match asked.method:
            case "POST":
                sent = msgspec.json.decode(asked.body)
                self.stands = {"id": "c-2", "subscriberId": sent["subscriberId"], "url": sent["url"], "status": 1}
                return Reply()
            case "DELETE":
                self.stands = {}
                return Reply()
            case _:
                return Reply(200, self.stands)

    def change(self, asked: Asked) -> Reply:
        """Enable, disable or lock it."""
        assert asked.query["id"] == self.stands["id"]
        self.stands["status"] = asked.query["status"]
        return Reply()


def configured(parts: Parts, **members: object) -> Configuration:
    """Have the service know this push."""
    configuration = Configuration(**members)
    parts.service.answers(LINK, configuration.link)
    parts.service.answers(CHANGE, configuration.change)
    return configuration


def changes(parts: Parts) -> list[tuple[str, dict[str, str]]]:
    """Return what was asked but for how it stands."""
    asked = [one for one in parts.service.asked if one.path in (LINK, CHANGE) and one.method != "GET"]
    return [(one.method, one.query) for one in asked]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(
            OURS,
            PushStatus(state="enabled", configuration_id="c-1", subscriber_id="s-1", url="https://here/"),
            id="enabled",
        ),
        pytest.param({"id": 1, "status": "1"}, PushStatus(state="disabled", configuration_id="1"), id="disabled"),
        pytest.param({"id": "1", "status": 2}, PushStatus(state="locked", configuration_id="1"), id="locked"),
        pytest.param({"id": "1", "status": 3}, PushStatus(state="unknown", configuration_id="1"), id="a new status"),
        pytest.param({"id": "1"}, PushStatus(state="unknown", configuration_id="1"), id="no status"),
        pytest.param({"returnCode": 0, "id": None, "url": ""}, ABSENT, id="empty members"),
        pytest.param({}, ABSENT, id="no members"),
    ],
)
def test_the_documented_states_are_read(body: object, status: PushStatus) -> None:
    """Numbers in strings as well; an address may hold a secret and is not shown."""
    assert push_of(msgspec.json.encode(body)) == status
    assert "here" not in repr(status)


def test_an_empty_answer_is_no_configuration() -> None:
    """What the service answers where there is none is not documented."""
    assert push_of(b" ") == ABSENT
    with pytest.raises(Faulty):
        push_of(b"[]")


@pytest.mark.parametrize(
    ("status", "url", "wrong"),
    [
        (ABSENT, None, "absent"),
        (PushStatus(state="enabled", subscriber_id="s-1", url="https://here/"), None, None),
        (PushStatus(state="enabled", subscriber_id="s-1", url="https://here/"), "https://here/", None),
        (PushStatus(state="enabled", subscriber_id=None, url="https://here/"), None, None),
        (PushStatus(state="enabled", subscriber_id="s-2", url="https://here/"), None, "other_subscriber"),
        (PushStatus(state="enabled", subscriber_id="s-1", url="https://there/"), "https://here/", "other_url"),
        (PushStatus(state="disabled", subscriber_id="s-1"), None, "disabled"),
        (PushStatus(state="locked", subscriber_id="s-1"), None, "locked"),
        (PushStatus(state="unknown", subscriber_id="s-1"), None, "unknown"),
    ],
    ids=[
        "none",
        "ours",
        "ours at our address",
        "no subscriber said",
        "another subscriber",
        "another address",
        "disabled",
        "locked",
        "a new status",
    ],
)
def test_what_is_wrong_is_named(status: PushStatus, url: str | None, wrong: str | None) -> None:
    """None: pushes come to us, as far as the service says."""
    assert trouble(status, subscriber_id="s-1", url=url) == wrong


GRACE = timedelta(minutes=3)


@pytest.mark.parametrize(
    ("seconds", "pushed", "missed"),
    [
        pytest.param(181, set(), ("m-1",), id="too long"),
        pytest.param(180, set(), (), id="within the grace time"),
        pytest.param(181, {"m-1"}, (), id="a push came"),
        pytest.param(181, {"room-1"}, (), id="a push came that names its room"),
        pytest.param(181, {"m-2"}, ("m-1",), id="a push of another came"),
    ],
)
def test_a_meeting_without_a_push_is_missed_after_the_grace_time(
    seconds: int, pushed: set[str | None], missed: tuple[str, ...]
) -> None:
    """The decision, without a clock of its own."""
    listed = [Listed("m-1", "room-1", NOON - timedelta(seconds=seconds))]

    assert without_push(listed, pushed, now=NOON, grace=GRACE) == missed


def test_meetings_without_a_push_are_named_in_order() -> None:
    """A meeting without a room is not found by that."""
    listed = [Listed(name, None, NOON - GRACE * 2) for name in ("m-3", "m-1", "m-2")]

    assert without_push(listed, {"m-2"}, now=NOON, grace=GRACE) == ("m-1", "m-3")


async def test_the_status_is_asked_for() -> None:
    """Of the enterprise that the App ID is of; of a provider's enterprise by its ID. No meeting, no configuration."""
    async with asking() as parts:
        configured(parts, **OURS)
        assert (await parts.cloud.push_status()).state == "enabled"
        assert [asked.query for asked in parts.service.of(LINK)] == [{}]
        parts.service.answers(LINK, refusal(404))
        assert await parts.cloud.push_status() == ABSENT

    async with asking(service_provider=True, corp_id="corp-1") as parts:
        configured(parts)
        assert await parts.cloud.push_status() == ABSENT
        assert [asked.query for asked in parts.service.of(LINK)] == [{"corpId": "corp-1"}]


async def test_enabling_registers_what_is_not_there() -> None:
    """Then asks under which ID, and enables that: the service checks the address before it answers."""
    async with asking() as parts:
        configured(parts)

        found = await parts.cloud.enable_push(subscriber_id="s-1", password=PASSWORD, url="https://here/")

        assert found == PushStatus(state="enabled", configuration_id="c-2", subscriber_id="s-1", url="https://here/")
        assert changes(parts) == [("POST", {}), ("PUT", {"id": "c-2", "status": "0"})]
        (registered,) = [one for one in parts.service.of(LINK) if one.method == "POST"]
        assert msgspec.json.decode(registered.body) == {
            "subscriberId": "s-1",
            "subscriberKey": "marker-callback",
            "url": "https://here/",
        }


async def test_a_providers_enterprise_is_registered_by_its_id() -> None:
    """The provider's App ID stands for many."""
    async with asking(service_provider=True, corp_id="corp-1") as parts:
        configured(parts)
        await parts.cloud.enable_push(subscriber_id="s-1", password=PASSWORD, url="https://here/")

        (registered,) = [one for one in parts.service.of(LINK) if one.method == "POST"]
        assert msgspec.json.decode(registered.body)["corpId"] == "corp-1"


@pytest.mark.parametrize("status", [0, 1, 2], ids=["enabled", "disabled", "locked"])
@pytest.mark.parametrize("url", [None, "https://here/"])
async def test_enabling_what_is_there_changes_its_status_alone(status: int, url: str | None) -> None:
    """A locked one is asked for again."""
    async with asking() as parts:
        configured(parts, **{**OURS, "status": status})

        found = await parts.cloud.enable_push(subscriber_id="s-1", password=PASSWORD, url=url)

        assert (found.state, changes(parts)) == ("enabled", [("PUT", {"id": "c-1", "status": "0"})])


@pytest.mark.parametrize(
    "other", [{"url": "https://there/"}, {"subscriberId": "s-2"}], ids=["another address", "another subscriber"]
)
async def test_what_somebody_else_configured_is_replaced_only_when_told(other: dict[str, str]) -> None:
    """It may be in use."""
    async with asking() as parts:
        configuration = configured(parts, **{**OURS, **other})
        wanted: dict[str, Any] = {"subscriber_id": "s-1", "password": PASSWORD, "url": "https://here/"}
        with pytest.raises(PushDiffers):
            await parts.cloud.enable_push(**wanted)
        assert changes(parts) == []

        found = await parts.cloud.enable_push(**wanted, replace=True)

        assert found == PushStatus(state="enabled", configuration_id="c-2", subscriber_id="s-1", url="https://here/")
        assert [method for method, _ in changes(parts)] == ["DELETE", "POST", "PUT"]
        assert configuration.stands["subscriberId"] == "s-1"


async def test_replacing_without_an_address_keeps_the_one_that_is_there() -> None:
    """A new password is given so."""
    async with asking() as parts:
        configured(parts, **OURS)
        found = await parts.cloud.enable_push(subscriber_id="s-1", password=PASSWORD, url=None, replace=True)

        assert (found.configuration_id, found.url) == ("c-2", "https://here/")


async def test_without_any_address_nothing_is_registered() -> None:
    """Nobody said where pushes should go."""
    async with asking() as parts:
        configured(parts)
        with pytest.raises(PushUnaddressed):
            await parts.cloud.enable_push(subscriber_id="s-1", password=PASSWORD, url=None)

        assert changes(parts) == []


async def test_a_registration_that_is_not_there_afterwards_is_a_fault() -> None:
    """Without an ID it cannot be enabled."""
    async with asking() as parts:
        parts.service.answers(LINK, Reply(200, {}))
        with pytest.raises(Faulty):
            await parts.cloud.enable_push(subscriber_id="s-1", password=PASSWORD, url="https://here/")


@pytest.mark.parametrize(
    ("stands", "state", "asked"),
    [
        pytest.param(OURS, "disabled", [("PUT", {"id": "c-1", "status": "1"})], id="there"),
        pytest.param({}, "absent", [], id="not there"),
    ],
)
async def test_disabling_keeps_the_configuration(
    stands: dict[str, Any], state: str, asked: list[tuple[str, dict[str, str]]]
) -> None:
    """And is nothing where there is none."""
    async with asking() as parts:
        configured(parts, **stands)

        assert (await parts.cloud.disable_push()).state == state
        assert changes(parts) == asked

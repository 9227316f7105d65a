"""A real Alertmanager groups, tells once, and tells of the end; a restart of ours resolves nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from consumers.qos.alerts import Alerts
from consumers.qos.notify.letter import Letter
from consumers.qos.notify.making import channel_of
from schemas.events import AlertChanged
from schemas.notify import Notify

from ..consumers.qos.alerting import alert, decision
from ..consumers.qos.outbox.telling import telling
from .running import PATIENCE_S, Alertmanager, alertmanager

# Read before a loop turns.
SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the time: Alertmanager's clock is a real one."""
    return datetime.now(UTC)


def decided(change: str = "fired", site: str = "深圳", *, age_s: float = 0, **otherwise: object) -> AlertChanged:
    """Return a decision that was made just now on what is wrong for a minute."""
    at = now() - timedelta(seconds=age_s)
    return alert(change, 0, site, **({"since": at - timedelta(seconds=60), "occurred_at": at} | otherwise))


@contextlib.asynccontextmanager
async def told(other: Alertmanager, folder: Path, *urls: str, **otherwise: object) -> AsyncIterator[Alerts]:
    """Yield alerts that this Alertmanager is told of."""
    known: dict[str, object] = {
        "name": "am",
        "kind": "alertmanager",
        "urls": urls or (other.url,),
        "language": "en",
        "link": "https://alerts.example/{alert}",
    }
    settings = Notify(**(known | otherwise))  # type: ignore[arg-type]  # each of its own type
    async with telling(folder, settings, clock=now) as alerts:
        yield alerts


async def until(other: Alertmanager, summaries: list[str]) -> list[dict[str, Any]]:
    """Return what stands there, once it is what is expected."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await other.alerts()
            if sorted(one["annotations"]["summary"] for one in found) == summaries:
                return found
            await asyncio.sleep(0.05)


async def test_alerts_are_grouped_told_once_and_their_end_is_told(tmp_path: Path) -> None:
    """Labels as we promise them, words as annotations; two of one level are one notification."""
    async with alertmanager(tmp_path) as other, told(other, tmp_path / "qos") as alerts:
        first = decided()
        await alerts.add([decision(first), decision(decided(site="北京"))])
        (firing,) = (await other.told(1))[:1]

        assert [one["status"] for one in firing["alerts"]] == ["firing", "firing"]
        assert {one["labels"]["place"] for one in firing["alerts"]} == {"acme/深圳", "acme/北京"}
        (ours,) = [one for one in firing["alerts"] if one["labels"]["place"] == "acme/深圳"]
        assert ours["labels"] == {
            "alertname": "MeetingQuality",
            "alert_id": first.alert_id,
            "enterprise": "acme",
            "level": "site",
            "place": "acme/深圳",
            "severity": "warning",
        }
        assert ours["annotations"]["summary"] == "meetwire [warning] firing: site 深圳"
        assert ours["annotations"]["description"].startswith("audio sent packet loss 12 %, above 10 %")
        assert ours["generatorURL"] == f"https://alerts.example/{first.alert_id}"
        assert datetime.fromisoformat(ours["startsAt"]) == first.since

        await alerts.add([decision(decided("resolved", since=first.since)), decision(decided("resolved", "北京"))])
        last = (await other.told(2))[-1]
        assert {one["status"] for one in last["alerts"]} == {"resolved"}
        assert len(other.sent) <= 3


async def test_a_restart_of_ours_resolves_nothing_and_tells_nothing_again(tmp_path: Path) -> None:
    """Within the time after which it forgets; it is told again at once when we are back."""
    async with alertmanager(tmp_path) as other:
        brief = {"resend_s": 1.0, "ends_after_s": 10.0}
        async with told(other, tmp_path / "qos", **brief) as alerts:
            await alerts.add([decision(decided())])
            await other.told(1)
            (before,) = await other.alerts()
        async with told(other, tmp_path / "qos", **brief):
            async with asyncio.timeout(PATIENCE_S):
                # Beyond the end that it was told before: only who tells again keeps it.
                while (stands := await other.alerts()) and stands[0]["updatedAt"] < before["endsAt"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)

            assert [one["status"]["state"] for one in stands] == ["active"]
            assert [one["status"] for one in other.sent] == ["firing"]


async def test_what_nobody_tells_of_any_more_ends_by_itself(tmp_path: Path) -> None:
    """Where all of ours are gone for long, Alertmanager does not claim for ever to know."""
    async with alertmanager(tmp_path) as other:
        async with told(other, tmp_path / "qos", resend_s=1.0, ends_after_s=3.0) as alerts:
            await alerts.add([decision(decided())])
            await other.told(1)
        last = (await other.told(2))[-1]

        assert last["status"] == "resolved"


async def test_a_change_of_severity_ends_the_old_and_begins_the_new(tmp_path: Path) -> None:
    """Routes go by it; two alerts on one thing never stand side by side."""
    async with alertmanager(tmp_path) as other, told(other, tmp_path / "qos") as alerts:
        first = decided()
        await alerts.add([decision(first)])
        await until(other, ["meetwire [warning] firing: site 深圳"])
        worse = decided("updated", since=first.since, severity="critical")
        await alerts.add([decision(worse)])
        (found,) = await until(other, ["meetwire [critical] got worse: site 深圳"])

        assert found["labels"]["severity"] == "critical"


async def test_what_is_held_back_or_muted_is_not_there(tmp_path: Path) -> None:
    """One alert for one cause: what a wider alert explains is not begun with."""
    async with alertmanager(tmp_path) as other, told(other, tmp_path / "qos") as alerts:
        await alerts.add(
            [
                decision(decided("held_back", "held", held_by="x")),
                decision(decided("fired", "muted", muted=True)),
                decision(decided("fired", "info", severity="info")),
                decision(decided()),
            ]
        )

        await until(other, ["meetwire [warning] firing: site 深圳"])


async def test_one_of_two_instances_is_enough(tmp_path: Path) -> None:
    """The other one is told when it is back."""
    async with (
        alertmanager(tmp_path) as other,
        told(other, tmp_path / "qos", "http://127.0.0.1:1", other.url) as alerts,
    ):
        await alerts.add([decision(decided())])

        await until(other, ["meetwire [warning] firing: site 深圳"])


async def test_it_says_what_stands_there(tmp_path: Path) -> None:
    """Of ours; what is over is not among it, and an instance that is away is not asked twice."""
    settings = {"name": "am", "kind": "alertmanager", "language": "en"}
    async with alertmanager(tmp_path) as other:
        given = Notify(**settings, urls=("http://127.0.0.1:1", other.url))  # type: ignore[arg-type]  # each of its own type
        async with channel_of(given, now=now, logger=structlog.get_logger()) as made:
            one, two = decided(), decided(site="北京")
            letters = [Letter("1", "firing", one), Letter("2", "firing", two)]
            await made.tell(letters)
            await until(other, ["meetwire [warning] firing: site 北京", "meetwire [warning] firing: site 深圳"])
            await made.tell([Letter("3", "resolved", decided("resolved", since=one.since), one)])
            await until(other, ["meetwire [warning] firing: site 北京"])

            assert made.still is not None
            assert await made.still(letters) == letters[1:]


async def test_a_test_is_taken_and_ends_by_itself(tmp_path: Path) -> None:
    """It says that it is one."""
    async with alertmanager(tmp_path) as other, told(other, tmp_path / "qos") as alerts:
        (tried,) = await alerts.desk.send_test("am")
        (found,) = await until(other, ["meetwire [info] test: a test of this channel"])

        assert tried.error is None
        assert (found["labels"]["level"], found["labels"]["place"]) == ("test", "am")


async def test_an_alertmanager_that_is_away_is_told_when_it_is_back(tmp_path: Path) -> None:
    """What began meanwhile, and still stands; nothing is lost."""
    async with alertmanager(tmp_path) as other:
        async with told(other, tmp_path / "qos", "http://127.0.0.1:1") as alerts:
            await alerts.add([decision(decided())])
            (tried,) = await alerts.desk.send_test()
            assert tried.error == "ClientConnectorError"
        async with told(other, tmp_path / "qos"):
            await until(other, ["meetwire [warning] firing: site 深圳"])

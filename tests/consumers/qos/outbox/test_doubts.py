"""A file that fails, a leader that hears nothing, a channel that only a standby has: what is told then, what is not."""

from __future__ import annotations

import asyncio
from pathlib import Path

from consumers.qos.alerts import Alerts
from consumers.qos.outbox.outbox import Outbox
from consumers.qos.outbox.store import Store, StoreUnavailable
from schemas.notify import Notify

from ...clock import Clock
from ..alerting import alert, at, decision
from ..notify.standing_in import StandIn, noon_webhook_checks
from .telling import hook, telling, until


async def test_who_may_be_cut_off_tells_again_only_of_what_stands_there(tmp_path: Path) -> None:
    """Another one that leads by now may have told of an end that this one cannot hear of."""
    async with StandIn(lambda _, __: None).open("") as other:
        settings = Notify(name="am", kind="alertmanager", urls=(other.url,), resend_s=1.0, ends_after_s=3.0)
        async with telling(tmp_path, settings) as alerts:
            other.standing = [{"labels": {"alert_id": alert().alert_id}}]
            alerts.doubt(True)
            await alerts.add([decision(alert()), decision(alert(site="北京"))])
            await until(lambda: len(other.taken) == 2)
            # Where it does not say what stands, nothing is taken for over.
            other.standing = {"what": "this is none of Alertmanager's answers"}
            await until(lambda: len(other.taken[-1]) == 2)

    assert sorted(one["labels"]["place"] for one in other.taken[0]) == ["acme/北京", "acme/深圳"]
    assert [one["labels"]["place"] for one in other.taken[1]] == ["acme/深圳"]
    assert other.looked >= 2


async def test_what_a_standby_hears_nothing_of_does_not_wait_for_ever(tmp_path: Path) -> None:
    """The leader may lack its channel; an hour after it is too old it is gone, from the file as well."""
    nobody = StandIn(noon_webhook_checks)
    nobody.url = "https://nobody.example/hook"
    clock, settings = Clock(), hook(nobody, give_up_after_h=1.0)
    async with Outbox.opened(tmp_path, [settings], now=clock) as outbox:
        await outbox.take([decision(alert(site="old")), decision(alert("resolved", 60, "old"))])
        clock.at = at(3_700)
        await outbox.take([decision(alert(seconds=3_700, site="new"))])
    async with Outbox.opened(tmp_path, [settings], now=clock) as outbox:
        left = [one.alert.place for one in outbox.lanes["ops"].waiting.values()]

    assert left == ["acme/new"]


async def test_a_worker_that_cannot_note_what_it_told_is_found_out(tmp_path: Path) -> None:
    """It has ended: whoever runs this must open the file anew, or nobody is told again."""
    store = await asyncio.to_thread(Store, tmp_path)
    full = "CREATE TRIGGER full BEFORE INSERT ON told BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    await asyncio.to_thread(store.write, [(full, ())])
    await asyncio.to_thread(store.close)
    async with StandIn(noon_webhook_checks).open("/hook") as other, telling(tmp_path, hook(other)) as alerts:
        alerts.sound()
        await alerts.add([decision(alert())])
        await until(lambda: is_broken(alerts))

    assert len(other.taken) == 1


def is_broken(alerts: Alerts) -> bool:
    """Say whether it says so."""
    try:
        alerts.sound()
    except StoreUnavailable:
        return True
    return False

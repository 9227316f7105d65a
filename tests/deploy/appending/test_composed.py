"""A receiver as it runs has the socket, and consumers of a local log know of it."""

from __future__ import annotations

from pathlib import Path

from deploy.captions import parts_of
from deploy.desks.alerts import DeskHere
from deploy.meters import PrometheusMeters
from deploy.qos import on_log
from deploy.standalone import started
from schemas.settings import Qos
from tests.deploy.parts import settings

from .said import dead_letter, notified
from .test_listener import stored


async def test_what_consumers_say_is_in_the_receivers_log(tmp_path: Path) -> None:
    """Alerts and the archive's dead letters, without their knowing more than the settings."""
    root, meters = settings(tmp_path), PrometheusMeters()
    alerts = on_log(root, Qos(state_folder=str(tmp_path / "qos")), meters, DeskHere())

    async with started(root):
        for records, made in (
            ([notified(1)], alerts.sink),
            ([dead_letter()], parts_of(root, meters, use_log=True).sink),
        ):
            async with made() as sink:
                await sink.publish(records)

        assert await stored(tmp_path / "log", 2) == [notified(1), dead_letter()]

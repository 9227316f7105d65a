"""The demo's quality alerts: rules that are quick about it, and stricter ones to try on what has happened."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import structlog

from consumers.sources import Reading
from consumers.sources.local import LocalSource
from consumers.waiting import unless
from schemas.events import AlertChanged, decode
from schemas.lines import Logger
from schemas.record import Record
from schemas.settings import Qos
from schemas.topics import ALERTS

from ..meters import PrometheusMeters

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")
_READING: Final = Reading(consumer="demo-alerts", topics=frozenset({ALERTS}), start="latest")

RULES_NAME: Final = "qos.toml"
STRICTER_NAME: Final = "qos-stricter.toml"
_AT_ONCE: Final = 500
_WAIT_S: Final = 0.5

_RULES: Final = """\
# Written by `meetwire demo` at every start: {what}.
# The rules that ship, with their sources and with more patience, are what meetwire takes without [qos] rules_file.
lateness_s = 1.0

[[rules]]
name = "audio-loss"
modality = "audio"
metric = "packet_loss_ratio"
above = {above}
clear = {clear}
bad = 2
of = 3
for_s = 0
keep_firing_for_s = 5.0

[[roll_ups]]
level = "site"
at_least = 3
share = 0.5
meetings = 2
"""


def alert_settings(folder: Path) -> Qos:
    """Return settings for alerts in the demo's folder."""
    return Qos(rules_file=str(folder / RULES_NAME), state_folder=str(folder / "alerts"))


def write_rules(folder: Path) -> None:
    """Write the rules, and stricter ones. Blocking."""
    for name, what, above, clear in (
        (RULES_NAME, "audio that loses a fifth", 0.2, 0.15),
        (STRICTER_NAME, "audio that loses a tenth; for `meetwire qos replay --rules`", 0.1, 0.05),
    ):
        (folder / name).write_text(_RULES.format(what=what, above=above, clear=clear))


@contextlib.asynccontextmanager
async def until_over(log: Path, alerts: int | None, stop: asyncio.Event) -> AsyncIterator[None]:
    """Set `stop` once so many alerts on places are over; None: never.

    Those on people are not counted: somebody's sample may come a tick before the others', and theirs be told first.
    """
    if alerts is None:
        yield
        return
    async with LocalSource(log, _READING, meters=PrometheusMeters(), logger=_LOG) as source:
        watching = asyncio.create_task(_watch(source, alerts, stop))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(source: LocalSource, alerts: int, stop: asyncio.Event) -> None:
    while alerts > 0 and (batch := await unless(stop, source.fetch(_AT_ONCE, _WAIT_S))) is not None:
        alerts -= sum(_is_over(stored.record) for stored in batch.records)
    # What tells of it is shown before the end.
    await unless(stop, asyncio.sleep(_WAIT_S))
    stop.set()


def _is_over(record: Record) -> bool:
    event = decode(record.value)
    return isinstance(event, AlertChanged) and event.change == "resolved" and event.level == "site"

"""On the way to the topic: whatever that does, people are told."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from consumers.qos.deciding import Beginning, Deciding
from consumers.qos.engine.state import State
from consumers.qos.publishing import AT_ONCE, TRY_AGAIN_S, Publishing
from consumers.qos.told import Told
from deploy.meters import PrometheusMeters
from schemas.record import Record
from schemas.rules import QosRules

from ..handling import ListSink
from .alerting import PARTITIONS, alert, decision


class Outbox:
    """Counts what it is given; implements Telling as far as publishing needs it."""

    def __init__(self) -> None:
        self.added: list[str] = []

    async def add(self, records: Sequence[Record]) -> None:
        """Keep it."""
        self.added += [record.id for record in records]

    async def take(self, records: Sequence[Record]) -> None:
        """Let it go."""

    def lead(self, leading: bool) -> None:
        """Do nothing."""

    def standing(self) -> tuple[()]:
        """Return nothing."""
        return ()

    def doubt(self, doubtful: bool) -> None:
        """Do nothing."""

    def sound(self) -> None:
        """Have nothing that could fail."""


async def test_all_of_it_is_told_while_the_topic_takes_nothing() -> None:
    """Once; and published in order when it does again. What another has published meanwhile is not."""
    records = [decision(alert(site=f"s-{number}")) for number in range(2 * AT_ONCE + 50)]
    told = Told(pending={record.id: record for record in records})
    beginning = Beginning(state=State(), told=told, begun_ms=0)
    deciding = Deciding(QosRules(), beginning, partitions=PARTITIONS, topics=())
    sink, outbox = ListSink(broken=True), Outbox()
    publishing = Publishing(deciding, sink, outbox, PrometheusMeters(), structlog.get_logger())

    await publishing.publish(0.0)
    await publishing.publish(TRY_AGAIN_S)
    assert outbox.added == [record.id for record in records]
    deciding.published(records[:1])
    sink.mended()
    await publishing.publish(3 * TRY_AGAIN_S)

    assert outbox.added == [record.id for record in records]
    assert [record.id for record in sink.records] == [record.id for record in records[1:]]
    assert told.pending == {}

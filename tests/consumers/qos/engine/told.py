"""Records of a small world, as the engine takes them: meetings, people, samples, signs of life."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input, State
from schemas.events import (
    Event,
    Flow,
    MeetingEnded,
    Person,
    QualitySampled,
    ReceiverAlive,
    RosterReplaced,
    SubscriptionChanged,
    Surroundings,
)
from schemas.record import content_id
from schemas.rules import QosRules

START_MS = 1_800_000_000_000
"""On a tick."""


def at(seconds: float) -> datetime:
    """Return an instant by seconds from the start."""
    return datetime.fromtimestamp(START_MS / 1_000 + seconds, UTC)


def told(event: Event, seconds: float) -> Input:
    """Return `event` as received so many seconds after the start."""
    received_ms = START_MS + int(seconds * 1_000)
    return Input(received_ms, content_id(received_ms, msgspec.json.encode(event).decode()), event)  # type: ignore[arg-type]  # all of them are


def sample(
    who: str,
    seconds: float,
    *flows: Flow,
    meeting: str = "m-1",
    site: str | None = None,
    rtt: float | None = None,
    over: bool = False,
) -> Input:
    """Return one look at `who`."""
    event = QualitySampled(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=None,
        occurred_at=at(seconds),
        received_at=at(seconds),
        message_id=None,
        source="push",
        participant_id=who,
        over=over,
        rating=None,
        round_trip_ms=rtt,
        bandwidth_as_sent=None,
        client_cpu_ratio=None,
        system_cpu_ratio=None,
        alarms=[],
        flows=list(flows),
        surroundings=None if site is None else Surroundings(city=site),
    )
    return told(event, seconds)


def loss(ratio: float, direction: str = "sent", modality: str = "audio") -> Flow:
    """Return a flow that loses so much."""
    return Flow(modality=modality, direction=direction, packet_loss_ratio=ratio)


def alive(seconds: float, *, receiver: str = "r-1", partition: int = 0) -> Input:
    """Return a sign of life."""
    event = ReceiverAlive(
        receiver=receiver,
        occurred_at=at(seconds),
        subscriptions=1,
        partition=partition,
        partition_subscriptions=1,
        position=1,
    )
    return told(event, seconds)


def subscription(
    change: str, seconds: float, *, meeting: str = "m-1", reason: str | None = None, epoch: int = 1
) -> Input:
    """Return what became of our subscription."""
    event = SubscriptionChanged(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=None,
        occurred_at=at(seconds),
        change=change,
        reason=reason,
        epoch=epoch,
        receiver="r-1",
        unseen_since=None,
        push_type=None,
        first_missed=None,
        last_missed=None,
        missed=None,
    )
    return told(event, seconds)


def ended(seconds: float, *, meeting: str = "m-1") -> Input:
    """Return a meeting's end."""
    event = MeetingEnded(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=None,
        meeting_cycle_sub_id=None,
        occurred_at=at(seconds),
        sent_at=at(seconds),
        received_at=at(seconds),
        original=None,
        original_sha256="0" * 64,
    )
    return told(event, seconds)


def roster(seconds: float, people: Iterable[Person], *, part: int = 1, parts: int = 1, meeting: str = "m-1") -> Input:
    """Return who is in a meeting, or a part of it."""
    event = RosterReplaced(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=None,
        occurred_at=at(seconds),
        received_at=at(seconds),
        message_id=None,
        roster="participants",
        snapshot_id=str(int(seconds)),
        part=part,
        parts=parts,
        people=list(people),
    )
    return told(event, seconds)


def decided(rules: QosRules, inputs: Iterable[Input], *, until: float) -> list[Change]:
    """Return what an engine decides on `inputs` up to `until`, with a sign of life each ten seconds."""
    return run(Engine(rules), inputs, until=until)


def run(engine: Engine, inputs: Iterable[Input], *, until: float) -> list[Change]:
    """The same with an engine that may have a past."""
    changes: list[Change] = []
    for one in merged(inputs, until):
        engine.take(one)
        changes += engine.decide()
    return changes


def merged(inputs: Iterable[Input], until: float) -> list[Input]:
    """Return inputs and signs of life in the order of time."""
    signs = [alive(seconds) for seconds in range(0, int(until) + 30, 10)]
    return sorted([*inputs, *signs], key=lambda one: one.received_ms)


def again(engine: Engine, rules: QosRules) -> Engine:
    """Return another engine, as from a snapshot of this one."""
    snapshot = msgspec.msgpack.encode(engine.state)
    return Engine(rules, msgspec.msgpack.decode(snapshot, type=State))


def brief(changes: Iterable[Change]) -> list[tuple[str, str, str, float]]:
    """Return what changed, of what, where, and when in seconds from the start."""
    return [(one.change, one.alert.level, one.alert.place, (one.at_ms - START_MS) / 1_000) for one in changes]

"""How well the people of a meeting are connected, as meeting.quality.v1 tells it. Pure."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.api.meetings import FlowNow, PersonQuality, Ways
from schemas.events import Flow, QualitySampled, Surroundings

from . import history
from .gate import Gate, Says
from .ratings import flow_rating, round_trip_rating, worst

# Who was not measured for so long has left: then the room is needed, in a long meeting with much coming and going.
_FORGET_AFTER: Final = timedelta(hours=1)
_FEW: Final = 64


class Connected(msgspec.Struct, frozen=True, gc=False):
    """How one person is connected."""

    at: datetime
    flows: tuple[tuple[datetime, Flow], ...]
    """As last measured. What is pushed has all of them; what is asked for has one modality at a time."""
    round_trip_ms: float | None
    surroundings: Surroundings | None
    rating: int | None
    history: bytes = b""

    def __repr__(self) -> str:
        """Show the rating alone."""
        return f"<Connected {self.rating}>"


class Quality:
    """Of one meeting, by participant."""

    __slots__ = ("_tidy_at", "gate", "people")

    def __init__(self) -> None:
        self.gate = Gate()
        self.people: dict[str, Connected] = {}
        self._tidy_at = _FEW

    def take(self, event: QualitySampled, epoch: int | None) -> bool:
        """Count one sample in; return whether anything changed."""
        says = self.gate.admit(event, epoch)
        if says is Says.NOTHING:
            return False
        if says is Says.ANEW:
            self.people.clear()
        return self._over(event) if event.over else self._measured(event)

    def _over(self, event: QualitySampled) -> bool:
        return self.people.pop(event.participant_id, None) is not None

    def _measured(self, event: QualitySampled) -> bool:
        known = self.people.get(event.participant_id)
        flows = _flows(known, event)
        if flows is None:
            return False
        trip_ms = event.round_trip_ms
        rated = [(flow, flow_rating(flow)) for flow in event.flows]
        before = b"" if known is None else known.history
        past = history.add(before, event.occurred_at.timestamp(), history.Measured(rated, trip_ms))
        if known is not None and event.source != "push":
            trip_ms = known.round_trip_ms if trip_ms is None else trip_ms
        self.people[event.participant_id] = Connected(
            event.occurred_at if known is None else max(known.at, event.occurred_at),
            flows,
            trip_ms,
            event.surroundings or (known.surroundings if known is not None else None),
            worst([*(flow_rating(flow) for _, flow in flows), round_trip_rating(trip_ms)]),
            past,
        )
        if len(self.people) > self._tidy_at:
            self._tidy(event.occurred_at)
        return True

    def _tidy(self, now: datetime) -> None:
        self.people = {key: one for key, one in self.people.items() if now - one.at < _FORGET_AFTER}
        self._tidy_at = max(_FEW, 2 * len(self.people))


def _flows(known: Connected | None, event: QualitySampled) -> tuple[tuple[datetime, Flow], ...] | None:
    """Return the flows as they are known now; None where all that is told is older than that."""
    at = event.occurred_at
    fresh = tuple((at, flow) for flow in event.flows)
    if known is None:
        return fresh
    told = {flow.modality for flow in event.flows}
    same = [since for since, flow in known.flows if flow.modality in told]
    if max(same, default=known.at if not told else at) > at:
        return None
    if event.source == "push":
        return fresh if at >= known.at else None
    return (*((since, flow) for since, flow in known.flows if flow.modality not in told), *fresh)


def shown(connected: Connected) -> PersonQuality:
    """Return it as the API shows it."""
    flows = {(flow.modality, flow.direction): flow for _, flow in connected.flows}
    trip_ms = connected.round_trip_ms

    def ways(modality: str) -> Ways:
        return Ways(
            sent=_flow(flows.get((modality, "sent")), trip_ms),
            received=_flow(flows.get((modality, "received")), trip_ms),
        )

    return PersonQuality(
        at=connected.at,
        rating=connected.rating,
        audio=ways("audio"),
        video=ways("video"),
        screen=ways("screen"),
    )


def _flow(flow: Flow | None, trip_ms: float | None) -> FlowNow | None:
    if flow is None:
        return None
    return FlowNow(
        rating=worst((flow_rating(flow), round_trip_rating(trip_ms))),
        loss_ratio=flow.packet_loss_ratio,
        jitter_ms=flow.jitter_ms,
        rtt_ms=trip_ms,
        latency_ms=flow.latency_ms,
        bitrate_bps=flow.bitrate_bps,
        frame_rate_fps=flow.frame_rate_fps,
        resolution=flow.resolution,
    )

"""How well the people of a meeting are connected, as meeting.quality.v1 tells it. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from schemas.api.meetings import FlowNow, PersonQuality, Ways
from schemas.events import Flow, QualitySampled, Surroundings

from . import history
from .gate import Gate, Says
from .ratings import flow_rating, round_trip_rating, worst

# Who was not measured for so long has left: then the room is needed, in a long meeting with much coming and going.
_FORGET_AFTER_S: Final = 3_600.0
_FEW: Final = 64


class _Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One flow as it is kept: of a hundred thousand people there are six each."""

    at_s: float
    modality: str
    direction: str
    rating: int | None
    loss_ratio: float | None
    jitter_ms: float | None
    latency_ms: float | None
    bitrate_bps: int | None
    frame_rate_fps: float | None
    resolution: str | None


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[_Kept]).decode


class Connected(msgspec.Struct, frozen=True, gc=False):
    """How one person is connected."""

    at_s: float
    flows: bytes
    """As last measured, packed. What is pushed has all of them; what is asked for has one modality at a time."""
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
        known, at_s = self.people.get(event.participant_id), event.occurred_at.timestamp()
        rated = [(flow, flow_rating(flow)) for flow in event.flows]
        flows = _flows(known, event, rated, at_s)
        if flows is None:
            return False
        trip_ms, around = event.round_trip_ms, event.surroundings
        past = history.add(b"" if known is None else known.history, at_s, history.Measured(rated, trip_ms))
        if known is not None and event.source != "push":
            trip_ms = known.round_trip_ms if trip_ms is None else trip_ms
            at_s, around = max(known.at_s, at_s), around or known.surroundings
        rating = worst([*(one.rating for one in flows), round_trip_rating(trip_ms)])
        self.people[event.participant_id] = Connected(at_s, _encode(flows), trip_ms, around, rating, past)
        if len(self.people) > self._tidy_at:
            self._tidy(at_s)
        return True

    def _tidy(self, now_s: float) -> None:
        self.people = {key: one for key, one in self.people.items() if now_s - one.at_s < _FORGET_AFTER_S}
        self._tidy_at = max(_FEW, 2 * len(self.people))


def _flows(
    known: Connected | None, event: QualitySampled, rated: Sequence[tuple[Flow, int | None]], at_s: float
) -> list[_Kept] | None:
    """Return the flows as they are known now; None where all that is told is older than that."""
    fresh = [_kept(flow, rating, at_s) for flow, rating in rated]
    if known is None:
        return fresh
    if event.source == "push":
        return fresh if at_s >= known.at_s else None
    there, told = _decode(known.flows), {flow.modality for flow in event.flows}
    if any(one.at_s > at_s for one in there if one.modality in told):
        return None
    return [*(one for one in there if one.modality not in told), *fresh]


def _kept(flow: Flow, rating: int | None, at_s: float) -> _Kept:
    return _Kept(
        at_s,
        flow.modality,
        flow.direction,
        rating,
        flow.packet_loss_ratio,
        flow.jitter_ms,
        flow.latency_ms,
        flow.bitrate_bps,
        flow.frame_rate_fps,
        flow.resolution,
    )


def shown(connected: Connected) -> PersonQuality:
    """Return it as the API shows it."""
    trip_ms = connected.round_trip_ms
    flows = {(one.modality, one.direction): _flow(one, trip_ms) for one in _decode(connected.flows)}

    def ways(modality: str) -> Ways:
        return Ways(sent=flows.get((modality, "sent")), received=flows.get((modality, "received")))

    return PersonQuality(
        at=datetime.fromtimestamp(connected.at_s, UTC),
        rating=connected.rating,
        audio=ways("audio"),
        video=ways("video"),
        screen=ways("screen"),
    )


def _flow(kept: _Kept, trip_ms: float | None) -> FlowNow:
    return FlowNow(
        rating=worst((kept.rating, round_trip_rating(trip_ms))),
        loss_ratio=kept.loss_ratio,
        jitter_ms=kept.jitter_ms,
        rtt_ms=trip_ms,
        latency_ms=kept.latency_ms,
        bitrate_bps=kept.bitrate_bps,
        frame_rate_fps=kept.frame_rate_fps,
        resolution=kept.resolution,
    )

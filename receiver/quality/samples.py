"""Series of figures into QualitySampled: one for each participant, kind and time. Pure.

The kinds of one participant are asked for one by one, so each makes events of its own; its two directions are one.
What is out of its range is unknown, and a time without a figure makes no event.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.events.quality import Flow, QualitySampled, Surroundings

from ..normalise.meeting.mask import text as masked_text
from ..normalise.set_aside import MAX_AHEAD
from .port import Figure, Kind, MeasuredFlow, MeasuredParticipant, Measurements

# A series can begin with its meeting. At the first look, after a restart as well, so much of it is taken: longer than
# most looks are apart, and too short to tell of an alarm that is long over.
LOOK_BACK: Final = timedelta(minutes=30)

_MOST: Final = 1e9
_ALL_PERCENT: Final = 100.0
# 7680x4320 has nine.
_LONGEST_RESOLUTION: Final = 32
_ALARMS: Final = {"latency": "latency_ms", "jitter": "jitter_ms", "packet_loss": "packet_loss_percent"}

_Moment = dict[str, Figure]
"""The figures of one time, by their series."""


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Whose figures they are."""

    enterprise: str
    meeting_id: str
    meeting_uuid: str
    participant: MeasuredParticipant
    mask: bool = False
    """Whether a name that is a phone number or an e-mail address is masked."""

    def __repr__(self) -> str:
        """Show no one's name or place."""
        return "<Whose>"


def sampled(measured: Measurements, whose: Whose, *, after: datetime, received_at: datetime) -> list[QualitySampled]:
    """Return what was measured later than `after`, in order of time.

    What is older than `LOOK_BACK`, or minutes ahead of our clock, is left out: the one is over, and the other would
    hide all that comes after it.
    """
    after, before = max(after, received_at - LOOK_BACK), received_at + MAX_AHEAD
    events = (
        _processor(measured, whose, received_at) if measured.kind == "cpu" else _flows(measured, whose, received_at)
    )
    return sorted(
        (event for event in events if after < event.occurred_at < before), key=lambda event: event.occurred_at
    )


def _processor(measured: Measurements, whose: Whose, received_at: datetime) -> Iterator[QualitySampled]:
    series = {"client_cpu": measured.client_cpu_percent, "system_cpu": measured.system_cpu_percent}
    for at, moment in _moments(series).items():
        yield _event(
            whose,
            at,
            received_at,
            client_cpu_ratio=_ratio(moment.get("client_cpu")),
            system_cpu_ratio=_ratio(moment.get("system_cpu")),
            alarms=[name for name, figure in moment.items() if figure.alarm],
        )


def _flows(measured: Measurements, whose: Whose, received_at: datetime) -> Iterator[QualitySampled]:
    found: dict[datetime, list[Flow]] = {}
    for direction, flow in (("sent", measured.sent), ("received", measured.received)):
        resolutions = {one.at: one.value for one in flow.resolution if 0 < len(one.value) <= _LONGEST_RESOLUTION}
        moments = _moments(_series(flow))
        for at in moments.keys() | resolutions.keys():
            made = _flow(measured.kind, direction, moments.get(at, {}), resolutions.get(at))
            found.setdefault(at, []).append(made)
    for at, flows in found.items():
        yield _event(whose, at, received_at, flows=flows)


def _flow(kind: Kind, direction: str, moment: _Moment, resolution: str | None) -> Flow:
    bitrate = _value(moment.get("bitrate_kbps"))
    return Flow(
        modality=kind,
        direction=direction,
        bitrate_bps=None if bitrate is None else round(bitrate * 1_000),
        packet_loss_ratio=_ratio(moment.get("packet_loss_percent")),
        jitter_ms=_value(moment.get("jitter_ms")),
        latency_ms=_value(moment.get("latency_ms")),
        frame_rate_fps=_value(moment.get("frame_rate_fps")),
        resolution=resolution,
        alarms=[ours for ours, name in _ALARMS.items() if name in moment and moment[name].alarm],
    )


def _series(flow: MeasuredFlow) -> dict[str, Sequence[Figure]]:
    return {
        "bitrate_kbps": flow.bitrate_kbps,
        "latency_ms": flow.latency_ms,
        "jitter_ms": flow.jitter_ms,
        "packet_loss_percent": flow.packet_loss_percent,
        "frame_rate_fps": flow.frame_rate_fps,
    }


def _moments(series: Mapping[str, Sequence[Figure]]) -> dict[datetime, _Moment]:
    """Return the figures by their time; of two in one series at one time the later in the list."""
    moments: dict[datetime, _Moment] = {}
    for name, figures in series.items():
        most = _ALL_PERCENT if name in _PERCENT else _MOST
        for figure in figures:
            if 0 <= figure.value <= most:
                moments.setdefault(figure.at, {})[name] = figure
    return moments


_PERCENT: Final = frozenset({"packet_loss_percent", "client_cpu", "system_cpu"})


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _ratio(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value / 100


def _event(
    whose: Whose,
    at: datetime,
    received_at: datetime,
    *,
    flows: Sequence[Flow] = (),
    client_cpu_ratio: float | None = None,
    system_cpu_ratio: float | None = None,
    alarms: Sequence[str] = (),
) -> QualitySampled:
    return QualitySampled(
        enterprise=whose.enterprise,
        meeting_id=whose.meeting_id,
        meeting_uuid=whose.meeting_uuid,
        occurred_at=at,
        received_at=received_at,
        message_id=None,
        source="rest",
        participant_id=whose.participant.participant_id,
        over=False,
        rating=None,
        round_trip_ms=None,
        bandwidth_as_sent=None,
        client_cpu_ratio=client_cpu_ratio,
        system_cpu_ratio=system_cpu_ratio,
        alarms=list(alarms),
        flows=list(flows),
        surroundings=_surroundings(whose.participant, whose.mask),
    )


def _surroundings(participant: MeasuredParticipant, mask: bool) -> Surroundings:
    name = participant.name
    return Surroundings(
        name=masked_text(name) if mask and name else name,
        user_uuid=participant.user_uuid,
        department=participant.department,
        terminal_type=participant.terminal_type,
        role=participant.role,
        network_type=participant.network_type,
        country=participant.country,
        province=participant.province,
        city=participant.city,
        app_version=participant.app_version,
        system=participant.system,
        data_centre=participant.data_centre,
    )

"""The service's own quality figures, as it gives them: kbit/s, per cent, milliseconds.

Directions are the participant's. None is "not said", never nought.
"""

from datetime import datetime
from typing import Literal

import msgspec

from schemas.ids import MeetingId, MeetingUuid, ParticipantId

MeasuredKind = Literal["audio", "video", "screen", "cpu"]


class MeasuredMeeting(msgspec.Struct, frozen=True, kw_only=True):
    """One meeting that is on and measured."""

    meeting_id: MeetingId | None
    meeting_uuid: MeetingUuid
    subject: str | None = None
    alarm: bool = False
    """Whether the service finds anything in it bad."""
    alarms: frozenset[MeasuredKind] = frozenset()
    """What it finds bad."""
    started_at: datetime | None = None
    participants: int | None = None

    def __repr__(self) -> str:
        """Show which one; the subject is content."""
        return f"<MeasuredMeeting {self.meeting_uuid}>"


class MeasuredParticipant(msgspec.Struct, frozen=True, kw_only=True):
    """One participant, by the service's terminal or the room; personal data."""

    participant_id: ParticipantId
    user_uuid: str | None = None
    name: str | None = None
    department: str | None = None
    terminal_type: str | None = None
    role: str | None = None
    network_type: str | None = None
    ip_address: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    app_version: str | None = None
    system: str | None = None
    data_centre: str | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    alarm: bool = False
    has_measurements: bool = True
    """False where the service says that there are none to ask for."""

    def __repr__(self) -> str:
        """Show no one's name or place."""
        return "<MeasuredParticipant>"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One value at one time."""

    at: datetime
    value: float
    alarm: bool | None = None
    threshold: float | None = None


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """One value at one time that is no number: a resolution."""

    at: datetime
    value: str


class MeasuredFlow(msgspec.Struct, frozen=True, kw_only=True):
    """One direction's series, each in order of time as the service gives it."""

    bitrate_kbps: tuple[Figure, ...] = ()
    latency_ms: tuple[Figure, ...] = ()
    jitter_ms: tuple[Figure, ...] = ()
    packet_loss_percent: tuple[Figure, ...] = ()
    """The most within each interval."""
    frame_rate_fps: tuple[Figure, ...] = ()
    resolution: tuple[Wording, ...] = ()


class Measurements(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of one participant, of one kind. Directions are the participant's."""

    kind: MeasuredKind
    sent: MeasuredFlow = MeasuredFlow()
    received: MeasuredFlow = MeasuredFlow()
    client_cpu_percent: tuple[Figure, ...] = ()
    system_cpu_percent: tuple[Figure, ...] = ()


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """From where on the service finds a figure bad."""

    sent: float | None = None
    received: float | None = None


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """What the enterprise has set on the service's page; the default where it has not."""

    latency_ms: Threshold = Threshold()
    jitter_ms: Threshold = Threshold()
    packet_loss_percent: Threshold = Threshold()
    client_cpu_percent: float | None = None
    system_cpu_percent: float | None = None

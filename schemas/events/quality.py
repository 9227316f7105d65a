"""meeting.quality.v1: how well a participant is connected, pushed or asked for, in one shape.

Directions are the participant's: `sent` goes from the terminal to the service, `received` the other way. Null is "not
said", never nought.
"""

from typing import Literal

import msgspec

from .pushed import OfAPush

Modality = Literal["audio", "video", "screen"]
Direction = Literal["sent", "received"]
QualitySource = Literal["push", "rest"]


class Flow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One modality in one direction."""

    modality: str
    """One of `Modality`."""
    direction: str
    """One of `Direction`."""
    bitrate_bps: int | None = None
    packet_loss_ratio: float | None = None
    """0 to 1."""
    jitter_ms: float | None = None
    latency_ms: float | None = None
    frame_rate_fps: float | None = None
    resolution: str | None = None
    codec: str | None = None
    alarms: list[str] = []
    """Which of these the service itself finds bad: latency, jitter, packet_loss."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where and on what a participant sits; the REST source alone tells. Personal data."""

    name: str | None = None
    user_uuid: str | None = None
    department: str | None = None
    terminal_type: str | None = None
    role: str | None = None
    network_type: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    app_version: str | None = None
    system: str | None = None
    data_centre: str | None = None

    def __repr__(self) -> str:
        """Show no one's name or place."""
        return "<Surroundings>"


class QualitySampled(OfAPush, frozen=True, kw_only=True, tag=True):
    """One look at one participant's connection. `occurred_at` is when it was measured."""

    source: str
    """One of `QualitySource`."""
    participant_id: str
    over: bool
    """The service said that it measures this participant no more; no figures then."""
    rating: str | None
    """`netInfo`; "good" is the one value that the reference shows."""
    round_trip_ms: float | None
    bandwidth_as_sent: int | None
    """`bandwidth`; its unit is not documented."""
    client_cpu_ratio: float | None
    """0 to 1."""
    system_cpu_ratio: float | None
    alarms: list[str]
    """Which of these the service itself finds bad: client_cpu, system_cpu."""
    flows: list[Flow]
    surroundings: Surroundings | None


QualityEvent = QualitySampled

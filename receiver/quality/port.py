# ruff: noqa: D102 -- the members are told of where the client has them, in receiver/cloud/measured.py
"""What asking for quality needs of the service's client: these members of its answers, and four calls."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol

Kind = Literal["audio", "video", "screen", "cpu"]
KINDS: Final[tuple[Kind, ...]] = ("audio", "video", "screen", "cpu")


class MeasuredMeeting(Protocol):
    """A meeting that is on and measured."""

    @property
    def meeting_id(self) -> str | None: ...
    @property
    def meeting_uuid(self) -> str: ...
    @property
    def alarm(self) -> bool: ...
    @property
    def alarms(self) -> Collection[Kind]: ...


class MeasuredParticipant(Protocol):
    """One who is in a meeting, or was: then `left_at` says until when."""

    @property
    def participant_id(self) -> str: ...
    @property
    def user_uuid(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def department(self) -> str | None: ...
    @property
    def terminal_type(self) -> str | None: ...
    @property
    def role(self) -> str | None: ...
    @property
    def network_type(self) -> str | None: ...
    @property
    def country(self) -> str | None: ...
    @property
    def province(self) -> str | None: ...
    @property
    def city(self) -> str | None: ...
    @property
    def app_version(self) -> str | None: ...
    @property
    def system(self) -> str | None: ...
    @property
    def data_centre(self) -> str | None: ...
    @property
    def left_at(self) -> datetime | None: ...
    @property
    def alarm(self) -> bool: ...
    @property
    def has_measurements(self) -> bool: ...


class Figure(Protocol):
    """One value at one time, and whether the service finds it bad."""

    @property
    def at(self) -> datetime: ...
    @property
    def value(self) -> float: ...
    @property
    def alarm(self) -> bool | None: ...


class Wording(Protocol):
    """One value at one time that is no number."""

    @property
    def at(self) -> datetime: ...
    @property
    def value(self) -> str: ...


class MeasuredFlow(Protocol):
    """The series of one direction."""

    @property
    def bitrate_kbps(self) -> Sequence[Figure]: ...
    @property
    def latency_ms(self) -> Sequence[Figure]: ...
    @property
    def jitter_ms(self) -> Sequence[Figure]: ...
    @property
    def packet_loss_percent(self) -> Sequence[Figure]: ...
    @property
    def frame_rate_fps(self) -> Sequence[Figure]: ...
    @property
    def resolution(self) -> Sequence[Wording]: ...


class Measurements(Protocol):
    """What was measured of one participant, of one kind."""

    @property
    def kind(self) -> Kind: ...
    @property
    def sent(self) -> MeasuredFlow: ...
    @property
    def received(self) -> MeasuredFlow: ...
    @property
    def client_cpu_percent(self) -> Sequence[Figure]: ...
    @property
    def system_cpu_percent(self) -> Sequence[Figure]: ...


class QualityCloud(Protocol):
    """The calls. Each raises CloudError."""

    async def measured_meetings(self) -> Sequence[MeasuredMeeting]:
        """Return all meetings that are measured now."""
        ...

    async def measured_participants(self, meeting_uuid: str) -> Sequence[MeasuredParticipant]:
        """Return everybody in one of them, whoever has left included."""
        ...

    async def measurements(self, meeting_uuid: str, participant_id: str, kind: Kind) -> Measurements:
        """Return one participant's series of one kind."""
        ...


class Limit(Protocol):
    """From where on the service finds a figure bad."""

    @property
    def sent(self) -> float | None: ...
    @property
    def received(self) -> float | None: ...


class Limits(Protocol):
    """What the service's alarms go by."""

    @property
    def latency_ms(self) -> Limit: ...
    @property
    def jitter_ms(self) -> Limit: ...
    @property
    def packet_loss_percent(self) -> Limit: ...
    @property
    def client_cpu_percent(self) -> float | None: ...
    @property
    def system_cpu_percent(self) -> float | None: ...


class LimitsCloud(Protocol):
    """The call. Raises CloudError."""

    async def thresholds(self) -> Limits:
        """Return what the enterprise has set; the service's defaults where it has not."""
        ...
